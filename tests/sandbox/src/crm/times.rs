//! Times as the CRM writes them: UTC, whole seconds, no zone; and days as `YYYY-MM-DD`.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

const WRITTEN: &str = "%Y-%m-%d %H:%M:%S";

/// Seconds since the epoch as `YYYY-MM-DD HH:MM:SS`.
pub(crate) fn stamp(seconds: u64) -> String {
    let at = Timestamp::from_second(i64::try_from(seconds).unwrap_or(i64::MAX)).unwrap_or(Timestamp::MAX);
    at.strftime(WRITTEN).to_string()
}

/// Seconds since the epoch of `YYYY-MM-DD HH:MM:SS`.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    let at = DateTime::strptime(WRITTEN, text).ok()?;
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

/// One of the accepted forms, normalised: with and without seconds, or with `T` and an offset.
/// Fractions, a day alone and days that do not exist are none of them.
pub(crate) fn normal(text: &str) -> Option<String> {
    let zoned = text.as_bytes().get(10) == Some(&b'T');
    match text.len() {
        19 if !zoned => seconds(text).map(|_| text.to_owned()),
        16 if !zoned => normal(&format!("{text}:00")),
        20 | 25 if zoned => {
            let at: Timestamp = text.parse().ok()?;
            Some(at.strftime(WRITTEN).to_string())
        }
        _ => None,
    }
}

/// The same time so many seconds later.
pub(crate) fn later(text: &str, by: i64) -> Option<String> {
    let at = Timestamp::from_second(seconds(text)?.checked_add(by)?).ok()?;
    Some(at.strftime(WRITTEN).to_string())
}

/// A day that exists.
pub(crate) fn day(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| Date::strptime("%Y-%m-%d", text).ok())?
}

/// Where a day begins in a zone, so many days on.
pub(crate) fn midnight(text: &str, days_on: i64, zone: &str) -> Option<String> {
    let day = day(text)?.checked_add(days_on.days()).ok()?;
    let at = day.to_zoned(TimeZone::get(zone).ok()?).ok()?;
    Some(at.timestamp().strftime(WRITTEN).to_string())
}

#[cfg(test)]
mod tests {
    use super::{later, midnight, normal, seconds, stamp};

    #[test]
    fn the_recorded_forms_are_taken_and_the_others_are_not() {
        for (form, expected) in [
            ("2026-12-01 09:00:00", "2026-12-01 09:00:00"),
            ("2026-12-01 09:00", "2026-12-01 09:00:00"),
            ("2026-12-01T09:00:00Z", "2026-12-01 09:00:00"),
            ("2026-12-01T09:00:00+02:00", "2026-12-01 07:00:00"),
        ] {
            assert_eq!(normal(form).as_deref(), Some(expected), "{form}");
        }
        for form in ["2026-12-01T09:00:00.000Z", "2026-12-01", "2026-02-30 09:00:00", "soon", ""] {
            assert_eq!(normal(form), None, "{form}");
        }
    }

    #[test]
    fn days_begin_where_the_zone_says() {
        assert_eq!(midnight("2026-12-05", 1, "UTC").as_deref(), Some("2026-12-06 00:00:00"));
        assert_eq!(midnight("2026-07-05", 0, "Europe/Prague").as_deref(), Some("2026-07-04 22:00:00"));
        assert_eq!(later("2026-12-31 23:59:59", 1).as_deref(), Some("2027-01-01 00:00:00"));
        assert_eq!(stamp(1_795_389_030), "2026-11-22 23:10:30");
        assert_eq!(seconds("2026-11-22 23:10:30"), Some(1_795_389_030));
    }
}
