//! Events with guests: the organizer's copy, the guests' copies, what each may change, and the
//! e-mails a change sends. Copies share the event's id and iCalUID.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::call::Call;
use super::read::event_of;
use super::refusal::Refusal;
use super::remove;
use super::store::{Body, Stored, World, home, text};

/// What everybody has for themselves, on their own copy.
const PERSONAL: [&str; 5] = ["reminders", "colorId", "transparency", "visibility", "eventLabelId"];

/// What is not content.
const BOOKKEEPING: [&str; 3] = ["created", "updated", "sequence"];

/// What guests may change of their own entry.
const ANSWER: [&str; 3] = ["responseStatus", "comment", "additionalGuests"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Updates {
    All,
    External,
    Nobody,
}

/// The address of one attendee.
pub(super) fn address(attendee: &Value) -> String {
    attendee.get("email").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase()
}

/// The addresses of all attendees.
pub(super) fn attendees(body: &Body) -> BTreeSet<String> {
    let list = body.get("attendees").and_then(Value::as_array);
    list.into_iter().flatten().map(address).collect()
}

/// Whether the owner of this calendar may make this change: the organizer any, guests their
/// own answer and what is theirs alone.
pub(super) fn guard(calendar: &str, old: &Body, new: &Body) -> Result<(), Refusal> {
    let open = old.get("guestsCanModify") == Some(&json!(true)) && text(old, "status") != "cancelled";
    if home(old) == calendar || open || shared(&with_answer(new, old, calendar)) == shared(old) {
        return Ok(());
    }
    Err(Refusal::not_organizer())
}

/// An event with one attendee's answer as another version of it has it.
fn with_answer(body: &Body, from: &Body, who: &str) -> Body {
    let mut body = body.clone();
    let entries = from.get("attendees").and_then(Value::as_array);
    let Some(Value::Object(answer)) = entries.and_then(|it| it.iter().find(|it| address(it) == who)) else {
        return body;
    };
    if let Some(entry) = entry_of(&mut body, who) {
        for key in ANSWER {
            entry.remove(key);
            entry.extend(answer.get(key).map(|value| (key.to_owned(), value.clone())));
        }
    }
    body
}

fn entry_of<'a>(body: &'a mut Body, who: &str) -> Option<&'a mut Body> {
    let entries = body.get_mut("attendees")?.as_array_mut()?;
    entries.iter_mut().find(|it| address(it) == who)?.as_object_mut()
}

/// An event with this answer of one attendee.
pub(super) fn answered(body: &Body, who: &str, answer: &str) -> Body {
    let mut body = body.clone();
    if let Some(entry) = entry_of(&mut body, who) {
        entry.insert("responseStatus".into(), json!(answer));
    }
    body
}

/// What is the same on every copy.
fn shared(body: &Body) -> Body {
    let mut body = body.clone();
    for key in PERSONAL.iter().chain(&BOOKKEEPING) {
        body.remove(*key);
    }
    if let Some(Value::Object(kinds)) = body.get_mut("extendedProperties") {
        kinds.remove("private");
        if kinds.is_empty() {
            body.remove("extendedProperties");
        }
    }
    body
}

/// Another person's copy: the content of `source`, and what they had for themselves.
fn copy(source: &Body, theirs: Option<&Stored>) -> Body {
    let mut copy = shared(source);
    copy.extend(source.get("sequence").map(|it| ("sequence".to_owned(), it.clone())));
    copy.insert("reminders".into(), json!({"useDefault": true}));
    let Some(theirs) = theirs else {
        for key in ["transparency", "visibility"] {
            copy.extend(source.get(key).map(|it| (key.to_owned(), it.clone())));
        }
        return copy;
    };
    for key in PERSONAL.into_iter().chain(["created", "updated"]) {
        copy.extend(theirs.body.get(key).map(|it| (key.to_owned(), it.clone())));
    }
    let private = theirs.body.get("extendedProperties").and_then(|it| it.get("private"));
    if let Some(private) = private {
        let kinds = copy.entry("extendedProperties").or_insert_with(|| json!({}));
        kinds["private"] = private.clone();
    }
    copy
}

/// Brings every other copy up to date with the one on `source`.
pub(super) fn spread(world: &mut World, call: &Call, source: &str, old: Option<&Body>, new: &Body) {
    let invited = attendees(new);
    let mut targets = old.map(attendees).unwrap_or_default();
    targets.extend(invited.iter().cloned());
    targets.insert(home(new).to_owned());
    targets.remove(source);
    for target in targets {
        let belongs = target == home(new) || invited.contains(&target);
        let changed = if belongs && text(new, "status") != "cancelled" {
            bring(world, call, &target, new)
        } else {
            remove::cancel_in(world, &target, text(new, "id"), call.now)
        };
        if changed && call.counted {
            world.counters.guest_calendars += 1;
        }
    }
}

/// Writes one copy; whether anything changed there.
fn bring(world: &mut World, call: &Call, target: &str, source: &Body) -> bool {
    let Some(calendar) = world.calendars.get(target) else {
        return false;
    };
    if !calendar.primary && target != home(source) {
        return false;
    }
    let theirs = event_of(calendar, text(source, "id"));
    // Who has removed an event does not get it back by a change of it.
    let removed = theirs.as_ref().is_some_and(Stored::cancelled) && target != home(source);
    if removed && answer_of(source, target) == Some("declined") {
        return false;
    }
    let copy = copy(source, theirs.as_ref());
    if theirs.is_some_and(|it| it.body == copy) {
        return false;
    }
    world.put(target, copy, call.now, true).is_some()
}

fn answer_of<'a>(body: &'a Body, who: &str) -> Option<&'a str> {
    let entries = body.get("attendees")?.as_array()?;
    entries.iter().find(|it| address(it) == who)?.get("responseStatus")?.as_str()
}

/// Whether `sendUpdates` can be read.
pub(super) fn check_updates(call: &Call) -> Result<(), Refusal> {
    updates(call).map(|_| ())
}

fn updates(call: &Call) -> Result<Updates, Refusal> {
    match (call.one("sendUpdates"), call.flag("sendNotifications")?) {
        (Some("all"), _) | (None, true) => Ok(Updates::All),
        (Some("externalOnly"), _) => Ok(Updates::External),
        (Some("none") | None, _) => Ok(Updates::Nobody),
        (Some(_), _) => Err(Refusal::parameter("sendUpdates", "Invalid string value.")),
    }
}

/// Counts the e-mails of a change made on `calendar`: to the guests before and after it, or
/// to the organizer.
pub(super) fn mail(
    world: &mut World,
    call: &Call,
    calendar: &str,
    old: Option<&Body>,
    new: &Body,
) -> Result<(), Refusal> {
    let updates = updates(call)?;
    if !call.counted || updates == Updates::Nobody {
        return Ok(());
    }
    let mut who = old.map(attendees).unwrap_or_default();
    who.extend(attendees(new));
    if home(new) != calendar {
        who = BTreeSet::from([home(new).to_owned()]);
    }
    who.remove(calendar);
    who.remove(&call.user);
    let outside = |it: &String| !world.calendars.contains_key(it);
    let count = who.iter().filter(|it| updates == Updates::All || outside(it)).count();
    world.counters.guest_mails += count as u64;
    Ok(())
}
