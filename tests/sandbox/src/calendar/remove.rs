//! `events.delete`, and what is left: a deleted event keeps its id and answers to it.

use std::time::Duration;

use serde_json::json;

use super::call::{Answer, Call};
use super::guests;
use super::read::{check_private, enter, enter_to_write, event_of};
use super::refusal::Refusal;
use super::store::{Stored, World, home, text};

/// `DELETE calendars/{id}/events/{event}`
pub(super) fn delete(world: &mut World, call: &Call, id: &str, event: &str) -> Result<Answer, Refusal> {
    let (calendar, role) = enter_to_write(world, call, id)?;
    let (there, _) = enter(world, call, id)?;
    let old = event_of(there, event).ok_or_else(Refusal::not_found)?;
    check_private(role, &old)?;
    if old.cancelled() {
        return Err(Refusal::deleted());
    }
    call.check_match(&old.etag())?;
    guests::check_updates(call)?;
    cancel(world, call, &calendar, &old)?;
    Ok(Answer::empty(204))
}

/// Cancels an event for everybody, or a guest's copy of it, which declines.
pub(super) fn cancel(world: &mut World, call: &Call, calendar: &str, old: &Stored) -> Result<(), Refusal> {
    let id = text(&old.body, "id").to_owned();
    let organizer = home(&old.body).to_owned();
    cancel_in(world, calendar, &id, call.now);
    let mut gone = old.body.clone();
    gone.insert("status".into(), json!("cancelled"));
    guests::mail(world, call, calendar, Some(&old.body), &gone)?;
    if organizer == calendar {
        guests::spread(world, call, calendar, Some(&old.body), &gone);
    } else {
        decline(world, call, &organizer, &id, calendar);
    }
    Ok(())
}

/// Tells the organizer's copy, and through it the others, that a guest does not come.
fn decline(world: &mut World, call: &Call, organizer: &str, id: &str, guest: &str) {
    let theirs = world.calendars.get(organizer).and_then(|it| event_of(it, id));
    let Some(theirs) = theirs.filter(|it| !it.cancelled()) else {
        return;
    };
    let body = guests::answered(&theirs.body, guest, "declined");
    if body == theirs.body {
        return;
    }
    world.put(organizer, body.clone(), call.now, true);
    if call.counted {
        world.counters.guest_calendars += 1;
    }
    guests::spread(world, call, organizer, Some(&theirs.body), &body);
}

/// Cancels an event on one calendar, a series with its exceptions. Whether it was there.
pub(super) fn cancel_in(world: &mut World, calendar: &str, id: &str, now: Duration) -> bool {
    let Some(there) = world.calendars.get(calendar) else {
        return false;
    };
    let Some(live) = event_of(there, id).filter(|it| !it.cancelled()) else {
        return false;
    };
    for exception in there.exceptions(id) {
        cancel_in(world, calendar, &exception, now);
    }
    let mut body = live.body;
    body.insert("status".into(), json!("cancelled"));
    world.put(calendar, body, now, true).is_some()
}
