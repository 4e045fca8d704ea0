//! The contacts side in the hands of a test: what people and Google itself do, past every client.
//! None of it is counted as a client's doing, and lists show it after the same delays.

use std::time::Duration;

use serde_json::{Value, json};

use super::counters::ContactsCounters;
use super::fields;
use super::group_list;
use super::groups;
use super::mask::{self, Mask, Sources};
use super::members;
use super::policy::ContactsPolicy;
use super::refusal::Refusal;
use super::show::View;
use super::store::{Book, Contact, Group, World, scattered};
use super::write;
use crate::Faults;
use crate::api::Fault;
use crate::google::Google;

impl Google {
    /// The base of the People API, with a slash at its end.
    pub fn contacts_url(&self) -> String {
        format!("{}/v1/", self.base)
    }

    /// Faults of the People API.
    pub fn contacts_faults(&self) -> &Faults<Fault> {
        &self.contacts.faults
    }

    /// Changes how the contacts side behaves.
    pub fn set_contacts_policy(&self, change: impl FnOnce(&mut ContactsPolicy)) {
        change(&mut self.contacts.world.lock().policy);
    }

    /// What clients have cost so far.
    pub fn contacts_counters(&self) -> ContactsCounters {
        self.contacts.world.lock().counters.clone()
    }

    /// Counts from zero again.
    pub fn clear_contacts_counters(&self) {
        self.contacts.world.lock().counters = ContactsCounters::default();
    }

    /// Every user's contacts, none yet.
    pub(crate) fn open_contacts(&self, email: &str) {
        self.contacts.world.lock().open(email, self.clock.now());
    }

    /// A person adds a contact, given as `people.createContact` takes it; its resource name.
    pub fn put_person(&self, user: &str, person: &Value) -> Result<String, Refusal> {
        self.at_contacts(user, |world, user, now| {
            let contact = write::created(world, user, person, 0)?;
            let name = contact.name.clone();
            world.put_contact(user, contact, now, true);
            Ok(name)
        })
    }

    /// A person changes a contact: the fields that are there are replaced, empty ones cleared.
    pub fn edit_person(&self, user: &str, name: &str, fields: &Value) -> Result<(), Refusal> {
        let keys = fields.as_object().into_iter().flat_map(|it| it.keys().cloned());
        let mask: Mask = keys.filter(|key| fields::updatable(key)).collect();
        self.at_contacts(user, |world, user, now| {
            let contact = write::changed(world, user, name, fields, &mask)?;
            world.put_contact(user, contact, now, true);
            Ok(())
        })
    }

    /// A person deletes a contact.
    pub fn delete_person(&self, user: &str, name: &str) -> Result<(), Refusal> {
        self.at_contacts(user, |world, user, now| {
            let contact = write::deleted(world, user, name)?;
            world.put_contact(user, contact, now, true);
            Ok(())
        })
    }

    /// Gives a contact another etag and another time of change, and nothing else, as Google's own
    /// jobs do.
    pub fn phantom_change(&self, user: &str, name: &str) -> Result<(), Refusal> {
        self.alter(user, name, |_, _| {})
    }

    /// Gives a contact another resource name, as linking it with a profile does; that name. The
    /// former one still finds it.
    pub fn rename_person(&self, user: &str, name: &str) -> Result<String, Refusal> {
        self.link_profile(user, name, &Value::Null)
    }

    /// Links a contact with the profile of a Google account that says `profile`, fields as of a
    /// person; its new resource name. Who does not ask for contacts alone reads both.
    pub fn link_profile(&self, user: &str, name: &str, profile: &Value) -> Result<String, Refusal> {
        self.alter(user, name, |contact, number| {
            let new = format!("people/1{:020}", scattered(number));
            contact.former_names.push(std::mem::replace(&mut contact.name, new));
            contact.profile = profile.as_object().cloned().or(contact.profile.take());
        })?;
        Ok(self.contacts.world.lock().book(&user.to_ascii_lowercase())?.contact(name)?.name.clone())
    }

    /// A person merges two contacts: `kept` has all items of both fields, but its own name, and
    /// the other one is gone.
    pub fn merge_people(&self, user: &str, kept: &str, gone: &str) -> Result<(), Refusal> {
        self.at_contacts(user, |world, user, now| {
            let mut survivor = world.book(user)?.contact(kept)?.clone();
            let other = world.book(user)?.contact(gone)?.clone();
            absorb(&mut survivor, &other);
            world.put_contact(user, survivor, now, true);
            world.put_contact(user, Contact { deleted: true, ..other }, now, true);
            Ok(())
        })
    }

    /// A contact as it is, with all its fields, by its name or a former one.
    pub fn person(&self, user: &str, name: &str) -> Option<Value> {
        let world = self.contacts.world.lock();
        let book = world.books.get(&user.to_ascii_lowercase())?;
        Some(whole(&world, book.contact(name).ok()?))
    }

    /// All contacts of a user as they are, with all their fields.
    pub fn people(&self, user: &str) -> Vec<Value> {
        let world = self.contacts.world.lock();
        let book = world.books.get(&user.to_ascii_lowercase());
        book.into_iter().flat_map(Book::contacts).map(|contact| whole(&world, contact)).collect()
    }

