//! What a field must hold, checked in the order in which the CRM names its first complaint.

use serde_json::{Map, Value};

use super::addresses;
use super::answer::Answer;
use super::times;

/// Characters that no name may hold.
const BAD: [char; 3] = ['<', '>', '='];

enum Check {
    /// Required or not, longest length, whether it is a name.
    Text(bool, usize, bool),
    OneOf(&'static [&'static str]),
    /// A time; required where the flag says so and no day takes its place.
    Moment(bool),
    Day,
    /// A required link.
    Link,
    Addresses,
}

use Check::{Addresses, Day, Link, Moment, OneOf, Text};

const EVENT_STATUS: Check = OneOf(&["Planned", "Held", "Not Held"]);
const LEAD_STATUS: Check = OneOf(&["New", "Assigned", "In Process", "Converted", "Recycled", "Dead"]);
/// Salutations of people.
pub(crate) const SALUTATIONS: [&str; 5] = ["", "Mr.", "Ms.", "Mrs.", "Dr."];
const SALUTATION: Check = OneOf(&SALUTATIONS);

/// By entity: the fields in the order of their checks.
const CHECKS: &[(&str, &[(&str, Check)])] = &[
    (
        "Meeting",
        &[
            ("name", Text(true, 255, true)),
            ("status", EVENT_STATUS),
            ("dateStart", Moment(true)),
            ("dateEnd", Moment(false)),
            ("dateStartDate", Day),
            ("dateEndDate", Day),
            ("assignedUser", Link),
        ],
    ),
    (
        "Call",
        &[
            ("name", Text(true, 255, true)),
            ("status", EVENT_STATUS),
            ("dateStart", Moment(true)),
            ("dateEnd", Moment(false)),
            ("direction", OneOf(&["Outbound", "Inbound"])),
            ("assignedUser", Link),
        ],
    ),
    (
        "Contact",
        &[
            ("salutationName", SALUTATION),
            ("firstName", Text(false, 100, true)),
            ("lastName", Text(true, 100, true)),
            ("", Addresses),
            ("addressStreet", Text(false, 255, false)),
        ],
    ),
    (
        "Lead",
        &[
            ("salutationName", SALUTATION),
            ("firstName", Text(false, 100, true)),
            ("lastName", Text(true, 100, true)),
            ("status", LEAD_STATUS),
            ("", Addresses),
            ("addressStreet", Text(false, 255, false)),
        ],
    ),
    ("Account", &[("name", Text(true, 255, true)), ("", Addresses)]),
    ("EmailAccount", &[("name", Text(true, 255, false)), ("emailAddress", Text(true, 100, false))]),
    ("InboundEmail", &[("name", Text(true, 255, false)), ("emailAddress", Text(true, 100, false))]),
];

/// The first complaint about a request; a field that an update does not name is not looked at.
pub(crate) fn complaint(entity: &str, input: &Map<String, Value>, creates: bool) -> Option<Answer> {
    let (_, checks) = CHECKS.iter().find(|(it, _)| *it == entity)?;
    checks.iter().find_map(|(field, check)| {
        if let Addresses = check {
            return addresses::refused(entity, input);
        }
        let attribute = if let Link = check { format!("{field}Id") } else { (*field).to_owned() };
        let value = input.get(&attribute);
        if value.is_none() && !creates {
            return None;
        }
        let kind = fails(check, value.unwrap_or(&Value::Null), input)?;
        Some(Answer::invalid(entity, field, kind))
    })
}

/// The kind of a complaint.
fn fails(check: &Check, value: &Value, input: &Map<String, Value>) -> Option<&'static str> {
    let text = value.as_str().map(str::trim);
    let missing = text.is_none_or(str::is_empty);
    match check {
        Text(required, longest, is_name) => match text {
            _ if missing && value.as_str().is_none() && !value.is_null() => Some("valid"),
            _ if missing => required.then_some("required"),
            Some(text) if text.chars().count() > *longest => Some("maxLength"),
            Some(text) if *is_name && text.contains(BAD) => Some("pattern"),
            _ => None,
        },
        OneOf(words) => {
            let unknown = !value.is_null() && text.is_none_or(|text| !words.contains(&text));
            unknown.then_some("valid")
        }
        Moment(required) if missing => {
            let all_day = input.get("dateStartDate").is_some_and(|day| !day.is_null());
            (*required && !all_day).then_some("required")
        }
        Moment(_) => text.and_then(times::normal).is_none().then_some("valid"),
        Day => (!missing && text.and_then(times::day).is_none()).then_some("valid"),
        Link => missing.then_some("required"),
        Addresses => None,
    }
}
