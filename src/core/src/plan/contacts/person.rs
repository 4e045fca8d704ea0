//! What a person of Google says, as far as a decision needs it.
//!
//! The person itself stays raw JSON: what nobody here knows is kept by [`apply`](super::apply), which changes
//! nothing but the fields it is given, and in their lists nothing but the values it is
//! given. A person is read from the address book alone: what Google adds from a
//! profile or a domain is not the user's, and is neither read nor written.
//!
//! Google leaves out what is empty, so a field that is not there is an empty one: whoever
//! fetches a person has to ask for all of [`FIELDS`].

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::card::Entity;
use super::postal::Postal;
use super::several::{Item, Several};
use crate::plan::calendar::html;
use crate::plan::calendar::moment::Instant;
use crate::plan::letters::lines;
use crate::plan::record::{Field, Record, Value, fingerprint};

/// What has to be asked for (`personFields`).
pub const FIELDS: &str = "addresses,biographies,clientData,emailAddresses,memberships,metadata,names,\
                          organizations,phoneNumbers,urls";

/// The key of our mark in `clientData`.
pub const MARK: &str = "posternPair";

/// What ties a person at Google to a pair of ours and to its record. It proves nothing by itself:
/// a person that was merged shows the marks of both.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Mark {
    /// The pair.
    pub pair: Uuid,
    /// The kind of its record.
    pub entity: Entity,
    /// The record.
    pub record: String,
}

impl Mark {
    /// Its text: one value, so that the parts of two marks are never mixed up.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}/{}/{}", self.pair, self.entity.name(), self.record)
    }

    /// Reads one that was written like that.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (pair, rest) = text.split_once('/')?;
        let (entity, record) = rest.split_once('/')?;
        let mark = Self {
            pair: Uuid::parse_str(pair).ok()?,
            entity: Entity::parse(entity)?,
            record: record.to_owned(),
        };
        (!record.is_empty() && mark.text() == text).then_some(mark)
    }
}

/// A person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Person {
    /// Its name at Google, `people/…`; it may change.
    pub resource: String,
    /// Version.
    pub etag: String,
    /// Identity in the address book, which stays.
    pub source: Option<String>,
    /// Whether it is a tombstone.
    pub deleted: bool,
    /// Names that it had before.
    pub previous: Vec<String>,
    /// Groups in which it is, `contactGroups/…`.
    pub groups: BTreeSet<String>,
    /// Our marks.
    pub marks: BTreeSet<Mark>,
    /// Last change, in seconds of Unix time.
    pub updated: i64,
    /// The fields.
    pub record: Record,
}

impl Person {
    /// Of everything that a decision depends on: two that have the same one are planned alike.
    /// Versions and times of changes do not count: Google changes them without a reason. Nor do
    /// names that it had before, which only some answers tell.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        fingerprint(&Self { etag: String::new(), updated: 0, previous: Vec::new(), ..self.clone() })
    }
}

/// Reads a person; none without a name.
#[must_use]
pub fn read(raw: &Map<String, Json>) -> Option<Person> {
    let resource = text(raw, "resourceName").filter(|name| !name.is_empty())?;
    let metadata = raw.get("metadata").and_then(Json::as_object);
    let deleted = metadata.is_some_and(|of| of.get("deleted").and_then(Json::as_bool) == Some(true));
    let contact = metadata.and_then(book);
    let previous = metadata.and_then(|of| of.get("previousResourceNames")).and_then(Json::as_array);
    Some(Person {
        resource: resource.to_owned(),
        etag: text(raw, "etag").unwrap_or_default().to_owned(),
        source: contact.and_then(|of| text(of, "id")).map(str::to_owned),
        deleted,
        previous: previous.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect(),
        groups: ours(raw, "memberships").filter_map(group).map(str::to_owned).collect(),
        marks: ours(raw, "clientData").filter_map(mark).collect(),
        updated: contact.and_then(|of| text(of, "updateTime")).and_then(instant).unwrap_or_default(),
        record: if deleted { Record::new() } else { record(raw) },
    })
}

/// Of whom Google keeps a list, and one entry is told in the CRM.
const ONE_TOLD: [&str; 5] = ["names", "organizations", "addresses", "biographies", "urls"];
/// What entries say beside that.
const BESIDE: [(&str, &[&str]); 3] = [
    (
        "names",
        &[
            "honorificSuffix",
            "phoneticFullName",
            "phoneticGivenName",
            "phoneticMiddleName",
            "phoneticFamilyName",
        ],
    ),
    ("organizations", &["department", "jobDescription", "symbol", "domain", "location", "costCenter"]),
    ("addresses", &["poBox", "extendedAddress"]),
];

/// Whether Google says more of a person, in what is read of them, than is kept in step: a second
/// employer, a suffix of the name.
#[must_use]
pub fn says_more(raw: &Map<String, Json>) -> bool {
    let several = ONE_TOLD.iter().any(|key| ours(raw, key).nth(1).is_some());
    let says =
        |key, words: &[&str]| ours(raw, key).any(|entry| words.iter().any(|it| entry.contains_key(*it)));
    several || BESIDE.iter().any(|(key, words)| says(*key, words))
}

// Of the sources of a person the one that is the address book.
pub(super) fn book(metadata: &Map<String, Json>) -> Option<&Map<String, Json>> {
    let sources = metadata.get("sources").and_then(Json::as_array)?;
    sources.iter().filter_map(Json::as_object).find(|source| text(source, "type") == Some("CONTACT"))
}

