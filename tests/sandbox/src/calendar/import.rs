//! `events.import`: a private copy of an event that lives elsewhere, by its iCalUID.

use serde_json::json;

use super::call::{Answer, Call};
use super::check;
use super::guests;
use super::read::enter_to_write;
use super::refusal::Refusal;
use super::store::{Stored, World, text};
use super::write::{organizer, sent, shown};
use crate::dice;

/// `POST calendars/{id}/events/import`. Nobody is told, and no guest gets a copy.
pub(super) fn import(world: &mut World, call: &Call, id: &str) -> Result<Answer, Refusal> {
    let (calendar, _) = enter_to_write(world, call, id)?;
    let mut body = sent(call)?;
    let uid = text(&body, "iCalUID").to_owned();
    if uid.is_empty() {
        return Err(Refusal::required("Missing iCalUID."));
    }
    let there = world.calendars.get(&calendar).ok_or_else(Refusal::not_found)?;
    let zone = there.zone.clone();
    let known = there.events.values().find(|it| text(&it.body, "iCalUID") == uid && is_whole(it));
    let event = known.map_or_else(|| dice::trace() + &dice::trace(), |it| text(&it.body, "id").to_owned());
    for key in ["created", "updated", "recurringEventId", "originalStartTime"] {
        body.remove(key);
    }
    body.insert("id".into(), json!(event));
    // Whatever it was elsewhere.
    body.insert("eventType".into(), json!("default"));
    body.insert("creator".into(), json!({"email": call.user}));
    if body.get("organizer").is_none_or(|it| it.get("email").is_none()) {
        body.insert("organizer".into(), organizer(world, &calendar));
    }
    body.entry("sequence").or_insert_with(|| json!(0));
    check::event(&mut body, &zone)?;
    if guests::address(&body["organizer"]) != calendar {
        body.insert("privateCopy".into(), json!(true));
    }
    world.put(&calendar, body, call.now, true).ok_or_else(Refusal::not_found)?;
    shown(world, call, &calendar, &event)
}

/// Not an instance of a series.
fn is_whole(stored: &Stored) -> bool {
    !stored.body.contains_key("recurringEventId")
}
