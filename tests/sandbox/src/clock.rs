//! Google's clock: the machine's, plus what a test has added.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

/// Google's clock. Every expiry in the sandbox is read from it. A clone is the same clock, which is
/// how a stand-in CRM shares it.
#[derive(Debug, Clone, Default)]
pub struct Clock(Arc<Hands>);

#[derive(Debug)]
struct Hands {
    added_ms: AtomicU64,
    /// Where the machine's clock is taken to stand; 0 while it runs.
    stopped_ms: AtomicU64,
    turned: watch::Sender<()>,
}

impl Default for Hands {
    fn default() -> Self {
        let turned = watch::Sender::new(());
        Self { added_ms: AtomicU64::new(0), stopped_ms: AtomicU64::new(0), turned }
    }
}

impl Clock {
    /// Time since the Unix epoch, by this clock.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the sandbox's own clock; it may not share Postern's"
    )]
    pub fn now(&self) -> Duration {
        let machine = match self.0.stopped_ms.load(Ordering::Relaxed) {
            0 => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
            stopped => Duration::from_millis(stopped),
        };
        machine + Duration::from_millis(self.0.added_ms.load(Ordering::Relaxed))
    }

    /// Whole seconds since the Unix epoch, by this clock.
    pub fn seconds(&self) -> u64 {
        self.now().as_secs()
    }

    /// A clock that stands at this time since the Unix epoch and moves only when it is turned.
    pub fn stopped(at: Duration) -> Self {
        let clock = Self::default();
        let ms = u64::try_from(at.as_millis()).unwrap_or(u64::MAX).max(1);
        clock.0.stopped_ms.store(ms, Ordering::Relaxed);
        clock
    }

    /// Turns the clock forward. Sessions whose token has now expired end at once.
    pub fn advance(&self, by: Duration) {
        let ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.0.added_ms.fetch_add(ms, Ordering::Relaxed);
        self.0.turned.send_replace(());
    }

    /// Wakes whoever waits when the clock is turned.
    pub(crate) fn turned(&self) -> watch::Receiver<()> {
        self.0.turned.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;
    use std::time::Duration;

    #[test]
    fn a_stopped_clock_moves_only_when_it_is_turned() {
        let clock = Clock::stopped(Duration::from_secs(1_795_389_030));
        let same = clock.clone();
        clock.advance(Duration::from_secs(30));
        assert_eq!(same.now(), Duration::from_secs(1_795_389_060));
    }
}
