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
    turned: watch::Sender<()>,
}

impl Default for Hands {
    fn default() -> Self {
        Self { added_ms: AtomicU64::new(0), turned: watch::Sender::new(()) }
    }
}

impl Clock {
    /// Time since the Unix epoch, by this clock.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the sandbox's own clock; it may not share Postern's"
    )]
    pub fn now(&self) -> Duration {
        let machine = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        machine + Duration::from_millis(self.0.added_ms.load(Ordering::Relaxed))
    }

    /// Whole seconds since the Unix epoch, by this clock.
    pub fn seconds(&self) -> u64 {
        self.now().as_secs()
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
