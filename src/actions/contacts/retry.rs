//! Trying again what could not be done with a person or a record.

use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, DeadLetterId};
use postern_core::plan::contacts::card::Entity;

use super::{ContactsFault, open};
use crate::actions::By;
use crate::store::Store;
use crate::store::contacts::{books, links, seen};
use crate::store::sync::dead_letters;

/// Has what a dead letter of the mailbox's contacts is about planned for again, and soon.
///
/// # Errors
/// When it was done meanwhile.
pub async fn retry(
    store: &Store,
    by: &By,
    account: AccountId,
    letter: DeadLetterId,
) -> Result<(), ContactsFault> {
    let mut act = by.open(store).await?;
    let account = open(&mut act, account).await?;
    let book = books::of(store, &mut act, account.id).await?.ok_or(ContactsFault::NotThere)?;
    let found = dead_letters::by_id(store, &mut act, letter).await?;
    let found = found.filter(|found| found.synced == book.id.into()).ok_or(ContactsFault::NotThere)?;
    let link = match found.key.split_once('/') {
        Some(("people", _)) => {
            seen::soil(&mut act, book.id, &found.key).await?;
            links::by_person(store, &mut act, book.id, &found.key).await?
        }
        Some((entity, record)) => match Entity::parse(entity) {
            Some(entity) => links::by_record(store, &mut act, book.id, (entity, record)).await?,
            None => None,
        },
        None => None,
    };
    if let Some(link) = link {
        links::soil(&mut act, link.id).await?;
    }
    dead_letters::lift(&mut act, book.id, &found.key).await?;
    books::wake(&mut act, book.id, store.clock().now()).await?;
    let (account, address) = (account.id, account.address);
    Ok(act.commit(Event::ContactRetried { letter, account, address }).await?)
}
