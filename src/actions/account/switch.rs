//! Switching an account off and on.

use postern_core::model::account::{Happening, State};
use postern_core::model::address::Address;
use postern_core::model::event::Event;

use super::add::all;
use super::approval::held_back;
use super::find::held;
use crate::actions::{ActError, By};
use crate::store::accounts::{self, Account};
use crate::store::sync::owners;
use crate::store::{Act, Store, access_tokens, clients, grants, offboarded, programs};

/// What was done.
#[derive(Debug, Clone)]
pub struct Switched {
    /// The account as it stands now.
    pub account: Account,
    /// False when it stood so before.
    pub changed: bool,
}

/// Bars every login and ends running sessions on all nodes within seconds. The
/// grant stays.
///
/// # Errors
/// When there is no such account.
pub async fn disable(store: &Store, by: &By, address: &Address) -> Result<Switched, ActError> {
    let mut act = by.open(store).await?;
    let mut account = held(&mut act, address).await?;
    let Some(event) = off(&mut act, &mut account).await? else {
        return Ok(Switched { account, changed: false });
    };
    act.commit(event).await?;
    Ok(Switched { account, changed: true })
}

/// Disables; none when an admin has done so before. What a program has disabled
/// is an admin's from now on.
pub(super) async fn off(act: &mut Act, account: &mut Account) -> Result<Option<Event>, ActError> {
    let event = Event::AccountDisabled { account: account.id, address: account.address.clone() };
    let Some(state) = account.state.after(Happening::Disabled) else {
        programs::set_disabled(act, account.id, false).await?;
        return Ok(account.program_disabled.then_some(event));
    };
    account.state = state;
    accounts::set_state(act, account.id, state).await?;
    access_tokens::forget(act, account.id).await?;
    Ok(Some(event))
}

/// Lets a disabled account in again, in the state that its grant allows.
///
/// # Errors
/// When there is no such account.
pub async fn enable(store: &Store, by: &By, address: &Address) -> Result<Switched, ActError> {
    let mut act = by.open(store).await?;
    let mut account = held(&mut act, address).await?;
    if account.state != State::Disabled {
        return Ok(Switched { account, changed: false });
    }
    let events = on(store, &mut act, &mut account).await?;
    all(act, events).await?;
    Ok(Switched { account, changed: true })
}

/// Enables; a mailbox that no admin has approved may have to wait for that.
pub(super) async fn on(store: &Store, act: &mut Act, account: &mut Account) -> Result<Vec<Event>, ActError> {
    account.state = woken(store, act, account).await?;
    // Whoever was taken for gone is there after all.
    if offboarded::take(act, account.id).await? {
        owners::claim(act, account.id).await?;
    }
    accounts::set_state(act, account.id, account.state).await?;
    let mut events = vec![Event::AccountEnabled { account: account.id, address: account.address.clone() }];
    events.extend(held_back(store, act, account, "enabled").await?);
    Ok(events)
}

// The client may have been replaced while the account slept.
async fn woken(store: &Store, act: &mut Act, account: &Account) -> Result<State, ActError> {
    let grant = grants::of(store, act, account.id).await?;
    let connected = grant.is_some();
    let state = account.state.after(Happening::Enabled { connected }).unwrap_or(account.state);
    let current = clients::current(store, act).await?.map(|client| client.id);
    let foreign = grant.is_some_and(|grant| Some(grant.client) != current);
    Ok(if foreign { state.after(Happening::ClientReplaced).unwrap_or(state) } else { state })
}
