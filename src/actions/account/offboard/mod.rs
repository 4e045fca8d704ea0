//! A person leaves: their mailbox is closed, here and at Google, and what was kept in step with it is
//! handed to a successor or kept for a while.
//!
//! | state | what holds |
//! |---|---|
//! | there | whatever holds for any mailbox |
//! | left | disabled; no token, no grant, no session; noted with the day. Pairs of events and records sleep, and whoever is given such a record next gets an event of it |
//! | forgotten | removed with everything that was linked, [`KEPT`] after that day |
//!
//! Promised: sessions end within seconds on all nodes; nothing is deleted at Google or in the CRM;
//! done again it changes nothing, and goes on with what was not handed over. An admin who enables the
//! mailbox takes it back. Refused: to end anything here while Google does not end the grant, unless
//! the admin forces it; a successor who cannot take anything over.

mod hand;
mod preview;

use std::time::Duration;

use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;

pub use hand::Handed;
pub use preview::{Heir, Preview, preview};

use super::find::held;
use super::remove::{AtGoogle, revoke};
use super::switch::off;
use crate::actions::contacts::push::Pushing;
use crate::actions::{ActError, By, Reach};
use crate::clock::micros;
use crate::store::accounts::{self, Account};
use crate::store::sync::owners;
use crate::store::{
    Act, Store, access_tokens, crm_absent, crm_tokens, grants, mail_sessions, offboarded, web_sessions,
};

/// For how long what was linked is kept.
pub const KEPT: Duration = Duration::from_secs(90 * 86_400);

/// A run that was under way when they left has ended by then.
const SETTLED: Duration = Duration::from_secs(3_600);

/// The ways that it needs. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Ways<'a> {
    /// To Google.
    pub reach: Reach<'a>,
    /// To the CRM, where there is one, and into the contacts of a successor.
    pub pushing: &'a Pushing,
}

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Whose mailbox.
    pub address: Address,
    /// Who goes on with the records.
    pub successor: Option<Address>,
    /// Also where Google does not confirm the end of the grant.
    pub force: bool,
    /// For how long records are handed over; the rest when it is asked for again.
    pub within: Duration,
}

/// What was done.
#[derive(Debug, Clone)]
pub struct Done {
    /// What became of the grant.
    pub at_google: AtGoogle,
    /// CRM tokens that were revoked now.
    pub tokens: usize,
    /// Mail sessions that end now.
    pub sessions: usize,
    /// What the successor got.
    pub handed: Option<Handed>,
}

/// Closes the mailbox and hands over.
///
/// # Errors
/// When there is no such account, Google does not confirm, or the successor cannot take over.
pub async fn offboard(store: &Store, by: &By, ways: Ways<'_>, wanted: &Wanted) -> Result<Done, ActError> {
    let heir = match &wanted.successor {
        // Of a copy the original's records are none to be given away.
        Some(_) if store.standing().await?.holds() => return Err(ActError::Held),
        Some(successor) => Some(preview::heir(store, &wanted.address, successor).await?),
        None => None,
    };
    let at_google = revoke(store, by, &ways.reach, (&wanted.address, wanted.force)).await?;
    if let (AtGoogle::Lives(fault), false) = (&at_google, wanted.force) {
        return Err(ActError::NotRevoked(fault.clone()));
    }
    let mut act = by.open(store).await?;
    let account = held(&mut act, &wanted.address).await?;
    let (tokens, sessions) = close(act, account.clone(), at_google == AtGoogle::Revoked).await?;
    let handed = match heir {
        Some(heir) => Some(hand::over(store, by, ways, (&account, &heir), wanted.within).await?),
        None => None,
    };
    Ok(Done { at_google, tokens, sessions, handed })
}

// One act: nobody logs in between, and nothing of it is half done.
async fn close(mut act: Act, mut account: Account, revoked: bool) -> Result<(usize, usize), ActError> {
    let (id, address) = (account.id, account.address.clone());
    if let Some(event) = off(&mut act, &mut account).await? {
        act.also(event);
    }
    grants::remove(&mut act, id).await?;
    access_tokens::forget(&mut act, id).await?;
    let mut tokens = 0;
    for token in crm_tokens::of(&mut act, id).await? {
        tokens += usize::from(crm_tokens::revoke(&mut act, token.id).await?);
    }
    let sessions = mail_sessions::of(&mut act, id).await?;
    for session in &sessions {
        mail_sessions::request_end(&mut act, session.id).await?;
    }
    web_sessions::end_of_account(&mut act, id).await?;
    crm_absent::take(&mut act, id).await?;
    offboarded::put(&mut act, id).await?;
    owners::release(&mut act, id, 0).await?;
    act.commit(Event::AccountOffboarded { account: id, address, tokens, revoked }).await?;
    Ok((tokens, sessions.len()))
}

/// Removes the mailboxes of those who left long ago, how many; and lets go of what nobody found out about
/// while they left.
///
/// # Errors
/// When the database does not answer.
pub async fn forget(store: &Store) -> Result<u64, ActError> {
    offboarded::settle(store, store.clock().now() - micros(SETTLED)).await?;
    let until = store.clock().now() - micros(KEPT);
    let due = offboarded::due(&mut store.read().await?, until).await?;
    let by = By::new(Actor::Gateway, store.dice())?;
    let mut count = 0;
    for address in due {
        let mut act = by.open(store).await?;
        let account = held(&mut act, &address).await?;
        // Somebody may have taken it back meanwhile.
        let left = offboarded::since(&mut act, account.id).await?;
        if left.is_none_or(|at| at > until) {
            continue;
        }
        accounts::remove(&mut act, account.id).await?;
        let event = Event::AccountRemoved { account: account.id, address: account.address, revoked: false };
        act.commit(event).await?;
        count += 1;
    }
    Ok(count)
}
