//! What a run writes: always under the calendar's lease.

use std::time::Duration;

use postern_core::model::id::{AccountId, RunId};
use postern_core::plan::calendar::entry::{Entity, Entry};
use postern_core::plan::calendar::event::Event;
use postern_core::plan::calendar::instance::Instance;
use postern_core::plan::calendar::operation::Operation;
use postern_core::plan::link::Base;
use postern_core::plan::record::Record;
use postern_core::plan::rule::Rule;
use serde_json::{Map, Value as Json, json};

use crate::clock::micros;
use crate::store::leases::{self, Lease};
use crate::store::sync::calendars::Calendar;
use crate::store::sync::google_seen::{self, From};
use crate::store::sync::links::{self, Link, Role};
use crate::store::sync::{crm_seen, dead_letters, intents, sync_journal, takers};
use crate::store::{Batch, Store, StoreError};
use crate::sync::calendar::miss::key;
use crate::sync::more::More;

/// How long the lease is kept from one answer to the next.
pub(super) const LEASE: Duration = Duration::from_secs(120);
const HOUR: Duration = Duration::from_secs(3_600);

/// The books of a run.
pub(super) struct Ledger<'a> {
    pub store: &'a Store,
    pub lease: &'a Lease,
    pub run: RunId,
    pub calendar: &'a Calendar,
    pub account: AccountId,
}

