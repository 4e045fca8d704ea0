//! What this process asks of the Calendar API, written down day by day.
//!
//! Google's limit of a day ends at midnight in California, so days are counted
//! there. Once a minute what was counted since is added to the rows of the day;
//! what could not be added waits. A crash loses a minute at most, and an answer
//! that was lost may count a minute twice: it is for people who look whether the
//! limit is near.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use postern_core::model::id::AccountId;
use tokio_util::sync::CancellationToken;

use crate::clock::{Micros, micros};
use crate::store::sync::requests;
use crate::store::{Store, StoreError};

const BEAT: Duration = Duration::from_secs(60);
/// The figure of an hour: the most that one process asked in a minute.
pub const BUSIEST: &str = "calendar_minute";

/// Requests of an account for one job.
pub type Counted = (AccountId, &'static str, u64);
/// The requests since they were taken last.
pub type Take = Box<dyn Fn() -> Vec<Counted> + Send + Sync>;

#[derive(Debug, Default, Clone, Copy)]
struct Count {
    all: i64,
    busiest: i64,
}

/// The loop.
pub struct Requests {
    store: Store,
    take: Take,
    looked_at: Micros,
    open: BTreeMap<(i64, AccountId, &'static str), Count>,
}

impl Requests {
    /// Writes down what `take` shows from now on.
    #[must_use]
    pub fn new(store: Store, take: Take) -> Self {
        Self { looked_at: store.clock().now(), store, take, open: BTreeMap::new() }
    }

    /// Writes until `stop`, then once more.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut down = false;
        loop {
            let ended = tokio::select! {
                () = stop.cancelled() => true,
                () = tokio::time::sleep(BEAT) => false,
            };
            match self.write().await {
                Ok(()) => down = false,
                Err(error) => {
                    if !down {
                        tracing::warn!(error = %error, "what was asked of Google waits for the database");
                        down = true;
                    }
                }
            }
            if ended {
                return;
            }
        }
    }

    /// Adds what was counted since the last time to the rows of today.
    ///
    /// # Errors
    /// When the database does not answer; then it is added the next time.
    pub async fn write(&mut self) -> Result<(), StoreError> {
        let now = self.store.clock().now();
        let (today, passed) = (day(now), (now - self.looked_at).max(micros(BEAT)));
        self.looked_at = now;
        for (account, job, count) in (self.take)() {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            let open = self.open.entry((today, account, job)).or_default();
            open.all = open.all.saturating_add(count);
            // A look that came late saw more than a minute.
            open.busiest = open.busiest.max(count.saturating_mul(micros(BEAT)) / passed);
        }
        if self.open.is_empty() {
            return Ok(());
        }
        let mut batch = self.store.batch().await?;
        for ((day, account, job), count) in &self.open {
            requests::add(&mut batch, *day, *account, job, count.all, count.busiest).await?;
        }
        batch.commit().await?;
        self.open.clear();
        Ok(())
    }
}

/// The day in California, counted from 1970.
#[must_use]
pub fn day(at: Micros) -> i64 {
    let date = Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone()).date();
    i64::from(date.since(jiff::civil::date(1970, 1, 1)).map_or(0, |span| span.get_days()))
}

/// When that day begins, and the next one.
#[must_use]
pub fn bounds(day: i64) -> (Micros, Micros) {
    (midnight(day), midnight(day + 1))
}

/// The day as a date.
#[must_use]
pub fn date(day: i64) -> jiff::civil::Date {
    let days = i32::try_from(day).unwrap_or(0);
    jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(days))
}

fn midnight(day: i64) -> Micros {
    date(day).to_zoned(zone()).map_or(0, |at| at.timestamp().as_microsecond())
}

fn zone() -> TimeZone {
    TimeZone::get("America/Los_Angeles").unwrap_or(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use postern_core::model::account::State;
    use postern_core::model::actor::Actor;
    use postern_core::model::address::Address;
    use postern_core::model::event::Event;
    use postern_core::model::id::AccountId;

    use super::{Counted, Requests, bounds, date, day};
    use crate::clock::Clock;
    use crate::store::sync::requests;
    use crate::store::{Store, accounts, trial};

    const NOON: i64 = 1_795_608_000_000_000;

    struct Stage {
        _folder: tempfile::TempDir,
        store: Store,
        clock: Clock,
        anna: AccountId,
        asked: Arc<Mutex<Vec<Counted>>>,
    }

    impl Stage {
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let clock = Clock::manual(NOON);
            let store = trial::store(folder.path(), clock.clone()).await;
            let address = Address::parse("anna@x.cz").unwrap();
            let mut act = store.act(&Actor::Gateway, "").await.unwrap();
            let anna = accounts::insert(&mut act, &address, None, State::Active).await.unwrap().id;
            act.commit(Event::AccountApproved { account: anna, address }).await.unwrap();
            Self { _folder: folder, store, clock, anna, asked: Arc::default() }
        }

        fn process(&self) -> Requests {
            let asked = self.asked.clone();
            Requests::new(self.store.clone(), Box::new(move || std::mem::take(&mut *asked.lock().unwrap())))
        }

        fn ask(&self, job: &'static str, count: u64) {
            self.asked.lock().unwrap().push((self.anna, job, count));
        }

        async fn stored(&self) -> Vec<(String, i64, i64)> {
            let mut read = self.store.read().await.unwrap();
            let rows = requests::of_day(&mut read, day(self.clock.now()), 9).await.unwrap();
            rows.into_iter().map(|row| (row.job, row.count, row.busiest)).collect()
        }
    }

    #[tokio::test]
    async fn processes_add_up_and_the_busiest_minute_stays() {
        let stage = Stage::new().await;
        let (mut one, mut two) = (stage.process(), stage.process());
        one.write().await.unwrap();
        assert!(stage.stored().await.is_empty());
        stage.ask("poll", 30);
        one.write().await.unwrap();
        stage.clock.advance(Duration::from_secs(120));
        stage.ask("poll", 40);
        stage.ask("write", 7);
        two.write().await.unwrap();
        one.write().await.unwrap();
        let expected = [("poll".to_owned(), 70, 30), ("write".to_owned(), 7, 3)];
        assert_eq!(stage.stored().await, expected, "two minutes are no minute");
        let mut read = stage.store.read().await.unwrap();
        assert_eq!(requests::total(&mut read, day(NOON)).await.unwrap(), 77);
    }

    #[tokio::test]
    async fn an_account_that_was_removed_stops_no_other_ones_count() {
        let stage = Stage::new().await;
        let mut process = stage.process();
        stage.asked.lock().unwrap().push((AccountId(uuid::Uuid::from_u128(7)), "poll", 5));
        stage.ask("import", 3);
        process.write().await.unwrap();
        assert_eq!(stage.stored().await, [("import".to_owned(), 3, 3)]);
    }

    #[test]
    fn a_day_is_one_in_california_also_when_clocks_change() {
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_microsecond();
        let today = day(at("2026-11-28T07:59:59Z"));
        assert_eq!(date(today).to_string(), "2026-11-27");
        assert_eq!(day(at("2026-11-28T08:00:00Z")), today + 1);
        assert_eq!(bounds(today), (at("2026-11-27T08:00:00Z"), at("2026-11-28T08:00:00Z")));
        let long = day(at("2026-11-01T12:00:00Z"));
        let (begins, ends) = bounds(long);
        assert_eq!((ends - begins) / 3_600_000_000, 25);
    }
}
