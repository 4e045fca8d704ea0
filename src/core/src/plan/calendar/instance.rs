//! Which occurrence of which series an event is.
//!
//! An occurrence keeps the start that its series gave it, wherever it is
//! moved: (series, original start) is its identity. Google writes both into
//! the event, and also into its id, which is all that is left of some deleted
//! ones. An id with two such endings is refused: it was built on the id of an
//! occurrence, and no event will ever have it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::moment::{Date, Instant, NotAMoment, Zone};
use super::times::{End, NotTimes, google_end};
use super::written;

/// Google's limit for ids.
const LONGEST: usize = 1024;

/// The start that a series gave an occurrence; it stays when that is moved.
/// All-day ones sort before the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OriginalStart {
    /// The first day of an all-day occurrence.
    Date(Date),
    /// The start of one with times.
    Instant(Instant),
}

/// An occurrence of a series.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Instance {
    /// The id of the series' master event.
    pub master: String,
    /// Which of its occurrences.
    pub original: OriginalStart,
}

/// A series that took over the rest of another one ("this and following").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split<'a> {
    /// The id of the series that was cut short.
    pub before: &'a str,
    /// When the new one takes over, as Google wrote it.
    pub from: &'a str,
}

/// Why an event's identity cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnInstance {
    /// The id names an occurrence of an occurrence.
    #[error("the id is that of an occurrence of an occurrence")]
    Doubled,
    /// The id is longer than 1,024 octets, or nothing stands before its
    /// ending.
    #[error("no id of an event")]
    Id,
    /// The original start cannot be read.
    #[error(transparent)]
    Start(#[from] NotTimes),
}

impl Instance {
    /// Reads an id: `{master}_YYYYMMDDTHHMMSSZ`, or `{master}_YYYYMMDD` for
    /// all-day series. Any other id belongs to an event of its own.
    ///
    /// # Errors
    /// The id is none that Google gives.
    pub fn parse(id: &str) -> Result<Option<Self>, NotAnInstance> {
        if id.is_empty() || id.len() > LONGEST {
            return Err(NotAnInstance::Id);
        }
        let Some((master, original)) = ending(id) else {
            return Ok(None);
        };
        if master.is_empty() {
            return Err(NotAnInstance::Id);
        }
        if ending(master).is_some() {
            return Err(NotAnInstance::Doubled);
        }
        Ok(Some(Self { master: master.to_owned(), original }))
    }

    /// The occurrence that an event of Google's is, by `recurringEventId` and
    /// `originalStartTime`; where a deleted one lost them, by its id.
    ///
    /// # Errors
    /// What the event says of itself cannot be read.
    pub fn of(event: &Map<String, Value>) -> Result<Option<Self>, NotAnInstance> {
        let text = |key: &str| event.get(key).and_then(Value::as_str);
        let by_id = Self::parse(text("id").ok_or(NotAnInstance::Id)?)?;
        let (Some(master), Some(start)) = (text("recurringEventId"), event.get("originalStartTime")) else {
            return Ok(by_id);
        };
        if master.is_empty() || master.len() > LONGEST {
            return Err(NotAnInstance::Id);
        }
        if ending(master).is_some() {
            return Err(NotAnInstance::Doubled);
        }
        let original = match google_end(Some(start))?.ok_or(NotTimes::NoStart)? {
            End::Day(date) => OriginalStart::Date(date),
            End::Moment(instant) => OriginalStart::Instant(instant),
        };
        Ok(Some(Self { master: master.to_owned(), original }))
    }

    /// The id that Google gives this occurrence.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}_{}", self.master, self.original)
    }
}

impl<'a> Split<'a> {
    /// Reads the id of a series that Google split off another:
    /// `{before}_R` and a date or a time.
    #[must_use]
    pub fn parse(id: &'a str) -> Option<Self> {
        let (before, ending) = id.rsplit_once('_')?;
        let from = ending.strip_prefix('R')?;
        let time = from.strip_suffix('Z').unwrap_or(from);
        let known = written::basic_date(from).is_ok() || written::basic_time(time).is_ok();
        (!before.is_empty() && known && id.len() <= LONGEST).then_some(Self { before, from })
    }
}

