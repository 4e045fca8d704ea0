//! Everybody's calendars. Each calendar counts its changes: that number orders them, and a
//! sync token is such a number.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::channel::{Channel, Notice};
use super::counters::CalendarCounters;
use super::moment;
use super::policy::CalendarPolicy;
use super::quota::Quota;

/// A JSON object.
pub(super) type Body = Map<String, Value>;

/// What a user may do with a calendar, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Times only.
    FreeBusyReader,
    /// Everything but private events.
    Reader,
    /// Changes events, and does not see private ones.
    WriterWithoutPrivateAccess,
    /// Sees and changes every event.
    Writer,
    /// As a writer, and shares the calendar.
    Owner,
}

impl Role {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::FreeBusyReader => "freeBusyReader",
            Self::Reader => "reader",
            Self::WriterWithoutPrivateAccess => "writerWithoutPrivateAccess",
            Self::Writer => "writer",
            Self::Owner => "owner",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        let all =
            [Self::FreeBusyReader, Self::Reader, Self::WriterWithoutPrivateAccess, Self::Writer, Self::Owner];
        all.into_iter().find(|role| role.name() == name)
    }

    pub(super) fn writes(self) -> bool {
        self >= Self::WriterWithoutPrivateAccess
    }

    pub(super) fn sees_private(self) -> bool {
        self >= Self::Writer
    }
}

/// An event as one calendar has it, live or cancelled.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stored {
    pub(super) body: Body,
    /// The calendar's count of changes when this one was made.
    pub(super) change: u64,
    /// Differs between any two states of any event.
    pub(super) version: u64,
}

impl Stored {
    pub(super) fn etag(&self) -> String {
        etag(self.version)
    }

    pub(super) fn cancelled(&self) -> bool {
        text(&self.body, "status") == "cancelled"
    }
}

/// A calendar with its events.
#[derive(Debug)]
pub(super) struct Calendar {
    pub(super) id: String,
    pub(super) owner: String,
    pub(super) summary: String,
    pub(super) zone: String,
    pub(super) primary: bool,
    /// No watching, as with holidays and birthdays.
    pub(super) unwatched: bool,
    pub(super) shares: BTreeMap<String, Role>,
    pub(super) events: BTreeMap<String, Stored>,
    pub(super) change: u64,
    /// Sync tokens of an earlier epoch are refused.
    pub(super) epoch: u64,
    pub(super) updated: Duration,
}

impl Calendar {
    pub(super) fn role(&self, user: &str) -> Option<Role> {
        if self.owner == user { Some(Role::Owner) } else { self.shares.get(user).copied() }
    }

    /// The live or cancelled exceptions of a series.
    pub(super) fn exceptions(&self, master: &str) -> Vec<String> {
        let of = |stored: &Stored| text(&stored.body, "recurringEventId") == master;
        self.events.iter().filter(|(_, it)| of(it)).map(|(id, _)| id.clone()).collect()
    }
}

/// A line of somebody's list of calendars.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Entry {
    pub(super) change: u64,
    pub(super) deleted: bool,
    pub(super) hidden: bool,
}

/// All that the calendar side remembers.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) calendars: BTreeMap<String, Calendar>,
    pub(super) lists: BTreeMap<String, BTreeMap<String, Entry>>,
    pub(super) channels: BTreeMap<String, Channel>,
    /// Calendars that have changed since the last ring.
    pub(super) rung: BTreeSet<String>,
    pub(super) notices: VecDeque<Notice>,
    pub(super) policy: CalendarPolicy,
    pub(super) counters: CalendarCounters,
    pub(super) quota: Quota,
    /// Sync tokens of lists of calendars of an earlier epoch are refused.
    pub(super) list_epoch: u64,
    ticks: u64,
}

impl World {
    /// A number not given before.
    pub(super) fn tick(&mut self) -> u64 {
        self.ticks += 1;
        self.ticks
    }

    /// The last number given.
    pub(super) fn ticks(&self) -> u64 {
        self.ticks
    }

    /// Adds a calendar and puts it on its owner's list.
    pub(super) fn open(&mut self, owner: &str, id: &str, summary: &str, zone: &str, now: Duration) {
        let calendar = Calendar {
            id: id.to_owned(),
            owner: owner.to_owned(),
            summary: summary.to_owned(),
            zone: zone.to_owned(),
            primary: owner == id,
            unwatched: false,
            shares: BTreeMap::new(),
            events: BTreeMap::new(),
            change: 0,
            epoch: 0,
            updated: now,
        };
        if !self.calendars.contains_key(id) {
            self.calendars.insert(id.to_owned(), calendar);
            self.list(owner, id, false);
        }
    }

    /// Puts a calendar on a list, or takes it off.
    pub(super) fn list(&mut self, user: &str, calendar: &str, deleted: bool) {
        let change = self.tick();
        let list = self.lists.entry(user.to_owned()).or_default();
        let entry = list.entry(calendar.to_owned()).or_default();
        *entry = Entry { change, deleted, ..*entry };
    }

    /// Stores one state of an event. `None` when there is no such calendar.
    pub(super) fn put(&mut self, calendar: &str, mut body: Body, now: Duration, stamped: bool) -> Option<()> {
        let version = self.tick();
        let calendar = self.calendars.get_mut(calendar)?;
        calendar.change += 1;
        calendar.updated = now;
        let stamp = json!(stamp(now));
        if stamped {
            body.insert("updated".into(), stamp.clone());
        }
        body.entry("created").or_insert(stamp);
        let id = text(&body, "id").to_owned();
        let change = calendar.change;
        calendar.events.insert(id, Stored { body, change, version });
        self.rung.insert(calendar.id.clone());
        Some(())
    }

    /// A person's address has changed: so do the primary calendar's id and what they own.
    pub(super) fn rename(&mut self, from: &str, to: &str) {
        if let Some(mut calendar) = self.calendars.remove(from) {
            calendar.id = to.to_owned();
            self.calendars.insert(to.to_owned(), calendar);
        }
        for calendar in self.calendars.values_mut() {
            if calendar.owner == from {
                calendar.owner = to.to_owned();
            }
            if let Some(role) = calendar.shares.remove(from) {
                calendar.shares.insert(to.to_owned(), role);
            }
            calendar.events.values_mut().for_each(|it| readdress(&mut it.body, from, to));
        }
        if let Some(mut list) = self.lists.remove(from) {
            if let Some(entry) = list.remove(from) {
                list.insert(to.to_owned(), entry);
            }
            self.lists.insert(to.to_owned(), list);
        }
    }
}

fn readdress(body: &mut Body, from: &str, to: &str) {
    for role in ["organizer", "creator"] {
        if let Some(address) = body.get_mut(role).and_then(|it| it.get_mut("email"))
            && address == from
        {
            *address = json!(to);
        }
    }
}

/// The text of a field, or nothing.
pub(super) fn text<'a>(body: &'a Body, key: &str) -> &'a str {
    body.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The address in `organizer`: the calendar the event lives in.
pub(super) fn home(body: &Body) -> &str {
    let organizer = body.get("organizer").and_then(|it| it.get("email"));
    organizer.and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn etag(version: u64) -> String {
    format!("\"{}\"", 3_500_000_000_000_000 + version * 2)
}

pub(super) fn instant(at: Duration) -> Timestamp {
    let millis = i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}

pub(super) fn stamp(at: Duration) -> String {
    moment::millis(instant(at))
}
