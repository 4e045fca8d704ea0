//! What people did, told by nobody but themselves: the reference that the
//! gateway's work is judged by.

use std::collections::{BTreeMap, BTreeSet};

use super::chosen::Chosen;
use super::history::{Field, Guests, Side, Who};
use super::shown::{Scene, Shown};

/// An edit, or the words that a thing was made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Seconds of Unix time.
    pub at: u64,
    pub side: Side,
    pub field: Field,
    pub value: String,
}

/// What somebody made, on whichever side.
#[derive(Debug, Clone)]
pub struct Thing {
    pub number: usize,
    pub born: Side,
    pub call: bool,
    pub guests: Guests,
    /// In the order in which they were done.
    pub edits: Vec<Edit>,
    /// The sides on which somebody deleted it.
    pub deleted: BTreeSet<Side>,
    /// Whether only its guests may see it.
    pub private: bool,
    /// Whether whoever made it was connected.
    pub connected: bool,
    /// Whose choices may count for it.
    pub ruled: Vec<Who>,
    /// Whether somebody ever called it off in the CRM.
    pub called_off: bool,
    /// Whether it was ever given to another user.
    pub assigned: bool,
    /// Who has deleted a copy of it.
    pub dropped: Vec<Who>,
    /// Whether somebody who is not connected may have become a guest by the record.
    pub outsiders: bool,
    /// Whether anything but its words, times and place was ever changed.
    pub disturbed: bool,
    /// When that was, and on which side.
    pub touches: Vec<(Side, u64)>,
}

/// Everything that people did.
#[derive(Debug, Default)]
pub struct Books {
    pub things: BTreeMap<usize, Thing>,
    /// By calendar and identity.
    pub events: BTreeMap<(String, String), usize>,
    /// By entity and identity.
    pub records: BTreeMap<(String, String), usize>,
    /// Notifications of the CRM that people caused.
    pub told: usize,
    /// What Anna and Ben chose.
    pub chosen: [Chosen; 2],
    /// Edits of records that came between the gateway's look and its write of that record.
    pub raced: BTreeSet<(usize, Field, String)>,
    /// Values that both sides were seen to show: thing, field, value.
    pub agreed: BTreeSet<(usize, Field, String)>,
}

impl Books {
    /// The last edit of a record came while the record was written: the CRM compares no versions, so
    /// one of the two is written over, and nobody hears of it.
    pub fn raced(&mut self, thing: usize, field: Field) {
        let edits = self.things.get(&thing).map(|thing| thing.edits.as_slice()).unwrap_or_default();
        let last = edits.iter().rfind(|edit| edit.side == Side::Crm && edit.field == field);
        self.raced.extend(last.map(|edit| (thing, field, edit.value.clone())));
    }

    /// Learns which thing is shown where, and what both sides agree upon.
    pub fn learn(&mut self, scene: &Scene) {
        for event in &scene.events {
            // A copy of what is hidden is hidden from the beginning.
            let hidden = || self.busy(event).filter(|_| event.copy);
            if let Some(thing) = event.thing().or_else(hidden) {
                self.events.entry((event.home.clone(), event.id.clone())).or_insert(thing);
            }
        }
        for record in &scene.records {
            if let Some(thing) = record.thing().or_else(|| self.busy(record)) {
                self.records.entry((record.home.clone(), record.id.clone())).or_insert(thing);
            }
        }
        for thing in self.things.keys().copied().collect::<Vec<_>>() {
            for event in self.events_of(thing, scene) {
                for record in self.records_of(thing, scene) {
                    let both = event.values().into_iter().filter(|value| record.values().contains(value));
                    self.agreed.extend(both.map(|(field, value)| (thing, field, value)));
                }
            }
        }
    }

    // A hidden thing is known by its times, which no other has.
    fn busy(&self, record: &Shown) -> Option<usize> {
        let when = |edit: &Edit| edit.field == Field::When && edit.value == record.when;
        let found = self.things.values().find(|thing| thing.edits.iter().any(when));
        found.filter(|_| record.title == "Busy").map(|thing| thing.number)
    }

    /// The living events of a thing, in the calendars of its guests too.
    pub fn events_of<'a>(&self, thing: usize, scene: &'a Scene) -> Vec<&'a Shown> {
        self.living(thing, scene).filter(|event| !event.copy).collect()
    }

    /// The living copies of a thing, for those who take part in it.
    pub fn copies_of<'a>(&self, thing: usize, scene: &'a Scene) -> Vec<&'a Shown> {
        self.living(thing, scene).filter(|event| event.copy).collect()
    }

    fn living<'a>(&self, thing: usize, scene: &'a Scene) -> impl Iterator<Item = &'a Shown> {
        let of =
            move |shown: &&Shown| self.events.get(&(shown.home.clone(), shown.id.clone())) == Some(&thing);
        scene.events.iter().filter(|event| event.live).filter(of)
    }

    /// The living records of a thing.
    pub fn records_of<'a>(&self, thing: usize, scene: &'a Scene) -> Vec<&'a Shown> {
        let of = |shown: &&Shown| self.records.get(&(shown.home.clone(), shown.id.clone())) == Some(&thing);
        scene.records.iter().filter(of).collect()
    }
}

impl Thing {
    /// When people touched a side.
    pub fn touched(&self, side: Side) -> impl Iterator<Item = u64> {
        let edits = self.edits.iter().map(|edit| (edit.side, edit.at));
        edits.chain(self.touches.iter().copied()).filter(move |(of, _)| *of == side).map(|(_, at)| at)
    }
}
