//! Creating, changing and deleting records, in the order in which the CRM does it.

use serde_json::{Map, Value, json};

use super::answer::{Answer, Shown};
use super::events::settle_times;
use super::hooks::Happening;
use super::shape::Shape;
use super::validation::complaint;
use super::values::stored;
use super::world::{Actor, Record, Standing, World};

/// Fields that start with a value of their own.
const DEFAULTS: &[(&str, &str, &str)] = &[
    ("Meeting", "status", "\"Planned\""),
    ("Meeting", "isAllDay", "false"),
    ("Call", "status", "\"Planned\""),
    ("Call", "direction", "\"Outbound\""),
    ("Contact", "doNotCall", "false"),
    ("Lead", "doNotCall", "false"),
    ("Lead", "status", "\"New\""),
    ("Webhook", "isActive", "true"),
    ("Webhook", "skipOwn", "false"),
    ("EmailAccount", "status", "\"Active\""),
    ("EmailAccount", "useImap", "true"),
    ("EmailAccount", "monitoredFolders", "[\"INBOX\"]"),
    ("InboundEmail", "status", "\"Active\""),
    ("InboundEmail", "useImap", "true"),
];

impl World {
    /// `POST Entity`
    pub(crate) fn create(
        &mut self,
        actor: &Actor,
        shape: &'static Shape,
        input: &Map<String, Value>,
        unchecked: bool,
    ) -> Answer {
        self.try_create(actor, shape, input, unchecked).unwrap_or_else(|refusal| refusal)
    }

    fn try_create(
        &mut self,
        actor: &Actor,
        shape: &'static Shape,
        input: &Map<String, Value>,
        unchecked: bool,
    ) -> Result<Answer, Answer> {
        self.may_create(actor, shape)?;
        if let Some(complaint) = complaint(shape.entity, input, true) {
            return Err(complaint);
        }
        self.check_mail_account(actor, shape, None, input)?;
        self.check_webhook(shape, input)?;
        let now = self.now();
        let mut record = Record { id: self.new_id(), entity: shape.entity.to_owned(), ..Record::default() };
        for (_, name, value) in DEFAULTS.iter().filter(|(entity, ..)| *entity == shape.entity) {
            record.fields.insert((*name).to_owned(), serde_json::from_str(value).unwrap_or_default());
        }
        for (name, value) in [("createdAt", &now), ("modifiedAt", &now), ("streamUpdatedAt", &now)] {
            record.fields.insert(name.to_owned(), json!(value));
        }
        record.fields.insert("createdById".to_owned(), json!(actor.id));
        self.fill(actor, shape, None, input, &mut record)?;
        // Whose account it is only an administrator says.
        if shape.entity == "EmailAccount" && actor.standing != Standing::Admin {
            record.fields.insert("assignedUserId".to_owned(), json!(actor.id));
        }
        if !unchecked {
            self.check_duplicates(actor, shape, &record)?;
        }
        self.finish_webhook(&mut record);
        let created = self.created(&record, input);
        self.happened(actor, &record, &Happening::Created(&created));
        self.tell_assigned(actor, &record);
        self.records.insert((record.entity.clone(), record.id.clone()), record);
        let status = if shape.entity == "Webhook" { 201 } else { 200 };
        Ok(Answer { status, reason: None, body: Shown::Json(Value::Object(created)) })
    }

    fn may_create(&self, actor: &Actor, shape: &Shape) -> Result<(), Answer> {
        let staff_only = matches!(shape.entity, "User" | "Team" | "InboundEmail");
        if !self.opens(actor, shape.entity) || staff_only && actor.standing != Standing::Admin {
            return Err(Answer::because(403, "No create access."));
        }
        Ok(())
    }

    /// `PUT Entity/id`, and `PATCH`, which is the same.
    pub(crate) fn update(
        &mut self,
        actor: &Actor,
        shape: &'static Shape,
        id: &str,
        input: &Map<String, Value>,
    ) -> Answer {
        self.try_update(actor, shape, id, input).unwrap_or_else(|refusal| refusal)
    }

    fn try_update(
        &mut self,
        actor: &Actor,
        shape: &'static Shape,
        id: &str,
        input: &Map<String, Value>,
    ) -> Result<Answer, Answer> {
        let before = self.to_change(actor, shape, id, "edit")?;
        if let Some(complaint) = complaint(shape.entity, input, false) {
            return Err(complaint);
        }
        self.check_mail_account(actor, shape, Some(&before), input)?;
        self.check_moved_webhook(shape, input)?;
        let mut record = before.clone();
        self.fill(actor, shape, Some(&before), input, &mut record)?;
        // Even a request that changes nothing is a change.
        record.fields.insert("modifiedAt".to_owned(), json!(self.now()));
        record.fields.insert("modifiedById".to_owned(), json!(actor.id));
        self.happened(actor, &record, &Happening::Changed(&before));
        if stored(&before, "assignedUserId") != stored(&record, "assignedUserId") {
            self.tell_assigned(actor, &record);
        }
        let shown = self.shown(&record);
        self.records.insert((record.entity.clone(), record.id.clone()), record);
        Ok(Answer::ok(Value::Object(shown)))
    }

