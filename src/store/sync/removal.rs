//! What was made for an account in a calendar, and what becomes of it when all of
//! that is to be removed. A page and the run that does it read it here, as with
//! taking a run back.
//!
//! An event is ours when its identity is the one that its pair derives; a record,
//! when our user of the CRM has made it. What was there before us, on both sides,
//! is not listed.

use std::collections::BTreeMap;

use postern_core::model::id::{AccountId, PairId};
use postern_core::plan::calendar::admit::over;
use postern_core::plan::calendar::entry::{self, Entity, Habits};
use postern_core::plan::calendar::event_id::Marker;
use postern_core::plan::calendar::people::touched;
use postern_core::plan::link::Side;
use postern_core::plan::record::Field;
use postern_core::plan::removal::remove;
use postern_core::plan::seen::{Seen, Standing};
use postern_core::plan::undo::{Left, Undoing, Why};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::calendar_users::{self, Kind};
use super::calendars::Calendar;
use super::links::{self, Link, Row};
use super::owners;
use super::taken_back::{self, Part};
use super::{crm_cursors, crm_seen};
use crate::store::error::StoreError;
use crate::store::open::Store;
use crate::store::sql::{Source, fetch_all, statements};

statements! {
    // Those whose side that we may have made is there.
    MADE = "SELECT l.id, l.account_id, l.calendar_id, l.event_id, l.ical_uid, l.entity, l.record_id, l.origin, \
            l.role, l.state, l.generation, l.base_sealed FROM links l WHERE l.calendar_id = $1 AND l.account_id = $2 \
            AND l.role IN ('owner', 'copy') AND l.id > $3 AND ((l.origin = 'crm' AND EXISTS (SELECT 1 FROM google_seen g \
            WHERE g.calendar_id = l.calendar_id AND g.event_id = l.event_id AND g.live = 1)) \
            OR (l.origin = 'google' AND EXISTS (SELECT 1 FROM crm_seen s WHERE s.entity = l.entity \
            AND s.record_id = l.record_id AND s.live = 1))) ORDER BY l.id LIMIT $4";
}

/// Pairs that are read at once, and of how many pages of them anything is told.
const PAGE: i64 = 500;
const PAGES: usize = 40;

/// A calendar of an account.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    /// The calendar.
    pub calendar: &'a Calendar,
    /// Whose.
    pub account: AccountId,
    /// Whether the account may write it; none when it does not see it any more.
    pub writes: Option<bool>,
    /// The identity of this installation.
    pub installation: &'a str,
}

/// By pair, in the order of their making, until `most` acts are found.
///
/// # Errors
/// When the database does not answer, or something sealed does not open.
pub async fn of_calendar(
    store: &Store,
    on: &mut impl Source,
    at: At<'_>,
    most: usize,
) -> Result<Vec<Part>, StoreError> {
    let common = Common { shared: shared(on, at).await?, us: us(on).await? };
    let (mut parts, mut after, mut acts) = (Vec::new(), Uuid::nil(), 0);
    for _ in 0..PAGES {
        let rows: Vec<Row> = fetch_all!(on, Row, MADE, at.calendar.id.0, at.account.0, after, PAGE)?;
        let page = links::opened(store, rows)?;
        let Some(last) = page.last() else { break };
        after = last.id.0;
        for link in page {
            let Some(part) = part(store, on, at, &common, link).await? else { continue };
            acts += part.acts.len();
            if acts > most {
                return Ok(parts);
            }
            parts.push(part);
        }
    }
    Ok(parts)
}

/// What holds for all pairs of a calendar.
struct Common {
    shared: bool,
    /// Our own user of the CRM, by the kind of record, where the CRM has told it.
    us: BTreeMap<&'static str, String>,
}

async fn us(on: &mut impl Source) -> Result<BTreeMap<&'static str, String>, StoreError> {
    let mut us = BTreeMap::new();
    for entity in Entity::ALL.map(Entity::name) {
        us.extend(crm_cursors::own_user(on, entity).await?.map(|user| (entity, user)));
    }
    Ok(us)
}

async fn shared(on: &mut impl Source, at: At<'_>) -> Result<bool, StoreError> {
    let users = calendar_users::of_calendar(on, at.calendar.id).await?;
    Ok(users.iter().any(|user| user.account != at.account && user.kind != Kind::Leaving))
}

async fn part(
    store: &Store,
    on: &mut impl Source,
    at: At<'_>,
    common: &Common,
    link: Link,
) -> Result<Option<Part>, StoreError> {
    let (side, raw) = (link.origin.other(), record(store, on, &link).await?);
    let us = common.us.get(link.entity.as_str()).map(String::as_str);
    let Some(ours) = ours(at, &link, raw.as_ref(), us) else { return Ok(None) };
    let seen = ours && at.writes.is_some_and(|google| google || side == Side::Crm);
    let undoing = if seen {
        let mut google = taken_back::google(store, on, &link).await?;
        let mut crm = taken_back::crm(store, on, &link).await?;
        let made = if side == Side::Google { &mut google } else { &mut crm };
        let raw = raw.as_ref().zip(us).filter(|_| side == Side::Crm);
        if let Seen::Live(made) = made {
            made.shared |= common.shared || in_view(store, on, &link).await?;
            made.touched |= raw.is_some_and(|(raw, us)| touched(raw, us, &link.people));
        }
        // A copy in Google is no memory of what has been.
        let over = raw.is_some_and(|(raw, _)| has_been(store, &link, raw));
        remove(link.origin, &link.base, (&google, &crm), over)
    } else {
        Undoing { acts: Vec::new(), left: vec![Left { side, field: None, why: Why::Unseen }] }
    };
    let title = link.base.crm.words(Field::Title).to_owned();
    let (id, Undoing { acts, left }) = (PairId(link.id.0), undoing);
    let some = !acts.is_empty() || !left.is_empty();
    Ok(some.then_some(Part { id, link: Some(link), title, acts, left }))
}

// None of what others have made; false when nobody can tell yet.
fn ours(at: At<'_>, link: &Link, raw: Option<&Map<String, Json>>, us: Option<&str>) -> Option<bool> {
    if link.origin == Side::Crm {
        let marker = Marker { pair: link.id.0, generation: link.generation };
        let derived = marker.event_id(at.installation, &at.calendar.google_id);
        return (link.event.as_deref() == Some(derived.as_str())).then_some(true);
    }
    let maker = raw.and_then(|raw| raw.get("createdById")).and_then(Json::as_str);
    match us.zip(maker) {
        Some((us, maker)) => (us == maker).then_some(true),
        None => Some(false),
    }
}

async fn in_view(store: &Store, on: &mut impl Source, link: &Link) -> Result<bool, StoreError> {
    match &link.ical_uid {
        Some(uid) => Ok(owners::view_of(store, on, uid).await?.is_some()),
        None => Ok(false),
    }
}

fn has_been(store: &Store, link: &Link, raw: &Map<String, Json>) -> bool {
    let entry = Entity::parse(&link.entity).and_then(|entity| entry::read(entity, raw, &Habits::default()));
    let now = store.clock().now().div_euclid(1_000_000);
    entry.is_some_and(|entry| {
        entry.standing != Standing::Planned || entry.record.times().is_some_and(|times| over(times, now))
    })
}

async fn record(
    store: &Store,
    on: &mut impl Source,
    link: &Link,
) -> Result<Option<Map<String, Json>>, StoreError> {
    let Some(id) = &link.record else { return Ok(None) };
    let row = crm_seen::get(store, on, &link.entity, id).await?;
    Ok(row.and_then(|row| row.content).and_then(|text| serde_json::from_str(&text).ok()))
}
