//! When an event takes place, as Google and the CRM write it.
//!
//! All-day events are pairs of days and never meet a time zone. Google's end
//! day is the first one after the event, the CRM's is its last; [`Times`] has
//! the last. An end that is missing or lies before the start is made up, and
//! [`Read::repair`] says so: such a reading is shown to the other side and
//! never written back to the one it came from.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::moment::{Date, Instant, NotAMoment, Zone};

/// How long an event without an end is shown, in seconds.
const MADE_UP: i64 = 30 * 60;

/// The time of an event. Nothing ends before it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Times {
    /// Whole days, of no time zone.
    AllDay {
        /// The first day.
        first: Date,
        /// The last day, which is the first one if the event takes one day.
        last: Date,
    },
    /// From one moment to another.
    Timed {
        /// When it starts.
        start: Instant,
        /// When it is over; may be the start.
        end: Instant,
    },
}

/// What an event's attributes say, and what had to be made up for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// The times, complete.
    pub times: Times,
    /// Set if the end is not the one that was written.
    pub repair: Option<Repair>,
}

/// Why an end was made up: 30 minutes after the start, or its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// There was none.
    EndMissing,
    /// It lay before the start.
    EndBeforeStart,
}

/// The attributes by which a CRM entity tells its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attributes {
    /// `isAllDay`, `dateStart`, `dateEnd`, `dateStartDate`, `dateEndDate`, as
    /// a Meeting has them.
    WithDays,
    /// `dateStart` and `dateEnd`, as a Call has them.
    TimesOnly,
}

/// Why attributes are no times, or times have no attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTimes {
    /// There is no start.
    #[error("the event has no start")]
    NoStart,
    /// One end of it is a day and the other a time, or one is both.
    #[error("the event has a day where it needs a time")]
    Mixed,
    /// A day or time that cannot be read.
    #[error(transparent)]
    Moment(#[from] NotAMoment),
    /// The entity has no all-day events.
    #[error("this kind of record cannot last whole days")]
    NoAllDay,
}

/// A day or a moment, still to be paired with the other end.
pub(super) enum End {
    /// An all-day event's.
    Day(Date),
    /// One with times.
    Moment(Instant),
}

impl Times {
    /// An event of whole days, both counted.
    ///
    /// # Errors
    /// It ends before it starts, or its end cannot be written.
    pub fn all_day(first: Date, last: Date) -> Result<Self, NotAMoment> {
        let exclusive = last.plus_days(1);
        if last < first || exclusive.is_none() {
            Err(NotAMoment::Range)
        } else {
            Ok(Self::AllDay { first, last })
        }
    }

    /// An event from one moment to another.
    ///
    /// # Errors
    /// It ends before it starts.
    pub fn timed(start: Instant, end: Instant) -> Result<Self, NotAMoment> {
        if end < start { Err(NotAMoment::Range) } else { Ok(Self::Timed { start, end }) }
    }

    /// Reads the `start` and `end` objects of a Google event.
    ///
    /// # Errors
    /// They cannot be read as times.
    pub fn from_google(start: Option<&Value>, end: Option<&Value>) -> Result<Read, NotTimes> {
        let end = google_end(end)?;
        match google_end(start)?.ok_or(NotTimes::NoStart)? {
            End::Moment(start) => match end {
                None => timed(start, None),
                Some(End::Moment(end)) => timed(start, Some(end)),
                Some(End::Day(_)) => Err(NotTimes::Mixed),
            },
            End::Day(first) => match end {
                None => all_day(first, None),
                // Google's end is the day after; before 1970 there is none.
                Some(End::Day(after)) => all_day(first, Some(after.plus_days(-1).unwrap_or(after))),
                Some(End::Moment(_)) => Err(NotTimes::Mixed),
            },
        }
    }

    /// The `start` and `end` objects for Google. Times are written in the
    /// zone of that name, the event's own or its calendar's; series need one.
    #[must_use]
    pub fn to_google(self, zone: Option<&str>) -> (Value, Value) {
        match self {
            Self::AllDay { first, last } => {
                (json!({ "date": first }), json!({ "date": last.plus_days(1).unwrap_or(last) }))
            }
            Self::Timed { start, end } => (google_time(start, zone), google_time(end, zone)),
        }
    }

