//! What lists show lags behind what is: every change waits its time before they show it.

use std::collections::BTreeMap;
use std::time::Duration;

/// Things by key, as they are and as lists show them.
#[derive(Debug)]
pub(super) struct Lagging<T> {
    now: BTreeMap<String, T>,
    listed: BTreeMap<String, Listed<T>>,
    /// By when it is due, and by its turn.
    coming: BTreeMap<(Duration, u64), Coming<T>>,
    /// When the last change of a key is due.
    due: BTreeMap<String, Duration>,
    turn: u64,
    change: u64,
}

/// A thing as lists show it.
#[derive(Debug)]
pub(super) struct Listed<T> {
    pub(super) value: T,
    /// The count of shown changes when this one was shown.
    pub(super) change: u64,
}

#[derive(Debug)]
struct Coming<T> {
    key: String,
    value: T,
    told: bool,
}

impl<T> Default for Lagging<T> {
    fn default() -> Self {
        let (now, listed, coming, due) = Default::default();
        Self { now, listed, coming, due, turn: 0, change: 0 }
    }
}

impl<T: Clone> Lagging<T> {
    /// Changes a thing now; lists show it at `due`, and no sooner than its earlier changes.
    /// Only what is `told` is a change in the eyes of lists of changes.
    pub(super) fn put(&mut self, key: &str, value: T, due: Duration, told: bool) {
        let earlier = self.due.get(key).copied().unwrap_or_default();
        let due = due.max(earlier);
        self.due.insert(key.to_owned(), due);
        self.turn += 1;
        self.now.insert(key.to_owned(), value.clone());
        self.coming.insert((due, self.turn), Coming { key: key.to_owned(), value, told });
    }

    /// Shows what is due.
    pub(super) fn catch_up(&mut self, now: Duration) {
        while let Some(next) = self.coming.first_entry() {
            if next.key().0 > now {
                break;
            }
            let (at, _) = *next.key();
            let Coming { key, value, told } = next.remove();
            if self.due.get(&key) == Some(&at) {
                self.due.remove(&key);
            }
            self.change += u64::from(told);
            let before = self.listed.get(&key).map_or(0, |it| it.change);
            let change = if told { self.change } else { before };
            self.listed.insert(key, Listed { value, change });
        }
    }

    /// Forgets what lists show and `done` says is over; whether there was any.
    pub(super) fn forget(&mut self, done: impl Fn(&T) -> bool) -> bool {
        let over: Vec<String> =
            self.listed.iter().filter(|(_, it)| done(&it.value)).map(|(key, _)| key.clone()).collect();
        for key in over.iter().filter(|key| !self.due.contains_key(*key)) {
            self.listed.remove(key);
            self.now.remove(key);
        }
        !over.is_empty()
    }

    /// A thing as it is.
    pub(super) fn get(&self, key: &str) -> Option<&T> {
        self.now.get(key)
    }

    /// All things as they are.
    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.now.values()
    }

    /// All things as lists show them.
    pub(super) fn listed(&self) -> impl Iterator<Item = &Listed<T>> {
        self.listed.values()
    }

    /// The count of shown changes.
    pub(super) fn change(&self) -> u64 {
        self.change
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Lagging};

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_change_is_shown_when_it_is_due_and_never_before_an_earlier_one() {
        let mut things = Lagging::default();
        things.put("a", 1, at(20), true);
        things.put("a", 2, at(10), true);
        things.put("b", 3, at(15), true);
        assert_eq!(things.get("a"), Some(&2));
        things.catch_up(at(15));
        assert_eq!(things.listed().map(|it| it.value).collect::<Vec<_>>(), [3]);
        things.catch_up(at(20));
        assert_eq!(things.listed().map(|it| (it.value, it.change)).collect::<Vec<_>>(), [(2, 3), (3, 1)]);
    }

    #[test]
    fn what_is_not_told_is_shown_all_the_same() {
        let mut things = Lagging::default();
        things.put("a", 1, at(1), true);
        things.put("a", 2, at(1), false);
        things.catch_up(at(1));
        assert_eq!(things.listed().map(|it| (it.value, it.change)).collect::<Vec<_>>(), [(2, 1)]);
    }

    #[test]
    fn what_is_over_is_forgotten_once_lists_have_shown_it() {
        let mut things = Lagging::default();
        things.put("a", 1, at(1), true);
        things.catch_up(at(1));
        things.put("a", 2, at(9), true);
        assert!(things.forget(|_| true));
        assert_eq!(things.get("a"), Some(&2));
        things.catch_up(at(9));
        assert!(things.forget(|_| true));
        assert_eq!((things.get("a"), things.listed().count()), (None, 0));
    }
}
