//! What clients have cost.

use std::collections::BTreeMap;

/// Everything counted since the start or the last clearing. What people do in Google's own
/// pages is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactsCounters {
    /// Requests by user and kind, as `people.connections.list`, answered or not.
    pub requests: BTreeMap<(String, &'static str), u64>,
    /// Requests by user that changed something.
    pub writes: BTreeMap<String, u64>,
    /// Contacts by user that were created, updated or deleted, in batches or one by one.
    pub contact_writes: BTreeMap<String, u64>,
    /// Requests that were refused because of a quota.
    pub over_quota: u64,
}

impl ContactsCounters {
    /// All requests together.
    pub fn total(&self) -> u64 {
        self.requests.values().sum()
    }

    /// Requests of one kind, as `people.connections.list`, whoever asked.
    pub fn of(&self, kind: &str) -> u64 {
        self.requests.iter().filter(|((_, it), _)| *it == kind).map(|(_, count)| count).sum()
    }
}
