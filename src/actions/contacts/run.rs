//! Having contacts brought in step at once.

use postern_core::model::event::Event;
use postern_core::model::id::AccountId;

use super::{ContactsFault, open};
use crate::actions::By;
use crate::store::Store;
use crate::store::contacts::books;

/// Makes the address book of a mailbox due at once, or those of all; a process begins within
/// seconds. How many were not due already.
///
/// # Errors
/// When the mailbox is disabled or was removed.
pub async fn run_now(store: &Store, by: &By, account: Option<AccountId>) -> Result<u64, ContactsFault> {
    let mut act = by.open(store).await?;
    let account = match account {
        Some(account) => Some(open(&mut act, account).await?),
        None => None,
    };
    let id = account.as_ref().map(|account| account.id);
    let books = books::wake_all(&mut act, id, store.clock().now()).await?;
    if books > 0 {
        let address = account.map(|account| account.address);
        act.commit(Event::ContactsRequested { account: id, address, books }).await?;
    }
    Ok(books)
}
