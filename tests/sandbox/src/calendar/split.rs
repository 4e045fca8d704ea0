//! "This and the following ones", as Google's own pages do it: the series ends before that
//! occurrence, and another one with an id of its own begins there.

use jiff::ToSpan;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::call::Call;
use super::moment::Moment;
use super::read::{event_of, recurs};
use super::refusal::Refusal;
use super::routes;
use super::series::{Bound, Series};
use super::store::Body;
use crate::google::Google;

impl Google {
    /// A person changes an instance and all that follow it; the id of the new series, which is
    /// `{id}_R{start}`. `stamp` is what the instance's id ends with.
    pub fn split_series(
        &self,
        user: &str,
        calendar: &str,
        id: &str,
        stamp: &str,
        patch: Value,
    ) -> Result<String, Refusal> {
        let now = self.clock.now();
        let mut world = self.calendar.world.lock();
        let there = world.calendars.get(calendar).ok_or_else(Refusal::not_found)?;
        let master = event_of(there, id).filter(|it| recurs(&it.body)).ok_or_else(Refusal::not_found)?;
        let series = Series::of(&master.body).ok_or_else(Refusal::not_found)?;
        let (start, end) = series.at(stamp).ok_or_else(Refusal::not_found)?;
        let before = series.occurrences(Bound::through(&start)).len().saturating_sub(1);
        let lines = rules(&master.body);
        let earlier: Vec<String> = lines.iter().map(|line| ended(line, &start)).collect();
        let later: Vec<String> = lines.iter().map(|line| shortened(line, before)).collect();
        let new = format!("{id}_R{}", stamp.trim_end_matches('Z'));
        let mut body = master.body.clone();
        body.insert("id".into(), json!(new));
        body.insert("iCalUID".into(), json!(format!("{new}@google.com")));
        body.insert("start".into(), start.write(None));
        body.insert("end".into(), end.write(None));
        body.insert("recurrence".into(), json!(later));
        world.put(calendar, body, now, true);
        let path = |event: &str| {
            Call::by(user, now, "PATCH", &["calendars", calendar, "events", event], Value::Null)
        };
        let ending = Call { body: json!({"recurrence": earlier}), ..path(id) };
        let change = Call { body: patch, ..path(&new) };
        let done =
            routes::answer(&mut world, &ending, None).and_then(|_| routes::answer(&mut world, &change, None));
        world.ring(now);
        drop(world);
        self.calendar.bell.notify_one();
        done.map(|_| new)
    }
}

fn rules(body: &Body) -> Vec<String> {
    let lines = body.get("recurrence").and_then(Value::as_array);
    lines.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A rule that ends before this occurrence.
fn ended(line: &str, start: &Moment) -> String {
    let Some(rule) = line.strip_prefix("RRULE:") else {
        return line.to_owned();
    };
    let until = match start {
        Moment::Day(day) => day.saturating_sub(1.day()).strftime("%Y%m%d").to_string(),
        Moment::At(at) => {
            let last = at.with_time_zone(TimeZone::UTC).saturating_sub(1.second());
            last.strftime("%Y%m%dT%H%M%SZ").to_string()
        }
    };
    let open = rule.split(';').filter(|part| !part.starts_with("COUNT=") && !part.starts_with("UNTIL="));
    format!("RRULE:{};UNTIL={until}", open.collect::<Vec<_>>().join(";"))
}

/// A rule that has had so many occurrences already.
fn shortened(line: &str, before: usize) -> String {
    let part = |part: &str| match part.strip_prefix("COUNT=").and_then(|it| it.parse::<usize>().ok()) {
        Some(count) => format!("COUNT={}", count.saturating_sub(before).max(1)),
        None => part.to_owned(),
    };
    match line.strip_prefix("RRULE:") {
        Some(rule) => format!("RRULE:{}", rule.split(';').map(part).collect::<Vec<_>>().join(";")),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Moment, ended, shortened};

    #[test]
    fn a_rule_is_cut_at_an_occurrence() {
        let start = Moment::Day("2026-12-03".parse().unwrap());
        assert_eq!(ended("RRULE:FREQ=DAILY;COUNT=5", &start), "RRULE:FREQ=DAILY;UNTIL=20261202");
        assert_eq!(shortened("RRULE:COUNT=5;FREQ=DAILY", 2), "RRULE:COUNT=3;FREQ=DAILY");
        assert_eq!(shortened("EXDATE;VALUE=DATE:20261204", 2), "EXDATE;VALUE=DATE:20261204");
    }
}