/// What became of a side, to be stored with the answer that told it.
pub(super) enum Side<'a> {
    /// It shows this now.
    Event(&'a Event, &'a Map<String, Json>),
    /// It shows this now.
    Entry(&'a Entry, &'a Map<String, Json>),
    /// The event is gone.
    NoEvent(&'a str),
    /// The record is gone.
    NoEntry(Entity, &'a str),
}

impl Ledger<'_> {
    pub async fn batch(&self) -> Result<Batch, StoreError> {
        let mut batch = self.store.batch().await?;
        leases::extend(&mut batch, self.lease, LEASE).await?;
        Ok(batch)
    }

    /// Notes what is meant to be done; false when something else is, or another calendar's pair
    /// owns the record now.
    pub async fn mean(&self, link: &Link, kind: &str, body: &Json) -> Result<bool, StoreError> {
        let (mut batch, body) = (self.batch().await?, body.to_string());
        // Of a view only the event is left to be removed.
        let meant = (link.role == Role::View || links::hold(&mut batch, link.id).await?)
            && intents::add(&mut batch, self.calendar.id, self.run, link.id, kind, &body).await?;
        batch.commit().await?;
        Ok(meant)
    }

    /// The same for a pair that changes with it.
    pub async fn mean_again(&self, link: &Link, kind: &str, body: &Json) -> Result<bool, StoreError> {
        let (mut batch, body) = (self.batch().await?, body.to_string());
        if !links::hold(&mut batch, link.id).await? {
            return Ok(false);
        }
        links::put(&mut batch, link).await?;
        let meant = intents::add(&mut batch, self.calendar.id, self.run, link.id, kind, &body).await?;
        batch.commit().await?;
        Ok(meant)
    }

    /// A new pair with what is meant to be done about it; false when event or
    /// record is another one's.
    pub async fn begin(&self, link: &Link, kind: &str, body: &Json) -> Result<bool, StoreError> {
        let mut batch = self.batch().await?;
        if !links::add(&mut batch, link).await? {
            return Ok(false);
        }
        intents::add(&mut batch, self.calendar.id, self.run, link.id, kind, &body.to_string()).await?;
        batch.commit().await?;
        Ok(true)
    }

    /// Stores what a side shows.
    pub async fn put(&self, batch: &mut Batch, side: &Side<'_>, from: From) -> Result<(), StoreError> {
        match side {
            Side::Event(event, kept) => {
                google_seen::put(batch, self.calendar.id, &[self.event(event, kept)], from).await
            }
            Side::Entry(entry, raw) => crm_seen::put(batch, &[record(entry, raw)], from).await,
            Side::NoEvent(id) => google_seen::gone(batch, self.calendar.id, id, from).await,
            Side::NoEntry(entity, id) => crm_seen::gone(batch, entity.name(), id, from).await,
        }
    }

    /// The row of an event.
    pub fn event(&self, event: &Event, kept: &Map<String, Json>) -> google_seen::Seen {
        google_seen::Seen {
            event: event.id.clone(),
            etag: event.etag.clone(),
            live: !event.cancelled,
            epoch: self.calendar.epoch,
            hash: event.fingerprint().to_vec(),
            series: series(event),
            computed: false,
            content: (!event.cancelled).then(|| Json::Object(kept.clone()).to_string()),
        }
    }

    /// It is known what came of an effect: what the side shows, what is agreed, what was done.
    pub async fn done(
        &self,
        (link, more): (&Link, More),
        side: &Side<'_>,
        operation: &Operation,
        (kind, content): (&str, &Json),
    ) -> Result<i64, StoreError> {
        let mut batch = self.batch().await?;
        self.put(&mut batch, side, From::Ourselves).await?;
        if let (More::Edits, Side::Entry(entry, _)) = (more, side) {
            crm_seen::soil(&mut batch, entry.entity.name(), &entry.id).await?;
        }
        links::put(&mut batch, link).await?;
        intents::done(&mut batch, link.id).await?;
        for about in [Some(key(link)), link.event.clone()].into_iter().flatten() {
            dead_letters::lift(&mut batch, self.calendar.id, &about).await?;
        }
        self.tell(&mut batch, link, operation, kind, content).await?;
        let churn = links::churned(&mut batch, link.id, micros(HOUR)).await?;
        batch.commit().await?;
        Ok(churn)
    }

    /// Writes down what was done to a pair.
    pub async fn tell(
        &self,
        batch: &mut Batch,
        link: &Link,
        operation: &Operation,
        kind: &str,
        content: &Json,
    ) -> Result<(), StoreError> {
        if operation.hides() {
            sync_journal::erase(batch, link.id).await?;
        }
        self.note(batch, link, operation.rule, kind, content).await
    }

    /// The same for what hides nothing.
    pub async fn note(
        &self,
        batch: &mut Batch,
        link: &Link,
        rule: Rule,
        kind: &str,
        content: &Json,
    ) -> Result<(), StoreError> {
        let note = sync_journal::Note {
            run: self.run,
            synced: self.calendar.id.into(),
            account: self.account,
            link: link.id,
            kind,
            rule: rule.name(),
            content: &content.to_string(),
        };
        sync_journal::add(batch, &note).await
    }

    /// Marks an event as planned for, if it still shows what the plan saw; none
    /// for one that was gone.
    pub async fn clean_event(
        &self,
        batch: &mut Batch,
        event: &str,
        shows: Option<[u8; 32]>,
    ) -> Result<(), StoreError> {
        match google_seen::get(self.store, batch, self.calendar.id, event).await? {
            Some(row) if same(row.live, &row.hash, shows) => {
                google_seen::clean(batch, self.calendar.id, &row).await
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The same for a record.
    pub async fn clean_record(
        &self,
        batch: &mut Batch,
        entity: &str,
        record: &str,
        shows: Option<[u8; 32]>,
    ) -> Result<(), StoreError> {
        match crm_seen::get(self.store, batch, entity, record).await? {
            Some(row) if same(row.live, &row.hash, shows) => crm_seen::clean(batch, &row).await,
            Some(_) | None => Ok(()),
        }
    }

    /// Notes that it is known what those who take part in a record mean for its event.
    pub async fn met(&self, batch: &mut Batch, entry: &Entry) -> Result<(), StoreError> {
        match entry.people_fingerprint() {
            Some(told) => crm_seen::met(batch, entry.entity.name(), &entry.id, &told).await,
            None => Ok(()),
        }
    }

    /// Stores what was looked up again, to be planned for anew.
    pub async fn look_again(&self, link: &Link, sides: &[Side<'_>]) -> Result<(), StoreError> {
        let mut batch = self.batch().await?;
        for side in sides {
            self.put(&mut batch, side, From::Reading).await?;
        }
        if let Some(event) = &link.event {
            google_seen::soil(&mut batch, self.calendar.id, event).await?;
        }
        if let Some(record) = &link.record {
            crm_seen::soil(&mut batch, &link.entity, record).await?;
            takers::again(&mut batch, &link.entity, record).await?;
        }
        intents::done(&mut batch, link.id).await?;
        batch.commit().await
    }
}

// A tombstone may tell nothing but its identity.
fn series(event: &Event) -> Option<String> {
    let of = || Instance::parse(&event.id).ok().flatten().map(|instance| instance.master);
    match (&event.master, event.recurrence.is_some()) {
        (Some(master), _) => Some(master.clone()),
        (None, true) => Some(event.id.clone()),
        (None, false) => {
            if event.cancelled {
                of()
            } else {
                None
            }
        }
    }
}

fn same(live: bool, hash: &[u8], shows: Option<[u8; 32]>) -> bool {
    live == shows.is_some() && shows.is_none_or(|shows| hash == shows)
}

/// The row of a record.
pub(super) fn record(entry: &Entry, raw: &Map<String, Json>) -> crm_seen::Seen {
    crm_seen::Seen {
        entity: entry.entity.name().to_owned(),
        record: entry.id.clone(),
        live: true,
        user: entry.user.clone(),
        hash: entry.fingerprint().to_vec(),
        content: Some(Json::Object(raw.clone()).to_string()),
        people: entry.people_fingerprint().map(Vec::from),
    }
}

/// What a change tells: what was agreed before, what was written, what was lost.
pub(super) fn told(before: &Base, written: &Record, operation: &Operation) -> Json {
    // What only guests may see now is not written down once more.
    let hidden = operation.hides();
    let lost = operation.fields.iter().filter(|_| !hidden).filter_map(|outcome| {
        let (side, value) = outcome.lost.as_ref()?;
        Some(json!({ "field": outcome.field, "side": side, "value": value }))
    });
    let fields = operation.fields.iter().map(|outcome| json!({ outcome.field.name(): outcome.rule.name() }));
    let before = (!hidden).then_some(before);
    json!({
        "before": before,
        "written": written,
        "fields": fields.collect::<Vec<_>>(),
        "lost": lost.collect::<Vec<_>>(),
    })
}
