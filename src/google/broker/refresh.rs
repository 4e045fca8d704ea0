//! One flight: from the sealed row or, under the lease, from Google.
//!
//! Steps: read the row → take the lease (others poll the row each 200 ms) →
//! read the row again → ask Google, with no transaction open → store under the
//! own fence. A holder that dies is overtaken when its lease ends after 15 s;
//! one that was overtaken stores nothing. A rotated refresh token is stored in
//! the same transaction as the access token, before either is used.

use std::time::Duration;

use postern_core::model::account::Happening;
use postern_core::model::actor::Actor;
use postern_core::model::event::Event;

use tokio::time::{Instant, timeout_at};

use super::ask::{Asked, Leave, ask};
use super::{ENOUGH, Inner, Key, NoToken, Outcome};
use crate::clock::micros;
use crate::google::fault::Fault;
use crate::google::oauth::Refreshed;
use crate::store::access_tokens::{self, AccessToken};
use crate::store::accounts::{self, Account};
use crate::store::leases::{self, Lease};
use crate::store::{StoreError, Write, grants};
use crate::tasks::Phase;

const LEASE: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(200);
/// How long a flight waits for its turn: longer than a lease lives, shorter
/// than a login may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(22);
const STORING: u32 = 10;

impl From<StoreError> for NoToken {
    fn from(error: StoreError) -> Self {
        Self::Temporary(error.to_string())
    }
}

/// A token from the row or from Google. `patience` ends the wait for others
/// only: once Google is asked, the answer is waited for and stored, because it
/// may hold the only refresh token that still works.
pub(super) async fn fly(
    inner: &Inner,
    key: &Key,
    refused: Option<&AccessToken>,
    patience: Duration,
) -> Outcome {
    let end = Instant::now() + patience;
    loop {
        let turn = timeout_at(end, wait(inner, key, refused)).await;
        match turn.map_err(|_| NoToken::Temporary("no answer in time".to_owned()))?? {
            Turn::Token(token) => return Ok(token),
            Turn::Ours(lease) => {
                if let Some(outcome) = under_lease(inner, key, refused, &lease).await {
                    return outcome;
                }
            }
        }
    }
}

enum Turn {
    /// Another process has refreshed.
    Token(AccessToken),
    /// It is for us to refresh.
    Ours(Lease),
}

async fn wait(inner: &Inner, key: &Key, refused: Option<&AccessToken>) -> Result<Turn, NoToken> {
    loop {
        if let Some(token) = stored(inner, key, refused, ENOUGH).await? {
            return Ok(Turn::Token(token));
        }
        // What is begun now might be cut off before its result is stored.
        if inner.tasks.stop(Phase::Work).is_cancelled() {
            return Err(NoToken::Temporary("the gateway stops".to_owned()));
        }
        if let Some(lease) = leases::take(&inner.store, &lease_name(key), LEASE).await? {
            return Ok(Turn::Ours(lease));
        }
        tokio::time::sleep(POLL).await;
    }
}

fn lease_name((account, scopes): &Key) -> String {
    format!("refresh/{account}/{scopes}")
}

/// The sealed row's token, if it has that much life left.
pub(super) async fn stored(
    inner: &Inner,
    key: &Key,
    refused: Option<&AccessToken>,
    life: Duration,
) -> Result<Option<AccessToken>, NoToken> {
    let mut read = inner.store.read().await?;
    let token = access_tokens::of(&inner.store, &mut read, key.0, &key.1).await?;
    let now = inner.store.clock().now();
    Ok(token.filter(|t| t.expires_at - now >= micros(life) && refused != Some(t)))
}

// `None`: the grant changed meanwhile, or the lease was lost: look again.
async fn under_lease(
    inner: &Inner,
    key: &Key,
    refused: Option<&AccessToken>,
    lease: &Lease,
) -> Option<Outcome> {
    match stored(inner, key, refused, ENOUGH).await {
        Ok(None) => {}
        Ok(Some(token)) => {
            give_back(inner, lease).await;
            return Some(Ok(token));
        }
        Err(error) => {
            give_back(inner, lease).await;
            return Some(Err(error));
        }
    }
    let asked = ask(inner, key).await;
    match settle(inner, key, lease, asked).await {
        Err(StoreError::LeaseLost) => None,
        Err(error) => {
            give_back(inner, lease).await;
            Some(Err(error.into()))
        }
        Ok(outcome) => outcome,
    }
}

async fn give_back(inner: &Inner, lease: &Lease) {
    if let Err(error) = leases::give_back(&inner.store, lease).await {
        tracing::debug!(error = %error, "a lease was left to end by itself");
    }
}

async fn settle(
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
        Err(Fault::ClientRefused { code, why }) => {
            tracing::error!(
                code = code.name(),
                why = why.as_str(),
                "Google refuses the client of this installation"
            );
            note_client(inner, lease, &leave, code.name()).await?;
            Ok(Some(Err(NoToken::ClientRefused(code.name()))))
        }
        Err(Fault::SubjectRefused { why }) => {
            leases::give_back(&inner.store, lease).await?;
            Ok(Some(Err(NoToken::SubjectRefused(why))))
        }
        Err(
            fault @ (Fault::Declined { .. }
            | Fault::TokenRefused { .. }
            | Fault::RequestRefused { .. }
            | Fault::Temporary { .. }
            | Fault::Malformed { .. }),
        ) => {
            tracing::warn!(account.id = %key.0, error = %fault, "no access token for the moment");
            leases::give_back(&inner.store, lease).await?;
            Ok(Some(Err(NoToken::Temporary(fault.to_string()))))
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
            Err(StoreError::LeaseLost) => return Err(StoreError::LeaseLost),
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
    if let (Some(rotated), Leave::Grant { grant, .. }) = (&refreshed.refresh_token, leave)
        && *rotated != grant.refresh_token
    {
        grants::rotate(on, *id, grant.id, rotated).await?;
    }
    access_tokens::put(on, *id, scopes, token).await?;
    if leave.refused_before() {
        leave.note(on, None).await?;
    }
    leases::release(on, lease).await
}

// The grant is dead, unless a new consent replaced it while Google was asked.
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
    let current = grants::of(&inner.store, &mut act, id).await?.map(|g| g.id);
    let asked = match leave {
        Leave::Grant { grant, .. } => Some(grant.id),
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

fn changed(account: &Account, state: postern_core::model::account::State, why: &'static str) -> Event {
    Event::StateChanged {
        account: account.id,
        address: account.address.clone(),
        from: account.state,
        to: state,
        why,
    }
}
