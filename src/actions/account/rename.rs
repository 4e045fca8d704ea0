//! Confirming the new address of the same person.

use postern_core::model::address::Address;
use postern_core::model::event::Event;

use super::find::{free, held};
use crate::actions::{ActError, By};
use crate::store::{Store, accounts, aliases};

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    /// The address until now, which stays as an alias: Google keeps it so, and
    /// the CRM logs in by it until somebody changes that.
    pub from: Address,
    /// The address from now on.
    pub to: Address,
}

/// Gives an account the address that Google shows for its owner.
///
/// # Errors
/// When Google has shown none, or another account has it.
pub async fn rename(store: &Store, by: &By, address: &Address) -> Result<Renamed, ActError> {
    let mut act = by.open(store).await?;
    let account = held(&mut act, address).await?;
    let from = account.address;
    let to = account.proposed_address.ok_or_else(|| ActError::NothingProposed(from.clone()))?;
    free(&mut act, &to, Some(account.id)).await?;
    aliases::remove(&mut act, account.id, &to).await?;
    accounts::rename(&mut act, account.id, &to).await?;
    aliases::insert(&mut act, account.id, &from).await?;
    let (address, new_address) = (from.clone(), to.clone());
    act.commit(Event::AccountRenamed { account: account.id, address, new_address }).await?;
    Ok(Renamed { from, to })
}
