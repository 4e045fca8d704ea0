//! How fast a program may ask.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use postern_core::model::id::ApiKeyId;

use crate::clock::Micros;

const MINUTE: i64 = 60_000_000;

/// A bucket for each key: full, it lets a minute's requests through at once,
/// and it fills evenly.
#[derive(Debug, Default)]
pub struct Pace(Mutex<BTreeMap<ApiKeyId, Bucket>>);

// In requests times MINUTE, so that it fills by `per_minute` each microsecond.
#[derive(Debug)]
struct Bucket {
    level: i64,
    at: Micros,
}

impl Pace {
    /// Takes one request out of the key's bucket.
    ///
    /// # Errors
    /// The time until there is one, when it is empty.
    pub fn take(&self, key: ApiKeyId, per_minute: u32, now: Micros) -> Result<(), Duration> {
        let rate = i64::from(per_minute.max(1));
        let full = rate.saturating_mul(MINUTE);
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
    use super::Pace;
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
}
