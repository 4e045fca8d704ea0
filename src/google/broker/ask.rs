//! Asking Google for an access token, and by whose leave.

use postern_core::model::id::ClientId;
use postern_core::model::refusal::Cause;
use postern_core::model::secret::Secret;

use super::errand::Errand;
use super::{Inner, Key, NoToken, lock};
use crate::google::fault::Fault;
use crate::google::oauth::{self, Refreshed};
use crate::google::service_account::{self, ServiceAccount};
use crate::store::accounts::{self, Account};
use crate::store::grants::{self, Grant};
use crate::store::{StoreError, Write, clients, service_accounts};

/// By whose leave a token is asked for.
pub(super) enum Leave {
    Grant { account: Account, grant: Grant, refused_before: bool },
    Delegation { account: Account, id: ClientId, refused_before: bool },
}

impl Leave {
    pub(super) fn account(&self) -> &Account {
        match self {
            Self::Grant { account, .. } | Self::Delegation { account, .. } => account,
        }
    }

    /// The client or service account that asks.
    fn client(&self) -> ClientId {
        match self {
            Self::Grant { grant, .. } => grant.client,
            Self::Delegation { id, .. } => *id,
        }
    }

    /// Notes Google's code when it refuses the client or service account, or
    /// that it works again.
    pub(super) async fn note(&self, on: &mut impl Write, code: Option<&str>) -> Result<(), StoreError> {
        match self {
            Self::Grant { grant, .. } => clients::fault(on, grant.client, code).await,
            Self::Delegation { id, .. } => service_accounts::fault(on, *id, code).await,
        }
    }

    /// Whether Google refused the client or service account the last time.
    pub(super) fn refused_before(&self) -> bool {
        match self {
            Self::Grant { refused_before, .. } | Self::Delegation { refused_before, .. } => *refused_before,
        }
    }
}

/// Google's answer; or nobody could be asked.
pub(super) type Asked = Result<(Leave, Result<Refreshed, Fault>), NoToken>;

pub(super) async fn ask(inner: &Inner, key: &Key, errand: &Errand) -> Asked {
    let (leave, request) = leave(inner, key, errand).await?;
    let client = leave.client();
    if !errand.even_so() {
        lock(&inner.pauses).admit(key, client, inner.store.clock().now())?;
    }
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
    inner.metrics.answered(&answer);
    let chance = inner.store.dice().bytes().map_or(0, u16::from_le_bytes);
    let now = inner.store.clock().now();
    lock(&inner.pauses).answered(key, client, answer.as_ref().err(), now, chance);
    Ok((leave, answer))
}

enum Request {
    Refresh(oauth::Client, Secret),
    Assert(Box<ServiceAccount>),
}

// A user's own grant goes before the service account that serves the domain.
async fn leave(inner: &Inner, (id, scopes): &Key, errand: &Errand) -> Result<(Leave, Request), NoToken> {
    let store = &inner.store;
    let mut read = store.read().await?;
    let account = accounts::by_id(&mut read, *id).await?.ok_or(NoToken::NeedsConsent)?;
    if let Some(cause) = errand.bar(account.state) {
        return Err(NoToken::Barred(cause));
    }
    if let Some(grant) = grants::of(store, &mut read, *id).await? {
        if !grant.scopes.covers(scopes) {
            return Err(NoToken::ProductMissing);
        }
        let client = clients::by_id(store, &mut read, grant.client)
            .await?
            .ok_or_else(|| StoreError::inconsistent("grants", format!("{id}: its client is gone")))?;
        let refused_before = client.fault.is_some();
        let client = oauth::Client {
            client_id: client.client_id,
            client_secret: client.secret,
            redirect_uri: inner.redirect_uri.clone(),
        };
        let token = grant.refresh_token.clone();
        return Ok((Leave::Grant { account, grant, refused_before }, Request::Refresh(client, token)));
    }
    let Some(row) = service_accounts::serving(store, &mut read, account.address.domain()).await? else {
        return Err(NoToken::NeedsConsent);
    };
    if account.unapproved {
        return Err(NoToken::Barred(Cause::AwaitingApproval));
    }
    let delegate = ServiceAccount::from_key_file(&row.key)
        .map_err(|_| NoToken::ClientRefused("the stored service account key cannot be read"))?;
    let leave = Leave::Delegation { account, id: row.id, refused_before: row.fault.is_some() };
    Ok((leave, Request::Assert(Box::new(delegate))))
}
