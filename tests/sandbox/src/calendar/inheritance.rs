//! Exceptions follow their series in all that they do not say otherwise themselves.

use super::call::Call;
use super::guests;
use super::store::{Body, Stored, World, text};

/// What an exception has of its own, whatever it says.
const OWN: [&str; 13] = [
    "created",
    "creator",
    "end",
    "iCalUID",
    "id",
    "organizer",
    "originalStartTime",
    "recurrence",
    "recurringEventId",
    "sequence",
    "start",
    "status",
    "updated",
];

/// Brings a change of a series to its exceptions, and theirs to the guests.
pub(super) fn follow(world: &mut World, call: &Call, calendar: &str, old: &Body, new: &Body) {
    let Some(there) = world.calendars.get(calendar) else {
        return;
    };
    let exceptions = there.exceptions(text(new, "id"));
    let live: Vec<Stored> = exceptions
        .iter()
        .filter_map(|id| there.events.get(id))
        .filter(|stored| !stored.cancelled())
        .cloned()
        .collect();
    for stored in live {
        let body = followed(&stored.body, old, new);
        if body != stored.body {
            world.put(calendar, body.clone(), call.now, true);
            guests::spread(world, call, calendar, Some(&stored.body), &body);
        }
    }
}

fn followed(exception: &Body, old: &Body, new: &Body) -> Body {
    let mut body = exception.clone();
    for key in old.keys().chain(new.keys()).filter(|key| !OWN.contains(&key.as_str())) {
        if exception.get(key) == old.get(key) {
            body.remove(key);
            body.extend(new.get(key).map(|value| (key.clone(), value.clone())));
        }
    }
    body
}
