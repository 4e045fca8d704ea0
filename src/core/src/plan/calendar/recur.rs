//! The starts that one recurrence rule gives, on a clock on the wall.
//!
//! Periods are visited in turn, and in each the days that fit (RFC 5545,
//! 3.3.10). A rule without a count is entered where the window begins, so that
//! old series cost no more than new ones; one with a count is counted from its
//! start, in a bounded number of steps.

use jiff::Span;
use jiff::civil::{Date, DateTime, Time};

use super::rule::{Day, Frequency, Last, Rule, Unsupported};

/// Times of one day; every five minutes.
const TIMES: usize = 288;
/// Starts that are kept before exclusions; far above every budget.
pub(super) const STARTS: usize = 10_000;

/// The days that are looked at, the last one excluded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub from: Date,
    pub to: Date,
}

/// Days and starts that all rules of a series may still visit.
#[derive(Debug)]
pub(super) struct Work(pub usize);

/// A rule tied to the start of its series.
pub(super) struct Recurrence<'a> {
    rule: Rule,
    first: DateTime,
    times: Vec<Time>,
    within: &'a dyn Fn(DateTime) -> bool,
}

impl<'a> Recurrence<'a> {
    /// A rule of a series with this first start. `within` tells whether a
    /// start lies before the rule's end. All-day series have no times.
    pub(super) fn new(
        rule: Rule,
        first: DateTime,
        all_day: bool,
        within: &'a dyn Fn(DateTime) -> bool,
    ) -> Result<Self, Unsupported> {
        let times = if all_day { vec![Time::midnight()] } else { times(&rule, first)? };
        Ok(Self { rule: with_defaults(rule, first.date()), first, times, within })
    }

    /// The starts in a window, in order.
    pub(super) fn starts(&self, window: Window, work: &mut Work) -> Result<Vec<DateTime>, Unsupported> {
        let mut count = match self.rule.last {
            Last::Count(count) => count,
            _ => u64::MAX,
        };
        let counted = count != u64::MAX;
        let skipped = if counted { 0 } else { self.index(window.from).max(0) / self.rule.interval };
        let mut index = skipped.saturating_mul(self.rule.interval);
        let end = self.index(window.to);
        let mut starts = Vec::new();
        while index <= end {
            for start in self.of_period(index, work)? {
                if count == 0 || !(self.within)(start) || starts.len() > STARTS {
                    return Ok(starts);
                }
                count -= 1;
                if (window.from..window.to).contains(&start.date()) {
                    starts.push(start);
                }
            }
            index = index.saturating_add(self.rule.interval);
        }
        Ok(starts)
    }

    fn of_period(&self, index: i64, work: &mut Work) -> Result<Vec<DateTime>, Unsupported> {
        let days = self.days(index).ok_or(Unsupported::Work)?;
        let fitting: Vec<Date> = days.iter().copied().filter(|day| self.fits(*day)).collect();
        let cost = days.len() + fitting.len() * self.times.len() + self.rule.positions.len();
        work.0 = work.0.checked_sub(cost).ok_or(Unsupported::Work)?;
        let all = fitting.iter().flat_map(|day| self.times.iter().map(|time| day.to_datetime(*time)));
        let mut starts: Vec<DateTime> = all.collect();
        if !self.rule.positions.is_empty() {
            starts = positioned(&starts, &self.rule.positions);
        }
        starts.retain(|start| *start >= self.first);
        Ok(starts)
    }

