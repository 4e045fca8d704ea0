//! `postern account provision`.

use std::process::ExitCode;

use clap::Args;
use postern_core::model::address::Address;
use postern_core::model::id::AccountId;
use tokio_util::sync::CancellationToken;

use super::super::desk::Desk;
use super::super::print::{Form, table};
use crate::actions::account::named;
use crate::actions::provision::view::{self, View};
use crate::actions::provision::{Deed, MOST, Outlook, ProvisionFault};
use crate::app;
use crate::texts::{Lang, Provision as Words};

/// Write the mail account of each mailbox into the CRM, with a fresh token
///
/// Needs crm.admin_user. A mailbox with a CRM user has an e-mail account of
/// that user, a shared one a group e-mail account. The CRM logs in before and
/// after anything is written; the token is shown to nobody, and the one from
/// before ends when that went well. May be repeated. Exit code 1 when one was
/// not written.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
#[command(after_help = "Examples:\n  postern account provision anna@example.com --check\n  \
    postern account provision anna@example.com info@example.com\n  \
    postern account provision anna@example.com --undo")]
pub(in crate::cli) struct Provision {
    /// Addresses of the mailboxes
    #[arg(value_name = "EMAIL", required = true)]
    addresses: Vec<Address>,
    /// Take back what was written
    #[arg(long, conflicts_with = "check")]
    undo: bool,
    /// Only look what is in the way
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    form: Form,
}

impl Provision {
    pub(in crate::cli) async fn run(self, desk: &Desk) -> anyhow::Result<ExitCode> {
        let store = &desk.parts.store;
        let mut ids: Vec<AccountId> = Vec::new();
        for address in &self.addresses {
            ids.push(named(&mut store.read().await?, address).await?.id);
        }
        if ids.len() > MOST {
            return Err(ProvisionFault::TooMany.into());
        }
        let provision = app::provision(&desk.parts);
        if self.check {
            let outlooks = provision.look(store, &ids).await?;
            self.form.print(&outlooks, |all| looked(all))?;
            return Ok(code(outlooks.iter().all(|one| one.plan.is_some())));
        }
        let run = provision.begin(store, &ids).await?;
        let stop = CancellationToken::new();
        run.work(&desk.by, if self.undo { Deed::Undo } else { Deed::Write }, &stop).await;
        let views = view::some(store, &ids).await?;
        self.form.print(&views, |all| told(all))?;
        let wanted = if self.undo { "undone" } else { "written" };
        Ok(code(views.iter().all(|view| view.state == wanted)))
    }
}

fn code(good: bool) -> ExitCode {
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn said(word: &str, detail: Option<&str>) -> String {
    Words::of_word(word, detail).map(|sentence| sentence.say(Lang::English)).unwrap_or_default()
}

fn told(views: &[View]) -> String {
    let row = |view: &View| {
        let why = view.word.as_deref().map(|word| said(word, view.detail.as_deref()));
        let record = view.record.clone().unwrap_or_default();
        [view.address.to_string(), view.state.to_owned(), record, why.unwrap_or_default()]
    };
    let rows: Vec<_> = views.iter().map(row).collect();
    table(["MAILBOX", "STATE", "RECORD", "WHY"], &rows)
}

fn looked(outlooks: &[Outlook]) -> String {
    let row = |one: &Outlook| {
        let warnings = one.warnings.iter().map(|(word, detail)| said(word, detail.as_deref()));
        let warnings: Vec<_> = warnings.collect();
        [one.view.address.to_string(), one.plan.unwrap_or("–").to_owned(), warnings.join(" ")]
    };
    let rows: Vec<_> = outlooks.iter().map(row).collect();
    table(["MAILBOX", "WOULD", "IN THE WAY"], &rows)
}