    /// Reads the attributes of a CRM record.
    ///
    /// # Errors
    /// They cannot be read as times.
    pub fn from_crm(record: &Map<String, Value>) -> Result<Read, NotTimes> {
        // EspoCRM 9 takes a record with days as all-day whatever `isAllDay`
        // says, and version 10 keeps none that is not; times may be set with
        // the flag and no days.
        if let Some(first) = text(record, "dateStartDate") {
            let last = text(record, "dateEndDate").map(Date::parse).transpose()?;
            return all_day(Date::parse(first)?, last);
        }
        let start = text(record, "dateStart").ok_or(NotTimes::NoStart)?;
        let end = text(record, "dateEnd").map(Instant::parse_crm).transpose()?;
        timed(Instant::parse_crm(start)?, end)
    }

    /// The attributes for the CRM, always all of them: its versions differ in
    /// what they keep of the others.
    ///
    /// # Errors
    /// The event lasts whole days and the entity has none
    /// ([`NotTimes::NoAllDay`]).
    pub fn to_crm(self, attributes: Attributes) -> Result<Map<String, Value>, NotTimes> {
        let days = attributes == Attributes::WithDays;
        let written = match self {
            Self::AllDay { .. } if !days => return Err(NotTimes::NoAllDay),
            Self::AllDay { first, last } => json!({
                "isAllDay": true, "dateStart": null, "dateEnd": null,
                "dateStartDate": first, "dateEndDate": last,
            }),
            Self::Timed { start, end } if days => json!({
                "isAllDay": false, "dateStart": start.crm(), "dateEnd": end.crm(),
                "dateStartDate": null, "dateEndDate": null,
            }),
            Self::Timed { start, end } => json!({ "dateStart": start.crm(), "dateEnd": end.crm() }),
        };
        match written {
            Value::Object(written) => Ok(written),
            _ => Err(NotTimes::NoStart),
        }
    }
}

fn timed(start: Instant, end: Option<Instant>) -> Result<Read, NotTimes> {
    let (end, repair) = match end {
        Some(end) if end >= start => (end, None),
        other => (start.plus_seconds(MADE_UP).ok_or(NotAMoment::Range)?, Some(Repair::of(other.is_some()))),
    };
    Ok(Read { times: Times::timed(start, end)?, repair })
}

fn all_day(first: Date, last: Option<Date>) -> Result<Read, NotTimes> {
    let (last, repair) = match last {
        Some(last) if last >= first => (last, None),
        other => (first, Some(Repair::of(other.is_some()))),
    };
    Ok(Read { times: Times::all_day(first, last)?, repair })
}

impl Repair {
    fn of(written: bool) -> Self {
        if written { Self::EndBeforeStart } else { Self::EndMissing }
    }
}

fn google_time(instant: Instant, zone: Option<&str>) -> Value {
    let Some(name) = zone else {
        return json!({ "dateTime": instant.to_string() });
    };
    // A zone that only Google knows is kept by name; the offset is Z then.
    let written = Zone::named(name).map_or_else(|_| instant.to_string(), |zone| instant.rfc3339_in(&zone));
    json!({ "dateTime": written, "timeZone": name })
}

