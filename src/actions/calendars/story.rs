//! Why a pair is as it is: every change that was made to it, by which rule, with
//! what was there before.

use std::collections::BTreeMap;

use postern_core::model::id::{AccountId, PairId, RunId};
use postern_core::plan::link::{Base, Side};
use postern_core::plan::record::{Field, Record, Value};
use postern_core::plan::rule::Rule;
use serde::Deserialize;

use super::CalendarFault;
use super::waiting::{Apart, apart as shown};
use crate::clock::Micros;
use crate::store::sync::apart;
use crate::store::sync::calendars;
use crate::store::sync::links::{Link, Role};
use crate::store::sync::sync_journal::{self, Entry};
use crate::store::{Store, StoreError, accounts};

/// Most changes that are told of one pair.
pub const MOST: i64 = 200;
/// Most pairs of one event or record.
const PAIRS: i64 = 20;

/// A pair and its changes, the last first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// The pair.
    pub pair: Apart,
    /// Whether it carries content, or shows the event of another one.
    pub role: Role,
    /// What was changed.
    pub changes: Vec<Change>,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Micros,
    /// By which run.
    pub run: RunId,
    /// What was done, a word: `make-record`, `write-event` and so on.
    pub kind: String,
    /// By which rule, its word.
    pub rule: String,
    /// Field by field; none when what was there is not kept any more.
    pub fields: Option<Vec<Told>>,
}

impl Change {
    /// The side that was written.
    #[must_use]
    pub fn side(&self) -> Side {
        match self.kind.as_str() {
            "make-event" | "write-event" | "delete-event" => Side::Google,
            _ => Side::Crm,
        }
    }
}

/// What is told of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The field.
    pub field: Field,
    /// By which rule.
    pub rule: Option<Rule>,
    /// What was agreed before, in the words of the side that was written.
    pub before: Option<Value>,
    /// What was written.
    pub written: Option<Value>,
    /// What was overwritten, and the side that had it.
    pub lost: Option<(Side, Value)>,
}

/// The story of a pair of the mailbox.
///
/// # Errors
/// When there is no such pair of the mailbox.
pub async fn of(store: &Store, account: AccountId, pair: PairId) -> Result<Story, CalendarFault> {
    let mut read = store.read().await?;
    let found = apart::one(store, &mut read, pair).await?;
    let found = found.filter(|found| found.link.account == account).ok_or(CalendarFault::NotThere)?;
    let calendar = calendars::get(store, &mut read, found.link.calendar).await?;
    let entries = sync_journal::of_link(store, &mut read, pair, MOST).await?;
    let name = calendar.map(|it| Some(it.name).filter(|name| !name.is_empty()).unwrap_or(it.google_id));
    Ok(Story {
        role: found.link.role,
        pair: shown(found, name.unwrap_or_default()),
        changes: entries.into_iter().map(change).collect(),
    })
}

/// Where a record or an event is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'a> {
    /// A record of the CRM: its kind and its identity.
    Record(&'a str, &'a str),
    /// An event of Google.
    Event(&'a str),
}

/// The pairs of an event or a record, each with the mailbox it is kept through.
///
/// # Errors
/// When the database does not answer.
pub async fn pairs(store: &Store, whose: Whose<'_>) -> Result<Vec<(accounts::Account, Link)>, StoreError> {
    let mut read = store.read().await?;
    let links = match whose {
        Whose::Record(entity, record) => apart::of_record(store, &mut read, entity, record, PAIRS).await?,
        Whose::Event(event) => apart::of_event(store, &mut read, event, PAIRS).await?,
    };
    let mut all = Vec::new();
    for link in links {
        if let Some(account) = accounts::by_id(&mut read, link.account).await? {
            all.push((account, link));
        }
    }
    Ok(all)
}

/// What a run writes down with a change; every part may be missing.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Content {
    before: Option<Before>,
    written: Record,
    fields: Vec<BTreeMap<Field, String>>,
    lost: Vec<Lost>,
}

/// Of a write both sides are kept, of a removal the one that went.
#[derive(Deserialize)]
#[serde(untagged)]
enum Before {
    Both(Base),
    One(Record),
}

#[derive(Deserialize)]
struct Lost {
    field: Field,
    side: Side,
    value: Value,
}

fn change(entry: Entry) -> Change {
    let mut change =
        Change { at: entry.at, run: entry.run, kind: entry.kind, rule: entry.rule, fields: None };
    let side = change.side();
    let content: Option<Content> = entry.content.and_then(|text| serde_json::from_str(&text).ok());
    change.fields = content.map(|content| told(&content, side));
    change
}

fn told(content: &Content, side: Side) -> Vec<Told> {
    // A write names its fields; of what was made or removed all are told.
    let writes = !content.written.is_empty();
    let before = |field| match &content.before {
        Some(Before::Both(base)) if side == Side::Google => base.google.get(field),
        Some(Before::Both(base)) => base.crm.get(field),
        Some(Before::One(record)) => record.get(field),
        None => None,
    };
    let one = |field: Field| {
        let rule = content.fields.iter().find_map(|rules| rules.get(&field));
        let lost = content.lost.iter().find(|lost| lost.field == field);
        Told {
            field,
            rule: rule.and_then(|word| Rule::parse(word)),
            before: before(field).cloned(),
            written: content.written.get(field).cloned(),
            lost: lost.map(|lost| (lost.side, lost.value.clone())),
        }
    };
    let all = Field::ALL.into_iter().map(one);
    all.filter(|told| told.written.is_some() || told.lost.is_some() || (!writes && told.before.is_some()))
        .collect()
}
