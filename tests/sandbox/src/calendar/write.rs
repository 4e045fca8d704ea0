//! `events.insert`, `events.update` and `events.patch`.

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::read::{enter, enter_to_write, event_of, recurs, viewer};
use super::refusal::Refusal;
use super::series::Series;
use super::store::{Body, Stored, World, home, text};
use super::{check, event_type, guests, inheritance, read, remove};
use crate::dice;

/// What no client writes: it stays as it is.
const FIXED: [&str; 11] = [
    "id",
    "iCalUID",
    "created",
    "updated",
    "creator",
    "organizer",
    "recurringEventId",
    "originalStartTime",
    "hangoutLink",
    "privateCopy",
    "locked",
];

/// What this Google adds when it shows an event.
const SHOWN: [&str; 3] = ["kind", "etag", "htmlLink"];

/// What moves an event in time, and raises its sequence.
const TIMES: [&str; 3] = ["start", "end", "recurrence"];

/// `POST calendars/{id}/events`
pub(super) fn insert(world: &mut World, call: &Call, id: &str) -> Result<Answer, Refusal> {
    let (calendar, _) = enter_to_write(world, call, id)?;
    let mut body = sent(call)?;
    let named = body.contains_key("id") || body.contains_key("iCalUID");
    let (event, uid) = identity(&body)?;
    let there = world.calendars.get(&calendar).ok_or_else(Refusal::not_found)?;
    let taken = |it: &Stored| !it.cancelled() && text(&it.body, "iCalUID") == uid;
    // What was drawn just now nobody has.
    if named && (there.events.contains_key(&event) || there.events.values().any(taken)) {
        return Err(Refusal::duplicate());
    }
    let (zone, primary) = (there.zone.clone(), there.primary);
    for key in FIXED {
        body.remove(key);
    }
    body.insert("id".into(), json!(event));
    body.insert("iCalUID".into(), json!(uid));
    body.insert("creator".into(), json!({"email": call.user}));
    body.insert("organizer".into(), organizer(world, &calendar));
    body.entry("sequence").or_insert_with(|| json!(0));
    if call.counted {
        event_type::may_insert(&body, primary)?;
    }
    leave_unsupported(call, None, &mut body);
    check::event(&mut body, &zone)?;
    guests::check_updates(call)?;
    world.put(&calendar, body.clone(), call.now, true);
    guests::mail(world, call, &calendar, None, &body)?;
    guests::spread(world, call, &calendar, None, &body);
    shown(world, call, &calendar, &event)
}

/// `PUT` and `PATCH calendars/{id}/events/{event}`
pub(super) fn change(world: &mut World, call: &Call, id: &str, event: &str) -> Result<Answer, Refusal> {
    let (calendar, role) = enter_to_write(world, call, id)?;
    let (there, _) = enter(world, call, id)?;
    let zone = there.zone.clone();
    let old = event_of(there, event).ok_or_else(Refusal::not_found)?;
    read::check_private(role, &old)?;
    call.check_match(&old.etag())?;
    guests::check_updates(call)?;
    let sent = sent(call)?;
    let mut new = if call.method == "PUT" { replaced(&old.body, sent)? } else { merged(&old.body, sent) };
    leave_unsupported(call, Some(&old.body), &mut new);
    check::event(&mut new, &zone)?;
    if call.counted {
        event_type::may_change(&old.body, &new)?;
    }
    if text(&new, "status") == "cancelled" && !old.cancelled() {
        remove::cancel(world, call, &calendar, &old)?;
        return shown(world, call, &calendar, event);
    }
    guests::guard(&calendar, &old.body, &new)?;
    save(world, call, &calendar, &old, new)?;
    shown(world, call, &calendar, event)
}

fn save(world: &mut World, call: &Call, calendar: &str, old: &Stored, mut new: Body) -> Result<(), Refusal> {
    let moved = TIMES.iter().any(|key| old.body.get(*key) != new.get(*key));
    if moved {
        let sequence = new.get("sequence").and_then(Value::as_u64).unwrap_or_default();
        let before = old.body.get("sequence").and_then(Value::as_u64).unwrap_or_default();
        new.insert("sequence".into(), json!(sequence.max(before + 1)));
    }
    // A change of reminders alone leaves the time of the last change as it is.
    let quiet = same_but(&old.body, &new, "reminders");
    world.put(calendar, new.clone(), call.now, !quiet);
    if moved && recurs(&old.body) {
        drop_orphans(world, call, &new);
    }
    guests::mail(world, call, calendar, Some(&old.body), &new)?;
    guests::spread(world, call, calendar, Some(&old.body), &new);
    inheritance::follow(world, call, calendar, &old.body, &new);
    Ok(())
}

/// Exceptions go when their series no longer has the occurrence they stand for, on the
/// calendars of guests too.
fn drop_orphans(world: &mut World, call: &Call, master: &Body) {
    let series = Series::of(master);
    let id = text(master, "id");
    let stays = |exception: &str| {
        let stamp = exception.rsplit_once('_').map(|(_, stamp)| stamp);
        series.as_ref().zip(stamp).is_some_and(|(series, stamp)| series.at(stamp).is_some())
    };
    let same = |stored: &Stored| text(&stored.body, "iCalUID") == text(master, "iCalUID");
    let copies = world.calendars.values().filter(|it| it.events.get(id).is_some_and(same));
    let orphans: Vec<(String, String)> = copies
        .flat_map(|it| it.exceptions(id).into_iter().map(|exception| (it.id.clone(), exception)))
        .filter(|(_, exception)| !stays(exception))
        .collect();
    for (calendar, orphan) in orphans {
        remove::cancel_in(world, &calendar, &orphan, call.now);
    }
}