impl OriginalStart {
    /// Reads `YYYYMMDDTHHMMSSZ` or `YYYYMMDD`, as ids end.
    ///
    /// # Errors
    /// The text is something else, or there is no such day or time.
    pub fn parse(text: &str) -> Result<Self, NotAMoment> {
        match text.strip_suffix('Z') {
            Some(time) => Zone::utc().instant(written::basic_time(time)?).map(Self::Instant),
            None => Date::bounded(written::basic_date(text)?).map(Self::Date).ok_or(NotAMoment::Range),
        }
    }
}

impl fmt::Display for OriginalStart {
    /// As ids end: `YYYYMMDDTHHMMSSZ` or `YYYYMMDD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(date) => date.civil().strftime("%Y%m%d").fmt(f),
            Self::Instant(instant) => instant.utc_clock().strftime("%Y%m%dT%H%M%SZ").fmt(f),
        }
    }
}

fn ending(id: &str) -> Option<(&str, OriginalStart)> {
    let (master, ending) = id.rsplit_once('_')?;
    Some((master, OriginalStart::parse(ending).ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, prop_assume, proptest};
    use serde_json::{Map, Value, json};

    use super::{Instance, NotAnInstance, OriginalStart, Split, ending};
    use crate::plan::calendar::moment::{Date, Instant};

    fn timed(master: &str, text: &str) -> Instance {
        Instance {
            master: master.to_owned(),
            original: OriginalStart::Instant(Instant::parse(text).unwrap()),
        }
    }

    fn all_day(master: &str, text: &str) -> Instance {
        Instance { master: master.to_owned(), original: OriginalStart::Date(Date::parse(text).unwrap()) }
    }

    fn event(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn an_id_names_its_series_and_its_original_start() {
        for (id, instance) in [
            ("abc_20261201T090000Z", timed("abc", "2026-12-01T09:00:00Z")),
            ("abc_20261201", all_day("abc", "2026-12-01")),
            ("_60q3_20261201", all_day("_60q3", "2026-12-01")),
            ("abc_R20261101T090000_20261201T090000Z", timed("abc_R20261101T090000", "2026-12-01T09:00:00Z")),
        ] {
            assert_eq!(Instance::parse(id), Ok(Some(instance.clone())), "{id}");
            assert_eq!(instance.id(), id);
        }
    }

    #[test]
    fn other_ids_are_events_of_their_own() {
        for id in [
            "abc",
            "_60q30c1g60o30e1i60o4ac1g",
            "abc_R20261201T090000",
            "abc_20261201T090000",
            "abc_20261301",
            "abc_20261201T250000Z",
            "abc_2026120",
            "abc_19691231",
            "abc_20261201Z",
            "abc_é",
        ] {
            assert_eq!(Instance::parse(id), Ok(None), "{id}");
        }
    }

    #[test]
    fn g_2_doubled_endings_are_refused() {
        for id in [
            "abc_20261201T090000Z_20261208T090000Z",
            "abc_20261201_20261208",
            "abc_20261201_20261208T090000Z",
        ] {
            assert_eq!(Instance::parse(id), Err(NotAnInstance::Doubled), "{id}");
        }
        let nested = event(json!({"id": "abc_20261208", "recurringEventId": "abc_20261201",
            "originalStartTime": {"date": "2026-12-08"}}));
        assert_eq!(Instance::of(&nested), Err(NotAnInstance::Doubled));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for id in ["", "_20261201", &"a".repeat(1_025)] {
            assert_eq!(Instance::parse(id), Err(NotAnInstance::Id), "{id}");
        }
        assert_eq!(Instance::of(&Map::new()), Err(NotAnInstance::Id));
        let of = |master: &str| {
            Instance::of(&event(json!({"id": "abc", "recurringEventId": master,
                "originalStartTime": {"date": "2026-12-01"}})))
        };
        assert_eq!((of(""), of(&"a".repeat(1_025))), (Err(NotAnInstance::Id), Err(NotAnInstance::Id)));
        let longest = "a".repeat(1_024);
        assert_eq!(Instance::parse(&longest), Ok(None));
        assert_eq!(of(&longest), Ok(Some(all_day(&longest, "2026-12-01"))));
    }

    #[test]
    fn a_sparse_tombstone_is_known_by_its_id() {
        let sparse = event(json!({"id": "abc_20261201T090000Z", "status": "cancelled"}));
        assert_eq!(Instance::of(&sparse), Ok(Some(timed("abc", "2026-12-01T09:00:00Z"))));
        let single = event(json!({"id": "abc", "status": "cancelled"}));
        assert_eq!(Instance::of(&single), Ok(None));
    }

    #[test]
    fn a_moved_occurrence_keeps_its_original_start() {
        let moved = event(json!({"id": "abc_20261201T090000Z", "recurringEventId": "abc",
            "originalStartTime": {"dateTime": "2026-12-01T10:00:00+01:00", "timeZone": "Europe/Prague"},
            "start": {"dateTime": "2026-12-24T10:00:00+01:00"}}));
        assert_eq!(Instance::of(&moved), Ok(Some(timed("abc", "2026-12-01T09:00:00Z"))));
        let all = event(
            json!({"id": "abc_20261201", "recurringEventId": "abc", "originalStartTime": {"date": "2026-12-01"}}),
        );
        assert_eq!(Instance::of(&all), Ok(Some(all_day("abc", "2026-12-01"))));
        let unreadable = event(
            json!({"id": "abc_20261201", "recurringEventId": "abc", "originalStartTime": {"date": "soon"}}),
        );
        assert!(matches!(Instance::of(&unreadable), Err(NotAnInstance::Start(_))));
    }

    #[test]
    fn this_and_following_splits_are_recognised() {
        for (id, before, from) in [
            ("abc_R20261201T090000", "abc", "20261201T090000"),
            ("abc_R20261201T090000Z", "abc", "20261201T090000Z"),
            ("abc_R20261201", "abc", "20261201"),
            ("abc_R20261101_R20261201", "abc_R20261101", "20261201"),
        ] {
            assert_eq!(Split::parse(id), Some(Split { before, from }), "{id}");
        }
        for id in [
            "abc",
            "abc_R",
            "abc_R2026",
            "_R20261201",
            "abc_20261201",
            "abc_R20261201T090000_20261201T090000Z",
        ] {
            assert_eq!(Split::parse(id), None, "{id}");
        }
    }

    proptest! {
        #[test]
        fn every_instance_survives_its_id(
            master in "_?[a-v0-9]{5,30}(_R[2-9][0-9]{3}0101T000000)?", seconds in 0..=Instant::MAX.seconds(), whole in any::<bool>()
        ) {
            prop_assume!(ending(&master).is_none());
            let instant = Instant::from_seconds(seconds).unwrap();
            let original = if whole {
                OriginalStart::Date(Date::parse(&instant.to_string()[..10]).unwrap())
            } else {
                OriginalStart::Instant(instant)
            };
            let instance = Instance { master, original };
            prop_assert_eq!(OriginalStart::parse(&original.to_string()), Ok(original));
            prop_assert_eq!(Instance::parse(&instance.id()), Ok(Some(instance)));
        }

        #[test]
        fn no_id_is_too_strange(id in "[a_R0-9TZé]{0,40}") {
            if let Ok(Some(instance)) = Instance::parse(&id) {
                prop_assert_eq!(instance.id(), id.clone());
            }
            let _ = Split::parse(&id);
        }
    }
}
