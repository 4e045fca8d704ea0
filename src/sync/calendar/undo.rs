//! Taking back what a run did, or removing what was made.
//!
//! Each act is meant, done and remembered like any other, under the rule
//! `undone` or `removed-all`; nobody is mailed. A value that is restored is not agreed on: the plan
//! of the same run finds it like an edit of a person and carries it over. What was
//! made goes only after its pair is left alone for good, so that its end is no
//! tombstone for the other side.

use postern_core::plan::calendar::entry::{self, Entity, Entry};
use postern_core::plan::calendar::event::{self, Event};
use postern_core::plan::calendar::event_id::Marker;
use postern_core::plan::link::{Base, Side as Of, State};
use postern_core::plan::record::Record;
use postern_core::plan::undo::{Act, Turn};
use serde_json::{Map, Value as Json, json};

use super::google::Inserted;
use super::ledger::Side;
use super::made::Found;
use super::run::Run;
use super::settle::MAKE_RECORD;
use super::{crm, google};
use crate::google::calendar::event::SendUpdates;
use crate::store::StoreError;
use crate::store::sync::google_seen::From;
use crate::store::sync::intents::{self, Intent};
use crate::store::sync::links::{self, Link, Role};
use crate::store::sync::taken_back::status;
use crate::store::sync::{crm_seen, google_seen, sync_journal, undos};
use crate::sync::missed::Missed;
use crate::sync::taking_back::{Came, TakingBack, sent, shows, told};

/// Identities that are tried for one event.
const GENERATIONS: u32 = 5;

/// What a side answered.
enum Answer {
    Event(Box<google::Answered>, u32),
    Entry(Box<crm::Answered>),
    Nothing,
}

