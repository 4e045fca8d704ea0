//! Faults of the Calendar API: which requests meet them, and what happens to those.

use std::time::Duration;

use super::refusal::Refusal;

/// A fault and the requests it waits for.
#[derive(Debug, Clone)]
pub struct CalendarFault {
    method: Option<String>,
    path: Option<String>,
    pub(super) trouble: CalendarTrouble,
}

/// What happens to a request.
#[derive(Debug, Clone)]
pub enum CalendarTrouble {
    /// It is not done, and answered with this status, these headers and this body.
    Answer {
        /// HTTP status.
        status: u16,
        /// Further headers, such as `retry-after`.
        headers: Vec<(String, String)>,
        /// The body; JSON is not required.
        body: String,
    },
    /// It is not done and never answered.
    Hang,
    /// It is not done; the connection closes without a byte.
    Close,
    /// It is done; the connection closes without a byte.
    LoseAnswer,
    /// It waits, and is then done and answered as usual.
    Delay(Duration),
    /// It is done at once and answered this much later.
    TellLate(Duration),
}

impl CalendarFault {
    /// A fault for every request.
    pub fn any(trouble: CalendarTrouble) -> Self {
        Self { method: None, path: None, trouble }
    }

    /// A fault for requests of this method whose path (after `/calendar/v3`) contains `path`.
    pub fn on(method: &str, path: &str, trouble: CalendarTrouble) -> Self {
        Self { method: Some(method.to_owned()), path: Some(path.to_owned()), trouble }
    }

    pub(super) fn fits(&self, method: &str, path: &str) -> bool {
        let method_fits = self.method.as_deref().is_none_or(|it| it == method);
        method_fits && self.path.as_deref().is_none_or(|it| path.contains(it))
    }
}

impl CalendarTrouble {
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

    fn refused(refusal: &Refusal) -> Self {
        Self::Answer { status: refusal.status, headers: Vec::new(), body: refusal.body().to_string() }
    }
}
