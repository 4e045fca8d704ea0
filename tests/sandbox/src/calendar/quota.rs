//! Requests of the last minute, of the day, and users who are cut off for a while.

use std::collections::BTreeMap;
use std::time::Duration;

use super::policy::CalendarPolicy;
use super::refusal::Refusal;
use crate::api::Window;

const DAY: u64 = 86_400;

#[derive(Debug, Default)]
pub(super) struct Quota {
    project: Window,
    users: BTreeMap<String, Window>,
    day: u64,
    today: usize,
    cut_off: BTreeMap<String, Duration>,
}

impl Quota {
    /// Counts a request, or refuses it. Refused ones are not counted.
    pub(super) fn admit(
        &mut self,
        user: &str,
        now: Duration,
        policy: &CalendarPolicy,
    ) -> Result<(), Refusal> {
        let status = if policy.too_many_as_429 { 429 } else { 403 };
        let day = now.as_secs() / DAY;
        if self.day != day {
            (self.day, self.today) = (day, 0);
        }
        if policy.per_day.is_some_and(|most| self.today >= most) {
            return Err(Refusal::usage(403, "dailyLimitExceeded", "Daily Limit Exceeded"));
        }
        if self.project.used(now) >= policy.per_project_minute {
            return Err(Refusal::usage(status, "rateLimitExceeded", "Rate Limit Exceeded"));
        }
        let own = self.users.entry(user.to_owned()).or_default();
        if own.used(now) >= policy.per_user_minute {
            let reason = if status == 429 { "rateLimitExceeded" } else { "userRateLimitExceeded" };
            return Err(Refusal::usage(status, reason, "User Rate Limit Exceeded"));
        }
        own.take(now, 1);
        self.project.take(now, 1);
        self.today += 1;
        Ok(())
    }

    /// The limit against abuse: the user may read, and not write, until `until`.
    pub(super) fn cut_off(&mut self, user: &str, until: Duration) {
        self.cut_off.insert(user.to_owned(), until);
    }

    pub(super) fn may_write(&self, user: &str, now: Duration) -> Result<(), Refusal> {
        match self.cut_off.get(user) {
            Some(until) if now < *until => {
                Err(Refusal::usage(403, "quotaExceeded", "Calendar usage limits exceeded."))
            }
            _ => Ok(()),
        }
    }
}
