//! Who shows wrong secrets, and how long the answer to one more may take.
//!
//! Asked only after the verifier said "wrong": whoever shows a good token never
//! meets it. An address is shut out while it has shown so many *different*
//! wrong secrets within the window; a secret counts once in it, so a mailbox
//! that is polled with one dead token never shuts anybody out. Each further
//! different secret makes the answers slower.
//!
//! Bounds: [`ORIGINS`] addresses, and for each as many short keyed hashes as
//! make a difference. A newcomer in a full table takes the place of those who
//! showed the fewest secrets, never of one who is shut out while others are not.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use postern_core::model::origin::Origin;
use postern_core::model::secret::Secret;

use super::hash;
use crate::clock::{Micros, micros};
use crate::config::Limits;

/// How many addresses are remembered.
pub const ORIGINS: usize = 10_000;
/// In so many steps the answers reach their longest delay.
const STEPS: u32 = 20;

/// When an address is shut out, and how slow it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// So many different wrong secrets shut an address out.
    pub secrets: u32,
    /// For how long one counts.
    pub window: Duration,
    /// The longest delay of an answer.
    pub longest: Duration,
}

impl Rules {
    /// The rules of `[limits]`.
    #[must_use]
    pub fn of(limits: &Limits) -> Self {
        Self {
            secrets: limits.login_throttle,
            window: limits.login_throttle_window,
            longest: limits.login_throttle_delay,
        }
    }
}

/// How a wrong login is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// At once, and the client may try again.
    Free,
    /// After this time, and the connection closes.
    ShutOut(Duration),
}

/// Counts wrong secrets.
#[derive(Debug)]
pub struct Throttle {
    rules: Rules,
    // Nobody who sees this memory can try secrets against its hashes elsewhere.
    key: [u8; 32],
    seen: HashMap<Origin, Shown>,
}

/// What one network has shown, oldest first.
#[derive(Debug, Default)]
struct Shown(VecDeque<(u64, Micros)>);

impl Throttle {
    /// One that has seen nobody; `key` is random.
    #[must_use]
    pub fn new(rules: Rules, key: [u8; 32]) -> Self {
        Self { rules, key, seen: HashMap::new() }
    }

    /// Other rules from now on; what was shown counts under them.
    pub fn follow(&mut self, rules: Rules) {
        self.rules = rules;
    }

    /// Counts a secret that was wrong.
    pub fn wrong(&mut self, peer: IpAddr, secret: &Secret, now: Micros) -> Pace {
        let network = Origin::of(peer);
        if self.seen.len() >= ORIGINS && !self.seen.contains_key(&network) {
            self.make_room(now);
        }
        let (rules, short) = (self.rules, hash::short(&self.key, secret.reveal()));
        let shown = self.seen.entry(network).or_default();
        shown.forget(rules.window, now);
        if !shown.0.iter().any(|(known, _)| *known == short) {
            shown.0.push_back((short, now));
        }
        // More than make a difference are not kept.
        while shown.0.len() > (rules.secrets + STEPS - 1) as usize {
            shown.0.pop_front();
        }
        let shown = u32::try_from(shown.0.len()).unwrap_or(u32::MAX);
        match (shown + 1).saturating_sub(rules.secrets) {
            0 => Pace::Free,
            beyond => Pace::ShutOut(rules.longest * beyond.min(STEPS) / STEPS),
        }
    }

    // Forgets a tenth at least, so that this is done once in a thousand newcomers.
    fn make_room(&mut self, now: Micros) {
        let window = self.rules.window;
        self.seen.retain(|_, shown| {
            shown.forget(window, now);
            !shown.0.is_empty()
        });
        let most = ORIGINS - ORIGINS / 10;
        if self.seen.len() <= most {
            return;
        }
        let mut all: Vec<_> = self.seen.iter().map(|(network, shown)| (shown.weight(), *network)).collect();
        all.sort_unstable();
        for (_, network) in all.iter().take(self.seen.len() - most) {
            self.seen.remove(network);
        }
    }
}

impl Shown {
    // A clock that was set back leaves nothing in the future.
    fn forget(&mut self, window: Duration, now: Micros) {
        self.0.retain(|(_, at)| (0..micros(window)).contains(&(now - at)));
    }

    fn weight(&self) -> (usize, Micros) {
        (self.0.len(), self.0.back().map_or(0, |(_, at)| *at))
    }
}

#[cfg(test)]
mod tests;
