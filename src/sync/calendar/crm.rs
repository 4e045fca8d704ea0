//! Effects in the CRM. It knows no versions: what is written is looked at
//! directly before, and only the changed attributes are sent.

use postern_core::plan::calendar::entry::{self, Entity, Entry, Habits};
use postern_core::plan::calendar::people::{People, touched};
use postern_core::plan::record::Record;
use serde_json::{Map, Value as Json, json};

use crate::crm::client::Client;
use crate::crm::describe::Described;
use crate::crm::fault::Fault;
use crate::crm::query::{Filter, Order, Query};
use crate::crm::records::{Lookup, RecordId};
use crate::sync::missed::Missed;

/// Records in one answer.
const MADE: usize = 200;

/// The CRM and what it is.
#[derive(Clone, Copy)]
pub(in crate::sync) struct Crm<'a> {
    pub client: &'a Client,
    pub described: &'a Described,
}

/// A record as the CRM answered it.
pub(super) struct Answered {
    pub raw: Map<String, Json>,
    pub entry: Entry,
}

impl Crm<'_> {
    fn habits(&self, entity: Entity) -> &Habits {
        &self.described.kind(entity).habits
    }

    pub(super) async fn get(&self, entity: Entity, id: &str) -> Result<Answered, Missed> {
        match self.client.get(entity.name(), &name(id)?).await? {
            Lookup::Found(record) => self.read(entity, record.into_map()),
            Lookup::Gone => Err(Missed::Gone),
            Lookup::NoAccess => Err(Missed::Barred),
        }
    }

    /// Writes fields of a record that still shows what was planned for.
    pub(super) async fn update(&self, planned: &Entry, changes: &Record) -> Result<Answered, Missed> {
        self.unchanged(planned).await?;
        self.put(planned, entry::body(planned.entity, changes, self.habits(planned.entity))).await
    }

    /// Calls a record off that still shows what was planned for.
    pub(super) async fn call_off(&self, planned: &Entry) -> Result<Answered, Missed> {
        let word = self.habits(planned.entity).not_held.first().map_or("Not Held", String::as_str);
        self.turn(planned, word).await
    }

    /// Gives a record another status that still shows what was planned for.
    pub(super) async fn turn(&self, planned: &Entry, status: &str) -> Result<Answered, Missed> {
        self.unchanged(planned).await?;
        self.put(planned, Map::from_iter([("status".to_owned(), json!(status))])).await
    }

    /// Tells the CRM which event it is, where it has a field for that.
    pub(super) async fn name_event(
        &self,
        planned: &Entry,
        event: Option<&str>,
    ) -> Result<Option<Answered>, Missed> {
        let Some(field) = &self.habits(planned.entity).event_field else { return Ok(None) };
        self.put(planned, Map::from_iter([(field.clone(), json!(event))])).await.map(Some)
    }

    /// Writes who takes part in a record that was looked at right before.
    pub(super) async fn put_people(&self, seen: &Entry, body: Map<String, Json>) -> Result<Answered, Missed> {
        self.put(seen, body).await
    }

    pub(super) async fn delete(&self, planned: &Entry) -> Result<(), Missed> {
        match self.unchanged(planned).await {
            Ok(()) => {}
            Err(Missed::Gone) => return Ok(()),
            Err(other) => return Err(other),
        }
        match self.client.delete(planned.entity.name(), &name(&planned.id)?).await {
            Ok(()) | Err(Fault::NotFound) => Ok(()),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Deletes a record that we made and that nobody else has touched; who was put in by us is
    /// nobody's touch.
    pub(super) async fn discard(&self, planned: &Entry, people: &People) -> Result<(), Missed> {
        match self.get(planned.entity, &planned.id).await {
            Ok(now) if touched(&now.raw, &self.described.me, people) => Err(Missed::Changed),
            Ok(_) => self.delete(planned).await,
            Err(Missed::Gone) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// Makes a record; nothing protects from making it twice but the caller.
    pub(super) async fn create(
        &self,
        entity: Entity,
        fields: &Record,
        (user, team): (&str, Option<&str>),
        event: &str,
    ) -> Result<Answered, Missed> {
        let habits = self.habits(entity);
        let mut body = entry::body(entity, fields, habits);
        body.insert("assignedUserId".to_owned(), json!(user));
        if let Some(team) = team {
            body.insert("teamsIds".to_owned(), json!([team]));
        }
        body.insert("status".to_owned(), json!(habits.planned));
        if let Some(field) = &habits.event_field {
            body.insert(field.clone(), json!(event));
        }
        let made = match self.client.create(entity.name(), &body).await {
            // Nothing of it exists yet that could be seen again: a person has to know.
            Err(fault @ Fault::NoAccess { .. }) => return Err(Missed::Refused(fault.to_string())),
            made => made?,
        };
        // The answer to a creation tells some attributes as they were sent.
        match self.get(entity, made.id().as_str()).await {
            Ok(answered) => Ok(answered),
            Err(_) => self.read(entity, made.into_map()),
        }
    }

    /// Records that we have made since then, of which `only` holds, in the order of their making;
    /// none when there are more than [`MADE`].
    pub(super) async fn made_since(
        &self,
        entity: Entity,
        since: &str,
        only: Option<(&str, &str)>,
    ) -> Result<Option<Vec<Answered>>, Missed> {
        let habits = self.habits(entity);
        let mut query = Query::new()
            .select(&crate::crm::meeting::changes(entity, habits))
            .filter(Filter::equals("createdById", &self.described.me))
            .filter(Filter::at_least("createdAt", since))
            .order("createdAt", Order::Asc)
            .page(0, MADE)
            .without_total();
        if let Some((attribute, value)) = only {
            query = query.filter(Filter::equals(attribute, value));
        }
        let page = self.client.list(entity.name(), &query).await?;
        if page.more {
            return Ok(None);
        }
        let read = page.records.into_iter().map(|record| self.read(entity, record.into_map()));
        read.collect::<Result<_, _>>().map(Some)
    }

    /// The attribute that names a record's event, where the CRM has one.
    pub(super) fn event_field(&self, entity: Entity) -> Option<&str> {
        self.habits(entity).event_field.as_deref()
    }

    async fn put(&self, planned: &Entry, body: Map<String, Json>) -> Result<Answered, Missed> {
        let written = self.client.update(planned.entity.name(), &name(&planned.id)?, &body).await;
        self.read(planned.entity, written?.into_map())
    }

    // Somebody may have written since; the second that is left is told in the reference.
    async fn unchanged(&self, planned: &Entry) -> Result<(), Missed> {
        let now = self.get(planned.entity, &planned.id).await?.entry;
        let same = now.standing == planned.standing && now.user == planned.user && shows(&now, planned);
        if same { Ok(()) } else { Err(Missed::Changed) }
    }

    fn read(&self, entity: Entity, raw: Map<String, Json>) -> Result<Answered, Missed> {
        match entry::read(entity, &raw, self.habits(entity)) {
            Some(entry) => Ok(Answered { raw, entry }),
            None => Err(Missed::Unknown("a record without an identity".to_owned())),
        }
    }
}

// A list may have cut what the record itself tells in full.
fn shows(now: &Entry, planned: &Entry) -> bool {
    planned.record.iter().all(|(field, value)| now.record.get(field) == Some(value))
}

fn name(id: &str) -> Result<RecordId, Missed> {
    RecordId::parse(id).ok_or_else(|| Missed::Refused("no identity of a record".to_owned()))
}
