//! Switching one product of a mailbox off and on. That is a matter of this
//! installation: Google would end everything at once.

use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::scope::Product;

use crate::actions::{ActError, By};
use crate::store::{Store, StoreError, access_tokens, accounts, switched_off};

/// Switches it; false when it stood so before. What uses a product that was
/// switched off ends on all nodes within seconds.
///
/// # Errors
/// When the database does not answer.
pub async fn switch(
    store: &Store,
    by: &By,
    account: AccountId,
    product: Product,
    on: bool,
) -> Result<bool, ActError> {
    let mut act = by.open(store).await?;
    let gone = || StoreError::inconsistent("accounts", "the mailbox is gone");
    let account = accounts::locked(&mut act, account).await?.ok_or_else(gone)?;
    if !switched_off::set(&mut act, account.id, product, on).await? {
        return Ok(false);
    }
    if !on {
        access_tokens::forget(&mut act, account.id).await?;
    }
    let (account, address) = (account.id, account.address);
    act.commit(Event::ProductSwitched { account, address, product: product.name(), on }).await?;
    Ok(true)
}
