//! What becomes of notices.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::metrics::{Counters, Registry};
use crate::store::outbox::Audience;

/// The families of the notices. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    messages: Counters<2>,
    waiting: Arc<AtomicU64>,
}

impl Metrics {
    /// Enters the families in `registry`.
    #[must_use]
    pub fn register(registry: &Registry) -> Self {
        let waiting = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&waiting);
        registry.measured("postern_notices_waiting", "Rows of the outbox that nobody was told", move || {
            Some(seen.load(Ordering::Relaxed) as f64)
        });
        let help = "Messages to admins and owners: sent, put off, given up, or only logged";
        Self { messages: registry.counters("postern_notices_total", help, ["audience", "outcome"]), waiting }
    }

    pub(super) fn waiting(&self, rows: u64) {
        self.waiting.store(rows, Ordering::Relaxed);
    }

    pub(super) fn message(&self, audience: Audience, outcome: &'static str) {
        self.messages.inc([audience.name(), outcome]);
    }
}
