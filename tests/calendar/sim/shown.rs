//! What both sides show, read without any of the gateway's own words.
//!
//! Times are told as `t`, seconds and length, or `d`, day and count, counted from
//! 1970, so that two sides that mean the same show the same.

use postern_sandbox::{Crm, Google};
use serde_json::Value;

use super::history::{Field, Who};

/// One event, or one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The calendar, or the entity.
    pub home: String,
    pub id: String,
    pub live: bool,
    /// The event's identity over all calendars; empty for records.
    pub uid: String,
    /// The status of a record.
    pub status: String,
    pub private: bool,
    /// Whether the calendar's owner organizes it; a record is always one's own.
    pub own: bool,
    /// Whether it is a copy of a record that is another one's than the calendar.
    pub copy: bool,
    pub title: String,
    pub text: String,
    pub when: String,
}

/// Both sides at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scene {
    pub events: Vec<Shown>,
    pub records: Vec<Shown>,
}

impl Scene {
    /// What is shown now.
    pub fn of(google: &Google, crm: &Crm, calendars: &[String]) -> Self {
        let events = |calendar: &String| {
            let home = calendar.clone();
            google
                .events(calendar)
                .into_iter()
                .map(move |event| self::event(&home, &event, crm))
                .collect::<Vec<_>>()
        };
        let records = |entity: &&str| {
            let home = (*entity).to_owned();
            crm.records(entity).into_iter().map(move |it| self::record(&home, &it)).collect::<Vec<_>>()
        };
        Self {
            events: calendars.iter().flat_map(events).collect(),
            records: ["Meeting", "Call"].iter().flat_map(records).collect(),
        }
    }
}

impl Shown {
    /// The number of the thing, as its title tells it.
    pub fn thing(&self) -> Option<usize> {
        let word = self.title.split_whitespace().next()?;
        word.strip_prefix("Hushhush").or_else(|| word.strip_prefix('T'))?.parse().ok()
    }

    /// What can be compared.
    pub fn values(&self) -> [(Field, String); 3] {
        [
            (Field::Title, self.title.clone()),
            (Field::Text, self.text.clone()),
            (Field::When, self.when.clone()),
        ]
    }

    /// The value of a field.
    pub fn value(&self, field: Field) -> &str {
        match field {
            Field::Title => &self.title,
            Field::When => &self.when,
            Field::Text | Field::Place => &self.text,
        }
    }
}

fn event(calendar: &str, event: &Value, crm: &Crm) -> Shown {
    let title = text(event, "summary");
    Shown {
        home: calendar.to_owned(),
        id: text(event, "id"),
        live: event["status"] != "cancelled",
        uid: text(event, "iCalUID"),
        status: String::new(),
        private: matches!(event["visibility"].as_str(), Some("private" | "confidential")),
        own: event["organizer"].is_null() || event["organizer"]["self"] == true,
        copy: copy(calendar, event, crm),
        title: title.strip_prefix("Call: ").map_or_else(|| title.clone(), str::to_owned),
        text: text(event, "description"),
        when: event_times(event).unwrap_or_default(),
    }
}

// A copy is the record's own event as soon as the record is its user's.
fn copy(calendar: &str, event: &Value, crm: &Crm) -> bool {
    let Some(mark) = event["extendedProperties"]["private"]["posternCopy"].as_str() else { return false };
    let record = mark.split_once('/').and_then(|(entity, id)| crm.record(entity, id));
    let holder = record.and_then(|record| record["assignedUserId"].as_str().map(str::to_owned));
    let everybody = [Who::Anna, Who::Ben, Who::Cara];
    let user = everybody.into_iter().find(|who| who.address() == calendar).map(Who::user);
    holder.as_deref() != user
}

fn record(entity: &str, record: &Value) -> Shown {
    Shown {
        home: entity.to_owned(),
        id: text(record, "id"),
        live: true,
        uid: String::new(),
        status: text(record, "status"),
        private: false,
        own: true,
        copy: false,
        title: text(record, "name"),
        text: text(record, "description"),
        when: record_times(record).unwrap_or_default(),
    }
}

fn event_times(event: &Value) -> Option<String> {
    if let (Some(first), Some(after)) = (event["start"]["date"].as_str(), event["end"]["date"].as_str()) {
        return Some(days(day(first)?, day(after)? - day(first)?));
    }
    let at = |end: &str| seconds(event[end]["dateTime"].as_str()?);
    Some(times(at("start")?, at("end")? - at("start")?))
}

fn record_times(record: &Value) -> Option<String> {
    if let (Some(first), Some(last)) = (record["dateStartDate"].as_str(), record["dateEndDate"].as_str()) {
        return Some(days(day(first)?, day(last)? - day(first)? + 1));
    }
    let at = |end: &str| seconds(record[end].as_str()?);
    Some(times(at("dateStart")?, at("dateEnd")? - at("dateStart")?))
}

/// Whole days, as both sides are told to show them.
pub fn days(first: i64, count: i64) -> String {
    format!("d{first}+{count}")
}

/// From a second on, as both sides are told to show it.
pub fn times(start: i64, length: i64) -> String {
    format!("t{start}+{length}")
}

fn text(of: &Value, key: &str) -> String {
    of[key].as_str().unwrap_or_default().to_owned()
}

/// Days since 1970 of `YYYY-MM-DD`.
fn day(text: &str) -> Option<i64> {
    let mut parts = text.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    // The year begins in March, so that the odd day is its last.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(365 * year + leaps + (153 * month + 2) / 5 + day - 719_469)
}

/// Seconds since 1970 of a date and a time, by Greenwich unless an offset is told.
fn seconds(text: &str) -> Option<i64> {
    let (date, time) = (text.get(..10)?, text.get(11..19)?);
    let clock = |text: &str| {
        let mut parts = text.split(':').map(|part| part.parse::<i64>().ok());
        Some(parts.next()?? * 3_600 + parts.next()?? * 60 + parts.next().unwrap_or(Some(0))?)
    };
    let offset = match text.get(19..20) {
        Some("+") => clock(text.get(20..)?)?,
        Some("-") => -clock(text.get(20..)?)?,
        _ => 0,
    };
    Some(day(date)? * 86_400 + clock(time)? - offset)
}

#[test]
fn times_are_read_as_they_are_meant() {
    assert_eq!(
        (day("1970-01-01"), day("2037-03-01"), day("2000-02-29")),
        (Some(0), Some(24_531), Some(11_016))
    );
    assert_eq!(seconds("2037-03-02T10:00:00+01:00"), seconds("2037-03-02 09:00:00"));
    assert_eq!(seconds("1970-01-02T00:00:01Z"), Some(86_401));
}
