//! What the CRM's contacts and leads can hold, and what may be done with them.
//!
//! It is asked for by itself, so that who has no contacts to keep in step pays nothing for it.

use postern_core::plan::contacts::card::Entity;
use postern_core::plan::contacts::words::Habits;
use serde_json::Value;

use super::{barred, part, seen, words};
use crate::crm::client::Client;
use crate::crm::fault::Fault;
use crate::crm::id::Id;

/// What the CRM's records of people are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleDescribed {
    /// Identity of our own user.
    pub me: String,
    /// Contacts.
    pub contact: Kind,
    /// Leads.
    pub lead: Kind,
    /// Parts that it did not show.
    pub unseen: Vec<&'static str>,
}

impl PeopleDescribed {
    /// A kind of record.
    #[must_use]
    pub fn kind(&self, entity: Entity) -> &Kind {
        match entity {
            Entity::Contact => &self.contact,
            Entity::Lead => &self.lead,
        }
    }
}

/// A kind of record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kind {
    /// Its words.
    pub habits: Habits,
    /// What our user may not do with any of them: of `create`, `read`, `edit`, `delete`.
    pub barred: Vec<&'static str>,
}

/// Asks the CRM what its records of people are, in four questions.
///
/// # Errors
/// When the key is refused, no answer comes, or it does not say what we may do.
pub async fn describe_people(client: &Client) -> Result<PeopleDescribed, Fault> {
    let who = part(client, "App", "user", None).await?;
    let me = who.pointer("/user/id").and_then(Value::as_str).and_then(Id::parse);
    let me = me.ok_or(Fault::Malformed("no word about who is asking"))?.to_string();
    let mut unseen = Vec::new();
    let settings = seen(part(client, "Settings", "", None).await, "Settings", &mut unseen)?;
    let middle = middle(&settings);
    let contact = kind(client, Entity::Contact, (&who, middle), &mut unseen).await?;
    let lead = kind(client, Entity::Lead, (&who, middle), &mut unseen).await?;
    Ok(PeopleDescribed { me, contact, lead, unseen })
}

async fn kind(
    client: &Client,
    entity: Entity,
    (who, middle): (&Value, Option<bool>),
    unseen: &mut Vec<&'static str>,
) -> Result<Kind, Fault> {
    let (name, of_fields) = match entity {
        Entity::Contact => (entity.name(), "fields of Contact"),
        Entity::Lead => (entity.name(), "fields of Lead"),
    };
    let fields = part(client, "Metadata", "", Some(format!("entityDefs.{name}.fields"))).await;
    let fields = seen(fields, of_fields, unseen)?;
    let usual = Habits::default();
    let habits = Habits {
        salutations: listed(&fields, "/salutationName/options").unwrap_or(usual.salutations),
        phone_kinds: listed(&fields, "/phoneNumber/typeList").unwrap_or(usual.phone_kinds),
        middle: middle.unwrap_or(usual.middle),
    };
    Ok(Kind { habits, barred: barred(who.pointer("/acl/table").and_then(|table| table.get(name))) })
}

// Names are written in one way for the whole CRM, and two of the four ways have a middle name.
fn middle(settings: &Value) -> Option<bool> {
    Some(settings.get("personNameFormat")?.as_str()?.contains("Middle"))
}

// A list that is told and holds no word leaves none to choose from.
fn listed(fields: &Value, at: &str) -> Option<Vec<String>> {
    let list = fields.pointer(at).filter(|list| list.is_array())?;
    Some(words(Some(list)).unwrap_or_default())
}
