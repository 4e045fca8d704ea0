//! Further addresses of a mailbox: good as user name and as sender.

use postern_core::model::address::Address;

use super::add::all;
use super::amend::replaced;
use super::find::held;
use crate::actions::{ActError, By};
use crate::store::Store;

/// Most further addresses of a mailbox.
pub const MOST: usize = 50;

/// Makes `wanted` all further addresses of the mailbox.
///
/// # Errors
/// When one of them is another mailbox's.
pub async fn set(store: &Store, by: &By, address: &Address, wanted: &[Address]) -> Result<(), ActError> {
    let mut act = by.open(store).await?;
    let account = held(&mut act, address).await?;
    let events = replaced(&mut act, &account, wanted).await?;
    all(act, events).await
}
