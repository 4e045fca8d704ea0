//! What Google answered, stored under the fence of the lease.
//!
//! A rotated refresh token is stored in one transaction with the access token,
//! before either is used. A holder that was overtaken while it slept stores
//! nothing under its old fence, with one exception: a refresh token that Google
//! rotated for it may be the only one that still lives. It is put in place of
//! the very one that was asked with, if that one still stands; whoever overtook
//! it has then not stored a newer one, and one that is stored later replaces it.
//! For the same reason a refusal of a refresh token that has been replaced
//! meanwhile says nothing about the account.

use std::time::Duration;

use postern_core::model::account::{Happening, State};
use postern_core::model::actor::Actor;
use postern_core::model::event::Event;
use postern_core::model::secret::Secret;

use super::ask::{Asked, Leave};
use super::pauses::answer_of;
use super::refresh::POLL;
use super::{Inner, Key, NoToken, Outcome};
use crate::clock::micros;
use crate::google::fault::Fault;
use crate::google::oauth::Refreshed;
use crate::store::access_tokens::{self, AccessToken};
use crate::store::accounts::{self, Account};
use crate::store::grants::{self, Grant};
use crate::store::leases::{self, Lease};
use crate::store::{StoreError, Write};

const STORING: u32 = 10;

/// Stores the answer and gives the lease back. `None`: the grant changed
/// meanwhile, look again.
///
/// # Errors
/// `LeaseLost` when another process has taken over.
pub(super) async fn settle(
    inner: &Inner,
    key: &Key,
    lease: &Lease,
    asked: Asked,
) -> Result<Option<Outcome>, StoreError> {
    let (leave, answer) = match asked {
        Err(no) => {
            leases::give_back(&inner.store, lease).await?;
            return Ok(Some(Err(no)));
        }
        Ok(answered) => answered,
    };
    match answer {
        Ok(refreshed) => succeed(inner, key, lease, &leave, refreshed).await.map(Some),
        Err(Fault::GrantRefused { .. }) => {
            fall(inner, lease, &leave, Happening::GrantRefused, "invalid_grant", NoToken::NeedsConsent).await
        }
        Err(Fault::SignInWanted { .. }) => {
            fall(inner, lease, &leave, Happening::SignInWanted, "invalid_rapt", NoToken::NeedsSignIn).await
        }
        Err(fault @ Fault::ClientRefused { code, .. }) => {
            tracing::error!(error = %fault, "Google refuses the client of this installation");
            note_client(inner, lease, &leave, code.name()).await?;
            Ok(Some(Err(answer_of(&fault))))
        }
        Err(
            fault @ (Fault::SubjectRefused { .. }
            | Fault::Declined { .. }
            | Fault::TokenRefused { .. }
            | Fault::RequestRefused { .. }
            | Fault::Temporary { .. }
            | Fault::Malformed { .. }),
        ) => {
            tracing::warn!(account.id = %key.0, error = %fault, "no access token for the moment");
            leases::give_back(&inner.store, lease).await?;
            Ok(Some(Err(answer_of(&fault))))
        }
    }
}

