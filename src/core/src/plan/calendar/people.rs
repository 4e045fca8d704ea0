//! Who takes part in a record of the CRM, by who takes part in its event.
//!
//! Only what Google shows anew is taken over, and only what was not agreed before:
//! whoever was taken out in the CRM is not put in again, whoever was there before is
//! not taken out, and an answer that stays the same at Google overwrites none that was
//! given in the CRM.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::event::{Answer, Event};

/// Guests of one event that are remembered.
pub const MOST: usize = 500;
/// The CRM's word for one who has said nothing.
const SILENT: &str = "None";

/// What a person is in the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// Somebody who works with it.
    User,
    /// A contact.
    Contact,
    /// A lead.
    Lead,
}

impl Kind {
    /// Every kind, in the order in which an address is looked for.
    pub const ALL: [Self; 3] = [Self::User, Self::Contact, Self::Lead];

    /// The CRM's word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Contact => "Contact",
            Self::Lead => "Lead",
        }
    }

    /// The attribute of a record that lists those who take part.
    #[must_use]
    pub fn attribute(self) -> &'static str {
        match self {
            Self::User => "usersIds",
            Self::Contact => "contactsIds",
            Self::Lead => "leadsIds",
        }
    }
}

/// A person of the CRM.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Person {
    /// What kind of record.
    pub kind: Kind,
    /// Its identity.
    pub id: String,
}

/// What became of a guest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Met {
    /// Who that is in the CRM; none for one who is left alone.
    #[serde(default)]
    pub person: Option<Person>,
    /// Whether we have put that person in.
    #[serde(default)]
    pub ours: bool,
}

/// What was last agreed of the people of a pair.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct People {
    /// The answer of the calendar's owner that was last dealt with.
    pub answer: Option<Answer>,
    /// Guests by address, in lower case; none before the first look.
    pub met: Option<BTreeMap<String, Met>>,
    /// Who took part in the record; none before the first look, and while guests are not written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took: Option<BTreeSet<Person>>,
    /// Whether the next write may be one that was done already: Google tells nobody of it again.
    #[serde(skip_serializing_if = "is_false")]
    pub quiet: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over like this")]
fn is_false(it: &bool) -> bool {
    !*it
}

impl People {
    /// Of a pair that we have made: all its guests are new; where guests are written, so is who takes
    /// part in the record.
    #[must_use]
    pub fn of_new(writes_guests: bool) -> Self {
        let took = writes_guests.then(BTreeSet::new);
        Self { met: Some(BTreeMap::new()), took, ..Self::default() }
    }

    /// Addresses of guests who may be new in the CRM.
    pub fn unknown<'a>(&'a self, event: &'a Event) -> impl Iterator<Item = &'a String> {
        let met = self.met.iter();
        met.flat_map(|met| event.guests.iter().take(MOST).filter(|guest| !met.contains_key(*guest)))
    }

    /// Agrees to the guests of an event as they are, without any change: for a pair whose record was
    /// there before us.
    pub fn take_as_they_are(&mut self, event: &Event) {
        if self.met.is_none() {
            let all = event.guests.iter().take(MOST);
            self.met = Some(all.map(|guest| (guest.clone(), Met::default())).collect());
        }
    }

    /// The event does not tell its guests any more. Who was not put in, or was taken out again, is
    /// remembered without an address, so that nobody comes in by it later.
    pub fn hide(&mut self) {
        let Some(met) = self.met.take() else { return };
        let veiled = met.into_iter().map(|(address, met)| match met.ours {
            true => (address, met),
            false => (veil(&address), met),
        });
        self.met = Some(veiled.collect());
    }

    /// The event tells its guests again, maybe not all of them.
    pub fn unveil(&mut self, event: &Event) {
        let Some(met) = &mut self.met else { return };
        if !met.keys().any(|key| veiled(key)) {
            return;
        }
        for guest in event.guests.iter().take(MOST) {
            if let Some(known) = met.remove(&veil(guest)) {
                met.insert(guest.clone(), known);
            }
        }
        // Whom it does not tell may be among its guests all the same.
        if event.tells_guests {
            met.retain(|key, _| !veiled(key));
        }
    }

