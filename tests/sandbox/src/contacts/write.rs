//! `people.createContact`, `.updateContact` and `.deleteContact`. What is written is there at once
//! for who asks for it by name.

use std::time::Duration;

use serde_json::{Value, json};

use super::clean;
use super::etag;
use super::fields::{self, MEMBERSHIPS};
use super::mask::{self, Mask, Sources};
use super::refusal::Refusal;
use super::show::View;
use super::store::{Contact, MY_CONTACTS, World, scattered};
use crate::api::{Answer, Call};

/// `POST people:createContact`
pub(super) fn create(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let view = Read::asked(call)?;
    let contact = created(world, &call.user, &call.body, 0)?;
    let source = stored(world, call, contact);
    Ok(Answer::of(view.show(world, call, &source)))
}

/// `PATCH people/{id}:updateContact`
pub(super) fn update(world: &mut World, call: &Call, name: &str) -> Result<Answer, Refusal> {
    let mask = mask::updatable(call.one("updatePersonFields"), "updatePersonFields")?;
    let view = Read::asked(call)?;
    let contact = updated(world, &call.user, name, &call.body, &mask)?;
    let source = stored(world, call, contact);
    Ok(Answer::of(view.show(world, call, &source)))
}

/// `DELETE people/{id}:deleteContact`
pub(super) fn delete(world: &mut World, call: &Call, name: &str) -> Result<Answer, Refusal> {
    let contact = deleted(world, &call.user, name)?;
    stored(world, call, contact);
    Ok(Answer::of(json!({})))
}

/// Stores what came through the API; the source id.
pub(super) fn stored(world: &mut World, call: &Call, contact: Contact) -> String {
    let source = contact.source.clone();
    world.put_contact(&call.user, contact, call.now, true);
    *world.counters.contact_writes.entry(call.user.clone()).or_default() += 1;
    source
}

/// What is to be read after a write.
pub(super) struct Read {
    pub(super) mask: Mask,
    pub(super) sources: Sources,
}

impl Read {
    fn asked(call: &Call) -> Result<Self, Refusal> {
        let mask = mask::readable(call.one("personFields"), "personFields")?;
        Ok(Self { mask: mask.unwrap_or_else(mask::everything), sources: Sources::asked(call)? })
    }

    pub(super) fn show(&self, world: &World, call: &Call, source: &str) -> Value {
        let (mask, sources) = (&self.mask, self.sources);
        let view = View { mask, sources, listed: false, change: false, policy: &world.policy };
        let contact = world.books.get(&call.user).and_then(|book| book.people.get(source));
        contact.map_or(Value::Null, |contact| view.show(contact))
    }
}

/// A new contact as it would be stored, beside so many others that are new.
pub(super) fn created(
    world: &mut World,
    user: &str,
    person: &Value,
    beside: usize,
) -> Result<Contact, Refusal> {
    wanted(world, person)?;
    let number = scattered(world.tick()) >> 1;
    let book = world.book(user)?;
    if book.contacts().count() + beside >= world.policy.most_contacts {
        return Err(Refusal::precondition("MY_CONTACTS_OVERFLOW_COUNT"));
    }
    let written = clean::written(person, fields::WRITTEN.iter().map(|field| field.name))?;
    let fields = written.into_iter().filter(|(_, items)| !items.is_empty());
    let mut groups = clean::groups(book, &[], person)?;
    if groups.is_empty() {
        groups.push(MY_CONTACTS.to_owned());
    }
    Ok(Contact {
        name: format!("people/c{number}"),
        source: format!("{number:x}"),
        former_names: Vec::new(),
        fields: fields.map(|(name, items)| (name.to_owned(), json!(items))).collect(),
        groups,
        profile: None,
        version: 0,
        updated: Duration::ZERO,
        deleted: false,
    })
}

/// What Google does not want it does not take.
fn wanted(world: &World, person: &Value) -> Result<(), Refusal> {
    let word = world.policy.refused.as_deref();
    if word.is_some_and(|word| person.to_string().contains(word)) {
        return Err(Refusal::invalid("Request contains an invalid argument."));
    }
    Ok(())
}

/// A contact as it would be stored after an update by somebody who has seen its latest state.
pub(super) fn updated(
    world: &World,
    user: &str,
    name: &str,
    person: &Value,
    mask: &Mask,
) -> Result<Contact, Refusal> {
    let contact = world.book(user)?.contact(name)?;
    etag::check(contact, person, !world.policy.etags_of_lists_refused)?;
    wanted(world, person)?;
    changed(world, user, name, person, mask)
}

/// A contact with other fields; those of the mask that are not there are cleared.
pub(super) fn changed(
    world: &World,
    user: &str,
    name: &str,
    person: &Value,
    mask: &Mask,
) -> Result<Contact, Refusal> {
    let book = world.book(user)?;
    let mut contact = book.contact(name)?.clone();
    for (field, items) in clean::written(person, mask.iter().map(String::as_str))? {
        if items.is_empty() {
            contact.fields.remove(field);
        } else {
            contact.fields.insert(field.to_owned(), json!(items));
        }
    }
    if mask.contains(MEMBERSHIPS) {
        contact.groups = clean::groups(book, &contact.groups, person)?;
        if contact.groups.is_empty() {
            let message = "Request person.memberships must contain at least one contact group membership.";
            return Err(Refusal::invalid(message));
        }
    }
    Ok(contact)
}

/// A contact as it would be stored when it is gone.
pub(super) fn deleted(world: &World, user: &str, name: &str) -> Result<Contact, Refusal> {
    let contact = world.book(user)?.contact(name)?.clone();
    Ok(Contact { deleted: true, ..contact })
}
