//! The only place that reads the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// Wall-clock time in microseconds since 1970, as the store keeps it.
pub type Micros = i64;

/// System time, or a time that a test moves.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's time.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until [`Clock::advance`].
    #[must_use]
    pub fn manual(start: Micros) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(start))))
    }

    /// Now, in microseconds since 1970.
    #[must_use]
    pub fn now(&self) -> Micros {
        match &self.0 {
            #[expect(clippy::disallowed_methods, reason = "the one place")]
            Source::System => Timestamp::now().as_microsecond(),
            Source::Manual(at) => at.load(Ordering::SeqCst),
        }
    }

    /// Now, in seconds since 1970, as OAuth counts.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.now().div_euclid(1_000_000)
    }

    /// Moves a manual clock; the system's clock does not move.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(at) = &self.0 {
            at.fetch_add(micros(by), Ordering::SeqCst);
        }
    }
}

/// A duration in the store's unit.
#[must_use]
pub fn micros(duration: Duration) -> Micros {
    Micros::try_from(duration.as_micros()).unwrap_or(Micros::MAX)
}

/// Microseconds of the system's monotonic clock, as the service manager
/// compares them with its own.
#[must_use]
pub fn monotonic() -> i64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec.saturating_mul(1_000_000).saturating_add(now.tv_nsec / 1_000)
}

/// The time as a person reads it: `2026-11-22T10:00:00Z`.
#[must_use]
pub fn written(at: Micros) -> String {
    Timestamp::from_microsecond(at.div_euclid(1_000_000).saturating_mul(1_000_000))
        .map_or_else(|_| at.to_string(), |t| t.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Clock, written};
    use std::time::Duration;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = Clock::manual(1_000_000);
        clock.advance(Duration::from_secs(2));
        assert_eq!(clock.now(), 3_000_000);
        assert_eq!(written(clock.now()), "1970-01-01T00:00:03Z");
    }
}
