//! Removing an account, here and at Google.

use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;

use super::find::{held, named};
use crate::actions::{ActError, By, Reach};
use crate::google::fault::Fault;
use crate::google::oauth;
use crate::store::accounts::{self, Account};
use crate::store::{Store, grants};

/// What became of the grant at Google.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AtGoogle {
    /// There was no grant.
    NoGrant,
    /// Google ended it, with everything else that the user gave this project.
    Revoked,
    /// Google could not be told; it lives on until the user ends it.
    Lives(Fault),
}

/// Tells Google to end the grant, then removes the account with its grant,
/// tokens, aliases and links. With `force` also when Google does not confirm.
///
/// # Errors
/// When there is no such account, Google does not confirm, or a program wants
/// what an admin has disabled gone.
pub async fn remove(
    store: &Store,
    by: &By,
    reach: &Reach<'_>,
    address: &Address,
    force: bool,
) -> Result<AtGoogle, ActError> {
    let at_google = revoke(store, by, reach, (address, force)).await?;
    if let (AtGoogle::Lives(fault), false) = (&at_google, force) {
        return Err(ActError::NotRevoked(fault.clone()));
    }
    let mut act = by.open(store).await?;
    let account = held(&mut act, address).await?;
    barred(by, &account)?;
    accounts::remove(&mut act, account.id).await?;
    let revoked = at_google == AtGoogle::Revoked;
    act.commit(Event::AccountRemoved { account: account.id, address: account.address, revoked }).await?;
    Ok(at_google)
}

// Removed and registered anew, a mailbox would escape the admin who disabled it.
fn barred(by: &By, account: &Account) -> Result<(), ActError> {
    let program = matches!(by.actor, Actor::Key { .. });
    if program && account.state == State::Disabled && !account.program_disabled {
        return Err(ActError::Disabled(account.address.clone()));
    }
    Ok(())
}

/// Tells Google to end the grant; nothing is changed here.
///
/// # Errors
/// When there is no such account, or a program wants ended what an admin has disabled.
pub(super) async fn revoke(
    store: &Store,
    by: &By,
    reach: &Reach<'_>,
    (address, force): (&Address, bool),
) -> Result<AtGoogle, ActError> {
    let grant = {
        let mut read = store.read().await?;
        let account = named(&mut read, address).await?;
        barred(by, &account)?;
        grants::of(store, &mut read, account.id).await?
    };
    let Some(grant) = grant else { return Ok(AtGoogle::NoGrant) };
    // Of a copy the original's consent is none to be ended.
    if store.standing().await?.holds() {
        return if force { Ok(AtGoogle::NoGrant) } else { Err(ActError::Held) };
    }
    Ok(match oauth::revoke(reach.exchange, reach.endpoints, &grant.refresh_token).await {
        Ok(()) => AtGoogle::Revoked,
        Err(fault) => AtGoogle::Lives(fault),
    })
}
