//! The occurrences of a recurring event, from its first one and its `recurrence` lines, in the
//! event's own time zone. Exceptions are events of their own and not known here.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::dates::Dates;
use super::moment::{Moment, zone};
use super::refusal::Refusal;
use super::rule::{self, Rule, Until};
use super::store::Body;

/// A series without end is expanded no further.
pub(super) const MOST_INSTANCES: usize = 1_000;

pub(super) struct Series {
    start: Moment,
    end: Moment,
    lines: Lines,
}

#[derive(Default)]
struct Lines {
    rules: Vec<Rule>,
    excluded_rules: Vec<Rule>,
    added: Vec<Moment>,
    excluded: BTreeSet<String>,
}

/// How far to expand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    /// Occurrences that start at or after it are left out.
    pub(super) before: Option<Timestamp>,
    pub(super) most: usize,
}

impl Bound {
    pub(super) fn whole() -> Self {
        Self { before: None, most: MOST_INSTANCES }
    }

    /// Up to and including this moment, however many come before.
    pub(super) fn through(moment: &Moment) -> Self {
        let next = moment.instant(&TimeZone::UTC).as_second().saturating_add(1);
        Self { before: Timestamp::from_second(next).ok(), most: usize::MAX }
    }
}

impl Series {
    /// The series of a stored event, if it recurs.
    pub(super) fn of(body: &Body) -> Option<Self> {
        let lines = body.get("recurrence")?.as_array().filter(|lines| !lines.is_empty())?;
        let start = Moment::stored(body.get("start"))?;
        let end = Moment::stored(body.get("end"))?;
        let lines = Lines::read(lines, &start).ok()?;
        Some(Self { start, end, lines })
    }

    /// Whether these lines can be read.
    pub(super) fn check(lines: &[Value], start: &Moment) -> Result<(), Refusal> {
        Lines::read(lines, start).map(|_| ())
    }

    /// Start and end of each occurrence, in order.
    pub(super) fn occurrences(&self, bound: Bound) -> Vec<(Moment, Moment)> {
        let lines = &self.lines;
        let mut found = BTreeMap::new();
        let mut add = |moment: Moment| {
            found.insert(moment.instant(&TimeZone::UTC), moment);
        };
        if lines.rules.is_empty() {
            add(self.start.clone());
        }
        for rule in &lines.rules {
            self.run(rule, bound).into_iter().for_each(&mut add);
        }
        lines.added.iter().filter(|it| within(it, bound)).cloned().for_each(&mut add);
        let mut excluded = lines.excluded.clone();
        for rule in &lines.excluded_rules {
            excluded.extend(self.run(rule, bound).iter().map(Moment::stamp));
        }
        let kept = found.into_values().filter(|it| !excluded.contains(&it.stamp()));
        let with_end = kept.filter_map(|start| {
            let end = start.end_like(&self.start, &self.end)?;
            Some((start, end))
        });
        with_end.take(bound.most).collect()
    }

    /// The occurrence whose id ends so.
    pub(super) fn at(&self, stamp: &str) -> Option<(Moment, Moment)> {
        let moment = match stamp.strip_suffix('Z') {
            Some(utc) => Moment::At(rule::local(utc)?.to_zoned(TimeZone::UTC).ok()?),
            None => Moment::Day(rule::day(stamp)?),
        };
        let through = self.occurrences(Bound::through(&moment));
        through.into_iter().find(|(start, _)| start.stamp() == stamp)
    }

    fn run(&self, rule: &Rule, bound: Bound) -> Vec<Moment> {
        let moments = Dates::new(rule, self.start.date()).filter_map(|date| self.start.on(date));
        let in_time = moments.take_while(|it| !passed(rule, it) && within(it, bound));
        in_time.take(rule.count.unwrap_or(usize::MAX).min(bound.most)).collect()
    }
}

fn within(moment: &Moment, bound: Bound) -> bool {
    bound.before.is_none_or(|before| moment.instant(&TimeZone::UTC) < before)
}

fn passed(rule: &Rule, moment: &Moment) -> bool {
    match &rule.until {
        None => false,
        Some(Until::Day(day)) => moment.date() > *day,
        Some(Until::Local(local)) => moment.date().to_datetime(moment.time()) > *local,
        Some(Until::Instant(instant)) => moment.instant(&TimeZone::UTC) > *instant,
    }
}

impl Lines {
    fn read(lines: &[Value], start: &Moment) -> Result<Self, Refusal> {
        let mut read = Self::default();
        for line in lines {
            let text = line.as_str().unwrap_or_default();
            read.take(text, start).ok_or_else(|| Refusal::invalid("Invalid recurrence rule."))?;
        }
        Ok(read)
    }

    fn take(&mut self, line: &str, start: &Moment) -> Option<()> {
        let (head, value) = line.split_once(':')?;
        let mut head = head.split(';');
        let name = head.next()?.to_ascii_uppercase();
        let named = head.find_map(|it| it.strip_prefix("TZID="));
        let zone = match (named, start) {
            (Some(name), _) => zone(name)?,
            (None, Moment::At(at)) => at.time_zone().clone(),
            (None, Moment::Day(_)) => TimeZone::UTC,
        };
        let moments = || value.split(',').map(|it| listed(it, &zone, start)).collect::<Option<Vec<_>>>();
        match name.as_str() {
            "RRULE" => self.rules.push(Rule::parse(value)?),
            "EXRULE" => self.excluded_rules.push(Rule::parse(value)?),
            "RDATE" => self.added.extend(moments()?),
            "EXDATE" => self.excluded.extend(moments()?.iter().map(Moment::stamp)),
            _ => return None,
        }
        Some(())
    }
}

