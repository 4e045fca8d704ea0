//! What is counted of the People API.

use super::fault::Fault;
use crate::metrics::{Counters, Registry};

/// The families of the People API. Cheap to clone.
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
                "postern_people_requests_total",
                "Questions to the People API by what was asked: ok, or the kind of failure",
                ["call", "outcome"],
            ),
        }
    }

    /// How a question ended.
    pub(super) fn asked<T>(&self, call: &'static str, outcome: &Result<T, Fault>) {
        self.requests.inc([call, outcome.as_ref().map_or_else(Fault::name, |_| "ok")]);
    }
}
