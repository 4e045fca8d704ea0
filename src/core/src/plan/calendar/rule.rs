//! One recurrence rule as it is written (RFC 5545, 3.3.10).
//!
//! What the RFC forbids, what Google has no use for (parts of a day as
//! periods, other calendars) and what nobody can mean is refused, so that a
//! series is either expanded as Google shows it or not at all.

use jiff::civil::{Date, DateTime};

use super::written;

/// Items of one list: every day of a year, counted from both ends.
const LIST: usize = 732;

/// Why a series is not expanded; it is withheld and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// More than 32 lines, 64 KiB or 2,000 single days.
    #[error("the recurrence is too long")]
    TooLong,
    /// A line that is no RRULE, RDATE, EXRULE or EXDATE.
    #[error("the recurrence has a line of an unknown kind")]
    Line,
    /// A rule that is not written as RFC 5545 wants it.
    #[error("the recurrence has a rule that cannot be read")]
    Rule,
    /// A rule that repeats within a day.
    #[error("the event repeats within a day")]
    Frequency,
    /// A single day or time that cannot be read, or a day in a series of
    /// times, or a time in one of days.
    #[error("the recurrence has a date that cannot be read")]
    Date,
    /// A time zone that is missing or unknown.
    #[error("the series has no time zone that is known here")]
    Zone,
    /// Reaching the horizon took more steps than are allowed.
    #[error("the recurrence takes too long to count")]
    Work,
}

/// The period that a rule repeats in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// Where a rule ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    Never,
    Count(u64),
    /// The end of this day, on a clock there.
    Day(Date),
    /// This time on a clock there.
    Local(DateTime),
    /// This time of UTC.
    Utc(DateTime),
}

/// A weekday, 0 for Monday, and which of its period; 0 for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day {
    pub nth: i16,
    pub weekday: i8,
}

/// A rule. An empty list is one that was not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub frequency: Frequency,
    pub interval: i64,
    pub last: Last,
    /// 0 for Monday.
    pub week_start: i8,
    pub months: Vec<i16>,
    pub week_numbers: Vec<i16>,
    pub year_days: Vec<i16>,
    pub month_days: Vec<i16>,
    pub days: Vec<Day>,
    pub hours: Vec<i16>,
    pub minutes: Vec<i16>,
    pub seconds: Vec<i16>,
    pub positions: Vec<i16>,
}

impl Rule {
    /// Reads what follows `RRULE:`.
    pub(super) fn parse(text: &str) -> Result<Self, Unsupported> {
        let mut rule = Self::every(Frequency::Daily);
        let mut seen: Vec<String> = Vec::new();
        for part in text.split(';') {
            let (key, value) = part.split_once('=').ok_or(Unsupported::Rule)?;
            let key = key.to_ascii_uppercase();
            // Each part once; there are 14.
            if seen.contains(&key) || seen.len() > 14 {
                return Err(Unsupported::Rule);
            }
            rule.take(&key, &value.to_ascii_uppercase())?;
            seen.push(key);
        }
        let has = |key: &str| seen.iter().any(|it| it == key);
        if !has("FREQ") || has("COUNT") && has("UNTIL") || !rule.fits() {
            return Err(Unsupported::Rule);
        }
        Ok(rule)
    }

    fn every(frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: 1,
            last: Last::Never,
            week_start: 0,
            months: Vec::new(),
            week_numbers: Vec::new(),
            year_days: Vec::new(),
            month_days: Vec::new(),
            days: Vec::new(),
            hours: Vec::new(),
            minutes: Vec::new(),
            seconds: Vec::new(),
            positions: Vec::new(),
        }
    }

    fn take(&mut self, key: &str, value: &str) -> Result<(), Unsupported> {
        match key {
            "FREQ" => self.frequency = frequency(value)?,
            "INTERVAL" => self.interval = i64::try_from(positive(value)?).map_err(|_| Unsupported::Rule)?,
            "COUNT" => self.last = Last::Count(positive(value)?),
            "UNTIL" => self.last = until(value)?,
            "WKST" => self.week_start = weekday(value)?,
            "BYMONTH" => self.months = list(value, 1, 12)?,
            "BYWEEKNO" => self.week_numbers = signed_list(value, 53)?,
            "BYYEARDAY" => self.year_days = signed_list(value, 366)?,
            "BYMONTHDAY" => self.month_days = signed_list(value, 31)?,
            "BYDAY" => self.days = items(value, day)?,
            "BYHOUR" => self.hours = list(value, 0, 23)?,
            "BYMINUTE" => self.minutes = list(value, 0, 59)?,
            "BYSECOND" => self.seconds = list(value, 0, 59)?,
            "BYSETPOS" => self.positions = signed_list(value, 366)?,
            _ => return Err(Unsupported::Rule),
        }
        Ok(())
    }

    // The table of RFC 5545, 3.3.10: which list goes with which period.
    fn fits(&self) -> bool {
        let numbered = self.days.iter().any(|day| day.nth != 0);
        match self.frequency {
            Frequency::Yearly => !numbered || self.week_numbers.is_empty(),
            Frequency::Monthly => self.week_numbers.is_empty() && self.year_days.is_empty(),
            Frequency::Weekly => {
                !numbered
                    && self.week_numbers.is_empty()
                    && self.year_days.is_empty()
                    && self.month_days.is_empty()
            }
            Frequency::Daily => !numbered && self.week_numbers.is_empty() && self.year_days.is_empty(),
        }
    }
}

