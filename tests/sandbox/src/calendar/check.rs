//! What an event must be before it is stored: complete, well-formed, and written the way this
//! Google writes it. Unknown keys stay as they were sent.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::event_type;
use super::moment::Moment;
use super::refusal::Refusal;
use super::series::Series;
use super::store::{Body, text};

const TEXTS: &[&str] = &["summary", "description", "location", "colorId", "iCalUID", "id"];

/// Fields with their values; the first one is the default and is not written out.
const CHOICES: &[(&str, &[&str])] = &[
    ("visibility", &["default", "public", "private", "confidential"]),
    ("transparency", &["opaque", "transparent"]),
];

/// Flags with their default, which is not written out.
const FLAGS: &[(&str, bool)] = &[
    ("anyoneCanAddSelf", false),
    ("guestsCanInviteOthers", true),
    ("guestsCanModify", false),
    ("guestsCanSeeOtherGuests", true),
    ("attendeesOmitted", false),
    ("locked", false),
    ("privateCopy", false),
    ("endTimeUnspecified", false),
];

const ANSWERS: [&str; 4] = ["needsAction", "declined", "tentative", "accepted"];
const MOST_REMINDERS: usize = 5;
const MOST_PROPERTIES: usize = 300;
const LONGEST_PROPERTY: usize = 1024;

/// Checks an event and brings it into this Google's form. `home` is the calendar's zone.
pub(super) fn event(body: &mut Body, home: &str) -> Result<(), Refusal> {
    without_nulls(body);
    fields(body)?;
    times(body, home)?;
    attendees(body)?;
    reminders(body)?;
    properties(body)?;
    event_type::check(body)
}

/// A null asks for nothing, at any depth of objects.
fn without_nulls(body: &mut Body) {
    body.retain(|_, value| !value.is_null());
    body.values_mut().filter_map(Value::as_object_mut).for_each(without_nulls);
}

fn fields(body: &mut Body) -> Result<(), Refusal> {
    for key in TEXTS {
        if body.get(*key).is_some_and(|it| !it.is_string()) {
            return Err(Refusal::invalid(&format!("Invalid value for: {key}")));
        }
    }
    if body.get("sequence").is_some_and(|it| !it.is_u64()) {
        return Err(Refusal::invalid("Invalid value for: sequence"));
    }
    body.retain(|key, value| !(TEXTS.contains(&key.as_str()) && value == ""));
    for (key, values) in CHOICES {
        choice(body, key, values)?;
    }
    for (key, default) in FLAGS {
        match body.get(*key) {
            None => {}
            Some(Value::Bool(flag)) if flag == default => drop(body.remove(*key)),
            Some(Value::Bool(_)) => {}
            Some(_) => return Err(Refusal::invalid(&format!("Invalid value for: {key}"))),
        }
    }
    let status = body.entry("status").or_insert_with(|| json!("confirmed"));
    if !matches!(status.as_str(), Some("confirmed" | "tentative" | "cancelled")) {
        return Err(Refusal::invalid("Invalid status value."));
    }
    Ok(())
}

fn choice(body: &mut Body, key: &str, values: &[&str]) -> Result<(), Refusal> {
    let Some(value) = body.get(key) else {
        return Ok(());
    };
    let value = value.as_str().filter(|value| values.contains(value));
    let value = value.ok_or_else(|| Refusal::invalid(&format!("Invalid {key} value.")))?;
    if values.first() == Some(&value) {
        body.remove(key);
    }
    Ok(())
}

fn times(body: &mut Body, home: &str) -> Result<(), Refusal> {
    let nothing = Value::Null;
    let start = Moment::read(body.get("start").unwrap_or(&nothing), "start", home)?;
    let end = Moment::read(body.get("end").unwrap_or(&nothing), "end", home)?;
    match start.compare(&end) {
        Some(Ordering::Less) => {}
        // A moment is an event; a span of no days is none.
        Some(Ordering::Equal) if !start.is_day() => {}
        Some(_) => {
            return Err(Refusal::calendar(400, "timeRangeEmpty", "The specified time range is empty."));
        }
        None => {
            return Err(Refusal::invalid(
                "Start and end times must either both be date or both be dateTime.",
            ));
        }
    }
    recurrence(body, &start)?;
    body.insert("start".into(), start.write(None));
    body.insert("end".into(), end.write(None));
    Ok(())
}

