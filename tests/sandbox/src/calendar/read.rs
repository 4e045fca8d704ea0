//! Finding events: the calendar a caller may enter, the event by its id, and an instance of a
//! series that nobody has touched, which exists only by its id.

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::moment::{Moment, zone};
use super::refusal::Refusal;
use super::series::Series;
use super::show::Viewer;
use super::store::{Body, Calendar, Role, Stored, World, text};

/// `GET calendars/{id}/events/{event}`
pub(super) fn get(world: &World, call: &Call, id: &str, event: &str) -> Result<Answer, Refusal> {
    let (calendar, role) = enter(world, call, id)?;
    let stored = event_of(calendar, event).ok_or_else(Refusal::not_found)?;
    if call.if_none_match.as_deref() == Some(stored.etag().as_str()) {
        return Ok(Answer::empty(304));
    }
    Ok(Answer::of(viewer(calendar, role, call)?.show(&stored)))
}

/// The calendar of a path, and what the caller may do there. Closed ones do not exist.
pub(super) fn enter<'a>(world: &'a World, call: &Call, id: &str) -> Result<(&'a Calendar, Role), Refusal> {
    let id = if id == "primary" { call.user.as_str() } else { id };
    let calendar = world.calendars.get(id).ok_or_else(Refusal::not_found)?;
    let role = calendar.role(&call.user).ok_or_else(Refusal::not_found)?;
    Ok((calendar, role))
}

/// As [`enter`], for those who may write there; the calendar's id.
pub(super) fn enter_to_write(world: &World, call: &Call, id: &str) -> Result<(String, Role), Refusal> {
    let (calendar, role) = enter(world, call, id)?;
    if role.writes() { Ok((calendar.id.clone(), role)) } else { Err(Refusal::writer_needed()) }
}

/// Who may not see a private event may not change it.
pub(super) fn check_private(role: Role, stored: &Stored) -> Result<(), Refusal> {
    let private = matches!(text(&stored.body, "visibility"), "private" | "confidential");
    if private && !role.sees_private() { Err(Refusal::global(403, "forbidden", "Forbidden")) } else { Ok(()) }
}

/// How this caller sees this calendar's events.
pub(super) fn viewer<'a>(calendar: &'a Calendar, role: Role, call: &Call) -> Result<Viewer<'a>, Refusal> {
    let unknown = || Refusal::parameter("timeZone", "Invalid time zone.");
    let name = call.one("timeZone").unwrap_or(&calendar.zone);
    let shown = zone(name).ok_or_else(unknown)?;
    Ok(Viewer { calendar, role, shown, most_attendees: call.number("maxAttendees")? })
}

/// An event as stored, or an untouched instance of a series.
pub(super) fn event_of(calendar: &Calendar, id: &str) -> Option<Stored> {
    calendar.events.get(id).cloned().or_else(|| untouched(calendar, id))
}

fn untouched(calendar: &Calendar, id: &str) -> Option<Stored> {
    let (master, stamp) = id.rsplit_once('_')?;
    let master = calendar.events.get(master)?;
    let (start, end) = Series::of(&master.body)?.at(stamp)?;
    Some(instance(master, &start, &end))
}

/// The instance of a series at this occurrence, as long as it is no exception.
pub(super) fn instance(master: &Stored, start: &Moment, end: &Moment) -> Stored {
    let mut body = master.body.clone();
    body.remove("recurrence");
    let id = instance_id(text(&master.body, "id"), start);
    body.insert("recurringEventId".into(), json!(text(&master.body, "id")));
    body.insert("originalStartTime".into(), start.write(None));
    body.insert("start".into(), start.write(None));
    body.insert("end".into(), end.write(None));
    body.insert("id".into(), json!(id));
    Stored { body, ..*master }
}

pub(super) fn instance_id(master: &str, start: &Moment) -> String {
    format!("{master}_{}", start.stamp())
}

/// Whether an event stands for a series.
pub(super) fn recurs(body: &Body) -> bool {
    body.get("recurrence").and_then(Value::as_array).is_some_and(|lines| !lines.is_empty())
}
