//! Asking that an owner be mailed a consent link. It goes to the mailbox's own
//! address and to no other; who sends it is no business of this room.

use postern_core::model::account::State;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;

use crate::actions::{ActError, By};
use crate::store::accounts::{self, Account};
use crate::store::{Act, Store, StoreError, grants, letters, service_accounts};

/// Mailboxes that one act asks for.
pub const MOST: usize = 500;

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The letter leaves soon.
    Queued,
    /// One was asked for a short while ago.
    Lately,
    /// Its owner could not help, or there is no such mailbox.
    Needless,
}

/// How it went for many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Letters that leave soon.
    pub queued: usize,
    /// Mailboxes for which one was asked for a short while ago.
    pub lately: usize,
    /// Mailboxes whose owner could not help.
    pub needless: usize,
}

/// Asks for one mailbox.
///
/// # Errors
/// When the database does not answer.
pub async fn ask(store: &Store, by: &By, account: AccountId) -> Result<Asked, ActError> {
    let mut act = by.open(store).await?;
    let (asked, event) = one(store, &mut act, account).await?;
    if let Some(event) = event {
        act.commit(event).await?;
    }
    Ok(asked)
}

/// Asks for the first [`MOST`] of many, all or none.
///
/// # Errors
/// When the database does not answer.
pub async fn ask_all(store: &Store, by: &By, all: &[AccountId]) -> Result<Tally, ActError> {
    let mut act = by.open(store).await?;
    let (mut tally, mut events) = (Tally::default(), Vec::new());
    for account in all.iter().take(MOST) {
        let (asked, event) = one(store, &mut act, *account).await?;
        events.extend(event);
        match asked {
            Asked::Queued => tally.queued += 1,
            Asked::Lately => tally.lately += 1,
            Asked::Needless => tally.needless += 1,
        }
    }
    super::add::all(act, events).await?;
    Ok(tally)
}

async fn one(store: &Store, act: &mut Act, account: AccountId) -> Result<(Asked, Option<Event>), StoreError> {
    let Some(account) = accounts::locked(act, account).await? else { return Ok((Asked::Needless, None)) };
    if !helps(store, act, &account).await? {
        return Ok((Asked::Needless, None));
    }
    if !letters::ask_link(act, account.id).await? {
        return Ok((Asked::Lately, None));
    }
    let event = Event::LinkMailAsked { account: account.id, address: account.address };
    Ok((Asked::Queued, Some(event)))
}

/// Whether a consent of the owner would be of use: an admin has not barred the
/// mailbox, and no service account opens it.
pub(super) async fn helps(store: &Store, act: &mut Act, account: &Account) -> Result<bool, StoreError> {
    if matches!(account.state, State::Disabled | State::AwaitingApproval) {
        return Ok(false);
    }
    let own = grants::of(store, act, account.id).await?.is_some();
    Ok(own || service_accounts::serving(store, act, account.address.domain()).await?.is_none())
}
