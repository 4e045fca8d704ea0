//! `events.list`, whole and incremental. Pages go by key, so that what changes meanwhile is
//! never lost: it is in the next incremental list, which begins where this one began.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::moment::{Moment, zone_or_utc};
use super::query::{Order, Query};
use super::read::{enter, instance, instance_id, recurs, viewer};
use super::refusal::Refusal;
use super::series::Series;
use super::store::{self, Calendar, Role, Stored, World, text};
use super::token::{self, PageToken, SyncToken};

/// What must be the same in every incremental list as in the first one.
const OF_SYNC: [&str; 4] = ["eventTypes", "maxAttendees", "showHiddenInvitations", "singleEvents"];

/// What must be the same on every page.
const OF_PAGE: [&str; 13] = [
    "eventTypes",
    "iCalUID",
    "maxAttendees",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "showDeleted",
    "showHiddenInvitations",
    "singleEvents",
    "timeMax",
    "timeMin",
    "updatedMin",
];

type Row<'a> = (String, Cow<'a, Stored>);

/// `GET calendars/{id}/events`
pub(super) fn events(world: &World, call: &Call, id: &str) -> Result<Answer, Refusal> {
    let (calendar, role) = enter(world, call, id)?;
    let query = Query::read(call)?;
    let reach = store::instant(call.now.saturating_sub(world.policy.updated_min_reach));
    if query.updated_min.is_some_and(|min| min < reach) {
        return Err(Refusal::too_long_ago());
    }
    let at = place(world, calendar, call)?;
    let viewer = viewer(calendar, role, call)?;
    let size = size(world, call, at.page)?;
    let mut rows = rows(calendar, &query, at.since);
    rows.retain(|(key, _)| *key > at.after);
    rows.sort_by(|one, two| one.0.cmp(&two.0));
    let more = rows.len() > size;
    rows.truncate(size);
    let show = |stored: &Stored| match at.since {
        Some(_) => viewer.show_change(stored, world.policy.tombstones),
        None => viewer.show(stored),
    };
    let items: Vec<Value> = rows.iter().map(|(_, stored)| show(stored)).collect();
    let mut body = envelope(calendar, role, &items);
    if more {
        let after = rows.pop().map_or(at.after.clone(), |(key, _)| key);
        let next = PageToken { after, page: at.page + 1, ..at };
        body["nextPageToken"] = json!(token::written(&next));
    } else if query.ends_with_token() {
        body["nextSyncToken"] = json!(token::written(&next_sync(call, at)));
    }
    Ok(Answer::of(body))
}

fn next_sync(call: &Call, at: PageToken) -> SyncToken {
    SyncToken {
        of: at.of,
        epoch: at.epoch,
        since: at.from,
        parameters: token::parameters(call, &OF_SYNC),
        given: call.now.as_secs(),
    }
}

/// Where this page begins.
fn place(world: &World, calendar: &Calendar, call: &Call) -> Result<PageToken, Refusal> {
    let of = format!("{} {}", calendar.id, call.user);
    let parameters = token::parameters(call, &OF_PAGE);
    if let Some(page) = token::page_token(call, &of, &parameters)? {
        return if page.epoch == calendar.epoch { Ok(page) } else { Err(Refusal::full_sync()) };
    }
    let since = token::sync_token(call)?.map(|it| since(world, calendar, call, &of, &it)).transpose()?;
    let (epoch, from, after) = (calendar.epoch, calendar.change, String::new());
    Ok(PageToken { of, epoch, since, from, after, page: 0, parameters })
}

fn since(
    world: &World,
    calendar: &Calendar,
    call: &Call,
    of: &str,
    token: &SyncToken,
) -> Result<u64, Refusal> {
    let malformed = |message: &str| Refusal::global(400, "badRequest", message).at("parameter", "syncToken");
    if token.of != of {
        return Err(malformed("Invalid sync token value."));
    }
    if token.parameters != token::parameters(call, &OF_SYNC) {
        return Err(malformed("The sync token was given for other parameters."));
    }
    let age = call.now.saturating_sub(Duration::from_secs(token.given));
    if token.epoch != calendar.epoch || age > world.policy.sync_token_lifetime {
        return Err(Refusal::full_sync());
    }
    Ok(token.since)
}

/// How many items this page has.
fn size(world: &World, call: &Call, page: usize) -> Result<usize, Refusal> {
    let asked = call.page_size()?;
    Ok(match (world.policy.short_pages, page % 3) {
        (false, _) => asked,
        (true, 1) => 0,
        (true, _) => asked.div_ceil(2),
    })
}

fn rows<'a>(calendar: &'a Calendar, query: &Query<'_>, since: Option<u64>) -> Vec<Row<'a>> {
    let home = zone_or_utc(&calendar.zone);
    let mut rows = Vec::new();
    for stored in calendar.events.values() {
        let listed = match since {
            Some(since) => stored.change > since,
            None => !stored.cancelled() || shows_cancelled(calendar, query, stored),
        };
        if !listed {
            continue;
        }
        if query.single && recurs(&stored.body) {
            expand(calendar, query, stored, &mut rows);
        } else if query.takes(stored, &home) {
            rows.push((key(query, stored), Cow::Borrowed(stored)));
        }
    }
    rows
}

/// Whether a whole list has this deleted event.
fn shows_cancelled(calendar: &Calendar, query: &Query<'_>, stored: &Stored) -> bool {
    if query.show_deleted || query.updated_min.is_some() {
        return true;
    }
    let master = calendar.events.get(text(&stored.body, "recurringEventId"));
    !query.single && master.is_some_and(|master| !master.cancelled())
}

fn expand<'a>(calendar: &'a Calendar, query: &Query<'_>, master: &Stored, rows: &mut Vec<Row<'a>>) {
    let home = zone_or_utc(&calendar.zone);
    let Some(series) = Series::of(&master.body) else {
        return;
    };
    let id = text(&master.body, "id");
    for (start, end) in series.occurrences(query.bound()) {
        if calendar.events.contains_key(&instance_id(id, &start)) || !query.overlaps(&start, &end, &home) {
            continue;
        }
        let untouched = instance(master, &start, &end);
        if query.takes(&untouched, &home) {
            rows.push((key(query, &untouched), Cow::Owned(untouched)));
        }
    }
}

/// What the list is ordered by.
fn key(query: &Query<'_>, stored: &Stored) -> String {
    let id = text(&stored.body, "id");
    match query.order {
        Order::Id => id.to_owned(),
        Order::Updated => format!("{} {id}", text(&stored.body, "updated")),
        Order::Start => {
            let start = Moment::stored(stored.body.get("start"));
            let second = start.map_or(0, |it| it.instant(&jiff::tz::TimeZone::UTC).as_second());
            format!("{:020} {id}", second.saturating_add(1 << 40))
        }
    }
}

pub(super) fn envelope(calendar: &Calendar, role: Role, items: &[Value]) -> Value {
    json!({
        "kind": "calendar#events",
        "etag": format!("\"p{}\"", 3_500_000_000_000_000 + calendar.change),
        "summary": calendar.summary,
        "description": "",
        "updated": store::stamp(calendar.updated),
        "timeZone": calendar.zone,
        "accessRole": role.name(),
        "defaultReminders": [{"method": "popup", "minutes": 10}],
        "items": items,
    })
}
