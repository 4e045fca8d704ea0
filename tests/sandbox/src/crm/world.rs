//! What the CRM holds: records, people, addresses that records share, and what is told of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::hooks::Hooks;
use super::journal::Deed;
use super::logins::Logins;
use super::mail_account::HANDLERS;
use super::notified::Notified;
use super::shape::Shape;
use super::times;
use super::version::Version;
use crate::clock::Clock;

/// The API user whose key the CRM gives out.
pub(crate) const API_USER: &str = "6b035d18149b7dbf8";
/// The user who set the CRM up.
pub(crate) const ADMIN: &str = "6b035cafbb3f177bb";

/// Which field of a meeting holds the identity of a Google event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EventField {
    /// None has.
    #[default]
    Absent,
    /// `googleCalendarEventId` and `googleCalendar`, as a module brings them.
    Module,
    /// `cGoogleCalendarEventId`: an administrator made it, and the CRM put a `c` before its name.
    Custom,
}

impl EventField {
    /// The attributes it adds to Meeting and Call.
    pub(crate) fn attributes(self) -> &'static [&'static str] {
        match self {
            Self::Absent => &[],
            Self::Module => &["googleCalendarEventId", "googleCalendarId"],
            Self::Custom => &["cGoogleCalendarEventId"],
        }
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Actor {
    pub(crate) id: String,
    pub(crate) standing: Standing,
}

/// What an actor may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// What its role says.
    Api,
    /// Everything with records.
    Person,
    /// Everything.
    Admin,
}

/// A record of any entity.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) entity: String,
    pub(crate) fields: Map<String, Value>,
    /// Attendees by link: identity and answer, in the order they came.
    pub(crate) attendees: BTreeMap<String, Vec<(String, String)>>,
    /// Addresses in lower case, the primary one first.
    pub(crate) emails: Vec<String>,
    /// Numbers, the primary one first, each with its type.
    pub(crate) phones: Vec<(String, String)>,
    pub(crate) deleted: bool,
}

impl Record {
    /// A field that holds a text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }

    /// Identities of its teams.
    pub(crate) fn teams(&self) -> Vec<&str> {
        let teams = self.fields.get("teamsIds").and_then(Value::as_array);
        teams.into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

/// A row of an address, which every record that has it shares.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    /// As it was first written.
    pub(crate) spelling: String,
    pub(crate) opt_out: bool,
    pub(crate) invalid: bool,
}

/// Everything inside one CRM.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) version: Version,
    pub(crate) clock: Clock,
    pub(crate) zone: String,
    pub(crate) site_url: String,
    pub(crate) records: BTreeMap<(String, String), Record>,
    pub(crate) addresses: BTreeMap<String, Address>,
    pub(crate) event_field: EventField,
    /// Entities that the role of the API user does not open.
    pub(crate) closed: BTreeSet<String>,
    /// Records that the API user may not see.
    pub(crate) hidden: BTreeSet<(String, String)>,
    pub(crate) mail_hosts: Vec<String>,
    pub(crate) hook_hosts: Vec<String>,
    /// Whether `testConnection` succeeds, where nothing is dialled.
    pub(crate) mail_answers: bool,
    /// Whether `testConnection` dials the server that it is given.
    pub(crate) mail_dials: bool,
    /// Whether requests may see and clear what an extension set in a mail account.
    pub(crate) shows_handlers: bool,
    /// Whether names of people are written with a middle name.
    pub(crate) middle_names: bool,
    pub(crate) logins: Logins,
    pub(crate) hooks: Hooks,
    pub(crate) notified: Notified,
    pub(crate) asked: Vec<String>,
    pub(crate) deeds: Vec<Deed>,
    /// Requests by method and entity.
    pub(crate) requests: BTreeMap<(String, String), u64>,
    made: u64,
}

