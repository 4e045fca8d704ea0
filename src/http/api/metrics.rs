//! What is counted of programs that come: keys that were not taken, and hints.

use crate::metrics::{Counters, Registry};

/// The families of the pages. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    refused: Counters<1>,
    hooks: Counters<2>,
}

impl Metrics {
    /// Enters the families in `registry`.
    #[must_use]
    pub fn register(registry: &Registry) -> Self {
        Self {
            refused: registry.counters(
                "postern_api_refused_total",
                "Keys and signatures that the REST API did not take, by the word that was answered",
                ["cause"],
            ),
            hooks: registry.counters(
                "postern_hooks_total",
                "Calls of the CRM's webhooks and of Google's channels by what became of them",
                ["from", "outcome"],
            ),
        }
    }

    /// A call that came by itself.
    pub(in crate::http) fn hooked(&self, from: &'static str, outcome: &'static str) {
        self.hooks.inc([from, outcome]);
    }

    pub(super) fn refused(&self, cause: &'static str) {
        self.refused.inc([cause]);
    }
}
