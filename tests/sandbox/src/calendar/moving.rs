//! `events.move`: another calendar becomes the organizer, under the same id.

use serde_json::{Map, json};

use super::call::{Answer, Call};
use super::guests;
use super::read::{enter, enter_to_write, event_of};
use super::refusal::Refusal;
use super::store::{Body, Stored, World, home, text};
use super::write::{organizer, shown};

/// `POST calendars/{id}/events/{event}/move?destination=`
pub(super) fn to(world: &mut World, call: &Call, id: &str, event: &str) -> Result<Answer, Refusal> {
    let (source, _) = enter_to_write(world, call, id)?;
    let missing = || Refusal::required("Required parameter: destination").at("parameter", "destination");
    let (destination, _) = enter_to_write(world, call, call.one("destination").ok_or_else(missing)?)?;
    let (there, _) = enter(world, call, id)?;
    let old = event_of(there, event).filter(|it| !it.cancelled()).ok_or_else(Refusal::not_found)?;
    may_move(&old.body, &source)?;
    call.check_match(&old.etag())?;
    guests::check_updates(call)?;
    if source == destination {
        return shown(world, call, &source, event);
    }
    let taken = world.calendars.get(&destination).and_then(|it| it.events.get(event));
    if taken.is_some_and(|it| !it.cancelled()) {
        return Err(Refusal::duplicate());
    }
    for exception in there_exceptions(world, &source, event) {
        carry(world, call, &exception, &source, &destination);
    }
    let new = carry(world, call, &old, &source, &destination);
    guests::mail(world, call, &destination, Some(&old.body), &new)?;
    guests::spread(world, call, &destination, None, &new);
    shown(world, call, &destination, event)
}

fn may_move(body: &Body, source: &str) -> Result<(), Refusal> {
    if text(body, "eventType") != "default" {
        return Err(Refusal::event_type("Only events of type 'default' can be moved."));
    }
    if body.contains_key("recurringEventId") {
        let message = "Cannot change the organizer of an instance.";
        return Err(Refusal::calendar(403, "cannotChangeOrganizerOfInstance", message));
    }
    if home(body) != source {
        let message = "The organizer of the event can only be changed by the organizer.";
        return Err(Refusal::calendar(403, "cannotChangeOrganizer", message));
    }
    Ok(())
}

fn there_exceptions(world: &World, calendar: &str, event: &str) -> Vec<Stored> {
    let Some(there) = world.calendars.get(calendar) else {
        return Vec::new();
    };
    there.exceptions(event).iter().filter_map(|id| there.events.get(id)).cloned().collect()
}

/// Puts an event where it goes, and leaves a cancelled one with nothing but its id.
fn carry(world: &mut World, call: &Call, stored: &Stored, source: &str, destination: &str) -> Body {
    let mut new = stored.body.clone();
    new.insert("organizer".into(), organizer(world, destination));
    world.put(destination, new.clone(), call.now, true);
    if !guests::attendees(&new).contains(source) {
        let mut left = Map::new();
        for key in ["id", "recurringEventId", "originalStartTime", "eventType"] {
            left.extend(stored.body.get(key).map(|it| (key.to_owned(), it.clone())));
        }
        left.insert("status".into(), json!("cancelled"));
        world.put(source, left, call.now, true);
    }
    new
}
