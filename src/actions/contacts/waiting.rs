//! What of a mailbox's contacts waits for somebody, for people: what could not be done, and what wants
//! a word.

use postern_core::model::id::{BookId, DeadLetterId, HoldId};
use postern_core::plan::rule::Rule;
use serde::Deserialize;

use super::ContactsFault;
use super::names::one;
use super::view::View;
use crate::clock::Micros;
use crate::store::sync::holds::{Hold, PATIENCE};
use crate::store::{Read, Store, StoreError};

/// Writes of a hold that are shown.
const SOME: usize = 20;

/// What waits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Waiting {
    /// What could not be done, the last first.
    pub letters: Vec<Letter>,
    /// What wants a word, the oldest first.
    pub holds: Vec<Held>,
}

/// Something that could not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Identity.
    pub id: DeadLetterId,
    /// What it is about: `people/…`, or `Contact/…`.
    pub key: String,
    /// How that is called; empty when nobody knows.
    pub name: String,
    /// Why, in the words of the side that refused.
    pub reason: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it failed first.
    pub first_at: Micros,
    /// When it failed last.
    pub last_at: Micros,
}

/// The writes of one class that want a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Identity.
    pub id: HoldId,
    /// Some of them: what each is about, and by which rule it would be done.
    pub some: Vec<(About, Rule)>,
    /// The class, a word.
    pub class: String,
    /// How many they are.
    pub count: i64,
    /// Since when.
    pub since: Micros,
    /// Until when.
    pub until: Micros,
}

/// What a write is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Somebody of that name; empty when nobody knows it.
    Somebody(String),
    /// Everybody in the group.
    Group,
}

#[derive(Deserialize)]
struct Meant {
    rule: String,
    about: String,
}

/// What waits of what is looked at.
///
/// # Errors
/// When the database does not answer.
pub async fn of(store: &Store, view: &View) -> Result<Waiting, ContactsFault> {
    let Some(book) = view.book.as_ref().map(|book| book.id) else { return Ok(Waiting::default()) };
    let mut read = store.read().await?;
    let mut waiting = Waiting::default();
    for letter in &view.letters {
        waiting.letters.push(Letter {
            id: letter.id,
            key: letter.key.clone(),
            name: one(store, &mut read, book, &letter.key).await?.unwrap_or_default(),
            reason: letter.reason.clone(),
            attempts: letter.attempts,
            first_at: letter.first_at,
            last_at: letter.last_at,
        });
    }
    for hold in &view.holds {
        waiting.holds.push(Held {
            id: hold.id,
            some: some(store, &mut read, book, hold).await?,
            class: hold.class.clone(),
            count: hold.count,
            since: hold.opened_at,
            until: hold.opened_at + PATIENCE,
        });
    }
    waiting.holds.sort_by_key(|held| held.since);
    Ok(waiting)
}

// The first ones; who is gone since has no name any more.
async fn some(
    store: &Store,
    read: &mut Read,
    book: BookId,
    hold: &Hold,
) -> Result<Vec<(About, Rule)>, StoreError> {
    let all: Vec<Meant> = serde_json::from_str(&hold.content).unwrap_or_default();
    let mut some = Vec::new();
    for meant in all.iter().take(SOME) {
        let Some(rule) = Rule::parse(&meant.rule) else { continue };
        let about = if meant.about.starts_with("contactGroups/") {
            About::Group
        } else {
            About::Somebody(one(store, read, book, &meant.about).await?.unwrap_or_default())
        };
        some.push((about, rule));
    }
    Ok(some)
}
