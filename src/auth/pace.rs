//! How fast a program, or a panel of one, may ask.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Micros;

const MINUTE: i64 = 60_000_000;
/// So many buckets are kept; above, those that are full again are thrown away.
const MOST: usize = 4096;

/// A bucket for each key: full, it lets a minute's requests through at once,
/// and it fills evenly.
#[derive(Debug)]
pub struct Pace<K>(Mutex<BTreeMap<K, Bucket>>);

impl<K> Default for Pace<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

// In requests times MINUTE, so that it fills by `per_minute` each microsecond.
#[derive(Debug)]
struct Bucket {
    level: i64,
    at: Micros,
}

impl<K: Ord> Pace<K> {
    /// Takes one request out of the key's bucket.
    ///
    /// # Errors
    /// The time until there is one, when it is empty.
    pub fn take(&self, key: K, per_minute: u32, now: Micros) -> Result<(), Duration> {
        let rate = i64::from(per_minute.max(1));
        let full = rate.saturating_mul(MINUTE);
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST {
            // Whatever its rate, a bucket is full after a minute.
            buckets.retain(|_, bucket| now - bucket.at < MINUTE);
        }
        let bucket = buckets.entry(key).or_insert(Bucket { level: full, at: now });
        let gained = (now - bucket.at).max(0).saturating_mul(rate);
        bucket.level = bucket.level.saturating_add(gained).min(full);
        bucket.at = now;
        if bucket.level >= MINUTE {
            bucket.level -= MINUTE;
            return Ok(());
        }
        let wait = (MINUTE - bucket.level).div_euclid(rate) + 1;
        Err(Duration::from_micros(wait.unsigned_abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::{MINUTE, MOST, Pace};
    use postern_core::model::id::ApiKeyId;
    use std::time::Duration;
    use uuid::Uuid;

    #[test]
    fn a_minutes_requests_at_once_and_then_evenly() {
        let (pace, key) = (Pace::default(), ApiKeyId(Uuid::nil()));
        let taken = |now| (0..1000).take_while(|_| pace.take(key, 600, now).is_ok()).count();
        assert_eq!(taken(0), 600);
        let wait = pace.take(key, 600, 0).unwrap_err();
        assert!(wait > Duration::from_millis(99) && wait <= Duration::from_millis(101), "{wait:?}");
        assert_eq!(taken(1_000_000), 10);
        assert_eq!(taken(3_600_000_000), 600, "it never holds more than a minute's");
        assert_eq!(taken(0), 0, "a clock that goes back gives nothing");
        assert!(pace.take(ApiKeyId(Uuid::max()), 1, 0).is_ok(), "each key has its own");
    }

    #[test]
    fn buckets_that_are_full_again_are_thrown_away() {
        let pace = Pace::default();
        let most = u64::try_from(MOST).unwrap();
        assert!((0..most).all(|key| pace.take(key, 1, 0).is_ok()));
        assert!(pace.take(most, 1, MINUTE - 1).is_ok());
        assert!(pace.take(7, 1, MINUTE - 1).is_err(), "it is not full yet");
        assert!(pace.take(most + 1, 1, MINUTE).is_ok());
        assert_eq!(pace.0.lock().unwrap().len(), 3, "this one, the late one and the one asked in vain");
    }
}
