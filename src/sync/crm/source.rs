//! Two lists of changes serve all users: everything that was changed since the
//! last time, in the order of its change, with an overlap, since the CRM counts
//! whole seconds and stamps before it commits.
//!
//! Only records of connected users, and those that are linked, are kept. What
//! the lists do not show (deletions, answers) a slower sweep finds, or a webhook
//! that names the record: then it is asked for by name in the next reading.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use postern_core::plan::calendar::entry::{self, Entity};
use postern_core::plan::calendar::event::Answer;
use postern_core::plan::calendar::moment::Instant;
use serde_json::Value;

use crate::clock::micros;
use crate::crm::client::Client;
use crate::crm::describe::Described;
use crate::crm::meeting;
use crate::crm::query::{Filter, Order, Query};
use crate::crm::records::{Lookup, Record, RecordId};
use crate::store::leases::{self, Lease};
use crate::store::sync::crm_cursors::{self, Cursor, Habits};
use crate::store::sync::google_seen::From;
use crate::store::sync::hints::{self, About};
use crate::store::sync::{calendar_users, calendars, crm_seen, defaults, takers};
use crate::store::{Batch, Store, StoreError};
use crate::sync::missed::Missed;

/// How long the lease is kept from one answer to the next.
const LEASE: Duration = Duration::from_secs(120);
const PAGE: usize = 200;
/// What was changed so long before the last change that was read is read again, in seconds: for longer
/// than a run keeps its lease over one answer, so that none that it stored late hides a change.
const OVERLAP: i64 = 240;
/// Most pages of one run; the next goes on.
const PAGES: usize = 500;
/// What ended so long ago is nothing that is to come, in seconds.
const DAY: i64 = 86_400;
/// Identities in one question.
const NAMES: i64 = 100;
/// Records of each kind that webhooks named and one reading asks for; the next goes on.
const NAMED: i64 = 100;

/// The source.
pub(in crate::sync) struct Source<'a> {
    pub store: &'a Store,
    pub client: &'a Client,
    pub described: &'a Described,
    pub lease: &'a Lease,
    /// Time between two sweeps.
    pub sweep: Duration,
}

