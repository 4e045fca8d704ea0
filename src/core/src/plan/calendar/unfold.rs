//! A series as the events that it stands for.
//!
//! Google tells a series as one resource, and an occurrence as one of its own only
//! when it differs from what the series says. The others are computed here, each
//! as the event that Google would show for it: with the identity that Google gives
//! it, without a version. Of a start that no rule names it is not known whether
//! Google shows it: it stands apart. A series that cannot be told exactly, or that has more
//! occurrences than the budget, is withheld as a whole: nothing is concluded about
//! what it had before.

use serde_json::{Map, Value as Json, json};

use super::event::{self, Recurrence};
use super::instance::{Instance, OriginalStart};
use super::series::{Exception, Horizon, Now, Occurrence, Series, Unsupported};
use super::times::Times;

/// Most occurrences of one series.
const BUDGET: usize = 200;

/// An occurrence that has a resource of its own.
#[derive(Debug, Clone, Copy)]
pub struct Own<'a> {
    /// Its identity.
    pub id: &'a str,
    /// What it says; none of a tombstone.
    pub raw: Option<&'a Map<String, Json>>,
}

/// The occurrences of a series within the horizon that have no resource of their own.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Unfolded {
    /// Google shows them.
    pub sure: Vec<Map<String, Json>>,
    /// Google may show it.
    pub stray: Option<Map<String, Json>>,
}

/// Why a series stays as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Withheld {
    /// It has more than 200 occurrences within four months.
    #[error("a series of more than {BUDGET} occurrences in four months")]
    TooMany,
    /// It says something that cannot be computed exactly.
    #[error("a series that is not understood ({0:?})")]
    NotUnderstood(Unsupported),
    /// It has no identity or no times.
    #[error("a series without times")]
    NoTimes,
}

