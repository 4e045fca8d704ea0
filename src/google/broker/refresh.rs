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

use super::{ENOUGH, Inner, Key, NoToken, Outcome};
use crate::clock::micros;
use crate::google::fault::Fault;
use crate::google::oauth::{self, Refreshed};
use crate::google::service_account::{self, ServiceAccount};
use crate::store::access_tokens::{self, AccessToken};
use crate::store::accounts::{self, Account};
use crate::store::grants::{self, Grant};
use crate::store::leases::{self, Lease};
use crate::store::{StoreError, Write, clients, service_accounts};

const LEASE: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(200);
// Longer than a lease lives, shorter than a login may take.
const PATIENCE: Duration = Duration::from_secs(22);
const STORING: u32 = 10;

impl From<StoreError> for NoToken {
    fn from(error: StoreError) -> Self {
        Self::Temporary(error.to_string())
    }
}

pub(super) async fn fly(inner: &Inner, key: &Key, refused: Option<&AccessToken>) -> Outcome {
    let tried = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(token) = stored(inner, key, refused).await? {
                return Ok(token);
            }
            let Some(lease) = leases::take(&inner.store, &lease_name(key), LEASE).await? else {
                tokio::time::sleep(POLL).await;
                continue;
            };
            if let Some(outcome) = under_lease(inner, key, refused, &lease).await {
                return outcome;
            }
        }
    });
    tried.await.unwrap_or_else(|_| Err(NoToken::Temporary("no answer in time".to_owned())))
}

fn lease_name((account, scopes): &Key) -> String {
    format!("refresh/{account}/{scopes}")
}

async fn stored(
    inner: &Inner,
    key: &Key,
    refused: Option<&AccessToken>,
) -> Result<Option<AccessToken>, NoToken> {
    let mut read = inner.store.read().await?;
    let token = access_tokens::of(&inner.store, &mut read, key.0, &key.1).await?;
    let now = inner.store.clock().now();
    Ok(token.filter(|t| t.expires_at - now >= micros(ENOUGH) && refused != Some(t)))
}

// `None`: the grant changed meanwhile, or the lease was lost: look again.
async fn under_lease(
    inner: &Inner,
    key: &Key,
    refused: Option<&AccessToken>,
    lease: &Lease,
) -> Option<Outcome> {
    match stored(inner, key, refused).await {
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

/// By whose leave a token is asked for.
enum Leave {
    Grant { account: Account, grant: Grant },
    Delegation { account: Account, id: postern_core::model::id::ClientId },
}

impl Leave {
    fn account(&self) -> &Account {
        match self {
            Self::Grant { account, .. } | Self::Delegation { account, .. } => account,
        }
    }
}

/// Google's answer; or nobody could be asked.
type Asked = Result<(Leave, Result<Refreshed, Fault>), NoToken>;

async fn ask(inner: &Inner, key: &Key) -> Asked {
    let (leave, request) = leave(inner, key).await?;
    let answer = match request {
        Request::Refresh(client, token) => {
            oauth::refresh(&*inner.exchange, &inner.endpoints, &client, &token).await
        }
        Request::Assert(delegate) => {
            let address = &leave.account().address;
            let now = inner.store.clock().seconds();
            service_account::grant(&*inner.exchange, &inner.endpoints, &delegate, address, &key.1, now).await
        }
    };
    Ok((leave, answer))
}

enum Request {
    Refresh(oauth::Client, postern_core::model::secret::Secret),
    Assert(Box<ServiceAccount>),
}

// A user's own grant goes before the service account that serves the domain.
async fn leave(inner: &Inner, (id, scopes): &Key) -> Result<(Leave, Request), NoToken> {
    let store = &inner.store;
    let mut read = store.read().await?;
    let account = accounts::by_id(&mut read, *id).await?.ok_or(NoToken::NeedsConsent)?;
    if let Some(cause) = account.state.bar() {
        return Err(NoToken::Barred(cause));
    }
    if let Some(grant) = grants::of(store, &mut read, *id).await? {
        if !grant.scopes.covers(scopes) {
            return Err(NoToken::ProductMissing);
        }
        let client = clients::by_id(store, &mut read, grant.client)
            .await?
            .ok_or_else(|| StoreError::inconsistent("grants", format!("{id}: its client is gone")))?;
        let client = oauth::Client {
            client_id: client.client_id,
            client_secret: client.secret,
            redirect_uri: inner.redirect_uri.clone(),
        };
        let token = grant.refresh_token.clone();
        return Ok((Leave::Grant { account, grant }, Request::Refresh(client, token)));
    }
    let Some(row) = service_accounts::serving(store, &mut read, account.address.domain()).await? else {
        return Err(NoToken::NeedsConsent);
    };
    let delegate = ServiceAccount::from_key_file(&row.key)
        .map_err(|_| NoToken::ClientRefused("the stored service account key cannot be read"))?;
    Ok((Leave::Delegation { account, id: row.id }, Request::Assert(Box::new(delegate))))
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
            note_client(inner, lease, &leave, Some(code.name())).await?;
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
    let account = leave.account();
    match account.state.after(Happening::Refreshed) {
        None => {
            let mut batch = inner.store.batch().await?;
            write(&mut batch, key, lease, leave, refreshed, token).await?;
            batch.commit().await
        }
        Some(state) => {
            let mut act = inner.store.act(&Actor::Gateway, "").await?;
            write(&mut act, key, lease, leave, refreshed, token).await?;
            accounts::set_state(&mut act, account.id, state).await?;
            act.commit(changed(account, state, "refreshed")).await
        }
    }
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
    let account = accounts::by_id(&mut act, id).await?;
    let current = grants::of(&inner.store, &mut act, id).await?.map(|g| g.id);
    let replaced = matches!(leave, Leave::Grant { grant, .. } if current != Some(grant.id));
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

async fn note_client(
    inner: &Inner,
    lease: &Lease,
    leave: &Leave,
    code: Option<&str>,
) -> Result<(), StoreError> {
    let mut batch = inner.store.batch().await?;
    leases::hold(&mut batch, lease).await?;
    match leave {
        Leave::Grant { grant, .. } => clients::fault(&mut batch, grant.client, code).await?,
        Leave::Delegation { id, .. } => service_accounts::fault(&mut batch, *id, code).await?,
    }
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