pub(super) fn shown(world: &World, call: &Call, calendar: &str, event: &str) -> Result<Answer, Refusal> {
    let (there, role) = enter(world, call, calendar)?;
    let stored = event_of(there, event).ok_or_else(Refusal::not_found)?;
    Ok(Answer::of(viewer(there, role, call)?.show(&stored)))
}

/// The organizer of what is made on this calendar.
pub(super) fn organizer(world: &World, calendar: &str) -> Value {
    match world.calendars.get(calendar) {
        Some(there) if !there.primary => json!({"email": calendar, "displayName": there.summary}),
        _ => json!({"email": calendar}),
    }
}

/// The event of a request, without what this Google has only shown.
pub(super) fn sent(call: &Call) -> Result<Body, Refusal> {
    let mut body = match &call.body {
        Value::Object(body) => body.clone(),
        Value::Null => Body::new(),
        _ => return Err(Refusal::global(400, "parseError", "Parse Error")),
    };
    body.retain(|key, _| !SHOWN.contains(&key.as_str()));
    Ok(body)
}

/// Id and iCalUID of a new event: one is the client's, or neither.
fn identity(body: &Body) -> Result<(String, String), Refusal> {
    let (id, uid) = (text(body, "id"), text(body, "iCalUID"));
    let fresh = || dice::trace() + &dice::trace();
    match (id.is_empty(), uid.is_empty()) {
        (false, false) => Err(Refusal::invalid("Only one of id and iCalUID can be given.")),
        (true, false) => Ok((fresh(), uid.to_owned())),
        (true, true) => {
            let id = fresh();
            Ok((id.clone(), format!("{id}@google.com")))
        }
        (false, true) => {
            let base32hex = |it: char| matches!(it, 'a'..='v' | '0'..='9');
            if !(5..=1024).contains(&id.len()) || !id.chars().all(base32hex) {
                return Err(Refusal::invalid("Invalid resource id value."));
            }
            Ok((id.to_owned(), format!("{id}@google.com")))
        }
    }
}

/// PUT: all that is not sent is reset.
fn replaced(old: &Body, mut new: Body) -> Result<Body, Refusal> {
    let sequence = |body: &Body| body.get("sequence").and_then(Value::as_u64);
    let before = sequence(old).unwrap_or_default();
    if sequence(&new).is_some_and(|it| it < before) {
        return Err(Refusal::invalid(
            "Invalid sequence value. The specified sequence number is below the current sequence number of \
             the resource. Re-fetch the resource and use its sequence number on the following request.",
        ));
    }
    new.entry("sequence").or_insert_with(|| json!(before));
    if !new.contains_key("eventType") {
        new.extend(old.get("eventType").map(|kind| ("eventType".to_owned(), kind.clone())));
    }
    keep_omitted(old, &mut new);
    keep_fixed(old, &mut new);
    Ok(new)
}

/// PATCH: objects are merged, everything else is replaced, null clears.
fn merged(old: &Body, mut patch: Body) -> Body {
    keep_omitted(old, &mut patch);
    let mut new = old.clone();
    merge(&mut new, patch);
    keep_fixed(old, &mut new);
    new
}

fn merge(into: &mut Body, patch: Body) {
    for (key, value) in patch {
        match (into.get_mut(&key), value) {
            (Some(Value::Object(inner)), Value::Object(patch)) => merge(inner, patch),
            (_, Value::Null) => drop(into.remove(&key)),
            (_, value) => drop(into.insert(key, value)),
        }
    }
}

fn keep_fixed(old: &Body, new: &mut Body) {
    for key in FIXED {
        new.remove(key);
        new.extend(old.get(key).map(|value| (key.to_owned(), value.clone())));
    }
}

/// `attendeesOmitted` says that the list is a part: the others stay.
fn keep_omitted(old: &Body, new: &mut Body) {
    if new.remove("attendeesOmitted") != Some(json!(true)) {
        return;
    }
    let sent = guests::attendees(new);
    let others = old.get("attendees").and_then(Value::as_array).cloned().unwrap_or_default();
    let others = others.into_iter().filter(|it| !sent.contains(&guests::address(it)));
    match new.get_mut("attendees").and_then(Value::as_array_mut) {
        Some(list) => list.extend(others),
        None => drop(new.insert("attendees".into(), others.collect())),
    }
}

/// A client that does not say it knows conferences or attachments does not touch them.
fn leave_unsupported(call: &Call, old: Option<&Body>, new: &mut Body) {
    let conferences = call.one("conferenceDataVersion") == Some("1");
    let attachments = call.one("supportsAttachments") == Some("true");
    for (key, known) in [("conferenceData", conferences), ("attachments", attachments)] {
        if !known {
            new.remove(key);
            new.extend(old.and_then(|old| old.get(key)).map(|value| (key.to_owned(), value.clone())));
        }
    }
}

fn same_but(old: &Body, new: &Body, key: &str) -> bool {
    let (mut old, mut new) = (old.clone(), new.clone());
    let changed = old.remove(key) != new.remove(key);
    changed && old == new && home(&old) == home(&new)
}
