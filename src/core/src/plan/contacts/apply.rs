//! Fields written into a person of Google.
//!
//! A field that is written is replaced as a whole at Google, so everything in it that is not ours
//! goes back as it was: labels, kinds, further addresses, keys that nobody here knows. Not
//! sent back is what Google makes itself, and what it has from elsewhere than the
//! address book. What is written must be the person that was planned from.

use serde_json::{Map, Value as Json, json};

use super::person::{LISTS, MARK, Mark, NAME, PLACES, WORK, book, main, ours, own, told};
use super::postal::Postal;
use super::several::{Item, Several};
use crate::plan::record::{Field, Record, Value};

/// The fields of a person that are written, by Google's words (`updatePersonFields`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mask(Vec<&'static str>);

impl Mask {
    fn add(&mut self, field: &'static str) {
        if !self.0.contains(&field) {
            self.0.push(field);
        }
    }

    /// As it is sent.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.join(",")
    }

    /// Whether nothing is written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Writes fields into a person and leaves everything else as it is.
pub fn apply(raw: &mut Map<String, Json>, changes: &Record) -> Mask {
    let mut mask = Mask::default();
    words_of(raw, "names", &NAME, changes, &mut mask, |of| {
        // The parts tell it now.
        of.remove("unstructuredName");
    });
    words_of(raw, "organizations", &WORK, changes, &mut mask, |of| {
        if of.is_empty() {
            of.insert("type".to_owned(), json!("work"));
        }
    });
    words_of(raw, "biographies", &[(Field::Note, "value")], changes, &mut mask, |of| {
        of.insert("contentType".to_owned(), json!("TEXT_PLAIN"));
    });
    words_of(raw, "urls", &[(Field::Web, "value")], changes, &mut mask, |_| {});
    if let Some(Value::Postal(postal)) = changes.get(Field::Postal) {
        edit(raw, "addresses", |of| set_postal(of, postal));
        mask.add("addresses");
    }
    for (field, key) in LISTS {
        if let Some(several) = changes.several(field) {
            list(raw, key, several, field == Field::Phones);
            mask.add(key);
        }
    }
    mask
}

/// A person that Google does not have yet: these fields, in these groups, with our mark.
#[must_use]
pub fn fresh(shows: &Record, groups: &[String], of: &Mark) -> Map<String, Json> {
    let mut raw = Map::new();
    let filled = shows.picked(|field| shows.get(field).is_some_and(|value| !value.is_empty()));
    apply(&mut raw, &filled);
    mark(&mut raw, of);
    let membership = |group| json!({ "contactGroupMembership": { "contactGroupResourceName": group } });
    raw.insert("memberships".to_owned(), groups.iter().map(membership).collect());
    raw
}

/// Puts our mark on a person; one of the same pair that is there is replaced.
pub fn mark(raw: &mut Map<String, Json>, of: &Mark) -> Mask {
    let other = |entry: &Map<String, Json>| {
        let value = entry.get("value").and_then(Json::as_str).and_then(Mark::parse);
        entry.get("key").and_then(Json::as_str) != Some(MARK) || value.is_none_or(|had| had.pair != of.pair)
    };
    let mut all: Vec<_> = ours(raw, "clientData").filter(|entry| other(entry)).map(sent_back).collect();
    all.push(json!({ "key": MARK, "value": of.text() }));
    raw.insert("clientData".to_owned(), Json::Array(all));
    Mask(vec!["clientData"])
}

/// What is sent for a person: its version and the fields of the mask.
#[must_use]
pub fn body(raw: &Map<String, Json>, mask: &Mask) -> Map<String, Json> {
    let mut body = Map::new();
    for key in ["resourceName", "etag"].into_iter().chain(mask.0.iter().copied()) {
        if let Some(value) = raw.get(key) {
            body.insert(key.to_owned(), value.clone());
        }
    }
    let source = raw.get("metadata").and_then(Json::as_object).and_then(book);
    if let Some(source) = source {
        let kept = ["type", "id", "etag"]
            .into_iter()
            .filter_map(|key| Some((key.to_owned(), source.get(key)?.clone())));
        body.insert("metadata".to_owned(), json!({ "sources": [Json::Object(kept.collect())] }));
    }
    body
}

