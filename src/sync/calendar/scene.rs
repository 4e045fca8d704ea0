//! What changed on either side, read from the store and planned.

use std::collections::{BTreeMap, BTreeSet};

use postern_core::model::id::PairId;
use postern_core::plan::calendar::compose::{Pair, Scene, compose};
use postern_core::plan::calendar::entry::{self, Entity, Entry};
use postern_core::plan::calendar::event::{self, Event};
use postern_core::plan::calendar::event_id::Marker;
use postern_core::plan::calendar::invite::Inviting;
use postern_core::plan::calendar::operation::{Operation, Plan, Subject, What};
use postern_core::plan::guard::Class;
use postern_core::plan::link as plan;
use postern_core::plan::seen::Seen;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::copies::Copied;
use super::run::Run;
use crate::store::sync::links::{self, Link, Role};
use crate::store::sync::{crm_seen, google_seen, intents, owners, takers};
use crate::store::{Read, StoreError};

/// Most rows of one plan; the next goes on. A first import is planned in pieces of it, but for
/// adoption, which has to see everything.
const ROWS: i64 = 20_000;

/// What a plan was made of.
#[derive(Default)]
pub(super) struct Stage {
    pub pairs: Vec<Pair>,
    pub links: Vec<Link>,
    pub events: Vec<Event>,
    pub entries: Vec<Entry>,
    /// What users take part in.
    pub copies: Vec<Copied>,
    /// Pairs whose record has moved to another calendar, with the event that is left here.
    pub left_behind: Vec<(Link, Event)>,
    /// What shows something new; the rest is planned for since somebody has chosen otherwise.
    pub fresh: Fresh,
    /// Whether more than half of the pairs is gone from one side, and something is to be deleted.
    pub halved: bool,
    /// The rows behind it, to be marked as planned for.
    pub google: Vec<google_seen::Seen>,
    pub crm: Vec<crm_seen::Seen>,
    /// Rows of records in which others may take part.
    pub met: Vec<crm_seen::Seen>,
}

/// The rows from which an operation was planned.
#[derive(Debug, Clone)]
pub(in crate::sync) struct Saw {
    /// Of the event.
    pub event: Option<google_seen::Seen>,
    /// Of the record.
    pub entry: Option<crm_seen::Seen>,
}

/// What somebody has changed.
#[derive(Default)]
pub(super) struct Fresh {
    events: BTreeSet<String>,
    records: BTreeSet<(String, String)>,
}

impl Stage {
    /// What the caps count an operation as: what nobody has caused by a change counts by itself.
    pub fn class(&self, operation: &Operation) -> Class {
        let class = operation.class();
        if self.halved && class != Class::Guests && (class == Class::Delete || self.of_gone(operation)) {
            return Class::Halved;
        }
        let caused = match &operation.subject {
            Subject::Link(id) if self.copied(*id).is_some() => {
                self.copied(*id).is_some_and(|copied| copied.on)
            }
            Subject::Entry(..) if matches!(operation.what, What::MakeCopy(_)) => true,
            Subject::Event(event) => self.fresh.events.contains(event),
            Subject::Entry(entity, record) => {
                self.fresh.records.contains(&(entity.name().to_owned(), record.clone()))
            }
            Subject::Link(id) => self.links.iter().find(|link| link.id.0 == *id).is_none_or(|link| {
                let record = link.record.clone().map(|record| (link.entity.clone(), record));
                link.event.as_ref().is_some_and(|event| self.fresh.events.contains(event))
                    || record.is_some_and(|record| self.fresh.records.contains(&record))
            }),
        };
        match class {
            Class::Update | Class::Create | Class::Delete if !caused => Class::Replan,
            class => class,
        }
    }

    /// The copy of that pair.
    pub fn copied(&self, id: Uuid) -> Option<&Copied> {
        self.copies.iter().find(|copied| copied.link.as_ref().is_some_and(|link| link.id.0 == id))
    }

    /// The record that is to get a copy.
    pub fn to_copy(&self, entity: Entity, id: &str) -> Option<(&Copied, &Entry)> {
        let is = |entry: &&Entry| entry.entity == entity && entry.id == id;
        self.copies.iter().find_map(|copied| Some((copied, copied.entry().filter(is)?)))
    }

