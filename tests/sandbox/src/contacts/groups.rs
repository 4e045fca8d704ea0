//! `contactGroups.create`, `.update` and `.delete`. Names are taken at once, whatever lists show.

use serde_json::{Value, json};

use super::clean::only;
use super::etag;
use super::group_list::{fields, show};
use super::mask;
use super::refusal::Refusal;
use super::store::{Contact, Group, MY_CONTACTS, World, scattered};
use crate::api::{Answer, Call};

/// What a client says about a group.
struct Wanted<'a> {
    group: &'a Value,
    name: &'a str,
    client_data: Vec<Value>,
    read: Vec<&'a str>,
}

impl<'a> Wanted<'a> {
    fn read(call: &'a Call) -> Result<Self, Refusal> {
        only(&call.body, &["contactGroup", "readGroupFields", "updateGroupFields"])?;
        let group = &call.body["contactGroup"];
        let read = fields(call.body["readGroupFields"].as_str(), "readGroupFields")?;
        let client_data = group["clientData"].as_array().cloned().unwrap_or_default();
        Ok(Self { group, name: group["name"].as_str().unwrap_or_default().trim(), client_data, read })
    }
}

/// `POST contactGroups`
pub(super) fn create(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let wanted = Wanted::read(call)?;
    let mut group = created(world, &call.user, wanted.name)?;
    group.client_data = wanted.client_data;
    stored(world, call, group, &wanted.read)
}

/// A new group as it would be stored.
pub(super) fn created(world: &mut World, user: &str, name: &str) -> Result<Group, Refusal> {
    free(world, user, name, "")?;
    let number = scattered(world.tick());
    Ok(Group {
        name: format!("contactGroups/{number:x}"),
        title: name.to_owned(),
        formatted: name.to_owned(),
        system: false,
        client_data: Vec::new(),
        version: 0,
        updated: std::time::Duration::ZERO,
        deleted: false,
    })
}

fn stored(world: &mut World, call: &Call, group: Group, read: &[&str]) -> Result<Answer, Refusal> {
    let name = group.name.clone();
    world.put_group(&call.user, group, call.now);
    let book = world.book(&call.user)?;
    Ok(Answer::of(show(book, book.group(&name)?, read, 0)))
}

/// Whether a group may be called so: not as any other is.
pub(super) fn free(world: &World, user: &str, name: &str, own: &str) -> Result<(), Refusal> {
    if name.is_empty() {
        return Err(Refusal::invalid("Contact group name must not be empty."));
    }
    let book = world.book(user)?;
    let mut others = book.groups.values().filter(|group| !group.deleted && group.name != own);
    let taken = others.any(|group| group.title == name || group.formatted == name);
    if taken { Err(Refusal::group_exists()) } else { Ok(()) }
}

/// `PUT contactGroups/{id}`
pub(super) fn update(world: &mut World, call: &Call, name: &str) -> Result<Answer, Refusal> {
    let wanted = Wanted::read(call)?;
    let mut group = own(world, &call.user, name)?;
    if wanted.group["etag"].as_str().is_some_and(|it| it != etag::of_group(group.version)) {
        let message = "Request contactGroup.etag is different than the current contactGroup.etag. Clear local \
                       cache and get the latest contact group.";
        return Err(Refusal::precondition(message));
    }
    let mask = call.body["updateGroupFields"].as_str().filter(|it| !it.is_empty()).unwrap_or("name");
    for field in mask.split(',').map(str::trim) {
        match field {
            "name" => {
                free(world, &call.user, wanted.name, name)?;
                wanted.name.clone_into(&mut group.title);
                wanted.name.clone_into(&mut group.formatted);
            }
            "clientData" => group.client_data.clone_from(&wanted.client_data),
            _ => return Err(Refusal::invalid(&format!("Invalid updateGroupFields mask path: \"{field}\"."))),
        }
    }
    stored(world, call, group, &wanted.read)
}

/// A group that people have made, and may change.
pub(super) fn own(world: &World, user: &str, name: &str) -> Result<Group, Refusal> {
    let group = world.book(user)?.group(name)?;
    if group.system {
        return Err(Refusal::invalid("System contact groups cannot be modified."));
    }
    Ok(group.clone())
}

/// `DELETE contactGroups/{id}`
pub(super) fn delete(world: &mut World, call: &Call, name: &str) -> Result<Answer, Refusal> {
    let contacts = mask::flag(call, "deleteContacts")?;
    delete_group(world, &call.user, name, contacts, call.now)?;
    Ok(Answer::of(json!({})))
}

/// Deletes a group, with its members or without.
pub(super) fn delete_group(
    world: &mut World,
    user: &str,
    name: &str,
    contacts: bool,
    now: std::time::Duration,
) -> Result<(), Refusal> {
    let group = own(world, user, name)?;
    let members: Vec<Contact> = world.book(user)?.members(name).cloned().collect();
    for mut contact in members {
        contact.groups.retain(|it| it != name);
        if contact.groups.is_empty() {
            contact.groups.push(MY_CONTACTS.to_owned());
        }
        contact.deleted = contacts;
        world.put_contact(user, contact, now, contacts || world.policy.membership_is_change);
    }
    world.put_group(user, Group { deleted: true, ..group }, now);
    Ok(())
}