impl Run<'_> {
    /// Means an act, does it, and remembers it.
    pub(super) async fn take_back(&mut self, planned: &Link, undo: &TakingBack) -> Result<Came, Missed> {
        // An earlier act may have changed it.
        let known = async { links::get(self.store, &mut self.store.read().await?, planned.id).await };
        let Some(before) = known.await?.filter(|link| link.role != Role::View) else {
            return self.undo_given_up(planned, undo, false).await;
        };
        let undo = TakingBack { state: before.state, ..undo.clone() };
        let mut link = before.clone();
        if matches!(undo.act, Act::Remove { .. }) {
            link.state = State::Ignored;
        }
        let body = json!({ "rule": undo.rule().name(), "undo": undo, "record": sent(&undo.act) });
        if !self.ledger().mean_again(&link, kind(&undo.act), &body).await? {
            return Ok(Came::Unknown);
        }
        match self.effect(&link, &undo.act).await {
            Ok(answer) => {
                self.took_back(link, &undo, answer).await?;
                Ok(Came::Done)
            }
            Err(Missed::Stop(stop)) => Err(Missed::Stop(stop)),
            Err(Missed::Unknown(why)) => {
                tracing::warn!(link.id = %link.id, why, "nobody knows what came of an undo, the next run looks");
                self.counts.failed += 1;
                Ok(Came::Unknown)
            }
            Err(missed) => {
                tracing::info!(link.id = %link.id, ?missed, "something is not taken back, it is different by now");
                self.undo_given_up(&before, &undo, true).await
            }
        }
    }

    // The pair is what it was before it was meant, both sides are looked at again, and nobody tries
    // it once more.
    async fn undo_given_up(&mut self, before: &Link, undo: &TakingBack, meant: bool) -> Result<Came, Missed> {
        self.counts.failed += 1;
        let mut batch = self.ledger().batch().await?;
        if meant {
            links::put(&mut batch, before).await?;
            intents::done(&mut batch, before.id).await?;
        }
        undos::strike(&mut batch, undo.of, &undo.act.fingerprint(before.id.0)).await?;
        batch.commit().await?;
        let looked = if meant { self.look_again(before).await } else { Ok(()) };
        self.alone(looked)?;
        Ok(Came::Refused)
    }

    async fn effect(&self, link: &Link, act: &Act) -> Result<Answer, Missed> {
        let barred = || Missed::Refused("the account may not write the calendar".to_owned());
        if act.side() == Of::Google && !self.writable {
            return Err(barred());
        }
        match act {
            Act::Restore { side: Of::Google, to, .. } => {
                let event = self.event_of(link).await?;
                let answered = self.google().update(&event.id, &event.record, to, SendUpdates::None).await?;
                Ok(Answer::Event(Box::new(answered), link.generation))
            }
            Act::Restore { side: Of::Crm, to, .. } => {
                let entry = self.entry_of(link).await?;
                Ok(Answer::Entry(Box::new(self.crm.update(&entry, to).await?)))
            }
            Act::Remove { side: Of::Google, .. } => {
                self.google().delete(&self.event_of(link).await?, SendUpdates::None).await?;
                Ok(Answer::Nothing)
            }
            Act::Remove { side: Of::Crm, .. } => {
                self.crm.discard(&self.entry_of(link).await?, &link.people).await?;
                Ok(Answer::Nothing)
            }
            Act::Bring { side: Of::Google, record, .. } => {
                let (answered, generation) = self.bring_event(link, record).await?;
                Ok(Answer::Event(Box::new(answered), generation))
            }
            Act::Bring { side: Of::Crm, record, user } => {
                let nobody = || Missed::Refused("the mailbox is no user of the CRM".to_owned());
                let user = user.clone().or_else(|| self.user.clone()).ok_or_else(nobody)?;
                let entity = Entity::parse(&link.entity).ok_or(Missed::Gone)?;
                let event = link.event.as_deref().unwrap_or_default();
                // Of what was made in the CRM, nobody knows any more in which teams it was.
                let team = self.team.as_deref().filter(|_| link.origin == Of::Google);
                Ok(Answer::Entry(Box::new(self.crm.create(entity, record, (&user, team), event).await?)))
            }
            Act::Turn { to, .. } => {
                let entry = self.entry_of(link).await?;
                Ok(Answer::Entry(Box::new(self.crm.turn(&entry, to).await?)))
            }
        }
    }

    // Where Google has kept it, under the identity that it had; else under the next one. That one is
    // the same until it is remembered, so that a try whose answer was lost is found again.
    async fn bring_event(&self, link: &Link, record: &Record) -> Result<(google::Answered, u32), Missed> {
        let id = link.event.as_deref().ok_or(Missed::Gone)?;
        match self.google().revive(id, record).await {
            Ok(answered) => return Ok((answered, link.generation)),
            Err(Missed::Gone) => {}
            Err(other) => return Err(other),
        }
        for generation in (link.generation + 1)..=(link.generation + GENERATIONS) {
            let marker = Marker { pair: link.id.0, generation };
            if let Inserted::Ours(answered) = self.google().insert(&marker, record, None).await? {
                return Ok((*answered, generation));
            }
        }
        Err(Missed::Refused("every identity is taken".to_owned()))
    }

    async fn event_of(&self, link: &Link) -> Result<Event, Missed> {
        let id = link.event.as_deref().ok_or(Missed::Gone)?;
        let row = google_seen::get(self.store, &mut self.store.read().await?, self.calendar.id, id).await?;
        let raw = row.filter(|row| row.live).and_then(|row| object(row.content.as_deref()));
        raw.and_then(|raw| event::read(&raw)).ok_or(Missed::Gone)
    }

    async fn entry_of(&self, link: &Link) -> Result<Entry, Missed> {
        let id = link.record.as_deref().ok_or(Missed::Gone)?;
        let entity = Entity::parse(&link.entity).ok_or(Missed::Gone)?;
        let row = crm_seen::get(self.store, &mut self.store.read().await?, &link.entity, id).await?;
        let raw = row.filter(|row| row.live).and_then(|row| object(row.content.as_deref()));
        let habits = &self.crm.described.kind(entity).habits;
        raw.and_then(|raw| entry::read(entity, &raw, habits)).ok_or(Missed::Gone)
    }

    // To whom a record that is removed was assigned.
    async fn assigned(&self, link: &Link, act: &Act) -> Result<Option<String>, StoreError> {
        let (Act::Remove { side: Of::Crm, .. }, Some(record)) = (act, &link.record) else {
            return Ok(None);
        };
        let row = crm_seen::get(self.store, &mut self.store.read().await?, &link.entity, record).await?;
        Ok(row.and_then(|row| row.user))
    }

    // It happened, now or in a run that was cut off.
    async fn took_back(&mut self, mut link: Link, undo: &TakingBack, answer: Answer) -> Result<(), Missed> {
        let act = &undo.act;
        let user = self.assigned(&link, act).await?;
        let content = told(act, brought(act, &answer), user.as_deref());
        self.follow(&mut link, act, &answer).await?;
        // What it leads to at Google is told to nobody, and who takes part then is agreed as it stands.
        link.people.quiet |= act.side() == Of::Crm;
        if matches!(act, Act::Bring { .. } | Act::Turn { .. }) {
            link.people.took = None;
        }
        match act {
            Act::Restore { .. } | Act::Turn { .. } => self.counts.written += 1,
            Act::Remove { .. } => self.counts.removed += 1,
            Act::Bring { .. } => self.counts.made += 1,
        }
        let (event, record) =
            (link.event.clone().unwrap_or_default(), link.record.clone().unwrap_or_default());
        let side = match &answer {
            Answer::Event(answered, _) => Side::Event(&answered.event, &answered.kept),
            Answer::Entry(answered) => Side::Entry(&answered.entry, &answered.raw),
            Answer::Nothing if act.side() == Of::Google => Side::NoEvent(&event),
            Answer::Nothing => Side::NoEntry(Entity::parse(&link.entity).unwrap_or(Entity::Meeting), &record),
        };
        let ledger = self.ledger();
        let mut batch = ledger.batch().await?;
        ledger.put(&mut batch, &side, From::Ourselves).await?;
        // Somebody may have made another pair of the event meanwhile.
        let other = links::by_event(self.store, &mut batch, link.calendar, &event).await?;
        if other.is_none_or(|other| other.id == link.id) {
            links::put(&mut batch, &link).await?;
        }
        // It is planned for like an edit of a person.
        google_seen::soil(&mut batch, link.calendar, &event).await?;
        crm_seen::soil(&mut batch, &link.entity, &record).await?;
        intents::done(&mut batch, link.id).await?;
        let note = sync_journal::Note {
            run: self.id,
            synced: self.calendar.id.into(),
            account: self.account,
            link: link.id,
            kind: kind(act),
            rule: undo.rule().name(),
            content: &content.to_string(),
        };
        sync_journal::add(&mut batch, &note).await?;
        undos::count(&mut batch, undo.of).await?;
        Ok(batch.commit().await?)
    }

    // What becomes of the pair.
    async fn follow(&self, link: &mut Link, act: &Act, answer: &Answer) -> Result<(), Missed> {
        let carries = self.policy.direction.writes() && self.writable;
        match (act, answer) {
            (Act::Remove { .. }, _) => link.state = State::Ignored,
            (Act::Bring { side: Of::Google, .. }, Answer::Event(answered, generation)) => {
                link.event = Some(answered.event.id.clone());
                link.ical_uid = answered.event.identity();
                link.generation = *generation;
                // Without its record it is a new event, which the next plan takes in.
                link.state = match self.entry_of(link).await {
                    // It was let go when the event was taken back.
                    Ok(_) if link.state == State::Ignored && carries => {
                        link.base = Base::default();
                        State::Active
                    }
                    Ok(_) => State::Ignored,
                    Err(Missed::Gone) => State::Detached,
                    Err(other) => return Err(other),
                };
            }
            (Act::Bring { side: Of::Crm, .. }, Answer::Entry(answered)) => {
                link.record = Some(answered.entry.id.clone());
                link.base = Base::default();
                link.state = if carries { State::Active } else { State::Ignored };
            }
            // It was called off with its event, which is made again.
            (Act::Turn { .. }, _) if link.state == State::Detached && carries => {
                link.base = Base::default();
                link.state = State::Active;
            }
            _ => {}
        }
        Ok(())
    }

    /// Finds out what came of an act of a run that was cut off.
    pub(super) async fn undo_settled(
        &mut self,
        intent: &Intent,
        link: Link,
        undo: &TakingBack,
    ) -> Result<(), Missed> {
        let before = Link { state: undo.state, ..link.clone() };
        match self.found(intent, &link, &undo.act).await {
            Ok(Some(answer)) => self.took_back(link, undo, answer).await,
            // It did not happen: this run tries it again while it is as it was shown.
            Ok(None) => {
                let mut batch = self.ledger().batch().await?;
                links::put(&mut batch, &before).await?;
                batch.commit().await?;
                self.look_again(&before).await
            }
            Err(missed @ (Missed::Stop(_) | Missed::Unknown(_))) => Err(missed),
            Err(missed) => {
                tracing::warn!(link.id = %link.id, ?missed, "nobody can tell what came of an undo, it is left");
                self.undo_given_up(&before, undo, true).await.map(drop)
            }
        }
    }

    async fn found(&self, intent: &Intent, link: &Link, act: &Act) -> Result<Option<Answer>, Missed> {
        if let Act::Bring { side: Of::Crm, record, .. } = act {
            let Some(entity) = Entity::parse(&link.entity) else { return Ok(None) };
            let event = link.event.as_deref().unwrap_or_default();
            return match self.find_made(entity, event, record, intent).await? {
                Found::Nothing => Ok(None),
                Found::One(made) => Ok(Some(Answer::Entry(made))),
                Found::Several => {
                    Err(Missed::Refused("several records may be the one that was made".to_owned()))
                }
            };
        }
        if act.side() == Of::Google {
            let id = link.event.as_deref().unwrap_or_default();
            let found = self.google().get(id).await;
            return Ok(match (act, found) {
                (Act::Remove { .. }, Err(Missed::Gone)) => Some(Answer::Nothing),
                (Act::Remove { .. }, Ok(it)) if it.event.cancelled => Some(Answer::Nothing),
                (Act::Bring { .. }, Ok(it)) if !it.event.cancelled => {
                    Some(Answer::Event(Box::new(it), link.generation))
                }
                (Act::Restore { to, .. }, Ok(it)) if shows(&it.event.record, to) => {
                    Some(Answer::Event(Box::new(it), link.generation))
                }
                (_, Ok(_) | Err(Missed::Gone)) => None,
                (_, Err(other)) => return Err(other),
            });
        }
        let Some(entity) = Entity::parse(&link.entity) else { return Ok(None) };
        let found = self.crm.get(entity, link.record.as_deref().unwrap_or_default()).await;
        Ok(match (act, found) {
            (Act::Remove { .. }, Err(Missed::Gone)) => Some(Answer::Nothing),
            (Act::Restore { to, .. }, Ok(it)) if shows(&it.entry.record, to) => {
                Some(Answer::Entry(Box::new(it)))
            }
            (Act::Turn { to, .. }, Ok(it)) if status(&it.raw).as_ref() == Some(to) => {
                Some(Answer::Entry(Box::new(it)))
            }
            (_, Ok(_) | Err(Missed::Gone)) => None,
            (_, Err(other)) => return Err(other),
        })
    }
}