    /// The rows from which something was planned for it.
    pub fn saw(&self, subject: &Subject) -> Saw {
        let link = |id: &Uuid| {
            let mut all = self.links.iter().chain(self.left_behind.iter().map(|(link, _)| link));
            all.find(|link| link.id.0 == *id).or_else(|| self.copied(*id)?.link.as_ref())
        };
        let (event, record) = match subject {
            Subject::Link(id) => link(id).map_or((None, None), |link| {
                (link.event.clone(), link.record.clone().map(|record| (link.entity.clone(), record)))
            }),
            Subject::Event(id) => (Some(id.clone()), None),
            Subject::Entry(entity, id) => (None, Some((entity.name().to_owned(), id.clone()))),
        };
        let mut entries = self.crm.iter().chain(&self.met);
        Saw {
            event: event.and_then(|id| self.google.iter().find(|row| row.event == id).cloned()),
            entry: record.and_then(|(entity, id)| {
                entries.find(|row| row.entity == entity && row.record == id).cloned()
            }),
        }
    }

    /// Of the pairs that are kept in step, how many are gone from the side from which more are.
    pub fn gone(&self) -> usize {
        let active = || self.pairs.iter().filter(|pair| pair.link.state == plan::State::Active);
        let google = active().filter(|pair| matches!(pair.google, Seen::Gone)).count();
        google.max(active().filter(|pair| matches!(pair.crm, Seen::Gone)).count())
    }

    // Somebody new takes part, and the CRM has not said by which address.
    fn awaits(&self, entry: &Entry, inviting: &Inviting) -> bool {
        let silent = inviting.on && !inviting.first && inviting.reach.is_none();
        let of = |pair: &&Pair| matches!(&pair.crm, Seen::Live(it) if it.entity == entry.entity && it.id == entry.id);
        let new = |pair: &Pair| {
            entry.people.as_ref().is_some_and(|now| pair.people.newcomers(now).next().is_some())
        };
        silent && self.pairs.iter().find(of).is_some_and(new)
    }

    // Also what is only let go waits: once it is, nobody could tell any more how much is gone.
    fn of_gone(&self, operation: &Operation) -> bool {
        let Subject::Link(id) = operation.subject else { return false };
        let pair = self.pairs.iter().find(|pair| pair.id == id);
        pair.is_some_and(|pair| matches!(pair.google, Seen::Gone) || matches!(pair.crm, Seen::Gone))
    }
}

