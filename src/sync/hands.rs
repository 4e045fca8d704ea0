//! Which calendar is run next in this process.
//!
//! What is due is looked for once a second, and many more can be due by then than
//! run at a time. Whoever has run one goes on with the next that was found, so that
//! the pace is that of the runs and not of the looks.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use postern_core::model::id::CalendarId;

/// Runs at a time in one process.
pub(super) const AT_ONCE: usize = 8;

/// What runs, and what was due at the last look and waits.
#[derive(Debug, Default)]
pub(super) struct Hands(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    running: BTreeSet<CalendarId>,
    waiting: VecDeque<CalendarId>,
}

impl Hands {
    /// What is due now, in its order; what was due before is found again if it still is.
    pub(super) fn offer(&self, due: Vec<CalendarId>) {
        self.held().waiting = due.into();
    }

    /// The next one, as long as a hand is free; [`Hands::done`] frees it.
    pub(super) fn next(&self) -> Option<CalendarId> {
        let mut held = self.held();
        while held.running.len() < AT_ONCE {
            let calendar = held.waiting.pop_front()?;
            if held.running.insert(calendar) {
                return Some(calendar);
            }
        }
        None
    }

    /// It runs no more.
    pub(super) fn done(&self, calendar: CalendarId) {
        self.held().running.remove(&calendar);
    }

    /// Frees the hand of what runs when it is let go, whatever became of the run.
    pub(super) fn busy(&self, calendar: CalendarId) -> Busy<'_> {
        Busy { hands: self, calendar }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A hand that has a calendar.
#[derive(Debug)]
pub(super) struct Busy<'a> {
    hands: &'a Hands,
    calendar: CalendarId,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.hands.done(self.calendar);
    }
}

#[cfg(test)]
mod tests {
    use postern_core::model::id::CalendarId;
    use uuid::Uuid;

    use super::{AT_ONCE, Hands};

    fn due(count: usize) -> Vec<CalendarId> {
        (0..count).map(|n| CalendarId(Uuid::from_u128(n as u128))).collect()
    }

    #[test]
    fn so_many_run_at_a_time_and_the_next_begins_when_one_is_done() {
        let (hands, due) = (Hands::default(), due(3 * AT_ONCE));
        hands.offer(due.clone());
        let first: Vec<_> = std::iter::from_fn(|| hands.next()).collect();
        assert_eq!(first, due[..AT_ONCE]);
        for (done, next) in due.iter().zip(&due[AT_ONCE..]) {
            hands.done(*done);
            assert_eq!(hands.next().as_ref(), Some(next), "without another look");
            assert_eq!(hands.next(), None);
        }
    }

    #[test]
    fn a_run_that_goes_to_pieces_frees_its_hand() {
        let (hands, due) = (Hands::default(), due(AT_ONCE + 1));
        hands.offer(due.clone());
        let begun: Vec<_> = std::iter::from_fn(|| hands.next()).collect();
        let broken = std::panic::catch_unwind(|| {
            let _busy = hands.busy(begun[0]);
            panic!("on purpose");
        });
        assert!(broken.is_err());
        assert_eq!(hands.next().as_ref(), Some(&due[AT_ONCE]));
    }

    #[test]
    fn what_runs_is_not_begun_again_and_a_new_look_replaces_the_last() {
        let (hands, due) = (Hands::default(), due(3));
        hands.offer(due.clone());
        assert_eq!(hands.next(), Some(due[0]));
        hands.offer(vec![due[0], due[2]]);
        assert_eq!((hands.next(), hands.next()), (Some(due[2]), None));
        hands.done(due[0]);
        hands.offer(due.clone());
        assert_eq!((hands.next(), hands.next(), hands.next()), (Some(due[0]), Some(due[1]), None));
        hands.offer(Vec::new());
        hands.done(due[1]);
        assert_eq!(hands.next(), None);
    }
}
