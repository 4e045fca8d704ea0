//! What Google answered, stored under the fence of the lease.
//!
//! A rotated refresh token is stored in one transaction with the access token,
//! before it is used. With the database away the access token is handed out at
//! once, since it needs no row to work, and both are kept in memory until they
//! are stored, as long as the process lives.
//!
//! A holder that was overtaken while it slept stores nothing under its old
//! fence, with one exception: a refresh token that Google rotated for it may be
//! the only one that still lives. It is put in place of
//! the very one that was asked with, if that one still stands; whoever overtook
//! it has then not stored a newer one, and one that is stored later replaces it.
//! For the same reason a refusal of a refresh token that has been replaced
//! meanwhile says nothing about the account.

use std::sync::Arc;
use std::time::Duration;

use postern_core::model::account::{Happening, State};
use postern_core::model::actor::Actor;
use postern_core::model::event::Event;
use postern_core::model::refusal::Retry;
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;

use super::ask::{Asked, Leave};
use super::pauses::answer_of;
use super::refresh::POLL;
use super::{Given, Inner, Key, NoToken, Outcome};
use crate::clock::micros;
use crate::google::fault::{ClientCode, Fault};
use crate::google::oauth::Refreshed;
use crate::store::access_tokens::{self, AccessToken};
use crate::store::accounts::{self, Account};
use crate::store::grants::{self, Grant};
use crate::store::leases::{self, Lease};
use crate::store::{StoreError, Write};
use crate::tasks::Phase;

const LONGEST: Duration = Duration::from_secs(2);

/// Stores the answer and gives the lease back. `None`: the grant changed
/// meanwhile, look again.
///
/// # Errors
/// `LeaseLost` when another process has taken over.
pub(super) async fn settle(
    inner: &Arc<Inner>,
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
        Ok(refreshed) => succeed(inner, key, lease, leave, refreshed).await.map(Some),
        Err(Fault::GrantRefused { .. }) => {
            fall(inner, lease, &leave, Happening::GrantRefused, "invalid_grant", NoToken::NeedsConsent).await
        }
        Err(Fault::SignInWanted { .. }) => {
            fall(inner, lease, &leave, Happening::SignInWanted, "invalid_rapt", NoToken::NeedsSignIn).await
        }
        Err(fault @ Fault::ClientRefused { code, .. }) => {
            tracing::error!(error = %fault, "Google refuses the client of this installation");
            // A delegation may lack the scopes of one product and serve the others.
            let lacking = matches!(leave, Leave::Delegation { .. }) && code == ClientCode::UnauthorizedClient;
            if lacking && key.1 != ScopeSet::mail() {
                leases::give_back(&inner.store, lease).await?;
            } else {
                note_client(inner, lease, &leave, code.name()).await?;
            }
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
    inner: &Arc<Inner>,
    key: &Key,
    lease: &Lease,
    leave: Leave,
    refreshed: Refreshed,
) -> Result<Outcome, StoreError> {
    let token = AccessToken {
        token: refreshed.access_token.clone(),
        expires_at: inner.store.clock().now() + micros(Duration::from_secs(refreshed.expires_in.into())),
    };
    let granted = refreshed.scopes.clone().unwrap_or_else(|| key.1.clone());
    let outcome = if granted.covers(&key.1) {
        Ok(Given { token: token.clone(), new: true })
    } else {
        Err(NoToken::ProductMissing)
    };
    let mut gained =
        Gained { key: key.clone(), lease: lease.clone(), overtaken: false, leave, refreshed, token };
    let stored = gained.store(inner).await;
    let overtaken = gained.overtaken;
    if let Err(error) = stored {
        if error.retry() == Retry::No {
            return Err(error);
        }
        // The access token works already: nobody has to wait for the database.
        tracing::warn!(account.id = %key.0, error = %error, "a refresh cannot be stored yet, trying on");
        inner.tasks.spawn(Phase::Work, gained.store_at_last(inner.clone()));
    }
    if overtaken { Err(StoreError::LeaseLost) } else { Ok(outcome) }
}

/// What Google gave, until it is stored: it may hold the only refresh token
/// that will work for long.
struct Gained {
    key: Key,
    lease: Lease,
    /// Somebody else has taken the lease since.
    overtaken: bool,
    leave: Leave,
    refreshed: Refreshed,
    token: AccessToken,
}

impl Gained {
    // As long as the process lives.
    async fn store_at_last(mut self, inner: Arc<Inner>) {
        let id = self.key.0;
        let mut pause = POLL;
        loop {
            tokio::time::sleep(pause).await;
            match self.store(&inner).await {
                Ok(()) => return tracing::info!(account.id = %id, "the refresh is stored now"),
                Err(error) if error.retry() == Retry::No => {
                    return tracing::error!(account.id = %id, error = %error, "a refresh could not be stored");
                }
                Err(error) => {
                    tracing::debug!(account.id = %id, error = %error, "a refresh cannot be stored yet");
                    pause = (pause * 2).min(LONGEST);
                }
            }
        }
    }

    async fn store(&mut self, inner: &Inner) -> Result<(), StoreError> {
        if !self.overtaken {
            match self.keep(inner).await {
                Err(StoreError::LeaseLost) => self.overtaken = true,
                kept => return kept,
            }
        }
        match rotated(&self.leave, &self.refreshed) {
            Some((grant, rotated)) => put_in_place(inner, self.leave.account(), grant, rotated).await,
            None => Ok(()),
        }
    }

    async fn keep(&self, inner: &Inner) -> Result<(), StoreError> {
        if self.leave.account().state.after(Happening::Refreshed).is_some() {
            let mut act = inner.store.act(&Actor::Gateway, "").await?;
            self.write(&mut act).await?;
            // As it is now: an admin may have disabled it while Google was asked.
            let account = accounts::locked(&mut act, self.key.0).await?;
            let next = account.and_then(|a| a.state.after(Happening::Refreshed).map(|state| (a, state)));
            if let Some((account, state)) = next {
                accounts::set_state(&mut act, account.id, state).await?;
                return act.commit(changed(&account, state, "refreshed")).await;
            }
        }
        let mut batch = inner.store.batch().await?;
        self.write(&mut batch).await?;
        batch.commit().await
    }

    async fn write(&self, on: &mut impl Write) -> Result<(), StoreError> {
        let (id, scopes) = &self.key;
        leases::hold(on, &self.lease).await?;
        if let Some((grant, rotated)) = rotated(&self.leave, &self.refreshed) {
            grants::rotate(on, *id, grant.id, rotated).await?;
        }
        access_tokens::put(on, *id, scopes, &self.token).await?;
        if self.leave.refused_before() {
            self.leave.note(on, None).await?;
        }
        leases::release(on, &self.lease).await
    }
}

fn rotated<'a>(leave: &'a Leave, refreshed: &'a Refreshed) -> Option<(&'a Grant, &'a Secret)> {
    match (leave, &refreshed.refresh_token) {
        (Leave::Grant { grant, .. }, Some(rotated)) if *rotated != grant.refresh_token => {
            Some((grant, rotated))
        }
        _ => None,
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
