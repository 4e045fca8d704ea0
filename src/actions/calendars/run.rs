//! Having calendars brought in step at once.

use postern_core::model::event::Event;
use postern_core::model::id::AccountId;

use super::{CalendarFault, open};
use crate::actions::By;
use crate::store::Store;
use crate::store::sync::calendars;

/// Makes the calendars that a mailbox uses due at once, or those of all; a
/// process begins within seconds. How many were not due already.
///
/// # Errors
/// When the mailbox is disabled or was removed.
pub async fn run_now(store: &Store, by: &By, account: Option<AccountId>) -> Result<u64, CalendarFault> {
    let mut act = by.open(store).await?;
    let account = match account {
        Some(account) => Some(open(&mut act, account).await?),
        None => None,
    };
    let id = account.as_ref().map(|account| account.id);
    let calendars = calendars::wake_all(&mut act, id, store.clock().now()).await?;
    if calendars > 0 {
        let address = account.map(|account| account.address);
        act.commit(Event::SyncRequested { account: id, address, calendars }).await?;
    }
    Ok(calendars)
}
