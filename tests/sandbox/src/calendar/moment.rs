//! When an event starts or ends: a day, or an instant in a time zone. A day is
//! never turned into an instant except to compare it with a bound.

use std::cmp::Ordering;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde_json::{Value, json};

use super::refusal::Refusal;

/// `start`, `end` or `originalStartTime`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Moment {
    Day(Date),
    At(Zoned),
}

/// The zone of this IANA name.
pub(super) fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// A zone of this name, or UTC: for names that were checked when they came in.
pub(super) fn zone_or_utc(name: &str) -> TimeZone {
    zone(name).unwrap_or(TimeZone::UTC)
}

impl Moment {
    /// Reads what a client sent. `which` is `start` or `end`; times without a zone of their
    /// own are in `home`.
    pub(super) fn read(value: &Value, which: &'static str, home: &str) -> Result<Self, Refusal> {
        let invalid = || Refusal::invalid(&format!("Invalid {which} time."));
        let text = |key: &str| value.get(key).filter(|it| !it.is_null());
        let named = match text("timeZone") {
            None => None,
            Some(name) => Some(named_zone(name, which)?),
        };
        match (text("date"), text("dateTime")) {
            (None, None) => Err(Refusal::required(&format!("Missing {which} time."))),
            (Some(_), Some(_)) => Err(invalid()),
            (Some(day), None) => {
                let day = day.as_str().filter(|day| day.len() == 10).ok_or_else(invalid)?;
                Ok(Self::Day(day.parse().map_err(|_| invalid())?))
            }
            (None, Some(time)) => {
                let time = time.as_str().ok_or_else(invalid)?;
                if let Ok(instant) = time.parse::<Timestamp>() {
                    let zone = named.unwrap_or_else(|| zone_or_utc(home));
                    return Ok(Self::At(instant.to_zoned(zone)));
                }
                let local: DateTime = time.parse().map_err(|_| invalid())?;
                let missing = format!("Missing time zone definition for {which} time.");
                let zone = named.ok_or_else(|| Refusal::required(&missing))?;
                Ok(Self::At(local.to_zoned(zone).map_err(|_| invalid())?))
            }
        }
    }

    /// Reads what this sandbox has written.
    pub(super) fn stored(value: Option<&Value>) -> Option<Self> {
        Self::read(value?, "start", "UTC").ok()
    }

    /// As stored and shown. Instants are written in `shown`, else in their own zone.
    pub(super) fn write(&self, shown: Option<&TimeZone>) -> Value {
        match self {
            Self::Day(day) => json!({"date": day.to_string()}),
            Self::At(at) => {
                let local = shown.map_or_else(|| at.clone(), |zone| at.with_time_zone(zone.clone()));
                let name = at.time_zone().iana_name().unwrap_or("UTC");
                json!({"dateTime": offset_time(&local), "timeZone": name})
            }
        }
    }

    /// The instant it begins, days at midnight in `zone`.
    pub(super) fn instant(&self, zone: &TimeZone) -> Timestamp {
        match self {
            Self::Day(day) => {
                let midnight = day.to_zoned(zone.clone());
                midnight.map_or(Timestamp::UNIX_EPOCH, |it| it.timestamp())
            }
            Self::At(at) => at.timestamp(),
        }
    }

    /// The end of an instance's id: `20261122T091500Z`, or `20261122`.
    pub(super) fn stamp(&self) -> String {
        match self {
            Self::Day(day) => day.strftime("%Y%m%d").to_string(),
            Self::At(at) => at.timestamp().strftime("%Y%m%dT%H%M%SZ").to_string(),
        }
    }

    pub(super) fn is_day(&self) -> bool {
        matches!(self, Self::Day(_))
    }

    /// The local date.
    pub(super) fn date(&self) -> Date {
        match self {
            Self::Day(day) => *day,
            Self::At(at) => at.date(),
        }
    }

    /// The same time of day on another date, in the same zone.
    pub(super) fn on(&self, date: Date) -> Option<Self> {
        match self {
            Self::Day(_) => Some(Self::Day(date)),
            Self::At(at) => {
                let local = date.to_datetime(at.time());
                local.to_zoned(at.time_zone().clone()).ok().map(Self::At)
            }
        }
    }

    /// The end of an instance that starts at `self`, where the first one goes from `start` to
    /// `end`. Days keep their number, times their length.
    pub(super) fn end_like(&self, start: &Self, end: &Self) -> Option<Self> {
        match (self, start, end) {
            (Self::Day(day), Self::Day(start), Self::Day(end)) => {
                let length = start.until(*end).ok()?;
                day.checked_add(length).ok().map(Self::Day)
            }
            (Self::At(at), Self::At(start), Self::At(end)) => {
                let length = end.timestamp().duration_since(start.timestamp());
                at.checked_add(length).ok().map(Self::At)
            }
            _ => None,
        }
    }

    /// Earlier or later; `None` where a day meets a time.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Day(one), Self::Day(two)) => Some(one.cmp(two)),
            (Self::At(one), Self::At(two)) => Some(one.timestamp().cmp(&two.timestamp())),
            _ => None,
        }
    }

    /// The time of day, midnight for days.
    pub(super) fn time(&self) -> Time {
        match self {
            Self::Day(_) => Time::midnight(),
            Self::At(at) => at.time(),
        }
    }
}

fn named_zone(name: &Value, which: &str) -> Result<TimeZone, Refusal> {
    let wrong = format!("Invalid time zone definition for {which} time.");
    name.as_str().and_then(zone).ok_or_else(|| Refusal::invalid(&wrong))
}

/// `2026-11-22T10:15:00+01:00`, or with `Z`.
fn offset_time(local: &Zoned) -> String {
    let whole = local.datetime().strftime("%Y-%m-%dT%H:%M:%S");
    match local.offset().seconds() {
        0 => format!("{whole}Z"),
        _ => format!("{whole}{}", local.strftime("%:z")),
    }
}

/// `2026-11-22T09:15:00.123Z`, as `created` and `updated` are written.
pub(super) fn millis(at: Timestamp) -> String {
    format!("{at:.3}")
}

#[cfg(test)]
mod tests {
    use super::Moment;
    use serde_json::json;

    #[test]
    fn a_time_is_shown_in_the_zone_of_who_looks_and_keeps_its_own() {
        let sent = json!({"dateTime": "2026-07-01T10:00:00", "timeZone": "Europe/Prague"});
        let moment = Moment::read(&sent, "start", "UTC").unwrap();
        let shown = moment.write(super::zone("America/New_York").as_ref());
        assert_eq!(shown, json!({"dateTime": "2026-07-01T04:00:00-04:00", "timeZone": "Europe/Prague"}));
        assert_eq!(moment.stamp(), "20260701T080000Z");
    }

    #[test]
    fn halves_of_a_time_are_refused() {
        for (sent, reason) in [
            (json!({}), "required"),
            (json!({"dateTime": "2026-07-01T10:00:00"}), "required"),
            (json!({"date": "2026-07-01", "dateTime": "2026-07-01T10:00:00Z"}), "invalid"),
            (json!({"date": "1 July"}), "invalid"),
            (json!({"dateTime": "2026-07-01T10:00:00Z", "timeZone": "Mars/Base"}), "invalid"),
        ] {
            assert_eq!(Moment::read(&sent, "end", "UTC").unwrap_err().reason, reason, "{sent}");
        }
    }
}