impl Run<'_> {
    /// Everything that changed.
    pub(super) async fn stage(&self) -> Result<Stage, StoreError> {
        let mut read = self.store.read().await?;
        let busy: BTreeSet<_> = intents::open(self.store, &mut read, self.calendar.id)
            .await?
            .into_iter()
            .map(|intent| intent.link)
            .collect();
        let mut stage = Stage::default();
        let (mut taken, mut copies) = (BTreeSet::new(), Vec::new());
        for row in google_seen::dirty(self.store, &mut read, self.calendar.id, ROWS).await? {
            match links::by_event(self.store, &mut read, self.calendar.id, &row.event).await? {
                Some(link) if busy.contains(&link.id) => continue,
                Some(link) => {
                    if link.role == Role::Copy {
                        copies.push(link);
                    } else if link.role == Role::Owner && taken.insert(link.id) {
                        self.pair(&mut read, &mut stage, link).await?;
                    }
                }
                None => match read_event(&row) {
                    Some(event) if self.being_made(&mut read, &event).await? => continue,
                    event => stage.events.extend(event),
                },
            }
            stage.google.push(row);
        }
        for row in crm_seen::dirty_of_links(self.store, &mut read, self.calendar.id, ROWS).await? {
            if let Some(link) = links::by_record(self.store, &mut read, &row.entity, &row.record).await? {
                if busy.contains(&link.id) {
                    continue;
                }
                if taken.insert(link.id) {
                    self.pair(&mut read, &mut stage, link).await?;
                }
            }
            stage.crm.push(row);
        }
        self.stirred_by_people(&mut read, &mut stage, (&busy, &mut taken)).await?;
        if let (Some(user), true) = (&self.user, self.takes_new) {
            let awaited = self.awaited(&mut read).await?;
            for row in crm_seen::dirty_of_user(self.store, &mut read, user, ROWS).await? {
                let entry = self.read_entry(&row);
                // It may be the record of an event of another calendar, whose next run finds out.
                let ours = |entry: &&Entry| entry.creator.as_ref() == Some(&self.crm.described.me);
                let made = entry.as_ref().filter(ours).map(|entry| entry.created);
                if made.zip(awaited).is_some_and(|(made, since)| made >= since) {
                    continue;
                }
                stage.entries.extend(entry);
                stage.crm.push(row);
            }
        }
        self.copies(&mut read, &mut stage, copies, |link| busy.contains(&link.id)).await?;
        stage.fresh = self.caused(&mut read, &stage).await?;
        self.left_behind(&mut read, &mut stage).await?;
        self.forget_copied(&mut read, &mut stage).await?;
        Ok(stage)
    }

    // Pairs in whose record others may take part, whatever else it shows.
    async fn stirred_by_people(
        &self,
        read: &mut Read,
        stage: &mut Stage,
        (busy, taken): (&BTreeSet<PairId>, &mut BTreeSet<PairId>),
    ) -> Result<(), StoreError> {
        for row in crm_seen::people_of_links(self.store, read, self.calendar.id, ROWS).await? {
            let link = links::by_record(self.store, read, &row.entity, &row.record).await?;
            let Some(link) = link.filter(|link| !busy.contains(&link.id)) else { continue };
            if taken.insert(link.id) {
                self.pair(read, stage, link).await?;
            }
            stage.met.push(row);
        }
        Ok(())
    }

    async fn caused(&self, read: &mut Read, stage: &Stage) -> Result<Fresh, StoreError> {
        let events = google_seen::again(read, self.calendar.id).await?;
        let records = crm_seen::again(read).await?;
        let key = |row: &crm_seen::Seen| (row.entity.clone(), row.record.clone());
        Ok(Fresh {
            events: stage
                .google
                .iter()
                .map(|row| row.event.clone())
                .filter(|it| !events.contains(it))
                .collect(),
            records: stage.crm.iter().map(key).filter(|it| !records.contains(it)).collect(),
        })
    }

    // An event of ours whose pair does not know it yet: the answer to its creation was lost.
    async fn being_made(&self, read: &mut Read, event: &Event) -> Result<bool, StoreError> {
        let Some(marker) = Marker::read(&event.private) else { return Ok(false) };
        let link = links::get(self.store, read, PairId(marker.pair)).await?;
        Ok(link.is_some_and(|link| link.event.is_none() && link.calendar == self.calendar.id))
    }

    // What we have not made for that very pair is nobody's to remove.
    async fn left_behind(&self, read: &mut Read, stage: &mut Stage) -> Result<(), StoreError> {
        for link in owners::left_behind(self.store, read, self.calendar.id).await? {
            let Some(id) = &link.event else { continue };
            let row = google_seen::get(self.store, read, self.calendar.id, id).await?;
            let event = row.filter(|row| row.live).as_ref().and_then(read_event);
            let ours = |event: &Event| Marker::read(&event.private).is_some_and(|it| it.pair == link.id.0);
            if let Some(event) = event.filter(ours) {
                stage.left_behind.push((link, event));
            }
        }
        Ok(())
    }

    // A record that was copied names the event of the record it was copied from, and one that a leaver
    // had names theirs.
    async fn forget_copied(&self, read: &mut Read, stage: &mut Stage) -> Result<(), StoreError> {
        for entry in &mut stage.entries {
            let Some(named) = &entry.event_id else { continue };
            let linked = links::by_event(self.store, read, self.calendar.id, named).await?;
            let of_another = linked.is_some_and(|link| link.record.is_some_and(|record| record != entry.id));
            let key = (entry.entity.name(), entry.id.as_str());
            if of_another || owners::was_a_leavers(read, key, Some(named)).await? {
                entry.event_id = None;
            }
        }
        Ok(())
    }

    async fn pair(&self, read: &mut Read, stage: &mut Stage, link: Link) -> Result<(), StoreError> {
        if let Some(pair) = self.seen_pair(read, &link).await? {
            stage.pairs.push(pair);
            stage.links.push(link);
        }
        Ok(())
    }

    /// A pair with what was seen of its sides; none that does not know them yet.
    pub(super) async fn seen_pair(&self, read: &mut Read, link: &Link) -> Result<Option<Pair>, StoreError> {
        let Some(entity) = Entity::parse(&link.entity) else { return Ok(None) };
        let (Some(event), Some(record)) = (&link.event, &link.record) else { return Ok(None) };
        let google = match google_seen::get(self.store, read, self.calendar.id, event).await? {
            Some(row) if row.live => read_event(&row).map_or(Seen::Unproven, Seen::Live),
            Some(_) => Seen::Gone,
            None => Seen::Unproven,
        };
        let crm = match crm_seen::get(self.store, read, &link.entity, record).await? {
            Some(row) if row.live => self.read_entry(&row).map_or(Seen::Unproven, Seen::Live),
            Some(_) => Seen::Gone,
            None => Seen::Unproven,
        };
        let decided = plan::Link { origin: link.origin, state: link.state, base: link.base.clone() };
        let people = link.people.clone();
        Ok(Some(Pair { id: link.id.0, entity, link: decided, people, google, crm }))
    }

    pub(super) fn read_entry(&self, row: &crm_seen::Seen) -> Option<Entry> {
        let entity = Entity::parse(&row.entity)?;
        entry::read(entity, &json(row.content.as_deref()?)?, &self.crm.described.kind(entity).habits)
    }

    /// The plan for it.
    pub(super) fn plan(&self, stage: &Stage, inviting: &Inviting) -> Plan {
        let left_behind: Vec<_> =
            stage.left_behind.iter().map(|(link, event)| (link.id.0, event.clone())).collect();
        let others = self.homes.iter().filter(|(_, home)| home.calendar_id != self.calendar.id.0);
        let homes = others.map(|(user, _)| user.clone()).collect();
        let copies: Vec<_> = stage.copies.iter().filter_map(|copied| copied.copy.clone()).collect();
        compose(&Scene {
            pairs: &stage.pairs,
            events: &stage.events,
            left_behind: &left_behind,
            copies: &copies,
            homes: &homes,
            entries: &stage.entries,
            door: &self.door,
            policy: &self.policy,
            writable: self.writable,
            connected: &self.connected,
            inviting,
            maker: &self.crm.described.me,
            now: self.store.clock().seconds(),
        })
    }

    /// Marks as planned for what needs no operation.
    pub(super) async fn rest(
        &self,
        stage: &Stage,
        plan: &Plan,
        inviting: &Inviting,
    ) -> Result<(), StoreError> {
        let busy = Busy::of(stage, plan);
        let ledger = self.ledger();
        let google = stage.google.iter().filter(|row| !busy.events.contains(row.event.as_str()));
        let crm = stage
            .crm
            .iter()
            .filter(|row| !busy.records.contains(&(row.entity.as_str(), row.record.as_str())));
        let met = stage
            .met
            .iter()
            .filter(|row| !busy.records.contains(&(row.entity.as_str(), row.record.as_str())));
        let (google, crm): (Vec<_>, Vec<_>) = (google.collect(), crm.collect());
        let takers: Vec<_> = stage.copies.iter().filter(|copied| !busy.copies(copied)).collect();
        for takers in takers.chunks(500) {
            let mut batch = ledger.batch().await?;
            for taker in takers.iter().filter_map(|copied| copied.taker.as_ref()) {
                takers::planned(&mut batch, taker).await?;
            }
            batch.commit().await?;
        }
        for rows in google.chunks(500) {
            let mut batch = ledger.batch().await?;
            for row in rows {
                google_seen::clean(&mut batch, self.calendar.id, row).await?;
            }
            batch.commit().await?;
        }
        for rows in crm.chunks(500) {
            let mut batch = ledger.batch().await?;
            for row in rows {
                crm_seen::clean(&mut batch, row).await?;
            }
            batch.commit().await?;
        }
        for rows in met.collect::<Vec<_>>().chunks(500) {
            let mut batch = ledger.batch().await?;
            for entry in rows.iter().filter_map(|row| self.read_entry(row)) {
                if !stage.awaits(&entry, inviting) {
                    ledger.met(&mut batch, &entry).await?;
                }
            }
            batch.commit().await?;
        }
        Ok(())
    }
}

