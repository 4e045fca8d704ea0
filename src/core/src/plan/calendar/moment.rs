//! Days and instants, as two types that never mix.
//!
//! A [`Date`] is a day of the calendar and belongs to no time zone; an
//! [`Instant`] is a whole second of UTC. The only way from one to the other
//! is a [`Zone`], by name, from the time-zone data that are built in: neither
//! the machine's zone nor its files nor its clock play a part. Years outside
//! 1970 to 9999 are refused.

use std::fmt;
use std::sync::LazyLock;

use jiff::civil::{self, DateTime};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::written;

// Only what is built in: the default database reads the machine's files.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A day, 1970-01-01 to 9999-12-31; as text `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date(civil::Date);

/// A moment in whole seconds since 1970-01-01T00:00:00Z, up to
/// 9999-12-30T22:00:00Z; stored as that number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Instant(i64);

/// A time zone of the IANA database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// Why a text or a number is no moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAMoment {
    /// Not written the way this side writes days and times.
    #[error("not in the form of a date or a time")]
    Form,
    /// A day or time that does not exist, or a year outside 1970 to 9999.
    #[error("no such day or time between the years 1970 and 9999")]
    Range,
    /// A time zone that the IANA database does not have.
    #[error("an unknown time zone")]
    Zone,
}

impl Date {
    /// A day by its numbers; months and days count from 1.
    ///
    /// # Errors
    /// There is no such day in the years 1970 to 9999.
    pub fn new(year: i16, month: i8, day: i8) -> Result<Self, NotAMoment> {
        civil::Date::new(year, month, day).ok().and_then(Self::bounded).ok_or(NotAMoment::Range)
    }

    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    /// The text is something else, or there is no such day.
    pub fn parse(text: &str) -> Result<Self, NotAMoment> {
        let octets: &[u8; 10] = text.as_bytes().try_into().map_err(|_| NotAMoment::Form)?;
        Self::bounded(written::date(octets)?).ok_or(NotAMoment::Range)
    }

    /// So many days later, or earlier; none outside the years of this type.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Option<Self> {
        let span = Span::new().try_days(days).ok()?;
        self.0.checked_add(span).ok().and_then(Self::bounded)
    }

    /// How many days lie between; negative when `later` is earlier.
    #[must_use]
    pub fn days_until(self, later: Self) -> i64 {
        // Two midnights of UTC lie whole days apart.
        (later.midnight() - self.midnight()) / 86_400
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub fn since_1970(self) -> i64 {
        self.midnight() / 86_400
    }

    /// This day on a clock on the wall.
    pub(crate) const fn civil(self) -> civil::Date {
        self.0
    }

    /// A day of the calendar, if its year is one of this type's.
    pub(crate) fn bounded(date: civil::Date) -> Option<Self> {
        (date.year() >= 1970).then_some(Self(date))
    }

    fn midnight(self) -> i64 {
        utc(self.0.to_datetime(civil::Time::midnight()))
    }
}

impl Instant {
    /// The last second that can be written in every zone.
    pub const MAX: Self = Self(253_402_207_200);

    /// A moment by the seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// The seconds lie before that or after [`Instant::MAX`].
    pub const fn from_seconds(seconds: i64) -> Result<Self, NotAMoment> {
        if seconds < 0 || seconds > Self::MAX.0 { Err(NotAMoment::Range) } else { Ok(Self(seconds)) }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// Reads an RFC 3339 time with its offset, as Google writes it; fractions
    /// of a second are cut off.
    ///
    /// # Errors
    /// The text is something else, or there is no such time.
    pub fn parse(text: &str) -> Result<Self, NotAMoment> {
        let (local, rest) = written::clock(text, b'T')?;
        Self::from_seconds(utc(local).saturating_sub(written::offset(rest)?))
    }

    /// Reads an RFC 3339 time that leaves its offset to the zone named beside
    /// it; one with an offset is read by [`Instant::parse`].
    ///
    /// # Errors
    /// The text is something else, or there is no such time.
    pub fn parse_in(text: &str, zone: &Zone) -> Result<Self, NotAMoment> {
        let (local, rest) = written::clock(text, b'T')?;
        if rest.is_empty() { zone.instant(local) } else { Self::parse(text) }
    }

    /// Reads `YYYY-MM-DD HH:MM:SS`, which the CRM means in UTC.
    ///
    /// # Errors
    /// The text is something else, or there is no such time.
    pub fn parse_crm(text: &str) -> Result<Self, NotAMoment> {
        match written::clock(text, b' ')? {
            (local, "") if text.len() == 19 => Self::from_seconds(utc(local)),
            _ => Err(NotAMoment::Form),
        }
    }

    /// `YYYY-MM-DD HH:MM:SS` in UTC, as the CRM has it.
    #[must_use]
    pub fn crm(self) -> String {
        self.utc_clock().strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// RFC 3339 in a zone, with its offset, as Google has it. Where that
    /// offset has odd seconds (before the standard times), in UTC.
    #[must_use]
    pub fn rfc3339_in(self, zone: &Zone) -> String {
        let zoned = self.timestamp().to_zoned(zone.0.clone());
        if zoned.offset().seconds() % 60 == 0 {
            zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
        } else {
            self.to_string()
        }
    }

    /// So many seconds later, or earlier; none outside the years of this type.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Option<Self> {
        match self.0.checked_add(seconds) {
            Some(sum) if sum >= 0 && sum <= Self::MAX.0 => Some(Self(sum)),
            _ => None,
        }
    }

    /// The clock on a wall in UTC.
    pub(crate) fn utc_clock(self) -> DateTime {
        TimeZone::UTC.to_datetime(self.timestamp())
    }

    fn timestamp(self) -> Timestamp {
        // In range by construction; the fallback is never taken.
        Timestamp::from_second(self.0).unwrap_or(Timestamp::MAX)
    }
}

impl Zone {
    /// A zone by its IANA name, whatever the case of its letters.
    ///
    /// # Errors
    /// There is no zone of that name.
    pub fn named(name: &str) -> Result<Self, NotAMoment> {
        if name.len() > written::LONGEST {
            return Err(NotAMoment::Zone);
        }
        let zone = ZONES.get(name).map_err(|_| NotAMoment::Zone)?;
        if zone.is_unknown() { Err(NotAMoment::Zone) } else { Ok(Self(zone)) }
    }