impl World {
    pub(crate) fn new(version: Version, clock: Clock, site_url: &str) -> Self {
        let mut world = Self {
            version,
            clock,
            zone: "UTC".to_owned(),
            site_url: site_url.to_owned(),
            records: BTreeMap::new(),
            addresses: BTreeMap::new(),
            event_field: EventField::default(),
            closed: BTreeSet::from(["Opportunity".to_owned()]),
            hidden: BTreeSet::new(),
            mail_hosts: Vec::new(),
            hook_hosts: Vec::new(),
            mail_answers: true,
            mail_dials: false,
            shows_handlers: false,
            middle_names: false,
            logins: Logins::default(),
            hooks: Hooks::default(),
            notified: Notified::default(),
            asked: Vec::new(),
            deeds: Vec::new(),
            requests: BTreeMap::new(),
            made: 0,
        };
        world.add_user(ADMIN, "admin", "admin", ("", "Admin"), &[]);
        world.add_user(API_USER, "api", "gwapi", ("", "gwapi"), &[]);
        world
    }

    /// Adds a user, or writes one anew.
    pub(crate) fn add_user(&mut self, id: &str, kind: &str, login: &str, name: (&str, &str), mail: &[&str]) {
        let (first, last) = name;
        let fields = json!({
            "userName": login, "type": kind, "firstName": first, "lastName": last, "isActive": true,
            "createdAt": "2026-11-22 21:22:33", "modifiedAt": "2026-11-22 21:22:33", "createdById": ADMIN,
        });
        let mut record = Record { id: id.to_owned(), entity: "User".to_owned(), ..Record::default() };
        record.fields = fields.as_object().cloned().unwrap_or_default();
        for address in mail {
            record.emails.push(self.share_address(address));
        }
        self.records.insert(("User".to_owned(), id.to_owned()), record);
    }

    /// A new identity: 17 hexadecimal digits, the same ones in every run that does the same.
    pub(crate) fn new_id(&mut self) -> String {
        self.made += 1;
        // An odd factor keeps them apart and makes neighbours look unalike.
        let scattered = self.made.wrapping_mul(0x9_e377_9b97) & 0xf_ffff_ffff;
        format!("6b035d73{scattered:09x}")
    }

    pub(crate) fn now(&self) -> String {
        times::stamp(self.clock.seconds())
    }

    /// A record that is there.
    pub(crate) fn record(&self, entity: &str, id: &str) -> Option<&Record> {
        self.records.get(&(entity.to_owned(), id.to_owned())).filter(|record| !record.deleted)
    }

    pub(crate) fn record_mut(&mut self, entity: &str, id: &str) -> Option<&mut Record> {
        self.records.get_mut(&(entity.to_owned(), id.to_owned())).filter(|record| !record.deleted)
    }

    /// The records of one entity that are there.
    pub(crate) fn all<'a>(&'a self, entity: &'a str) -> impl Iterator<Item = &'a Record> {
        let from = self.records.range((entity.to_owned(), String::new())..);
        let records = from.map(|(_, record)| record).take_while(move |record| record.entity == entity);
        records.filter(|record| !record.deleted)
    }

    /// Whether an actor may see a record.
    pub(crate) fn sees(&self, actor: &Actor, record: &Record) -> bool {
        actor.standing != Standing::Api
            || !self.hidden.contains(&(record.entity.clone(), record.id.clone()))
                && (record.entity != "Webhook" || record.text("createdById") == Some(actor.id.as_str()))
    }

    /// Whether a role opens an entity to an actor.
    pub(crate) fn opens(&self, actor: &Actor, entity: &str) -> bool {
        actor.standing != Standing::Api || !self.closed.contains(entity)
    }

    /// Whether requests may write an attribute.
    pub(crate) fn accepts(&self, shape: &Shape, attribute: &str) -> bool {
        shape.accepts(attribute)
            || shape.is_mail() && self.shows_handlers && HANDLERS.contains(&attribute)
            || shape.is_event() && self.event_field.attributes().contains(&attribute)
    }

    /// The lower-case key of an address, whose row is made if it is new.
    pub(crate) fn share_address(&mut self, address: &str) -> String {
        let lower = address.to_lowercase();
        let row = || Address { spelling: address.to_owned(), opt_out: false, invalid: false };
        self.addresses.entry(lower.clone()).or_insert_with(row);
        lower
    }
}
