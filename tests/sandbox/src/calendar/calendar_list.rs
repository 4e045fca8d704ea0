//! `calendarList.list` and `.get`, and `calendars.get`.

use std::time::Duration;

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::read::enter;
use super::refusal::Refusal;
use super::store::{Calendar, Entry, Role, World, etag};
use super::token::{self, PageToken, SyncToken};

const MOST_RESULTS: usize = 250;
const OF_LIST: [&str; 4] = ["minAccessRole", "showDeleted", "showHidden", "showOwnOrganizationOnly"];

/// `GET users/me/calendarList`
pub(super) fn list(world: &World, call: &Call) -> Result<Answer, Refusal> {
    let at = place(world, call)?;
    let wanted = Wanted::read(call, at.since)?;
    let size = call.number("maxResults")?.unwrap_or(100).min(MOST_RESULTS);
    let lines = world.lists.get(&call.user);
    let mut rest = lines
        .into_iter()
        .flatten()
        .filter(|(id, entry)| id.as_str() > at.after.as_str() && wanted.takes(world, call, id, entry))
        .peekable();
    let mut items: Vec<Value> = Vec::new();
    let mut last = String::new();
    while let Some((id, entry)) = rest.next_if(|_| items.len() < size) {
        items.push(line(world, call, id, *entry));
        last.clone_from(id);
    }
    let mut body =
        json!({"kind": "calendar#calendarList", "etag": format!("\"p{}\"", at.from), "items": items});
    if rest.peek().is_some() {
        body["nextPageToken"] = json!(token::written(&PageToken { after: last, ..at }));
    } else {
        let parameters = String::new();
        let given = call.now.as_secs();
        let next = SyncToken { of: at.of, epoch: at.epoch, since: at.from, parameters, given };
        body["nextSyncToken"] = json!(token::written(&next));
    }
    Ok(Answer::of(body))
}

struct Wanted {
    since: Option<u64>,
    least: Option<Role>,
    hidden: bool,
    deleted: bool,
}

impl Wanted {
    fn read(call: &Call, since: Option<u64>) -> Result<Self, Refusal> {
        let unknown = || Refusal::parameter("minAccessRole", "Invalid string value.");
        let least =
            call.one("minAccessRole").map(|name| Role::named(name).ok_or_else(unknown)).transpose()?;
        Ok(Self { since, least, hidden: call.flag("showHidden")?, deleted: call.flag("showDeleted")? })
    }

    fn takes(&self, world: &World, call: &Call, id: &str, entry: &Entry) -> bool {
        if let Some(since) = self.since {
            return entry.change > since;
        }
        let role = world.calendars.get(id).and_then(|it| it.role(&call.user));
        let enough = self.least.is_none_or(|least| role.is_some_and(|role| role >= least));
        enough && (self.hidden || !entry.hidden) && (self.deleted || !entry.deleted)
    }
}

fn place(world: &World, call: &Call) -> Result<PageToken, Refusal> {
    let of = format!("calendars of {}", call.user);
    let parameters = token::parameters(call, &OF_LIST);
    if let Some(page) = token::page_token(call, &of, &parameters)? {
        return Ok(page);
    }
    let malformed = |message: &str| Refusal::global(400, "badRequest", message).at("parameter", "syncToken");
    let mut since = None;
    if let Some(token) = token::sync_token(call)? {
        if call.one("minAccessRole").is_some() || call.one("showOwnOrganizationOnly").is_some() {
            return Err(malformed("Sync token cannot be combined with other filters."));
        }
        if token.of != of {
            return Err(malformed("Invalid sync token value."));
        }
        let age = call.now.saturating_sub(Duration::from_secs(token.given));
        if age > world.policy.sync_token_lifetime || token.epoch != world.list_epoch {
            return Err(Refusal::full_sync());
        }
        since = Some(token.since);
    }
    let (epoch, from, after) = (world.list_epoch, world.ticks(), String::new());
    Ok(PageToken { of, epoch, since, from, after, page: 0, parameters })
}

/// `GET users/me/calendarList/{id}`
pub(super) fn entry(world: &World, call: &Call, id: &str) -> Result<Answer, Refusal> {
    let (calendar, _) = enter(world, call, id)?;
    let entry = world.lists.get(&call.user).and_then(|list| list.get(&calendar.id));
    let entry = entry.filter(|it| !it.deleted).ok_or_else(Refusal::not_found)?;
    Ok(Answer::of(line(world, call, &calendar.id, *entry)))
}

/// `GET calendars/{id}`
pub(super) fn calendar(world: &World, call: &Call, id: &str) -> Result<Answer, Refusal> {
    let (calendar, _) = enter(world, call, id)?;
    Ok(Answer::of(json!({
        "kind": "calendar#calendar",
        "etag": etag(calendar.epoch),
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.zone,
        "dataOwner": calendar.owner,
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    })))
}

/// A line of the list. Of a calendar that is gone or closed, only that.
fn line(world: &World, call: &Call, id: &str, entry: Entry) -> Value {
    let mut line = json!({"kind": "calendar#calendarListEntry", "etag": etag(entry.change), "id": id});
    let open = world.calendars.get(id).and_then(|it| Some((it, it.role(&call.user)?)));
    match open {
        Some((calendar, role)) if !entry.deleted => describe(&mut line, calendar, role),
        _ => line["deleted"] = json!(true),
    }
    if entry.hidden {
        line["hidden"] = json!(true);
    }
    line
}

fn describe(line: &mut Value, calendar: &Calendar, role: Role) {
    line["summary"] = json!(calendar.summary);
    line["timeZone"] = json!(calendar.zone);
    line["accessRole"] = json!(role.name());
    line["selected"] = json!(true);
    line["colorId"] = json!("14");
    line["backgroundColor"] = json!("#9fe1e7");
    line["foregroundColor"] = json!("#000000");
    line["defaultReminders"] = json!([{"method": "popup", "minutes": 10}]);
    line["conferenceProperties"] = json!({"allowedConferenceSolutionTypes": ["hangoutsMeet"]});
    if calendar.primary && role == Role::Owner {
        line["primary"] = json!(true);
    } else {
        line["dataOwner"] = json!(calendar.owner);
    }
}
