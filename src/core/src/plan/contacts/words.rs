//! Names, addresses, numbers, notes and pages of a person, told on the other side.
//!
//! The CRM wants a last name, international numbers, whole addresses and one of its own words
//! for a salutation; Google takes anything. What the CRM cannot show stays in Google: a value of
//! its own as it is, one of several beside those that are told. A last name that the CRM
//! was given because Google has none is a rendering, and does not come back.
//!
//! Where several users share a record, what one has noted in Google is not told to the others:
//! the note is then nobody's field, on neither side.

use std::collections::BTreeSet;

use super::card::{Attribute, Entity, attribute};
use super::lists;
use super::phone::{Country, e164};
use super::postal::Postal;
use crate::model::address::Address;
use crate::plan::dialect::{Cell, Dialect, Joined};
use crate::plan::letters::{cut, substitute, turned_back};
use crate::plan::link::Side;
use crate::plan::record::{Field, Record, Value};

/// Longest part of a name, of a town and the like, in characters.
const NAME: usize = 100;
/// Longest organisation, street or page, in characters.
const LINE: usize = 255;
/// Longest postal code, in characters.
const CODE: usize = 40;
/// What the CRM shows for a person of whom nothing is known that could be a name.
pub const UNNAMED: &str = "(no name)";

/// What the CRM's records of people can hold, as it tells itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habits {
    /// Its salutations.
    pub salutations: Vec<String>,
    /// Its kinds of phone numbers.
    pub phone_kinds: Vec<String>,
    /// Whether it shows middle names.
    pub middle: bool,
}

impl Default for Habits {
    fn default() -> Self {
        let all = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            salutations: all(&["Mr.", "Ms.", "Mrs.", "Dr."]),
            phone_kinds: all(&["Mobile", "Office", "Home", "Fax", "Other"]),
            middle: true,
        }
    }
}

/// The dialect of one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words<'a> {
    /// The kind of record.
    pub entity: Entity,
    /// What the CRM can hold.
    pub habits: &'a Habits,
    /// The country of numbers that stand without theirs.
    pub country: Option<&'a Country>,
    /// What the CRM shows as last name of a person who has none.
    pub unnamed: String,
}

impl<'a> Words<'a> {
    /// The dialect for what Google shows.
    #[must_use]
    pub fn new(entity: Entity, habits: &'a Habits, country: Option<&'a Country>, google: &Record) -> Self {
        Self { entity, habits, country, unnamed: unnamed(google) }
    }

    /// Everything that the CRM is to show of a person whom it does not have yet.
    #[must_use]
    pub fn new_record(&self, google: &Record) -> Record {
        told(google, |field, value| self.to_crm(field, value, None))
    }

    /// Everything that Google is to show of a record that it does not have yet.
    #[must_use]
    pub fn new_person(&self, crm: &Record) -> Record {
        told(crm, |field, value| self.to_google(field, value, None))
    }

    /// What makes two addresses, or two numbers, the same one.
    #[must_use]
    pub fn key(&self, field: Field, text: &str) -> String {
        match field {
            Field::Phones => e164(text, self.country).unwrap_or_else(|| text.trim().to_owned()),
            _ => text.trim().to_lowercase(),
        }
    }

    fn crm_words(&self, field: Field, google: &str) -> Option<String> {
        if !matches!(attribute(self.entity, field), Attribute::Own(_)) {
            return None;
        }
        match field {
            Field::Salutation => self.salutation(google),
            Field::Middle if !self.habits.middle => None,
            Field::Family => {
                let family = one_line(google, NAME);
                Some(if family.is_empty() { self.unnamed.clone() } else { family })
            }
            Field::Given | Field::Middle | Field::Role => Some(one_line(google, NAME)),
            Field::Organisation => Some(one_line(google, LINE)),
            Field::Web => page(google),
            _ => Some(google.to_owned()),
        }
    }

    fn google_words(&self, field: Field, crm: &str, before: Option<&str>) -> String {
        let Some(before) = before else { return crm.to_owned() };
        match field {
            Field::Family if before.trim().is_empty() && crm == self.unnamed => before.to_owned(),
            Field::Web if site(before) == site(crm) => before.to_owned(),
            Field::Note | Field::Web => crm.to_owned(),
            Field::Salutation if self.salutation(before).as_deref() == Some(crm) => before.to_owned(),
            _ => turned_back(crm, before),
        }
    }

    fn salutation(&self, google: &str) -> Option<String> {
        let bare = |word: &str| word.trim().trim_end_matches('.').to_lowercase();
        if bare(google).is_empty() {
            return Some(String::new());
        }
        self.habits.salutations.iter().find(|word| bare(word) == bare(google)).cloned()
    }
}

