//! What may be done with events of the special kinds.

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::store::{Body, text};

const TYPES: [&str; 6] = ["default", "birthday", "focusTime", "fromGmail", "outOfOffice", "workingLocation"];

/// The rules that hold however the event came to be.
pub(super) fn check(body: &mut Body) -> Result<(), Refusal> {
    let kind = body.entry("eventType").or_insert_with(|| json!("default"));
    let kind = kind.as_str().filter(|kind| TYPES.contains(kind));
    let kind = kind.ok_or_else(|| Refusal::invalid("Invalid event type value."))?.to_owned();
    let all_day = body.get("start").is_some_and(|it| it.get("date").is_some());
    let private = body.get("extendedProperties").and_then(|it| it.get("private"));
    match kind.as_str() {
        "birthday" if private.is_some_and(|it| !it.is_null()) => {
            let message = "'birthday' event type must not have private extended properties";
            Err(Refusal::event_type(message))
        }
        "birthday" if !all_day => Err(Refusal::event_type("A birthday event must be an all-day event.")),
        "focusTime" | "outOfOffice" if all_day => {
            Err(Refusal::event_type(&format!("A {kind} event must have a start and an end time.")))
        }
        "birthday" | "focusTime" | "outOfOffice" | "workingLocation" if body.contains_key("attendees") => {
            Err(Refusal::event_type(&format!("A {kind} event must not have attendees.")))
        }
        _ => Ok(()),
    }
}

/// What an API client may create, on a primary calendar or another one.
pub(super) fn may_insert(body: &Body, primary: bool) -> Result<(), Refusal> {
    match body.get("eventType").and_then(Value::as_str).unwrap_or("default") {
        "default" => Ok(()),
        "fromGmail" => Err(Refusal::event_type("Events of type 'fromGmail' cannot be created.")),
        kind if !primary => {
            Err(Refusal::event_type(&format!("Events of type '{kind}' belong on a primary calendar.")))
        }
        _ => Ok(()),
    }
}

/// What an API client may change. The kind itself never changes.
pub(super) fn may_change(old: &Body, new: &Body) -> Result<(), Refusal> {
    let (before, after) = (text(old, "eventType"), text(new, "eventType"));
    if before != after {
        return Err(Refusal::event_type("The type of an event cannot be changed."));
    }
    let same = |key: &str| old.get(key) == new.get(key);
    let content = ["summary", "description", "location", "start", "end", "recurrence"];
    match before {
        "fromGmail" if !content.iter().all(|key| same(key)) => Err(Refusal::event_type(
            "Events of type 'fromGmail' can only be changed in their reminders and colour.",
        )),
        _ => Ok(()),
    }
}
