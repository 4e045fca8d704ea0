//! Everybody's contacts and groups. Each write is there at once for who asks for it by name, and
//! later for who lists.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::counters::ContactsCounters;
use super::lagging::Lagging;
use super::policy::ContactsPolicy;
use super::quota::Quota;
use super::refusal::Refusal;

/// A JSON object.
pub(super) type Body = Map<String, Value>;

/// How long lists of changes remember what is gone; longer than any sync token lives.
const REMEMBERED: Duration = Duration::from_secs(30 * 86_400);

pub(super) const MY_CONTACTS: &str = "contactGroups/myContacts";
pub(super) const STARRED: &str = "contactGroups/starred";

/// The groups everybody has, and what they are called.
const SYSTEM: [(&str, &str); 8] = [
    ("all", "All"),
    ("blocked", "Blocked"),
    ("chatBuddies", "Chat contacts"),
    ("coworkers", "Coworkers"),
    ("family", "Family"),
    ("friends", "Friends"),
    ("myContacts", "My Contacts"),
    ("starred", "Starred"),
];

/// A contact in one of its states.
#[derive(Debug, Clone)]
pub(super) struct Contact {
    /// The resource name; it may change.
    pub(super) name: String,
    /// The id of its contact source, which never changes.
    pub(super) source: String,
    pub(super) former_names: Vec<String>,
    /// The fields that were written, each a list of items.
    pub(super) fields: Body,
    /// The groups it is in, by resource name; at least one.
    pub(super) groups: Vec<String>,
    /// What Google's own profile of this person says.
    pub(super) profile: Option<Body>,
    /// Differs between any two states of anything.
    pub(super) version: u64,
    pub(super) updated: Duration,
    pub(super) deleted: bool,
}

/// A group in one of its states.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) title: String,
    /// What it is called where people read it.
    pub(super) formatted: String,
    pub(super) system: bool,
    pub(super) client_data: Vec<Value>,
    pub(super) version: u64,
    pub(super) updated: Duration,
    pub(super) deleted: bool,
}

/// One user's contacts.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// By source id.
    pub(super) people: Lagging<Contact>,
    /// By resource name.
    pub(super) groups: Lagging<Group>,
    /// Source ids by every resource name there ever was.
    pub(super) names: BTreeMap<String, String>,
    /// Sync tokens of an earlier epoch have expired.
    pub(super) epoch: u64,
}

impl Book {
    /// A contact as it is, by its name or a former one.
    pub(super) fn contact(&self, name: &str) -> Result<&Contact, Refusal> {
        let contact = self.names.get(name).and_then(|source| self.people.get(source));
        contact.filter(|it| !it.deleted).ok_or_else(Refusal::not_found)
    }

    /// A group as it is.
    pub(super) fn group(&self, name: &str) -> Result<&Group, Refusal> {
        self.groups.get(name).filter(|it| !it.deleted).ok_or_else(Refusal::not_found)
    }

    /// The contacts as they are.
    pub(super) fn contacts(&self) -> impl Iterator<Item = &Contact> {
        self.people.values().filter(|it| !it.deleted)
    }

    /// The members of a group as they are.
    pub(super) fn members<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a Contact> {
        self.contacts().filter(move |it| it.groups.iter().any(|name| name == group))
    }

    /// The members of a group as lists show them.
    pub(super) fn listed_members<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a Contact> {
        let listed = self.people.listed().map(|it| &it.value).filter(|it| !it.deleted);
        listed.filter(move |it| it.groups.iter().any(|name| name == group))
    }

    /// Lets lists show what is due.
    pub(super) fn catch_up(&mut self, now: Duration) {
        self.people.catch_up(now);
        self.groups.catch_up(now);
        let over = |deleted: bool, at: Duration| deleted && at + REMEMBERED < now;
        self.groups.forget(|it| over(it.deleted, it.updated));
        if self.people.forget(|it| over(it.deleted, it.updated)) {
            self.names.retain(|_, source| self.people.get(source).is_some());
        }
    }

    /// Lets lists show everything.
    pub(super) fn settle(&mut self) {
        self.people.catch_up(Duration::MAX);
        self.groups.catch_up(Duration::MAX);
    }
}

/// All that the contacts side remembers.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) books: BTreeMap<String, Book>,
    pub(super) policy: ContactsPolicy,
    pub(super) counters: ContactsCounters,
    pub(super) quota: Quota,
    ticks: u64,
}

impl World {
    /// A number not given before.
    pub(super) fn tick(&mut self) -> u64 {
        self.ticks += 1;
        self.ticks
    }

    /// Gives a user the groups everybody has. Who has them keeps what there is.
    pub(super) fn open(&mut self, user: &str, now: Duration) {
        if self.books.contains_key(user) {
            return;
        }
        let mut book = Book::default();
        for (id, formatted) in SYSTEM {
            let name = format!("contactGroups/{id}");
            let group = Group {
                name: name.clone(),
                title: id.to_owned(),
                formatted: formatted.to_owned(),
                system: true,
                client_data: Vec::new(),
                version: self.tick(),
                updated: now,
                deleted: false,
            };
            book.groups.put(&name, group, now, true);
        }
        book.catch_up(now);
        self.books.insert(user.to_owned(), book);
    }

    /// The book of a user.
    pub(super) fn book(&self, user: &str) -> Result<&Book, Refusal> {
        self.books.get(user).ok_or_else(Refusal::not_found)
    }

    /// Stores a state of a contact: a new version, shown by lists in its time.
    pub(super) fn put_contact(&mut self, user: &str, mut contact: Contact, now: Duration, told: bool) {
        (contact.version, contact.updated) = (self.tick(), now);
        let due = now + self.policy.delay(contact.version);
        let Some(book) = self.books.get_mut(user) else {
            return;
        };
        for name in contact.former_names.iter().chain([&contact.name]) {
            book.names.insert(name.clone(), contact.source.clone());
        }
        let source = contact.source.clone();
        book.people.put(&source, contact, due, told);
    }

    /// Stores a state of a group, as a contact's.
    pub(super) fn put_group(&mut self, user: &str, mut group: Group, now: Duration) {
        (group.version, group.updated) = (self.tick(), now);
        let due = now + self.policy.delay(group.version);
        if let Some(book) = self.books.get_mut(user) {
            let name = group.name.clone();
            book.groups.put(&name, group, due, true);
        }
    }

    /// A person's address has changed.
    pub(super) fn rename(&mut self, from: &str, to: &str) {
        if let Some(book) = self.books.remove(from) {
            self.books.insert(to.to_owned(), book);
        }
    }
}

/// A number that looks random and differs for different ones.
pub(super) fn scattered(number: u64) -> u64 {
    let mut it = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    it ^ (it >> 31)
}
