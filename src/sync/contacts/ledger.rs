//! What a run writes: always under the book's lease.

use std::time::Duration;

use postern_core::model::id::{AccountId, PairId, RunId};
use postern_core::plan::contacts::operation::Operation;
use postern_core::plan::contacts::person::{Person, changed_at};
use postern_core::plan::rule::Rule;
use serde_json::{Map, Value as Json, json};

use crate::clock::micros;
use crate::crm::contacts::Told;
use crate::store::contacts::books::Book;
use crate::store::contacts::cards::{self, Shown};
use crate::store::contacts::intents;
use crate::store::contacts::links::{self, Link};
use crate::store::contacts::seen::{self, From};
use crate::store::leases::{self, Lease};
use crate::store::sync::{dead_letters, sync_journal};
use crate::store::{Batch, Store, StoreError};

/// How long the lease is kept from one answer to the next.
pub(super) const LEASE: Duration = Duration::from_secs(180);
const HOUR: Duration = Duration::from_secs(3_600);

/// The books of a run.
pub(super) struct Ledger<'a> {
    pub store: &'a Store,
    pub lease: &'a Lease,
    pub run: RunId,
    pub book: &'a Book,
}

/// A person as Google answered it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answered {
    /// What it says.
    pub person: Person,
    /// All of it, to be written back.
    pub raw: Map<String, Json>,
}

/// What became of a side, to be stored with the answer that told it.
pub(super) enum Side<'a> {
    /// The person shows this now.
    Person(&'a Answered),
    /// The record shows this now.
    Card(&'a Told),
    /// The person is gone.
    NoPerson(&'a str),
}

impl Ledger<'_> {
    pub fn account(&self) -> AccountId {
        self.book.account
    }

    pub async fn batch(&self) -> Result<Batch, StoreError> {
        let mut batch = self.store.batch().await?;
        leases::extend(&mut batch, self.lease, LEASE).await?;
        Ok(batch)
    }

    /// Notes what is meant to be done; false when something else is.
    pub async fn mean(&self, link: PairId, kind: &str, body: &Json) -> Result<bool, StoreError> {
        let mut batch = self.batch().await?;
        let meant = intents::add(&mut batch, (self.book.id, self.run), link, kind, &body.to_string()).await?;
        batch.commit().await?;
        Ok(meant)
    }

    /// A new link with what is meant to be done about it; false when person or record is another one's.
    pub async fn begin(
        &self,
        batch: &mut Batch,
        link: &Link,
        kind: &str,
        body: &Json,
    ) -> Result<bool, StoreError> {
        if !links::add(batch, link).await? {
            return Ok(false);
        }
        intents::add(batch, (self.book.id, self.run), link.id, kind, &body.to_string()).await
    }

    /// The row of a person, all of it.
    pub fn row(&self, answered: &Answered) -> seen::Seen {
        seen::Seen {
            resource: answered.person.resource.clone(),
            live: true,
            whole: true,
            epoch: self.book.epoch,
            hash: answered.person.fingerprint().to_vec(),
            changed_at: changed_at(&answered.raw),
            content: Some(Json::Object(answered.raw.clone()).to_string()),
        }
    }

    /// Stores what a side shows; `by` has written it itself.
    pub async fn put(
        &self,
        batch: &mut Batch,
        side: &Side<'_>,
        by: Option<PairId>,
    ) -> Result<(), StoreError> {
        let from = if by.is_some() { From::Ourselves } else { From::Reading };
        match side {
            Side::Person(answered) => seen::put(batch, self.book.id, &[self.row(answered)], from).await,
            Side::NoPerson(resource) => seen::gone(batch, self.book.id, resource, from).await,
            Side::Card(told) => put_card(batch, told, by).await,
        }
    }

    /// It is known what came of an effect: what the side shows, what is agreed, what was done.
    pub async fn done(
        &self,
        batch: &mut Batch,
        link: &Link,
        side: &Side<'_>,
        (operation, kind, content): (&Operation, &str, &Json),
    ) -> Result<i64, StoreError> {
        self.put(batch, side, Some(link.id)).await?;
        links::put(batch, link).await?;
        intents::done(batch, link.id).await?;
        dead_letters::lift(batch, self.book.id, &key(link)).await?;
        self.note(batch, link.id, operation.rule, kind, content).await?;
        links::churned(batch, link.id, micros(HOUR)).await
    }

    /// Writes down what was done to a link.
    pub async fn note(
        &self,
        batch: &mut Batch,
        link: PairId,
        rule: Rule,
        kind: &str,
        content: &Json,
    ) -> Result<(), StoreError> {
        let note = sync_journal::Note {
            run: self.run,
            synced: self.book.id.into(),
            account: self.account(),
            link,
            kind,
            rule: rule.name(),
            content: &content.to_string(),
        };
        sync_journal::add(batch, &note).await
    }
}

/// Stores what a record shows; `by` has written it itself.
pub(super) async fn put_card(batch: &mut Batch, told: &Told, by: Option<PairId>) -> Result<(), StoreError> {
    let (hash, content) = shown(told);
    cards::put(batch, &row(told, &hash, &content), by).await
}

/// The same for an answer that was asked for at `asked`; false when something was stored since, which
/// stays.
pub(super) async fn put_asked(
    batch: &mut Batch,
    told: &Told,
    by: Option<PairId>,
    asked: i64,
) -> Result<bool, StoreError> {
    let (hash, content) = shown(told);
    cards::put_asked(batch, &row(told, &hash, &content), by, asked).await
}

fn shown(told: &Told) -> ([u8; 32], String) {
    (told.card.fingerprint(), Json::Object(told.raw.clone()).to_string())
}

fn row<'a>(told: &'a Told, hash: &'a [u8; 32], content: &'a str) -> Shown<'a> {
    Shown { entity: told.card.entity, record: &told.card.id, hash, content }
}

/// What a dead letter is about: the record, else the person.
pub(super) fn key(link: &Link) -> String {
    match (&link.record, &link.resource) {
        (Some(record), _) => format!("{}/{record}", link.entity.name()),
        (None, Some(person)) => person.clone(),
        (None, None) => link.id.to_string(),
    }
}

/// What a change tells: what was agreed before, what was written, what was lost.
pub(super) fn told(
    before: &postern_core::plan::link::Base,
    written: &postern_core::plan::record::Record,
    operation: &Operation,
) -> Json {
    let lost = operation.fields.iter().filter_map(|outcome| {
        let (side, value) = outcome.lost.as_ref()?;
        Some(json!({ "field": outcome.field, "side": side, "value": value }))
    });
    let fields = operation.fields.iter().map(|outcome| json!({ outcome.field.name(): outcome.rule.name() }));
    json!({
        "before": before,
        "written": written,
        "fields": fields.collect::<Vec<_>>(),
        "lost": lost.collect::<Vec<_>>(),
    })
}
