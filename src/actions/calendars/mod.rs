//! Acts on the calendars of a mailbox: which Google lists, which are used and
//! how, and having them brought in step at once.
//!
//! What was chosen takes effect by itself: the calendars become due, and
//! whichever node is free reads the choices with the run. So no act here tells
//! the other nodes anything. Nothing that was synchronised is taken back by a
//! choice, and a calendar that Google does not list any more stays as it is.

pub mod choose;
pub mod defaults;
mod fault;
pub mod progress;
pub mod quota;
pub mod refresh;
pub mod removal;
pub mod resume;
pub mod run;
pub mod status;
pub mod story;
pub mod teams;
#[cfg(test)]
pub mod trial;
pub mod undo;
pub mod view;
pub mod waiting;

pub use fault::CalendarFault;

use postern_core::model::account::State;
use postern_core::model::id::AccountId;

use crate::store::Act;
use crate::store::accounts::{self, Account};

/// The mailbox, which nobody else changes before the act ends.
async fn held(act: &mut Act, account: AccountId) -> Result<Account, CalendarFault> {
    accounts::locked(act, account).await?.ok_or(CalendarFault::NoAccount)
}

/// The same, unless an admin has disabled it.
async fn open(act: &mut Act, account: AccountId) -> Result<Account, CalendarFault> {
    let account = held(act, account).await?;
    if account.state == State::Disabled && !account.program_disabled {
        return Err(CalendarFault::Disabled(account.address));
    }
    Ok(account)
}
