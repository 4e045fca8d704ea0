//! One operation on a pair: meant, done, remembered with its answer.

use postern_core::plan::calendar::compose::Pair;
use postern_core::plan::calendar::entry::Entry;
use postern_core::plan::calendar::event::Event;
use postern_core::plan::calendar::operation::{Operation, Subject, What};
use postern_core::plan::link::{Base, Side as Origin, State};
use postern_core::plan::record::{Field, Record};
use postern_core::plan::seen::Seen;
use postern_core::plan::undo::Turn;
use serde_json::{Value as Json, json};

use super::ledger::{Side, told};
use super::run::Run;
use super::scene::Stage;
use crate::store::sync::links::{self, Link, Role};
use crate::store::sync::taken_back::status;
use crate::store::sync::{calendars, crm_seen, google_seen, owners};
use crate::sync::missed::Missed;
use crate::sync::more::More;

/// Writes of an hour after which a person has to look.
const CHURN: i64 = 10;

impl Run<'_> {
    /// Does an operation. What it was planned for may have changed: then it is
    /// looked at again, and another round plans anew.
    pub(super) async fn perform(&mut self, stage: &Stage, operation: &Operation) -> Result<(), Missed> {
        self.saw = Some(stage.saw(&operation.subject));
        match &operation.subject {
            Subject::Link(id) => {
                if let Some((link, event)) = stage.left_behind.iter().find(|(link, _)| link.id.0 == *id) {
                    return self.delete_event(event, link.clone(), operation).await;
                }
                if let Some(copied) = stage.copied(*id) {
                    return Box::pin(self.on_copy(copied, operation)).await;
                }
                let at = stage.pairs.iter().position(|pair| pair.id == *id);
                let both = at.and_then(|at| Some((stage.pairs.get(at)?, stage.links.get(at)?)));
                let Some((pair, link)) = both else { return Ok(()) };
                // An earlier operation of this run may have written it.
                let link = self.fresh(link).await?;
                if link.role == Role::View {
                    return Ok(());
                }
                Box::pin(self.on_pair(pair, link, operation)).await
            }
            Subject::Event(id) => match stage.events.iter().find(|event| event.id == *id) {
                Some(event) => self.on_event(stage, event, operation).await,
                None => Ok(()),
            },
            Subject::Entry(entity, id)
                if matches!(operation.what, What::MakeCopy(_) | What::KeepCopy(..)) =>
            {
                let Some((copied, entry)) = stage.to_copy(*entity, id) else { return Ok(()) };
                match &operation.what {
                    What::MakeCopy(record) => self.make_copy(copied, (entry, record), operation).await,
                    What::KeepCopy(event, base) => match stage.events.iter().find(|it| it.id == *event) {
                        Some(event) => self.keep_copy(entry, event, base).await,
                        None => Ok(()),
                    },
                    _ => Ok(()),
                }
            }
            Subject::Entry(entity, id) => {
                let found = stage.entries.iter().find(|entry| entry.entity == *entity && entry.id == *id);
                match (found, &operation.what) {
                    (Some(entry), What::MakeEvent(record)) => {
                        self.make_new_event(entry, record, operation).await
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    async fn on_event(&mut self, stage: &Stage, event: &Event, operation: &Operation) -> Result<(), Missed> {
        match &operation.what {
            What::Adopt(_, entity, record, base) => {
                let entry = stage.entries.iter().find(|entry| entry.entity == *entity && entry.id == *record);
                match entry {
                    Some(entry) => self.adopt(event, entry, base).await,
                    None => Ok(()),
                }
            }
            What::MakeRecord(entity, record) => self.make_record(event, *entity, record, operation).await,
            _ => Ok(()),
        }
    }

    pub(super) async fn fresh(&self, link: &Link) -> Result<Link, Missed> {
        let known = links::get(self.store, &mut self.store.read().await?, link.id).await?;
        Ok(known.unwrap_or_else(|| link.clone()))
    }

    pub(super) async fn on_pair(
        &mut self,
        pair: &Pair,
        mut link: Link,
        operation: &Operation,
    ) -> Result<(), Missed> {
        match (&operation.what, live(&pair.google), live(&pair.crm)) {
            (What::Remember(agreed), ..) => {
                link.base.google.extend(&agreed.google);
                link.base.crm.extend(&agreed.crm);
                self.settled(pair, &link).await
            }
            (What::Let(state), ..) => {
                link.state = *state;
                self.settled(pair, &link).await
            }
            (What::Close, ..) => {
                link.state = State::Detached;
                self.settled(pair, &link).await
            }
            (What::WriteGoogle(changes, agreed), Some(event), _) => {
                self.write_event(event, link, (changes, agreed), operation).await
            }
            (What::Invite(invitation), Some(event), Some(entry)) => {
                self.invite((event, entry), link, invitation, operation).await
            }
            (What::WriteCrm(changes, agreed), _, Some(entry)) => {
                self.write_record(entry, link, (changes, agreed), operation).await
            }
            (What::Recreate(record), _, Some(entry)) => {
                self.make_event_anew(link, entry, record, operation).await
            }
            (What::Delete(Origin::Google), Some(event), _) => self.delete_event(event, link, operation).await,
            (What::Delete(Origin::Crm), _, Some(entry)) => self.delete_record(entry, link, operation).await,
            (What::Move(user), Some(event), Some(entry)) => {
                self.move_to(user, event, entry, (&link, operation)).await
            }
            (What::SetNotHeld, _, Some(entry)) => self.call_off(entry, link, operation).await,
            _ => Ok(()),
        }
    }

    // Only our own memory changes.
    async fn settled(&mut self, pair: &Pair, link: &Link) -> Result<(), Missed> {
        let ledger = self.ledger();
        let mut batch = ledger.batch().await?;
        if !links::hold(&mut batch, link.id).await? {
            return Ok(());
        }
        links::put(&mut batch, link).await?;
        if let Some(event) = &link.event {
            let shows = live(&pair.google).map(Event::fingerprint);
            ledger.clean_event(&mut batch, event, shows).await?;
        }
        // Of a copy another plan is made than of its record.
        if let Some(record) = link.record.as_ref().filter(|_| link.role != Role::Copy) {
            let shows = live(&pair.crm).map(Entry::fingerprint);
            ledger.clean_record(&mut batch, &link.entity, record, shows).await?;
        }
        Ok(batch.commit().await?)
    }

    async fn write_event(
        &mut self,
        event: &Event,
        mut link: Link,
        (changes, agreed): (&Record, &Base),
        operation: &Operation,
    ) -> Result<(), Missed> {
        let content = told(&link.base, changes, operation);
        let mut body = meant((changes, agreed), operation, &content);
        body["etag"] = json!(event.etag);
        if !self.ledger().mean(&link, "write-event", &body).await? {
            return Ok(());
        }
        let updates = self.updates(&link, !event.guests.is_empty());
        match self.google().update(&event.id, &event.record, changes, updates).await {
            Ok(answered) => {
                link.people.quiet = false;
                link.base.crm.extend(&agreed.crm);
                echo(&mut link.base.google, &agreed.google, &answered.event.record);
                self.counts.written += 1;
                let side = Side::Event(&answered.event, &answered.kept);
                self.done(link, &side, operation, "write-event", &content).await
            }
            Err(missed) => self.missed(link, missed).await,
        }
    }

    async fn write_record(
        &mut self,
        entry: &Entry,
        mut link: Link,
        (changes, agreed): (&Record, &Base),
        operation: &Operation,
    ) -> Result<(), Missed> {
        let content = told(&link.base, changes, operation);
        if !self.ledger().mean(&link, "write-record", &meant((changes, agreed), operation, &content)).await? {
            return Ok(());
        }
        match self.crm.update(entry, changes).await {
            Ok(answered) => {
                link.base.google.extend(&agreed.google);
                echo(&mut link.base.crm, &agreed.crm, &answered.entry.record);
                self.counts.written += 1;
                // Somebody may have written between our look and our write.
                let edited = meanwhile(entry, changes, &answered.entry);
                let more = if edited { More::Edits } else { More::Nothing };
                let side = Side::Entry(&answered.entry, &answered.raw);
                self.done_but((link, more), &side, operation, ("write-record", &content)).await
            }
            Err(missed) => self.missed(link, missed).await,
        }
    }

    /// Has a record planned for once more.
    pub(super) async fn plan_again(&self, entry: &Entry) -> Result<(), Missed> {
        let mut batch = self.ledger().batch().await?;
        crm_seen::soil(&mut batch, entry.entity.name(), &entry.id).await?;
        Ok(batch.commit().await?)
    }

    async fn delete_event(&mut self, event: &Event, link: Link, operation: &Operation) -> Result<(), Missed> {
        if !self.ledger().mean(&link, "delete-event", &json!({})).await? {
            return Ok(());
        }
        let updates = self.updates(&link, !event.guests.is_empty());
        match self.google().delete(event, updates).await {
            Ok(()) => {
                self.removed(link, &Side::NoEvent(&event.id), operation, "delete-event", &gone(&event.record))
                    .await
            }
            Err(missed) => self.missed(link, missed).await,
        }
    }

    async fn delete_record(
        &mut self,
        entry: &Entry,
        link: Link,
        operation: &Operation,
    ) -> Result<(), Missed> {
        if self.lives_on(&link).await? || !self.ledger().mean(&link, "delete-record", &json!({})).await? {
            return Ok(());
        }
        match self.crm.delete(entry).await {
            Ok(()) => {
                let side = Side::NoEntry(entry.entity, &entry.id);
                let content = json!({ "before": entry.record, "user": entry.user });
                self.removed(link, &side, operation, "delete-record", &content).await
            }
            Err(missed) => self.missed(link, missed).await,
        }
    }

    async fn call_off(&mut self, entry: &Entry, link: Link, operation: &Operation) -> Result<(), Missed> {
        if self.lives_on(&link).await? || !self.ledger().mean(&link, "call-off", &json!({})).await? {
            return Ok(());
        }
        let stood = self.stood(entry).await?;
        match self.crm.call_off(entry).await {
            Ok(answered) => {
                let side = Side::Entry(&answered.entry, &answered.raw);
                let turn = status(&answered.raw).map(|to| Turn { from: stood, to });
                let content = json!({ "before": entry.record, "status": turn });
                self.removed(link, &side, operation, "call-off", &content).await
            }
            Err(missed) => self.missed(link, missed).await,
        }
    }

    // Before a record goes with its event, Google is asked whether that is gone, and whether another
    // calendar shows it: then that one's pair takes the record over.
    async fn lives_on(&self, link: &Link) -> Result<bool, Missed> {
        let Some(event) = &link.event else { return Ok(false) };
        match self.google().get(event).await {
            Ok(answered) if !answered.event.cancelled => {
                self.look_again(link).await?;
                return Ok(true);
            }
            Ok(_) | Err(Missed::Gone) => {}
            Err(other) => return Err(other),
        }
        let Some(uid) = &link.ical_uid else { return Ok(false) };
        let mut batch = self.ledger().batch().await?;
        let Some(view) = owners::view_of(self.store, &mut batch, uid).await? else { return Ok(false) };
        if !owners::promote(&mut batch, link, &view).await? {
            return Ok(false);
        }
        if let Some(event) = &view.event {
            google_seen::soil(&mut batch, view.calendar, event).await?;
        }
        calendars::wake(&mut batch, view.calendar, self.store.clock().now()).await?;
        batch.commit().await?;
        Ok(true)
    }

    // What is gone on one side is nothing to be kept in step any more.
    async fn removed(
        &mut self,
        mut link: Link,
        side: &Side<'_>,
        operation: &Operation,
        kind: &str,
        content: &Json,
    ) -> Result<(), Missed> {
        link.state = State::Detached;
        self.counts.removed += 1;
        self.done(link, side, operation, kind, content).await
    }

    // The CRM's own word for how the record stood.
    async fn stood(&self, entry: &Entry) -> Result<Option<String>, Missed> {
        let mut read = self.store.read().await?;
        let seen = crm_seen::get(self.store, &mut read, entry.entity.name(), &entry.id).await?;
        let content = seen.and_then(|row| row.content);
        Ok(content.and_then(|text| serde_json::from_str(&text).ok()).as_ref().and_then(status))
    }

    /// Remembers an effect with its answer.
    pub(super) async fn done(
        &self,
        link: Link,
        side: &Side<'_>,
        operation: &Operation,
        kind: &str,
        content: &Json,
    ) -> Result<(), Missed> {
        Box::pin(self.done_but((link, More::Nothing), side, operation, (kind, content))).await
    }

    // A pair that is written too often is left to a person.
    async fn done_but(
        &self,
        (mut link, more): (Link, More),
        side: &Side<'_>,
        operation: &Operation,
        what: (&str, &Json),
    ) -> Result<(), Missed> {
        let ledger = self.ledger();
        let churn = Box::pin(ledger.done((&link, more), side, operation, what)).await?;
        if churn > CHURN && link.state == State::Active {
            tracing::warn!(link.id = %link.id, churn, "a pair is written too often, a person has to look at it");
            link.state = State::Quarantined;
            let mut batch = ledger.batch().await?;
            links::put(&mut batch, &link).await?;
            batch.commit().await?;
        }
        Ok(())
    }
}

// With what there is to tell of it: a run that is cut off leaves that to the next one.
fn meant((changes, agreed): (&Record, &Base), operation: &Operation, told: &Json) -> Json {
    json!({ "record": changes, "agreed": agreed, "rule": operation.rule.name(), "told": told })
}

fn gone(before: &Record) -> Json {
    json!({ "before": before })
}

fn meanwhile(planned: &Entry, sent: &Record, answered: &Entry) -> bool {
    let other = |field| sent.get(field).is_none() && planned.record.get(field) != answered.record.get(field);
    planned.standing != answered.standing
        || planned.user != answered.user
        || Field::ALL.into_iter().any(|field| planned.record.get(field).is_some() && other(field))
}

fn live<T>(seen: &Seen<T>) -> Option<&T> {
    match seen {
        Seen::Live(thing) => Some(thing),
        Seen::Gone | Seen::Unproven => None,
    }
}

// What the side answered is what it shows, whatever was sent.
fn echo(base: &mut Record, agreed: &Record, answered: &Record) {
    for (field, value) in agreed.iter() {
        base.set(field, answered.get(field).unwrap_or(value).clone());
    }
}
