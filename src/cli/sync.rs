//! `postern sync`.

mod job;
mod removal;
mod status;
mod undo;
mod watch;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use postern_core::model::address::Address;
use postern_core::model::id::{AccountId, HoldId};

use self::job::Job;
use self::removal::RemoveAll;
use self::undo::Undo;
use self::watch::Watch;
use super::desk::Desk;
use super::print::{Form, say};
use crate::actions::account::named;
use crate::actions::holds;
use crate::app;
use crate::store::{Standing, Store, nodes};

#[derive(Debug, Subcommand)]
pub(super) enum Sync {
    /// Bring Google and the CRM in step now
    ///
    /// Where a node serves, it does the work within seconds; else this command
    /// does it. How far it is is shown until all is done: ending this command
    /// then ends no run of a node.
    #[command(verbatim_doc_comment)]
    Run(Run),
    /// Show how each calendar and each address book stands
    Status {
        #[command(flatten)]
        form: Form,
    },
    /// Take back what a run did
    ///
    /// What still shows what the run has left there becomes what it was; the rest
    /// stays, and is told. Google mails nobody. The next run does it.
    #[command(verbatim_doc_comment)]
    Undo(Undo),
    /// Remove everything that was made for a mailbox
    ///
    /// Events and people that were made of records, and records that were made of
    /// them, as long as they are nothing but that; the rest stays, and is told. The
    /// calendars and the group of contacts of the mailbox are not used any more from
    /// then on. Google mails nobody.
    #[command(verbatim_doc_comment)]
    RemoveAll(RemoveAll),
    /// Let the changes of a hold be made, exactly as they were shown
    Approve {
        /// The hold
        hold: HoldId,
    },
    /// Have the changes of a hold left undone
    Reject {
        /// The hold
        hold: HoldId,
    },
}

#[derive(Debug, Args)]
pub(super) struct Run {
    /// What is to be kept in step
    job: Job,
    /// Only the calendars, or the contacts, of this mailbox
    #[arg(long, value_name = "EMAIL")]
    account: Option<Address>,
    /// Do not wait for the nodes
    #[arg(long)]
    no_wait: bool,
}

impl Sync {
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        let store = &desk.parts.store;
        match self {
            Self::Run(run) => run.run(desk).await,
            Self::Undo(undo) => undo.run(desk).await,
            Self::RemoveAll(removal) => removal.run(desk).await,
            Self::Status { form } => status::show(desk, form).await,
            Self::Approve { hold } => {
                let news = holds::approve(store, &desk.by, hold).await?;
                say(if news {
                    "Approved; the next run makes the changes."
                } else {
                    "It was approved before."
                });
                Ok(())
            }
            Self::Reject { hold } => {
                let news = holds::reject(store, &desk.by, hold).await?;
                say(if news { "Rejected; nothing of it is done." } else { "It was rejected before." });
                Ok(())
            }
        }
    }
}

impl Run {
    async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        desk.parts
            .config
            .crm
            .url
            .as_ref()
            .context("no CRM is configured: set crm.url and crm.api_key_file")?;
        let store = &desk.parts.store;
        adopted(store).await?;
        let account = match &self.account {
            Some(address) => Some(named(&mut store.read().await?, address).await?.id),
            None => None,
        };
        let watch = Watch::new(store, self.job, account);
        let due = self.job.ask(desk, account).await?;
        if !lives(desk).await? {
            return drained(desk, self.job, watch).await;
        }
        say(&format!("{due} {} are due now; a node runs them within seconds.", self.job.several()));
        if !self.no_wait {
            watch.follow().await?;
        }
        Ok(())
    }
}

// Where the database is at home somewhere else, nothing runs.
async fn adopted(store: &Store) -> anyhow::Result<()> {
    match store.standing().await? {
        Standing::Here => Ok(()),
        Standing::Restored => {
            anyhow::bail!("the database was restored, and nothing runs before `postern adopt`")
        }
        Standing::Elsewhere { before, .. } => anyhow::bail!(
            "the database was served at {} before, and nothing runs here before `postern adopt`",
            before.public_url
        ),
    }
}

/// Brings the calendars or contacts of a mailbox in step where no node does.
async fn served(desk: &Desk, job: Job, account: AccountId) -> anyhow::Result<()> {
    if lives(desk).await? || desk.parts.config.crm.url.is_none() {
        return Ok(());
    }
    drained(desk, job, Watch::new(&desk.parts.store, job, Some(account))).await
}

/// Whether a node serves.
pub(super) async fn lives(desk: &Desk) -> anyhow::Result<bool> {
    Ok(nodes::all(&mut desk.parts.store.read().await?).await?.iter().any(nodes::Node::lives))
}

async fn drained(desk: &Desk, job: Job, mut watch: Watch<'_>) -> anyhow::Result<()> {
    let mut requests = app::requests(&desk.parts);
    let mut drain = Box::pin(job.drain(desk));
    let ran = loop {
        tokio::select! {
            ran = &mut drain => break ran?,
            () = tokio::time::sleep(watch::BEAT) => {
                watch.look().await?;
            }
        }
    };
    watch.look().await?;
    requests.write().await?;
    say(&format!("{ran} {} were run.", job.several()));
    Ok(())
}
