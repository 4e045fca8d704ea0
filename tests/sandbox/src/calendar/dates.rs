//! The dates of a rule, in order: period by period, each period's days at once. COUNT and
//! UNTIL are the caller's, who knows the time of day.

use std::collections::{BTreeSet, VecDeque};

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

use super::rule::{Frequency, Rule};

/// So many periods in a row without a day: the rule has no more (31 February).
const BARREN: u32 = 5_000;

pub(super) struct Dates<'a> {
    rule: &'a Rule,
    start: Date,
    period: i64,
    ready: VecDeque<Date>,
    barren: u32,
}

impl<'a> Dates<'a> {
    pub(super) fn new(rule: &'a Rule, start: Date) -> Self {
        Self { rule, start, period: 0, ready: VecDeque::new(), barren: 0 }
    }
}

impl Iterator for Dates<'_> {
    type Item = Date;

    fn next(&mut self) -> Option<Date> {
        loop {
            if let Some(date) = self.ready.pop_front() {
                return Some(date);
            }
            if self.barren >= BARREN {
                return None;
            }
            let days = period(self.rule, self.start, self.period)?;
            self.period += 1;
            self.barren = if days.is_empty() { self.barren + 1 } else { 0 };
            self.ready.extend(days.into_iter().filter(|day| *day >= self.start));
        }
    }
}

/// The days of one period. `None` past the end of the calendar.
fn period(rule: &Rule, start: Date, number: i64) -> Option<Vec<Date>> {
    let steps = number.checked_mul(rule.interval)?;
    let days = match rule.frequency {
        Frequency::Daily => vec![start.checked_add(Span::new().try_days(steps).ok()?).ok()?],
        Frequency::Weekly => week(rule, start, steps)?,
        Frequency::Monthly => {
            let (year, month) = month_after(start, steps)?;
            month_days(rule, start, year, month)
        }
        Frequency::Yearly => year(rule, start, i16::try_from(i64::from(start.year()) + steps).ok()?)?,
    };
    let mut days: Vec<Date> = days.into_iter().filter(|day| fits(rule, *day)).collect();
    days.sort();
    days.dedup();
    Some(chosen(rule, &days))
}

/// Limits that only remove days, whatever the frequency.
fn fits(rule: &Rule, day: Date) -> bool {
    let month = rule.months.is_empty() || rule.months.contains(&day.month());
    let month_day = rule.month_days.is_empty()
        || rule.month_days.contains(&day.day())
        || rule.month_days.contains(&(day.day() - day.days_in_month() - 1));
    let of_week = rule.frequency != Frequency::Daily
        || rule.days.is_empty()
        || rule.days.iter().any(|(_, weekday)| *weekday == day.weekday());
    month && month_day && of_week
}

/// BYSETPOS.
fn chosen(rule: &Rule, days: &[Date]) -> Vec<Date> {
    if rule.positions.is_empty() {
        return days.to_vec();
    }
    let count = i64::try_from(days.len()).unwrap_or(i64::MAX);
    let at = |position: &i64| if *position > 0 { position - 1 } else { count + position };
    let places: BTreeSet<i64> = rule.positions.iter().map(at).collect();
    let found = places.into_iter().filter_map(|place| days.get(usize::try_from(place).ok()?));
    found.copied().collect()
}

fn week(rule: &Rule, start: Date, steps: i64) -> Option<Vec<Date>> {
    let into = i64::from(start.weekday().since(rule.week_start));
    let first = start.checked_sub(into.days()).ok()?;
    let first = first.checked_add(Span::new().try_weeks(steps).ok()?).ok()?;
    let wanted = |day: &Date| match rule.days.is_empty() {
        true => day.weekday() == start.weekday(),
        false => rule.days.iter().any(|(_, weekday)| *weekday == day.weekday()),
    };
    Some((0..7).filter_map(|add| first.checked_add(i64::from(add).days()).ok()).filter(wanted).collect())
}

fn month_after(start: Date, steps: i64) -> Option<(i16, i8)> {
    let months = i64::from(start.year()) * 12 + i64::from(start.month()) - 1 + steps;
    let year = i16::try_from(months.div_euclid(12)).ok()?;
    let month = i8::try_from(months.rem_euclid(12) + 1).ok()?;
    Date::new(year, month, 1).ok().map(|_| (year, month))
}

/// The days of one month, as BYDAY and BYMONTHDAY or the first occurrence want them.
fn month_days(rule: &Rule, start: Date, year: i16, month: i8) -> Vec<Date> {
    let Ok(first) = Date::new(year, month, 1) else {
        return Vec::new();
    };
    let all = (1..=first.days_in_month()).filter_map(|day| Date::new(year, month, day).ok());
    if !rule.days.is_empty() {
        return all.filter(|day| rule.days.iter().any(|wanted| is_nth(*day, *wanted))).collect();
    }
    if !rule.month_days.is_empty() {
        return all.collect();
    }
    all.filter(|day| day.day() == start.day()).collect()
}

fn is_nth(day: Date, (ordinal, weekday): (i8, Weekday)) -> bool {
    if day.weekday() != weekday {
        return false;
    }
    ordinal == 0 || day.nth_weekday_of_month(ordinal, weekday).is_ok_and(|nth| nth == day)
}

fn year(rule: &Rule, start: Date, year: i16) -> Option<Vec<Date>> {
    Date::new(year, 1, 1).ok()?;
    let months: Vec<i8> = match (rule.months.as_slice(), &rule.month_days[..], &rule.days[..]) {
        ([], [], []) => vec![start.month()],
        ([], _, []) => (1..=12).collect(),
        ([], _, _) => return Some(days_of_year(rule, year)),
        (months, _, _) => months.to_vec(),
    };
    Some(months.into_iter().flat_map(|month| month_days(rule, start, year, month)).collect())
}

/// BYDAY without months: ordinals count within the year.
fn days_of_year(rule: &Rule, year: i16) -> Vec<Date> {
    let mut days = Vec::new();
    for (ordinal, weekday) in &rule.days {
        let all: Vec<Date> = (1..=12)
            .filter_map(|month| Date::new(year, month, 1).ok())
            .flat_map(|first| {
                (1..=first.days_in_month()).filter_map(move |day| Date::new(year, first.month(), day).ok())
            })
            .filter(|day| day.weekday() == *weekday)
            .collect();
        match usize::from(ordinal.unsigned_abs()) {
            0 => days.extend(all),
            nth if *ordinal > 0 => days.extend(all.get(nth - 1)),
            nth => days.extend(all.iter().rev().nth(nth - 1)),
        }
    }
    days
}
