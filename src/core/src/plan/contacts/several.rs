//! Things of which a person has several: addresses, phone numbers. The first is the primary one.
//!
//! They are carried over one by one: what came or went on one side comes or goes on the
//! other, and everything else there stays as its people wrote it. So what only one
//! side can hold - a number without a country, the eleventh address - is never
//! touched, and never lost when both sides change.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// One of several things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// As its side writes it.
    pub text: String,
    /// What for, in the words of its side; empty where that is not told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
}

impl Item {
    /// Of that kind.
    #[must_use]
    pub fn new(text: impl Into<String>, kind: impl Into<String>) -> Self {
        Self { text: text.into(), kind: kind.into() }
    }
}

/// Several things, the primary one first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Several(pub Vec<Item>);

impl Several {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Item> {
        self.0.iter()
    }

    /// For people, in one line.
    #[must_use]
    pub fn line(&self) -> String {
        self.0.iter().map(|item| item.text.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// Things with what makes two of them the same one, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Keyed(Vec<(String, Item)>);

impl Keyed {
    /// By `key`; of two that are the same, the first.
    pub(super) fn of(items: impl IntoIterator<Item = Item>, key: impl Fn(&str) -> String) -> Self {
        let mut seen = BTreeSet::new();
        let keyed = items.into_iter().map(|item| (key(&item.text), item));
        Self(keyed.filter(|(key, _)| seen.insert(key.clone())).collect())
    }

    /// By `key`, also those that are the same.
    pub(super) fn whole(items: impl IntoIterator<Item = Item>, key: impl Fn(&str) -> String) -> Self {
        Self(items.into_iter().map(|item| (key(&item.text), item)).collect())
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    pub(super) fn kind(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(of, _)| of == key).map(|(_, item)| item.kind.as_str())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn first(&self) -> Option<&str> {
        self.keys().next()
    }

    pub(super) fn several(self) -> Several {
        Several(self.0.into_iter().map(|(_, item)| item).collect())
    }
}

/// What has become of several things, in the words of the side it is carried to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Change {
    gone: BTreeSet<String>,
    come: Vec<(String, Item)>,
    kinds: BTreeMap<String, Item>,
    first: Option<String>,
}

impl Change {
    /// From what was there to what is there now.
    pub(super) fn between(before: &Keyed, now: &Keyed) -> Self {
        let has = |keyed: &Keyed, key: &str| keyed.keys().any(|of| of == key);
        let kept = |(key, item): &&(String, Item)| before.kind(key).is_some_and(|kind| kind != item.kind);
        Self {
            gone: before.keys().filter(|key| !has(now, key)).map(str::to_owned).collect(),
            come: now.0.iter().filter(|(key, _)| !has(before, key)).cloned().collect(),
            kinds: now.0.iter().filter(kept).cloned().collect(),
            first: now.first().filter(|key| before.first() != Some(key)).map(str::to_owned),
        }
    }

    /// The same without what `other` decides.
    pub(super) fn without(mut self, other: &Self) -> Self {
        let decided = |key: &str| other.gone.contains(key) || other.come.iter().any(|(of, _)| of == key);
        self.gone.retain(|key| !decided(key) && !other.kinds.contains_key(key));
        self.come.retain(|(key, _)| !decided(key));
        self.kinds.retain(|key, _| !decided(key) && !other.kinds.contains_key(key));
        if other.first.is_some() {
            self.first = None;
        }
        self
    }

    /// What is there after it, of which at most so many come. A thing that was there keeps its
    /// spelling, and its kind where that is `alike`.
    pub(super) fn onto(&self, there: &Keyed, most: usize, alike: impl Fn(&str, &str) -> bool) -> Keyed {
        let mut all: Vec<_> = there.0.iter().filter(|(key, _)| !self.gone.contains(key)).cloned().collect();
        // Of another kind now, though the other side took it away: it is wanted.
        let come = self.come.iter().map(|(key, item)| (key, item));
        for (key, item) in come.chain(&self.kinds) {
            if let Some((_, there)) = all.iter_mut().find(|(of, _)| of == key) {
                if self.kinds.contains_key(key) && !alike(&there.kind, &item.kind) {
                    there.kind.clone_from(&item.kind);
                }
            } else if all.len() < most {
                all.push((key.clone(), item.clone()));
            }
        }
        if let Some(at) = self.first.as_ref().and_then(|first| all.iter().position(|(key, _)| key == first)) {
            let first = all.remove(at);
            all.insert(0, first);
        }
        Keyed(all)
    }
}
