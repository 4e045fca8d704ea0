//! Operations, each meant before it is done and remembered with its answer.

use std::collections::BTreeSet;

use postern_core::model::id::PairId;
use postern_core::plan::contacts::card::Entity;
use postern_core::plan::contacts::compose::Pair;
use postern_core::plan::contacts::operation::{Adoption, Operation, Subject, What};
use postern_core::plan::contacts::person::{self, Mark, Person};
use postern_core::plan::link::{Base, Side as Origin, State};
use postern_core::plan::record::Record;
use postern_core::plan::seen::Seen;
use serde_json::{Value as Json, json};

use super::cast::whole;
use super::ledger::{Side, key, put_asked, put_card, told};
use super::make::{MAKE_PERSON, Making};
use super::pushed::LINKED;
use super::run::Run;
use super::stage::Stage;
use crate::google::people::limits::MEMBERS;
use crate::store::StoreError;
use crate::store::contacts::links::{self, Link};
use crate::store::contacts::{intents, seen};
use crate::store::sync::{dead_letters, undos};
use crate::sync::missed::Missed;
use crate::sync::more::More;

/// Writes of an hour after which a person has to look.
const CHURN: i64 = 10;

impl Run<'_> {
    /// Does everything that a plan says and no guard holds: who is made is made in batches, who comes
    /// into the group comes at once, the rest one after another. Of whom the next plan has to say it
    /// again.
    pub(super) async fn perform_all(
        &mut self,
        stage: &Stage,
        all: Vec<Operation>,
    ) -> Result<BTreeSet<Subject>, Missed> {
        let (all, later) = self.whole_first(stage, all).await?;
        self.join(stage, &all).await?;
        let (mut making, mut deletions) = (Vec::new(), Vec::new());
        for operation in all {
            if let Some(making_of) = Making::of(stage, &operation) {
                making.push((making_of, operation));
            } else if matches!(operation.what, What::Delete(_) | What::RemoveTwin(..)) {
                deletions.push(operation);
            } else {
                self.one(stage, &operation).await?;
            }
        }
        Box::pin(self.make_all(making)).await?;
        for operation in deletions {
            self.one(stage, &operation).await?;
        }
        Ok(later)
    }

    async fn one(&mut self, stage: &Stage, operation: &Operation) -> Result<(), Missed> {
        self.tell().await?;
        let performed = Box::pin(self.perform(stage, operation)).await;
        self.alone(performed)?;
        self.counts.done += 1;
        Ok(())
    }

    // Being in a group twice is being in it once, so that it is done before it is remembered.
    async fn join(&mut self, stage: &Stage, all: &[Operation]) -> Result<(), Missed> {
        let joins = |operation: &Operation| match (&operation.what, &operation.subject) {
            (What::Adopt(adoption), _) if adoption.joins => Some(adoption.person.clone()),
            (What::Rejoin, Subject::Link(id)) => stage.pair(*id)?.0.resource.clone(),
            _ => None,
        };
        let names: Vec<String> = all.iter().filter_map(joins).collect();
        for names in names.chunks(MEMBERS) {
            self.google().join(&self.group, names).await?;
        }
        // Else they would seem to have left it.
        self.read_again(&names).await
    }

    async fn perform(&mut self, stage: &Stage, operation: &Operation) -> Result<(), Missed> {
        match (&operation.subject, &operation.what) {
            (Subject::Link(id), what) => match stage.pair(*id) {
                Some((link, pair)) => {
                    // An earlier operation of this run may have written it; it is cleaned of what the plan saw.
                    let known = links::get(self.store, &mut self.store.read().await?, link.id).await?;
                    let link = Link { soils: link.soils, ..known.unwrap_or_else(|| link.clone()) };
                    self.on_link(stage, (link, pair), what, operation).await
                }
                None => Ok(()),
            },
            (_, What::Adopt(adoption)) => self.adopt(stage, adoption, operation).await,
            (Subject::Person(resource), What::MakeRecord(entity, record)) => match stage.person(resource) {
                Some(person) => self.make_record(person, *entity, record, operation).await,
                None => Ok(()),
            },
            (_, What::RemoveTwin(resource, _)) => self.remove_twin(stage, resource, operation).await,
            (Subject::Group(_), What::LetAll) => self.let_go_of_the_group().await,
            _ => Ok(()),
        }
    }

    // Whoever stands in a further group that is there stays in step by that.
    async fn let_go_of_the_group(&self) -> Result<(), Missed> {
        let mut batch = self.ledger().batch().await?;
        if self.book.choices.monitored.is_empty() {
            links::let_all(&mut batch, self.book.id).await?;
            return Ok(batch.commit().await?);
        }
        let mut kept = BTreeSet::new();
        for row in seen::linked(self.store, &mut batch, self.book.id, true).await? {
            let raw = row.content.as_deref().and_then(|text| serde_json::from_str(text).ok());
            let person = raw.and_then(|raw| person::read(&raw));
            let there =
                |name: &String| !self.lost.contains(name) && self.book.choices.monitored.contains(name);
            if person.is_some_and(|person| person.groups.iter().any(there)) {
                kept.insert(row.resource);
            }
        }
        for link in links::of_book(self.store, &mut batch, self.book.id, true).await? {
            let stays = link.resource.as_ref().is_some_and(|resource| kept.contains(resource));
            if link.state == State::Active && !stays {
                links::put(&mut batch, &Link { state: State::Detached, ..link }).await?;
            }
        }
        Ok(batch.commit().await?)
    }

    async fn on_link(
        &mut self,
        stage: &Stage,
        (mut link, pair): (Link, &Pair),
        what: &What,
        operation: &Operation,
    ) -> Result<(), Missed> {
        match (what, &pair.google, &pair.crm) {
            (What::Remember(agreed), ..) => {
                link.base.google.extend(&agreed.google);
                link.base.crm.extend(&agreed.crm);
                self.settled(&link).await
            }
            (What::Let(state), ..) => {
                if operation.leaves() && !self.has_left(&link).await? {
                    return Ok(());
                }
                link.state = *state;
                link.visible = pair.visible;
                self.settled(&link).await
            }
            (What::Close, ..) => self.forget(&link).await,
            (What::Rejoin, ..) => {
                link.state = State::Active;
                link.visible = pair.visible;
                self.again(&link, operation).await
            }
            (What::Relink(entity, record), ..) => self.relink(link, (*entity, record), operation).await,
            (What::Rename(resource), ..) => self.rename(stage, link, resource, operation).await,
            (What::WriteGoogle(changes, agreed), Seen::Live(person), _) => {
                self.write_person(stage, person, link, (changes, agreed), operation).await
            }
            (What::WriteCrm(changes, agreed), _, Seen::Live(card)) => {
                self.write_record(card, link, (changes, agreed), operation).await
            }
            (What::Delete(Origin::Google), Seen::Live(person), _) => {
                self.delete_person(person, link, operation).await
            }
            (What::Delete(Origin::Crm), _, Seen::Live(card)) => {
                self.delete_record(card, link, operation).await
            }
            _ => Ok(()),
        }
    }

    /// Only our own memory changes.
    pub(super) async fn settled(&self, link: &Link) -> Result<(), Missed> {
        let mut batch = self.ledger().batch().await?;
        links::put(&mut batch, link).await?;
        links::clean(&mut batch, link).await?;
        Ok(batch.commit().await?)
    }

    // It is to be planned for once more.
    async fn again(&self, link: &Link, operation: &Operation) -> Result<(), Missed> {
        let mut batch = self.ledger().batch().await?;
        links::put(&mut batch, link).await?;
        links::soil(&mut batch, link.id).await?;
        self.ledger().note(&mut batch, link.id, operation.rule, "keep", &json!({})).await?;
        if let Some(record) = link.record.as_deref() {
            self.end(&mut batch, (link.entity, record), LINKED).await?;
        }
        Ok(batch.commit().await?)
    }

    pub(super) async fn forget(&self, link: &Link) -> Result<(), Missed> {
        let mut batch = self.ledger().batch().await?;
        links::remove(&mut batch, link.id).await?;
        Ok(batch.commit().await?)
    }

    // A person and a record that are the same; what they differ in is planned for next.
    async fn adopt(
        &mut self,
        stage: &Stage,
        adoption: &Adoption,
        operation: &Operation,
    ) -> Result<(), Missed> {
        let Some(person) = stage.person(&adoption.person) else { return Ok(()) };
        let name = (adoption.entity, adoption.record.clone());
        let Some((listed, asked)) = stage.told(name.0, &name.1) else { return Ok(()) };
        // A list may tell none of their addresses and numbers but the first.
        let told = whole(self.crm, listed).await?;
        let mut base = adoption.base.clone();
        let untold = |field| base.google.get(field).is_some() && base.crm.get(field).is_none();
        let rest = told.card.record.picked(untold);
        base.crm.extend(&rest);
        let origin = match operation.subject {
            Subject::Card(..) => Origin::Crm,
            _ => Origin::Google,
        };
        let link = Link {
            resource: Some(person.resource.clone()),
            source: person.source.clone(),
            record: Some(name.1),
            base,
            ..self.link(adoption.entity, origin)?
        };
        let mut batch = self.ledger().batch().await?;
        // One of them has become another one's since it was planned for.
        if !links::add(&mut batch, &link).await? {
            return Ok(());
        }
        put_asked(&mut batch, &told, Some(link.id), asked).await?;
        self.ledger().note(&mut batch, link.id, operation.rule, "adopt", &json!({})).await?;
        self.end(&mut batch, (link.entity, &told.card.id), LINKED).await?;
        Ok(batch.commit().await?)
    }

    // Google calls the person of a link by another name, or it was made and no answer came.
    async fn rename(
        &mut self,
        stage: &Stage,
        mut link: Link,
        resource: &str,
        operation: &Operation,
    ) -> Result<(), Missed> {
        let Some(person) = stage.person(resource) else { return Ok(()) };
        let meant = self.meant(link.id).await?;
        let (made, mut rule, mut undo) = (meant.is_some(), operation.rule, None);
        if let Some(meant) = meant {
            rule = meant.rule().unwrap_or(rule);
            link.base = Base::of(meant.record, meant.crm);
            self.counts.made += 1;
            undo = meant.undo;
        }
        let before = link.resource.replace(resource.to_owned()).filter(|before| before != resource);
        link.source.clone_from(&person.source);
        let mut batch = self.ledger().batch().await?;
        if let Some(before) = before {
            self.ledger().put(&mut batch, &Side::NoPerson(&before), Some(link.id)).await?;
        }
        links::put(&mut batch, &link).await?;
        links::soil(&mut batch, link.id).await?;
        intents::done(&mut batch, link.id).await?;
        let (kind, content) =
            if made { (MAKE_PERSON, json!({ "written": person.record })) } else { ("rename", json!({})) };
        self.ledger().note(&mut batch, link.id, rule, kind, &content).await?;
        if let Some(undo) = undo {
            undos::count(&mut batch, undo.of).await?;
        }
        if let (true, Some(record)) = (made, link.record.as_deref()) {
            self.end(&mut batch, (link.entity, record), super::pushed::MADE).await?;
        }
        Ok(batch.commit().await?)
    }

    async fn relink(
        &mut self,
        mut link: Link,
        (entity, record): (Entity, &str),
        operation: &Operation,
    ) -> Result<(), Missed> {
        let told = match self.crm.get(entity, record).await {
            Ok(told) => told,
            Err(missed) => return self.missed(link, Origin::Crm, missed).await,
        };
        (link.entity, link.record) = (entity, Some(record.to_owned()));
        link.visible = self.crm.sight.shows(&told.card);
        let mut batch = self.ledger().batch().await?;
        links::put(&mut batch, &link).await?;
        put_card(&mut batch, &told, Some(link.id)).await?;
        links::soil(&mut batch, link.id).await?;
        self.ledger().note(&mut batch, link.id, operation.rule, "relink", &json!({})).await?;
        Ok(batch.commit().await?)
    }

    async fn write_person(
        &mut self,
        stage: &Stage,
        person: &Person,
        mut link: Link,
        (changes, agreed): (&Record, &Base),
        operation: &Operation,
    ) -> Result<(), Missed> {
        let Some(raw) = stage.whole.get(&person.resource) else { return Ok(()) };
        let content = told(&link.base, changes, operation);
        let meant = json!({ "record": changes, "agreed": agreed, "rule": operation.rule.name() });
        if !self.ledger().mean(link.id, "write-person", &meant).await? {
            return Ok(());
        }
        match self.google().update(person, raw, changes).await {
            Ok(answered) => {
                link.base.crm.extend(&agreed.crm);
                echo(&mut link.base.google, (changes, &agreed.google), &answered.person.record);
                self.counts.written += 1;
                let what = (operation, "write-person", &content);
                self.done(link, &Side::Person(&answered), what, More::Nothing).await
            }
            Err(missed) => self.missed(link, Origin::Google, missed).await,
        }
    }

    async fn delete_person(
        &mut self,
        person: &Person,
        link: Link,
        operation: &Operation,
    ) -> Result<(), Missed> {
        if !self.ledger().mean(link.id, "delete-person", &json!({})).await? {
            return Ok(());
        }
        match self.google().delete(person).await {
            Ok(()) => {
                let content = json!({ "before": person.record });
                self.removed(link, &Side::NoPerson(&person.resource), (operation, "delete-person", &content))
                    .await
            }
            Err(missed) => self.missed(link, Origin::Google, missed).await,
        }
    }

    /// What is gone on one side is nothing to be kept in step any more.
    pub(super) async fn removed(
        &mut self,
        mut link: Link,
        side: &Side<'_>,
        what: (&Operation, &str, &Json),
    ) -> Result<(), Missed> {
        link.state = State::Detached;
        self.counts.removed += 1;
        self.done(link, side, what, More::Nothing).await
    }

    async fn remove_twin(
        &mut self,
        stage: &Stage,
        resource: &str,
        operation: &Operation,
    ) -> Result<(), Missed> {
        let Some(person) = stage.person(resource) else { return Ok(()) };
        self.google().delete(person).await?;
        self.counts.removed += 1;
        let pair = person.marks.first().map_or(uuid::Uuid::nil(), |mark: &Mark| mark.pair);
        let mut batch = self.ledger().batch().await?;
        self.ledger().put(&mut batch, &Side::NoPerson(resource), None).await?;
        let content = json!({ "before": person.record });
        let link = PairId(pair);
        self.ledger().note(&mut batch, link, operation.rule, "remove-twin", &content).await?;
        Ok(batch.commit().await?)
    }

    /// Remembers an effect with its answer; a link that is written too often is left to a person.
    pub(super) async fn done(
        &self,
        mut link: Link,
        side: &Side<'_>,
        what: (&Operation, &str, &Json),
        more: More,
    ) -> Result<(), Missed> {
        let mut batch = self.ledger().batch().await?;
        let churn = self.ledger().done(&mut batch, &link, side, what).await?;
        match more {
            More::Nothing => links::clean(&mut batch, &link).await?,
            More::Edits => links::soil(&mut batch, link.id).await?,
        }
        if churn > CHURN && link.state == State::Active {
            tracing::warn!(link.id = %link.id, churn, "a link is written too often, a person has to look at it");
            link.state = State::Quarantined;
            links::put(&mut batch, &link).await?;
        }
        Ok(batch.commit().await?)
    }

    /// Takes note of an effect that was not had.
    pub(super) async fn missed(
        &mut self,
        mut link: Link,
        side: Origin,
        missed: Missed,
    ) -> Result<(), Missed> {
        match missed {
            Missed::Stop(stop) => {
                self.unmeant(&link).await?;
                Err(Missed::Stop(stop))
            }
            // The intent stays: the next run finds out.
            Missed::Unknown(why) => {
                tracing::warn!(link.id = %link.id, why, "nobody knows what came of a write, the next run looks");
                self.counts.failed += 1;
                Ok(())
            }
            Missed::Changed | Missed::Gone => self.look_again(&link).await,
            Missed::Barred => {
                link.visible = false;
                link.state = State::Frozen;
                self.unmeant(&link).await?;
                self.settled(&link).await
            }
            Missed::Refused(why) => {
                tracing::warn!(link.id = %link.id, why, "a change is refused, it waits for another edit");
                self.counts.failed += 1;
                self.bury(&key(&link), side, &why).await?;
                self.unmeant(&link).await?;
                self.settled(&link).await
            }
        }
    }

    /// A person finds it in the list, with the reason.
    pub(super) async fn bury(&self, about: &str, side: Origin, why: &str) -> Result<(), Missed> {
        let reason: String = why.chars().take(200).collect();
        let mut batch = self.ledger().batch().await?;
        let whose = (self.book.id, self.book.account);
        dead_letters::put(&mut batch, whose.0, whose.1, about, side, &reason, "{}").await?;
        Ok(batch.commit().await?)
    }

    async fn unmeant(&self, link: &Link) -> Result<(), Missed> {
        let mut batch = self.ledger().batch().await?;
        intents::done(&mut batch, link.id).await?;
        Ok(batch.commit().await?)
    }

    /// A link that does not know its sides yet.
    pub(super) fn link(&self, entity: Entity, origin: Origin) -> Result<Link, Missed> {
        let id = self.store.dice().id(self.store.clock()).map_err(StoreError::from)?;
        Ok(Link {
            id: PairId(id),
            account: self.book.account,
            book: self.book.id,
            resource: None,
            source: None,
            entity,
            record: None,
            origin,
            state: State::Active,
            visible: true,
            dirty: true,
            soils: 0,
            base: Base::default(),
        })
    }
}

// Of what was sent, what the side answered is what it shows; of the rest, what is agreed.
pub(super) fn echo(base: &mut Record, (sent, agreed): (&Record, &Record), answered: &Record) {
    for (field, value) in agreed.iter() {
        let shown = if sent.get(field).is_some() { answered.get(field) } else { None };
        base.set(field, shown.unwrap_or(value).clone());
    }
}
