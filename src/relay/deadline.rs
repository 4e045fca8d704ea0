//! The time until a client must be logged in.

use std::time::Duration;

use tokio::time::Instant;

/// A point in time that one connection must be logged in by. What the gateway
/// itself needs to verify does not count against the client.
pub(super) struct Deadline(Instant);

impl Deadline {
    /// The handshake has used some of it.
    pub(super) fn since(accepted: Instant, limit: Duration) -> Self {
        Self(accepted + limit)
    }

    pub(super) fn after(limit: Duration) -> Self {
        Self(Instant::now() + limit)
    }

    pub(super) fn left(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Leaves no more than `limit` from now on.
    pub(super) fn shorten(&mut self, limit: Duration) {
        self.0 = self.0.min(Instant::now() + limit);
    }

    /// Gives back the time since `began`.
    pub(super) fn forgive(&mut self, began: Instant) {
        self.0 += began.elapsed();
    }
}
