//! `postern doctor`.

use std::process::ExitCode;

use clap::Args;
use postern_core::model::address::Address;
use postern_core::model::finding::Finding;

use super::Outside;
use super::desk::{Desk, configuration};
use super::failure::USAGE;
use super::findings::report;
use super::print::Form;
use crate::app::{assumed, examine};

/// Find out what is wrong, and say what to do
///
/// Looks at files, database, network, clock, redirect address, Google client,
/// accounts and listeners, and logs in to one mailbox. Changes nothing and runs
/// beside a running gateway, within half a minute. Exit code 1 when there is a
/// fault, 64 when the configuration itself is one.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Doctor {
    /// The mailbox to log in to [default: the first active one]
    #[arg(long, value_name = "EMAIL")]
    account: Option<Address>,
    /// Try what is assumed about Google Calendar on this empty calendar of the
    /// mailbox, and nothing else; events are made in it and deleted again
    #[arg(long, value_name = "CALENDAR", requires = "account")]
    live: Option<String>,
    #[command(flatten)]
    form: Form,
}

impl Doctor {
    pub(super) async fn run(self, outside: &Outside) -> anyhow::Result<ExitCode> {
        if let (Some(calendar), Some(address)) = (&self.live, &self.account) {
            let desk = Desk::open(outside).await?;
            let findings = assumed(&desk.parts, address, calendar).await;
            desk.close().await;
            return report(self.form, &findings?);
        }
        let config = match configuration(outside) {
            Ok(config) => config,
            Err(faults) => {
                let finding = |it: &crate::config::Fault| {
                    let key = if it.key.is_empty() { String::new() } else { format!("{}: ", it.key) };
                    Finding::fault("config", format!("{}: {key}{}", it.origin, it.what), it.remedy.clone())
                };
                report(self.form, &faults.0.iter().map(finding).collect())?;
                return Ok(ExitCode::from(USAGE));
            }
        };
        report(self.form, &examine(&config, self.account.as_ref()).await)
    }
}
