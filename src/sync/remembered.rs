//! What somebody was told, for as long as it may be believed; a bounded number of answers.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::Micros;

/// Answers that are remembered.
const MOST: usize = 50_000;

/// Answers by question, each until it holds no more.
pub(super) struct Remembered<Q, A>(Mutex<BTreeMap<Q, (Micros, A)>>);

impl<Q, A> Default for Remembered<Q, A> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<Q: Ord, A: Clone> Remembered<Q, A> {
    /// The answer, if it holds still.
    pub fn known(&self, question: &Q, now: Micros) -> Option<A> {
        self.all().get(question).filter(|(until, _)| now < *until).map(|(_, answer)| answer.clone())
    }

    /// Remembers answers. Where there are too many, those that hold no more are forgotten, else all.
    pub fn keep(&self, answers: impl Iterator<Item = (Q, A)>, now: Micros, until: Micros) {
        let mut all = self.all();
        if all.len() >= MOST {
            all.retain(|_, (until, _)| now < *until);
        }
        if all.len() >= MOST {
            all.clear();
        }
        all.extend(answers.map(|(question, answer)| (question, (until, answer))));
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<Q, (Micros, A)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Remembered};

    #[test]
    fn an_answer_holds_for_its_time() {
        let remembered = Remembered::default();
        remembered.keep([("a", 1)].into_iter(), 10, 20);
        assert_eq!((remembered.known(&"a", 19), remembered.known(&"a", 20)), (Some(1), None));
        assert_eq!(remembered.known(&"b", 10), None);
    }

    #[test]
    fn so_many_are_remembered_and_old_ones_go_first() {
        let remembered = Remembered::default();
        remembered.keep((0..MOST).map(|n| (n, ())), 0, 5);
        remembered.keep([(MOST, ())].into_iter(), 6, 9);
        assert_eq!((remembered.known(&0, 4), remembered.known(&MOST, 6)), (None, Some(())));
        remembered.keep((0..MOST).map(|n| (n, ())), 6, 9);
        remembered.keep([(2 * MOST, ())].into_iter(), 7, 9);
        assert_eq!((remembered.known(&0, 7), remembered.known(&(2 * MOST), 7)), (None, Some(())));
    }
}