    /// Universal time.
    #[must_use]
    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The moment at which a clock on a wall there shows this time. A time
    /// that is skipped counts with the offset before the gap, one that is
    /// shown twice means the first (RFC 5545, 3.3.5).
    ///
    /// # Errors
    /// The moment lies outside the years of [`Instant`].
    pub(crate) fn instant(&self, local: DateTime) -> Result<Instant, NotAMoment> {
        let timestamp = self.0.to_timestamp(local).map_err(|_| NotAMoment::Range)?;
        Instant::from_seconds(timestamp.as_second())
    }

    /// What a clock on a wall there shows.
    pub(crate) fn clock(&self, instant: Instant) -> DateTime {
        self.0.to_datetime(instant.timestamp())
    }
}

// Seconds as if the clock showed UTC.
fn utc(local: DateTime) -> i64 {
    local.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_secs()
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

impl TryFrom<String> for Date {
    type Error = NotAMoment;
    fn try_from(text: String) -> Result<Self, NotAMoment> {
        Self::parse(&text)
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

impl TryFrom<i64> for Instant {
    type Error = NotAMoment;
    fn try_from(seconds: i64) -> Result<Self, NotAMoment> {
        Self::from_seconds(seconds)
    }
}

impl From<Instant> for i64 {
    fn from(instant: Instant) -> Self {
        instant.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::{Date, Instant, NotAMoment, Zone};

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn one_moment_has_one_value_however_it_is_written() {
        let noon = at("2026-12-01T12:00:00Z");
        for text in ["2026-12-01T13:00:00+01:00", "2026-12-01T06:30:00-05:30", "2026-12-01T12:00:00.999Z"] {
            assert_eq!(at(text), noon, "{text}");
        }
        assert_eq!(Instant::parse_crm("2026-12-01 12:00:00"), Ok(noon));
        assert_eq!(noon.to_string(), "2026-12-01T12:00:00Z");
        assert_eq!(noon.crm(), "2026-12-01 12:00:00");
        assert_eq!(noon.seconds(), 1_796_126_400);
    }

    #[test]
    fn the_zone_beside_a_time_counts_only_without_an_offset() {
        let prague = Zone::named("Europe/Prague").unwrap();
        let summer = at("2026-07-01T07:00:00Z");
        assert_eq!(Instant::parse_in("2026-07-01T09:00:00", &prague), Ok(summer));
        assert_eq!(Instant::parse_in("2026-07-01T07:00:00.5Z", &prague), Ok(summer));
        assert_eq!(summer.rfc3339_in(&prague), "2026-07-01T09:00:00+02:00");
        assert_eq!(summer.rfc3339_in(&Zone::utc()), "2026-07-01T07:00:00+00:00");
    }

    #[test]
    fn a_skipped_time_moves_on_and_a_repeated_one_is_the_first() {
        let prague = Zone::named("europe/prague").unwrap();
        assert_eq!(prague.name(), "Europe/Prague");
        assert_eq!(Instant::parse_in("2026-03-29T02:30:00", &prague), Ok(at("2026-03-29T01:30:00Z")));
        assert_eq!(Instant::parse_in("2026-10-25T02:30:00", &prague), Ok(at("2026-10-25T00:30:00Z")));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        let form = [
            "",
            "2026-12-01",
            "2026-12-01T12:00:00",
            "2026-12-01 12:00:00Z",
            "2026-12-01T12:00:00+1:00",
            "2026-12-01T12:00:00.Z",
            "2026-12-01T12:00:00z",
            "+026-12-01T12:00:00Z",
            "2026-12-01T12:00:0éZ",
        ];
        for text in form {
            assert_eq!(Instant::parse(text), Err(NotAMoment::Form), "{text:?}");
        }
        let long = format!("2026-12-01T12:00:00.{}Z", "0".repeat(60));
        assert_eq!(Instant::parse(&long), Err(NotAMoment::Form));
        for text in [
            "2026-02-29T12:00:00Z",
            "2026-12-01T24:00:00Z",
            "1969-12-31T23:59:59Z",
            "9999-12-31T12:00:00Z",
            "2026-12-01T12:00:00+24:00",
            "2026-12-01T12:00:60Z",
        ] {
            assert_eq!(Instant::parse(text), Err(NotAMoment::Range), "{text:?}");
        }
        for text in
            ["2026-12-01 12:00", "2026-12-01T12:00:00", "2026-12-01 12:00:00.0", "2026-12-01 12:00:00Z"]
        {
            assert_eq!(Instant::parse_crm(text), Err(NotAMoment::Form), "{text:?}");
        }
        for text in ["2026-1-01", "20261201", "2026-12-01T", "2026-12-aa"] {
            assert_eq!(Date::parse(text), Err(NotAMoment::Form), "{text:?}");
        }
        for text in ["1969-12-31", "2026-02-30", "2026-00-01", "0000-01-01"] {
            assert_eq!(Date::parse(text), Err(NotAMoment::Range), "{text:?}");
        }
        for name in ["", "Mars/Base", "Etc/Unknown", "localtime", "../etc/passwd", &"x".repeat(5_000)] {
            assert_eq!(Zone::named(name), Err(NotAMoment::Zone), "{name:?}");
        }
    }

    #[test]
    fn stored_moments_are_checked_when_they_are_read() {
        let day: Date = serde_json::from_str("\"2026-12-01\"").unwrap();
        assert_eq!(serde_json::to_string(&day).unwrap(), "\"2026-12-01\"");
        assert!(serde_json::from_str::<Date>("\"1969-12-31\"").is_err());
        assert_eq!(serde_json::to_string(&at("1970-01-01T00:00:05Z")).unwrap(), "5");
        assert!(serde_json::from_str::<Instant>("-1").is_err());
        assert!(serde_json::from_str::<Instant>("253402207201").is_err());
    }

    #[test]
    fn the_ends_of_the_years_hold() {
        let last = Date::parse("9999-12-31").unwrap();
        assert_eq!(last.plus_days(1), None);
        assert_eq!(last.plus_days(i64::MAX), None);
        assert_eq!(Date::parse("1970-01-01").unwrap().plus_days(-1), None);
        assert_eq!(Instant::MAX.plus_seconds(1), None);
        assert_eq!(Instant::MAX.plus_seconds(i64::MAX), None);
        let east = Zone::named("Pacific/Kiritimati").unwrap();
        assert_eq!(at(&Instant::MAX.rfc3339_in(&east)), Instant::MAX);
        assert_eq!(at(&Instant::MAX.to_string()), Instant::MAX);
    }

    proptest! {
        #[test]
        fn every_instant_survives_its_texts(seconds in 0..=Instant::MAX.seconds()) {
            let instant = Instant::from_seconds(seconds).unwrap();
            prop_assert_eq!(Instant::parse(&instant.to_string()), Ok(instant));
            prop_assert_eq!(Instant::parse_crm(&instant.crm()), Ok(instant));
            for name in ["America/New_York", "Asia/Kathmandu", "Africa/Monrovia", "Australia/Lord_Howe"] {
                let zone = Zone::named(name).unwrap();
                prop_assert_eq!(Instant::parse(&instant.rfc3339_in(&zone)), Ok(instant));
            }
        }

        #[test]
        fn days_add_up_as_they_were_counted(first in 0_i64..2_932_896, second in 0_i64..2_932_896) {
            let epoch = Date::new(1970, 1, 1).unwrap();
            let (a, b) = (epoch.plus_days(first).unwrap(), epoch.plus_days(second).unwrap());
            prop_assert_eq!(a.days_until(b), second - first);
            prop_assert_eq!(a.plus_days(second - first), Some(b));
            prop_assert_eq!(Date::parse(&a.to_string()), Ok(a));
        }

        #[test]
        fn no_text_is_too_strange(text in ".{0,80}") {
            for zone in ["Europe/Prague", &text] {
                if let Ok(zone) = Zone::named(zone) {
                    let _ = Instant::parse_in(&text, &zone);
                }
            }
            let _ = (Instant::parse(&text), Instant::parse_crm(&text), Date::parse(&text));
        }
    }
}
