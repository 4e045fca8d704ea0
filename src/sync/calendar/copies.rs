//! Copies: what a user of the calendar takes part in without its being theirs.
//!
//! Each is a pair of its own, in no other's way: it owns no record, nothing of it goes to the CRM but
//! that its user declines by deleting it, and no look at the record's own pair meets it. When the
//! record is assigned to its user, the copy becomes the record's event as it stands.

use postern_core::model::id::AccountId;
use postern_core::plan::calendar::compose::Pair;
use postern_core::plan::calendar::copy::{Copy, may_be};
use postern_core::plan::calendar::entry::{Entity, Entry};
use postern_core::plan::calendar::event::{Answer, Event};
use postern_core::plan::calendar::operation::{Operation, What};
use postern_core::plan::calendar::people::{People, Shown, answered};
use postern_core::plan::link::{Base, Side as Of, State};
use postern_core::plan::record::Record;
use postern_core::plan::seen::Seen;
use serde_json::json;

use super::ledger::Side;
use super::make::Tried;
use super::run::Run;
use super::scene::Stage;
use crate::google::calendar::event::SendUpdates;
use crate::store::sync::google_seen::From;
use crate::store::sync::links::{self, Link, Role};
use crate::store::sync::takers::{self, Taker};
use crate::store::sync::{crm_seen, defaults, owners};
use crate::store::{Read, StoreError};
use crate::sync::missed::Missed;

/// Most rows of one plan; the next goes on.
const ROWS: i64 = 5_000;

/// What a plan of a copy is made of.
pub(super) struct Copied {
    /// None where there is to be none, and there is none.
    pub copy: Option<Copy>,
    /// The pair, where there is one.
    pub link: Option<Link>,
    /// What is new about it; none where only its event has changed.
    pub taker: Option<Taker>,
    /// Whether its user wants copies.
    pub on: bool,
}

impl Copied {
    /// The record of which there is no copy yet.
    pub fn entry(&self) -> Option<&Entry> {
        match &self.copy {
            Some(Copy::New(entry)) => Some(entry),
            Some(Copy::Made { .. }) | None => None,
        }
    }

    fn pair(&self) -> Option<&Pair> {
        match &self.copy {
            Some(Copy::Made { pair, .. }) => Some(pair),
            Some(Copy::New(_)) | None => None,
        }
    }
}

