//! How far the runs of address books are, for somebody who has asked for them.

use std::collections::BTreeMap;

use postern_core::model::id::{AccountId, BookId};
use uuid::Uuid;

use crate::actions::calendars::progress::Progress;
use crate::clock::Micros;
use crate::store::contacts::books;
use crate::store::sync::runs::{self, Run};
use crate::store::{Store, StoreError, accounts};

/// What ran since, and still does: of an account, or of all. Each is called by its mailbox.
///
/// # Errors
/// When the database does not answer, or a value does not open.
pub async fn since(store: &Store, account: Option<AccountId>, asked: Micros) -> Result<Progress, StoreError> {
    let mut read = store.read().await?;
    let due = books::due_of(&mut read, store.clock().now(), account).await?;
    let mut last: BTreeMap<Uuid, Run> = BTreeMap::new();
    for run in runs::of_books_since(&mut read, asked, account).await? {
        last.insert(run.calendar_id, run);
    }
    let mut named = Vec::new();
    for (id, run) in last {
        let book = books::get(store, &mut read, BookId(id)).await?;
        let account = match book {
            Some(book) => accounts::by_id(&mut read, book.account).await?,
            None => None,
        };
        named.push((account.map_or_else(String::new, |account| account.address.to_string()), run));
    }
    Ok(Progress { runs: named, due })
}