type Entry = Map<String, Json>;

fn words_of(
    raw: &mut Map<String, Json>,
    key: &'static str,
    parts: &[(Field, &str)],
    changes: &Record,
    mask: &mut Mask,
    then: impl Fn(&mut Entry),
) {
    let changed: Vec<_> = parts.iter().filter(|(field, _)| changes.get(*field).is_some()).collect();
    if changed.is_empty() {
        return;
    }
    edit(raw, key, |of| {
        then(of);
        for (field, part) in changed {
            put(of, part, changes.words(*field));
        }
    });
    mask.add(key);
}

fn put(of: &mut Entry, key: &str, words: &str) {
    if words.is_empty() {
        of.remove(key);
    } else {
        of.insert(key.to_owned(), json!(words));
    }
}

// Changes the entry that is told in the CRM, or makes one. One that says nothing any more goes.
fn edit(raw: &mut Map<String, Json>, key: &str, with: impl FnOnce(&mut Entry)) {
    let chosen = main(raw, key).cloned();
    let place = ours(raw, key).position(|of| Some(of) == chosen.as_ref());
    let mut entry = chosen.map(|of| sent_entry(&of)).unwrap_or_default();
    let mut all: Vec<_> = ours(raw, key).map(sent_back).collect();
    with(&mut entry);
    let said = entry.keys().any(|key| !matches!(key.as_str(), "type" | "current" | "contentType"));
    match place.and_then(|at| all.get_mut(at)) {
        Some(there) if said => *there = Json::Object(entry),
        Some(_) => {
            all.remove(place.unwrap_or_default());
        }
        None if said => all.push(Json::Object(entry)),
        None => {}
    }
    raw.insert(key.to_owned(), Json::Array(all));
}

fn set_postal(of: &mut Entry, postal: &Postal) {
    let (new, before) = (of.is_empty(), of.get("country").cloned());
    of.remove("formattedValue");
    for (key, part) in PLACES.iter().zip(postal.parts()) {
        put(of, key, part);
    }
    if of.get("country") != before.as_ref() {
        // It is the code of another.
        of.remove("countryCode");
    }
    if new && !postal.is_empty() {
        of.insert("type".to_owned(), json!("work"));
    }
}

// In this order; each entry that is there already keeps everything it has.
fn list(raw: &mut Map<String, Json>, key: &str, wanted: &Several, kinds: bool) {
    let mut there: Vec<Entry> = ours(raw, key).map(sent_entry).collect();
    let mut all = Vec::new();
    for item in wanted.iter() {
        let at = there.iter().position(|of| told(of) == Some(item.text.as_str()));
        let entry = at.map(|at| there.remove(at)).unwrap_or_default();
        all.push(Json::Object(with_item(entry, item, kinds)));
    }
    // What shows no value was not decided about.
    all.extend(there.into_iter().filter(|of| told(of).is_none()).map(Json::Object));
    raw.insert(key.to_owned(), Json::Array(all));
}

fn with_item(mut entry: Entry, item: &Item, kinds: bool) -> Entry {
    entry.insert("value".to_owned(), json!(item.text));
    if kinds {
        put(&mut entry, "type", &item.kind);
    }
    entry
}

fn sent_back(of: &Entry) -> Json {
    Json::Object(sent_entry(of))
}

// Without what Google makes itself. The name of an address is the user's own.
fn sent_entry(of: &Entry) -> Entry {
    debug_assert!(own(of));
    let mut entry = of.clone();
    for key in ["metadata", "canonicalForm", "formattedType", "displayNameLastFirst"] {
        entry.remove(key);
    }
    if !entry.contains_key("value") {
        entry.remove("displayName");
    }
    // Where it is all there is, the user has written it.
    if PLACES.iter().any(|key| entry.contains_key(*key)) {
        entry.remove("formattedValue");
    }
    entry
}
