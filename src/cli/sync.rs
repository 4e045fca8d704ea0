//! `postern sync`.

mod removal;
mod undo;
mod watch;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use postern_core::model::address::Address;
use postern_core::model::id::{AccountId, HoldId};
use serde::Serialize;

use self::removal::RemoveAll;
use self::undo::Undo;
use self::watch::Watch;
use super::desk::Desk;
use super::print::{Form, say, table};
use crate::actions::account::named;
use crate::actions::calendars::quota::{Today, today};
use crate::actions::calendars::run::run_now;
use crate::actions::calendars::status::{Standing, status};
use crate::actions::holds;
use crate::app;
use crate::clock::written;
use crate::store::nodes;

#[derive(Debug, Subcommand)]
pub(super) enum Sync {
    /// Bring Google and the CRM in step now
    ///
    /// Where a node serves, it does the work within seconds; else this command
    /// does it. How far it is is shown until all is done: ending this command
    /// then ends no run of a node.
    #[command(verbatim_doc_comment)]
    Run(Run),
    /// Show how each calendar stands
    Status {
        #[command(flatten)]
        form: Form,
    },
    /// Take back what a run did
    ///
    /// What still shows what the run has left there becomes what it was; the rest
    /// stays, and is told. Google mails nobody. The next run of the calendar does it.
    #[command(verbatim_doc_comment)]
    Undo(Undo),
    /// Remove everything that was made for a mailbox
    ///
    /// Events that were made of records, and records that were made of events, as
    /// long as they are nothing but that; the rest stays, and is told. The calendars
    /// of the mailbox are not used any more from then on. Google mails nobody.
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
    /// Only the calendars of this mailbox
    #[arg(long, value_name = "EMAIL")]
    account: Option<Address>,
    /// Do not wait for the nodes
    #[arg(long)]
    no_wait: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Job {
    Calendar,
}

impl Sync {
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        let store = &desk.parts.store;
        match self {
            Self::Run(run) => run.run(desk).await,
            Self::Undo(undo) => undo.run(desk).await,
            Self::RemoveAll(removal) => removal.run(desk).await,
            Self::Status { form } => {
                let rows: Vec<Row> = status(store).await?.iter().map(Row::of).collect();
                let today = today(store).await?;
                form.print(&rows, |rows| format!("{}\n\n{}", text(rows).trim_end(), spent(&today)))
            }
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
        let Job::Calendar = self.job;
        desk.parts
            .config
            .crm
            .url
            .as_ref()
            .context("no CRM is configured: set crm.url and crm.api_key_file")?;
        let store = &desk.parts.store;
        let account = match &self.account {
            Some(address) => Some(named(&mut store.read().await?, address).await?.id),
            None => None,
        };
        let watch = Watch::new(store, account);
        let calendars = run_now(store, &desk.by, account).await?;
        let served = nodes::all(&mut store.read().await?).await?.iter().any(nodes::Node::lives);
        if !served {
            return drained(desk, watch).await;
        }
        say(&format!("{calendars} calendars are due now; a node runs them within seconds."));
        if !self.no_wait {
            watch.follow().await?;
        }
        Ok(())
    }
}

/// Brings the calendars of a mailbox in step where no node does.
async fn served(desk: &Desk, account: AccountId) -> anyhow::Result<()> {
    let store = &desk.parts.store;
    let lives = nodes::all(&mut store.read().await?).await?.iter().any(nodes::Node::lives);
    if lives || desk.parts.config.crm.url.is_none() {
        return Ok(());
    }
    drained(desk, Watch::new(store, Some(account))).await
}

async fn drained(desk: &Desk, mut watch: Watch<'_>) -> anyhow::Result<()> {
    let mut requests = app::requests(&desk.parts);
    let sync = app::calendars(&desk.parts);
    let mut drain = Box::pin(sync.drain());
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
    say(&format!("{ran} calendars were run."));
    Ok(())
}

/// How much of Google's limit of a day is used.
fn spent(today: &Today) -> String {
    let [.., day] = Today::LIMITS;
    let rest = today.projected.map(|count| format!(", about {count} if it goes on like this"));
    let ends = written(today.ends_at);
    format!(
        "Google: {} of {day} requests of the day that ends {ends}{}",
        today.used,
        rest.unwrap_or_default()
    )
}

#[derive(Serialize)]
struct Row {
    account: String,
    calendar: String,
    name: String,
    kind: &'static str,
    status: String,
    fault: Option<String>,
    last_ok: Option<String>,
    next: String,
    pairs: i64,
    dead_letters: i64,
    last_run: Option<String>,
}

impl Row {
    fn of(standing: &Standing) -> Self {
        Self {
            account: standing.address.to_string(),
            calendar: standing.calendar.to_string(),
            name: standing.name.clone(),
            kind: standing.kind.name(),
            status: standing.status.clone(),
            fault: standing.fault.clone(),
            last_ok: standing.last_ok_at.map(written),
            next: written(standing.next_at),
            pairs: standing.pairs,
            dead_letters: standing.dead_letters,
            last_run: standing.last_run.map(|run| run.to_string()),
        }
    }
}

fn text(rows: &[Row]) -> String {
    if rows.is_empty() {
        return "Nobody has chosen a calendar yet.".to_owned();
    }
    let row = |row: &Row| {
        let state = row.fault.as_ref().map_or(row.status.clone(), |fault| format!("{}: {fault}", row.status));
        let last = row.last_ok.clone().unwrap_or_else(|| "never".to_owned());
        let run = row.last_run.clone().unwrap_or_default();
        [row.account.clone(), row.name.clone(), row.kind.to_owned(), state, last, row.pairs.to_string(), run]
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    table(["ACCOUNT", "CALENDAR", "USE", "STATE", "LAST IN STEP", "PAIRS", "LAST CHANGED BY RUN"], &rows)
}
