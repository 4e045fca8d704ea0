//! One RRULE, read (RFC 5545, section 3.3.10). Parts this sandbox does not expand make the
//! whole rule unreadable: a wrong expansion would be worse than a refusal.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// The last moment a rule may reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Until {
    Day(Date),
    Local(DateTime),
    Instant(Timestamp),
}

#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) frequency: Frequency,
    pub(super) interval: i64,
    pub(super) count: Option<usize>,
    pub(super) until: Option<Until>,
    /// Ordinal (0 for every) and weekday.
    pub(super) days: Vec<(i8, Weekday)>,
    pub(super) month_days: Vec<i8>,
    pub(super) months: Vec<i8>,
    pub(super) positions: Vec<i64>,
    pub(super) week_start: Weekday,
}

impl Rule {
    /// Reads what follows `RRULE:`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rule = Self {
            frequency: Frequency::Daily,
            interval: 1,
            count: None,
            until: None,
            days: Vec::new(),
            month_days: Vec::new(),
            months: Vec::new(),
            positions: Vec::new(),
            week_start: Weekday::Monday,
        };
        let mut named = Vec::new();
        for part in text.trim_end_matches(';').split(';') {
            let (name, value) = part.split_once('=')?;
            let name = name.to_ascii_uppercase();
            rule.take(&name, value)?;
            if named.contains(&name) {
                return None;
            }
            named.push(name);
        }
        let complete =
            named.iter().any(|name| name == "FREQ") && !(rule.count.is_some() && rule.until.is_some());
        (complete && rule.ordinals_make_sense()).then_some(rule)
    }

    fn take(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "FREQ" => self.frequency = frequency(value)?,
            "INTERVAL" => self.interval = value.parse().ok().filter(|it| (1..=10_000).contains(it))?,
            "COUNT" => self.count = Some(value.parse().ok().filter(|it| *it > 0)?),
            "UNTIL" => self.until = Some(until(value)?),
            "BYDAY" => self.days = list(value, ordinal_day)?,
            "BYMONTHDAY" => self.month_days = list(value, |it| bounded(it, 31))?,
            "BYMONTH" => self.months = list(value, |it| bounded(it, 12).filter(|it| *it > 0))?,
            "BYSETPOS" => self.positions = list(value, |it| it.parse().ok().filter(|it| *it != 0))?,
            "WKST" => self.week_start = weekday(value)?,
            _ => return None,
        }
        Some(())
    }

    fn ordinals_make_sense(&self) -> bool {
        let monthly = matches!(self.frequency, Frequency::Monthly | Frequency::Yearly);
        monthly || self.days.iter().all(|(ordinal, _)| *ordinal == 0)
    }
}

fn list<T>(value: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    value.split(',').map(read).collect()
}

fn bounded(text: &str, most: i8) -> Option<i8> {
    text.parse().ok().filter(|it: &i8| *it != 0 && it.abs() <= most)
}

fn frequency(text: &str) -> Option<Frequency> {
    Some(match text.to_ascii_uppercase().as_str() {
        "DAILY" => Frequency::Daily,
        "WEEKLY" => Frequency::Weekly,
        "MONTHLY" => Frequency::Monthly,
        "YEARLY" => Frequency::Yearly,
        _ => return None,
    })
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text.to_ascii_uppercase().as_str() {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}

/// `MO`, `2TU`, `-1FR`.
fn ordinal_day(text: &str) -> Option<(i8, Weekday)> {
    let (ordinal, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let ordinal = if ordinal.is_empty() { 0 } else { bounded(ordinal.trim_start_matches('+'), 53)? };
    Some((ordinal, weekday(day)?))
}

fn until(text: &str) -> Option<Until> {
    if let Some(utc) = text.strip_suffix('Z') {
        let instant = local(utc)?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
        return Some(Until::Instant(instant));
    }
    match local(text) {
        Some(local) => Some(Until::Local(local)),
        None => day(text).map(Until::Day),
    }
}

/// `20261122T101500`
pub(super) fn local(text: &str) -> Option<DateTime> {
    DateTime::strptime("%Y%m%dT%H%M%S", text).ok()
}

/// `20261122`
pub(super) fn day(text: &str) -> Option<Date> {
    Date::strptime("%Y%m%d", text).ok().filter(|_| text.len() == 8)
}

#[cfg(test)]
mod tests {
    use super::Rule;

    #[test]
    fn what_cannot_be_expanded_is_not_read() {
        for text in [
            "",
            "INTERVAL=2",
            "FREQ=HOURLY",
            "FREQ=DAILY;BYWEEKNO=3",
            "FREQ=DAILY;COUNT=0",
            "FREQ=DAILY;COUNT=2;UNTIL=20270101",
            "FREQ=WEEKLY;BYDAY=2MO",
            "FREQ=MONTHLY;BYMONTHDAY=32",
            "FREQ=DAILY;FREQ=DAILY",
        ] {
            assert!(Rule::parse(text).is_none(), "{text}");
        }
        assert!(Rule::parse("FREQ=MONTHLY;BYDAY=-1FR;WKST=SU;UNTIL=20270101T000000Z").is_some());
    }
}