    /// Forgets who has left and is not ours to take out.
    pub fn forget_left(&mut self, event: &Event) {
        let left = self.left(event).into_iter().filter(|(_, met)| !met.ours);
        let left: Vec<_> = left.map(|(address, _)| address.clone()).collect();
        if let Some(met) = &mut self.met {
            met.retain(|address, _| !left.contains(address));
        }
    }

    /// Whether the record has to be looked at because of its guests.
    #[must_use]
    pub fn stirs(&self, event: &Event, found: &BTreeMap<String, Person>) -> bool {
        let left = self.left(event).iter().any(|(_, met)| met.ours);
        left || self.unknown(event).any(|guest| found.contains_key(guest))
    }

    // Who is no guest any more, where the event tells all of them.
    fn left(&self, event: &Event) -> Vec<(&String, &Met)> {
        let there = |address: &str| {
            event.own == address || event.organizer == address || event.guests.iter().any(|of| of == address)
        };
        let met = self.met.iter().flatten().filter(|_| event.tells_guests);
        met.filter(|(address, _)| !veiled(address) && !there(address)).collect()
    }

    /// Puts new guests in and takes those out who have left, on the sight of what the record shows.
    /// `hides` where the event tells nobody of its guests.
    #[must_use]
    pub fn follow(
        &self,
        event: &Event,
        hides: bool,
        found: &BTreeMap<String, Person>,
        shown: &Shown,
    ) -> (Self, Change) {
        let mut change = Change::default();
        let mut met = self.met.clone().unwrap_or_default();
        // Whom somebody has taken out is not ours any more, nor is who is put in again then.
        for one in met.values_mut() {
            one.ours = one.ours && one.person.as_ref().is_some_and(|person| shown.has(person));
        }
        for guest in self.unknown(event) {
            let Some(person) = found.get(guest).filter(|_| met.len() < MOST) else { continue };
            let ours = !shown.has(person);
            if ours {
                change.joined.insert(person.clone());
            }
            met.insert(guest.clone(), Met { person: Some(person.clone()), ours });
        }
        for (address, _) in self.left(event) {
            let person = match met.remove(address) {
                Some(Met { person: Some(person), ours: true }) => person,
                // Whom somebody has taken out is not put in again when all are told again.
                Some(other) if hides => {
                    met.insert(veil(address), other);
                    continue;
                }
                Some(_) | None => continue,
            };
            let stays = shown.assigned.as_deref() == Some(&person.id)
                || met.values().any(|other| other.person.as_ref() == Some(&person));
            if !stays {
                change.left.insert(person);
            }
        }
        let took = self.took.as_ref().map(|took| {
            took.union(&change.joined).filter(|person| !change.left.contains(*person)).cloned().collect()
        });
        (Self { met: Some(met), took, ..self.clone() }, change)
    }

    /// What is to be written of the answer of a user: none when it was dealt with before, or the
    /// CRM shows it already. At first sight an answer that was given in the CRM stands.
    #[must_use]
    pub fn reply(&self, answer: Answer, shows: &str) -> Option<&'static str> {
        let word = answer.word().filter(|word| *word != shows)?;
        match self.answer {
            Some(before) if before == answer => None,
            None if shows != SILENT => None,
            Some(_) | None => Some(word),
        }
    }
}

// No address begins like this.
const VEIL: char = '#';

fn veiled(key: &str) -> bool {
    key.starts_with(VEIL)
}

fn veil(address: &str) -> String {
    if veiled(address) {
        return address.to_owned();
    }
    let hash = Sha256::digest(address.as_bytes());
    std::iter::once(VEIL.to_string()).chain(hash.iter().map(|octet| format!("{octet:02x}"))).collect()
}

/// Who takes part in a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    linked: BTreeMap<Kind, Vec<String>>,
    answers: BTreeMap<String, String>,
    assigned: Option<String>,
}