async fn succeed(
    inner: &Inner,
    key: &Key,
    lease: &Lease,
    leave: &Leave,
    refreshed: Refreshed,
) -> Result<Outcome, StoreError> {
    let token = AccessToken {
        token: refreshed.access_token.clone(),
        expires_at: inner.store.clock().now() + micros(Duration::from_secs(refreshed.expires_in.into())),
    };
    let granted = refreshed.scopes.clone().unwrap_or_else(|| key.1.clone());
    // What Google gave is not thrown away because the database is locked.
    let mut tries = 0;
    loop {
        match keep(inner, key, lease, leave, &refreshed, &token).await {
            Ok(()) => break,
            Err(StoreError::LeaseLost) => {
                rescue(inner, leave, &refreshed).await;
                return Err(StoreError::LeaseLost);
            }
            Err(error) if tries < STORING => {
                tries += 1;
                tracing::warn!(account.id = %key.0, error = %error, "a refresh could not be stored, trying again");
                tokio::time::sleep(POLL * tries).await;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(if granted.covers(&key.1) { Ok(token) } else { Err(NoToken::ProductMissing) })
}

async fn keep(
    inner: &Inner,
    key: &Key,
    lease: &Lease,
    leave: &Leave,
    refreshed: &Refreshed,
    token: &AccessToken,
) -> Result<(), StoreError> {
    if leave.account().state.after(Happening::Refreshed).is_some() {
        let mut act = inner.store.act(&Actor::Gateway, "").await?;
        write(&mut act, key, lease, leave, refreshed, token).await?;
        // As it is now: an admin may have disabled it while Google was asked.
        let account = accounts::locked(&mut act, key.0).await?;
        let next = account.and_then(|a| a.state.after(Happening::Refreshed).map(|state| (a, state)));
        if let Some((account, state)) = next {
            accounts::set_state(&mut act, account.id, state).await?;
            return act.commit(changed(&account, state, "refreshed")).await;
        }
    }
    let mut batch = inner.store.batch().await?;
    write(&mut batch, key, lease, leave, refreshed, token).await?;
    batch.commit().await
}

async fn write(
    on: &mut impl Write,
    (id, scopes): &Key,
    lease: &Lease,
    leave: &Leave,
    refreshed: &Refreshed,
    token: &AccessToken,
) -> Result<(), StoreError> {
    leases::hold(on, lease).await?;
    if let Some((grant, rotated)) = rotated(leave, refreshed) {
        grants::rotate(on, *id, grant.id, rotated).await?;
    }
    access_tokens::put(on, *id, scopes, token).await?;
    if leave.refused_before() {
        leave.note(on, None).await?;
    }
    leases::release(on, lease).await
}

fn rotated<'a>(leave: &'a Leave, refreshed: &'a Refreshed) -> Option<(&'a Grant, &'a Secret)> {
    match (leave, &refreshed.refresh_token) {
        (Leave::Grant { grant, .. }, Some(rotated)) if *rotated != grant.refresh_token => {
            Some((grant, rotated))
        }
        _ => None,
    }
}

async fn rescue(inner: &Inner, leave: &Leave, refreshed: &Refreshed) {
    let Some((grant, rotated)) = rotated(leave, refreshed) else { return };
    let id = leave.account().id;
    let mut tries = 0;
    while let Err(error) = put_in_place(inner, leave.account(), grant, rotated).await {
        tries += 1;
        if tries > STORING {
            tracing::error!(account.id = %id, error = %error, "a rotated refresh token could not be stored");
            return;
        }
        tokio::time::sleep(POLL * tries).await;
    }
}

async fn put_in_place(
    inner: &Inner,
    account: &Account,
    grant: &Grant,
    rotated: &Secret,
) -> Result<(), StoreError> {
    let mut act = inner.store.act(&Actor::Gateway, "").await?;
    if !swap(&mut act, account, grant, rotated).await? {
        return Ok(());
    }
    // Whoever took over may have been refused with the token that this one replaced.
    let now = accounts::locked(&mut act, account.id).await?;
    if let Some(now) = now.filter(|now| matches!(now.state, State::NeedsConsent | State::NeedsSignIn))
        && let Some(state) = now.state.after(Happening::Refreshed)
    {
        accounts::set_state(&mut act, now.id, state).await?;
        return act.commit(changed(&now, state, "refreshed")).await;
    }
    drop(act);
    let mut batch = inner.store.batch().await?;
    swap(&mut batch, account, grant, rotated).await?;
    batch.commit().await
}

async fn swap(
    on: &mut impl Write,
    account: &Account,
    grant: &Grant,
    rotated: &Secret,
) -> Result<bool, StoreError> {
    let stored = grants::locked(on, account.id).await?;
    let stands = stored.is_some_and(|it| it.id == grant.id && it.refresh_token == grant.refresh_token);
    if stands {
        grants::rotate(on, account.id, grant.id, rotated).await?;
    }
    Ok(stands)
}

// The grant is dead, unless a new consent or a new refresh token replaced it
// while Google was asked.
async fn fall(
    inner: &Inner,
    lease: &Lease,
    leave: &Leave,
    happening: Happening,
    why: &'static str,
    no: NoToken,
) -> Result<Option<Outcome>, StoreError> {
    let mut act = inner.store.act(&Actor::Gateway, "").await?;
    leases::hold(&mut act, lease).await?;
    let id = leave.account().id;
    let account = accounts::locked(&mut act, id).await?;
    let current = grants::locked(&mut act, id).await?.map(|g| (g.id, g.refresh_token));
    let asked = match leave {
        Leave::Grant { grant, .. } => Some((grant.id, grant.refresh_token.clone())),
        Leave::Delegation { .. } => None,
    };
    let replaced = current != asked;
    let next = account.and_then(|a| a.state.after(happening).map(|s| (a, s)));
    let (Some((account, state)), false) = (next, replaced) else {
        drop(act);
        leases::give_back(&inner.store, lease).await?;
        return Ok((!replaced).then_some(Err(no)));
    };
    access_tokens::forget(&mut act, id).await?;
    leases::release(&mut act, lease).await?;
    accounts::set_state(&mut act, id, state).await?;
    tracing::warn!(account.id = %id, account.state = %state, why, "the account needs its owner");
    act.commit(changed(&account, state, why)).await?;
    Ok(Some(Err(no)))
}

async fn note_client(inner: &Inner, lease: &Lease, leave: &Leave, code: &str) -> Result<(), StoreError> {
    let mut batch = inner.store.batch().await?;
    leases::hold(&mut batch, lease).await?;
    leave.note(&mut batch, Some(code)).await?;
    leases::release(&mut batch, lease).await?;
    batch.commit().await
}

fn changed(account: &Account, state: State, why: &'static str) -> Event {
    Event::StateChanged {
        account: account.id,
        address: account.address.clone(),
        from: account.state,
        to: state,
        why,
    }
}
