//! Batches of creations, updates and deletions. One that cannot be done stops them all, before
//! anything is done, unless the policy says that the others are done.

use serde_json::{Map, Value, json};

use super::clean::only;
use super::get::response;
use super::mask::{self, Sources};
use super::refusal::Refusal;
use super::store::{Contact, World};
use super::write::{self, Read, stored};
use crate::api::{Answer, Call};

const MOST: usize = 200;
const MOST_DELETED: usize = 500;

/// What to read after it; nothing, if the mask is empty.
fn read(body: &Value) -> Result<Option<Read>, Refusal> {
    let sources = Sources::in_body(body)?;
    let mask = mask::readable(body["readMask"].as_str(), "readMask")?;
    Ok(mask.map(|mask| Read { mask, sources }))
}

fn sized(count: usize, most: usize) -> Result<(), Refusal> {
    match count {
        0 => Err(Refusal::invalid("Request must specify one or more contacts.")),
        count if count > most => {
            Err(Refusal::invalid(&format!("Request can have at most {most} contacts, but has {count}.")))
        }
        _ => Ok(()),
    }
}

/// `POST people:batchCreateContacts`
pub(super) fn create(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    only(&call.body, &["contacts", "readMask", "sources"])?;
    let read = read(&call.body)?;
    let none = Vec::new();
    let contacts = call.body["contacts"].as_array().unwrap_or(&none);
    sized(contacts.len(), MOST)?;
    let mut new = Vec::with_capacity(contacts.len());
    for (beside, wrapped) in contacts.iter().enumerate() {
        only(wrapped, &["contactPerson"])?;
        match write::created(world, &call.user, &wrapped["contactPerson"], beside) {
            Err(refusal) if !world.policy.batch_creations_in_part => {
                return Err(at(refusal, "Create", &beside.to_string()));
            }
            contact => new.push(contact),
        }
    }
    let mut made = Vec::with_capacity(new.len());
    for contact in new {
        let name = contact.as_ref().map(|contact| contact.name.clone()).unwrap_or_default();
        let outcome = contact.map(|contact| stored(world, call, contact));
        if let Some(read) = &read {
            made.push(response(&name, outcome.map(|source| read.show(world, call, &source))));
        }
    }
    Ok(Answer::of(if made.is_empty() { json!({}) } else { json!({"createdPeople": made}) }))
}

/// `POST people:batchUpdateContacts`
pub(super) fn update(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    only(&call.body, &["contacts", "readMask", "sources", "updateMask"])?;
    let mask = mask::updatable(call.body["updateMask"].as_str(), "updateMask")?;
    let read = read(&call.body)?;
    let none = Map::new();
    let contacts = call.body["contacts"].as_object().unwrap_or(&none);
    sized(contacts.len(), MOST)?;
    let mut new: Vec<(&String, Result<Contact, Refusal>)> = Vec::with_capacity(contacts.len());
    for (name, person) in contacts {
        let contact = write::updated(world, &call.user, name, person, &mask);
        match contact {
            Err(refusal) if !world.policy.batch_updates_in_part => return Err(at(refusal, "Update", name)),
            contact => new.push((name, contact)),
        }
    }
    let mut results = Map::new();
    for (name, contact) in new {
        let outcome = contact.map(|contact| stored(world, call, contact));
        if let Some(read) = &read {
            let shown = outcome.map(|source| read.show(world, call, &source));
            results.insert(name.clone(), response(name, shown));
        }
    }
    Ok(Answer::of(if results.is_empty() { json!({}) } else { json!({"updateResult": results}) }))
}

/// `POST people:batchDeleteContacts`
pub(super) fn delete(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    only(&call.body, &["resourceNames"])?;
    let names: Vec<&str> =
        call.body["resourceNames"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    sized(names.len(), MOST_DELETED)?;
    let gone = |name: &&str| write::deleted(world, &call.user, name);
    let gone: Vec<Contact> = names.iter().map(gone).collect::<Result<_, _>>()?;
    for contact in gone {
        stored(world, call, contact);
    }
    Ok(Answer::of(json!({})))
}

/// Says which contact of the batch is at fault.
fn at(mut refusal: Refusal, what: &str, which: &str) -> Refusal {
    let kind = format!("type.googleapis.com/google.people.v1.Batch{what}ContactsErrorDetails");
    refusal.details.push(json!({"@type": kind, "contactErrors": {which: refusal.inner()}}));
    refusal
}
