//! What a client has cost: for tests that promise nobody was written to.

use std::collections::BTreeMap;

/// Everything counted since the start or the last clearing. What people do in Google's own
/// pages is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CalendarCounters {
    /// E-mails to guests: invitations, changes, cancellations, and answers to an organizer.
    pub guest_mails: u64,
    /// Copies of events on other people's calendars that were made, changed or removed.
    pub guest_calendars: u64,
    /// Quota units: a patch costs 3, everything else 1.
    pub units: u64,
    /// Requests that changed an event.
    pub writes: u64,
    /// Requests by user, method, and calendar (empty where there is none), answered or not.
    pub requests: BTreeMap<(String, String, String), u64>,
}

impl CalendarCounters {
    /// All requests together.
    pub fn total(&self) -> u64 {
        self.requests.values().sum()
    }
}
