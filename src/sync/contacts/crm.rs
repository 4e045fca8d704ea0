//! Effects in the CRM, each on a record that was read right before and that the user may see.

use postern_core::plan::contacts::card::{self, Card, Entity};
use postern_core::plan::record::Record;
use serde_json::{Map, Value as Json, json};

use crate::crm::client::Client;
use crate::crm::contacts::written::{Looked, Made};
use crate::crm::contacts::{Sight, Told};
use crate::crm::records::RecordId;
use crate::sync::missed::Missed;

/// The CRM, as far as a user may see it.
#[derive(Clone, Copy)]
pub(super) struct Crm<'a> {
    pub client: &'a Client,
    pub sight: Sight<'a>,
}

impl Crm<'_> {
    /// The record with everything it says.
    pub async fn get(&self, entity: Entity, id: &str) -> Result<Told, Missed> {
        found(self.client.get_card(entity, &name(id)?).await?)
    }

    /// Writes fields of a record that still shows what was planned for.
    pub async fn update(&self, planned: &Card, changes: &Record) -> Result<Told, Missed> {
        let now = self.unchanged(planned).await?;
        let body = card::body(planned.entity, changes, &now.raw);
        let written = found(self.client.update_card(planned.entity, &name(&planned.id)?, &body).await?)?;
        // An answer may tell some attributes as they were sent.
        match self.get(planned.entity, &planned.id).await {
            Ok(told) => Ok(told),
            Err(_) => Ok(written),
        }
    }

    /// Deletes a record that still shows what was planned for.
    pub async fn delete(&self, planned: &Card) -> Result<(), Missed> {
        match self.unchanged(planned).await {
            Ok(_) => {}
            Err(Missed::Gone) => return Ok(()),
            Err(other) => return Err(other),
        }
        match self.client.delete_card(planned.entity, &name(&planned.id)?).await? {
            Looked::Found(()) | Looked::Gone => Ok(()),
            Looked::NoAccess => Err(Missed::Barred),
        }
    }

    /// Makes a record that is assigned to the user; nothing protects from making it twice but the
    /// caller, and the CRM's own look for what is the same.
    pub async fn create(&self, entity: Entity, fields: &Record) -> Result<Made, Missed> {
        let mut body = card::body(entity, fields, &Map::new());
        body.insert("assignedUserId".to_owned(), json!(self.sight.user));
        let made = match self.client.create_card(entity, &body).await? {
            Made::Made(made) => made,
            Made::Duplicate(all) => return Ok(Made::Duplicate(all)),
        };
        match self.get(entity, &made.card.id).await {
            Ok(told) => Ok(Made::Made(Box::new(told))),
            Err(_) => Ok(Made::Made(made)),
        }
    }

    // Somebody may have written since; the second that is left is told in the reference.
    async fn unchanged(&self, planned: &Card) -> Result<Told, Missed> {
        let now = self.get(planned.entity, &planned.id).await?;
        if !self.sight.shows(&now.card) {
            return Err(Missed::Barred);
        }
        let same = planned.record.iter().all(|(field, value)| now.card.record.get(field) == Some(value));
        if same && now.card.stage == planned.stage { Ok(now) } else { Err(Missed::Changed) }
    }
}

fn found<T>(looked: Looked<T>) -> Result<T, Missed> {
    match looked {
        Looked::Found(told) => Ok(told),
        Looked::Gone => Err(Missed::Gone),
        Looked::NoAccess => Err(Missed::Barred),
    }
}

fn name(id: &str) -> Result<RecordId, Missed> {
    RecordId::parse(id).ok_or_else(|| Missed::Refused("no identity of a record".to_owned()))
}

/// Reads what is stored of a record.
pub(super) fn stored(entity: Entity, content: &str) -> Option<(Card, Map<String, Json>)> {
    let raw: Map<String, Json> = serde_json::from_str(content).ok()?;
    Some((card::read(entity, &raw)?, raw))
}
