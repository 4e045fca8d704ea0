//! Faults of the APIs: which requests meet them, and what happens to those.

use std::time::Duration;

use super::Refused;

/// A fault and the requests it waits for.
#[derive(Debug, Clone)]
pub struct Fault {
    method: Option<String>,
    path: Option<String>,
    pub(crate) trouble: Trouble,
}

/// What happens to a request.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// It is not done, and answered with this status, these headers and this body.
    Answer {
        /// HTTP status.
        status: u16,
        /// Further headers, such as `retry-after`.
        headers: Vec<(String, String)>,
        /// The body; JSON is not required.
        body: String,
    },
    /// It is not done, and answered with this status and body after a while.
    AnswerLate(Duration, u16, String),
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

impl Fault {
    /// A fault for every request.
    pub fn any(trouble: Trouble) -> Self {
        Self { method: None, path: None, trouble }
    }

    /// A fault for requests of this method whose path (after `/calendar/v3` or `/v1`) contains `path`.
    pub fn on(method: &str, path: &str, trouble: Trouble) -> Self {
        Self { method: Some(method.to_owned()), path: Some(path.to_owned()), trouble }
    }

    pub(crate) fn fits(&self, method: &str, path: &str) -> bool {
        let method_fits = self.method.as_deref().is_none_or(|it| it == method);
        method_fits && self.path.as_deref().is_none_or(|it| path.contains(it))
    }
}

impl Trouble {
    /// It is not done, and refused like this.
    pub(crate) fn refused(refusal: &impl Refused) -> Self {
        Self::Answer { status: refusal.status(), headers: Vec::new(), body: refusal.body().to_string() }
    }
}
