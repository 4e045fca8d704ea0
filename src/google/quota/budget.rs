//! The sums behind the budget. Pure: the caller brings time and chance.
//!
//! - A minute slides in steps of a second, rounded to our disadvantage.
//! - A batch may be larger than a minute's share of an account. It passes a minute whose share is not
//!   used up - who waits for an idle one waits for ever, as there is always something to be read before
//!   it - and nothing follows it before all of that could have been spent one by one.
//! - After "too fast" the share is halved, at least a tenth stays, and one
//!   tenth of the whole comes back with each minute; meanwhile nothing is asked
//!   for a jittered second, doubled with each refusal in a row up to 64 s, and
//!   never for less than Google's `Retry-After`. The project's refusal does so
//!   to the share of all.
//! - After "usage limit" the account is parked for two hours, doubled each time
//!   it happens again within a day, up to a day.

use std::collections::{HashMap, VecDeque};

use postern_core::model::id::AccountId;

use super::Rates;
use crate::clock::Micros;

const SECOND: Micros = 1_000_000;
const MINUTE: Micros = 60 * SECOND;
const HOUR: Micros = 60 * MINUTE;
const DAY: Micros = 24 * HOUR;
const FIRST_PARK: Micros = 2 * HOUR;
const LONGEST_PAUSE: Micros = 64 * SECOND;
/// What ends later was begun before the clock was set back.
const FURTHEST: Micros = DAY + MINUTE;
const MOST: usize = 50_000;

/// What was spent in the last minute.
#[derive(Debug, Default)]
struct Minute(VecDeque<(i64, u32)>);

impl Minute {
    fn spent(&mut self, now: Micros) -> u32 {
        let second = now.div_euclid(SECOND);
        // A clock that was set back leaves seconds of the future behind.
        self.0.retain(|(at, _)| (second - 60..=second).contains(at));
        self.0.iter().map(|(_, units)| units).sum()
    }

    fn spend(&mut self, units: u32, now: Micros) {
        let second = now.div_euclid(SECOND);
        match self.0.back_mut() {
            Some((at, spent)) if *at == second => *spent += units,
            _ => self.0.push_back((second, units)),
        }
    }

    /// When at least `over` of it will be more than a minute ago.
    fn free(&self, over: u32, now: Micros) -> Micros {
        let mut freed = 0;
        for (at, units) in &self.0 {
            freed += units;
            if freed >= over {
                return (at + 61) * SECOND;
            }
        }
        now + MINUTE
    }
}

/// One share of Google's limit, and what Google said of the pace.
#[derive(Debug)]
struct Pace {
    whole: u32,
    share: u32,
    changed: Micros,
    in_a_row: u32,
    pause: Micros,
    minute: Minute,
}

impl Pace {
    fn new(whole: u32) -> Self {
        Self { whole, share: whole, changed: 0, in_a_row: 0, pause: 0, minute: Minute::default() }
    }

    /// When `units` may be spent, if not now.
    fn bar(&mut self, units: u32, now: Micros) -> Option<Micros> {
        if ahead(self.pause, now) {
            return Some(self.pause);
        }
        self.recover(now);
        let spent = self.minute.spent(now);
        // Whatever the share is, a single request passes an idle minute.
        let over = match units > self.whole {
            true => (spent + 1).saturating_sub(self.share.max(1)),
            false => (spent + units).saturating_sub(self.share.max(units)),
        };
        (over > 0).then(|| self.minute.free(over, now))
    }

    /// More than the whole at once is paid for until as much could have been spent one by one.
    fn spend(&mut self, units: u32, now: Micros) {
        self.minute.spend(units, now);
        if units > self.whole {
            let all = i64::from(self.minute.spent(now));
            let minutes = all.saturating_mul(MINUTE) / i64::from(self.whole.max(1));
            self.pause = self.pause.max(now + minutes.min(HOUR));
        }
    }

