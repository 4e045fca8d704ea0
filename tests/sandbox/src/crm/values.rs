//! What an attribute of a record reads as, and the three ways a record is shown.

use serde_json::{Map, Value, json};

use super::mail_account::HANDLERS;
use super::shape::{ATTENDEES, Shape};
use super::times;
use super::world::{Record, World};

/// Characters of a text that a list shows.
const LONGEST_IN_LISTS: usize = 10_000;

impl World {
    /// The value of an attribute; null where there is none.
    pub(crate) fn value(&self, record: &Record, attribute: &str) -> Value {
        match attribute {
            "id" => json!(record.id),
            "deleted" => json!(record.deleted),
            "name" => self.name(record),
            "duration" => duration(record),
            "reminders" => json!([]),
            "teamsIds" => record.teams().into(),
            "teamsNames" => {
                object(record.teams().into_iter().map(|id| (id.to_owned(), self.name_of("Team", id))))
            }
            "isFollowed" | "isStarred" | "hasPortalUser" => json!(false),
            "followersIds" => self.value(record, "usersIds"),
            "followersNames" => self.value(record, "usersNames"),
            "accountId" if record.attendees.contains_key("users") => self.account_of_parent(record),
            "parentName" => self.parent_name(record),
            "accountName" if record.entity == "Lead" => stored(record, attribute),
            "title" if record.entity == "Contact" => stored(record, "accountRole"),
            _ => self
                .address_value(record, attribute)
                .or_else(|| self.attendee_value(record, attribute))
                .or_else(|| self.linked_value(record, attribute))
                .unwrap_or_else(|| stored(record, attribute)),
        }
    }

    /// The whole record.
    pub(crate) fn shown(&self, record: &Record) -> Map<String, Value> {
        let shape = Shape::of(&record.entity);
        let mut shown = self.pick(record, shape.iter().flat_map(|shape| shape.all()));
        if shape.is_some_and(Shape::is_event) {
            shown.extend(self.pick(record, self.event_field.attributes().iter().copied()));
        }
        if self.shows_handlers && shape.is_some_and(Shape::is_mail) {
            shown.extend(self.pick(record, HANDLERS.iter().copied()));
        }
        shown
    }

    /// What the answer to a create shows: no unset attributes, and the default duration.
    pub(crate) fn created(&self, record: &Record, input: &Map<String, Value>) -> Map<String, Value> {
        let mut shown = self.shown(record);
        let Some(shape) = Shape::of(&record.entity) else { return shown };
        let marked = self.version.dates_need_the_mark();
        let undated = |name: &str| !marked && matches!(name, "dateStartDate" | "dateEndDate");
        shown.retain(|name, value| !(value.is_null() && (shape.starts_unset(name) || undated(name))));
        if shape.entity == "Contact" {
            shown.insert("targetListIsOptedOut".to_owned(), json!(false));
        }
        if shape.is_event() {
            let default = if record.entity == "Meeting" { 3600 } else { 300 };
            shown.insert("duration".to_owned(), input.get("duration").cloned().unwrap_or(json!(default)));
            for end in ["dateStart", "dateEnd"] {
                // Seconds are added on the way to the database only.
                if let Some(Value::String(text)) = input.get(end)
                    && text.len() == 16
                {
                    shown.insert(end.to_owned(), json!(text));
                }
            }
        }
        shown
    }

    /// A row of a list.
    pub(crate) fn row(&self, record: &Record) -> Map<String, Value> {
        let shape = Shape::of(&record.entity);
        let mut row = Self::cut(self.pick(record, shape.iter().flat_map(|shape| shape.row())));
        if shape.is_some_and(Shape::is_event) {
            row.extend(self.pick(record, self.event_field.attributes().iter().copied()));
        }
        if self.shows_handlers && shape.is_some_and(Shape::is_mail) {
            row.extend(self.pick(record, HANDLERS.iter().copied()));
        }
        row
    }

    /// A list cuts long texts.
    pub(crate) fn cut(mut row: Map<String, Value>) -> Map<String, Value> {
        if let Some(Value::String(text)) = row.get_mut("description")
            && let Some((end, _)) = text.char_indices().nth(LONGEST_IN_LISTS)
        {
            text.truncate(end);
        }
        row
    }

