//! How much this process asks of one of Google's APIs.
//!
//! Half of what Google allows is spent here, the rest is left to other nodes and
//! to whatever else runs on the project. Who wants more waits, at most as long as
//! the caller's patience. What Google said of the pace is kept (see `budget`).
//!
//! Requests are also counted by account and by what they were made for, until
//! somebody takes the counts: Google bills by the day.

mod budget;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use postern_core::model::id::AccountId;

use self::budget::Budget;
use crate::clock::{Clock, Micros, micros};
use crate::dice::Dice;

/// Requests a minute that this process spends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Of one account.
    pub account: u32,
    /// Of all together.
    pub project: u32,
}

/// Whose limit a request met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Share {
    /// The user's.
    User,
    /// The project's, which all users of the installation share.
    Project,
}

/// What an answer says of the pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// It may go on like this.
    Right,
    /// Slower.
    TooFast {
        /// Whose limit it was.
        share: Share,
        /// What Google asked to wait.
        retry_after: Option<Duration>,
    },
    /// Not for hours.
    UsedUp,
    /// Nothing.
    Untold,
}

/// Not asked: the budget is spent, or Google wanted a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no request is left for the moment")]
pub struct Parked {
    /// When there may be one again, microseconds since 1970.
    pub until: Micros,
}

/// What a request is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Caller {
    /// To see what is new.
    Poll,
    /// To read a calendar, or everybody in a list, from the beginning.
    Import,
    /// To change something, with what has to be read for it.
    Write,
}

impl Caller {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Poll, Self::Import, Self::Write];

    /// The word in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Poll => "poll",
            Self::Import => "import",
            Self::Write => "write",
        }
    }
}

/// The budget of this process. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct Quota(Arc<Inner>);

struct Inner {
    clock: Clock,
    dice: Dice,
    budget: Mutex<Budget>,
    counts: Mutex<BTreeMap<(AccountId, Caller), u64>>,
}

impl Quota {
    /// A budget of which nothing is spent.
    #[must_use]
    pub fn new(clock: Clock, dice: Dice, rates: Rates) -> Self {
        let budget = Mutex::new(Budget::new(rates));
        Self(Arc::new(Inner { clock, dice, budget, counts: Mutex::default() }))
    }

    /// Takes `units` requests of the account from the budget, waiting at most
    /// `patience` until they are there.
    ///
    /// # Errors
    /// When the wait would be longer; nothing is taken then.
    pub async fn admit(
        &self,
        account: AccountId,
        caller: Caller,
        units: u32,
        patience: Duration,
    ) -> Result<(), Parked> {
        let mut left = micros(patience);
        loop {
            let now = self.0.clock.now();
            let taken = lock(&self.0.budget).take(account, units, now);
            let Err(until) = taken else { break };
            // Never less, so that a clock that stands still ends the wait all the same.
            let wait = (until - now).max(1_000);
            if wait > left {
                return Err(Parked { until });
            }
            left -= wait;
            tokio::time::sleep(Duration::from_micros(wait.unsigned_abs())).await;
        }
        *lock(&self.0.counts).entry((account, caller)).or_default() += u64::from(units);
        Ok(())
    }

    /// Learns from how a request of the account ended.
    pub(super) fn answered(&self, account: AccountId, pace: Pace) {
        let chance = self.0.dice.bytes().map_or(0, u16::from_le_bytes);
        let now = self.0.clock.now();
        let mut budget = lock(&self.0.budget);
        match pace {
            Pace::Right => budget.succeeded(account),
            Pace::TooFast { share, retry_after } => {
                let least = micros(retry_after.unwrap_or_default());
                if share == Share::Project {
                    budget.project_limited(least, now, chance);
                }
                budget.account_limited(account, least, now, chance);
            }
            Pace::UsedUp => budget.park(account, now),
            Pace::Untold => {}
        }
    }

    /// The requests of the last minute, of all accounts together.
    #[must_use]
    pub fn last_minute(&self) -> u32 {
        let now = self.0.clock.now();
        lock(&self.0.budget).last_minute(now)
    }

    /// The requests since they were last taken, by account and by what they
    /// were made for.
    #[must_use]
    pub fn take_counts(&self) -> Vec<(AccountId, Caller, u64)> {
        let counts = std::mem::take(&mut *lock(&self.0.counts));
        counts.into_iter().map(|((account, caller), count)| (account, caller, count)).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