impl Source<'_> {
    /// Reads what changed, and has the calendars run that have something to plan for.
    pub async fn pull(&self) -> Result<(), Missed> {
        let began = self.store.clock().now();
        // Before it is known whose records count: whoever comes later wants another reading.
        let restarts = self.restarts().await?;
        let whose = self.whose(restarts).await?;
        let (mut anew, mut more) = (false, false);
        for entity in Entity::ALL {
            anew |= self.changes(entity, &whose).await?;
            more |= self.named(entity, &whose).await?;
            self.sweep(entity, &whose).await?;
            self.habits(entity).await?;
        }
        if anew || more {
            let mut batch = self.batch().await?;
            if anew {
                calendars::wake_all(&mut batch, None, began).await?;
            }
            if more {
                hints::give(&mut batch, About::Crm).await?;
            }
            batch.commit().await?;
        }
        self.wake(began, &whose).await.map_err(Missed::from)
    }

    // For pages, which do not ask the CRM themselves.
    async fn habits(&self, entity: Entity) -> Result<(), StoreError> {
        let mails = i64::from(self.described.kind(entity).mails);
        let told = Habits { own_user: Some(self.described.me.clone()), mails: Some(mails) };
        if crm_cursors::habits(&mut self.store.read().await?, entity.name()).await?.as_ref() == Some(&told) {
            return Ok(());
        }
        let mut batch = self.batch().await?;
        crm_cursors::told(&mut batch, entity.name(), &told).await?;
        batch.commit().await
    }

    async fn restarts(&self) -> Result<BTreeMap<&'static str, i64>, StoreError> {
        let mut restarts = BTreeMap::new();
        for entity in Entity::ALL.map(Entity::name) {
            let known = crm_cursors::of(&mut self.store.read().await?, entity).await?;
            if known == Cursor::default() {
                // There has to be a row that can say so.
                let mut batch = self.batch().await?;
                crm_cursors::ask(&mut batch, entity).await?;
                batch.commit().await?;
            }
            restarts.insert(entity, known.restarts);
        }
        Ok(restarts)
    }

    async fn whose(&self, restarts: BTreeMap<&'static str, i64>) -> Result<Whose, StoreError> {
        let mut read = self.store.read().await?;
        let users = calendar_users::crm_users(&mut read).await?.into_iter().collect();
        // What nobody can read is nobody's choice; the calendars' own runs say so.
        let Ok(chosen) = defaults::everybody(&mut read).await else {
            return Ok(Whose { users, takers: BTreeSet::new(), people: false, restarts });
        };
        let mains = calendar_users::mains(&mut read).await?.into_iter();
        let takes = |account| chosen.holds(account).is_some_and(|chosen| chosen.takes_part);
        let takers = mains.filter(|(account, _)| takes(*account)).map(|(_, user)| user).collect();
        Ok(Whose { users, takers, people: chosen.writes_guests(), restarts })
    }

    async fn batch(&self) -> Result<Batch, StoreError> {
        let mut batch = self.store.batch().await?;
        leases::extend(&mut batch, self.lease, LEASE).await?;
        Ok(batch)
    }

    async fn ask(&self, entity: Entity) -> Result<i64, StoreError> {
        let mut batch = self.batch().await?;
        let asked = crm_cursors::ask(&mut batch, entity.name()).await?;
        batch.commit().await?;
        Ok(asked)
    }

    // Whether it was read to its end for the first time.
    async fn changes(&self, entity: Entity, whose: &Whose) -> Result<bool, Missed> {
        let cursor = async { crm_cursors::of(&mut self.store.read().await?, entity.name()).await };
        let mut cursor = Cursor { restarts: whose.restarts(entity), ..cursor.await? };
        let mut since = cursor.watermark.as_deref().and_then(overlapped);
        let (mut skip, mut anew) = (0, false);
        for _ in 0..PAGES {
            let asked = self.ask(entity).await?;
            let page = self
                .client
                .list(entity.name(), &self.question(entity, (since.as_deref(), skip), whose))
                .await;
            let page = page?;
            let last = page.records.last().and_then(|record| record.text("modifiedAt")).map(str::to_owned);
            let same = |record: &&Record| record.text("modifiedAt") == last.as_deref();
            let at_last = page.records.iter().filter(same).count();
            // The next page begins with the last second of this one, so nothing that moves is missed.
            skip = if last == since { skip + page.records.len() } else { at_last };
            since.clone_from(&last);
            if last.is_some() {
                cursor.watermark = last;
            }
            if !page.more {
                anew |= cursor.covered == 0;
                cursor.covered = 1;
                cursor.read_at = Some(self.store.clock().now());
            }
            if !self.keep(entity, (asked, &page.records), whose, &cursor).await? || !page.more {
                return Ok(anew);
            }
        }
        Ok(anew)
    }

    fn question(&self, entity: Entity, (since, skip): (Option<&str>, usize), whose: &Whose) -> Query {
        let query = Query::new()
            .select(&self.attributes(entity, whose))
            .order("modifiedAt", Order::Asc)
            .page(skip, PAGE)
            .without_total();
        match since {
            Some(since) => query.filter(Filter::at_least("modifiedAt", since)),
            None => query,
        }
    }

    // Who takes part is asked for where somebody wants to know.
    fn attributes(&self, entity: Entity, whose: &Whose) -> Vec<&str> {
        let mut read = meeting::read(entity, &self.described.kind(entity).habits, whose.people);
        if !whose.takers.is_empty() {
            read.retain(|name| !meeting::USERS.contains(name));
            read.extend(meeting::USERS);
        }
        read
    }

    // False when somebody wants it read from the beginning: what was read then counts for nothing.
    async fn keep(
        &self,
        entity: Entity,
        (asked, records): (i64, &[Record]),
        whose: &Whose,
        cursor: &Cursor,
    ) -> Result<bool, StoreError> {
        let mut batch = self.entered(entity, (asked, records), whose).await?;
        if !crm_cursors::put(&mut batch, entity.name(), cursor).await? {
            return Ok(false);
        }
        batch.commit().await?;
        Ok(true)
    }

    // What of a list somebody wants, in a batch that is open.
    async fn entered(
        &self,
        entity: Entity,
        (asked, records): (i64, &[Record]),
        whose: &Whose,
    ) -> Result<Batch, StoreError> {
        let mut read = self.store.read().await?;
        let (mut rows, mut parts) = (Vec::new(), Vec::new());
        for record in records {
            let Some(row) = self.row(entity, record) else { continue };
            let takes = whose.takes(record);
            let wanted = row.user.as_ref().is_some_and(|user| whose.users.contains(user))
                || takes.as_ref().is_some_and(|takes| takes.iter().any(|user| whose.takers.contains(*user)));
            let known = async |read: &mut _| {
                crm_seen::get(self.store, read, &row.entity, &row.record).await.map(|row| row.is_some())
            };
            if wanted || known(&mut read).await? {
                parts.extend(takes.map(|takes| (record.id().as_str(), takes)));
                rows.push(row);
            }
        }
        drop(read);
        let mut batch = self.batch().await?;
        crm_seen::put_listed(&mut batch, &rows, asked).await?;
        for (record, takes) in parts {
            takers::put(&mut batch, (entity.name(), record), &takes, &whose.takers).await?;
        }
        Ok(batch)
    }

    fn row(&self, entity: Entity, record: &Record) -> Option<crm_seen::Seen> {
        let entry = entry::read(entity, record.as_map(), &self.described.kind(entity).habits)?;
        let content = serde_json::to_string(record.as_map()).ok()?;
        Some(crm_seen::Seen {
            entity: entity.name().to_owned(),
            hash: entry.fingerprint().to_vec(),
            people: entry.people_fingerprint().map(Vec::from),
            record: entry.id,
            live: true,
            user: entry.user,
            content: Some(content),
        })
    }

    // Whether others wait to be asked for.
    async fn named(&self, entity: Entity, whose: &Whose) -> Result<bool, Missed> {
        let named = async { crm_seen::named(&mut self.store.read().await?, entity.name(), NAMED).await };
        let named = named.await?;
        if named.is_empty() {
            return Ok(false);
        }
        let names: Vec<_> = named.iter().map(|(name, _)| name.clone()).collect();
        self.swept(entity, &names, whose).await?;
        let done = async {
            let mut batch = self.batch().await?;
            for (name, at) in &named {
                crm_seen::looked_up(&mut batch, entity.name(), name, *at).await?;
            }
            batch.commit().await
        };
        done.await?;
        Ok(i64::try_from(named.len()).unwrap_or(NAMED) >= NAMED)
    }

    // Linked records that a list by identity does not show are asked for one by one: only that
    // proves that they are gone.
    async fn sweep(&self, entity: Entity, whose: &Whose) -> Result<(), Missed> {
        let cursor = async { crm_cursors::of(&mut self.store.read().await?, entity.name()).await };
        let swept = cursor.await?.swept_at.unwrap_or(0);
        if self.store.clock().now() < swept.saturating_add(micros(self.sweep)) {
            return Ok(());
        }
        let mut after = String::new();
        loop {
            let page =
                async { crm_seen::linked(&mut self.store.read().await?, entity.name(), &after, NAMES).await };
            let names = page.await?;
            let Some(last) = names.last() else { break };
            after.clone_from(last);
            self.swept(entity, &names, whose).await?;
        }
        self.newcomers(entity, whose).await?;
        let done = async {
            let mut batch = self.batch().await?;
            crm_cursors::swept(&mut batch, entity.name(), whose.restarts(entity)).await?;
            batch.commit().await
        };
        done.await.map_err(Missed::from)
    }

    // Whoever comes to a record changes nothing of it that a list of changes shows: what is to come
    // is asked for by those who want to know.
    async fn newcomers(&self, entity: Entity, whose: &Whose) -> Result<(), Missed> {
        let since = self.store.clock().now() / 1_000_000 - DAY;
        let Some(since) = Instant::from_seconds(since).ok().map(Instant::crm) else { return Ok(()) };
        let takers: Vec<String> = whose.takers.iter().cloned().collect();
        for of in takers.chunks(Filter::MOST_VALUES) {
            for page in 0..PAGES {
                let query = Query::new()
                    .select(&self.attributes(entity, whose))
                    .filter(Filter::LinkedWith("users".to_owned(), of.to_vec()))
                    .filter(Filter::at_least("dateEnd", &since))
                    .order("createdAt", Order::Asc)
                    .page(page * PAGE, PAGE)
                    .without_total();
                let asked = self.ask(entity).await?;
                let page = self.client.list(entity.name(), &query).await?;
                let kept = async {
                    let batch = self.entered(entity, (asked, &page.records), whose).await?;
                    batch.commit().await
                };
                kept.await?;
                if !page.more {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn swept(&self, entity: Entity, names: &[String], whose: &Whose) -> Result<(), Missed> {
        let query = Query::new()
            .select(&self.attributes(entity, whose))
            .filter(Filter::ids(names.iter().map(String::as_str)))
            .page(0, PAGE)
            .without_total();
        let asked = self.ask(entity).await?;
        let page = self.client.list(entity.name(), &query).await?;
        let shown: BTreeSet<&str> = page.records.iter().map(|record| record.id().as_str()).collect();
        let mut gone = Vec::new();
        for name in names.iter().filter(|name| !shown.contains(name.as_str())) {
            let Some(id) = RecordId::parse(name) else { continue };
            match self.client.get(entity.name(), &id).await? {
                Lookup::Gone => gone.push(name),
                // Nothing is concluded from what may not be seen.
                Lookup::NoAccess | Lookup::Found(_) => {}
            }
        }
        let rows: Vec<_> = page.records.iter().filter_map(|record| self.row(entity, record)).collect();
        let kept = async {
            let mut batch = self.batch().await?;
            crm_seen::put_listed(&mut batch, &rows, asked).await?;
            for record in &page.records {
                if let Some(takes) = whose.takes(record) {
                    let of = (entity.name(), record.id().as_str());
                    takers::put(&mut batch, of, &takes, &whose.takers).await?;
                }
            }
            for name in gone {
                crm_seen::gone(&mut batch, entity.name(), name, From::Reading).await?;
            }
            batch.commit().await
        };
        kept.await.map_err(Missed::from)
    }

    async fn wake(&self, began: i64, whose: &Whose) -> Result<(), StoreError> {
        let mut read = self.store.read().await?;
        let mut wanted = crm_seen::wanted(&mut read, began).await?;
        if whose.people {
            wanted.extend(crm_seen::wanted_by_people(&mut read, began).await?);
        }
        wanted.extend(takers::wanted(&mut read, began).await?);
        drop(read);
        let mut batch = self.batch().await?;
        let now = self.store.clock().now();
        for calendar in wanted {
            calendars::wake(&mut batch, calendar, now).await?;
        }
        batch.commit().await
    }
}

/// Whose records are kept.
struct Whose {
    /// Who uses a calendar.
    users: BTreeSet<String>,
    /// Who wants copies.
    takers: BTreeSet<String>,
    /// Whether somebody wants guests written: then it is asked who takes part in records, too.
    people: bool,
    /// How often each kind was wanted anew before the reading began.
    restarts: BTreeMap<&'static str, i64>,
}

impl Whose {
    fn restarts(&self, entity: Entity) -> i64 {
        self.restarts.get(entity.name()).copied().unwrap_or_default()
    }

    // Who takes part in a record and has not declined; none where nobody wants to know, or it is not
    // told.
    fn takes<'a>(&self, record: &'a Record) -> Option<BTreeSet<&'a str>> {
        if self.takers.is_empty() {
            return None;
        }
        let users = record.as_map().get("usersIds")?.as_array()?;
        let columns = record.as_map().get("usersColumns");
        let declined = |user: &str| {
            let status = columns.and_then(|columns| columns.get(user)?.get("status")?.as_str());
            status == Answer::Declined.word()
        };
        Some(users.iter().filter_map(Value::as_str).filter(|user| !declined(user)).collect())
    }
}

fn overlapped(watermark: &str) -> Option<String> {
    Some(Instant::parse_crm(watermark).ok()?.plus_seconds(-OVERLAP)?.crm())
}