impl Shown {
    /// Reads it; none where the record does not tell one of the kinds.
    #[must_use]
    pub fn read(raw: &Map<String, Json>) -> Option<Self> {
        let mut linked = BTreeMap::new();
        for kind in Kind::ALL {
            let ids = raw.get(kind.attribute())?.as_array()?;
            linked.insert(kind, ids.iter().filter_map(Json::as_str).map(str::to_owned).collect());
        }
        let columns = raw.get("usersColumns").and_then(Json::as_object);
        let answers = columns.into_iter().flatten().filter_map(|(id, column)| {
            Some((id.clone(), column.get("status")?.as_str().unwrap_or_default().to_owned()))
        });
        let assigned = raw.get("assignedUserId").and_then(Json::as_str).map(str::to_owned);
        Some(Self { answers: answers.collect(), assigned, linked })
    }

    /// Whether the person takes part.
    #[must_use]
    pub fn has(&self, person: &Person) -> bool {
        self.linked.get(&person.kind).is_some_and(|ids| ids.contains(&person.id))
    }

    /// The answer of a user; none of one who takes no part.
    #[must_use]
    pub fn answer(&self, user: &str) -> Option<&str> {
        let takes_part = self.has(&Person { kind: Kind::User, id: user.to_owned() });
        let said = self.answers.get(user).map(String::as_str).filter(|word| !word.is_empty());
        takes_part.then(|| said.unwrap_or(SILENT))
    }
}

/// Who takes part in a record, by the lists of it alone; none where it does not tell one of them.
#[must_use]
pub fn taking_part(raw: &Map<String, Json>) -> Option<BTreeSet<Person>> {
    let mut all = BTreeSet::new();
    for kind in Kind::ALL {
        let ids = raw.get(kind.attribute())?.as_array()?.iter().filter_map(Json::as_str);
        all.extend(ids.map(|id| Person { kind, id: id.to_owned() }));
    }
    Some(all)
}

/// Who is put in and who is taken out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Put in.
    pub joined: BTreeSet<Person>,
    /// Taken out.
    pub left: BTreeSet<Person>,
}

impl Change {
    /// Whether nobody is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.joined.is_empty() && self.left.is_empty()
    }

    /// What is sent to the CRM: of each kind that changes everybody, since a list replaces all.
    #[must_use]
    pub fn body(&self, shown: &Shown) -> Map<String, Json> {
        let of = |kind: Kind, of: &BTreeSet<Person>| -> Vec<String> {
            of.iter().filter(|person| person.kind == kind).map(|person| person.id.clone()).collect()
        };
        let changed = Kind::ALL.into_iter().filter_map(|kind| {
            let (joined, left) = (of(kind, &self.joined), of(kind, &self.left));
            if joined.is_empty() && left.is_empty() {
                return None;
            }
            let stay = shown.linked.get(&kind).into_iter().flatten().filter(|id| !left.contains(id));
            let ids: Vec<_> = stay.cloned().chain(joined).collect();
            Some((kind.attribute().to_owned(), json!(ids)))
        });
        changed.collect()
    }
}

/// Whether somebody else than we has changed a record last, or put somebody in. Who was put in does
/// not always count as a change of the record.
#[must_use]
pub fn touched(raw: &Map<String, Json>, me: &str, people: &People) -> bool {
    let word = |key: &str| raw.get(key).and_then(Json::as_str);
    let ours = people.met.iter().flatten().filter(|(_, met)| met.ours);
    let ours: BTreeSet<_> = ours.filter_map(|(_, met)| met.person.as_ref()).collect();
    let strange = |kind: Kind, id: &str| {
        let assigned = kind == Kind::User && word("assignedUserId") == Some(id);
        !assigned && !ours.contains(&Person { kind, id: id.to_owned() })
    };
    let mut all = Kind::ALL.into_iter().flat_map(|kind| {
        let ids = raw.get(kind.attribute()).and_then(Json::as_array);
        ids.into_iter().flatten().filter_map(Json::as_str).map(move |id| (kind, id))
    });
    word("modifiedById").is_some_and(|by| by != me) || all.any(|(kind, id)| strange(kind, id))
}

/// What is sent to the CRM for the answer of one user; the answers of all others stay.
#[must_use]
pub fn answered(user: &str, word: &str) -> Map<String, Json> {
    Map::from_iter([("usersColumns".to_owned(), json!({ user: { "status": word } }))])
}

#[cfg(test)]
mod tests;
