//! How people and records are called, as far as is known here: by what was last agreed of them, or by
//! what Google has shown.

use std::collections::BTreeMap;

use postern_core::model::id::{AccountId, BookId};
use postern_core::plan::contacts::card::Entity;
use postern_core::plan::contacts::person;
use serde_json::{Map, Value as Json};

use super::ContactsFault;
use crate::store::contacts::links::{self, Link};
use crate::store::contacts::{books, seen};
use crate::store::{Read, Store, StoreError};

/// How a link's person is called, or its record.
#[must_use]
pub fn called_both(link: &Link) -> String {
    let google = link.base.google.called();
    if google.is_empty() { link.base.crm.called() } else { google }
}

/// The names of these, as far as they are known: keys are `people/…`, `Contact/…`.
///
/// # Errors
/// When the database does not answer.
pub async fn names(
    store: &Store,
    account: AccountId,
    keys: impl IntoIterator<Item = String>,
) -> Result<BTreeMap<String, String>, ContactsFault> {
    let mut read = store.read().await?;
    let mut all = BTreeMap::new();
    let Some(book) = books::of(store, &mut read, account).await? else { return Ok(all) };
    for key in keys {
        if let Some(name) = one(store, &mut read, book.id, &key).await? {
            all.insert(key, name);
        }
    }
    Ok(all)
}

/// The name of one: of a person, of a record, or of the link `pair …`.
pub(super) async fn one(
    store: &Store,
    read: &mut Read,
    book: BookId,
    key: &str,
) -> Result<Option<String>, StoreError> {
    let (kind, id) = key.split_once(['/', ' ']).unwrap_or((key, ""));
    let link = match (kind, Entity::parse(kind)) {
        ("people", _) => links::by_person(store, read, book, key).await?,
        ("pair", _) => match id.parse() {
            Ok(id) => links::get(store, read, id).await?.filter(|link| link.book == book),
            Err(_) => None,
        },
        (_, Some(entity)) => links::by_record(store, read, book, (entity, id)).await?,
        (_, None) => None,
    };
    let mut name = link.as_ref().map(called_both).unwrap_or_default();
    if name.is_empty() && kind == "people" {
        let content = seen::get(store, read, book, key).await?.and_then(|row| row.content);
        let raw: Option<Map<String, Json>> = content.and_then(|text| serde_json::from_str(&text).ok());
        name =
            raw.and_then(|raw| person::read(&raw)).map(|person| person.record.called()).unwrap_or_default();
    }
    Ok(Some(name).filter(|name| !name.is_empty()))
}
