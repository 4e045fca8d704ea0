//! What a Contact or Lead of the CRM says, as far as a decision needs it.
//!
//! Where somebody works stands in a Contact by its link with an account: it is read from there,
//! and never written, so that no account is made, renamed or linked by a word in Google.
//! A Lead has words of its own for it. [`attribute`] tells which is which.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::postal::Postal;
use super::several::{Item, Several};
use crate::plan::calendar::moment::Instant;
use crate::plan::letters::lines;
use crate::plan::record::{Field, Record, Value, fingerprint};

/// Longest text in a list of the CRM, in characters.
const LISTED: usize = 10_000;

/// A kind of record that people are kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Entity {
    /// Somebody whom the CRM knows.
    Contact,
    /// Somebody who may become a contact.
    Lead,
}

impl Entity {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Contact, Self::Lead];

    /// The CRM's word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Contact => "Contact",
            Self::Lead => "Lead",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == word)
    }
}

/// The attribute of the CRM that shows a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// The record's own: read and written.
    Own(&'static str),
    /// Shown of what the record is linked with: read, never written.
    Linked(&'static str),
    /// Several attributes that are one, or a list: read and written by themselves.
    Whole,
    /// There is none.
    None,
}

/// Where a kind of record keeps a field.
#[must_use]
pub fn attribute(entity: Entity, field: Field) -> Attribute {
    match (field, entity) {
        (Field::Salutation, _) => Attribute::Own("salutationName"),
        (Field::Given, _) => Attribute::Own("firstName"),
        (Field::Middle, _) => Attribute::Own("middleName"),
        (Field::Family, _) => Attribute::Own("lastName"),
        (Field::Note, _) => Attribute::Own("description"),
        (Field::Organisation, Entity::Contact) => Attribute::Linked("accountName"),
        (Field::Organisation, Entity::Lead) => Attribute::Own("accountName"),
        (Field::Role, Entity::Contact) => Attribute::Linked("title"),
        (Field::Role, Entity::Lead) => Attribute::Own("title"),
        (Field::Web, Entity::Lead) => Attribute::Own("website"),
        (Field::Emails | Field::Phones | Field::Postal, _) => Attribute::Whole,
        (Field::Web, Entity::Contact) | (Field::Title | Field::When | Field::Text | Field::Place, _) => {
            Attribute::None
        }
    }
}

/// By the places of [`Postal::parts`].
const PLACES: [&str; 5] =
    ["addressStreet", "addressCity", "addressState", "addressPostalCode", "addressCountry"];

/// How a record stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Stage {
    /// It is kept.
    Kept,
    /// The lead has become a contact, which is not told to everybody.
    Converted(Option<String>),
    /// It is deleted, which only an admin is told.
    Deleted,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Card {
    /// Its kind.
    pub entity: Entity,
    /// Identity.
    pub id: String,
    /// How it stands.
    pub stage: Stage,
    /// The user it is assigned to.
    pub user: Option<String>,
    /// The teams it belongs to, where that is told.
    pub teams: Option<BTreeSet<String>>,
    /// The user who made it.
    pub creator: Option<String>,
    /// The primary address, which lists tell too.
    pub email: Option<String>,
    /// The primary number, which lists tell too.
    pub phone: Option<String>,
    /// Last change, in seconds of Unix time.
    pub modified: i64,
    /// When it was made, in seconds of Unix time.
    pub created: i64,
    /// The fields.
    pub record: Record,
}

impl Card {
    /// Of everything that a decision depends on: two that have the same one are planned alike.
    /// Times of changes do not count, nor teams, which not every look tells.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        fingerprint(&Self { modified: 0, teams: None, ..self.clone() })
    }
}

/// Reads a record; none without an identity.
#[must_use]
pub fn read(entity: Entity, raw: &Map<String, Json>) -> Option<Card> {
    Some(Card {
        entity,
        id: text(raw, "id")?.to_owned(),
        stage: stage(raw),
        user: text(raw, "assignedUserId").map(str::to_owned),
        teams: raw
            .get("teamsIds")
            .and_then(Json::as_array)
            .map(|all| all.iter().filter_map(Json::as_str).map(str::to_owned).collect()),
        creator: text(raw, "createdById").map(str::to_owned),
        email: text(raw, "emailAddress").map(str::to_owned),
        phone: text(raw, "phoneNumber").map(str::to_owned),
        modified: seconds(raw, "modifiedAt"),
        created: seconds(raw, "createdAt"),
        record: record(entity, raw),
    })
}

fn stage(raw: &Map<String, Json>) -> Stage {
    let deleted = raw.get("deleted").and_then(Json::as_bool).unwrap_or(false);
    let contact = text(raw, "createdContactId").map(str::to_owned);
    match (deleted, contact, text(raw, "status") == Some("Converted")) {
        (true, ..) => Stage::Deleted,
        (false, Some(contact), _) => Stage::Converted(Some(contact)),
        (false, None, true) => Stage::Converted(None),
        (false, None, false) => Stage::Kept,
    }
}