    /// `DELETE Entity/id`
    pub(crate) fn delete(&mut self, actor: &Actor, shape: &'static Shape, id: &str) -> Answer {
        let record = match self.to_change(actor, shape, id, "delete") {
            Ok(record) => record,
            Err(refusal) => return refusal,
        };
        if let Some(record) = self.record_mut(shape.entity, id) {
            record.deleted = true;
        }
        self.happened(actor, &record, &Happening::Deleted);
        Answer::ok(json!(true))
    }

    /// A record that an actor may change.
    pub(crate) fn to_change(
        &self,
        actor: &Actor,
        shape: &Shape,
        id: &str,
        act: &str,
    ) -> Result<Record, Answer> {
        let refused = || Answer::because(403, format!("No {act} access."));
        let staff_only = matches!(shape.entity, "User" | "Team" | "InboundEmail");
        if !self.opens(actor, shape.entity) {
            return Err(refused());
        }
        let record = self.record(shape.entity, id).ok_or_else(|| Answer::not_found(id))?;
        if !self.sees(actor, record) || staff_only && actor.standing != Standing::Admin {
            return Err(refused());
        }
        Ok(record.clone())
    }

    /// Writes what a request may set; the rest of it is ignored.
    fn fill(
        &mut self,
        actor: &Actor,
        shape: &'static Shape,
        before: Option<&Record>,
        input: &Map<String, Value>,
        record: &mut Record,
    ) -> Result<(), Answer> {
        for (name, value) in input.iter().filter(|(name, _)| self.accepts(shape, name)) {
            let value = match value {
                Value::String(text) if name != "description" && !name.ends_with("assword") => {
                    json!(text.trim())
                }
                other => other.clone(),
            };
            record.fields.insert(name.clone(), value);
        }
        for (link, entity) in shape.links {
            let attribute = format!("{link}Id");
            let id = input.get(&attribute).and_then(Value::as_str);
            if id.is_some_and(|id| self.record(entity, id).is_none()) {
                return Err(Answer::cannot_relate(shape.entity, link, entity));
            }
        }
        if record.teams().iter().any(|id| self.record("Team", id).is_none()) {
            return Err(Answer::cannot_relate(shape.entity, "teams", "Team"));
        }
        if shape.is_event() {
            settle_times(self.version, &self.zone, before, input, record);
            self.set_attendees(actor, input, record)?;
        }
        if shape.entity == "Contact" {
            set_role(before, input, record);
        }
        if matches!(shape.entity, "Contact" | "Lead" | "Account") {
            self.set_addresses(record, input);
        }
        Ok(())
    }

    /// A record with the same name, or one of the same addresses, stops a create.
    fn check_duplicates(&self, actor: &Actor, shape: &Shape, record: &Record) -> Result<(), Answer> {
        if !matches!(shape.entity, "Contact" | "Lead" | "Account") {
            return Ok(());
        }
        // A middle name does not tell people apart. So the CRM's code has it; it was not recorded.
        let name = |record: &Record| {
            let names = ["name", "firstName", "lastName"];
            names.map(|name| record.text(name).unwrap_or_default().to_lowercase())
        };
        let wanted = name(record);
        let alike = self.all(shape.entity).filter(|other| self.sees(actor, other)).filter(|other| {
            name(other) == wanted || other.emails.iter().any(|email| record.emails.contains(email))
        });
        let alike: Vec<Value> = alike.map(|other| Value::Object(self.row(other))).collect();
        if alike.is_empty() {
            return Ok(());
        }
        let body = Shown::Json(Value::Array(alike));
        Err(Answer { status: 409, reason: Some("duplicate".to_owned()), body })
    }
}

/// What a contact is in its account stands in the link between them, and goes with it.
fn set_role(before: Option<&Record>, input: &Map<String, Value>, record: &mut Record) {
    let account = record.text("accountId").unwrap_or_default().to_owned();
    if before.is_some_and(|before| before.text("accountId").unwrap_or_default() != account) {
        record.fields.remove("accountRole");
    }
    let column = input.get("accountsColumns").and_then(|columns| columns.get(&account));
    if let Some(role) = column.and_then(|column| column.get("role")) {
        record.fields.insert("accountRole".to_owned(), role.clone());
    }
}
