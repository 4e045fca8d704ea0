//! A person's word about writes that the synchronisation holds.
//!
//! An approval is for what the hold names, as it is: a run plans anew and does
//! only what is the same. Whoever approves what has changed meanwhile approves
//! nothing, as it stands under another identity by then.

use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, HoldId};
use postern_core::model::refusal::{Blame, Retry};

use super::By;
use crate::store::contacts::books;
use crate::store::sync::calendars;
use crate::store::sync::holds::{self, Hold, Status};
use crate::store::{Act, Store, StoreError, accounts};

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum HoldFault {
    /// No such hold; perhaps another one has taken its place.
    #[error("there is no such hold any more")]
    NoHold,
    /// It stands otherwise by now.
    #[error("this hold does not wait any more: it is {}", .0.name())]
    NotPending(Status),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl HoldFault {
    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::NoHold | Self::NotPending(_) => Blame::Account,
            Self::Store(error) => error.blame(),
        }
    }

    /// Whether waiting helps.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::NoHold | Self::NotPending(_) => Retry::No,
            Self::Store(error) => error.retry(),
        }
    }
}

/// Lets the writes of a hold run, and a run of the calendar begin within
/// seconds. False when they were approved before.
///
/// # Errors
/// When there is no such hold, or it does not wait.
pub async fn approve(store: &Store, by: &By, id: HoldId) -> Result<bool, HoldFault> {
    decide(store, by, id, true).await
}

/// Bars the writes of a hold. False when they were rejected before.
///
/// # Errors
/// When there is no such hold, or it does not wait.
pub async fn reject(store: &Store, by: &By, id: HoldId) -> Result<bool, HoldFault> {
    decide(store, by, id, false).await
}

/// The same for somebody who decides about one mailbox only.
///
/// # Errors
/// When that mailbox has no such hold, or it does not wait.
pub async fn decide_of(
    store: &Store,
    by: &By,
    account: AccountId,
    id: HoldId,
    approved: bool,
) -> Result<bool, HoldFault> {
    let hold = holds::by_id(store, &mut store.read().await?, id).await?;
    if hold.is_none_or(|hold| hold.account != account) {
        return Err(HoldFault::NoHold);
    }
    decide(store, by, id, approved).await
}

async fn decide(store: &Store, by: &By, id: HoldId, approved: bool) -> Result<bool, HoldFault> {
    let mut act = by.open(store).await?;
    let hold = holds::by_id(store, &mut act, id).await?.ok_or(HoldFault::NoHold)?;
    let wanted = if approved { Status::Approved } else { Status::Rejected };
    if hold.status == wanted {
        return Ok(false);
    }
    let decided = hold.status == Status::Pending && holds::decide(&mut act, id, approved, &by.actor).await?;
    if !decided {
        // One that waits and is not decided has waited too long.
        let stands = if hold.status == Status::Pending { Status::Expired } else { hold.status };
        return Err(HoldFault::NotPending(stands));
    }
    if approved {
        let now = store.clock().now();
        calendars::wake(&mut act, hold.calendar(), now).await?;
        books::wake(&mut act, hold.book(), now).await?;
    }
    let event = event(&mut act, hold, approved).await?;
    act.commit(event).await?;
    Ok(true)
}

async fn event(act: &mut Act, hold: Hold, approved: bool) -> Result<Event, HoldFault> {
    // A hold goes with its account.
    let account = accounts::by_id(act, hold.account).await?.ok_or(HoldFault::NoHold)?;
    let (account, address) = (account.id, account.address);
    let calendar = hold.calendar();
    let Hold { id: hold, class, count, .. } = hold;
    Ok(if approved {
        Event::HoldApproved { hold, account, address, calendar, class, count }
    } else {
        Event::HoldRejected { hold, account, address, calendar, class, count }
    })
}
