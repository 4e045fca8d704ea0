//! Whom an event invites, by who takes part in its record.
//!
//! Only whom the CRM shows anew is put on the list of guests, and only who took part when both
//! sides last agreed is taken off it: whom somebody has taken off at Google is not put on again,
//! and a guest whom the record never had is nobody's to take off. The owner of the calendar and
//! the organizer are no guests. Of an event that is not to be written, what the record shows is
//! agreed as it stands, so that nothing old is made up for later.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::event::Event;
use super::people::{Kind, Met, People, Person};

/// Guests of one event up to which we invite: of more Google tells none the answers of the others.
pub const MOST: usize = 200;

/// People with their addresses in lower case, the first of each the one to be invited by.
pub type Reach = BTreeMap<Person, Vec<String>>;

/// How guests are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inviting {
    /// Whether they are; else what was agreed of it is forgotten.
    pub on: bool,
    /// Whether this is the first run of the calendar: nobody is invited in it.
    pub first: bool,
    /// The CRM's user whose calendar it is.
    pub user: Option<String>,
    /// By which addresses people can be invited; none while the CRM does not say. Whoever is not
    /// in it cannot.
    pub reach: Option<Reach>,
}

/// What becomes of the guests of an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Put on the list, by address.
    pub added: BTreeMap<String, Person>,
    /// Taken off it, by address.
    pub removed: BTreeMap<String, Person>,
    /// Guests already who take part in the record now.
    pub known: BTreeMap<String, Person>,
    /// Who takes part in the record then; none when that is forgotten.
    pub took: Option<BTreeSet<Person>>,
}

impl Invitation {
    /// Nothing but what is remembered.
    fn agreeing(took: Option<BTreeSet<Person>>) -> Self {
        Self { took, ..Self::default() }
    }

    /// Whether the event is written.
    #[must_use]
    pub fn writes(&self) -> bool {
        !self.added.is_empty() || !self.removed.is_empty()
    }

    /// Whether an event shows that it was written. One that shows a part was written by somebody else.
    #[must_use]
    pub fn was_done(&self, event: &Event) -> bool {
        let there = |address: &String| event.guests.contains(address);
        self.added.keys().all(there) && !self.removed.keys().any(there)
    }

    /// Writes it into an event, and leaves every other guest and every other key as it is.
    pub fn apply(&self, raw: &mut Map<String, Json>) {
        let guests = raw.entry("attendees").or_insert_with(|| json!([]));
        let Some(guests) = guests.as_array_mut() else { return };
        let address = |guest: &Json| guest.get("email").and_then(Json::as_str).map(str::to_lowercase);
        let flag = |guest: &Json, key: &str| guest.get(key).and_then(Json::as_bool).unwrap_or(false);
        guests.retain(|guest| {
            let stays = flag(guest, "self") || flag(guest, "organizer") || flag(guest, "resource");
            stays || !address(guest).is_some_and(|address| self.removed.contains_key(&address))
        });
        let there: BTreeSet<_> = guests.iter().filter_map(address).collect();
        let new = self.added.keys().filter(|address| !there.contains(*address));
        guests.extend(new.map(|address| json!({ "email": address, "responseStatus": "needsAction" })));
    }
}

impl People {
    /// Whose addresses have to be known before anybody can be invited.
    pub fn newcomers<'a>(&'a self, now: &'a BTreeSet<Person>) -> impl Iterator<Item = &'a Person> {
        self.took.iter().flat_map(|took| now.difference(took))
    }

    /// What becomes of it where guests are not written any more; none when nothing is remembered.
    #[must_use]
    pub fn forgotten(&self) -> Option<Invitation> {
        self.took.is_some().then(|| Invitation::agreeing(None))
    }

    /// What becomes of the guests of the event of a record in which `now` take part; none when
    /// nothing does. `open` is whether guests may be written to it at all.
    #[must_use]
    pub fn invite(
        &self,
        event: &Event,
        now: &BTreeSet<Person>,
        by: &Inviting,
        open: bool,
    ) -> Option<Invitation> {
        let took = match &self.took {
            Some(took) if took == now => return None,
            Some(took) if open && !by.first => took,
            Some(_) | None => return Some(Invitation::agreeing(Some(now.clone()))),
        };
        let joined: Vec<_> = now.difference(took).collect();
        let none = Reach::new();
        let reach = if joined.is_empty() { &none } else { by.reach.as_ref()? };
        let mut invitation = Invitation::agreeing(Some(now.clone()));
        for person in joined.into_iter().filter(|person| !by.owns(person)) {
            invitation.join(event, person, reach.get(person).map(Vec::as_slice).unwrap_or_default());
        }
        for person in took.difference(now).filter(|person| !by.owns(person)) {
            let theirs = |met: &Met| met.person.as_ref() == Some(person);
            let met = self.met.iter().flatten().filter(|(address, met)| {
                theirs(met) && event.guests.contains(address) && **address != event.organizer
            });
            // Whoever stands for somebody who stays is not taken off.
            let met = met.filter(|(address, _)| !invitation.known.contains_key(*address));
            let left: Vec<_> = met.map(|(address, _)| (address.clone(), person.clone())).collect();
            invitation.removed.extend(left);
        }
        Some(invitation)
    }

    /// Notes what became of the guests of an event that showed this before.
    pub fn invited(&mut self, event: &Event, invitation: &Invitation) {
        self.took.clone_from(&invitation.took);
        if !invitation.writes() && invitation.known.is_empty() {
            return;
        }
        self.take_as_they_are(event);
        let met = self.met.get_or_insert_default();
        for (address, person) in invitation.added.iter().chain(&invitation.known) {
            let ours = met.get(address).is_some_and(|met| met.ours && met.person.as_ref() == Some(person));
            met.insert(address.clone(), Met { person: Some(person.clone()), ours });
        }
        for address in invitation.removed.keys() {
            met.remove(address);
        }
    }
}

impl Inviting {
    fn owns(&self, person: &Person) -> bool {
        person.kind == Kind::User && self.user.as_ref() == Some(&person.id)
    }
}

impl Invitation {
    fn join(&mut self, event: &Event, person: &Person, addresses: &[String]) {
        if let Some(guest) = addresses.iter().find(|address| event.guests.contains(address)) {
            self.known.insert(guest.clone(), person.clone());
            return;
        }
        let own = |address: &String| *address == event.own || *address == event.organizer;
        let Some(first) = addresses.first().filter(|_| !addresses.iter().any(own)) else { return };
        if event.guests.len() + self.added.len() < MOST {
            self.added.insert(first.clone(), person.clone());
        }
    }
}

#[cfg(test)]
mod tests;
