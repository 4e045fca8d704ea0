//! `postern account check`.

use std::process::ExitCode;

use clap::Args;
use postern_core::model::address::Address;

use super::super::desk::Desk;
use super::super::findings::report;
use super::super::print::Form;
use crate::actions::account::named;
use crate::doctor::account::{Submit, check};

/// Log in to the mailbox at Gmail and look around, step by step
///
/// Asks for an access token, logs in by IMAP, lists the folders with their
/// special use and tells the quota: what the gateway does for a mail client,
/// without a CRM token. Each step is told with the time it took and, when it
/// failed, with what to do. Runs beside a running gateway. Exit code 1 when a
/// step failed.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
#[command(after_help = "Example:\n  postern account check anna@example.com --send-test-to admin@example.com")]
pub(in crate::cli) struct Check {
    /// Address of the mailbox
    #[arg(value_name = "EMAIL")]
    address: Address,
    /// Also send one message from the mailbox to this address
    #[arg(long, value_name = "ADDRESS")]
    send_test_to: Option<Address>,
    #[command(flatten)]
    form: Form,
}

impl Check {
    pub(in crate::cli) async fn run(self, desk: &Desk) -> anyhow::Result<ExitCode> {
        let account = named(&mut desk.parts.store.read().await?, &self.address).await?;
        let submit = self.send_test_to.as_ref().map_or(Submit::Nothing, Submit::Send);
        let findings = check(desk.gmail(), &account, submit).await;
        report(self.form, &findings)
    }
}