fn frequency(value: &str) -> Result<Frequency, Unsupported> {
    match value {
        "DAILY" => Ok(Frequency::Daily),
        "WEEKLY" => Ok(Frequency::Weekly),
        "MONTHLY" => Ok(Frequency::Monthly),
        "YEARLY" => Ok(Frequency::Yearly),
        "HOURLY" | "MINUTELY" | "SECONDLY" => Err(Unsupported::Frequency),
        _ => Err(Unsupported::Rule),
    }
}

fn positive(value: &str) -> Result<u64, Unsupported> {
    let digits = !value.is_empty() && value.len() <= 18 && value.bytes().all(|b| b.is_ascii_digit());
    match value.parse() {
        Ok(number) if digits && number > 0 => Ok(number),
        _ => Err(Unsupported::Rule),
    }
}

fn until(value: &str) -> Result<Last, Unsupported> {
    let last = if let Some(utc) = value.strip_suffix('Z') {
        written::basic_time(utc).map(Last::Utc)
    } else if value.contains('T') {
        written::basic_time(value).map(Last::Local)
    } else {
        written::basic_date(value).map(Last::Day)
    };
    last.map_err(|_| Unsupported::Rule)
}

fn weekday(value: &str) -> Result<i8, Unsupported> {
    let place = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].iter().position(|it| *it == value);
    place.and_then(|place| i8::try_from(place).ok()).ok_or(Unsupported::Rule)
}

fn day(value: &str) -> Result<Day, Unsupported> {
    let split = value.len().checked_sub(2).ok_or(Unsupported::Rule)?;
    let (nth, name) = value.split_at_checked(split).ok_or(Unsupported::Rule)?;
    let nth = if nth.is_empty() { 0 } else { signed(nth, 53)? };
    Ok(Day { nth, weekday: weekday(name)? })
}

fn items<T>(value: &str, read: impl Fn(&str) -> Result<T, Unsupported>) -> Result<Vec<T>, Unsupported> {
    if value.split(',').count() > LIST {
        return Err(Unsupported::Rule);
    }
    value.split(',').map(read).collect()
}

fn list(value: &str, least: i16, most: i16) -> Result<Vec<i16>, Unsupported> {
    items(value, |item| match item.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(Unsupported::Rule),
    })
}

fn signed_list(value: &str, most: i16) -> Result<Vec<i16>, Unsupported> {
    items(value, |item| signed(item, most))
}

fn signed(item: &str, most: i16) -> Result<i16, Unsupported> {
    match item.parse::<i16>() {
        Ok(number) if number != 0 && (-most..=most).contains(&number) => Ok(number),
        _ => Err(Unsupported::Rule),
    }
}

#[cfg(test)]
mod tests {
    use super::{Day, Frequency, Last, Rule, Unsupported};

    #[test]
    fn a_rule_is_read_whole() {
        let rule =
            Rule::parse("FREQ=monthly;INTERVAL=2;COUNT=5;BYDAY=MO,-1FR,+2TU;WKST=SU;BYSETPOS=-1").unwrap();
        assert_eq!((rule.frequency, rule.interval, rule.last), (Frequency::Monthly, 2, Last::Count(5)));
        let day = |nth, weekday| Day { nth, weekday };
        assert_eq!(rule.days, [day(0, 0), day(-1, 4), day(2, 1)]);
        assert_eq!((rule.week_start, rule.positions), (6, vec![-1]));
    }

    #[test]
    fn an_end_is_a_day_a_local_time_or_one_of_utc() {
        let last = |until: &str| Rule::parse(&format!("FREQ=DAILY;UNTIL={until}")).map(|rule| rule.last);
        assert!(matches!(last("20261201"), Ok(Last::Day(_))));
        assert!(matches!(last("20261201T090000"), Ok(Last::Local(_))));
        assert!(matches!(last("20261201T090000Z"), Ok(Last::Utc(_))));
        for text in ["", "2026", "20261301", "20261201T", "20261201Z", "20261201T990000Z"] {
            assert_eq!(last(text), Err(Unsupported::Rule), "{text}");
        }
    }

