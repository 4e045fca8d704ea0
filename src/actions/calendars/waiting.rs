//! What of a mailbox's calendars is not in step, for people: what could not be
//! done, what waits for a word, and pairs that are left alone.

use std::collections::BTreeMap;
use std::time::Duration;

use postern_core::model::id::{AccountId, CalendarId, DeadLetterId, HoldId, PairId};
use postern_core::plan::link::State;
use postern_core::plan::record::Field;
use postern_core::plan::rule::Rule;
use serde::Deserialize;
use serde_json::Value;

use super::resume::about;
use crate::clock::{Micros, micros};
use crate::store::sync::apart::{self, Standing};
use crate::store::sync::dead_letters::DeadLetter;
use crate::store::sync::holds::{self, Hold, PATIENCE, Status};
use crate::store::sync::links::{self, Link};
use crate::store::sync::{calendar_users, calendars, crm_seen, dead_letters, google_seen};
use crate::store::{Read, Store, StoreError};

/// Most of each that are shown.
pub const MOST: i64 = 100;

/// Writes of a hold that are shown.
const SOME: usize = 20;

/// A write that is older and whose end nobody knows is told of.
const UNSETTLED: Duration = Duration::from_secs(300);

/// What is not in step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// What could not be done, the last first.
    pub letters: Vec<Letter>,
    /// What waits for a word, the oldest first.
    pub holds: Vec<Held>,
    /// Pairs that are not kept in step: those that need somebody first.
    pub pairs: Vec<Apart>,
    /// How much could not be done in all.
    pub letters_in_all: i64,
}

/// Something that could not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Identity.
    pub id: DeadLetterId,
    /// In which calendar.
    pub calendar: CalendarId,
    /// Its name.
    pub calendar_name: String,
    /// The kind and the identity of the record that it is about.
    pub record: Option<(String, String)>,
    /// The event that it is about.
    pub event: Option<String>,
    /// What the event or the record is called.
    pub title: String,
    /// Why, in the words of the side that refused.
    pub reason: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it failed first.
    pub first_at: Micros,
    /// When it failed last.
    pub last_at: Micros,
    /// The pair, where there is one.
    pub pair: Option<PairId>,
}

/// The writes of one class that wait for a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Identity.
    pub id: HoldId,
    /// Some of them: what each is about, and by which rule it would be done.
    pub some: Vec<(String, Rule)>,
    /// The name of the calendar.
    pub calendar_name: String,
    /// The class, a word.
    pub class: String,
    /// How many they are.
    pub count: i64,
    /// Since when.
    pub since: Micros,
    /// Until when.
    pub until: Micros,
}

/// A pair that is not kept in step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// Identity.
    pub id: PairId,
    /// The name of the calendar.
    pub calendar_name: String,
    /// What it is called.
    pub title: String,
    /// How it stands; `active` is one of which nobody knows what came of a write.
    pub state: State,
    /// Since when.
    pub since: Micros,
    /// Whether its event is there.
    pub event_lives: bool,
    /// Whether its record is there.
    pub record_lives: bool,
    /// The pair itself.
    pub link: Link,
}

impl Apart {
    /// Whether somebody may ask for it to be kept in step again.
    #[must_use]
    pub fn resumable(&self) -> bool {
        apart::resumable(self.state) && (self.event_lives || self.record_lives)
    }
}

/// What is not in step of a mailbox.
///
/// # Errors
/// When the database does not answer, or something sealed does not open.
pub async fn of(store: &Store, account: AccountId) -> Result<Waiting, StoreError> {
    let mut read = store.read().await?;
    let known = calendars::of_account(store, &mut read, account).await?;
    let names: BTreeMap<CalendarId, String> = known
        .into_iter()
        .map(|it| (it.id, Some(it.name).filter(|name| !name.is_empty()).unwrap_or(it.google_id)))
        .collect();
    let named = |calendar: &CalendarId| names.get(calendar).cloned().unwrap_or_default();
    let mut letters = Vec::new();
    for letter in dead_letters::of_account(store, &mut read, account, MOST).await? {
        letters.push(self::letter(store, &mut read, letter, &named).await?);
    }
    let unsettled = store.clock().now() - micros(UNSETTLED);
    let apart = apart::of_account(store, &mut read, account, unsettled, MOST).await?;
    let holds = held(store, &mut read, account, &named).await?;
    let letters_in_all = dead_letters::count(&mut read, account).await?;
    let pairs = apart.into_iter().map(|one| {
        let name = named(&one.link.calendar);
        self::apart(one, name)
    });
    let pairs = pairs.collect();
    Ok(Waiting { letters, holds, pairs, letters_in_all })
}

