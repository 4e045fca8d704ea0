//! One operation: meant, done, remembered with its answer.

use postern_core::model::id::PairId;
use postern_core::plan::calendar::compose::{Operation, Pair, Subject, What};
use postern_core::plan::calendar::entry::{Entity, Entry};
use postern_core::plan::calendar::event::Event;
use postern_core::plan::calendar::event_id::Marker;
use postern_core::plan::link::{Base, Side as Origin, State};
use postern_core::plan::record::Record;
use postern_core::plan::seen::Seen;
use serde_json::{Value as Json, json};

use super::google::Inserted;
use super::ledger::{Side, told};
use super::run::Run;
use super::scene::Stage;
use super::{crm, google};
use crate::store::sync::google_seen::{self, From};
use crate::store::sync::links::{self, Link, Role};
use crate::store::sync::{crm_seen, intents};
use crate::sync::missed::{Missed, failed};

/// Writes of an hour after which a person has to look.
const CHURN: i64 = 10;
/// Identities that are tried for one event.
const GENERATIONS: u32 = 5;

impl Run<'_> {
    /// Does an operation. What it was planned for may have changed: then it is
    /// looked at again, and another round plans anew.
    pub(super) async fn perform(&mut self, stage: &Stage, operation: &Operation) -> Result<(), Missed> {
        match &operation.subject {
            Subject::Link(id) => {
                let at = stage.pairs.iter().position(|pair| pair.id == *id);
                let Some((pair, link)) = at.and_then(|at| Some((stage.pairs.get(at)?, stage.links.get(at)?)))
                else {
                    return Ok(());
                };
                // An earlier operation of this run may have written it.
                let link = self.fresh(link).await?;
                self.on_link(pair, link, operation).await
            }
            Subject::Event(id) => {
                let Some(event) = stage.events.iter().find(|event| event.id == *id) else { return Ok(()) };
                match &operation.what {
                    What::Adopt(_, entity, record, base) => {
                        self.adopt(stage, event, *entity, record, base).await
                    }
                    What::MakeRecord(entity, record) => {
                        self.make_record(event, *entity, record, operation).await
                    }
                    _ => Ok(()),
                }
            }
            Subject::Entry(entity, id) => {
                let found = stage.entries.iter().find(|entry| entry.entity == *entity && entry.id == *id);
                match (found, &operation.what) {
                    (Some(entry), What::MakeEvent(record)) => {
                        let link = self.link(entry.entity, Origin::Crm).map_err(failed)?;
                        let link = Link { record: Some(entry.id.clone()), ..link };
                        self.make_event(link, true, entry, record, operation).await
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    async fn fresh(&self, link: &Link) -> Result<Link, Missed> {
        let read = async { links::get(self.store, &mut self.store.read().await?, link.id).await };
        Ok(read.await.map_err(failed)?.unwrap_or_else(|| link.clone()))
    }

    async fn on_link(&mut self, pair: &Pair, mut link: Link, operation: &Operation) -> Result<(), Missed> {
        let (event, entry) = (live(&pair.google), live(&pair.crm));
        match (&operation.what, event, entry) {
            (What::Remember(agreed), ..) => {
                link.base.google.extend(&agreed.google);
                link.base.crm.extend(&agreed.crm);
                self.settled(pair, link).await
            }
            (What::WriteGoogle(changes, agreed), Some(event), _) => {
                self.write_google(event, link, (changes, agreed), operation).await
            }
            (What::WriteCrm(changes, agreed), _, Some(entry)) => {
                self.write_crm(entry, link, (changes, agreed), operation).await
            }
            (What::Recreate(record), _, Some(entry)) => {
                link.generation += 1;
                link.event = None;
                self.make_event(link, false, entry, record, operation).await
            }
            (What::Delete(Origin::Google), Some(event), _) => self.delete_event(event, link, operation).await,
            (What::Delete(Origin::Crm), _, Some(entry)) => self.delete_record(entry, link, operation).await,
            (What::SetNotHeld, _, Some(entry)) => self.call_off(entry, link, operation).await,
            (What::Let(state), ..) => {
                link.state = *state;
                self.settled(pair, link).await
            }
            (What::Close, ..) => {
                link.state = State::Detached;
                self.settled(pair, link).await
            }
            _ => Ok(()),
        }
    }

    // Only our own memory changes.
    async fn settled(&mut self, pair: &Pair, link: Link) -> Result<(), Missed> {
        let stored = async {
            let mut batch = self.ledger().batch().await?;
            links::put(&mut batch, &link).await?;
            if let Some(event) = &link.event {
                let live = matches!(pair.google, Seen::Live(_));
                let hash = live_hash(&pair.google, |event: &Event| event.fingerprint());
                self.clean_event(&mut batch, event, hash, live).await?;
            }
            if let Some(record) = &link.record {
                let live = matches!(pair.crm, Seen::Live(_));
                let hash = live_hash(&pair.crm, |entry: &Entry| entry.fingerprint());
                self.clean_record(&mut batch, (&link.entity, record), hash, live).await?;
            }
            batch.commit().await
        };
        stored.await.map_err(failed)
    }

    async fn clean_event(
        &self,
        batch: &mut crate::store::Batch,
        event: &str,
        hash: Option<[u8; 32]>,
        live: bool,
    ) -> Result<(), crate::store::StoreError> {
        let known = google_seen::get(self.store, batch, self.calendar.id, event).await?;
        match known {
            Some(row) if row.live == live && hash.is_none_or(|hash| row.hash == hash) => {
                google_seen::clean(batch, self.calendar.id, &row).await
            }
            _ => Ok(()),
        }
    }

    async fn clean_record(
        &self,
        batch: &mut crate::store::Batch,
        (entity, record): (&str, &str),
        hash: Option<[u8; 32]>,
        live: bool,
    ) -> Result<(), crate::store::StoreError> {
        match crm_seen::get(self.store, batch, entity, record).await? {
            Some(row) if row.live == live && hash.is_none_or(|hash| row.hash == hash) => {
                crm_seen::clean(batch, &row).await
            }
            _ => Ok(()),
        }
    }

    async fn write_google(
        &mut self,
        event: &Event,
        mut link: Link,
        (changes, agreed): (&Record, &Base),
        operation: &Operation,
    ) -> Result<(), Missed> {
        if !self.ledger().mean(&link, "write-event", &json!({})).await.map_err(failed)? {
            return Ok(());
        }
        match self.google().update(&event.id, &event.record, changes).await {
            Ok(answered) => {
                let content = told(&link.base, changes, operation);
                link.base.crm.extend(&agreed.crm);
                echo(&mut link.base.google, &agreed.google, &answered.event.record);
                self.counts.written += 1;
                let sides = [Side::Event(&answered.event, &answered.kept)];
                self.done(link, &sides, operation, "write-event", &content).await
            }
            Err(missed) => self.missed(link, missed).await,
        }
    }

    async fn write_crm(
        &mut self,
        entry: &Entry,
        mut link: Link,
        (changes, agreed): (&Record, &Base),
        operation: &Operation,
    ) -> Result<(), Missed> {
        if !self.ledger().mean(&link, "write-record", &json!({})).await.map_err(failed)? {
            return Ok(());
        }
        match self.crm.update(entry, changes).await {
            Ok(answered) => {
                let content = told(&link.base, changes, operation);
                link.base.google.extend(&agreed.google);
                echo(&mut link.base.crm, &agreed.crm, &answered.entry.record);
                self.counts.written += 1;
                let sides = [Side::Entry(&answered.entry, &answered.raw)];
                self.done(link, &sides, operation, "write-record", &content).await
            }
            Err(missed) => self.missed(link, missed).await,
        }
    }

    async fn delete_event(
        &mut self,
        event: &Event,
        mut link: Link,
        operation: &Operation,
    ) -> Result<(), Missed> {
        if !self.ledger().mean(&link, "delete-event", &json!({})).await.map_err(failed)? {
            return Ok(());
        }
        match self.google().delete(&event.id, &event.etag).await {
            Ok(()) => {
                link.state = State::Detached;
                self.counts.removed += 1;
                let content = json!({ "before": event.record });
                self.done(link, &[Side::NoEvent(&event.id)], operation, "delete-event", &content).await
            }
            Err(missed) => self.missed(link, missed).await,
        }
    }

    async fn delete_record(
        &mut self,
        entry: &Entry,
        mut link: Link,
        operation: &Operation,
    ) -> Result<(), Missed> {
        if !self.ledger().mean(&link, "delete-record", &json!({})).await.map_err(failed)? {
            return Ok(());
        }
        match self.crm.delete(entry).await {
            Ok(()) => {
                link.state = State::Detached;
                self.counts.removed += 1;
                let content = json!({ "before": entry.record });
                self.done(link, &[Side::NoEntry(entry)], operation, "delete-record", &content).await
            }
            Err(missed) => self.missed(link, missed).await,
        }
    }

    async fn call_off(&mut self, entry: &Entry, mut link: Link, operation: &Operation) -> Result<(), Missed> {
        if !self.ledger().mean(&link, "call-off", &json!({})).await.map_err(failed)? {
            return Ok(());
        }
        match self.crm.call_off(entry).await {
            Ok(answered) => {
                link.state = State::Detached;
                self.counts.removed += 1;
                let content = json!({ "before": entry.record });
                let sides = [Side::Entry(&answered.entry, &answered.raw)];
                self.done(link, &sides, operation, "call-off", &content).await
            }
            Err(missed) => self.missed(link, missed).await,
        }
    }

    pub(super) async fn make_record(
        &mut self,
        event: &Event,
        entity: Entity,
        record: &Record,
        operation: &Operation,
    ) -> Result<(), Missed> {
        let Some(user) = self.user.clone() else { return Ok(()) };
        let link = Link {
            event: Some(event.id.clone()),
            ical_uid: Some(event.ical_uid.clone()).filter(|uid| !uid.is_empty()),
            ..self.link(entity, Origin::Google).map_err(failed)?
        };
        let body = json!({ "user": user, "record": record, "rule": operation.rule.name() });
        if !self.ledger().begin(&link, "make-record", &body).await.map_err(failed)? {
            return self.view(event, link).await;
        }
        let made = self.crm.create(entity, record, &user, &event.id).await;
        self.made_record(event, link, record, operation, made).await
    }

    /// Remembers a record that was made, now or by a run that was cut off.
    pub(super) async fn made_record(
        &mut self,
        event: &Event,
        mut link: Link,
        record: &Record,
        operation: &Operation,
        made: Result<crm::Answered, Missed>,
    ) -> Result<(), Missed> {
        match made {
            Ok(answered) => {
                link.record = Some(answered.entry.id.clone());
                link.base = Base { google: event.record.clone(), crm: answered.entry.record.clone() };
                self.counts.made += 1;
                let content = json!({ "written": record });
                let sides = [Side::Entry(&answered.entry, &answered.raw)];
                self.clean(event).await?;
                self.done(link, &sides, operation, "make-record", &content).await
            }
            Err(missed @ (Missed::Refused(_) | Missed::Barred)) => {
                self.forget(&link).await?;
                self.clean(event).await?;
                self.missed(link, missed).await
            }
            Err(missed) => self.missed(link, missed).await,
        }
    }

    // The event is in another calendar too, whose pair owns it.
    async fn view(&mut self, event: &Event, link: Link) -> Result<(), Missed> {
        let owner = async { links::by_uid(self.store, &mut self.store.read().await?, &event.ical_uid).await };
        if let Some(owner) = owner.await.map_err(failed)? {
            let stored = async {
                let mut batch = self.ledger().batch().await?;
                let view = Link { role: Role::View, record: owner.record, origin: owner.origin, ..link };
                links::add(&mut batch, &view).await?;
                batch.commit().await
            };
            stored.await.map_err(failed)?;
        }
        self.clean(event).await
    }

    async fn clean(&self, event: &Event) -> Result<(), Missed> {
        let cleaned = async {
            let mut batch = self.ledger().batch().await?;
            self.clean_event(&mut batch, &event.id, Some(event.fingerprint()), true).await?;
            batch.commit().await
        };
        cleaned.await.map_err(failed)
    }

    pub(super) async fn make_event(
        &mut self,
        mut link: Link,
        new: bool,
        entry: &Entry,
        record: &Record,
        operation: &Operation,
    ) -> Result<(), Missed> {
        let body = json!({ "record": record, "rule": operation.rule.name() });
        let ledger = self.ledger();
        let meant = if new {
            ledger.begin(&link, "make-event", &body).await
        } else {
            ledger.mean_again(&link, "make-event", &body).await
        };
        if !meant.map_err(failed)? {
            return Ok(());
        }
        for _ in 0..GENERATIONS {
            let marker = Marker { pair: link.id.0, generation: link.generation };
            match self.google().insert(&marker, record).await {
                Ok(Inserted::Ours(answered)) => {
                    return self.made_event(link, entry, &answered, operation).await;
                }
                Ok(Inserted::Taken) => {
                    link.generation += 1;
                    let stored = async {
                        let mut batch = self.ledger().batch().await?;
                        links::put(&mut batch, &link).await?;
                        batch.commit().await
                    };
                    stored.await.map_err(failed)?;
                }
                Err(missed) => return self.missed(link, missed).await,
            }
        }
        self.missed(link, Missed::Refused("every identity is taken".to_owned())).await
    }

    async fn made_event(
        &mut self,
        mut link: Link,
        entry: &Entry,
        answered: &google::Answered,
        operation: &Operation,
    ) -> Result<(), Missed> {
        link.event = Some(answered.event.id.clone());
        link.ical_uid = Some(answered.event.ical_uid.clone()).filter(|uid| !uid.is_empty());
        link.base = Base { google: answered.event.record.clone(), crm: entry.record.clone() };
        self.counts.made += 1;
        let content = json!({ "written": answered.event.record });
        let cleaned = async {
            let mut batch = self.ledger().batch().await?;
            let at = (entry.entity.name(), entry.id.as_str());
            self.clean_record(&mut batch, at, Some(entry.fingerprint()), true).await?;
            batch.commit().await
        };
        cleaned.await.map_err(failed)?;
        let sides = [Side::Event(&answered.event, &answered.kept)];
        self.done(link, &sides, operation, "make-event", &content).await?;
        self.name_event(entry, &answered.event.id).await
    }

    // A help for others only: our own memory needs no field of the CRM.
    async fn name_event(&self, entry: &Entry, event: &str) -> Result<(), Missed> {
        match self.crm.name_event(entry, Some(event)).await {
            Ok(Some(answered)) => {
                let stored = async {
                    let ledger = self.ledger();
                    let mut batch = ledger.batch().await?;
                    let side = Side::Entry(&answered.entry, &answered.raw);
                    ledger.put(&mut batch, &side, From::Reading).await?;
                    batch.commit().await
                };
                stored.await.map_err(failed)
            }
            Ok(None) => Ok(()),
            Err(Missed::Stop(stop)) => Err(Missed::Stop(stop)),
            Err(missed) => {
                tracing::debug!(?missed, "the CRM was not told the identity of an event");
                Ok(())
            }
        }
    }

    async fn adopt(
        &mut self,
        stage: &Stage,
        event: &Event,
        entity: Entity,
        record: &str,
        base: &Base,
    ) -> Result<(), Missed> {
        let origin = if Marker::read(&event.private).is_some() { Origin::Crm } else { Origin::Google };
        let link = Link {
            event: Some(event.id.clone()),
            ical_uid: Some(event.ical_uid.clone()).filter(|uid| !uid.is_empty()),
            record: Some(record.to_owned()),
            base: base.clone(),
            ..self.link(entity, origin).map_err(failed)?
        };
        let entry = stage.entries.iter().find(|entry| entry.entity == entity && entry.id == record);
        let stored = async {
            let mut batch = self.ledger().batch().await?;
            links::add(&mut batch, &link).await?;
            self.clean_event(&mut batch, &event.id, Some(event.fingerprint()), true).await?;
            if let Some(entry) = entry {
                let at = (entity.name(), record);
                self.clean_record(&mut batch, at, Some(entry.fingerprint()), true).await?;
            }
            batch.commit().await
        };
        stored.await.map_err(failed)
    }

    // A pair that does not know its sides yet.
    fn link(&self, entity: Entity, origin: Origin) -> Result<Link, crate::store::StoreError> {
        Ok(Link {
            id: PairId(self.store.dice().id(self.store.clock())?),
            account: self.account,
            calendar: self.calendar.id,
            event: None,
            ical_uid: None,
            entity: entity.name().to_owned(),
            record: None,
            origin,
            role: Role::Owner,
            state: State::Active,
            generation: 0,
            base: Base::default(),
        })
    }

    pub(super) async fn forget(&self, link: &Link) -> Result<(), Missed> {
        let forgotten = async {
            let mut batch = self.ledger().batch().await?;
            links::remove(&mut batch, link.id).await?;
            batch.commit().await
        };
        forgotten.await.map_err(failed)
    }

    async fn done(
        &self,
        mut link: Link,
        sides: &[Side<'_>],
        operation: &Operation,
        kind: &str,
        content: &Json,
    ) -> Result<(), Missed> {
        let churn = self.ledger().done(&link, sides, operation, kind, content).await.map_err(failed)?;
        if churn > CHURN && link.state == State::Active {
            tracing::warn!(link.id = %link.id, churn, "a pair is written too often, a person has to look at it");
            link.state = State::Quarantined;
            let stored = async {
                let mut batch = self.ledger().batch().await?;
                links::put(&mut batch, &link).await?;
                batch.commit().await
            };
            stored.await.map_err(failed)?;
        }
        Ok(())
    }

    /// Takes note of an effect that was not had.
    pub(super) async fn missed(&mut self, mut link: Link, missed: Missed) -> Result<(), Missed> {
        match missed {
            Missed::Stop(stop) => Err(Missed::Stop(stop)),
            // The intent stays: the next run finds out.
            Missed::Unknown(why) => {
                tracing::warn!(link.id = %link.id, why, "nobody knows what came of a write, the next run looks");
                self.counts.failed += 1;
                Ok(())
            }
            Missed::Changed | Missed::Gone => self.look_again(&link).await,
            Missed::Barred => {
                link.state = State::Frozen;
                self.shelve(&link).await
            }
            Missed::Refused(why) => {
                tracing::warn!(link.id = %link.id, why, "a change is refused, it waits for another edit");
                self.counts.failed += 1;
                self.shelve(&link).await
            }
        }
    }

    // Until one of the sides shows something else.
    async fn shelve(&self, link: &Link) -> Result<(), Missed> {
        let stored = async {
            let mut batch = self.ledger().batch().await?;
            links::put(&mut batch, link).await?;
            intents::done(&mut batch, link.id).await?;
            if let Some(event) = &link.event {
                let row = google_seen::get(self.store, &mut batch, self.calendar.id, event).await?;
                if let Some(row) = row {
                    google_seen::clean(&mut batch, self.calendar.id, &row).await?;
                }
            }
            if let Some(record) = &link.record {
                if let Some(row) = crm_seen::get(self.store, &mut batch, &link.entity, record).await? {
                    crm_seen::clean(&mut batch, &row).await?;
                }
            }
            batch.commit().await
        };
        stored.await.map_err(failed)
    }

    /// Looks at both sides of a pair again, for the next plan.
    pub(super) async fn look_again(&self, link: &Link) -> Result<(), Missed> {
        let event = match &link.event {
            Some(id) => Some((id, self.google().get(id).await)),
            None => None,
        };
        let entity = Entity::parse(&link.entity);
        let entry = match (&link.record, entity) {
            (Some(id), Some(entity)) => Some((id, self.crm.get(entity, id).await)),
            _ => None,
        };
        let mut sides = Vec::new();
        match &event {
            Some((_, Ok(answered))) => sides.push(Side::Event(&answered.event, &answered.kept)),
            Some((id, Err(Missed::Gone))) => sides.push(Side::NoEvent(id)),
            Some((_, Err(other))) => return Err(other.clone()),
            None => {}
        }
        let gone;
        match &entry {
            Some((_, Ok(answered))) => sides.push(Side::Entry(&answered.entry, &answered.raw)),
            Some((id, Err(Missed::Gone))) => {
                gone = nameless(entity.unwrap_or(Entity::Meeting), id);
                sides.push(Side::NoEntry(&gone));
            }
            Some((_, Err(Missed::Barred))) | None => {}
            Some((_, Err(other))) => return Err(other.clone()),
        }
        self.ledger().look_again(link, &sides).await.map_err(failed)
    }
}

// A record of which only the identity is known.
fn nameless(entity: Entity, id: &str) -> Entry {
    Entry {
        entity,
        id: id.to_owned(),
        standing: postern_core::plan::seen::Standing::Planned,
        user: None,
        event_id: None,
        modified: 0,
        created: 0,
        record: Record::new(),
    }
}

fn live<T>(seen: &Seen<T>) -> Option<&T> {
    match seen {
        Seen::Live(thing) => Some(thing),
        Seen::Gone | Seen::Unproven => None,
    }
}

fn live_hash<T>(seen: &Seen<T>, hash: impl Fn(&T) -> [u8; 32]) -> Option<[u8; 32]> {
    live(seen).map(hash)
}

// What the side answered is what it shows, whatever was sent.
fn echo(base: &mut Record, agreed: &Record, answered: &Record) {
    for (field, value) in agreed.iter() {
        base.set(field, answered.get(field).unwrap_or(value).clone());
    }
}