    // The number of the period that a day lies in; 0 is that of the start.
    fn index(&self, day: Date) -> i64 {
        let first = self.first.date();
        let months = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month());
        match self.rule.frequency {
            Frequency::Daily => between(first, day),
            Frequency::Weekly => between(self.week(first), self.week(day)) / 7,
            Frequency::Monthly => months(day) - months(first),
            Frequency::Yearly => i64::from(day.year()) - i64::from(first.year()),
        }
    }

    // The days of a period; none beyond the calendar.
    fn days(&self, index: i64) -> Option<Vec<Date>> {
        let first = self.first.date();
        let (start, length) = match self.rule.frequency {
            Frequency::Daily => (plus(first, index)?, 1),
            Frequency::Weekly => (plus(self.week(first), index.checked_mul(7)?)?, 7),
            Frequency::Monthly => {
                let months = i64::from(first.year()) * 12 + i64::from(first.month()) - 1 + index;
                let month = i8::try_from(months % 12 + 1).ok()?;
                let start = Date::new(i16::try_from(months / 12).ok()?, month, 1).ok()?;
                (start, i64::from(start.days_in_month()))
            }
            Frequency::Yearly => {
                let year = i16::try_from(i64::from(first.year()) + index).ok()?;
                let start = Date::new(year, 1, 1).ok()?;
                (start, i64::from(start.days_in_year()))
            }
        };
        // The calendar may end within the last week.
        Some((0..length).map_while(|day| plus(start, day)).collect())
    }

    fn week(&self, day: Date) -> Date {
        let into = (weekday(day) - self.rule.week_start).rem_euclid(7);
        plus(day, -i64::from(into)).unwrap_or(day)
    }

    fn fits(&self, day: Date) -> bool {
        let rule = &self.rule;
        let (in_month, in_year) = (i16::from(day.days_in_month()), day.days_in_year());
        fits_list(&rule.months, i16::from(day.month()), 12)
            && fits_list(&rule.month_days, i16::from(day.day()), in_month)
            && fits_list(&rule.year_days, day.day_of_year(), in_year)
            && (rule.week_numbers.is_empty() || self.fits_week(day))
            && (rule.days.is_empty() || rule.days.iter().any(|it| self.fits_weekday(*it, day)))
    }

    fn fits_weekday(&self, wanted: Day, day: Date) -> bool {
        if wanted.weekday != weekday(day) {
            return false;
        }
        // Within the year only if no months are named.
        let of_month = self.rule.frequency == Frequency::Monthly || !self.rule.months.is_empty();
        let (place, length) = if of_month {
            (i16::from(day.day()), i16::from(day.days_in_month()))
        } else {
            (day.day_of_year(), day.days_in_year())
        };
        match wanted.nth {
            0 => true,
            nth if nth > 0 => (place - 1) / 7 + 1 == nth,
            nth => (length - place) / 7 + 1 == -nth,
        }
    }

    // A week belongs to the year that has four of its days, so the fourth
    // day tells its number.
    fn fits_week(&self, day: Date) -> bool {
        let Some(fourth) = plus(self.week(day), 3) else {
            return false;
        };
        let number = (fourth.day_of_year() - 1) / 7 + 1;
        let after = (fourth.days_in_year() - fourth.day_of_year()) / 7;
        fits_list(&self.rule.week_numbers, number, number + after)
    }
}

// What the start tells when the rule says nothing of days.
fn with_defaults(mut rule: Rule, first: Date) -> Rule {
    let silent = rule.week_numbers.is_empty()
        && rule.year_days.is_empty()
        && rule.month_days.is_empty()
        && rule.days.is_empty();
    if silent {
        match rule.frequency {
            Frequency::Daily => {}
            Frequency::Weekly => rule.days.push(Day { nth: 0, weekday: weekday(first) }),
            Frequency::Monthly => rule.month_days.push(i16::from(first.day())),
            Frequency::Yearly => {
                if rule.months.is_empty() {
                    rule.months.push(i16::from(first.month()));
                }
                rule.month_days.push(i16::from(first.day()));
            }
        }
    }
    rule
}

fn times(rule: &Rule, first: DateTime) -> Result<Vec<Time>, Unsupported> {
    let or = |list: &[i16], start: i8| if list.is_empty() { vec![i16::from(start)] } else { list.to_vec() };
    let (hours, minutes) = (or(&rule.hours, first.hour()), or(&rule.minutes, first.minute()));
    let seconds = or(&rule.seconds, first.second());
    if hours.len().saturating_mul(minutes.len()).saturating_mul(seconds.len()) > TIMES {
        return Err(Unsupported::Work);
    }
    let mut times = Vec::new();
    for hour in &hours {
        for minute in &minutes {
            for second in &seconds {
                let small = |number: &i16| i8::try_from(*number).map_err(|_| Unsupported::Rule);
                let time = Time::new(small(hour)?, small(minute)?, small(second)?, 0);
                times.push(time.map_err(|_| Unsupported::Rule)?);
            }
        }
    }
    times.sort_unstable();
    times.dedup();
    Ok(times)
}

fn positioned(starts: &[DateTime], positions: &[i16]) -> Vec<DateTime> {
    let place = |position: &i16| {
        let back = usize::from(position.unsigned_abs());
        if *position > 0 { Some(back - 1) } else { starts.len().checked_sub(back) }
    };
    let mut chosen: Vec<DateTime> =
        positions.iter().filter_map(|position| starts.get(place(position)?).copied()).collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

// Whether a place, or the same counted from the end, stands in the list.
fn fits_list(list: &[i16], place: i16, length: i16) -> bool {
    list.is_empty() || list.contains(&place) || list.contains(&(place - length - 1))
}

fn weekday(day: Date) -> i8 {
    day.weekday().to_monday_zero_offset()
}

fn between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

fn plus(day: Date, days: i64) -> Option<Date> {
    day.checked_add(Span::new().try_days(days).ok()?).ok()
}

#[cfg(test)]
mod tests;
