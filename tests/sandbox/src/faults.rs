//! Faults waiting to happen: a queue, each for one use, and a set that stays.

use std::collections::VecDeque;

use crate::guarded::Guarded;

/// The faults of one protocol, for one account or for everybody.
#[derive(Debug)]
pub struct Faults<F> {
    waiting: Guarded<Waiting<F>>,
}

#[derive(Debug)]
struct Waiting<F> {
    next: VecDeque<Scoped<F>>,
    always: Vec<Scoped<F>>,
}

#[derive(Debug)]
struct Scoped<F> {
    account: Option<String>,
    fault: F,
}

impl<F> Default for Faults<F> {
    fn default() -> Self {
        Self { waiting: Guarded::new(Waiting { next: VecDeque::new(), always: Vec::new() }) }
    }
}

impl<F: Clone> Faults<F> {
    /// The next occasion for this fault meets it, once. Queued faults keep their order.
    pub fn next(&self, fault: F) {
        self.queue(None, fault);
    }

    /// As [`Faults::next`], for one account only.
    pub fn next_for(&self, email: &str, fault: F) {
        self.queue(Some(email.to_ascii_lowercase()), fault);
    }

    /// Every occasion meets this fault, until [`Faults::clear`].
    pub fn always(&self, fault: F) {
        let account = None;
        self.waiting.lock().always.push(Scoped { account, fault });
    }

    /// As [`Faults::always`], for one account only.
    pub fn always_for(&self, email: &str, fault: F) {
        let account = Some(email.to_ascii_lowercase());
        self.waiting.lock().always.push(Scoped { account, fault });
    }

    /// Forgets every fault, queued or standing.
    pub fn clear(&self) {
        let mut waiting = self.waiting.lock();
        waiting.next.clear();
        waiting.always.clear();
    }

    /// How many queued faults have not happened yet.
    pub fn pending(&self) -> usize {
        self.waiting.lock().next.len()
    }

    fn queue(&self, account: Option<String>, fault: F) {
        self.waiting.lock().next.push_back(Scoped { account, fault });
    }

    /// The fault for this occasion: the first queued one that fits, else a standing one.
    pub(crate) fn take(&self, email: Option<&str>, fits: impl Fn(&F) -> bool) -> Option<F> {
        let mut waiting = self.waiting.lock();
        let fits = |scoped: &Scoped<F>| scoped.concerns(email) && fits(&scoped.fault);
        if let Some(at) = waiting.next.iter().position(&fits) {
            return waiting.next.remove(at).map(|scoped| scoped.fault);
        }
        let standing = waiting.always.iter().find(|scoped| fits(scoped));
        standing.map(|scoped| scoped.fault.clone())
    }
}

impl<F> Scoped<F> {
    fn concerns(&self, email: Option<&str>) -> bool {
        self.account.as_deref().is_none_or(|account| Some(account) == email)
    }
}

#[cfg(test)]
mod tests {
    use super::Faults;

    #[test]
    fn a_queued_fault_happens_once_and_a_standing_one_stays() {
        let faults = Faults::default();
        faults.next_for("a@x", 1);
        faults.always(2);
        assert_eq!(faults.take(Some("b@x"), |_| true), Some(2));
        assert_eq!(faults.take(Some("a@x"), |_| true), Some(1));
        assert_eq!(faults.take(Some("a@x"), |_| true), Some(2));
        assert_eq!(faults.take(Some("a@x"), |fault| *fault == 7), None);
        faults.clear();
        assert_eq!(faults.take(None, |_| true), None);
    }
}