    #[test]
    fn every_part_is_read_up_to_its_bounds() {
        let reads = |part: &str, value: &str| Rule::parse(&format!("FREQ=YEARLY;{part}={value}")).is_ok();
        for (part, least, most) in
            [("BYMONTH", 1, 12), ("BYHOUR", 0, 23), ("BYMINUTE", 0, 59), ("BYSECOND", 0, 59)]
        {
            assert!(reads(part, &format!("{least},{most}")), "{part}");
            assert!([least - 1, most + 1].iter().all(|beyond| !reads(part, &beyond.to_string())), "{part}");
        }
        for (part, most, of) in [
            ("BYWEEKNO", 53, ""),
            ("BYYEARDAY", 366, ""),
            ("BYMONTHDAY", 31, ""),
            ("BYSETPOS", 366, ""),
            ("BYDAY", 53, "SU"),
        ] {
            assert!(reads(part, &format!("{most}{of},-{most}{of}")), "{part}");
            assert!(
                [0, most + 1, -most - 1].iter().all(|beyond| !reads(part, &format!("{beyond}{of}"))),
                "{part}"
            );
        }
        for part in ["COUNT", "INTERVAL"] {
            assert!(reads(part, "1") && reads(part, &"9".repeat(18)), "{part}");
            assert!(!reads(part, "1000000000000000000") && !reads(part, ""), "{part}");
        }
        assert!(reads("BYMONTHDAY", &vec!["1"; 732].join(",")));
    }

    #[test]
    fn each_list_goes_with_the_periods_that_the_rfc_names() {
        for (parts, [daily, weekly, monthly, yearly]) in [
            ("BYMONTH=1;BYHOUR=1;BYMINUTE=1;BYSECOND=1;BYSETPOS=1;WKST=SU", [true, true, true, true]),
            ("BYDAY=MO", [true, true, true, true]),
            ("BYDAY=1MO", [false, false, true, true]),
            ("BYMONTHDAY=1", [true, false, true, true]),
            ("BYYEARDAY=1", [false, false, false, true]),
            ("BYWEEKNO=1;BYDAY=MO", [false, false, false, true]),
            ("BYWEEKNO=1;BYDAY=1MO", [false, false, false, false]),
        ] {
            for (period, fits) in
                [("DAILY", daily), ("WEEKLY", weekly), ("MONTHLY", monthly), ("YEARLY", yearly)]
            {
                assert_eq!(Rule::parse(&format!("FREQ={period};{parts}")).is_ok(), fits, "{period} {parts}");
            }
        }
    }

    #[test]
    fn each_list_is_read_into_its_place() {
        let rule = "FREQ=YEARLY;BYMONTH=1;BYWEEKNO=2;BYYEARDAY=3;BYMONTHDAY=4;BYHOUR=5;BYMINUTE=6;BYSECOND=7;BYSETPOS=8";
        let of = Rule::parse(rule).unwrap();
        let lists = [
            of.months,
            of.week_numbers,
            of.year_days,
            of.month_days,
            of.hours,
            of.minutes,
            of.seconds,
            of.positions,
        ];
        assert_eq!(lists.concat(), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert!(of.days.is_empty() && of.interval == 1 && of.last == Last::Never);
    }

    #[test]
    fn rules_within_a_day_are_refused_as_such() {
        for frequency in ["HOURLY", "MINUTELY", "SECONDLY"] {
            assert_eq!(Rule::parse(&format!("FREQ={frequency}")), Err(Unsupported::Frequency));
        }
    }

    #[test]
    fn what_nobody_can_mean_is_refused() {
        for text in [
            "",
            "FREQ",
            "FREQ=",
            "FREQ=DAILY;",
            "INTERVAL=2",
            "FREQ=DAILY;FREQ=DAILY",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;INTERVAL=+1",
            "FREQ=DAILY;COUNT=0",
            "FREQ=DAILY;COUNT=-1",
            "FREQ=DAILY;COUNT=99999999999999999999",
            "FREQ=DAILY;COUNT=2;UNTIL=20261201",
            "FREQ=DAILY;BYMONTH=13",
            "FREQ=DAILY;BYMONTHDAY=0",
            "FREQ=DAILY;BYHOUR=24",
            "FREQ=WEEKLY;BYDAY=XX",
            "FREQ=WEEKLY;BYDAY=1MO",
            "FREQ=WEEKLY;BYDAY=é",
            "FREQ=WEEKLY;BYMONTHDAY=1",
            "FREQ=DAILY;BYYEARDAY=1",
            "FREQ=MONTHLY;BYWEEKNO=1",
            "FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO",
            "FREQ=YEARLY;BYDAY=54MO",
            "FREQ=DAILY;BYEASTER=1",
            "RSCALE=CHINESE;FREQ=YEARLY",
            "FREQ=FORTNIGHTLY",
        ] {
            assert_eq!(Rule::parse(text), Err(Unsupported::Rule), "{text}");
        }
        let many = vec!["1"; 733].join(",");
        assert_eq!(Rule::parse(&format!("FREQ=MONTHLY;BYMONTHDAY={many}")), Err(Unsupported::Rule));
    }
}
