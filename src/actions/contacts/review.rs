//! Saying who somebody is, where only a person can.

use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, ReviewId};
use postern_core::plan::contacts::card::Entity;
use serde::Deserialize;

use super::{ContactsFault, open};
use crate::actions::By;
use crate::clock::Micros;
use crate::store::Store;
use crate::store::contacts::reviews::{self, Review};

/// Questions that a page shows.
pub const SHOWN: i64 = 200;

/// A question as people look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Identity.
    pub id: ReviewId,
    /// What it is about: `people/…`, or `Contact/…`.
    pub key: String,
    /// Why nobody but a person can say, a word.
    pub word: String,
    /// Since when it waits.
    pub opened_at: Micros,
    /// How it is called.
    pub about: String,
    /// Who may be meant, by key and name.
    pub others: Vec<(String, String)>,
}

impl Question {
    /// Whether it is about a person of Google, and not about a record of the CRM.
    #[must_use]
    pub fn of_google(&self) -> bool {
        self.key.starts_with("people/")
    }

    /// Those who may be the same, on the other side.
    pub fn choices(&self) -> impl Iterator<Item = &(String, String)> {
        let of_google = self.of_google();
        self.others.iter().filter(move |(key, _)| key.starts_with("people/") != of_google)
    }

    /// Whether a new one can be made of it. Whom the CRM has already it makes no second time.
    #[must_use]
    pub fn can_be_new(&self) -> bool {
        !matches!(self.word.as_str(), "duplicate" | "converted" | "merged" | "twin")
    }
}

#[derive(Default, Deserialize)]
struct Content {
    #[serde(default)]
    about: String,
    #[serde(default)]
    others: Vec<(String, String)>,
}

/// Who somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// That one, by key.
    Same(String),
    /// Nobody: one is made, of a person a record of that kind.
    New(Entity),
    /// Nothing is to be done, until they change.
    Leave,
}

/// What waits for the owner of a mailbox, the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn open_questions(store: &Store, account: AccountId) -> Result<Vec<Question>, ContactsFault> {
    let all = reviews::of_account(store, &mut store.read().await?, account, SHOWN).await?;
    Ok(all.into_iter().map(question).collect())
}

fn question(review: Review) -> Question {
    let content: Content = serde_json::from_str(&review.content).unwrap_or_default();
    Question {
        id: review.id,
        key: review.key,
        word: review.word,
        opened_at: review.opened_at,
        about: content.about,
        others: content.others,
    }
}

/// Keeps the answer to a question; the next run follows it.
///
/// # Errors
/// When it does not wait any more, or is none of the answers.
pub async fn decide(
    store: &Store,
    by: &By,
    account: AccountId,
    id: ReviewId,
    answer: &Answer,
) -> Result<(), ContactsFault> {
    let mut act = by.open(store).await?;
    let account = open(&mut act, account).await?;
    let review = reviews::get(store, &mut act, id).await?;
    let review = review
        .filter(|review| review.account == account.id && review.decision.is_none())
        .ok_or(ContactsFault::NotThere)?;
    let asked = question(review.clone());
    let (decision, other) = match answer {
        Answer::Same(other) if asked.choices().any(|(key, _)| key == other) => ("same", Some(other.as_str())),
        Answer::New(entity) if asked.can_be_new() => ("new", Some(entity.name())),
        Answer::Leave => ("leave", None),
        Answer::Same(_) | Answer::New(_) => return Err(ContactsFault::NoAnswer),
    };
    if !reviews::decide(&mut act, &review, decision, other, &by.actor).await? {
        return Err(ContactsFault::NotThere);
    }
    let (account, address, decision) = (account.id, account.address, decision.to_owned());
    Ok(act.commit(Event::ContactReviewed { account, address, review: id, decision }).await?)
}