impl Dialect for Words<'_> {
    fn to_google(&self, field: Field, crm: &Value, before: Option<&Value>) -> Option<Value> {
        if attribute(self.entity, field) == Attribute::None {
            return None;
        }
        match (crm, before) {
            (Value::Text(words), Some(Value::Text(before))) => {
                Some(Value::Text(self.google_words(field, words, Some(before))))
            }
            (Value::Text(words), _) => Some(Value::Text(self.google_words(field, words, None))),
            (Value::Postal(postal), Some(Value::Postal(before))) => {
                Some(Value::Postal(google_postal(postal, before)))
            }
            (Value::Postal(postal), _) => Some(Value::Postal(postal.clone())),
            (Value::Several(several), _) => Some(Value::Several(lists::to_google(self, field, several))),
            (Value::Times(_), _) => None,
        }
    }

    fn to_crm(&self, field: Field, google: &Value, _before: Option<&Value>) -> Option<Value> {
        match google {
            Value::Text(words) => self.crm_words(field, words).map(Value::Text),
            Value::Postal(postal) => Some(Value::Postal(crm_postal(postal))),
            Value::Several(several) => Some(Value::Several(lists::to_crm(self, field, several))),
            Value::Times(_) => None,
        }
    }

    fn same(&self, field: Field, google: &Value, crm: &Value) -> bool {
        match (google, crm) {
            (Value::Several(google), Value::Several(crm)) => lists::same(self, field, google, crm),
            _ => {
                self.to_crm(field, google, Some(crm)).as_ref() == Some(crm)
                    || self.to_google(field, crm, Some(google)).as_ref() == Some(google)
            }
        }
    }

    fn carried_to_google(&self, cell: &Cell<'_>) -> Option<Value> {
        match lists::Lists::of(cell) {
            Some(lists) => Some(Value::Several(lists.carried_to_google(self))),
            None => self.to_google(cell.field, cell.crm, Some(cell.google_before)),
        }
    }

    fn carried_to_crm(&self, cell: &Cell<'_>) -> Option<Value> {
        match lists::Lists::of(cell) {
            Some(lists) => Some(Value::Several(lists.carried_to_crm(self))),
            None => self.to_crm(cell.field, cell.google, Some(cell.crm_before)),
        }
    }

    fn joined(&self, cell: &Cell<'_>, winner: Side) -> Option<Joined> {
        let (google, crm) = lists::Lists::of(cell)?.joined(self, winner);
        Some(Joined { google: Value::Several(google), crm: Value::Several(crm) })
    }
}

/// The fields that are kept in step of those that somebody has chosen.
#[must_use]
pub fn kept(chosen: &BTreeSet<Field>, shared: bool, reads: bool) -> BTreeSet<Field> {
    chosen.iter().copied().filter(|field| !(*field == Field::Note && shared && reads)).collect()
}

// A person without a last name is called by where they work, else by their address.
fn unnamed(google: &Record) -> String {
    let organisation = one_line(google.words(Field::Organisation), NAME);
    if !organisation.is_empty() {
        return organisation;
    }
    let emails = google.several(Field::Emails);
    let address = emails.and_then(|all| all.iter().find_map(|item| item.text.split_once('@')));
    let local = address.map(|(local, _)| one_line(local, NAME)).unwrap_or_default();
    if local.is_empty() { UNNAMED.to_owned() } else { local }
}

/// Whether the CRM takes it as an address.
#[must_use]
pub fn address(text: &str) -> bool {
    Address::parse(text).is_ok_and(|address| address.domain().contains('.'))
}

fn told(from: &Record, tell: impl Fn(Field, &Value) -> Option<Value>) -> Record {
    let values = from.iter().filter_map(|(field, value)| Some((field, tell(field, value)?)));
    values.fold(Record::new(), |record, (field, value)| record.with(field, value))
}

fn crm_postal(google: &Postal) -> Postal {
    google.each(|at, part| match at {
        0 => cut(part.trim(), LINE).trim_end().to_owned(),
        3 => one_line(part, CODE),
        _ => one_line(part, NAME),
    })
}

fn google_postal(crm: &Postal, before: &Postal) -> Postal {
    let before = before.parts();
    crm.each(|at, part| match before.get(at) {
        Some(_) if at == 0 => part.to_owned(),
        Some(before) => turned_back(part, before),
        None => part.to_owned(),
    })
}

// As the CRM takes a field of one line.
fn one_line(google: &str, most: usize) -> String {
    let plain: String = google.chars().map(|c| if c.is_control() { ' ' } else { substitute(c) }).collect();
    cut(plain.trim(), most).trim_end().to_owned()
}

// The CRM takes addresses of the web, with or without what stands before them.
fn page(google: &str) -> Option<String> {
    let page = google.trim();
    let rest = site(page);
    let plain = page.chars().all(|c| c.is_ascii_graphic() && !"<>\"\\^`{|}".contains(c));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let named = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
    (page.is_empty() || (plain && named && !rest.contains("://") && page.len() <= LINE))
        .then(|| page.to_owned())
}

// A page without what its address may do without.
fn site(page: &str) -> String {
    let page = page.trim();
    let lower = page.to_ascii_lowercase();
    let head =
        ["https://", "http://"].iter().find(|head| lower.starts_with(*head)).map_or(0, |head| head.len());
    page.get(head..).unwrap_or(page).trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests;
