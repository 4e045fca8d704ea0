//! One flight: from the sealed row or, under the lease, from Google.
//!
//! Steps: read the row → take the lease (others poll the row each 200 ms) →
//! read the row again → ask Google, with no transaction open → store under the
//! own fence. A holder that dies is overtaken when its lease ends after 15 s;
//! what becomes of the answer of one that was overtaken is said in `keep`.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::ask::ask;
use super::errand::Errand;
use super::keep::settle;
use super::{Given, Inner, Key, NoToken, Outcome, lock};
use crate::store::StoreError;
use crate::store::access_tokens::{self, AccessToken};
use crate::store::leases::{self, Lease};
use crate::store::switched_off;
use crate::tasks::Phase;

const LEASE: Duration = Duration::from_secs(15);
pub(super) const POLL: Duration = Duration::from_millis(200);
/// How long a flight waits for its turn: longer than a lease lives, shorter
/// than a login may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(22);

impl From<StoreError> for NoToken {
    fn from(error: StoreError) -> Self {
        Self::Temporary(error.to_string())
    }
}

/// A token from the row or from Google. `patience` ends the wait for others
/// only: once Google is asked, the answer is waited for and stored, because it
/// may hold the only refresh token that still works.
pub(super) async fn fly(inner: &Arc<Inner>, key: &Key, errand: &Errand, patience: Duration) -> Outcome {
    let end = Instant::now() + patience;
    loop {
        let turn = timeout_at(end, wait(inner, key, errand)).await;
        match turn.map_err(|_| NoToken::Temporary("no answer in time".to_owned()))?? {
            Turn::Token(token) => return Ok(Given::at_hand(token)),
            Turn::Ours(lease) => {
                if let Some(outcome) = under_lease(inner, key, errand, &lease).await {
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

async fn wait(inner: &Inner, key: &Key, errand: &Errand) -> Result<Turn, NoToken> {
    loop {
        if let Some(token) = enough(inner, key, errand).await? {
            return Ok(Turn::Token(token));
        }
        // What is begun now might be cut off before its result is stored.
        if inner.tasks.stop(Phase::Work).is_cancelled() {
            return Err(NoToken::Temporary("the gateway stops".to_owned()));
        }
        // Asked before the lease, so that a mailbox that is polled in vain writes nothing.
        let paused = lock(&inner.pauses).bar(key, inner.store.clock().now());
        if let Some(no) = paused.filter(|_| !errand.even_so()) {
            return Err(no);
        }
        if let Some(lease) = leases::take(&inner.store, &lease_name(key), LEASE).await? {
            return Ok(Turn::Ours(lease));
        }
        if !errand.waits() {
            return Err(NoToken::Temporary("another process is at it".to_owned()));
        }
        tokio::time::sleep(POLL).await;
    }
}

fn lease_name((account, scopes): &Key) -> String {
    format!("refresh/{account}/{scopes}")
}

/// The sealed row's token, however old.
pub(super) async fn stored(inner: &Inner, key: &Key) -> Result<Option<AccessToken>, NoToken> {
    let mut read = inner.store.read().await?;
    Ok(access_tokens::of(&inner.store, &mut read, key.0, &key.1).await?)
}

async fn enough(inner: &Inner, key: &Key, errand: &Errand) -> Result<Option<AccessToken>, NoToken> {
    // Looked at each time: a row of a refresh that was under way then may come later.
    if switched_off::bars(&mut inner.store.read().await?, key.0, &key.1).await? {
        return Err(NoToken::SwitchedOff);
    }
    let now = inner.store.clock().now();
    Ok(stored(inner, key).await?.filter(|token| errand.satisfied(token, now)))
}

// `None`: the grant changed meanwhile, or the lease was lost: look again.
async fn under_lease(inner: &Arc<Inner>, key: &Key, errand: &Errand, lease: &Lease) -> Option<Outcome> {
    match enough(inner, key, errand).await {
        Ok(None) => {}
        Ok(Some(token)) => {
            give_back(inner, lease).await;
            return Some(Ok(Given::at_hand(token)));
        }
        Err(error) => {
            give_back(inner, lease).await;
            return Some(Err(error));
        }
    }
    let asked = ask(inner, key, errand).await;
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
