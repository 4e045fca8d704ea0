//! New pairs: a record for an event, an event for a record, both that belong
//! together.

use postern_core::model::id::PairId;
use postern_core::plan::calendar::entry::{Entity, Entry};
use postern_core::plan::calendar::event::Event;
use postern_core::plan::calendar::event_id::Marker;
use postern_core::plan::calendar::operation::Operation;
use postern_core::plan::calendar::people::People;
use postern_core::plan::calendar::words::{Hidden, Words};
use postern_core::plan::dialect::Dialect as _;
use postern_core::plan::link::{Base, Side as Origin, State};
use postern_core::plan::record::Record;
use postern_core::plan::rule::Rule;
use serde_json::json;

use super::google::Inserted;
use super::ledger::Side;
use super::run::Run;
use super::settle::MAKE_RECORD;
use super::{crm, google, undo};
use crate::store::sync::google_seen::From;
use crate::store::sync::links::{self, Link, Role};
use crate::store::sync::owners;
use crate::store::{Batch, StoreError};
use crate::sync::missed::Missed;

/// Identities that are tried for one event.
const GENERATIONS: u32 = 5;

/// When what is remembered now was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tried {
    /// By this run.
    Now,
    /// Maybe by a run that was cut off: what shows something else since is planned for.
    Earlier,
    /// The same, of the calendar's first run.
    AtFirst,
}

