//! When a calendar is due: once in an interval, each at its own place in it, so
//! that a thousand calendars never ask Google in one second.

use std::time::Duration;

use uuid::Uuid;

use crate::clock::{Micros, micros};

/// The next time after `now` at which the calendar is due.
#[must_use]
pub fn next(calendar: Uuid, now: Micros, interval: Duration) -> Micros {
    let interval = micros(interval).max(1);
    let place = place(calendar, interval);
    let begun = (now - place).div_euclid(interval);
    (begun + 1) * interval + place
}

// The last octets of an identity are random, the first tell the time it was made.
fn place(calendar: Uuid, interval: Micros) -> Micros {
    let octets = calendar.as_bytes();
    let mut word = [0; 8];
    word.copy_from_slice(&octets[8..]);
    i64::try_from(u64::from_be_bytes(word) % interval.unsigned_abs()).unwrap_or(0)
}

/// The pause after the `count`th failure in a row: it doubles from one interval
/// up to six hours.
#[must_use]
pub fn pause(count: u32, interval: Duration) -> Duration {
    const LONGEST: Duration = Duration::from_secs(6 * 3_600);
    interval.saturating_mul(1 << count.min(10)).min(LONGEST.max(interval))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::{next, pause};

    const TEN: Duration = Duration::from_secs(600);

    #[test]
    fn a_calendar_is_due_once_in_an_interval_and_calendars_are_spread() {
        let mut buckets = [0; 10];
        for n in 0..1_000_u128 {
            let id = Uuid::from_u128(n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
            let now = 1_700_000_123_456_789;
            let first = next(id, now, TEN);
            assert!(first > now && first <= now + 600_000_000);
            assert_eq!(next(id, first, TEN), first + 600_000_000);
            assert_eq!(next(id, first - 1, TEN), first);
            buckets[usize::try_from((first - now - 1) / 60_000_000).unwrap()] += 1;
        }
        assert!(buckets.iter().all(|count| (50..200).contains(count)), "{buckets:?}");
    }

    #[test]
    fn failures_are_tried_again_ever_more_seldom() {
        assert_eq!(pause(0, TEN), TEN);
        assert_eq!(pause(1, TEN), 2 * TEN);
        assert_eq!(pause(40, TEN), Duration::from_secs(6 * 3_600));
    }
}