    fn recover(&mut self, now: Micros) {
        let minutes = now.saturating_sub(self.changed).div_euclid(MINUTE);
        if self.share < self.whole && minutes > 0 {
            let back = (self.whole / 10).max(1).saturating_mul(u32::try_from(minutes).unwrap_or(u32::MAX));
            self.share = self.share.saturating_add(back).min(self.whole);
            self.changed += minutes * MINUTE;
        }
    }

    fn limited(&mut self, least: Micros, now: Micros, chance: u16) {
        // Answers to requests that were under way together are one refusal.
        if !ahead(self.pause, now) {
            self.share = (self.share / 2).max(self.whole / 10).max(1);
            self.changed = now;
            self.in_a_row += 1;
        }
        let doubled = (SECOND << self.in_a_row.saturating_sub(1).min(6)).min(LONGEST_PAUSE);
        let jittered = doubled / 2 + doubled / 2 * i64::from(chance) / i64::from(u16::MAX);
        self.pause = self.pause.max(now + jittered.max(least));
    }
}

fn ahead(until: Micros, now: Micros) -> bool {
    now < until && until - now <= FURTHEST
}

#[derive(Debug)]
struct Own {
    pace: Pace,
    parked: Micros,
    parks: u32,
}

impl Own {
    // Nothing would be lost with it.
    fn idle(&mut self, now: Micros) -> bool {
        self.pace.recover(now);
        let whole = self.pace.share == self.pace.whole && !ahead(self.pace.pause, now);
        let forgiven = self.parks == 0 || now > self.parked + DAY;
        whole && forgiven && self.pace.minute.spent(now) == 0
    }
}

/// What may be asked.
#[derive(Debug)]
pub(super) struct Budget {
    rates: Rates,
    project: Pace,
    accounts: HashMap<AccountId, Own>,
}

impl Budget {
    pub(super) fn new(rates: Rates) -> Self {
        Self { rates, project: Pace::new(rates.project), accounts: HashMap::new() }
    }

    /// Spends `units` of the account.
    ///
    /// # Errors
    /// When to come again; nothing is spent then.
    pub(super) fn take(&mut self, account: AccountId, units: u32, now: Micros) -> Result<(), Micros> {
        let project = self.project.bar(units, now);
        let own = self.own(account, now);
        let parked = ahead(own.parked, now).then_some(own.parked);
        let until = parked.max(own.pace.bar(units, now)).max(project);
        if let Some(until) = until {
            return Err(until);
        }
        own.pace.spend(units, now);
        self.project.minute.spend(units, now);
        Ok(())
    }

    /// What all together have spent in the last minute.
    pub(super) fn last_minute(&mut self, now: Micros) -> u32 {
        self.project.minute.spent(now)
    }

    /// A request of the account was answered as it should be.
    pub(super) fn succeeded(&mut self, account: AccountId) {
        self.project.in_a_row = 0;
        if let Some(own) = self.accounts.get_mut(&account) {
            own.pace.in_a_row = 0;
        }
    }

    /// The account was too fast; it pauses for `least` at least.
    pub(super) fn account_limited(&mut self, account: AccountId, least: Micros, now: Micros, chance: u16) {
        self.own(account, now).pace.limited(least, now, chance);
    }

    /// All together were too fast.
    pub(super) fn project_limited(&mut self, least: Micros, now: Micros, chance: u16) {
        self.project.limited(least, now, chance);
    }

    /// The account has met its usage limit.
    pub(super) fn park(&mut self, account: AccountId, now: Micros) {
        let own = self.own(account, now);
        if ahead(own.parked, now) {
            return;
        }
        let again = own.parks > 0 && now - own.parked < DAY;
        own.parks = if again { own.parks + 1 } else { 1 };
        own.parked = now + (FIRST_PARK << (own.parks - 1).min(4)).min(DAY);
    }

    fn own(&mut self, account: AccountId, now: Micros) -> &mut Own {
        if self.accounts.len() >= MOST && !self.accounts.contains_key(&account) {
            self.accounts.retain(|_, own| !own.idle(now));
        }
        let whole = self.rates.account;
        self.accounts.entry(account).or_insert_with(|| Own { pace: Pace::new(whole), parked: 0, parks: 0 })
    }
}
