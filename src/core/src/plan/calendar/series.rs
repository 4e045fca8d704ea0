//! The occurrences of a recurring event within a horizon.
//!
//! Google is asked for series, not for their occurrences: those are computed
//! here, each by the start that the series gives it. The start of the series
//! is one of them, also where its rule does not name it, but then it is told to
//! be a stray: whether Google shows that is not known, and has to be asked. An end
//! that is a day includes that day: so Google shows it. What cannot be
//! expanded exactly is not expanded, with the reason; what gives more
//! occurrences than the budget says so. In both cases the series is withheld,
//! which is no deletion. No recurrence, however hostile, costs more than a
//! bounded number of steps.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::instance::OriginalStart;
use super::moment::{Date, Instant, Zone};
use super::recur::{Recurrence, STARTS, Window, Work};
pub use super::rule::Unsupported;
use super::rule::{Last, Rule};
use super::set::RecurrenceSet;
use super::times::Times;

/// Days and starts that one expansion may visit: all days of 1,300 years.
const WORK: usize = 500_000;

/// A recurring event, as its master and its exceptions tell it.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// The times of the master.
    pub times: Times,
    /// The IANA name in the master's `start.timeZone`. All-day series need
    /// none.
    pub zone: Option<&'a str>,
    /// The master's `recurrence`.
    pub lines: &'a [String],
    /// Occurrences that have an event of their own in Google.
    pub exceptions: &'a [Exception],
}

/// An occurrence that has an event of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exception {
    /// The start that the series gave it.
    pub original: OriginalStart,
    /// What became of it.
    pub now: Now,
}

/// What became of an occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Now {
    /// It does not take place.
    Cancelled,
    /// Its own event says when.
    Replaced(Times),
}

/// The days in which occurrences live, by their start: by its day or, with
/// times, by its day in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// The first day.
    pub from: Date,
    /// The day after the last.
    pub to: Date,
}

/// One occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// Its identity within the series.
    pub original: OriginalStart,
    /// When it takes place.
    pub times: Times,
    /// Whether an event of its own says so.
    pub replaced: bool,
}

/// What a series comes to within a horizon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expansion {
    /// In the order of their original starts, at most as many as the budget.
    pub occurrences: Vec<Occurrence>,
    /// The start of the series, where neither its rules nor its dates name it.
    pub stray: Option<OriginalStart>,
    /// There are more than the budget: the series is to be withheld.
    pub over_budget: bool,
    /// Why there are none: the series is to be withheld.
    pub unsupported: Option<Unsupported>,
}

impl Series<'_> {
    /// The occurrences within a horizon. Events of cancelled ones are left
    /// out, those of replaced ones count where they are now.
    #[must_use]
    pub fn expand(&self, horizon: Horizon, budget: usize) -> Expansion {
        let Starts { originals, stray, flooded } = match self.originals(horizon) {
            Ok(found) => found,
            Err(reason) => {
                let (occurrences, unsupported) = (Vec::new(), Some(reason));
                return Expansion { occurrences, stray: None, over_budget: false, unsupported };
            }
        };
        let mut all: BTreeMap<OriginalStart, Option<Occurrence>> = BTreeMap::new();
        for original in originals {
            let times = self.times_of(original);
            all.insert(original, times.map(|times| Occurrence { original, times, replaced: false }));
        }
        for Exception { original, now } in self.exceptions.iter().copied() {
            let replaced = match now {
                Now::Cancelled => None,
                Now::Replaced(times) => Some(Occurrence { original, times, replaced: true }),
            };
            all.insert(original, replaced);
        }
        let mut inside = all.into_values().flatten().filter(|it| horizon.holds(it.times));
        let occurrences: Vec<Occurrence> = inside.by_ref().take(budget).collect();
        let over_budget = flooded || inside.next().is_some();
        Expansion { occurrences, stray, over_budget, unsupported: None }
    }

    fn originals(&self, horizon: Horizon) -> Result<Starts, Unsupported> {
        let frame = Frame::new(self)?;
        let set = RecurrenceSet::parse(self.lines, |day| frame.day(day), |zone, at| frame.time(zone, at))?;
        let window = horizon.window();
        let (mut work, mut flooded) = (Work(WORK), false);
        let mut starts = |rules: Vec<Rule>| -> Result<BTreeSet<OriginalStart>, Unsupported> {
            let mut originals = BTreeSet::new();
            for rule in rules {
                let last = rule.last;
                let within = |start| frame.within(last, start);
                let recurrence = Recurrence::new(rule, frame.first, frame.zone.is_none(), &within)?;
                let found = recurrence.starts(window, &mut work)?;
                flooded |= found.len() > STARTS;
                originals.extend(found.into_iter().filter_map(|start| frame.original(start)));
            }
            Ok(originals)
        };
        let ruled = !set.rules.is_empty();
        let mut originals = starts(set.rules)?;
        let excluded = starts(set.excluded_rules)?;
        originals.extend(set.dates);
        let stray = originals.insert(frame.start) && ruled;
        originals.retain(|original| !excluded.contains(original) && !set.excluded_dates.contains(original));
        Ok(Starts { originals, stray: stray.then_some(frame.start), flooded })
    }

    // None beyond the years that can be written.
    fn times_of(&self, original: OriginalStart) -> Option<Times> {
        match (self.times, original) {
            (Times::AllDay { first, last }, OriginalStart::Date(date)) => {
                Times::all_day(date, date.plus_days(first.days_until(last))?).ok()
            }
            (Times::Timed { start, end }, OriginalStart::Instant(instant)) => {
                Times::timed(instant, instant.plus_seconds(end.seconds() - start.seconds())?).ok()
            }
            _ => None,
        }
    }
}

