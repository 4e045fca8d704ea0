//! Faults in the words of the Calendar API.

use super::refusal::Refusal;
use crate::api::{Refused, Trouble};

impl Trouble {
    /// A fault on Google's side: 500 or 503.
    pub fn server_error(status: u16) -> Self {
        Self::refused(&Refusal::global(status, "backendError", "Backend Error"))
    }

    /// 403 with `rateLimitExceeded`, `userRateLimitExceeded` or `quotaExceeded`.
    pub fn rate_limited(reason: &'static str) -> Self {
        Self::refused(&Refusal::usage(403, reason, "Rate Limit Exceeded"))
    }

    /// 429, come back after so many seconds.
    pub fn too_many(retry_after: u64) -> Self {
        let body = Refusal::usage(429, "rateLimitExceeded", "Rate Limit Exceeded").body().to_string();
        Self::Answer { status: 429, headers: vec![("retry-after".into(), retry_after.to_string())], body }
    }

    /// The token is no longer good, whatever it says of itself.
    pub fn unauthorized() -> Self {
        Self::refused(&Refusal::credentials())
    }

    /// The sync token is no longer good.
    pub fn full_sync_required() -> Self {
        Self::refused(&Refusal::full_sync())
    }

    /// 200 with a body that breaks off in the middle.
    pub fn malformed() -> Self {
        Self::Answer { status: 200, headers: Vec::new(), body: r#"{"kind":"calendar#ev"#.into() }
    }
}
