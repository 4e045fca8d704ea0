//! What the REST API counts.

use crate::metrics::{Counters, Registry};

/// The API's families. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    refused: Counters<1>,
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
        }
    }

    pub(super) fn refused(&self, cause: &'static str) {
        self.refused.inc([cause]);
    }
}