/// Reads one of Google's time objects; none if it says nothing.
pub(super) fn google_end(end: Option<&Value>) -> Result<Option<End>, NotTimes> {
    let Some(Value::Object(end)) = end else {
        return Ok(None);
    };
    match (text(end, "date"), text(end, "dateTime")) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(NotTimes::Mixed),
        (Some(day), None) => Ok(Some(End::Day(Date::parse(day)?))),
        (None, Some(time)) => {
            let instant = match (Instant::parse(time), text(end, "timeZone")) {
                (Err(NotAMoment::Form), Some(zone)) => Instant::parse_in(time, &Zone::named(zone)?)?,
                (read, _) => read?,
            };
            Ok(Some(End::Moment(instant)))
        }
    }
}

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, prop_assert_eq, prop_oneof, proptest};
    use serde_json::{Map, Value, json};

    use super::{Attributes, NotTimes, Read, Repair, Times};
    use crate::plan::calendar::moment::{Date, Instant, NotAMoment};

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn days(first: &str, last: &str) -> Times {
        Times::all_day(day(first), day(last)).unwrap()
    }

    fn hours(start: &str, end: &str) -> Times {
        Times::timed(Instant::parse(start).unwrap(), Instant::parse(end).unwrap()).unwrap()
    }

    fn google(start: &Value, end: &Value) -> Result<Read, NotTimes> {
        Times::from_google(Some(start), Some(end))
    }

    fn object(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn f_1_google_ends_on_the_day_after_and_the_crm_on_the_last_day() {
        let weekend = days("2026-12-05", "2026-12-06");
        assert_eq!(
            weekend.to_google(Some("Europe/Prague")),
            (json!({"date": "2026-12-05"}), json!({"date": "2026-12-07"}))
        );
        let read = google(&json!({"date": "2026-12-05"}), &json!({"date": "2026-12-07", "dateTime": null}));
        assert_eq!(read, Ok(Read { times: weekend, repair: None }));
        let written = weekend.to_crm(Attributes::WithDays).unwrap();
        let expected = json!({"isAllDay": true, "dateStart": null, "dateEnd": null,
            "dateStartDate": "2026-12-05", "dateEndDate": "2026-12-06"});
        assert_eq!(Value::Object(written), expected);
    }

    #[test]
    fn times_go_to_the_crm_with_all_five_attributes_and_to_a_call_with_two() {
        let morning = hours("2026-12-01T09:00:00+01:00", "2026-12-01T10:00:00+01:00");
        let five = json!({"isAllDay": false, "dateStart": "2026-12-01 08:00:00", "dateEnd": "2026-12-01 09:00:00",
            "dateStartDate": null, "dateEndDate": null});
        assert_eq!(Value::Object(morning.to_crm(Attributes::WithDays).unwrap()), five);
        let two = json!({"dateStart": "2026-12-01 08:00:00", "dateEnd": "2026-12-01 09:00:00"});
        assert_eq!(Value::Object(morning.to_crm(Attributes::TimesOnly).unwrap()), two);
        let whole = days("2026-12-05", "2026-12-05");
        assert_eq!(whole.to_crm(Attributes::TimesOnly), Err(NotTimes::NoAllDay));
    }

    #[test]
    fn a_timed_write_keeps_the_zone_of_the_event() {
        let morning = hours("2026-07-01T07:00:00Z", "2026-07-01T08:00:00Z");
        let (start, end) = morning.to_google(Some("Europe/Prague"));
        assert_eq!(start, json!({"dateTime": "2026-07-01T09:00:00+02:00", "timeZone": "Europe/Prague"}));
        assert_eq!(google(&start, &end).unwrap().times, morning);
        let (start, _) = morning.to_google(Some("Mars/Base"));
        assert_eq!(start, json!({"dateTime": "2026-07-01T07:00:00Z", "timeZone": "Mars/Base"}));
        let (start, _) = morning.to_google(None);
        assert_eq!(start, json!({"dateTime": "2026-07-01T07:00:00Z"}));
    }

    #[test]
    fn a_time_without_an_offset_takes_the_zone_beside_it() {
        let local = json!({"dateTime": "2026-07-01T09:00:00", "timeZone": "Europe/Prague"});
        let read = google(&local, &local).unwrap();
        assert_eq!(read.times, hours("2026-07-01T07:00:00Z", "2026-07-01T07:00:00Z"));
        let nowhere = json!({"dateTime": "2026-07-01T09:00:00", "timeZone": "Mars/Base"});
        assert_eq!(google(&nowhere, &local), Err(NotTimes::Moment(NotAMoment::Zone)));
        let elsewhere = json!({"dateTime": "2026-07-01T09:00:00Z", "timeZone": "Mars/Base"});
        assert!(google(&elsewhere, &elsewhere).is_ok());
    }

    #[test]
    fn an_end_that_is_missing_or_before_the_start_is_made_up_and_told() {
        let start = json!({"dateTime": "2026-12-01T12:00:00Z"});
        let times = hours("2026-12-01T12:00:00Z", "2026-12-01T12:30:00Z");
        let missing = Ok(Read { times, repair: Some(Repair::EndMissing) });
        let before = Ok(Read { times, repair: Some(Repair::EndBeforeStart) });
        assert_eq!(Times::from_google(Some(&start), None), missing);
        assert_eq!(google(&start, &json!({"dateTime": "2026-12-01T11:59:59Z"})), before);
        let record = |end: Value| {
            Times::from_crm(&object(json!({"dateStart": "2026-12-01 12:00:00", "dateEnd": end})))
        };
        assert_eq!(record(Value::Null), missing);
        assert_eq!(record(json!("2026-12-01 11:00:00")), before);

        let times = days("2026-12-01", "2026-12-01");
        let missing = Ok(Read { times, repair: Some(Repair::EndMissing) });
        let before = Ok(Read { times, repair: Some(Repair::EndBeforeStart) });
        let start = json!({"date": "2026-12-01"});
        assert_eq!(Times::from_google(Some(&start), Some(&json!({}))), missing);
        assert_eq!(google(&start, &start), before);
        assert_eq!(
            google(&json!({"date": "1970-01-02"}), &json!({"date": "1970-01-01"})).unwrap().repair,
            Some(Repair::EndBeforeStart)
        );
        let record =
            |end: Value| Times::from_crm(&object(json!({"dateStartDate": "2026-12-01", "dateEndDate": end})));
        assert_eq!(record(Value::Null), missing);
        assert_eq!(record(json!("2026-11-30")), before);
    }

    #[test]
    fn what_a_crm_calls_all_day_is_decided_by_its_days() {
        let all_day = json!({"isAllDay": false, "dateStart": "2026-12-02 00:00:00", "dateEnd": "2026-12-04 00:00:00",
            "dateStartDate": "2026-12-02", "dateEndDate": "2026-12-03"});
        assert_eq!(Times::from_crm(&object(all_day)).unwrap().times, days("2026-12-02", "2026-12-03"));
        let flag_only = json!({"isAllDay": true, "dateStart": "2026-12-02 08:00:00", "dateEnd": "2026-12-02 09:00:00",
            "dateStartDate": null, "dateEndDate": null});
        let times = hours("2026-12-02T08:00:00Z", "2026-12-02T09:00:00Z");
        assert_eq!(Times::from_crm(&object(flag_only)).unwrap().times, times);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let (day, time) = (json!({"date": "2026-12-01"}), json!({"dateTime": "2026-12-01T12:00:00Z"}));
        assert_eq!(google(&day, &time), Err(NotTimes::Mixed));
        assert_eq!(google(&time, &day), Err(NotTimes::Mixed));
        let both = json!({"date": "2026-12-01", "dateTime": "2026-12-01T12:00:00Z"});
        assert_eq!(google(&both, &time), Err(NotTimes::Mixed));
        for start in [Value::Null, json!({}), json!({"date": null}), json!("2026-12-01"), json!({"date": 5})]
        {
            assert_eq!(google(&start, &time), Err(NotTimes::NoStart), "{start}");
        }
        let last = json!({"date": "9999-12-31"});
        assert_eq!(Times::from_google(Some(&last), None), Err(NotTimes::Moment(NotAMoment::Range)));
        assert_eq!(Times::from_crm(&Map::new()), Err(NotTimes::NoStart));
        assert!(Times::timed(Instant::MAX, Instant::from_seconds(0).unwrap()).is_err());
    }

    fn any_times() -> impl Strategy<Value = Times> {
        let epoch = Date::new(1970, 1, 1).unwrap();
        let all_day = (0_i64..2_900_000, 0_i64..400).prop_map(move |(start, length)| {
            Times::all_day(epoch.plus_days(start).unwrap(), epoch.plus_days(start + length).unwrap()).unwrap()
        });
        let timed = (0_i64..253_000_000_000, 0_i64..9_000_000).prop_map(|(start, length)| {
            let start = Instant::from_seconds(start).unwrap();
            Times::timed(start, start.plus_seconds(length).unwrap()).unwrap()
        });
        prop_oneof![all_day, timed]
    }

    proptest! {
        #[test]
        fn times_survive_both_sides_and_the_store(times in any_times(), zone in 0_usize..5) {
            let zone = [None, Some("Europe/Prague"), Some("Asia/Kolkata"), Some("Pacific/Apia"), Some("Mars/Base")][zone];
            let read = Ok(Read { times, repair: None });
            let (start, end) = times.to_google(zone);
            prop_assert_eq!(google(&start, &end), read);
            let record = times.to_crm(Attributes::WithDays).unwrap();
            prop_assert_eq!(Times::from_crm(&record), read);
            let stored = serde_json::to_string(&times).unwrap();
            prop_assert_eq!(serde_json::from_str::<Times>(&stored).unwrap(), times);
        }
    }
}