/// The word of an intent and of the journal.
fn kind(act: &Act) -> &'static str {
    match act {
        Act::Restore { side: Of::Google, .. } => "write-event",
        Act::Restore { side: Of::Crm, .. } => "write-record",
        Act::Remove { side: Of::Google, .. } => "delete-event",
        Act::Remove { side: Of::Crm, .. } => "delete-record",
        Act::Bring { side: Of::Google, .. } => "make-event",
        Act::Bring { side: Of::Crm, .. } => MAKE_RECORD,
        Act::Turn { .. } => "set-status",
    }
}

// What is told of what came back.
fn brought(act: &Act, answer: &Answer) -> Json {
    match (answer, act) {
        (Answer::Event(answered, _), _) => json!({ "written": answered.event.record }),
        (Answer::Entry(answered), _) => made(answered),
        (Answer::Nothing, Act::Bring { record, .. }) => json!({ "written": record }),
        (Answer::Nothing, _) => Json::Null,
    }
}

/// What there is to tell of a record that was made.
pub(super) fn made(answered: &crm::Answered) -> Json {
    let stands = status(&answered.raw).map(|to| Turn { from: None, to });
    json!({ "written": answered.entry.record, "status": stands })
}

fn object(content: Option<&str>) -> Option<Map<String, Json>> {
    serde_json::from_str(content?).ok()
}