/// What an operation is about.
#[derive(Default)]
struct Busy<'a> {
    events: BTreeSet<&'a str>,
    records: BTreeSet<(&'a str, &'a str)>,
    links: BTreeSet<Uuid>,
}

impl<'a> Busy<'a> {
    fn copies(&self, copied: &Copied) -> bool {
        let made =
            copied.entry().is_some_and(|it| self.records.contains(&(it.entity.name(), it.id.as_str())));
        made || copied.link.as_ref().is_some_and(|link| self.links.contains(&link.id.0))
    }

    fn of(stage: &'a Stage, plan: &'a Plan) -> Self {
        let copies = stage.copies.iter().filter_map(|copied| copied.link.as_ref());
        let links: BTreeMap<_, _> = stage.links.iter().chain(copies).map(|link| (link.id.0, link)).collect();
        let mut busy = Self::default();
        for operation in &plan.operations {
            match &operation.subject {
                Subject::Event(event) => {
                    busy.events.insert(event);
                }
                Subject::Entry(entity, record) => {
                    busy.records.insert((entity.name(), record));
                }
                Subject::Link(id) => {
                    let Some(link) = links.get(id) else { continue };
                    busy.links.insert(*id);
                    busy.events.extend(link.event.as_deref());
                    if link.role != Role::Copy {
                        let record = link.record.as_deref();
                        busy.records.extend(record.map(|record| (link.entity.as_str(), record)));
                    }
                }
            }
            if let What::Adopt(_, entity, record, _) = &operation.what {
                busy.records.insert((entity.name(), record));
            }
        }
        busy
    }
}

fn json(text: &str) -> Option<Map<String, Json>> {
    serde_json::from_str(text).ok()
}

pub(super) fn read_event(row: &google_seen::Seen) -> Option<Event> {
    event::read(&json(row.content.as_deref()?)?)
}
