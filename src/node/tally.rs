//! What this process counts for `/metrics`, hour by hour in the store: the
//! charts of the overview are drawn from it.
//!
//! The counters themselves are looked at each minute, at the end of each hour
//! and at the shutdown; a crash loses a minute at most. What was counted since
//! the last look belongs to the hour of that look. An hour's whole count is
//! written under this process's own name, so a write that is repeated, or whose
//! answer was lost, counts nothing twice. Of what goes up and down the most
//! that a look saw in the hour is kept.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::Micros;
use crate::store::{Store, StoreError, hourly};

const BEAT: Duration = Duration::from_secs(60);
/// One hour.
pub const HOUR: Micros = 3_600 * 1_000_000;
/// For so long figures are kept.
pub const KEPT: Micros = 35 * 24 * HOUR;

/// Looks a figure up.
pub type Look = Box<dyn Fn() -> i64 + Send + Sync>;

/// A figure.
pub struct Source {
    /// Its name in the store.
    pub name: &'static str,
    /// How it moves.
    pub kind: Kind,
    /// Looks it up.
    pub look: Look,
}

/// How a figure moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, from nothing at the start of the process.
    Counter,
    /// It goes up and down.
    Gauge,
}

#[derive(Debug, Default, Clone, Copy)]
struct Count {
    now: i64,
    written: i64,
}

/// The loop.
pub struct Tally {
    store: Store,
    process: String,
    sources: Vec<Source>,
    // As each stood at the last look.
    seen: Vec<i64>,
    hour: Micros,
    open: BTreeMap<(Micros, &'static str), Count>,
}

impl Tally {
    /// Counts what `sources` show from the start of the process on, under a
    /// name that no other process has had.
    #[must_use]
    pub fn new(store: Store, process: &str, sources: Vec<Source>) -> Self {
        let hour = begin(store.clock().now());
        let seen = vec![0; sources.len()];
        Self { store, process: process.to_owned(), sources, seen, hour, open: BTreeMap::new() }
    }

    /// Looks and writes until `stop`, then once more.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut down = false;
        loop {
            let ended = tokio::select! {
                () = stop.cancelled() => true,
                () = tokio::time::sleep(self.pause()) => false,
            };
            self.look();
            match self.write().await {
                Ok(()) => down = false,
                Err(error) => {
                    if !down {
                        tracing::warn!(error = %error, "the hour's figures wait for the database");
                        down = true;
                    }
                }
            }
            if ended {
                return;
            }
        }
    }

    /// Takes over what was counted since the last look.
    pub fn look(&mut self) {
        let now = begin(self.store.clock().now());
        for (source, seen) in self.sources.iter().zip(&mut self.seen) {
            let value = (source.look)();
            match source.kind {
                Kind::Counter => {
                    let more = value.saturating_sub(*seen);
                    if more > 0 {
                        self.open.entry((self.hour, source.name)).or_default().now += more;
                    }
                }
                Kind::Gauge => {
                    if value > 0 {
                        let count = self.open.entry((now, source.name)).or_default();
                        count.now = count.now.max(value);
                    }
                }
            }
            *seen = value;
        }
        self.hour = now;
        self.open.retain(|(hour, _), _| *hour >= now - KEPT);
    }

    /// Writes what the store does not know yet.
    ///
    /// # Errors
    /// When the database does not answer; nothing is lost by it.
    pub async fn write(&mut self) -> Result<(), StoreError> {
        let new = |count: &Count| count.now != count.written;
        if !self.open.values().any(new) {
            return Ok(());
        }
        let mut batch = self.store.batch().await?;
        for ((hour, name), count) in self.open.iter().filter(|(_, count)| new(count)) {
            hourly::put(&mut batch, &self.process, *hour, name, count.now).await?;
        }
        batch.commit().await?;
        let current = self.hour;
        self.open.retain(|(hour, _), count| {
            count.written = count.now;
            *hour >= current
        });
        Ok(())
    }

    // To the end of the hour at most, so that each minute is counted in its own.
    fn pause(&self) -> Duration {
        let now = self.store.clock().now();
        let left = Duration::from_micros(u64::try_from(begin(now) + HOUR - now).unwrap_or(0));
        left.min(BEAT)
    }
}

