//! What it takes to take a run back, from its journal and from what both sides
//! showed last. A page and the run that does it read it here, so that what was
//! confirmed is found again by its hash.

use std::collections::BTreeMap;

use postern_core::model::id::{AccountId, CalendarId, PairId, RunId};
use postern_core::plan::calendar::entry::{self, Entity, Habits};
use postern_core::plan::calendar::event::{self, Visibility};
use postern_core::plan::link::Side;
use postern_core::plan::seen::Seen;
use postern_core::plan::undo::{Act, Effect, Left, Shown, Undoing, Why, undo};
use serde_json::{Map, Value as Json};

use super::links::{self, Link, Role};
use super::sync_journal::{self, Entry};
use super::{crm_seen, google_seen};
use crate::store::error::StoreError;
use crate::store::open::Store;
use crate::store::sql::Source;

/// Most changes of a run that can be taken back.
pub const MOST: i64 = 2_000;

/// What becomes of a pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Part<L = Link> {
    /// The pair.
    pub id: PairId,
    /// What is known of it; without that nothing is done.
    pub link: Option<L>,
    /// What it is called.
    pub title: String,
    /// What is to be done.
    pub acts: Vec<Act>,
    /// What is left, and why.
    pub left: Vec<Left>,
}

impl<L> Part<L> {
    /// The same for somebody who needs less of the pair.
    #[must_use]
    pub fn of<T>(self, less: impl FnOnce(L) -> T) -> Part<T> {
        let Self { id, link, title, acts, left } = self;
        Part { id, link: link.map(less), title, acts, left }
    }

    /// The hashes of what is to be done.
    #[must_use]
    pub fn hashes(&self) -> Vec<String> {
        self.acts.iter().map(|act| act.fingerprint(self.id.0)).collect()
    }
}

/// By pair, in the order in which the run came to them; none when it has changed more than [`MOST`].
///
/// # Errors
/// When the database does not answer, or something sealed does not open.
pub async fn of_run(
    store: &Store,
    on: &mut impl Source,
    (calendar, account, run): (CalendarId, AccountId, RunId),
) -> Result<Option<Vec<Part>>, StoreError> {
    let entries = sync_journal::of_run(store, on, run, calendar, account, MOST + 1).await?;
    let Some(effects) = by_pair(entries) else { return Ok(None) };
    let mut parts = Vec::new();
    for (id, effects) in effects {
        parts.push(part(store, on, calendar, id, &effects).await?);
    }
    Ok(Some(parts))
}

/// What a run did, by pair, in the order in which it came to them; none of too much.
pub(in crate::store) fn by_pair(entries: Vec<Entry>) -> Option<Vec<(PairId, Vec<Effect>)>> {
    if i64::try_from(entries.len()).unwrap_or(i64::MAX) > MOST {
        return None;
    }
    let mut order: BTreeMap<PairId, usize> = BTreeMap::new();
    let mut all: Vec<(PairId, Vec<Effect>)> = Vec::new();
    for Entry { link, kind, rule, content, .. } in entries {
        let (at, effect) = (order.len(), Effect::read(&kind, &rule, content.as_deref()));
        let at = *order.entry(link).or_insert(at);
        match all.get_mut(at) {
            Some((_, effects)) => effects.push(effect),
            None => all.push((link, vec![effect])),
        }
    }
    Some(all)
}

/// How a pair is called of which this was done.
pub(in crate::store) fn title(effects: &[Effect]) -> Option<String> {
    effects.iter().rev().map(Effect::title).find(|title| !title.is_empty())
}

/// Nothing is done to a pair that is not known any more.
pub(in crate::store) fn unknown(effects: &[Effect]) -> Undoing {
    let side = effects.first().map_or(Side::Crm, Effect::side);
    Undoing { acts: Vec::new(), left: vec![Left { side, field: None, why: Why::Unknown }] }
}

async fn part(
    store: &Store,
    on: &mut impl Source,
    calendar: CalendarId,
    id: PairId,
    effects: &[Effect],
) -> Result<Part, StoreError> {
    let link = links::get(store, on, id).await?;
    let link = link.filter(|link| link.role == Role::Owner && link.calendar == calendar);
    let Undoing { acts, left } = match &link {
        Some(link) => undo(effects, &google(store, on, link).await?, &crm(store, on, link).await?),
        None => unknown(effects),
    };
    let known = || link.as_ref().map(|link| link.base.crm.called()).unwrap_or_default();
    let title = title(effects).unwrap_or_else(known);
    Ok(Part { id, link, title, acts, left })
}

/// What the event of a pair showed last.
///
/// # Errors
/// When the database does not answer, or the content does not open.
pub async fn google(store: &Store, on: &mut impl Source, link: &Link) -> Result<Seen<Shown>, StoreError> {
    let Some(id) = &link.event else { return Ok(Seen::Unproven) };
    Ok(match google_seen::get(store, on, link.calendar, id).await? {
        Some(row) if row.live => {
            let event = raw(row.content.as_deref()).and_then(|raw| event::read(&raw));
            // What is written to a series is written to all that it stands for.
            let event = event.filter(|event| event.changeable && event.recurrence.is_none());
            event.map_or(Seen::Unproven, |event| {
                // Of one that is hidden it is not known.
                let hidden = event.visibility == Visibility::Private && event.organizer.is_empty();
                let guests = hidden || !event.guests.is_empty();
                Seen::Live(Shown { guests, record: event.record, ..Shown::default() })
            })
        }
        Some(_) => Seen::Gone,
        None => Seen::Unproven,
    })
}

/// What the record of a pair showed last.
///
/// # Errors
/// When the database does not answer, or the content does not open.
pub async fn crm(store: &Store, on: &mut impl Source, link: &Link) -> Result<Seen<Shown>, StoreError> {
    let (Some(id), Some(entity)) = (&link.record, Entity::parse(&link.entity)) else {
        return Ok(Seen::Unproven);
    };
    Ok(match crm_seen::get(store, on, &link.entity, id).await? {
        Some(row) if row.live => {
            raw(row.content.as_deref()).and_then(|raw| shown(entity, &raw)).map_or(Seen::Unproven, Seen::Live)
        }
        Some(_) => Seen::Gone,
        None => Seen::Unproven,
    })
}

// By its own words: what they mean is known to a run only.
fn shown(entity: Entity, raw: &Map<String, Json>) -> Option<Shown> {
    let habits = Habits { place: raw.contains_key("location"), ..Habits::default() };
    let record = entry::read(entity, raw, &habits)?.record;
    Some(Shown { record, status: status(raw), ..Shown::default() })
}

/// The CRM's word for how a record stands.
#[must_use]
pub fn status(raw: &Map<String, Json>) -> Option<String> {
    raw.get("status").and_then(Json::as_str).map(str::to_owned)
}

fn raw(content: Option<&str>) -> Option<Map<String, Json>> {
    serde_json::from_str(content?).ok()
}