// What is not told at all is unknown; what is told to be nothing is empty.
fn record(entity: Entity, raw: &Map<String, Json>) -> Record {
    let mut record = Record::new();
    for field in Field::PERSON {
        let (Attribute::Own(key) | Attribute::Linked(key)) = attribute(entity, field) else { continue };
        let words = raw.get(key).map(|value| value.as_str().unwrap_or_default());
        // A list cuts long texts, so one of that length may be half of it.
        if let Some(words) = words.filter(|words| words.chars().count() < LISTED) {
            record.set(field, Value::Text(lines(words)));
        }
    }
    if PLACES.iter().all(|key| raw.contains_key(*key)) {
        let part = |at: usize| PLACES.get(at).and_then(|key| text(raw, key)).unwrap_or_default();
        let postal = Postal::default().each(|at, _| lines(part(at)));
        record.set(Field::Postal, Value::Postal(postal));
    }
    for list in LISTS {
        if let Some(all) = raw.get(list.key).and_then(Json::as_array) {
            record.set(list.field, Value::Several(list.several(all)));
        }
    }
    record
}

struct List {
    field: Field,
    key: &'static str,
    value: &'static str,
}

const LISTS: [List; 2] = [
    List { field: Field::Emails, key: "emailAddressData", value: "emailAddress" },
    List { field: Field::Phones, key: "phoneNumberData", value: "phoneNumber" },
];

impl List {
    // The primary one first; the others have no order that is told.
    fn several(&self, all: &[Json]) -> Several {
        let entries = all.iter().filter_map(Json::as_object);
        let mut items: Vec<_> = entries
            .filter_map(|of| {
                let kind = text(of, "type").filter(|_| self.field == Field::Phones).unwrap_or_default();
                Some((!flag(of, "primary"), Item::new(text(of, self.value)?, kind)))
            })
            .collect();
        items.sort_by_key(|(later, item)| (*later, item.text.to_lowercase()));
        Several(items.into_iter().map(|(_, item)| item).collect())
    }

    // Each with what the CRM knows of it beside: an address that nobody may write to stays one.
    fn body(&self, wanted: &Several, raw: &Map<String, Json>) -> Json {
        let there = raw.get(self.key).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        let known = |item: &Item| {
            let same = |of: &&Map<String, Json>| {
                text(of, self.value).is_some_and(|value| value.to_lowercase() == item.text.to_lowercase())
            };
            there.iter().filter_map(Json::as_object).find(same).cloned().unwrap_or_default()
        };
        let entry = |(at, item): (usize, &Item)| {
            let mut entry = known(item);
            entry.insert(self.value.to_owned(), json!(item.text));
            entry.insert("primary".to_owned(), json!(at == 0));
            if self.field == Field::Phones && !item.kind.is_empty() {
                entry.insert("type".to_owned(), json!(item.kind));
            }
            entry.remove("lower");
            Json::Object(entry)
        };
        wanted.iter().enumerate().map(entry).collect()
    }
}

/// What is sent to the CRM for changed fields of a record that reads `raw` now; nothing of a
/// record that is new. Only what has changed is sent, and nothing that is a link's.
#[must_use]
pub fn body(entity: Entity, changes: &Record, raw: &Map<String, Json>) -> Map<String, Json> {
    let mut body = Map::new();
    for (field, value) in changes.iter() {
        match (attribute(entity, field), value) {
            (Attribute::Own(key), Value::Text(words)) => {
                body.insert(key.to_owned(), json!(words));
            }
            (Attribute::Whole, Value::Postal(postal)) => {
                let parts = PLACES.iter().zip(postal.parts());
                body.extend(parts.map(|(key, part)| ((*key).to_owned(), json!(part))));
            }
            (Attribute::Whole, Value::Several(several)) => {
                let list = LISTS.iter().find(|list| list.field == field);
                body.extend(list.map(|list| (list.key.to_owned(), list.body(several, raw))));
            }
            _ => {}
        }
    }
    body
}

fn text<'a>(of: &'a Map<String, Json>, key: &str) -> Option<&'a str> {
    of.get(key).and_then(Json::as_str).filter(|text| !text.is_empty())
}

fn flag(of: &Map<String, Json>, key: &str) -> bool {
    of.get(key).and_then(Json::as_bool).unwrap_or(false)
}

fn seconds(of: &Map<String, Json>, key: &str) -> i64 {
    text(of, key).and_then(|text| Instant::parse_crm(text).ok()).map_or(0, Instant::seconds)
}

#[cfg(test)]
mod tests;