    pub(crate) fn pick<'a>(
        &self,
        record: &Record,
        names: impl Iterator<Item = &'a str>,
    ) -> Map<String, Value> {
        names
            .filter(|name| *name != "externalService" || self.version.dates_need_the_mark())
            .map(|name| (name.to_owned(), self.value(record, name)))
            .collect()
    }

    /// The display name of a record.
    pub(crate) fn name(&self, record: &Record) -> Value {
        if !matches!(record.entity.as_str(), "Contact" | "Lead" | "User") {
            return stored(record, "name");
        }
        let parts = ["firstName", "middleName", "lastName"].map(|part| record.text(part).unwrap_or_default());
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        json!(parts.join(" "))
    }

    fn name_of(&self, entity: &str, id: &str) -> Value {
        self.record(entity, id).map_or(Value::Null, |record| self.name(record))
    }

    fn parent_name(&self, record: &Record) -> Value {
        match (record.text("parentType"), record.text("parentId")) {
            (Some(entity), Some(id)) => self.name_of(entity, id),
            _ => Value::Null,
        }
    }

    /// An account stands by itself, a contact for its own.
    fn account_of_parent(&self, record: &Record) -> Value {
        let parent = record.text("parentId").unwrap_or_default();
        match record.text("parentType") {
            Some("Account") => json!(parent),
            Some("Contact") => {
                self.record("Contact", parent).map_or(Value::Null, |contact| stored(contact, "accountId"))
            }
            _ => Value::Null,
        }
    }

    fn attendee_value(&self, record: &Record, attribute: &str) -> Option<Value> {
        let (link, entity) = ATTENDEES.iter().find(|(link, _)| attribute.starts_with(link))?;
        let attendees = record.attendees.get(*link)?;
        let present = attendees.iter().filter(|(id, _)| self.record(entity, id).is_some());
        match attribute.strip_prefix(link)? {
            "Ids" => Some(present.map(|(id, _)| json!(id)).collect()),
            "Names" => Some(object(present.map(|(id, _)| (id.clone(), self.name_of(entity, id))))),
            "Columns" => Some(object(present.map(|(id, answer)| (id.clone(), json!({ "status": answer }))))),
            _ => None,
        }
    }

    /// Names of linked records, and what a contact shows of its account.
    fn linked_value(&self, record: &Record, attribute: &str) -> Option<Value> {
        let account = || record.text("accountId");
        match attribute {
            "createdByName" | "modifiedByName" => {
                let id = record.text(&format!("{}Id", attribute.strip_suffix("Name")?))?;
                Some(self.name_of("User", id))
            }
            "accountsIds" => Some(account().map_or(json!([]), |id| json!([id]))),
            "accountsNames" => {
                Some(object(account().map(|id| (id.to_owned(), self.name_of("Account", id))).into_iter()))
            }
            "accountsColumns" => {
                let columns = json!({ "role": stored(record, "accountRole"), "isInactive": false });
                Some(object(account().map(|id| (id.to_owned(), columns)).into_iter()))
            }
            "accountIsInactive" => account().map(|_| json!(false)),
            "accountName" => match self.value(record, "accountId") {
                Value::String(id) => Some(self.name_of("Account", &id)),
                _ => None,
            },
            "phoneNumbersMap" => Some(self.numbers(record)),
            _ => {
                let link = attribute.strip_suffix("Name")?;
                let links = Shape::of(&record.entity)?.links;
                let (_, entity) = links.iter().find(|(name, _)| *name == link)?;
                Some(self.name_of(entity, record.text(&format!("{link}Id"))?))
            }
        }
    }

    /// Whom a call can reach, by entity and identity.
    fn numbers(&self, record: &Record) -> Value {
        let people = ATTENDEES.iter().skip(1).flat_map(|(link, entity)| {
            let attendees = record.attendees.get(*link).map(Vec::as_slice).unwrap_or_default();
            attendees.iter().filter_map(|(id, _)| self.record(entity, id))
        });
        object(people.filter_map(|person| {
            let (number, _) = person.phones.first()?;
            Some((format!("{}_{}", person.entity, person.id), json!(number)))
        }))
    }
}

/// What the record itself holds.
pub(crate) fn stored(record: &Record, attribute: &str) -> Value {
    record.fields.get(attribute).cloned().unwrap_or(Value::Null)
}

fn duration(record: &Record) -> Value {
    let at = |end: &str| record.text(end).and_then(times::seconds);
    match (at("dateStart"), at("dateEnd")) {
        (Some(start), Some(end)) => json!(end - start),
        _ => Value::Null,
    }
}

fn object(entries: impl Iterator<Item = (String, Value)>) -> Value {
    Value::Object(entries.collect())
}
