//! Records of the CRM that are made, written and deleted.

use postern_core::plan::contacts::card::{Card, Entity};
use postern_core::plan::contacts::operation::Operation;
use postern_core::plan::contacts::person::Person;
use postern_core::plan::link::{Base, Side as Origin};
use postern_core::plan::record::Record;
use serde_json::json;

use super::cast::called;
use super::ledger::{Side, told};
use super::perform::echo;
use super::run::Run;
use crate::crm::contacts::Told;
use crate::crm::contacts::written::Made;
use crate::store::contacts::links::Link;
use crate::store::contacts::seen;
use crate::sync::missed::Missed;
use crate::sync::more::More;

/// The kind of an intent to make a record.
pub(super) const MAKE_RECORD: &str = "make-record";

impl Run<'_> {
    /// Makes a record of a person of the group.
    pub(super) async fn make_record(
        &mut self,
        person: &Person,
        entity: Entity,
        record: &Record,
        operation: &Operation,
    ) -> Result<(), Missed> {
        let link = Link {
            resource: Some(person.resource.clone()),
            source: person.source.clone(),
            dirty: false,
            ..self.link(entity, Origin::Google)?
        };
        let body = json!({
            "record": record, "crm": record, "google": person.record, "rule": operation.rule.name(),
        });
        let mut batch = self.ledger().batch().await?;
        if !self.ledger().begin(&mut batch, &link, MAKE_RECORD, &body).await? {
            return Ok(());
        }
        batch.commit().await?;
        match self.crm.create(entity, record).await {
            Ok(Made::Made(told)) => {
                self.made_record(link, (&person.record, &told), operation, More::Nothing).await
            }
            Ok(Made::Duplicate(alike)) => {
                self.forget(&link).await?;
                self.duplicate(person, entity, &alike).await
            }
            Err(missed @ (Missed::Refused(_) | Missed::Barred)) => {
                self.forget(&link).await?;
                let why = match missed {
                    Missed::Refused(why) => why,
                    _ => "the CRM's API user may not make such a record".to_owned(),
                };
                self.counts.failed += 1;
                self.bury(&person.resource, Origin::Crm, &why).await?;
                self.planned_person(person).await
            }
            Err(Missed::Unknown(why)) => {
                tracing::warn!(link.id = %link.id, why, "nobody knows whether a record was made, the next run looks");
                self.counts.failed += 1;
                Ok(())
            }
            Err(other) => {
                self.forget(&link).await?;
                Err(other)
            }
        }
    }

    /// Remembers a record that was made of what the person showed then.
    pub(super) async fn made_record(
        &mut self,
        mut link: Link,
        (shown, told): (&Record, &Told),
        operation: &Operation,
        more: More,
    ) -> Result<(), Missed> {
        link.record = Some(told.card.id.clone());
        link.base = Base::of(shown.clone(), told.card.record.clone());
        self.counts.made += 1;
        let content = json!({ "written": told.card.record });
        self.done(link, &Side::Card(told), (operation, MAKE_RECORD, &content), more).await
    }

    // The CRM's word is taken: a person says who it is.
    async fn duplicate(&mut self, person: &Person, entity: Entity, alike: &[Card]) -> Result<(), Missed> {
        let ids: Vec<String> = alike.iter().map(|card| card.id.clone()).collect();
        let visible = self.crm.client.visible(entity, self.crm.sight, &ids).await?;
        // Of others nobody hears more than that they are there.
        let seen: Vec<Card> = alike.iter().filter(|card| visible.contains(&card.id)).cloned().collect();
        self.ask_duplicate(&person.resource, &called(None, &person.record), &seen).await?;
        self.planned_person(person).await
    }

    async fn planned_person(&self, person: &Person) -> Result<(), Missed> {
        let mut batch = self.ledger().batch().await?;
        let row = seen::get(self.store, &mut batch, self.book.id, &person.resource).await?;
        if let Some(row) = row.filter(|row| row.hash == person.fingerprint()) {
            seen::clean(&mut batch, self.book.id, &row).await?;
        }
        Ok(batch.commit().await?)
    }

    /// Writes fields of a record.
    pub(super) async fn write_record(
        &mut self,
        card: &Card,
        mut link: Link,
        (changes, agreed): (&Record, &Base),
        operation: &Operation,
    ) -> Result<(), Missed> {
        let content = told(&link.base, changes, operation);
        let meant = json!({ "record": changes, "agreed": agreed, "rule": operation.rule.name() });
        if !self.ledger().mean(link.id, "write-record", &meant).await? {
            return Ok(());
        }
        match self.crm.update(card, changes).await {
            Ok(answered) => {
                link.base.google.extend(&agreed.google);
                echo(&mut link.base.crm, (changes, &agreed.crm), &answered.card.record);
                self.counts.written += 1;
                // Somebody may have written between our look and our write.
                let edited = meanwhile(card, changes, &answered.card);
                let more = if edited { More::Edits } else { More::Nothing };
                self.done(link, &Side::Card(&answered), (operation, "write-record", &content), more).await
            }
            Err(missed) => self.missed(link, Origin::Crm, missed).await,
        }
    }

    /// Deletes a record that was made of a person who is gone.
    pub(super) async fn delete_record(
        &mut self,
        card: &Card,
        link: Link,
        operation: &Operation,
    ) -> Result<(), Missed> {
        // Nothing but Google's own word proves that the person is gone.
        if let Some(resource) = &link.resource {
            match self.google().get(resource).await {
                Err(Missed::Gone) => {}
                Ok(_) => return self.look_again(&link).await,
                Err(other) => return Err(other),
            }
        }
        if !self.ledger().mean(link.id, "delete-record", &json!({})).await? {
            return Ok(());
        }
        match self.crm.delete(card).await {
            Ok(()) => {
                let mut batch = self.ledger().batch().await?;
                crate::store::contacts::cards::gone(&mut batch, (card.entity, &card.id), Some(link.id))
                    .await?;
                batch.commit().await?;
                let content = json!({ "before": card.record, "user": card.user });
                let person = link.resource.clone().unwrap_or_default();
                self.removed(link, &Side::NoPerson(&person), (operation, "delete-record", &content)).await
            }
            Err(missed) => self.missed(link, Origin::Crm, missed).await,
        }
    }
}

fn meanwhile(planned: &Card, sent: &Record, answered: &Card) -> bool {
    let other = |field| sent.get(field).is_none() && planned.record.get(field) != answered.record.get(field);
    planned.stage != answered.stage || planned.record.iter().any(|(field, _)| other(field))
}
