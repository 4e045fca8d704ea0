//! `events.instances`: the occurrences of one series, with its exceptions in their places.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::list::envelope;
use super::moment::{Moment, zone_or_utc};
use super::query::Query;
use super::read::{enter, event_of, instance, instance_id, viewer};
use super::refusal::Refusal;
use super::series::Series;
use super::store::{Calendar, Stored, World, text};
use super::token::{self, PageToken};

const OF_PAGE: [&str; 5] = ["maxAttendees", "originalStart", "showDeleted", "timeMax", "timeMin"];

/// `GET calendars/{id}/events/{event}/instances`
pub(super) fn list(world: &World, call: &Call, id: &str, event: &str) -> Result<Answer, Refusal> {
    let (calendar, role) = enter(world, call, id)?;
    let master = event_of(calendar, event).ok_or_else(Refusal::not_found)?;
    let query = Query::read(call)?;
    let of = format!("{} {} {event}", calendar.id, call.user);
    let parameters = token::parameters(call, &OF_PAGE);
    let page = token::page_token(call, &of, &parameters)?;
    let after = page.map(|it| it.after).unwrap_or_default();
    let mut all = occurrences(calendar, &query, &master);
    if let Some(wanted) = call.one("originalStart") {
        all.retain(|_, stored| is_original(stored, wanted));
    }
    let viewer = viewer(calendar, role, call)?;
    let size = call.page_size()?;
    let mut rest = all.into_iter().filter(|(key, _)| *key > after).peekable();
    let mut last = String::new();
    let mut items: Vec<Value> = Vec::new();
    while let Some((key, stored)) = rest.next_if(|_| items.len() < size) {
        items.push(viewer.show(&stored));
        last = key;
    }
    let mut body = envelope(calendar, role, &items);
    if rest.peek().is_some() {
        let (epoch, from) = (calendar.epoch, calendar.change);
        let next = PageToken { of, epoch, since: None, from, after: last, page: 0, parameters };
        body["nextPageToken"] = json!(token::written(&next));
    }
    Ok(Answer::of(body))
}

/// By id, which is by original start.
fn occurrences(calendar: &Calendar, query: &Query<'_>, master: &Stored) -> BTreeMap<String, Stored> {
    let home = zone_or_utc(&calendar.zone);
    let id = text(&master.body, "id");
    let mut all = BTreeMap::new();
    if let Some(series) = Series::of(&master.body) {
        for (start, end) in series.occurrences(query.bound()) {
            if query.overlaps(&start, &end, &home) {
                all.insert(instance_id(id, &start), instance(master, &start, &end));
            }
        }
    }
    for exception in calendar.exceptions(id) {
        let Some(stored) = calendar.events.get(&exception) else {
            continue;
        };
        let shown = query.show_deleted || !stored.cancelled();
        if shown && query.takes(stored, &home) {
            all.insert(exception, stored.clone());
        } else {
            all.remove(&exception);
        }
    }
    if !query.show_deleted {
        all.retain(|_, stored| !stored.cancelled());
    }
    all
}

fn is_original(stored: &Stored, wanted: &str) -> bool {
    let Some(original) = Moment::stored(stored.body.get("originalStartTime")) else {
        return false;
    };
    match wanted.parse::<jiff::Timestamp>() {
        Ok(instant) => !original.is_day() && original.instant(&jiff::tz::TimeZone::UTC) == instant,
        Err(_) => original.is_day() && original.date().to_string() == wanted,
    }
}