/// Unfolds a series.
///
/// # Errors
/// Says why the series is withheld.
pub fn unfold(master: &Map<String, Json>, own: &[Own<'_>], horizon: Horizon) -> Result<Unfolded, Withheld> {
    let id = master.get("id").and_then(Json::as_str).ok_or(Withheld::NoTimes)?;
    let read = Times::from_google(master.get("start"), master.get("end")).map_err(|_| Withheld::NoTimes)?;
    let Some(Recurrence { lines, zone }) = event::recurrence(master) else { return Ok(Unfolded::default()) };
    let exceptions: Vec<Exception> = own.iter().filter_map(exception).collect();
    let zone = zone.as_deref();
    let series = Series { times: read.times, zone, lines: &lines, exceptions: &exceptions };
    let expansion = series.expand(horizon, BUDGET);
    if let Some(reason) = expansion.unsupported {
        return Err(Withheld::NotUnderstood(reason));
    }
    if expansion.over_budget {
        return Err(Withheld::TooMany);
    }
    let mut unfolded = Unfolded::default();
    for of in expansion.occurrences.into_iter().filter(|of| !of.replaced) {
        let raw = occurrence(master, id, zone, of);
        if expansion.stray == Some(of.original) {
            unfolded.stray = Some(raw);
        } else {
            unfolded.sure.push(raw);
        }
    }
    Ok(unfolded)
}

/// The start of the series, which is that of its first occurrence.
#[must_use]
pub fn first(master: &Map<String, Json>) -> Option<OriginalStart> {
    match Times::from_google(master.get("start"), master.get("end")).ok()?.times {
        Times::AllDay { first, .. } => Some(OriginalStart::Date(first)),
        Times::Timed { start, .. } => Some(OriginalStart::Instant(start)),
    }
}

fn exception(own: &Own<'_>) -> Option<Exception> {
    let instance = match own.raw {
        Some(raw) => Instance::of(raw),
        None => Instance::parse(own.id),
    };
    let now = own.raw.and_then(|raw| Times::from_google(raw.get("start"), raw.get("end")).ok());
    let now = now.map_or(Now::Cancelled, |read| Now::Replaced(read.times));
    Some(Exception { original: instance.ok()??.original, now })
}

fn occurrence(master: &Map<String, Json>, id: &str, zone: Option<&str>, of: Occurrence) -> Map<String, Json> {
    const OF_THE_SERIES: [&str; 2] = ["recurrence", "etag"];
    let mut raw = master.clone();
    raw.retain(|key, _| !OF_THE_SERIES.contains(&key.as_str()));
    let instance = Instance { master: id.to_owned(), original: of.original };
    let (start, end) = of.times.to_google(zone);
    let original = match of.original {
        OriginalStart::Date(day) => json!({ "date": day.to_string() }),
        OriginalStart::Instant(at) => json!({ "dateTime": at.to_string(), "timeZone": zone }),
    };
    for (key, value) in [
        ("id", json!(instance.id())),
        ("recurringEventId", json!(id)),
        ("originalStartTime", original),
        ("start", start),
        ("end", end),
    ] {
        raw.insert(key.to_owned(), value);
    }
    raw
}

#[cfg(test)]
mod tests {
    use super::{Own, Withheld, first, unfold};
    use crate::plan::calendar::event;
    use crate::plan::calendar::instance::OriginalStart;
    use crate::plan::calendar::moment::{Date, Instant};
    use crate::plan::calendar::series::{Horizon, Unsupported};
    use crate::plan::calendar::times::Times;
    use crate::plan::record::Field;
    use serde_json::{Map, Value as Json, json};

    fn raw(value: Json) -> Map<String, Json> {
        serde_json::from_value(value).unwrap()
    }

    fn weekly(rule: &str) -> Map<String, Json> {
        raw(json!({
            "id": "s1", "etag": "\"7\"", "iCalUID": "s1@google.com", "status": "confirmed", "summary": "Jour fixe",
            "start": { "dateTime": "2026-10-19T10:00:00+02:00", "timeZone": "Europe/Prague" },
            "end": { "dateTime": "2026-10-19T11:00:00+02:00", "timeZone": "Europe/Prague" },
            "recurrence": [rule], "organizer": { "self": true }, "unknownKey": 1,
        }))
    }

    fn november() -> Horizon {
        Horizon { from: Date::parse("2026-11-01").unwrap(), to: Date::parse("2026-12-01").unwrap() }
    }

    #[test]
    fn an_occurrence_is_the_event_that_google_would_show() {
        let master = weekly("RRULE:FREQ=WEEKLY");
        let all = unfold(&master, &[], november()).unwrap().sure;
        let ids: Vec<_> = all.iter().map(|raw| raw["id"].as_str().unwrap()).collect();
        // Winter has begun: ten o'clock stays ten o'clock.
        let starts = ["02T090000Z", "09T090000Z", "16T090000Z", "23T090000Z", "30T090000Z"];
        assert_eq!(ids, starts.map(|start| format!("s1_202611{start}")));
        let read = event::read(&all[0]).unwrap();
        assert_eq!(read.master.as_deref(), Some("s1"));
        assert!(read.recurrence.is_none() && read.etag.is_empty() && read.organizes);
        assert_eq!(read.record.words(Field::Title), "Jour fixe");
        assert_eq!(read.identity().as_deref(), Some("s1@google.com#2026-11-02T09:00:00Z"));
        assert_eq!(event::read(&master).unwrap().identity().as_deref(), Some("s1@google.com"));
        assert_eq!(all[0]["start"]["timeZone"], "Europe/Prague");
        let lasts = |raw| match event::read(raw)?.record.times()? {
            Times::Timed { start, end } => Some(end.seconds() - start.seconds()),
            Times::AllDay { .. } => None,
        };
        assert!(all.iter().all(|raw| lasts(raw) == Some(3_600)), "each is as long as the first");
        assert_eq!(all[0]["unknownKey"], 1);
    }

    #[test]
    fn what_has_a_resource_of_its_own_is_not_computed() {
        let moved = raw(json!({
            "id": "s1_20261109T090000Z", "recurringEventId": "s1",
            "originalStartTime": { "dateTime": "2026-11-09T10:00:00+01:00" },
            "start": { "dateTime": "2026-11-10T10:00:00+01:00" }, "end": { "dateTime": "2026-11-10T11:00:00+01:00" },
        }));
        let own = [
            Own { id: "s1_20261109T090000Z", raw: Some(&moved) },
            Own { id: "s1_20261116T090000Z", raw: None },
        ];
        let all = unfold(&weekly("RRULE:FREQ=WEEKLY"), &own, november()).unwrap().sure;
        let ids: Vec<_> = all.iter().map(|raw| raw["id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["s1_20261102T090000Z", "s1_20261123T090000Z", "s1_20261130T090000Z"]);
    }

    #[test]
    fn g_1_an_endless_series_is_withheld_and_not_cut() {
        let often = weekly("RRULE:FREQ=DAILY;BYHOUR=8,9,10,11,12,13,14,15");
        assert_eq!(unfold(&often, &[], november()), Err(Withheld::TooMany));
        let odd = weekly("RRULE:FREQ=SECONDLY");
        assert!(matches!(unfold(&odd, &[], november()), Err(Withheld::NotUnderstood(_))));
        let mut zoneless = weekly("RRULE:FREQ=DAILY");
        zoneless.insert("start".to_owned(), json!({ "dateTime": "2026-10-19T10:00:00Z" }));
        assert_eq!(unfold(&zoneless, &[], november()), Err(Withheld::NotUnderstood(Unsupported::Zone)));
    }

    #[test]
    fn whole_days_have_no_zone() {
        let mut master = weekly("RRULE:FREQ=WEEKLY");
        master.insert("start".to_owned(), json!({ "date": "2026-10-19" }));
        master.insert("end".to_owned(), json!({ "date": "2026-10-21" }));
        let all = unfold(&master, &[], november()).unwrap().sure;
        assert_eq!(all[0]["originalStartTime"], json!({ "date": "2026-11-02" }));
        assert_eq!(
            (&all[0]["start"], &all[0]["end"]),
            (&json!({ "date": "2026-11-02" }), &json!({ "date": "2026-11-04" }))
        );
        assert_eq!(first(&master), Some(OriginalStart::Date(Date::parse("2026-10-19").unwrap())));
    }

    #[test]
    fn a_start_that_no_rule_names_stands_apart() {
        let master = weekly("RRULE:FREQ=WEEKLY;BYDAY=TU");
        let horizon = Horizon { from: Date::parse("2026-10-01").unwrap(), ..november() };
        let unfolded = unfold(&master, &[], horizon).unwrap();
        assert_eq!(unfolded.stray.unwrap()["id"], "s1_20261019T080000Z");
        assert_eq!(unfolded.sure[0]["id"], "s1_20261020T080000Z");
        let plain = unfold(&weekly("RRULE:FREQ=WEEKLY"), &[], horizon).unwrap();
        assert!(plain.stray.is_none(), "here the rule names it");
        let dated = unfold(&weekly("RDATE;TZID=Europe/Prague:20261021T100000"), &[], horizon).unwrap();
        assert!(dated.stray.is_none(), "and here there is no rule");
    }

    #[test]
    fn the_horizon_is_a_month_behind_and_a_quarter_ahead() {
        let horizon = Horizon::around(Instant::parse("2026-11-28T12:00:00Z").unwrap().seconds()).unwrap();
        let day = |text: &str| OriginalStart::Date(Date::parse(text).unwrap());
        assert!(horizon.begins(day("2026-10-29")) && !horizon.begins(day("2026-10-28")));
        assert!(horizon.begins(day("2027-02-25")) && !horizon.begins(day("2027-02-26")));
        assert!(Horizon::around(i64::MAX).is_none());
    }
}
