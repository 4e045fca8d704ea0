//! `postern contacts`.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use postern_core::model::address::Address;
use postern_core::model::id::{AccountId, PushId};
use postern_core::plan::contacts::card::Entity;
use serde::Serialize;

use super::desk::Desk;
use super::print::{Form, counted, say, table};
use super::sync::lives;
use crate::actions::account::named;
use crate::actions::contacts::push::{Pushing, View, Which, lines};
use crate::app;
use crate::store::contacts::pushes::{Line, MOST};

/// How often it is looked at.
const BEAT: Duration = Duration::from_secs(1);
/// How long somebody waits for a node that does nothing.
const PATIENCE: u32 = 120;

#[derive(Debug, Subcommand)]
pub(super) enum Contacts {
    Push(Push),
}

/// Push records of the CRM into the group of a mailbox
///
/// Only what the mailbox's user may see in the CRM is pushed. Where a node serves, it
/// does the work; else this command does it. Google takes few people a minute: how far
/// it is is shown until all is done, and ending this command then ends no run of a node.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
#[command(after_help = "Example:\n  \
    postern contacts push anna@example.com --entity Contact 66ab0123456789abc 66ab0123456789abd")]
pub(super) struct Push {
    /// The mailbox
    #[arg(value_name = "EMAIL")]
    account: Address,
    /// What kind of record they are
    #[arg(long, value_name = "KIND")]
    entity: Kind,
    /// Identities of the records in the CRM
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Do not wait for the nodes
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "PascalCase")]
enum Kind {
    Contact,
    Lead,
}

impl Kind {
    fn entity(self) -> Entity {
        match self {
            Self::Contact => Entity::Contact,
            Self::Lead => Entity::Lead,
        }
    }
}

impl Contacts {
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<ExitCode> {
        let Self::Push(push) = self;
        push.run(desk).await.map(|()| ExitCode::SUCCESS)
    }
}

impl Push {
    async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        let configured = desk.parts.config.crm.url.as_ref();
        configured.context("no CRM is configured: set crm.url and crm.api_key_file")?;
        let store = &desk.parts.store;
        let account = named(&mut store.read().await?, &self.account).await?.id;
        let (whose, which) = ((account, self.entity.entity()), Which::Ids(self.ids));
        let pushing = pace(desk);
        let push = pushing.push(store, &desk.by, whose, &which, false).await?;
        say(&format!("Push {push} is taken up."));
        if !lives(desk).await? {
            drained(desk, account, push).await?;
        } else if !self.no_wait {
            follow(desk, account, push).await?;
        }
        let all = i64::try_from(MOST).unwrap_or(i64::MAX);
        let rows = lines(store, account, push, (all, 0)).await?;
        self.form.print(&Told::of(push, &pushing.view(store, account, push).await?, &rows), text)
    }
}

fn pace(desk: &Desk) -> Pushing {
    Pushing::new(None, desk.parts.config.sync.contacts_per_minute)
}

/// Does it here.
async fn drained(desk: &Desk, account: AccountId, push: PushId) -> anyhow::Result<()> {
    let (mut requests, mut told) = (app::requests(&desk.parts), String::new());
    let contacts = app::contacts(&desk.parts);
    let mut drain = Box::pin(contacts.drain());
    loop {
        tokio::select! {
            ran = &mut drain => { ran?; break }
            () = tokio::time::sleep(BEAT) => { look(desk, (account, push), &mut told).await?; }
        }
    }
    requests.write().await?;
    if look(desk, (account, push), &mut told).await?.push.ended_at.is_none() {
        say("Not all of it is done; a later run goes on.");
    }
    Ok(())
}

/// Looks until it is done, or nobody does anything.
async fn follow(desk: &Desk, account: AccountId, push: PushId) -> anyhow::Result<()> {
    let (mut told, mut still) = (String::new(), 0);
    loop {
        let before = told.clone();
        if look(desk, (account, push), &mut told).await?.push.ended_at.is_some() {
            return Ok(());
        }
        still = if before == told { still + 1 } else { 0 };
        if still > PATIENCE {
            say("It still waits; it goes on without this command.");
            return Ok(());
        }
        tokio::time::sleep(BEAT).await;
    }
}

async fn look(desk: &Desk, (account, push): (AccountId, PushId), told: &mut String) -> anyhow::Result<View> {
    let view = pace(desk).view(&desk.parts.store, account, push).await?;
    let rest = view.rest.map(|rest| format!(", at least {} s left", rest.as_secs())).unwrap_or_default();
    let line = format!("{} of {}", view.push.done, view.push.total);
    if *told != line {
        say(&format!("{line}{rest}"));
        *told = line;
    }
    Ok(view)
}

#[derive(Serialize)]
struct Told {
    push: String,
    total: i64,
    done: i64,
    least_seconds: Option<u64>,
    records: Vec<Record>,
}

#[derive(Serialize)]
struct Record {
    entity: String,
    id: String,
    word: Option<String>,
}

impl Told {
    fn of(push: PushId, view: &View, lines: &[Line]) -> Self {
        let record = |line: &Line| Record {
            entity: line.entity.clone(),
            id: line.record_id.clone(),
            word: line.word.clone(),
        };
        Self {
            push: push.to_string(),
            total: view.push.total,
            done: view.push.done,
            least_seconds: view.rest.map(|rest| rest.as_secs()),
            records: lines.iter().map(record).collect(),
        }
    }
}

fn text(told: &Told) -> String {
    let row = |record: &Record| {
        let word = record.word.clone().unwrap_or_else(|| "waits".to_owned());
        [record.entity.clone(), record.id.clone(), word]
    };
    let rows: Vec<_> = told.records.iter().map(row).collect();
    let count = usize::try_from(told.total).unwrap_or(usize::MAX);
    format!(
        "{}{} of {}",
        table(["KIND", "RECORD", "WHAT CAME OF IT"], &rows),
        told.done,
        counted(count, "record")
    )
}
