//! What changed of Contacts and Leads in the CRM, read once for all address books: one list of each
//! kind since the last time, with an overlap, since the CRM counts whole seconds and stamps before
//! it commits.
//!
//! Only records that a link has are kept. What was changed before a record got its link is in what
//! is read then, so the first list begins a day ago. Deletions, which no list shows, are found by a
//! slower sweep over all records that links have.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use postern_core::plan::calendar::moment::Instant;
use postern_core::plan::contacts::card::Entity;

use super::crm::stored;
use super::ledger::put_asked;
use crate::clock::{Micros, micros, written};
use crate::crm::client::Client;
use crate::crm::contacts::Told;
use crate::crm::contacts::written::Looked;
use crate::crm::query::Filter;
use crate::crm::records::RecordId;
use crate::store::contacts::{cards, links};
use crate::store::leases::{self, Lease};
use crate::store::sync::crm_cursors::{self, Cursor};
use crate::store::{Batch, Store, StoreError};
use crate::sync::missed::Missed;

/// How long the lease is kept from one answer to the next.
const LEASE: Duration = Duration::from_secs(120);
/// What was changed so long before the last change that was read is read again, in seconds: for longer
/// than a run keeps its lease over one answer, so that none that it stored late hides a change.
pub(super) const OVERLAP: i64 = 240;
/// So long after a change, in seconds, nothing of the same second comes any more, whatever clock
/// the CRM goes by: who was read then is not read again for having been listed.
const SETTLED: i64 = 600;
/// A sweep reads nobody again who was read so lately.
const JUST: Duration = Duration::from_secs(600);
/// Records that are asked for at a time.
pub(super) const AT_ONCE: usize = 4;
/// Records between two extensions of the lease.
pub(super) const SOME: usize = 20;
/// How far back the first list goes.
const FIRST: Duration = Duration::from_secs(86_400);
/// Most pages of one run; the next goes on.
const PAGES: usize = 500;

/// The source.
pub(in crate::sync) struct Source<'a> {
    pub store: &'a Store,
    pub client: &'a Client,
    pub lease: &'a Lease,
    /// Time between two sweeps.
    pub sweep: Duration,
}