    /// A person makes a group; its resource name.
    pub fn add_group(&self, user: &str, name: &str) -> Result<String, Refusal> {
        self.at_contacts(user, |world, user, now| {
            let group = groups::created(world, user, name)?;
            let name = group.name.clone();
            world.put_group(user, group, now);
            Ok(name)
        })
    }

    /// A person gives a group another name.
    pub fn rename_group(&self, user: &str, group: &str, name: &str) -> Result<(), Refusal> {
        self.at_contacts(user, |world, user, now| {
            let found = groups::own(world, user, group)?;
            groups::free(world, user, name, group)?;
            let (title, formatted) = (name.to_owned(), name.to_owned());
            world.put_group(user, Group { title, formatted, ..found }, now);
            Ok(())
        })
    }

    /// A person deletes a group, with its contacts or without.
    pub fn remove_group(&self, user: &str, group: &str, with_contacts: bool) -> Result<(), Refusal> {
        self.at_contacts(user, |world, user, now| {
            groups::delete_group(world, user, group, with_contacts, now)
        })
    }

    /// A person puts a contact into a group.
    pub fn join_group(&self, user: &str, group: &str, person: &str) -> Result<(), Refusal> {
        self.at_contacts(user, |world, user, now| {
            super::clean::may_join(world.book(user)?, group)?;
            members::turn(world, user, group, person, true, now).map(drop)
        })
    }

    /// A person takes a contact out of a group; whether it was not its last one.
    pub fn leave_group(&self, user: &str, group: &str, person: &str) -> Result<bool, Refusal> {
        self.at_contacts(user, |world, user, now| members::turn(world, user, group, person, false, now))
    }

    /// The groups of a user as they are, those of the system too.
    pub fn groups(&self, user: &str) -> Vec<Value> {
        let world = self.contacts.world.lock();
        let Some(book) = world.books.get(&user.to_ascii_lowercase()) else {
            return Vec::new();
        };
        let fields = ["clientData", "groupType", "metadata", "name"];
        let live = book.groups.values().filter(|group| !group.deleted);
        live.map(|group| group_list::show(book, group, &fields, 0)).collect()
    }

    /// The members of a group as they are, by resource name.
    pub fn group_members(&self, user: &str, group: &str) -> Vec<String> {
        let world = self.contacts.world.lock();
        let book = world.books.get(&user.to_ascii_lowercase());
        let members = book.into_iter().flat_map(|book| book.members(group));
        members.map(|contact| contact.name.clone()).collect()
    }

    /// Ends every sync token of a user's contacts and groups: 400 `EXPIRED_SYNC_TOKEN`.
    pub fn expire_contacts_sync_tokens(&self, user: &str) {
        if let Some(book) = self.contacts.world.lock().books.get_mut(&user.to_ascii_lowercase()) {
            book.epoch += 1;
        }
    }

    /// Has lists show at once all that has been written.
    pub fn settle_contacts(&self, user: &str) {
        if let Some(book) = self.contacts.world.lock().books.get_mut(&user.to_ascii_lowercase()) {
            book.settle();
        }
    }

    fn alter(&self, user: &str, name: &str, change: impl FnOnce(&mut Contact, u64)) -> Result<(), Refusal> {
        self.at_contacts(user, |world, user, now| {
            let number = world.tick();
            let mut contact = world.book(user)?.contact(name)?.clone();
            change(&mut contact, number);
            world.put_contact(user, contact, now, true);
            Ok(())
        })
    }

    /// What a person does in Google's own pages.
    fn at_contacts<T>(
        &self,
        user: &str,
        act: impl FnOnce(&mut World, &str, Duration) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let (user, now) = (user.to_ascii_lowercase(), self.clock.now());
        act(&mut self.contacts.world.lock(), &user, now)
    }
}

/// All of a contact, as who asks for contacts alone reads it.
fn whole(world: &World, contact: &Contact) -> Value {
    let mask = mask::everything();
    let sources = Sources { contact: true, profile: false };
    View { mask: &mask, sources, listed: false, change: false, policy: &world.policy }.show(contact)
}

/// Adds what the other contact has and this one has not.
fn absorb(survivor: &mut Contact, other: &Contact) {
    for field in &fields::WRITTEN {
        let Some(items) = other.fields.get(field.name).and_then(Value::as_array) else {
            continue;
        };
        let own = survivor.fields.entry(field.name).or_insert_with(|| json!([]));
        let Some(own) = own.as_array_mut() else {
            continue;
        };
        if field.single && !own.is_empty() {
            continue;
        }
        let plain = |item: &Value| {
            let mut item = item.clone();
            item.as_object_mut().map(|it| it.remove("metadata"));
            item
        };
        for item in items {
            let item = plain(item);
            if !own.iter().any(|it| plain(it) == item) {
                own.push(item);
            }
        }
    }
    let new = other.groups.iter().filter(|group| !survivor.groups.contains(group)).cloned();
    let new: Vec<String> = new.collect();
    survivor.groups.extend(new);
}
