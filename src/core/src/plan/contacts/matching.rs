//! Who is who, before anything is made: on either side a person is looked for by what it says
//! of itself.
//!
//! First by our mark, then by an address, then by name and number. One that nobody else is
//! like, and that no pair has, is the same; whoever is like several, like one that
//! belongs to a pair, or like one that another asks for as well, is left to a person. Two that
//! are new and share an address are not both made: the second one is left. So a person is
//! never given two records, nor a record two persons.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::card::{Card, Entity};
use super::person::Person;
use super::phone::e164;
use super::words::{Words, address};
use crate::plan::record::{Field, Record};

/// A record by its kind and identity.
pub type Named = (Entity, String);

/// What somebody says of themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Likeness {
    /// Records that it is, or is marked with.
    pub named: BTreeSet<Named>,
    /// Addresses, in lower case.
    pub addresses: BTreeSet<String>,
    /// First and last name, in lower case.
    pub name: String,
    /// Numbers, as E.164.
    pub phones: BTreeSet<String>,
}

impl Likeness {
    /// Of a person.
    #[must_use]
    pub fn of_person(person: &Person, words: &Words<'_>) -> Self {
        let named = person.marks.iter().map(|mark| (mark.entity, mark.record.clone())).collect();
        Self { named, ..Self::of(&person.record, words) }
    }

    /// Of a record, also as a list tells it.
    #[must_use]
    pub fn of_card(card: &Card, words: &Words<'_>) -> Self {
        let mut all = Self::of(&card.record, words);
        all.named.insert((card.entity, card.id.clone()));
        all.addresses.extend(card.email.as_deref().filter(|text| address(text)).map(folded));
        all.phones.extend(card.phone.as_deref().and_then(|text| e164(text, words.country)));
        all
    }

    fn of(record: &Record, words: &Words<'_>) -> Self {
        let texts = |field| {
            record.several(field).into_iter().flat_map(|all| all.iter()).map(|item| item.text.as_str())
        };
        let name = [record.words(Field::Given), record.words(Field::Family)].join(" ");
        Self {
            named: BTreeSet::new(),
            addresses: texts(Field::Emails).filter(|text| address(text)).map(folded).collect(),
            name: folded(&name),
            phones: texts(Field::Phones).filter_map(|text| e164(text, words.country)).collect(),
        }
    }

    /// Whether both have an address in common.
    #[must_use]
    pub fn shares_address(&self, other: &Self) -> bool {
        !self.addresses.is_disjoint(&other.addresses)
    }
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// By what two are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Our mark.
    Mark,
    /// An address.
    Address,
    /// Name and number.
    NameAndPhone,
}

/// Who somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict<S, K> {
    /// Nobody is like it.
    New,
    /// That one, which no pair has.
    Same(K, By),
    /// One of these.
    Several(Vec<K>),
    /// That one, which a pair has.
    Taken(K, Uuid),
    /// That one, of which others say the same.
    Rivals(K, Vec<S>),
    /// Nobody, but another that is new has the same address.
    Second(S),
}

/// Everybody on one side who may be somebody of the other, by what they say.
#[derive(Debug, Clone)]
pub struct Pool<K> {
    named: BTreeMap<Named, BTreeSet<K>>,
    addresses: BTreeMap<String, BTreeSet<K>>,
    numbers: BTreeMap<(String, String), BTreeSet<K>>,
    taken: BTreeMap<K, Uuid>,
}

impl<K: Ord + Clone> Default for Pool<K> {
    fn default() -> Self {
        Self {
            named: BTreeMap::new(),
            addresses: BTreeMap::new(),
            numbers: BTreeMap::new(),
            taken: BTreeMap::new(),
        }
    }
}

impl<K: Ord + Clone> Pool<K> {
    /// Adds one, and the pair that has it.
    pub fn add(&mut self, key: &K, of: &Likeness, pair: Option<Uuid>) {
        for named in &of.named {
            self.named.entry(named.clone()).or_default().insert(key.clone());
        }
        for address in &of.addresses {
            self.addresses.entry(address.clone()).or_default().insert(key.clone());
        }
        for by in of.by_number() {
            self.numbers.entry(by).or_default().insert(key.clone());
        }
        self.taken.extend(pair.map(|pair| (key.clone(), pair)));
    }

    // Whoever is found by the first that finds anybody.
    fn found(&self, of: &Likeness) -> Option<(By, BTreeSet<K>)> {
        let all = |found: Vec<&BTreeSet<K>>| found.into_iter().flatten().cloned().collect::<BTreeSet<K>>();
        let marked = all(of.named.iter().filter_map(|named| self.named.get(named)).collect());
        let addressed =
            || all(of.addresses.iter().filter_map(|address| self.addresses.get(address)).collect());
        let numbered = || all(of.by_number().filter_map(|by| self.numbers.get(&by)).collect());
        let found = |by, keys: BTreeSet<K>| (!keys.is_empty()).then_some((by, keys));
        found(By::Mark, marked)
            .or_else(|| found(By::Address, addressed()))
            .or_else(|| found(By::NameAndPhone, numbered()))
    }

    fn alone<S>(&self, of: &Likeness) -> Verdict<S, K> {
        let Some((by, keys)) = self.found(of) else { return Verdict::New };
        let mut all = keys.iter();
        match (all.next(), all.next()) {
            (Some(key), None) => match self.taken.get(key) {
                Some(pair) => Verdict::Taken(key.clone(), *pair),
                None => Verdict::Same(key.clone(), by),
            },
            _ => Verdict::Several(keys.into_iter().collect()),
        }
    }
}

impl Likeness {
    fn by_number(&self) -> impl Iterator<Item = (String, String)> {
        let named = self.phones.iter().filter(|_| !self.name.is_empty());
        named.map(|phone| (self.name.clone(), phone.clone()))
    }
}

/// Says of everybody who asks who they are, in the order in which they ask.
#[must_use]
pub fn matched<S: Ord + Clone, K: Ord + Clone>(
    asking: &[(S, Likeness)],
    pool: &Pool<K>,
) -> Vec<(S, Verdict<S, K>)> {
    let alone: Vec<_> = asking.iter().map(|(who, of)| (who, of, pool.alone::<S>(of))).collect();
    let mut wanted: BTreeMap<K, Vec<S>> = BTreeMap::new();
    for (who, _, verdict) in &alone {
        if let Verdict::Same(key, _) = verdict {
            wanted.entry(key.clone()).or_default().push((*who).clone());
        }
    }
    let mut coming: BTreeMap<String, S> = BTreeMap::new();
    let settle = |(who, of, verdict): (&S, &Likeness, Verdict<S, K>)| {
        let settled = match verdict {
            Verdict::Same(key, by) => {
                let rivals = wanted.get(&key).map(Vec::as_slice).unwrap_or_default();
                let others: Vec<_> = rivals.iter().filter(|other| *other != who).cloned().collect();
                if others.is_empty() { Verdict::Same(key, by) } else { Verdict::Rivals(key, others) }
            }
            Verdict::New => match of.addresses.iter().find_map(|address| coming.get(address)) {
                Some(first) => Verdict::Second(first.clone()),
                None => {
                    coming.extend(of.addresses.iter().map(|address| (address.clone(), who.clone())));
                    Verdict::New
                }
            },
            verdict => verdict,
        };
        (who.clone(), settled)
    };
    alone.into_iter().map(settle).collect()
}

#[cfg(test)]
mod tests;