impl Source<'_> {
    /// Reads what changed.
    pub async fn pull(&self) -> Result<(), Missed> {
        for entity in Entity::ALL {
            let any = async { links::any(&mut self.store.read().await?, entity).await };
            if any.await? {
                self.changes(entity).await?;
                self.sweep(entity).await?;
            }
        }
        Ok(())
    }

    async fn batch(&self) -> Result<Batch, StoreError> {
        let mut batch = self.store.batch().await?;
        leases::extend(&mut batch, self.lease, LEASE).await?;
        Ok(batch)
    }

    async fn cursor(&self, entity: Entity) -> Result<Cursor, StoreError> {
        crm_cursors::of(&mut self.store.read().await?, entity.name()).await
    }

    // What a run stores from now on may be newer than the answer.
    async fn ask(&self, entity: Entity) -> Result<i64, StoreError> {
        let mut batch = self.batch().await?;
        let asked = crm_cursors::ask(&mut batch, entity.name()).await?;
        batch.commit().await?;
        Ok(asked)
    }

    async fn changes(&self, entity: Entity) -> Result<(), Missed> {
        let mut cursor = self.cursor(entity).await?;
        let first = || crm_time(self.store.clock().now() - micros(FIRST));
        let mut since = cursor.watermark.as_deref().and_then(overlapped).unwrap_or_else(first);
        // Where a run has stored more meanwhile, the next list begins.
        let (mut skip, mut passed_over) = (0, None::<String>);
        for _ in 0..PAGES {
            let asked = self.ask(entity).await?;
            let page = self.client.changed_since(entity, Some(&since), skip).await?;
            let last = page.all.last().and_then(|told| text(told, "modifiedAt"));
            let at_last = page.all.iter().filter(|told| text(told, "modifiedAt") == last).count();
            skip = if last.as_deref() == Some(&since) { skip + page.all.len() } else { at_last };
            if let Some(last) = last {
                since.clone_from(&last);
                cursor.watermark = Some(last);
            } else {
                cursor.watermark.get_or_insert_with(|| since.clone());
            }
            if !page.more {
                cursor.covered = 1;
                cursor.read_at = Some(self.store.clock().now());
            }
            let settled = |told: &Told| (told.card.modified + SETTLED) * 1_000_000;
            let whole = self.linked(entity, page.all, settled).await?;
            let mut batch = self.batch().await?;
            for told in &whole {
                if !put_asked(&mut batch, told, None, asked).await? {
                    passed_over = passed_over.into_iter().chain(text(told, "modifiedAt")).min();
                }
            }
            // Somebody wants it read from the beginning: what was read counts all the same.
            let watermark = cursor.watermark.iter().chain(&passed_over).min().cloned();
            crm_cursors::put(&mut batch, entity.name(), &Cursor { watermark, ..cursor.clone() }).await?;
            batch.commit().await?;
            if !page.more {
                break;
            }
        }
        Ok(())
    }

    // Those that links have, with everything they say. Who shows no later change than when they were
    // last read, at that time or after it, is not read again.
    async fn linked(
        &self,
        entity: Entity,
        all: Vec<Told>,
        since: impl Fn(&Told) -> Micros,
    ) -> Result<Vec<Told>, Missed> {
        let mut wanted = Vec::new();
        for told in all {
            if self.wanted(&told, since(&told)).await? {
                wanted.push(told);
            }
        }
        let mut whole = Vec::new();
        while !wanted.is_empty() {
            let some = wanted.drain(..wanted.len().min(SOME));
            let mut reads = stream::iter(some.map(|told| self.whole(entity, told))).buffered(AT_ONCE);
            // Whoever is refused asks nothing more.
            while let Some(read) = reads.next().await {
                whole.extend(read?);
            }
            drop(reads);
            // The lease outlasts a slow CRM.
            self.batch().await?.commit().await?;
        }
        Ok(whole)
    }

    async fn wanted(&self, told: &Told, since: Micros) -> Result<bool, StoreError> {
        let (mut read, name) = (self.store.read().await?, (told.card.entity, told.card.id.as_str()));
        if !links::has(&mut read, name.0, name.1).await? {
            return Ok(false);
        }
        let Some(known) = cards::get(self.store, &mut read, name).await? else { return Ok(true) };
        let shown = known.content.and_then(|text| stored(told.card.entity, &text));
        let same = shown.is_some_and(|(card, _)| card.modified == told.card.modified);
        Ok(!same || known.seen_at < since)
    }

    async fn whole(&self, entity: Entity, told: Told) -> Result<Option<Told>, Missed> {
        if told.is_whole() { Ok(Some(told)) } else { Ok(self.read(entity, &told.card.id).await?.ok()) }
    }

    // The record; an error tells whether it is proven gone.
    async fn read(&self, entity: Entity, id: &str) -> Result<Result<Told, bool>, Missed> {
        let Some(name) = RecordId::parse(id) else { return Ok(Err(false)) };
        Ok(match self.client.get_card(entity, &name).await? {
            Looked::Found(told) => Ok(told),
            Looked::Gone => Err(true),
            Looked::NoAccess => Err(false),
        })
    }

    async fn sweep(&self, entity: Entity) -> Result<(), Missed> {
        let known = self.cursor(entity).await?;
        let swept = known.swept_at.unwrap_or(0);
        if self.store.clock().now() < swept.saturating_add(micros(self.sweep)) {
            return Ok(());
        }
        let (mut after, most) = (String::new(), i64::try_from(Filter::MOST_VALUES).unwrap_or(100));
        loop {
            let page = async { links::records(&mut self.store.read().await?, entity, &after, most).await };
            let names = page.await?;
            let Some(last) = names.last() else { break };
            after.clone_from(last);
            self.swept(entity, &names).await?;
        }
        let mut batch = self.batch().await?;
        crm_cursors::swept(&mut batch, entity.name(), known.restarts).await?;
        Ok(batch.commit().await?)
    }

    // A record that a list by identity does not show is asked for by itself: only that proves that
    // it is gone.
    async fn swept(&self, entity: Entity, names: &[String]) -> Result<(), Missed> {
        let asked = self.ask(entity).await?;
        let listed = self.client.cards_by_id(entity, names).await?;
        let shown: BTreeSet<String> = listed.iter().map(|told| told.card.id.clone()).collect();
        let mut gone = Vec::new();
        for name in names.iter().filter(|name| !shown.contains(*name)) {
            if matches!(self.read(entity, name).await?, Err(true)) {
                gone.push(name);
            }
        }
        let just = self.store.clock().now() - micros(JUST);
        let whole = self.linked(entity, listed, |_| just).await?;
        let mut batch = self.batch().await?;
        for told in &whole {
            // One of which a run has stored more is named by a list of changes, or by the next sweep.
            put_asked(&mut batch, told, None, asked).await?;
        }
        for name in gone {
            cards::gone(&mut batch, (entity, name), None).await?;
        }
        Ok(batch.commit().await?)
    }
}

fn text(told: &Told, key: &str) -> Option<String> {
    told.raw.get(key)?.as_str().map(str::to_owned)
}

fn overlapped(watermark: &str) -> Option<String> {
    let at = Instant::parse_crm(watermark).ok()?.seconds();
    Some(crm_time((at - OVERLAP) * 1_000_000))
}

/// A time as the CRM writes it.
pub(super) fn crm_time(at: i64) -> String {
    let text = written(at);
    text.get(..19).unwrap_or(&text).replace('T', " ")
}
