//! What is asked for, by path and method, and the scopes that open it.

use super::call::{Answer, Call};
use super::refusal::Refusal;
use super::store::World;
use super::{calendar_list, channel, import, instances, list, moving, read, remove, write};

const AUTH: &str = "https://www.googleapis.com/auth/";

const READ: &[&str] = &[
    "calendar",
    "calendar.readonly",
    "calendar.events",
    "calendar.events.readonly",
    "calendar.events.owned",
    "calendar.events.owned.readonly",
];
const WRITE: &[&str] = &["calendar", "calendar.events", "calendar.events.owned"];
const LIST: &[&str] =
    &["calendar", "calendar.readonly", "calendar.calendarlist", "calendar.calendarlist.readonly"];
const CALENDAR: &[&str] =
    &["calendar", "calendar.readonly", "calendar.calendars", "calendar.calendars.readonly"];

/// The answer. Without `scopes` everything is open: that is a person in Google's own pages.
pub(super) fn answer(world: &mut World, call: &Call, scopes: Option<&[String]>) -> Result<Answer, Refusal> {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    let may = |wanted: &[&str]| open(scopes, wanted, world, call);
    match (call.method.as_str(), path.as_slice()) {
        ("GET", ["users", "me", "calendarList"]) => may(LIST).and_then(|()| calendar_list::list(world, call)),
        ("GET", ["users", "me", "calendarList", id]) => {
            may(LIST).and_then(|()| calendar_list::entry(world, call, id))
        }
        ("GET", ["calendars", id]) => may(CALENDAR).and_then(|()| calendar_list::calendar(world, call, id)),
        ("GET", ["calendars", id, "events"]) => may(READ).and_then(|()| list::events(world, call, id)),
        ("POST", ["calendars", id, "events"]) => may(WRITE).and_then(|()| write::insert(world, call, id)),
        ("POST", ["calendars", id, "events", "import"]) => {
            may(WRITE).and_then(|()| import::import(world, call, id))
        }
        ("POST", ["calendars", id, "events", "watch"]) => {
            may(READ).and_then(|()| channel::watch(world, call, id))
        }
        ("GET", ["calendars", id, "events", event]) => {
            may(READ).and_then(|()| read::get(world, call, id, event))
        }
        ("PUT" | "PATCH", ["calendars", id, "events", event]) => {
            may(WRITE).and_then(|()| write::change(world, call, id, event))
        }
        ("DELETE", ["calendars", id, "events", event]) => {
            may(WRITE).and_then(|()| remove::delete(world, call, id, event))
        }
        ("GET", ["calendars", id, "events", event, "instances"]) => {
            may(READ).and_then(|()| instances::list(world, call, id, event))
        }
        ("POST", ["calendars", id, "events", event, "move"]) => {
            may(WRITE).and_then(|()| moving::to(world, call, id, event))
        }
        ("POST", ["channels", "stop"]) => may(READ).and_then(|()| channel::stop(world, call)),
        _ => Err(Refusal::not_found()),
    }
}

fn open(scopes: Option<&[String]>, wanted: &[&str], world: &World, call: &Call) -> Result<(), Refusal> {
    let Some(scopes) = scopes else {
        return Ok(());
    };
    let held = |name: &str| scopes.iter().any(|scope| scope.strip_prefix(AUTH) == Some(name));
    let fits = |name: &&&str| held(name) && (!name.contains("events.owned") || owned(world, call));
    if wanted.iter().any(|name| fits(&name)) { Ok(()) } else { Err(Refusal::scopes()) }
}

/// `calendar.events.owned` is for calendars the user owns.
fn owned(world: &World, call: &Call) -> bool {
    match call.path.get(1).map(String::as_str) {
        None | Some("primary" | "stop") => true,
        Some(id) => world.calendars.get(id).is_some_and(|it| it.owner == call.user),
    }
}