impl Run<'_> {
    /// Gives records to their users' copies where nobody owns them.
    pub(super) async fn inherit(&self) -> Result<(), StoreError> {
        let heirs = takers::heirs(&mut self.store.read().await?, self.calendar.id).await?;
        if heirs.is_empty() {
            return Ok(());
        }
        let mut batch = self.ledger().batch().await?;
        for id in heirs {
            owners::inherit(&mut batch, id).await?;
            if let Some(Link { entity, record: Some(record), .. }) =
                links::get(self.store, &mut batch, id).await?
            {
                crm_seen::soil(&mut batch, &entity, &record).await?;
            }
        }
        batch.commit().await
    }

    /// What is new about copies; of those in `touched` the event is another.
    pub(super) async fn copies(
        &self,
        read: &mut Read,
        stage: &mut Stage,
        touched: Vec<Link>,
        busy: impl Fn(&Link) -> bool,
    ) -> Result<(), StoreError> {
        for taker in takers::of_copies(read, self.calendar.id, ROWS).await? {
            let Some(id) = taker.link else { continue };
            let Some(link) = links::get(self.store, read, id).await?.filter(|link| !busy(link)) else {
                continue;
            };
            let on = self.takes_part(read, link.account).await?;
            let wanted = on && taker.takes && !taker.shown && !taker.made && self.of_a_kind(&link.entity);
            self.made_copy(read, stage, (link, Some(taker)), (on, wanted)).await?;
        }
        for link in touched {
            let known = |copied: &Copied| copied.link.as_ref().is_some_and(|known| known.id == link.id);
            if !stage.copies.iter().any(known) {
                self.made_copy(read, stage, (link, None), (true, true)).await?;
            }
        }
        let Some(user) = self.user.as_ref().filter(|_| self.takes_new && self.parts) else { return Ok(()) };
        for taker in takers::of_account(read, self.account, ROWS).await? {
            let row = crm_seen::get(self.store, read, &taker.entity, &taker.record).await?;
            let entry = row.filter(|row| row.live).and_then(|row| self.read_entry(&row));
            let (me, kinds) = (&self.crm.described.me, &self.door.kinds);
            let wanted = taker.takes && !taker.shown && !taker.made;
            let entry = entry.filter(|entry| wanted && may_be(entry, user, me, kinds));
            stage.copies.push(Copied {
                copy: entry.map(Copy::New),
                link: None,
                taker: Some(taker),
                on: true,
            });
        }
        Ok(())
    }

    async fn made_copy(
        &self,
        read: &mut Read,
        stage: &mut Stage,
        (link, taker): (Link, Option<Taker>),
        (on, wanted): (bool, bool),
    ) -> Result<(), StoreError> {
        let pair = self.seen_pair(read, &link).await?;
        let copy = pair.map(|pair| Copy::Made { pair: Box::new(pair), wanted });
        stage.copies.push(Copied { copy, link: Some(link), taker, on });
        Ok(())
    }

    async fn takes_part(&self, read: &mut Read, account: AccountId) -> Result<bool, StoreError> {
        if account == self.account {
            return Ok(self.parts);
        }
        Ok(defaults::holding(read, account).await?.takes_part)
    }

    fn of_a_kind(&self, entity: &str) -> bool {
        Entity::parse(entity).is_some_and(|entity| self.door.kinds.contains(&entity))
    }

    /// Does an operation on a copy.
    pub(super) async fn on_copy(&mut self, copied: &Copied, operation: &Operation) -> Result<(), Missed> {
        let (Some(pair), Some(link)) = (copied.pair(), &copied.link) else { return Ok(()) };
        let link = self.fresh(link).await?;
        if link.role != Role::Copy {
            return Ok(());
        }
        let failed = self.counts.failed;
        self.on_made_copy(pair, link, operation).await?;
        if self.counts.failed > failed {
            self.copy_planned(copied).await?;
        }
        Ok(())
    }

    async fn on_made_copy(&mut self, pair: &Pair, link: Link, operation: &Operation) -> Result<(), Missed> {
        match (&operation.what, &pair.google) {
            (What::Close, _) => {
                let mut batch = self.ledger().batch().await?;
                links::remove(&mut batch, link.id).await?;
                Ok(batch.commit().await?)
            }
            (What::Delete(Of::Google), Seen::Live(event)) => self.end_copy(event, link, operation).await,
            (What::Decline, _) => self.decline(link, operation).await,
            _ => self.on_pair(pair, link, operation).await,
        }
    }

    /// Makes a copy of a record.
    pub(super) async fn make_copy(
        &mut self,
        copied: &Copied,
        (entry, record): (&Entry, &Record),
        operation: &Operation,
    ) -> Result<(), Missed> {
        let key = (entry.entity.name(), entry.id.as_str());
        let shown = async { takers::shown(&mut self.store.read().await?, key, self.account).await };
        // This very run may have found the event itself.
        if shown.await? {
            return Ok(());
        }
        let link =
            Link { record: Some(entry.id.clone()), role: Role::Copy, ..self.link(entry.entity, Of::Crm)? };
        let (id, body) = (link.id, json!({ "record": record, "rule": operation.rule.name() }));
        if self.ledger().begin(&link, "make-event", &body).await? {
            self.insert(link, entry, (record, Tried::Now), operation).await?;
        }
        // What came to nothing waits for a change.
        let came = async { links::get(self.store, &mut self.store.read().await?, id).await };
        if came.await?.is_none() { self.copy_planned(copied).await } else { Ok(()) }
    }

    /// Takes a copy over that was made before our memory of it was lost.
    pub(super) async fn keep_copy(&self, entry: &Entry, event: &Event, base: &Base) -> Result<(), Missed> {
        let link = Link {
            event: Some(event.id.clone()),
            ical_uid: event.identity(),
            record: Some(entry.id.clone()),
            role: Role::Copy,
            base: base.clone(),
            people: People::of_new(false),
            ..self.link(entry.entity, Of::Crm)?
        };
        let ledger = self.ledger();
        let mut batch = ledger.batch().await?;
        if links::add(&mut batch, &link).await? {
            ledger.clean_event(&mut batch, &event.id, Some(event.fingerprint())).await?;
        }
        Ok(batch.commit().await?)
    }

    async fn end_copy(&mut self, event: &Event, link: Link, operation: &Operation) -> Result<(), Missed> {
        if !self.ledger().mean(&link, "delete-event", &json!({})).await? {
            return Ok(());
        }
        match self.google().delete(event, SendUpdates::None).await {
            Ok(()) => self.ended_copy(&link, &event.record, operation).await,
            Err(missed) => self.missed(link, missed).await,
        }
    }

    /// A copy is gone by our own doing: nothing of it is left to be declined, and with another reason
    /// there may be another one.
    pub(super) async fn ended_copy(
        &mut self,
        link: &Link,
        showed: &Record,
        operation: &Operation,
    ) -> Result<(), Missed> {
        self.counts.removed += 1;
        let ledger = self.ledger();
        let mut batch = ledger.batch().await?;
        // It has become the event of the record meanwhile: the next plan sees that it is gone.
        if !links::hold_copy(&mut batch, link.id).await? {
            return self.look_again(link).await;
        }
        if let Some(event) = &link.event {
            ledger.put(&mut batch, &Side::NoEvent(event), From::Ourselves).await?;
        }
        ledger.tell(&mut batch, link, operation, "delete-event", &json!({ "before": showed })).await?;
        links::remove(&mut batch, link.id).await?;
        Ok(batch.commit().await?)
    }

    // Deleting it says that its user does not come, where the calendar is that user's own. What the CRM
    // shows already is not written, so a try that was cut off does no harm.
    async fn decline(&mut self, mut link: Link, operation: &Operation) -> Result<(), Missed> {
        let (Some(event), Some(record)) = (link.event.clone(), link.record.clone()) else { return Ok(()) };
        match self.google().get(&event).await {
            Ok(answered) if !answered.event.cancelled => return self.look_again(&link).await,
            Ok(_) | Err(Missed::Gone) => {}
            Err(other) => return Err(other),
        }
        let entity = Entity::parse(&link.entity);
        let user = self.user.clone().filter(|_| self.owns && link.account == self.account);
        let told = match entity.zip(user) {
            Some((entity, user)) => self.say_no(entity, &record, &user).await?,
            None => false,
        };
        link.state = State::Ignored;
        let ledger = self.ledger();
        let mut batch = ledger.batch().await?;
        links::put(&mut batch, &link).await?;
        ledger.clean_event(&mut batch, &event, None).await?;
        if told {
            let content = json!({ "answer": Answer::Declined.word() });
            ledger.note(&mut batch, &link, operation.rule, "write-record", &content).await?;
        }
        Ok(batch.commit().await?)
    }

    // Whether the record was written.
    async fn say_no(&mut self, entity: Entity, record: &str, user: &str) -> Result<bool, Missed> {
        let seen = match self.crm.get(entity, record).await {
            Ok(seen) => seen,
            Err(Missed::Gone | Missed::Barred) => return Ok(false),
            Err(other) => return Err(other),
        };
        let Some(word) = Answer::Declined.word() else { return Ok(false) };
        let shown = Shown::read(&seen.raw);
        let says = shown.as_ref().and_then(|shown| shown.answer(user));
        if says.is_none_or(|says| says == word) {
            return Ok(false);
        }
        match self.crm.put_people(&seen.entry, answered(user, word)).await {
            Ok(_) => {
                self.counts.written += 1;
                Ok(true)
            }
            Err(Missed::Refused(_) | Missed::Barred | Missed::Gone) => {
                tracing::warn!(record, "the CRM refused that somebody declines");
                self.counts.failed += 1;
                Ok(false)
            }
            Err(other) => Err(other),
        }
    }

    /// It waits for something new.
    pub(super) async fn copy_planned(&self, copied: &Copied) -> Result<(), Missed> {
        let Some(taker) = &copied.taker else { return Ok(()) };
        let mut batch = self.ledger().batch().await?;
        takers::planned(&mut batch, taker).await?;
        Ok(batch.commit().await?)
    }
}
