//! Approving a mailbox that the API registered.

use postern_core::model::account::Happening;
use postern_core::model::address::Address;
use postern_core::model::event::Event;

use super::find::held;
use crate::actions::{ActError, By};
use crate::store::accounts::{self, Account};
use crate::store::{Store, programs};

/// Lets a waiting account in.
///
/// # Errors
/// When it does not wait.
pub async fn approve(store: &Store, by: &By, address: &Address) -> Result<Account, ActError> {
    let mut act = by.open(store).await?;
    let mut account = held(&mut act, address).await?;
    let next = account.state.after(Happening::Approved);
    account.state = next.ok_or_else(|| ActError::NothingToApprove(account.address.clone()))?;
    accounts::set_state(&mut act, account.id, account.state).await?;
    programs::set_unapproved(&mut act, account.id, false).await?;
    act.commit(Event::AccountApproved { account: account.id, address: account.address.clone() }).await?;
    Ok(account)
}