/// The start of the hour.
#[must_use]
pub fn begin(at: Micros) -> Micros {
    at - at.rem_euclid(HOUR)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::time::Duration;

    use super::{HOUR, Kind, Source, Tally, begin};
    use crate::clock::Clock;
    use crate::store::{Store, hourly, trial};

    struct Stage {
        _folder: tempfile::TempDir,
        store: Store,
        clock: Clock,
        logins: Arc<AtomicI64>,
        sessions: Arc<AtomicI64>,
    }

    impl Stage {
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let clock = Clock::manual(100 * HOUR);
            let store = trial::store(folder.path(), clock.clone()).await;
            Self { _folder: folder, store, clock, logins: Arc::default(), sessions: Arc::default() }
        }

        /// A process that starts now.
        fn tally(&self, process: &str) -> Tally {
            self.logins.store(0, Ordering::SeqCst);
            let source = |name, kind, value: &Arc<AtomicI64>| {
                let value = value.clone();
                Source { name, kind, look: Box::new(move || value.load(Ordering::SeqCst)) }
            };
            let sources = vec![
                source("logins", Kind::Counter, &self.logins),
                source("sessions", Kind::Gauge, &self.sessions),
            ];
            Tally::new(self.store.clone(), process, sources)
        }

        async fn stored(&self) -> Vec<(i64, String, i64)> {
            let all = hourly::since(&mut self.store.read().await.unwrap(), 0).await.unwrap();
            all.into_iter().map(|it| (it.hour / HOUR, it.name, it.count)).collect()
        }
    }

    fn row(hour: i64, name: &str, count: i64) -> (i64, String, i64) {
        (hour, name.to_owned(), count)
    }

    #[tokio::test]
    async fn a_count_belongs_to_its_hour_and_is_never_written_twice() {
        let stage = Stage::new().await;
        let mut tally = stage.tally("one");
        tally.write().await.unwrap();
        assert!(stage.stored().await.is_empty());
        stage.logins.store(3, Ordering::SeqCst);
        for _ in 0..2 {
            tally.look();
            tally.write().await.unwrap();
        }
        assert_eq!(stage.stored().await, [row(100, "logins", 3)]);
        // The last look of an hour is at its end.
        stage.logins.store(5, Ordering::SeqCst);
        stage.clock.advance(Duration::from_secs(3_600));
        tally.look();
        stage.logins.store(6, Ordering::SeqCst);
        tally.look();
        for _ in 0..2 {
            tally.write().await.unwrap();
        }
        assert_eq!(stage.stored().await, [row(100, "logins", 5), row(101, "logins", 1)]);
    }

    #[tokio::test]
    async fn counts_outlive_a_restart_and_add_up_over_processes() {
        let stage = Stage::new().await;
        let mut first = stage.tally("one");
        stage.logins.store(3, Ordering::SeqCst);
        first.look();
        first.write().await.unwrap();
        // What comes now is lost by the crash; it was less than a minute.
        stage.logins.store(4, Ordering::SeqCst);
        drop(first);
        let mut second = stage.tally("two");
        stage.logins.store(2, Ordering::SeqCst);
        second.look();
        second.write().await.unwrap();
        assert_eq!(stage.stored().await, [row(100, "logins", 5)]);
    }

    #[tokio::test]
    async fn of_a_gauge_the_most_of_the_hour_stays() {
        let stage = Stage::new().await;
        let mut tally = stage.tally("one");
        for open in [2, 7, 1] {
            stage.sessions.store(open, Ordering::SeqCst);
            tally.look();
            tally.write().await.unwrap();
        }
        stage.clock.advance(Duration::from_secs(3_600));
        tally.look();
        tally.write().await.unwrap();
        assert_eq!(stage.stored().await, [row(100, "sessions", 7), row(101, "sessions", 1)]);
    }

    #[tokio::test]
    async fn what_could_not_be_written_waits_over_the_end_of_its_hour() {
        let stage = Stage::new().await;
        let mut tally = stage.tally("one");
        stage.logins.store(3, Ordering::SeqCst);
        tally.look();
        stage.clock.advance(Duration::from_secs(3_600));
        stage.logins.store(4, Ordering::SeqCst);
        tally.look();
        tally.write().await.unwrap();
        assert_eq!(stage.stored().await, [row(100, "logins", 4)]);
        assert_eq!(begin(100 * HOUR + 5), 100 * HOUR);
    }

    #[tokio::test]
    async fn a_look_is_due_each_minute_and_at_the_end_of_the_hour() {
        let stage = Stage::new().await;
        let tally = stage.tally("one");
        assert_eq!(tally.pause(), Duration::from_secs(60));
        stage.clock.advance(Duration::from_secs(3_595));
        assert_eq!(tally.pause(), Duration::from_secs(5));
    }
}
