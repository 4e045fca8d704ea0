//! `postern account offboard`.

use std::time::Duration;

use clap::Args;
use postern_core::model::address::Address;

use super::super::desk::Desk;
use super::super::print::facts;
use super::remove::confirm;
use super::{out, say};
use crate::actions::account::offboard::{Done, Handed, Preview, Wanted, Ways, offboard, preview};
use crate::actions::account::remove::AtGoogle;
use crate::app;
use crate::clock::written;

/// So long that it is no limit.
const AS_LONG_AS_IT_TAKES: Duration = Duration::from_secs(3_600);

/// Close the mailbox of somebody who leaves, and hand over to a successor
///
/// Ends its CRM tokens, its consent at Google and its open sessions. Nothing is
/// deleted at Google or in the CRM. Meetings and calls to come are assigned to
/// the successor in the CRM and appear in their calendar; contacts and leads
/// are pushed into their group. What is linked is kept for 90 days, then the
/// mailbox is removed; `enable` takes it back before. Done again it goes on
/// with what was not handed over.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
#[command(after_help = "Example:\n  postern account offboard eve@example.com --successor anna@example.com")]
pub(in crate::cli) struct Offboard {
    /// Address of the mailbox
    #[arg(value_name = "EMAIL")]
    address: Address,
    /// The mailbox whose user goes on with the records
    #[arg(long, value_name = "EMAIL")]
    successor: Option<Address>,
    /// Only show what would end and what would be handed over
    #[arg(long)]
    dry_run: bool,
    /// Ask nothing
    #[arg(long, short)]
    yes: bool,
    /// Close it even when Google cannot be told; its consent lives on there
    #[arg(long)]
    force: bool,
}

impl Offboard {
    pub(in crate::cli) async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        let store = &desk.parts.store;
        let shown = preview(store, &self.address, self.successor.as_ref()).await?;
        out(&facts(&rows(&shown)))?;
        if self.dry_run {
            return Ok(());
        }
        if !self.yes {
            confirm(&self.address)?;
        }
        let pushing = app::pushing(&desk.parts);
        let ways = Ways { reach: desk.reach(), pushing: &pushing };
        let wanted = Wanted {
            address: self.address,
            successor: self.successor,
            force: self.force,
            within: AS_LONG_AS_IT_TAKES,
        };
        let done = offboard(store, &desk.by, ways, &wanted).await?;
        told(&wanted.address, &done)
    }
}

fn rows(shown: &Preview) -> Vec<(&'static str, String)> {
    let yes = |so: bool| if so { "yes" } else { "no" }.to_owned();
    let mut rows = vec![
        ("Mailbox", shown.address.to_string()),
        ("Open sessions", shown.sessions.to_string()),
        ("CRM tokens", shown.tokens.to_string()),
        ("Consent at Google", yes(shown.consent)),
        ("Meetings and calls to come", shown.upcoming.to_string()),
        ("Pairs of events and records", format!("{}, {} made in Google", shown.events, shown.from_google)),
        ("Contacts and leads", shown.people.to_string()),
    ];
    if let Some(at) = shown.left_at {
        rows.push(("Left", written(at)));
    }
    if shown.crm_mail {
        rows.push((
            "Mail account in the CRM",
            "written by the gateway; take it back, or set it inactive".to_owned(),
        ));
    }
    if let Some(heir) = &shown.successor {
        let records = heir
            .crm_user
            .as_ref()
            .map_or("no meetings and calls (no user of the CRM)", |_| "meetings and calls");
        let people =
            if heir.takes_people { "contacts and leads" } else { "no contacts and leads (no group)" };
        rows.push(("Successor", format!("{} gets {records}, {people}", heir.address)));
    }
    rows
}

fn told(address: &Address, done: &Done) -> anyhow::Result<()> {
    let consent = match &done.at_google {
        AtGoogle::NoGrant => "there was no consent to end".to_owned(),
        AtGoogle::Revoked => "Google dropped every scope that this user gave to the project".to_owned(),
        AtGoogle::Lives(fault) => format!("Google did not confirm the end of its consent ({fault})"),
    };
    let (tokens, sessions) = (done.tokens, done.sessions);
    say(&format!(
        "{address} is closed; CRM tokens revoked: {tokens}, sessions that end: {sessions}; {consent}."
    ));
    match &done.handed {
        Some(handed) => handed_over(handed),
        None => Ok(()),
    }
}

fn handed_over(handed: &Handed) -> anyhow::Result<()> {
    let Handed { records, left, people, refused } = handed;
    say(&format!("Meetings and calls handed over: {records}. Contacts and leads that are pushed: {people}."));
    if *left == 0 {
        return Ok(());
    }
    let why = refused.as_deref().unwrap_or("the successor is no user of the CRM, or no CRM is configured");
    anyhow::bail!(
        "meetings and calls that were not handed over: {left} ({why}); the same command goes on with them"
    )
}
