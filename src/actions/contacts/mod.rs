//! Acts on the contacts of a mailbox: which group is kept in step and how, what is pushed, who
//! somebody is, and having it all brought in step at once.
//!
//! What was chosen, pushed or decided takes effect by itself: the address book becomes due, and
//! whichever node is free runs it. Nothing that was synchronised is taken back by a choice.

pub mod choose;
mod fault;
pub mod groups;
pub mod names;
pub mod progress;
pub mod push;
pub mod removal;
pub mod retry;
pub mod review;
pub mod run;
pub mod status;
#[cfg(test)]
pub mod trial;
pub mod undo;
pub mod view;
pub mod waiting;

pub use fault::ContactsFault;

use postern_core::model::account::State;
use postern_core::model::id::AccountId;

use crate::store::Act;
use crate::store::accounts::{self, Account};

/// The mailbox, which nobody else changes before the act ends.
async fn held(act: &mut Act, account: AccountId) -> Result<Account, ContactsFault> {
    accounts::locked(act, account).await?.ok_or(ContactsFault::NoAccount)
}

/// The same, unless an admin has disabled it.
async fn open(act: &mut Act, account: AccountId) -> Result<Account, ContactsFault> {
    allowed(Some(held(act, account).await?))
}

fn allowed(account: Option<Account>) -> Result<Account, ContactsFault> {
    let account = account.ok_or(ContactsFault::NoAccount)?;
    if account.state == State::Disabled && !account.program_disabled {
        return Err(ContactsFault::Disabled(account.address));
    }
    Ok(account)
}
