//! What people do in the CRM while a test runs: as the pages of the CRM would, past the API.

use serde_json::{Map, Value, json};

use super::Crm;
use super::answer::{Answer, Shown};
use super::shape::Shape;
use super::world::{Actor, Standing};

/// One user at work. What is refused comes back as the CRM's reason.
#[derive(Debug)]
pub struct Hand<'a> {
    crm: &'a Crm,
    actor: Actor,
}

impl<'a> Hand<'a> {
    pub(crate) fn new(crm: &'a Crm, id: &str) -> Self {
        Self { crm, actor: Actor { id: id.to_owned(), standing: Standing::Person } }
    }

    /// Makes a record, for oneself unless it says for whom; its identity.
    ///
    /// # Errors
    /// The CRM's reason.
    pub fn create(&self, entity: &str, attributes: &Value) -> Result<String, String> {
        let mut input = object(attributes);
        input.entry("assignedUserId").or_insert_with(|| json!(self.actor.id));
        let shape = shape(entity)?;
        let made = told(self.crm.world(|world| world.create(&self.actor, shape, &input, true)))?;
        made["id"].as_str().map(str::to_owned).ok_or_else(|| "no identity".to_owned())
    }

    /// Changes a record.
    ///
    /// # Errors
    /// The CRM's reason.
    pub fn edit(&self, entity: &str, id: &str, attributes: &Value) -> Result<(), String> {
        let shape = shape(entity)?;
        let input = object(attributes);
        told(self.crm.world(|world| world.update(&self.actor, shape, id, &input))).map(drop)
    }

    /// Deletes a record.
    ///
    /// # Errors
    /// The CRM's reason.
    pub fn delete(&self, entity: &str, id: &str) -> Result<(), String> {
        let shape = shape(entity)?;
        told(self.crm.world(|world| world.delete(&self.actor, shape, id))).map(drop)
    }

    /// Gives a record to somebody else.
    ///
    /// # Errors
    /// The CRM's reason.
    pub fn assign(&self, entity: &str, id: &str, user: &str) -> Result<(), String> {
        self.edit(entity, id, &json!({ "assignedUserId": user }))
    }

    /// Answers an invitation: `Accepted`, `Tentative` or `Declined`. Nothing else changes, not even
    /// the time of the last change.
    ///
    /// # Errors
    /// The CRM's reason; an empty one for who was not invited.
    pub fn answer(&self, entity: &str, id: &str, status: &str) -> Result<(), String> {
        let shape = shape(entity)?;
        let input = object(&json!({ "id": id, "status": status }));
        told(self.crm.world(|world| world.accept(&self.actor, shape, &input))).map(drop)
    }

    /// Adds a record through the relation panel, which leaves the time of the last change alone.
    ///
    /// # Errors
    /// The CRM's reason.
    pub fn relate(&self, entity: &str, id: &str, link: &str, foreign: &str) -> Result<(), String> {
        self.related(entity, id, link, foreign, true)
    }

    /// Takes a record out of the relation panel.
    ///
    /// # Errors
    /// The CRM's reason.
    pub fn unrelate(&self, entity: &str, id: &str, link: &str, foreign: &str) -> Result<(), String> {
        self.related(entity, id, link, foreign, false)
    }

    fn related(&self, entity: &str, id: &str, link: &str, foreign: &str, adds: bool) -> Result<(), String> {
        let shape = shape(entity)?;
        let input = object(&json!({ "id": foreign }));
        told(self.crm.world(|world| world.relate(&self.actor, (shape, id, link), &input, adds))).map(drop)
    }

    /// Turns a lead into a contact, which keeps its names and addresses; the identity of the contact.
    ///
    /// # Errors
    /// The CRM's reason.
    pub fn convert(&self, lead: &str) -> Result<String, String> {
        let mut attributes = object(&self.original("Lead", lead)?);
        attributes.retain(|name, _| !matches!(name.as_str(), "status" | "accountName"));
        let contact = self.create("Contact", &Value::Object(attributes))?;
        self.edit("Lead", lead, &json!({ "status": "Converted" }))?;
        self.crm.world(|world| {
            let now = world.now();
            if let Some(record) = world.record_mut("Lead", lead) {
                record.fields.insert("createdContactId".to_owned(), json!(contact));
                record.fields.insert("convertedAt".to_owned(), json!(now));
            }
            if let Some(record) = world.record_mut("Contact", &contact) {
                record.fields.insert("originalLeadId".to_owned(), json!(lead));
            }
        });
        Ok(contact)
    }

    /// Merges one record into another: the loser is deleted, the winner gets its addresses and numbers
    /// as well.
    ///
    /// # Errors
    /// The CRM's reason.
    pub fn merge(&self, entity: &str, winner: &str, loser: &str) -> Result<(), String> {
        let (kept, lost) = (self.original(entity, winner)?, self.original(entity, loser)?);
        let both = |name: &str| -> Value {
            let rows = |record: &Value| record[name].as_array().cloned().unwrap_or_default();
            let others = rows(&lost).into_iter().map(|mut row| {
                row["primary"] = json!(false);
                row
            });
            rows(&kept).into_iter().chain(others).collect()
        };
        let (addresses, numbers) = (both("emailAddressData"), both("phoneNumberData"));
        let merged = json!({ "emailAddressData": addresses, "phoneNumberData": numbers });
        self.edit(entity, winner, &merged)?;
        self.delete(entity, loser)
    }

    /// Takes back a deletion.
    pub fn restore(&self, entity: &str, id: &str) {
        let place = (entity.to_owned(), id.to_owned());
        self.crm.world(|world| world.records.get_mut(&place).map(|record| record.deleted = false));
    }

    fn original(&self, entity: &str, id: &str) -> Result<Value, String> {
        self.crm.record(entity, id).ok_or_else(|| format!("Record {id} does not exist."))
    }

    /// Duplicates a record with everything in it, custom fields too; the identity of the copy.
    ///
    /// # Errors
    /// The CRM's reason.
    pub fn copy(&self, entity: &str, id: &str) -> Result<String, String> {
        let mut attributes = object(&self.original(entity, id)?);
        attributes.retain(|name, _| !name.ends_with("Columns") && name != "duration");
        self.create(entity, &Value::Object(attributes))
    }
}

fn shape(entity: &str) -> Result<&'static Shape, String> {
    Shape::of(entity).ok_or_else(|| format!("Controller '{entity}' does not exist."))
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn told(answer: Answer) -> Result<Value, String> {
    match answer.body {
        Shown::Json(body) if answer.status < 300 => Ok(body),
        _ => Err(answer.reason.unwrap_or_default()),
    }
}