impl Run<'_> {
    /// Makes a record of the event.
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
            ical_uid: event.identity(),
            ..self.link(entity, Origin::Google)?
        };
        // What a colleague shows as a copy has its record.
        let copied = async { owners::copied(&mut self.store.read().await?, link.ical_uid.as_deref()).await };
        if copied.await? {
            return self.planned_event(event).await;
        }
        let body = json!({ "user": user, "record": record, "rule": operation.rule.name() });
        if !self.ledger().begin(&link, MAKE_RECORD, &body).await? {
            return self.view(event, link).await;
        }
        let made = self.crm.create(entity, record, (&user, self.team.as_deref()), &event.id).await;
        self.made_record(event, link, (record, Tried::Now), operation, made).await
    }

    // Nobody is invited because of a calendar's first run, nor aloud because of an undo.
    fn people_of_new(&self, link: &Link, tried: Tried, settled: bool) -> People {
        let first = self.calendar.planned_at.is_none() || tried == Tried::AtFirst;
        let people = People::of_new(self.writes_guests && !settled && !first);
        People { quiet: link.people.quiet, ..people }
    }

    /// Remembers a record that was made, now or by a run that was cut off.
    pub(super) async fn made_record(
        &mut self,
        event: &Event,
        mut link: Link,
        (sent, tried): (&Record, Tried),
        operation: &Operation,
        made: Result<crm::Answered, Missed>,
    ) -> Result<(), Missed> {
        match made {
            Ok(answered) => {
                link.record = Some(answered.entry.id.clone());
                link.base = self.agreed((tried, sent), Origin::Crm, event, &answered.entry);
                link.people = self.people_of_new(&link, tried, false);
                self.counts.made += 1;
                if tried == Tried::Now {
                    self.planned_event(event).await?;
                }
                let side = Side::Entry(&answered.entry, &answered.raw);
                self.done(link, &side, operation, MAKE_RECORD, &undo::made(&answered)).await
            }
            Err(missed @ (Missed::Refused(_) | Missed::Barred)) => {
                self.forget(&link).await?;
                self.planned_event(event).await?;
                self.missed(link, missed).await
            }
            Err(missed) => self.missed(link, missed).await,
        }
    }

    // The event is in another calendar too, whose pair owns it. Where it is organized it can be
    // written, so that pair takes it over.
    async fn view(&mut self, event: &Event, link: Link) -> Result<(), Missed> {
        let identity = event.identity().unwrap_or_default();
        let owner = links::by_uid(self.store, &mut self.store.read().await?, &identity).await?;
        if let Some(mut closed) = owner.clone().filter(|owner| owner.state == State::Detached) {
            // The event has moved here: the next plan makes a record of it.
            closed.ical_uid = None;
            let mut batch = self.ledger().batch().await?;
            links::put(&mut batch, &closed).await?;
            return Ok(batch.commit().await?);
        }
        if let Some(owner) = owner {
            let organizes = event.organizes && owner.calendar != self.calendar.id;
            let mut batch = self.ledger().batch().await?;
            let link = Link { record: owner.record, origin: owner.origin, ..link };
            // One whose account is away gives it up, too.
            if organizes && matches!(owner.state, State::Active | State::Dormant) {
                // Else the next run tries again; nothing is stored now.
                if owners::hand_over(self.store, &mut batch, owner.id, &link).await? {
                    batch.commit().await?;
                }
                return Ok(());
            }
            links::add(&mut batch, &Link { role: Role::View, ..link }).await?;
            batch.commit().await?;
        }
        self.planned_event(event).await
    }

    /// Makes an event of a record that has no pair.
    pub(super) async fn make_new_event(
        &mut self,
        entry: &Entry,
        record: &Record,
        operation: &Operation,
    ) -> Result<(), Missed> {
        let link = Link { record: Some(entry.id.clone()), ..self.link(entry.entity, Origin::Crm)? };
        let body = json!({ "record": record, "rule": operation.rule.name() });
        if !self.ledger().begin(&link, "make-event", &body).await? {
            return Ok(());
        }
        self.insert(link, entry, (record, Tried::Now), operation).await
    }

    /// Makes the event of a pair again, under its next identity.
    pub(super) async fn make_event_anew(
        &mut self,
        mut link: Link,
        entry: &Entry,
        record: &Record,
        operation: &Operation,
    ) -> Result<(), Missed> {
        link.generation += 1;
        link.event = None;
        let body = json!({ "record": record, "rule": operation.rule.name() });
        if !self.ledger().mean_again(&link, "make-event", &body).await? {
            return Ok(());
        }
        self.insert(link, entry, (record, Tried::Now), operation).await
    }

    /// Makes an event that is meant already; one that was made is found.
    pub(super) async fn insert(
        &mut self,
        mut link: Link,
        entry: &Entry,
        (record, tried): (&Record, Tried),
        operation: &Operation,
    ) -> Result<(), Missed> {
        for _ in 0..GENERATIONS {
            let marker = Marker { pair: link.id.0, generation: link.generation };
            match self.google().insert(&marker, record, copy_of(&link).as_deref()).await {
                Ok(Inserted::Ours(answered)) => {
                    let made = self.made_event(link, entry, (record, tried), &answered, operation);
                    return Box::pin(made).await;
                }
                Ok(Inserted::Taken) => {
                    link.generation += 1;
                    let mut batch = self.ledger().batch().await?;
                    links::put(&mut batch, &link).await?;
                    batch.commit().await?;
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
        (sent, tried): (&Record, Tried),
        answered: &google::Answered,
        operation: &Operation,
    ) -> Result<(), Missed> {
        link.event = Some(answered.event.id.clone());
        link.ical_uid = answered.event.identity();
        link.base = self.agreed((tried, sent), Origin::Google, &answered.event, entry);
        let copy = link.role == Role::Copy;
        // Who takes part in what has moved here, or is a copy, is left as it is.
        let key = (entry.entity.name(), entry.id.as_str());
        let leavers = async { owners::was_a_leavers(&mut self.store.read().await?, key, None).await };
        let moved = operation.rule == Rule::Reassigned || leavers.await?;
        link.people = self.people_of_new(&link, tried, moved || copy);
        self.counts.made += 1;
        if tried == Tried::Now && !copy {
            self.planned_entry(entry).await?;
        }
        self.stir_people(entry).await?;
        let side = Side::Event(&answered.event, &answered.kept);
        let content = json!({ "written": answered.event.record });
        self.done(link, &side, operation, "make-event", &content).await?;
        // Only the event that the record has for its own is named there.
        if copy {
            return Ok(());
        }
        if tried != Tried::Now {
            self.wake_views(entry).await?;
        }
        self.name_event(entry, &answered.event.id).await
    }

    // A help for others only: our own memory needs no field of the CRM.
    async fn name_event(&self, entry: &Entry, event: &str) -> Result<(), Missed> {
        match self.crm.name_event(entry, Some(event)).await {
            Ok(Some(answered)) => {
                let ledger = self.ledger();
                let mut batch = ledger.batch().await?;
                let side = Side::Entry(&answered.entry, &answered.raw);
                ledger.put(&mut batch, &side, From::Reading).await?;
                Ok(batch.commit().await?)
            }
            Ok(None) => Ok(()),
            Err(Missed::Stop(stop)) => Err(Missed::Stop(stop)),
            Err(missed) => {
                tracing::debug!(?missed, "the CRM was not told the identity of an event");
                Ok(())
            }
        }
    }

    // What both sides show of a new pair. Of one that an earlier run made, both may have been
    // edited since: then the one that was made showed what was sent, and the other what tells
    // the same.
    fn agreed(&self, (tried, sent): (Tried, &Record), made: Origin, event: &Event, entry: &Entry) -> Base {
        let mut base = Base::of(event.record.clone(), entry.record.clone());
        if tried == Tried::Now {
            return base;
        }
        let words = self.words(entry.entity);
        for (field, value) in sent.iter() {
            let (google, crm) = (event.record.get(field), entry.record.get(field));
            match made {
                Origin::Google => {
                    base.google.set(field, value.clone());
                    let told = words.to_crm(field, value, crm);
                    if let (Some(crm), Some(told)) = (crm, told)
                        && !words.same(field, value, crm)
                    {
                        base.crm.set(field, told);
                    }
                }
                Origin::Crm => {
                    base.crm.set(field, value.clone());
                    let told = words.to_google(field, value, google);
                    if let (Some(google), Some(told)) = (google, told)
                        && !words.same(field, google, value)
                    {
                        base.google.set(field, told);
                    }
                }
            }
        }
        base
    }

    fn words(&self, entity: Entity) -> Words {
        Words { entity, labels: self.door.labels.clone(), hidden: Hidden::Nothing }
    }

    /// Makes an event and a record that belong together a pair; nothing is written.
    pub(super) async fn adopt(&mut self, event: &Event, entry: &Entry, base: &Base) -> Result<(), Missed> {
        let origin = if Marker::read(&event.private).is_some() { Origin::Crm } else { Origin::Google };
        let link = Link {
            event: Some(event.id.clone()),
            ical_uid: event.identity(),
            record: Some(entry.id.clone()),
            base: base.clone(),
            ..self.link(entry.entity, origin)?
        };
        let ledger = self.ledger();
        let mut batch = ledger.batch().await?;
        if !links::add(&mut batch, &link).await? {
            drop(batch);
            return self.taken(event, link).await;
        }
        ledger.clean_event(&mut batch, &event.id, Some(event.fingerprint())).await?;
        let shows = Some(entry.fingerprint());
        ledger.clean_record(&mut batch, entry.entity.name(), &entry.id, shows).await?;
        batch.commit().await?;
        self.stir_people(entry).await
    }

    // A record that was copied names the event of the one it was copied from; or one of them has become
    // another one's since it was planned for.
    async fn taken(&mut self, event: &Event, link: Link) -> Result<(), Missed> {
        let identity = link.ical_uid.as_deref().unwrap_or_default();
        let owner = links::by_uid(self.store, &mut self.store.read().await?, identity).await?;
        match owner {
            Some(owner) if owner.record != link.record => {
                self.view(event, Link { record: None, ..link }).await
            }
            Some(_) | None => Ok(()),
        }
    }

    async fn planned_event(&self, event: &Event) -> Result<(), Missed> {
        let ledger = self.ledger();
        let mut batch = ledger.batch().await?;
        ledger.clean_event(&mut batch, &event.id, Some(event.fingerprint())).await?;
        Ok(batch.commit().await?)
    }

    async fn planned_entry(&self, entry: &Entry) -> Result<(), Missed> {
        let ledger = self.ledger();
        let mut batch = ledger.batch().await?;
        let shows = Some(entry.fingerprint());
        ledger.clean_record(&mut batch, entry.entity.name(), &entry.id, shows).await?;
        Ok(batch.commit().await?)
    }

    // A pair that does not know its sides yet.
    pub(super) fn link(&self, entity: Entity, origin: Origin) -> Result<Link, StoreError> {
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
            people: People::default(),
        })
    }

    pub(super) async fn forget(&self, link: &Link) -> Result<(), Missed> {
        let mut batch = self.ledger().batch().await?;
        self.forget_in(&mut batch, link).await?;
        Ok(batch.commit().await?)
    }

    /// Forgets a pair with what else is stored.
    pub(super) async fn forget_in(&self, batch: &mut Batch, link: &Link) -> Result<(), StoreError> {
        links::remove(batch, link.id).await?;
        if let Some(record) = link.record.as_ref().filter(|_| link.role != Role::Copy) {
            owners::take_back(batch, &link.entity, record).await?;
        }
        Ok(())
    }
}

// What a copy says of itself in Google.
fn copy_of(link: &Link) -> Option<String> {
    let record = link.record.as_ref().filter(|_| link.role == Role::Copy)?;
    Some(format!("{}/{record}", link.entity))
}