/// The starts that a series gives around a horizon.
struct Starts {
    originals: BTreeSet<OriginalStart>,
    stray: Option<OriginalStart>,
    /// There were too many to keep.
    flooded: bool,
}

impl Horizon {
    /// Days of the past whose occurrences are looked at.
    const PAST: i64 = 30;
    /// Days from today on.
    const FUTURE: i64 = 90;

    /// The days around a moment, in seconds of Unix time; none at the ends of time.
    #[must_use]
    pub fn around(now: i64) -> Option<Self> {
        let today = Date::bounded(Instant::from_seconds(now).ok()?.utc_clock().date())?;
        Some(Self { from: today.plus_days(-Self::PAST)?, to: today.plus_days(Self::FUTURE)? })
    }

    /// Whether an occurrence that the series begins then is in it.
    #[must_use]
    pub fn begins(self, original: OriginalStart) -> bool {
        let day = match original {
            OriginalStart::Date(day) => Some(day),
            OriginalStart::Instant(at) => Date::bounded(at.utc_clock().date()),
        };
        day.is_some_and(|day| (self.from..self.to).contains(&day))
    }

    fn holds(self, times: Times) -> bool {
        match times {
            Times::AllDay { first, .. } => (self.from..self.to).contains(&first),
            Times::Timed { start, .. } => {
                Date::bounded(start.utc_clock().date()).is_some_and(|day| (self.from..self.to).contains(&day))
            }
        }
    }

    // Wide enough for every zone.
    fn window(self) -> Window {
        let (from, to) = (self.from.plus_days(-2), self.to.plus_days(2));
        Window { from: from.unwrap_or(self.from).civil(), to: to.unwrap_or(self.to).civil() }
    }
}

/// The clock on the wall that a series goes by.
struct Frame {
    /// None for all-day series.
    zone: Option<Zone>,
    start: OriginalStart,
    first: DateTime,
}

impl Frame {
    fn new(series: &Series<'_>) -> Result<Self, Unsupported> {
        match series.times {
            Times::AllDay { first, .. } => {
                let at = first.civil().to_datetime(jiff::civil::Time::midnight());
                Ok(Self { zone: None, start: OriginalStart::Date(first), first: at })
            }
            Times::Timed { start, .. } => {
                let zone =
                    Zone::named(series.zone.ok_or(Unsupported::Zone)?).map_err(|_| Unsupported::Zone)?;
                let first = zone.clock(start);
                Ok(Self { zone: Some(zone), start: OriginalStart::Instant(start), first })
            }
        }
    }

    // A start as its identity; none outside the years that can be written.
    fn original(&self, local: DateTime) -> Option<OriginalStart> {
        match &self.zone {
            // The second of two equal times on the day the clock goes back.
            _ if local == self.first => Some(self.start),
            None => Date::bounded(local.date()).map(OriginalStart::Date),
            Some(zone) => zone.instant(local).ok().map(OriginalStart::Instant),
        }
    }

    fn within(&self, last: Last, start: DateTime) -> bool {
        match (last, &self.zone) {
            (Last::Never | Last::Count(_), _) => true,
            (Last::Day(day), _) => start.date() <= day,
            (Last::Local(end) | Last::Utc(end), None) => start.date() <= end.date(),
            (Last::Local(end), Some(_)) => start <= end,
            (Last::Utc(end), Some(zone)) => zone.instant(start).is_ok_and(|at| at.utc_clock() <= end),
        }
    }

    // A single day of the set.
    fn day(&self, day: Date) -> Result<OriginalStart, Unsupported> {
        if self.zone.is_none() { Ok(OriginalStart::Date(day)) } else { Err(Unsupported::Date) }
    }

    // A single time of the set, on a clock in a zone or in that of the series.
    fn time(&self, zone: Option<&Zone>, local: DateTime) -> Result<OriginalStart, Unsupported> {
        let own = self.zone.as_ref().ok_or(Unsupported::Date)?;
        let instant: Result<Instant, _> = zone.unwrap_or(own).instant(local);
        instant.map(OriginalStart::Instant).map_err(|_| Unsupported::Date)
    }
}
