//! A person in a request, checked: known keys of the right type, contact data only, at most one
//! item where there can be only one. Values stay as they were written.

use serde_json::{Map, Value, json};

use super::fields::{self, Field, Kind, MEMBERSHIPS};
use super::refusal::Refusal;
use super::store::{Body, Book, MY_CONTACTS, STARRED};

/// The fields of a person that were asked for; an absent one is empty.
pub(super) fn written<'a>(
    person: &Value,
    wanted: impl Iterator<Item = &'a str>,
) -> Result<Vec<(&'a str, Vec<Value>)>, Refusal> {
    let empty = Map::new();
    let person = match person {
        Value::Null => &empty,
        Value::Object(person) => person,
        _ => return Err(wrong("person", "")),
    };
    if let Some(stranger) = person.keys().find(|key| !fields::known(key)) {
        return Err(unknown(stranger, "person"));
    }
    let mut clean = Vec::new();
    for name in wanted {
        if let Some(field) = fields::written(name) {
            clean.push((name, items(field, person.get(name))?));
        }
    }
    Ok(clean)
}

/// The items of one field.
fn items(field: &Field, value: Option<&Value>) -> Result<Vec<Value>, Refusal> {
    let place = format!("person.{}", field.name);
    let mut clean = Vec::new();
    for (number, item) in list(value, &place)?.iter().enumerate() {
        let place = format!("{place}[{number}]");
        let item = item.as_object().ok_or_else(|| wrong(&place, &item.to_string()))?;
        if foreign(item) {
            continue;
        }
        let kept = keys(field, item, &place)?;
        if !kept.is_empty() {
            clean.push(marked(kept, item));
        }
    }
    if field.single && clean.len() > 1 {
        return Err(Refusal::invalid(&format!("Cannot have more than one person.{}.", field.name)));
    }
    Ok(clean)
}

fn keys(field: &Field, item: &Body, place: &str) -> Result<Body, Refusal> {
    let mut kept = Body::new();
    for (key, value) in item {
        let kind = field.keys.iter().find(|(name, _)| name == key).map(|(_, kind)| *kind);
        match kind {
            Some(kind) if fits(kind, value) => {
                if !matches!(value, Value::Null) && value != "" {
                    kept.insert(key.clone(), value.clone());
                }
            }
            Some(_) => return Err(wrong(&format!("{place}.{key}"), &value.to_string())),
            None if key == "metadata" || field.output.contains(&key.as_str()) => {}
            None => return Err(unknown(key, place)),
        }
    }
    Ok(kept)
}

/// The items that no contact source has are none of the client's.
fn foreign(item: &Body) -> bool {
    let source = item.get("metadata").and_then(|it| it.get("source"));
    let kind = source.and_then(|it| it.get("type")).and_then(Value::as_str);
    kind.is_some_and(|kind| kind != "CONTACT")
}

/// Which item is the first among its like is the one thing a client says about metadata.
fn marked(mut kept: Body, item: &Body) -> Value {
    let first = item.get("metadata").and_then(|it| it.get("sourcePrimary"));
    if first.and_then(Value::as_bool) == Some(true) {
        kept.insert("metadata".into(), json!({"sourcePrimary": true}));
    }
    Value::Object(kept)
}

fn fits(kind: Kind, value: &Value) -> bool {
    match (kind, value) {
        (_, Value::Null)
        | (Kind::Text, Value::String(_))
        | (Kind::Flag, Value::Bool(_))
        | (Kind::Number, Value::Number(_)) => true,
        (Kind::Date, Value::Object(date)) => {
            date.iter().all(|(key, value)| matches!(key.as_str(), "year" | "month" | "day") && value.is_u64())
        }
        _ => false,
    }
}

/// The groups a person in a request is to be in; none, if it says nothing of them.
pub(super) fn groups(book: &Book, held: &[String], person: &Value) -> Result<Vec<String>, Refusal> {
    let mut groups: Vec<String> = Vec::new();
    for (number, item) in list(person.get(MEMBERSHIPS), "person.memberships")?.iter().enumerate() {
        let group = &item["contactGroupMembership"];
        if group.is_null() {
            continue;
        }
        let place = format!("person.memberships[{number}].contact_group_membership");
        let name = group["contactGroupResourceName"].as_str();
        let name = name.ok_or_else(|| wrong(&place, &group.to_string()))?;
        if !held.iter().any(|it| it == name) {
            may_join(book, name)?;
        }
        if !groups.iter().any(|it| it == name) {
            groups.push(name.to_owned());
        }
    }
    Ok(groups)
}

/// Whether contacts can be put into this group.
pub(super) fn may_join(book: &Book, name: &str) -> Result<(), Refusal> {
    let missing = || Refusal::invalid(&format!("Contact group does not exist: {name}"));
    let group = book.group(name).map_err(|_| missing())?;
    if group.system && name != MY_CONTACTS && name != STARRED {
        let message = "Contacts can only be added to user contact groups, contactGroups/myContacts and \
                       contactGroups/starred.";
        return Err(Refusal::invalid(message));
    }
    Ok(())
}

fn list<'a>(value: Option<&'a Value>, place: &str) -> Result<&'a [Value], Refusal> {
    match value {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(other) => Err(wrong(place, &other.to_string())),
    }
}

fn wrong(place: &str, value: &str) -> Refusal {
    Refusal::violation(place, &format!("Invalid value at '{place}', {value}"))
}

/// Refuses a body that says anything else.
pub(super) fn only(body: &Value, keys: &[&str]) -> Result<(), Refusal> {
    let strange = body.as_object().and_then(|body| body.keys().find(|key| !keys.contains(&key.as_str())));
    strange.map_or(Ok(()), |key| Err(unknown(key, "")))
}

fn unknown(key: &str, place: &str) -> Refusal {
    let message =
        format!("Invalid JSON payload received. Unknown name \"{key}\" at '{place}': Cannot find field.");
    Refusal::violation(place, &message)
}
