//! What requests cost, and how much of it a user has in a minute and in a day. Google publishes
//! the costs; the limits stand in each project's console.

use std::collections::BTreeMap;
use std::time::Duration;

use super::method::Method;
use super::policy::{BatchCost, ContactsPolicy};
use super::refusal::Refusal;
use crate::api::{Call, Window};

const DAY: u64 = 86_400;

/// What a batch of creations or updates costs of each critical quota, and of the day's.
const BATCH: (usize, usize) = (6, 200);
/// What a batch of deletions costs.
const BATCH_DELETE: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Metric {
    CriticalReads,
    CriticalWrites,
    Reads,
    Writes,
}

impl Metric {
    const ALL: [Self; 4] = [Self::CriticalReads, Self::CriticalWrites, Self::Reads, Self::Writes];

    fn limit(self, policy: &ContactsPolicy) -> usize {
        match self {
            Self::CriticalReads => policy.critical_reads_minute,
            Self::CriticalWrites => policy.critical_writes_minute,
            Self::Reads => policy.reads_minute,
            Self::Writes => policy.writes_minute,
        }
    }

    fn refusal(self) -> Refusal {
        let (metric, limit, title) = match self {
            Self::CriticalReads => (
                "critical_read_requests",
                "CriticalReadsPerMinutePerProjectPerUser",
                "Critical read requests (Contact and Profile Reads)",
            ),
            Self::CriticalWrites => (
                "critical_write_requests",
                "CriticalWritesPerMinutePerProjectPerUser",
                "Critical write requests (Contact Creates and Updates)",
            ),
            Self::Reads => {
                ("read_requests", "ReadsPerMinutePerProjectPerUser", "Read requests (Contact Group Reads)")
            }
            Self::Writes => (
                "write_requests",
                "WritesPerMinutePerProjectPerUser",
                "Write requests (Contact Deletes and Contact Group Writes)",
            ),
        };
        Refusal::quota(metric, limit, title)
    }
}

/// Units of each metric, in their order, and of the day's writes.
#[derive(Debug, Default)]
struct Cost {
    minute: [usize; 4],
    day: usize,
}

impl Cost {
    fn of(call: &Call, method: Method, policy: &ContactsPolicy) -> Self {
        let contacts = match &call.body["contacts"] {
            serde_json::Value::Array(list) => list.len(),
            serde_json::Value::Object(map) => map.len(),
            _ => 0,
        };
        let (minute, day) = match method {
            Method::List | Method::Get | Method::BatchGet => ([1, 0, 0, 0], 0),
            Method::Create | Method::Update => ([1, 1, 0, 0], 1),
            Method::BatchCreate | Method::BatchUpdate => match policy.batch_cost {
                BatchCost::Flat => ([BATCH.0, BATCH.0, 0, 0], BATCH.1),
                BatchCost::PerContact => ([contacts, contacts, 0, 0], contacts),
            },
            Method::BatchDelete => ([0, 0, 0, BATCH_DELETE], 0),
            Method::ListGroups | Method::GetGroup | Method::BatchGetGroups => ([0, 0, 1, 0], 0),
            Method::Delete
            | Method::CreateGroup
            | Method::UpdateGroup
            | Method::DeleteGroup
            | Method::ModifyMembers => ([0, 0, 0, 1], 0),
        };
        Self { minute, day }
    }
}

/// What one user has used.
#[derive(Debug, Default)]
struct Used {
    minute: [Window; 4],
    full_syncs: Window,
    day: u64,
    today: usize,
}

#[derive(Debug, Default)]
pub(super) struct Quota {
    users: BTreeMap<String, Used>,
}

impl Quota {
    /// Takes what a request costs, or refuses it. Refused ones cost nothing.
    pub(super) fn admit(
        &mut self,
        user: &str,
        call: &Call,
        method: Method,
        policy: &ContactsPolicy,
    ) -> Result<(), Refusal> {
        let cost = Cost::of(call, method, policy);
        let used = self.users.entry(user.to_owned()).or_default();
        used.check(&cost, call.now, policy)?;
        if method == Method::List && call.one("syncToken").is_none() && call.one("pageToken").is_none() {
            if used.full_syncs.used(call.now) >= policy.full_syncs_minute {
                return Err(Refusal::full_sync_quota());
            }
            used.full_syncs.take(call.now, 1);
        }
        used.take(&cost, call.now);
        Ok(())
    }
}

impl Used {
    fn check(&mut self, cost: &Cost, now: Duration, policy: &ContactsPolicy) -> Result<(), Refusal> {
        for ((metric, window), units) in Metric::ALL.into_iter().zip(&mut self.minute).zip(cost.minute) {
            if units > 0 && window.used(now) + units > metric.limit(policy) {
                return Err(metric.refusal());
            }
        }
        let day = now.as_secs() / DAY;
        if self.day != day {
            (self.day, self.today) = (day, 0);
        }
        if self.today + cost.day > policy.contact_writes_day {
            let (metric, limit) = ("daily_contact_writes", "DailyContactWritesPerProjectPerUser");
            let mut refusal = Refusal::quota(metric, limit, "Daily Contact Writes (Total)");
            refusal.message = refusal.message.replace("per minute", "per day");
            return Err(refusal);
        }
        Ok(())
    }

    fn take(&mut self, cost: &Cost, now: Duration) {
        for (window, units) in self.minute.iter_mut().zip(cost.minute) {
            window.take(now, units);
        }
        self.today += cost.day;
    }
}
