//! What it takes to take back a run of an address book; see [`crate::store::sync::taken_back`].

use postern_core::model::id::{AccountId, BookId, PairId, RunId};
use postern_core::plan::contacts::card::{self, Entity, Stage};
use postern_core::plan::contacts::person;
use postern_core::plan::link::Side;
use postern_core::plan::seen::Seen;
use postern_core::plan::undo::{Act, Effect, Shown, Undoing, undo};
use serde_json::{Map, Value as Json};

use super::links::{self, Link};
use super::{cards, seen};
use crate::store::error::StoreError;
use crate::store::open::Store;
use crate::store::sql::Source;
use crate::store::sync::taken_back::{MOST, Part, by_pair, title, unknown};
use crate::store::sync::{crm_cursors, sync_journal};

/// By pair, in the order in which the run came to them; none when it has changed more than [`MOST`].
///
/// # Errors
/// When the database does not answer, or something sealed does not open.
pub async fn of_run(
    store: &Store,
    on: &mut impl Source,
    (book, account, run): (BookId, AccountId, RunId),
) -> Result<Option<Vec<Part<Link>>>, StoreError> {
    let entries = sync_journal::of_run(store, on, run, book, account, MOST + 1).await?;
    let Some(effects) = by_pair(entries) else { return Ok(None) };
    let mut parts = Vec::new();
    for (id, effects) in effects {
        parts.push(part(store, on, book, id, &effects).await?);
    }
    // Where it was only found out who somebody is, nothing was done.
    parts.retain(|part| !part.acts.is_empty() || !part.left.is_empty());
    Ok(Some(parts))
}

async fn part(
    store: &Store,
    on: &mut impl Source,
    book: BookId,
    id: PairId,
    effects: &[Effect],
) -> Result<Part<Link>, StoreError> {
    let link = links::get(store, on, id).await?.filter(|link| link.book == book);
    let Undoing { mut acts, left } = match &link {
        Some(link) => undo(effects, &google(store, on, link).await?, &crm(store, on, link).await?),
        None => unknown(effects),
    };
    if let Some(link) = &link {
        acts.iter_mut().for_each(|act| writable(link.entity, act));
    }
    let known = || link.as_ref().map(|link| link.base.crm.called()).unwrap_or_default();
    let title = title(effects).unwrap_or_else(known);
    Ok(Part { id, link, title, acts, left })
}

// What a record shows of others that it is linked with comes from them, and is not written.
fn writable(entity: Entity, act: &mut Act) {
    if let Act::Bring { side: Side::Crm, record, .. } = act {
        *record = record.picked(|field| {
            matches!(card::attribute(entity, field), card::Attribute::Own(_) | card::Attribute::Whole)
        });
    }
}

/// What the person of a link showed last.
///
/// # Errors
/// When the database does not answer, or the content does not open.
pub async fn google(store: &Store, on: &mut impl Source, link: &Link) -> Result<Seen<Shown>, StoreError> {
    let Some(resource) = &link.resource else { return Ok(Seen::Unproven) };
    Ok(match seen::get(store, on, link.book, resource).await? {
        Some(row) if !row.live => Seen::Gone,
        Some(row) if row.whole => {
            let shown = |raw: Map<String, Json>| {
                let record = person::read(&raw)?.record;
                Some(Shown { record, touched: person::says_more(&raw), ..Shown::default() })
            };
            object(row.content.as_deref()).and_then(shown).map_or(Seen::Unproven, Seen::Live)
        }
        Some(_) | None => Seen::Unproven,
    })
}

/// What the record of a link showed last, as far as the user may see it.
///
/// # Errors
/// When the database does not answer, or the content does not open.
pub async fn crm(store: &Store, on: &mut impl Source, link: &Link) -> Result<Seen<Shown>, StoreError> {
    let Some(id) = &link.record else { return Ok(Seen::Unproven) };
    let name = (link.entity, id.as_str());
    let Some(row) = cards::get(store, on, name).await? else { return Ok(Seen::Unproven) };
    if !row.live {
        return Ok(Seen::Gone);
    }
    let Some(raw) = object(row.content.as_deref()) else { return Ok(Seen::Unproven) };
    let card = card::read(link.entity, &raw);
    let shared = links::others(on, link.book, name).await?;
    // What we have not made is not ours to remove: a record may have been merged into this one.
    let us = crm_cursors::own_user(on, link.entity.name()).await?;
    let other = |key| raw.get(key).and_then(Json::as_str).is_some_and(|by| Some(by) != us.as_deref());
    let touched = other("createdById") || other("modifiedById");
    let shown = Shown { shared, touched, ..Shown::default() };
    Ok(match card {
        Some(card) if card.stage == Stage::Deleted => Seen::Gone,
        Some(_) if !link.visible => Seen::Unproven,
        // A lead that has become a contact is another by now, whatever it shows.
        Some(card) if card.stage != Stage::Kept => Seen::Live(shown),
        Some(card) => Seen::Live(Shown { record: card.record, ..shown }),
        None => Seen::Unproven,
    })
}

pub(super) fn object(content: Option<&str>) -> Option<Map<String, Json>> {
    serde_json::from_str(content?).ok()
}
