//! Taking back what a run did to people and records.
//!
//! Each act is meant, done and remembered like any other. A value that is restored is not agreed on: the
//! plan of the same run finds it like an edit of a person and carries it over. What was made goes only
//! after its link is left alone for good, so that its end is no tombstone for the other side. What comes
//! back is left alone as well: what it was deleted for is still as it was, and would have it
//! deleted again.
//!
//! A person who comes back is made anew, and as with everybody who is made, nobody makes them twice: the
//! link's mark is on them, and a lost answer waits for a list that shows them, or does not.

use postern_core::plan::contacts::apply::fresh;
use postern_core::plan::contacts::card::Card;
use postern_core::plan::contacts::person::{self, Mark, Person};
use postern_core::plan::link::{Base, Side as Of, State};
use postern_core::plan::record::Record;
use postern_core::plan::undo::Act;
use serde_json::{Map, Value as Json, json};

use super::crm::stored;
use super::google::read;
use super::ledger::{Answered, Side, put_card};
use super::make::{MAKE_PERSON, MY_CONTACTS};
use super::records::MAKE_RECORD;
use super::run::Run;
use super::settle::Meant;
use crate::crm::contacts::Told;
use crate::crm::contacts::written::Made;
use crate::google::effect::Effect;
use crate::store::contacts::intents::{self, Intent};
use crate::store::contacts::links::{self, Link};
use crate::store::contacts::{cards, seen};
use crate::store::sync::undos;
use crate::sync::missed::Missed;
use crate::sync::taking_back::{Came, TakingBack, sent, shows, told};

/// What a side answered.
enum Answer {
    Person(Box<Answered>),
    Card(Box<Told>),
    Nothing,
}