fn recurrence(body: &mut Body, start: &Moment) -> Result<(), Refusal> {
    let Some(lines) = body.get("recurrence") else {
        return Ok(());
    };
    let lines = lines.as_array().ok_or_else(|| Refusal::invalid("Invalid recurrence rule."))?;
    if lines.is_empty() {
        body.remove("recurrence");
        return Ok(());
    }
    for which in ["start", "end"] {
        if !start.is_day() && body.get(which).is_none_or(|it| it.get("timeZone").is_none()) {
            let message = format!("Missing time zone definition for {which} time.");
            return Err(Refusal::required(&message));
        }
    }
    Series::check(lines, start)
}

fn attendees(body: &mut Body) -> Result<(), Refusal> {
    let invalid = || Refusal::invalid("Invalid attendee email.");
    let Some(list) = body.get_mut("attendees") else {
        return Ok(());
    };
    let list = list.as_array_mut().ok_or_else(|| Refusal::invalid("Invalid value for: attendees"))?;
    for attendee in list.iter_mut() {
        let attendee = attendee.as_object_mut().ok_or_else(invalid)?;
        let email = text(attendee, "email").to_ascii_lowercase();
        let (local, domain) = email.split_once('@').ok_or_else(invalid)?;
        if local.is_empty() || domain.is_empty() || email.contains(char::is_whitespace) {
            return Err(invalid());
        }
        for flag in ["self", "organizer"] {
            attendee.remove(flag);
        }
        attendee.insert("email".into(), json!(email));
        let answer = attendee.entry("responseStatus").or_insert_with(|| json!("needsAction"));
        if !answer.as_str().is_some_and(|it| ANSWERS.contains(&it)) {
            return Err(Refusal::invalid("Invalid response status value."));
        }
    }
    if list.is_empty() {
        body.remove("attendees");
    }
    Ok(())
}

fn reminders(body: &mut Body) -> Result<(), Refusal> {
    let reminders = body.entry("reminders").or_insert_with(|| json!({"useDefault": true}));
    let overrides = reminders.get("overrides").and_then(Value::as_array).cloned().unwrap_or_default();
    let default = reminders.get("useDefault").and_then(Value::as_bool).unwrap_or(false);
    if default && !overrides.is_empty() {
        let message = "Cannot specify both default reminders and overrides at the same time.";
        return Err(Refusal::calendar(400, "cannotUseDefaultRemindersAndSpecifyOverride", message));
    }
    let known = |it: &Value| {
        let method = it.get("method").and_then(Value::as_str);
        let minutes = it.get("minutes").and_then(Value::as_u64);
        matches!(method, Some("email" | "popup")) && minutes.is_some_and(|it| it <= 40_320)
    };
    if overrides.len() > MOST_REMINDERS || !overrides.iter().all(known) {
        return Err(Refusal::invalid("Invalid reminder overrides."));
    }
    let mut plain = json!({"useDefault": default});
    if !overrides.is_empty() {
        plain["overrides"] = json!(overrides);
    }
    *reminders = plain;
    Ok(())
}

fn properties(body: &mut Body) -> Result<(), Refusal> {
    let Some(properties) = body.get_mut("extendedProperties") else {
        return Ok(());
    };
    let invalid = || Refusal::invalid("Invalid extended properties.");
    let kinds = properties.as_object_mut().ok_or_else(invalid)?;
    kinds.retain(|kind, _| matches!(kind.as_str(), "private" | "shared"));
    for kind in kinds.values() {
        let kind = kind.as_object().ok_or_else(invalid)?;
        let fits = |value: &Value| value.as_str().is_some_and(|it| it.len() <= LONGEST_PROPERTY);
        if kind.len() > MOST_PROPERTIES || !kind.values().all(fits) {
            return Err(invalid());
        }
    }
    kinds.retain(|_, kind| kind.as_object().is_some_and(|it| !it.is_empty()));
    if kinds.is_empty() {
        body.remove("extendedProperties");
    }
    Ok(())
}