async fn letter(
    store: &Store,
    read: &mut Read,
    letter: DeadLetter,
    named: &impl Fn(&CalendarId) -> String,
) -> Result<Letter, StoreError> {
    let record = about(&letter.key).map(|(entity, id)| (entity.to_owned(), id.to_owned()));
    let event = record.is_none().then(|| letter.key.clone());
    let (link, content, field) = match (&record, &event) {
        (Some((entity, id)), _) => {
            let seen = crm_seen::get(store, read, entity, id).await?;
            (links::by_record(store, read, entity, id).await?, seen.and_then(|seen| seen.content), "name")
        }
        (None, Some(event)) => {
            let seen = google_seen::get(store, read, letter.calendar(), event).await?;
            let link = links::by_event(store, read, letter.calendar(), event).await?;
            (link, seen.and_then(|seen| seen.content), "summary")
        }
        (None, None) => (None, None, ""),
    };
    let title = content.and_then(|text| titled(&text, field));
    Ok(Letter {
        id: letter.id,
        calendar: letter.calendar(),
        calendar_name: named(&letter.calendar()),
        title: title.or_else(|| link.as_ref().map(called)).unwrap_or_default(),
        pair: link.map(|link| link.id),
        reason: letter.reason,
        attempts: letter.attempts,
        first_at: letter.first_at,
        last_at: letter.last_at,
        record,
        event,
    })
}

async fn held(
    store: &Store,
    read: &mut Read,
    account: AccountId,
    named: &impl Fn(&CalendarId) -> String,
) -> Result<Vec<Held>, StoreError> {
    let mut all = Vec::new();
    for user in calendar_users::of_account(read, account).await? {
        let waits = |hold: &Hold| hold.status == Status::Pending && hold.account == account;
        for hold in holds::of_calendar(store, read, user.calendar, MOST).await?.into_iter().filter(waits) {
            all.push(Held {
                id: hold.id,
                some: some(store, read, &hold).await?,
                calendar_name: named(&hold.calendar()),
                class: hold.class,
                count: hold.count,
                since: hold.opened_at,
                until: hold.opened_at + PATIENCE,
            });
        }
    }
    all.sort_by_key(|held| held.since);
    Ok(all)
}

#[derive(Deserialize)]
struct Meant {
    rule: String,
    about: String,
}

// The first ones; what is gone since has no title any more.
async fn some(store: &Store, read: &mut Read, hold: &Hold) -> Result<Vec<(String, Rule)>, StoreError> {
    let all: Vec<Meant> = serde_json::from_str(&hold.content).unwrap_or_default();
    let mut some = Vec::new();
    for meant in all.iter().take(SOME) {
        let Some(rule) = Rule::parse(&meant.rule) else { continue };
        let title = match meant.about.split_once(' ') {
            Some(("pair", id)) => match id.parse() {
                Ok(id) => links::get(store, read, id).await?.as_ref().map(called),
                Err(_) => None,
            },
            Some(("event", id)) => {
                let seen = google_seen::get(store, read, hold.calendar(), id).await?;
                seen.and_then(|seen| titled(&seen.content?, "summary"))
            }
            Some((entity, id)) => {
                let seen = crm_seen::get(store, read, entity, id).await?;
                seen.and_then(|seen| titled(&seen.content?, "name"))
            }
            None => None,
        };
        some.push((title.unwrap_or_default(), rule));
    }
    Ok(some)
}

/// The pair, in a calendar of that name.
pub(super) fn apart(one: Standing, calendar_name: String) -> Apart {
    let Standing { link, since, event_lives, record_lives } = one;
    Apart {
        id: link.id,
        calendar_name,
        title: called(&link),
        state: link.state,
        since,
        event_lives,
        record_lives,
        link,
    }
}

/// What a pair is called, as its two sides showed last.
fn called(link: &Link) -> String {
    let (crm, google) = (link.base.crm.words(Field::Title), link.base.google.words(Field::Title));
    if crm.is_empty() { google.to_owned() } else { crm.to_owned() }
}

fn titled(content: &str, field: &str) -> Option<String> {
    let raw: Value = serde_json::from_str(content).ok()?;
    raw.get(field)?.as_str().filter(|title| !title.is_empty()).map(str::to_owned)
}
