//! What is counted of the Calendar API.

use super::fault::Fault;
use crate::metrics::{Counters, Registry};

/// The families of the Calendar API. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    requests: Counters<2>,
}

impl Metrics {
    /// Enters the families in `registry`.
    #[must_use]
    pub fn register(registry: &Registry) -> Self {
        Self {
            requests: registry.counters(
                "postern_calendar_requests_total",
                "Questions to the Calendar API by what was asked: ok, or the kind of failure",
                ["call", "outcome"],
            ),
        }
    }

    /// How a question ended.
    pub(super) fn asked<T>(&self, call: &'static str, outcome: &Result<T, Fault>) {
        self.requests.inc([call, outcome.as_ref().map_or_else(Fault::name, |_| "ok")]);
    }

    #[cfg(test)]
    pub(super) fn count(&self, call: &'static str, outcome: &'static str) -> u64 {
        self.requests.of([call, outcome]).get()
    }
}
