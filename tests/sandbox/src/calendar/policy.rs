//! The switches of the calendar side.

use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// What incremental lists tell of a deleted event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tombstones {
    /// Id and status; of an instance also its series and original start. Google guarantees no more.
    #[default]
    Sparse,
    /// Id and status, of instances too: less than Google guarantees, and seen all the same.
    Bare,
    /// All that is left of it.
    Full,
}

/// How this Google's calendar behaves. Everything can be changed while it runs.
#[derive(Debug, Clone)]
pub struct CalendarPolicy {
    /// What incremental lists tell of deleted events.
    pub tombstones: Tombstones,
    /// Pages hold half of what was asked for, and every third none at all.
    pub short_pages: bool,
    /// How long a sync token is good for.
    pub sync_token_lifetime: Duration,
    /// How far back `updatedMin` may lie.
    pub updated_min_reach: Duration,
    /// Requests of one user in one minute.
    pub per_user_minute: usize,
    /// Requests of the whole project in one minute.
    pub per_project_minute: usize,
    /// Requests of the whole project in one day, if they are limited.
    pub per_day: Option<usize>,
    /// Too many requests are answered with 429 in place of 403.
    pub too_many_as_429: bool,
    /// Channels to plain HTTP are refused on loopback too, as Google would.
    pub webhooks_must_be_https: bool,
    /// So many of the next notifications are lost.
    pub lose_notices: usize,
}

impl Default for CalendarPolicy {
    fn default() -> Self {
        Self {
            tombstones: Tombstones::default(),
            short_pages: false,
            sync_token_lifetime: 28 * DAY,
            updated_min_reach: 28 * DAY,
            per_user_minute: 600,
            per_project_minute: 10_000,
            per_day: None,
            too_many_as_429: false,
            webhooks_must_be_https: false,
            lose_notices: 0,
        }
    }
}