/// One moment of an RDATE or EXDATE; a plain date means the time of day of the first.
fn listed(text: &str, zone: &TimeZone, start: &Moment) -> Option<Moment> {
    if let Some(day) = rule::day(text) {
        return start.on(day);
    }
    if start.is_day() {
        return None;
    }
    let (text, zone) = match text.strip_suffix('Z') {
        Some(utc) => (utc, TimeZone::UTC),
        None => (text, zone.clone()),
    };
    let at = rule::local(text)?.to_zoned(zone).ok()?;
    match start {
        Moment::At(first) => Some(Moment::At(at.with_time_zone(first.time_zone().clone()))),
        Moment::Day(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Bound, Moment, Series};
    use serde_json::json;

    fn stamps(start: &str, zone: &str, lines: &[&str]) -> Vec<String> {
        let end = start.replace("T09", "T10");
        let body = json!({
            "start": {"dateTime": start, "timeZone": zone}, "end": {"dateTime": end, "timeZone": zone},
            "recurrence": lines,
        });
        let series = Series::of(body.as_object().unwrap()).unwrap();
        let bound = Bound { most: 8, ..Bound::whole() };
        series.occurrences(bound).iter().map(|(start, _)| start.stamp()).collect()
    }

    #[test]
    fn the_time_of_day_holds_across_the_change_of_the_clocks() {
        let weekly = ["RRULE:FREQ=WEEKLY;COUNT=3"];
        let all = stamps("2026-10-19T09:00:00", "Europe/Prague", &weekly);
        assert_eq!(all, ["20261019T070000Z", "20261026T080000Z", "20261102T080000Z"]);
    }

    #[test]
    fn ordinals_month_ends_and_positions_count_from_both_sides() {
        let last_friday = stamps("2026-01-30T09:00:00", "UTC", &["RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=3"]);
        assert_eq!(last_friday, ["20260130T090000Z", "20260227T090000Z", "20260327T090000Z"]);
        let last_day = stamps("2026-01-31T09:00:00", "UTC", &["RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3"]);
        assert_eq!(last_day, ["20260131T090000Z", "20260228T090000Z", "20260331T090000Z"]);
        let plain = stamps("2026-01-31T09:00:00", "UTC", &["RRULE:FREQ=MONTHLY;COUNT=3"]);
        assert_eq!(plain, ["20260131T090000Z", "20260331T090000Z", "20260531T090000Z"]);
        let workday = ["RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2"];
        assert_eq!(stamps("2026-01-30T09:00:00", "UTC", &workday), ["20260130T090000Z", "20260227T090000Z"]);
        let of_year = ["RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTHDAY=29,31;COUNT=2"];
        assert_eq!(stamps("2024-03-22T09:00:00", "UTC", &of_year), ["20241229T090000Z", "20281231T090000Z"]);
        let leap = stamps("2024-02-29T09:00:00", "UTC", &["RRULE:FREQ=YEARLY;COUNT=2"]);
        assert_eq!(leap, ["20240229T090000Z", "20280229T090000Z"]);
    }

    #[test]
    fn the_start_of_the_week_decides_every_other_week() {
        let rule = |start: &str| format!("RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST={start}");
        let monday = stamps("1997-08-05T09:00:00", "UTC", &[&rule("MO")]);
        assert_eq!(monday, ["19970805T090000Z", "19970810T090000Z", "19970819T090000Z", "19970824T090000Z"]);
        let sunday = stamps("1997-08-05T09:00:00", "UTC", &[&rule("SU")]);
        assert_eq!(sunday, ["19970805T090000Z", "19970817T090000Z", "19970819T090000Z", "19970831T090000Z"]);
    }

    #[test]
    fn single_dates_are_added_and_left_out() {
        let lines = [
            "RRULE:FREQ=DAILY;UNTIL=20260103T090000Z",
            "EXDATE;TZID=Europe/London:20260102T090000",
            "RDATE:20260201T120000Z",
        ];
        let all = stamps("2026-01-01T09:00:00", "Europe/London", &lines);
        assert_eq!(all, ["20260101T090000Z", "20260103T090000Z", "20260201T120000Z"]);
    }

    #[test]
    fn an_occurrence_is_found_by_its_id_however_far_away() {
        let body = json!({"start": {"date": "2020-02-03"}, "end": {"date": "2020-02-05"},
            "recurrence": ["RRULE:FREQ=WEEKLY"]});
        let series = Series::of(body.as_object().unwrap()).unwrap();
        let (start, end) = series.at("20450102").unwrap();
        assert_eq!(
            (start.write(None), end.write(None)),
            (json!({"date": "2045-01-02"}), json!({"date": "2045-01-04"}))
        );
        assert!(series.at("20450103").is_none());
        assert!(matches!(start, Moment::Day(_)));
    }
}
