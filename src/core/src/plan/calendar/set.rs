//! The `recurrence` lines of a Google event: rules, single dates and what is
//! excluded.
//!
//! A line of another kind or a date of another type than the series' own is
//! refused with the whole set: what it was to mean cannot be known.

use std::collections::BTreeSet;

use jiff::civil::DateTime;

use super::instance::OriginalStart;
use super::moment::{Date, Zone};
use super::rule::{Rule, Unsupported};
use super::written;

/// The lines of one event.
const LINES: usize = 32;
/// Octets of all lines.
const OCTETS: usize = 64 * 1024;
/// Single dates of all lines.
const DATES: usize = 2_000;

/// A recurrence set (RFC 5545, 3.8.5).
#[derive(Debug, Default)]
pub(super) struct RecurrenceSet {
    pub rules: Vec<Rule>,
    pub excluded_rules: Vec<Rule>,
    pub dates: BTreeSet<OriginalStart>,
    pub excluded_dates: BTreeSet<OriginalStart>,
}

impl RecurrenceSet {
    /// Reads the lines. `day` and `time` make identities of the single dates;
    /// times come with their zone unless they go by that of the series.
    pub(super) fn parse(
        lines: &[String],
        day: impl Fn(Date) -> Result<OriginalStart, Unsupported>,
        time: impl Fn(Option<&Zone>, DateTime) -> Result<OriginalStart, Unsupported>,
    ) -> Result<Self, Unsupported> {
        let octets = lines.iter().fold(0_usize, |sum, line| sum.saturating_add(line.len()));
        if lines.len() > LINES || octets > OCTETS {
            return Err(Unsupported::TooLong);
        }
        let mut set = Self::default();
        let mut left = DATES;
        for line in lines {
            let (head, value) = line.trim().split_once(':').ok_or(Unsupported::Line)?;
            let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
            let dates = match name.to_ascii_uppercase().as_str() {
                "RRULE" => {
                    set.rules.push(Rule::parse(value)?);
                    continue;
                }
                "EXRULE" => {
                    set.excluded_rules.push(Rule::parse(value)?);
                    continue;
                }
                "RDATE" => &mut set.dates,
                "EXDATE" => &mut set.excluded_dates,
                _ => return Err(Unsupported::Line),
            };
            let zone = zone(parameters)?;
            for date in value.split(',') {
                left = left.checked_sub(1).ok_or(Unsupported::TooLong)?;
                dates.insert(match single(date)? {
                    Single::Day(date) => day(date)?,
                    Single::Utc(at) => time(Some(&Zone::utc()), at)?,
                    Single::Local(at) => time(zone.as_ref(), at)?,
                });
            }
        }
        Ok(set)
    }
}

enum Single {
    Day(Date),
    Utc(DateTime),
    Local(DateTime),
}

// A period has a slash and is none of these.
fn single(text: &str) -> Result<Single, Unsupported> {
    let single = if let Some(utc) = text.strip_suffix('Z') {
        written::basic_time(utc).ok().map(Single::Utc)
    } else if text.contains('T') {
        written::basic_time(text).ok().map(Single::Local)
    } else {
        written::basic_date(text).ok().and_then(Date::bounded).map(Single::Day)
    };
    single.ok_or(Unsupported::Date)
}

fn zone(parameters: &str) -> Result<Option<Zone>, Unsupported> {
    let named = parameters.split(';').find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.eq_ignore_ascii_case("TZID").then(|| value.trim_matches('"'))
    });
    named.map(Zone::named).transpose().map_err(|_| Unsupported::Zone)
}