/// When a person was last changed, as Google says, in microseconds of Unix time; 0 where it does not.
#[must_use]
pub fn changed_at(raw: &Map<String, Json>) -> i64 {
    let contact = raw.get("metadata").and_then(Json::as_object).and_then(book);
    let Some(time) = contact.and_then(|of| text(of, "updateTime")) else { return 0 };
    let fraction = time.split_once('.').map_or("", |(_, rest)| rest);
    let digits = fraction.chars().take_while(char::is_ascii_digit).chain("000000".chars()).take(6);
    let micros =
        digits.filter_map(|digit| digit.to_digit(10)).fold(0, |all, digit| all * 10 + i64::from(digit));
    instant(time).unwrap_or_default().saturating_mul(1_000_000).saturating_add(micros)
}

fn instant(text: &str) -> Option<i64> {
    Instant::parse(text).ok().map(Instant::seconds)
}

fn group(of: &Map<String, Json>) -> Option<&str> {
    let membership = of.get("contactGroupMembership")?.as_object()?;
    text(membership, "contactGroupResourceName").filter(|name| !name.is_empty())
}

fn mark(of: &Map<String, Json>) -> Option<Mark> {
    (text(of, "key") == Some(MARK)).then(|| text(of, "value").and_then(Mark::parse)).flatten()
}

fn record(raw: &Map<String, Json>) -> Record {
    let mut record = Record::new();
    let mut set = |field, words: &str| record.set(field, Value::text(words));
    let name = main(raw, "names");
    let part = |key| name.and_then(|of| text(of, key)).unwrap_or_default();
    for (field, key) in NAME {
        set(field, part(key));
    }
    // Nobody has told its parts.
    if NAME.iter().all(|(_, key)| part(key).trim().is_empty()) {
        set(Field::Given, part("unstructuredName"));
    }
    let work = main(raw, "organizations");
    for (field, key) in WORK {
        set(field, work.and_then(|of| text(of, key)).unwrap_or_default());
    }
    set(Field::Note, &main(raw, "biographies").map(note).unwrap_or_default());
    set(Field::Web, main(raw, "urls").and_then(|of| text(of, "value")).unwrap_or_default());
    let postal = main(raw, "addresses").map(postal).unwrap_or_default();
    record.set(Field::Postal, Value::Postal(postal));
    for (field, key) in LISTS {
        record.set(field, Value::Several(several(raw, field, key)));
    }
    record
}

pub(super) const NAME: [(Field, &str); 4] = [
    (Field::Salutation, "honorificPrefix"),
    (Field::Given, "givenName"),
    (Field::Middle, "middleName"),
    (Field::Family, "familyName"),
];
pub(super) const WORK: [(Field, &str); 2] = [(Field::Organisation, "name"), (Field::Role, "title")];
pub(super) const LISTS: [(Field, &str); 2] =
    [(Field::Emails, "emailAddresses"), (Field::Phones, "phoneNumbers")];
/// By the places of [`Postal::parts`].
pub(super) const PLACES: [&str; 5] = ["streetAddress", "city", "region", "postalCode", "country"];

fn note(of: &Map<String, Json>) -> String {
    let words = text(of, "value").unwrap_or_default();
    let words =
        if text(of, "contentType") == Some("TEXT_HTML") { html::plain(words) } else { words.to_owned() };
    lines(&words)
}

fn postal(of: &Map<String, Json>) -> Postal {
    let part = |key| lines(text(of, key).unwrap_or_default());
    let told = Postal::default().each(|at, _| PLACES.get(at).map(|key| part(key)).unwrap_or_default());
    // Nobody has told its parts.
    if told.is_empty() { Postal { street: part("formattedValue"), ..told } } else { told }
}

fn several(raw: &Map<String, Json>, field: Field, key: &str) -> Several {
    let entries: Vec<_> = ours(raw, key).filter(|of| told(of).is_some()).collect();
    let first = entries.iter().position(|of| primary(of)).unwrap_or(0);
    let (before, from) = entries.split_at_checked(first).unwrap_or_default();
    let ordered = from.iter().take(1).chain(before).chain(from.iter().skip(1));
    // What an address is for is not told in the CRM.
    let kind = |of| if field == Field::Phones { text(of, "type").unwrap_or_default() } else { "" };
    Several(ordered.map(|of| Item::new(told(of).unwrap_or_default(), kind(of))).collect())
}

/// The value of an entry of a list; none where it has none.
pub(super) fn told(of: &Map<String, Json>) -> Option<&str> {
    text(of, "value").filter(|value| !value.trim().is_empty())
}

/// The entries that are the user's own.
pub(super) fn ours<'a>(raw: &'a Map<String, Json>, key: &str) -> impl Iterator<Item = &'a Map<String, Json>> {
    let entries = raw.get(key).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    entries.iter().filter_map(Json::as_object).filter(|of| own(of))
}

pub(super) fn own(entry: &Map<String, Json>) -> bool {
    let source = entry.get("metadata").and_then(|of| of.get("source")).and_then(|of| of.get("type"));
    source.and_then(Json::as_str).is_none_or(|kind| kind == "CONTACT")
}

/// Of several entries the one that is told in the CRM: the primary one, else the current one, else the
/// first.
pub(super) fn main<'a>(raw: &'a Map<String, Json>, key: &str) -> Option<&'a Map<String, Json>> {
    ours(raw, key)
        .find(|of| primary(of))
        .or_else(|| ours(raw, key).find(|of| flag(of, "current")))
        .or_else(|| ours(raw, key).next())
}

fn primary(of: &Map<String, Json>) -> bool {
    of.get("metadata").and_then(Json::as_object).is_some_and(|of| flag(of, "primary"))
}

fn flag(of: &Map<String, Json>, key: &str) -> bool {
    of.get(key).and_then(Json::as_bool).unwrap_or(false)
}

pub(super) fn text<'a>(of: &'a Map<String, Json>, key: &str) -> Option<&'a str> {
    of.get(key).and_then(Json::as_str)
}

#[cfg(test)]
mod tests;