impl Run<'_> {
    /// Means an act, does it, and remembers it.
    pub(super) async fn take_back(&mut self, planned: &Link, undo: &TakingBack) -> Result<Came, Missed> {
        // An earlier act may have changed it.
        let known = async { links::get(self.store, &mut self.store.read().await?, planned.id).await };
        let Some(before) = known.await? else { return self.undo_given_up(planned, undo, false).await };
        let undo = TakingBack { state: before.state, ..undo.clone() };
        let mut link = before.clone();
        match undo.act {
            Act::Remove { .. } => link.state = State::Ignored,
            // Google's name of who was deleted stays: by that nobody forgets that they are gone.
            Act::Bring { side: Of::Google, .. } => link.state = State::Detached,
            _ => {}
        }
        if !self.mean_back(&link, &undo).await? {
            return Ok(Came::Unknown);
        }
        match self.effect(&link, &undo).await {
            Ok(answer) => {
                self.took_back(link, &undo, answer).await?;
                Ok(Came::Done)
            }
            Err(Missed::Stop(stop)) => {
                self.unmean(&before).await?;
                Err(Missed::Stop(stop))
            }
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

    async fn mean_back(&self, link: &Link, undo: &TakingBack) -> Result<bool, Missed> {
        let record = sent(&undo.act).cloned().unwrap_or_default();
        let body = json!({ "rule": undo.rule().name(), "undo": undo, "record": record });
        let mut batch = self.ledger().batch().await?;
        links::put(&mut batch, link).await?;
        let (of, kind) = ((self.book.id, self.id), kind(&undo.act));
        if !intents::add(&mut batch, of, link.id, kind, &body.to_string()).await? {
            return Ok(false);
        }
        batch.commit().await?;
        Ok(true)
    }

    // Nothing was done, for certain: the link is what it was.
    async fn unmean(&self, before: &Link) -> Result<(), Missed> {
        let mut batch = self.ledger().batch().await?;
        links::put(&mut batch, before).await?;
        intents::done(&mut batch, before.id).await?;
        Ok(batch.commit().await?)
    }

    // Both sides are looked at again, and nobody tries it once more.
    async fn undo_given_up(&mut self, before: &Link, undo: &TakingBack, meant: bool) -> Result<Came, Missed> {
        self.counts.failed += 1;
        if meant {
            self.unmean(before).await?;
        }
        let mut batch = self.ledger().batch().await?;
        undos::strike(&mut batch, undo.of, &undo.act.fingerprint(before.id.0)).await?;
        batch.commit().await?;
        let looked = if meant { self.look_again(before).await } else { Ok(()) };
        self.alone(looked)?;
        Ok(Came::Refused)
    }

    // What repeats nobody any more is all that is left of them.
    async fn repeats(&self, link: &Link, side: Of) -> Result<(), Missed> {
        let first = match side {
            Of::Google => {
                self.crm.get(link.entity, link.record.as_deref().unwrap_or_default()).await.map(drop)
            }
            Of::Crm => self.google().get(link.resource.as_deref().unwrap_or_default()).await.map(drop),
        };
        match first {
            Err(Missed::Gone | Missed::Barred) => Err(Missed::Changed),
            other => other,
        }
    }

    async fn effect(&self, link: &Link, undo: &TakingBack) -> Result<Answer, Missed> {
        if let (true, Act::Remove { side, .. }) = (undo.everything, &undo.act) {
            self.repeats(link, *side).await?;
        }
        Ok(match &undo.act {
            Act::Restore { side: Of::Google, to, .. } => {
                let (person, raw) = self.person_of(link).await?;
                Answer::Person(Box::new(self.google().update(&person, &raw, to).await?))
            }
            Act::Restore { side: Of::Crm, to, .. } => {
                Answer::Card(Box::new(self.crm.update(&self.card_of(link).await?, to).await?))
            }
            Act::Remove { side: Of::Google, .. } => {
                self.google().delete_ours(&self.person_of(link).await?.0).await?;
                Answer::Nothing
            }
            Act::Remove { side: Of::Crm, .. } => {
                self.crm.delete(&self.card_of(link).await?).await?;
                Answer::Nothing
            }
            Act::Bring { side: Of::Google, record, .. } => {
                Answer::Person(Box::new(self.bring_person(link, record).await?))
            }
            Act::Bring { side: Of::Crm, record, .. } => match self.crm.create(link.entity, record).await? {
                Made::Made(told) => Answer::Card(told),
                Made::Duplicate(_) => {
                    return Err(Missed::Refused("the CRM has a record like it".to_owned()));
                }
            },
            // A record of a person has no status that a run sets.
            Act::Turn { .. } => return Err(Missed::Gone),
        })
    }

    async fn bring_person(&self, link: &Link, record: &Record) -> Result<Answered, Missed> {
        if !self.there {
            return Err(Missed::Refused("the group is gone".to_owned()));
        }
        let groups = [MY_CONTACTS.to_owned(), self.group.clone()];
        let mark =
            Mark { pair: link.id.0, entity: link.entity, record: link.record.clone().unwrap_or_default() };
        let body = fresh(record, &groups, &mark);
        let untold = || Missed::Unknown("Google did not say what it made".to_owned());
        let made = match self.writer.create_many(self.book.account, &[body]).await {
            Ok(outcomes) => outcomes.into_iter().next().ok_or_else(untold)?,
            Err(fault) => Err(fault),
        };
        match made.map_err(|fault| (fault.effect(), fault)).map(read) {
            Ok(Ok(answered)) => Ok(answered),
            Ok(Err(_)) | Err((Effect::Unknown, _)) => Err(untold()),
            Err((Effect::None, fault)) => Err(fault.into()),
        }
    }

    async fn person_of(&self, link: &Link) -> Result<(Person, Map<String, Json>), Missed> {
        let resource = link.resource.as_deref().ok_or(Missed::Gone)?;
        let row = seen::get(self.store, &mut self.store.read().await?, self.book.id, resource).await?;
        let content = row.filter(|row| row.live && row.whole).and_then(|row| row.content);
        let raw: Option<Map<_, _>> = content.and_then(|text| serde_json::from_str(&text).ok());
        raw.and_then(|raw| Some((person::read(&raw)?, raw))).ok_or(Missed::Gone)
    }

    async fn card_of(&self, link: &Link) -> Result<Card, Missed> {
        let id = link.record.as_deref().ok_or(Missed::Gone)?;
        let row = cards::get(self.store, &mut self.store.read().await?, (link.entity, id)).await?;
        let content = row.and_then(|row| row.content).ok_or(Missed::Gone)?;
        stored(link.entity, &content).map(|(card, _)| card).ok_or(Missed::Gone)
    }

    // It happened, now or in a run that was cut off.
    async fn took_back(&mut self, mut link: Link, undo: &TakingBack, answer: Answer) -> Result<(), Missed> {
        let act = &undo.act;
        let content = told(act, brought(&answer), Some(self.crm.sight.user));
        match (act, &answer) {
            (Act::Bring { .. }, Answer::Person(answered)) => came_back(&mut link, answered),
            (Act::Bring { .. }, Answer::Card(told)) => {
                link.record = Some(told.card.id.clone());
                link.visible = self.crm.sight.shows(&told.card);
                link.base = Base::of(Record::new(), told.card.record.clone());
                link.state = State::Detached;
            }
            _ => {}
        }
        match act {
            Act::Restore { .. } | Act::Turn { .. } => self.counts.written += 1,
            Act::Remove { .. } => self.counts.removed += 1,
            Act::Bring { .. } => self.counts.made += 1,
        }
        let ledger = self.ledger();
        let mut batch = ledger.batch().await?;
        match (&answer, act.side()) {
            (Answer::Person(answered), _) => {
                ledger.put(&mut batch, &Side::Person(answered), Some(link.id)).await?;
            }
            (Answer::Card(told), _) => put_card(&mut batch, told, Some(link.id)).await?,
            (Answer::Nothing, Of::Google) => {
                let person = link.resource.clone().unwrap_or_default();
                ledger.put(&mut batch, &Side::NoPerson(&person), Some(link.id)).await?;
            }
            (Answer::Nothing, Of::Crm) => {
                let record = link.record.clone().unwrap_or_default();
                cards::gone(&mut batch, (link.entity, &record), Some(link.id)).await?;
            }
        }
        links::put(&mut batch, &link).await?;
        // It is planned for like an edit of a person.
        links::soil(&mut batch, link.id).await?;
        intents::done(&mut batch, link.id).await?;
        ledger.note(&mut batch, link.id, undo.rule(), kind(act), &content).await?;
        undos::count(&mut batch, undo.of).await?;
        Ok(batch.commit().await?)
    }

    /// Finds out what came of an act of a run that was cut off.
    pub(super) async fn undo_settled(
        &mut self,
        intent: &Intent,
        link: Link,
        (undo, meant): (&TakingBack, &Meant),
    ) -> Result<(), Missed> {
        let before = Link { state: undo.state, ..link.clone() };
        match self.came(intent, &link, (&undo.act, meant)).await {
            Ok(Some(answer)) => self.took_back(link, undo, answer).await,
            // It did not happen: this run tries it again while it is as it was shown.
            Ok(None) => {
                self.unmean(&before).await?;
                self.look_again(&before).await
            }
            Err(missed @ (Missed::Stop(_) | Missed::Unknown(_))) => Err(missed),
            Err(missed) => {
                tracing::warn!(link.id = %link.id, ?missed, "nobody can tell what came of an undo, it is left");
                self.undo_given_up(&before, undo, true).await.map(drop)
            }
        }
    }

    async fn came(
        &self,
        intent: &Intent,
        link: &Link,
        (act, meant): (&Act, &Meant),
    ) -> Result<Option<Answer>, Missed> {
        if matches!(act, Act::Bring { side: Of::Crm, .. }) {
            let mut made = self.made_since(intent, link, meant).await?.into_iter();
            return match (made.next(), made.next()) {
                (Some(told), None) => Ok(Some(Answer::Card(Box::new(told)))),
                (None, _) => Ok(None),
                (Some(_), Some(_)) => {
                    Err(Missed::Refused("several records may be the one that was made".to_owned()))
                }
            };
        }
        if act.side() == Of::Google {
            let found = self.google().get(link.resource.as_deref().unwrap_or_default()).await;
            return Ok(match (act, found) {
                (Act::Remove { .. }, Err(Missed::Gone)) => Some(Answer::Nothing),
                (Act::Restore { to, .. }, Ok(it)) if shows(&it.person.record, to) => {
                    Some(Answer::Person(Box::new(it)))
                }
                (_, Ok(_) | Err(Missed::Gone)) => None,
                (_, Err(other)) => return Err(other),
            });
        }
        let found = self.crm.get(link.entity, link.record.as_deref().unwrap_or_default()).await;
        Ok(match (act, found) {
            (Act::Remove { .. }, Err(Missed::Gone)) => Some(Answer::Nothing),
            (Act::Restore { to, .. }, Ok(it)) if shows(&it.card.record, to) => {
                Some(Answer::Card(Box::new(it)))
            }
            (_, Ok(_) | Err(Missed::Gone)) => None,
            (_, Err(other)) => return Err(other),
        })
    }
}

/// The person of a link is there again, and left alone.
pub(super) fn came_back(link: &mut Link, answered: &Answered) {
    link.resource = Some(answered.person.resource.clone());
    link.source.clone_from(&answered.person.source);
    link.base = Base::of(answered.person.record.clone(), Record::new());
    link.state = State::Detached;
}

/// The word of an intent and of the journal.
fn kind(act: &Act) -> &'static str {
    match act {
        Act::Restore { side: Of::Google, .. } => "write-person",
        Act::Restore { side: Of::Crm, .. } | Act::Turn { .. } => "write-record",
        Act::Remove { side: Of::Google, .. } => "delete-person",
        Act::Remove { side: Of::Crm, .. } => "delete-record",
        Act::Bring { side: Of::Google, .. } => MAKE_PERSON,
        Act::Bring { side: Of::Crm, .. } => MAKE_RECORD,
    }
}

// What is told of what came back.
fn brought(answer: &Answer) -> Json {
    match answer {
        Answer::Person(answered) => json!({ "written": answered.person.record }),
        Answer::Card(told) => json!({ "written": told.card.record }),
        Answer::Nothing => Json::Null,
    }
}
