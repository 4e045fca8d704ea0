//! Addresses and numbers of a person, told on the other side one by one.
//!
//! The CRM holds ten of each. What it cannot hold - the eleventh, a number without a country, an
//! address that is none - is not told, so it is never missed there either.

use super::phone::e164;
use super::several::{Change, Item, Keyed, Several};
use super::words::{Words, address};
use crate::plan::dialect::Cell;
use crate::plan::link::Side;
use crate::plan::record::{Field, Value};

/// The most that a record of the CRM holds.
pub const MOST: usize = 10;

/// Google's kinds of numbers with the CRM's. The first one of a kind of the CRM is written.
const KINDS: [(&str, &str); 13] = [
    ("mobile", "Mobile"),
    ("workMobile", "Mobile"),
    ("work", "Office"),
    ("main", "Office"),
    ("home", "Home"),
    ("workFax", "Fax"),
    ("homeFax", "Fax"),
    ("otherFax", "Fax"),
    ("other", "Other"),
    ("pager", "Other"),
    ("workPager", "Other"),
    ("googleVoice", "Other"),
    ("", "Other"),
];

/// What the CRM is to show of Google's, where it shows none yet.
pub(super) fn to_crm(words: &Words<'_>, field: Field, google: &Several) -> Several {
    Change::between(&Keyed::default(), &in_crm(words, field, google))
        .onto(&Keyed::default(), MOST, |_, _| false)
        .several()
}

/// What Google is to show of the CRM's, where it shows none yet.
pub(super) fn to_google(words: &Words<'_>, field: Field, crm: &Several) -> Several {
    in_google(words, field, crm).several()
}

/// Whether both hold the same, as far as the CRM can.
pub(super) fn same(words: &Words<'_>, field: Field, google: &Several, crm: &Several) -> bool {
    let (told, held) = (in_crm(words, field, google), of_crm(words, field, crm));
    let alike = |key: &str| match (told.kind(key), held.kind(key)) {
        (Some(told), Some(held)) => told == held,
        _ => false,
    };
    let surplus = told.keys().filter(|key| held.kind(key).is_none()).count();
    held.keys().all(alike)
        && (surplus == 0 || (held.len() >= MOST && surplus + held.len() == told.len()))
        && (held.len() == 0 || told.first() == held.first())
}

/// A field that holds several, of both sides, now and before.
pub(super) struct Lists<'a> {
    field: Field,
    google: [&'a Several; 2],
    crm: [&'a Several; 2],
}

impl<'a> Lists<'a> {
    /// Of a field that is one; none of another.
    pub(super) fn of(cell: &Cell<'a>) -> Option<Self> {
        let several = |value: &'a Value| match value {
            Value::Several(several) => Some(several),
            Value::Text(_) | Value::Times(_) | Value::Postal(_) => None,
        };
        Some(Self {
            field: cell.field,
            google: [several(cell.google_before)?, several(cell.google)?],
            crm: [several(cell.crm_before)?, several(cell.crm)?],
        })
    }

    // In the CRM's words.
    fn google_change(&self, words: &Words<'_>) -> Change {
        let [before, now] = self.google.map(|several| in_crm(words, self.field, several));
        Change::between(&before, &now)
    }

    // In Google's words.
    fn crm_change(&self, words: &Words<'_>) -> Change {
        let [before, now] = self.crm.map(|several| in_google(words, self.field, several));
        Change::between(&before, &now)
    }

    fn onto_google(&self, words: &Words<'_>, change: &Change) -> Several {
        let there = Keyed::whole(self.google[1].iter().cloned(), |text| words.key(self.field, text));
        let alike = |one: &str, other: &str| crm_kind(words, one) == crm_kind(words, other);
        change.onto(&there, usize::MAX, alike).several()
    }

    fn onto_crm(&self, words: &Words<'_>, change: &Change) -> Several {
        let there = Keyed::whole(self.crm[1].iter().cloned(), |text| words.key(self.field, text));
        change.onto(&there, MOST, |one, other| one == other).several()
    }

    pub(super) fn carried_to_google(&self, words: &Words<'_>) -> Several {
        self.onto_google(words, &self.crm_change(words))
    }

    pub(super) fn carried_to_crm(&self, words: &Words<'_>) -> Several {
        self.onto_crm(words, &self.google_change(words))
    }

    /// What both are to show where both have changed.
    pub(super) fn joined(&self, words: &Words<'_>, winner: Side) -> (Several, Several) {
        let (google, crm) = (self.google_change(words), self.crm_change(words));
        let (from_crm, from_google) = match winner {
            Side::Google => (crm.without(&google), google),
            Side::Crm => (crm.clone(), google.without(&crm)),
        };
        (self.onto_google(words, &from_crm), self.onto_crm(words, &from_google))
    }
}

// What of Google's the CRM can hold, in its words.
fn in_crm(words: &Words<'_>, field: Field, google: &Several) -> Keyed {
    let told = google.iter().filter_map(|item| match field {
        Field::Phones => {
            let number = e164(&item.text, words.country)?;
            Some(Item::new(number, crm_kind(words, &item.kind)))
        }
        _ => address(&item.text).then(|| Item::new(item.text.trim(), "")),
    });
    Keyed::of(told, |text| words.key(field, text))
}

fn in_google(words: &Words<'_>, field: Field, crm: &Several) -> Keyed {
    let told = crm.iter().map(|item| Item::new(item.text.as_str(), google_kind(&item.kind)));
    Keyed::of(told, |text| words.key(field, text))
}

fn of_crm(words: &Words<'_>, field: Field, crm: &Several) -> Keyed {
    Keyed::of(crm.iter().cloned(), |text| words.key(field, text))
}

// A kind of people's own is one of the CRM's when that has one of the same name.
fn crm_kind(words: &Words<'_>, google: &str) -> String {
    let kinds = &words.habits.phone_kinds;
    let named = |name: &str| kinds.iter().find(|kind| kind.to_lowercase() == name.to_lowercase());
    let mapped = KINDS.iter().find(|(of, _)| *of == google).map_or("Other", |(_, kind)| *kind);
    let kind = named(google).filter(|_| mapped == "Other").or_else(|| named(mapped));
    kind.or_else(|| named("Other")).or_else(|| kinds.first()).cloned().unwrap_or_default()
}

fn google_kind(crm: &str) -> String {
    KINDS.iter().find(|(_, kind)| *kind == crm).map_or(crm, |(google, _)| *google).to_owned()
}
