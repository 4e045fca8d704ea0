//! Who was made for an account among its contacts, and what becomes of them when all of that is to be
//! removed; see [`crate::store::sync::removal`].
//!
//! A person is ours when they carry the mark of their link; a record, when our user of the CRM has made
//! it. Who was there before us, on both sides, is not listed.

use postern_core::model::id::PairId;
use postern_core::plan::contacts::{card, person};
use postern_core::plan::link::Side;
use postern_core::plan::removal::remove;
use postern_core::plan::undo::Undoing;
use uuid::Uuid;

use super::books::Book;
use super::links::{self, Link};
use super::taken_back::object;
use super::{cards, seen, taken_back};
use crate::store::error::StoreError;
use crate::store::open::Store;
use crate::store::sql::Source;
use crate::store::sync::crm_cursors;
use crate::store::sync::taken_back::Part;

/// Links that are read at once, and of how many pages of them anything is told.
const PAGE: i64 = 500;
const PAGES: usize = 100;

/// By link, in the order of their making, until `most` acts are found.
///
/// # Errors
/// When the database does not answer, or something sealed does not open.
pub async fn of_book(
    store: &Store,
    on: &mut impl Source,
    book: &Book,
    most: usize,
) -> Result<Vec<Part<Link>>, StoreError> {
    let (mut parts, mut after, mut acts) = (Vec::new(), PairId(Uuid::nil()), 0);
    for _ in 0..PAGES {
        let page = links::after(store, on, (book.id, after), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for link in page {
            let Some(part) = part(store, on, link).await? else { continue };
            acts += part.acts.len();
            if acts > most {
                return Ok(parts);
            }
            parts.push(part);
        }
    }
    Ok(parts)
}

async fn part(store: &Store, on: &mut impl Source, link: Link) -> Result<Option<Part<Link>>, StoreError> {
    if !ours(store, on, &link).await? {
        return Ok(None);
    }
    let google = taken_back::google(store, on, &link).await?;
    let crm = taken_back::crm(store, on, &link).await?;
    let Undoing { acts, left } = remove(link.origin, &link.base, (&google, &crm), false);
    let (id, title) = (link.id, link.base.crm.called());
    let some = !acts.is_empty() || !left.is_empty();
    Ok(some.then_some(Part { id, link: Some(link), title, acts, left }))
}

// Of what was not seen lately nobody can tell: it stays, and is not listed.
async fn ours(store: &Store, on: &mut impl Source, link: &Link) -> Result<bool, StoreError> {
    if link.origin == Side::Crm {
        let Some(resource) = &link.resource else { return Ok(false) };
        let row = seen::get(store, on, link.book, resource).await?.filter(|row| row.live);
        let person = object(row.and_then(|row| row.content).as_deref()).and_then(|raw| person::read(&raw));
        return Ok(person.is_some_and(|person| person.marks.iter().any(|mark| mark.pair == link.id.0)));
    }
    let Some(record) = &link.record else { return Ok(false) };
    let row = cards::get(store, on, (link.entity, record)).await?;
    let card =
        object(row.and_then(|row| row.content).as_deref()).and_then(|raw| card::read(link.entity, &raw));
    let us = crm_cursors::own_user(on, link.entity.name()).await?;
    Ok(card.and_then(|card| card.creator).is_some_and(|creator| Some(creator) == us))
}
