//! Times in the zone of whoever looks at them.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::clock::Micros;

/// A time that an action wrote (`2026-11-22T10:00:00Z`) as the clock on the
/// wall of that zone shows it; in UTC without a zone. What is no time stays.
pub(super) fn shown(utc: &str, zone: Option<&str>) -> String {
    let Ok(at) = utc.parse::<Timestamp>() else { return utc.to_owned() };
    let zone = zone.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
}

/// The day and the minute at which an hour begins, in that zone.
pub(super) fn hour(at: Micros, zone: Option<&str>) -> String {
    local(at, zone).strftime("%Y-%m-%d %H:%M").to_string()
}

/// The day of a time in that zone.
pub(super) fn day(at: Micros, zone: Option<&str>) -> String {
    local(at, zone).date().to_string()
}

/// The last days up to that of `now`, the oldest first.
pub(super) fn days(now: Micros, count: i32, zone: Option<&str>) -> Vec<String> {
    let last = local(now, zone).date();
    (0..count).rev().map(|back| last.saturating_sub(jiff::Span::new().days(back)).to_string()).collect()
}

fn local(at: Micros, zone: Option<&str>) -> Zoned {
    let zone = zone.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
    Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone)
}

/// The names that a person may choose from.
pub(super) fn names() -> Vec<String> {
    let all = jiff::tz::db().available().map(|name| name.to_string());
    let mut names: Vec<String> = all.filter(|name| offered(name)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

// What is older or upside down stays valid where somebody types it.
fn offered(name: &str) -> bool {
    const REGIONS: [&str; 10] = [
        "Africa/",
        "America/",
        "Antarctica/",
        "Arctic/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    ];
    REGIONS.iter().any(|region| name.starts_with(region))
}

#[cfg(test)]
mod tests {
    use super::{names, shown};

    #[test]
    fn a_time_is_shown_in_the_zone_and_stays_what_it_is_elsewhere() {
        for (utc, zone, expected) in [
            ("2026-11-22T10:00:00Z", Some("Europe/Prague"), "2026-11-22 11:00:00 CET"),
            ("2026-07-22T10:00:00Z", Some("Europe/Prague"), "2026-07-22 12:00:00 CEST"),
            ("2026-12-31T23:30:05Z", Some("Asia/Tokyo"), "2027-01-01 08:30:05 JST"),
            ("2026-11-22T10:00:00Z", None, "2026-11-22 10:00:00 UTC"),
            ("2026-11-22T10:00:00Z", Some("Nowhere/Land"), "2026-11-22 10:00:00 UTC"),
            ("soon", Some("Europe/Prague"), "soon"),
        ] {
            assert_eq!(shown(utc, zone), expected);
        }
    }

    #[test]
    fn zones_are_offered_once_each() {
        let names = names();
        assert!(names.len() > 300 && names.len() < 700, "{}", names.len());
        assert!(names.is_sorted() && names.iter().any(|name| name == "Europe/Prague"));
    }
}
