//! What the broker counts: refreshes, and the life of the tokens it gives.

use std::time::Duration;

use crate::google::fault::Fault;
use crate::google::oauth::Refreshed;
use crate::metrics::{Counters, Histogram, Registry};

const LIFE: &[f64] = &[60.0, 300.0, 600.0, 1200.0, 1800.0, 2400.0, 3000.0, 3600.0];

/// The broker's families. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    refreshes: Counters<1>,
    life: Histogram,
}

impl Metrics {
    /// Enters the families in `registry`.
    #[must_use]
    pub fn register(registry: &Registry) -> Self {
        Self {
            refreshes: registry.counters(
                "postern_refreshes_total",
                "Requests for an access token at Google's token endpoint: ok, or the kind of failure",
                ["outcome"],
            ),
            life: registry.histogram(
                "postern_access_token_life_seconds",
                "Life that is left of an access token when a session gets it",
                LIFE,
            ),
        }
    }

    /// The token endpoint's answer.
    pub(super) fn answered(&self, answer: &Result<Refreshed, Fault>) {
        self.refreshes.inc([answer.as_ref().map_or_else(Fault::name, |_| "ok")]);
    }

    /// Tokens that Google gave, so far.
    pub(super) fn refreshed(&self) -> u64 {
        self.refreshes.of(["ok"]).get()
    }

    /// A token that was given out.
    pub(super) fn gave(&self, life: Duration) {
        self.life.observe(life.as_secs_f64());
    }
}
