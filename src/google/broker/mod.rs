//! Access tokens for (account, scope set): memory, then the sealed row, then
//! one refresh.
//!
//! - All callers of this process that wait for the same token share one flight,
//!   which runs as a task of its own: a client that hangs up cancels nothing.
//! - All processes share one lease row per token; results are written only
//!   under one's own fence (see `refresh`).
//! - A caller gets a token with at least five minutes of life. When it cannot
//!   be had for the moment, a token with one minute left is used.
//! - Only the token endpoint's word changes an account's state. A login never
//!   asks for an account whose state bars it; [`Broker::probe`] does.
//! - What Google refused or did not answer is asked again after a pause only
//!   (see `pauses`), however often clients come.
//! - Tokens of accounts that are in use are refreshed before they end (see
//!   [`ahead`]).

pub mod ahead;
mod ask;
mod errand;
mod keep;
pub mod metrics;
mod pauses;
mod refresh;
#[cfg(test)]
mod tests;
mod tries;

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::Shared;
use postern_core::model::change::Change;
use postern_core::model::id::AccountId;
use postern_core::model::refusal::{Cause, PeerText};
use postern_core::model::scope::ScopeSet;
use tokio_util::sync::CancellationToken;
use url::Url;

use self::errand::{Errand, lives};
use self::metrics::Metrics;
use self::pauses::Pauses;
pub use self::tries::Tries;
use super::endpoints::Endpoints;
use crate::net::exchange::Exchange;
use crate::store::access_tokens::AccessToken;
use crate::store::told::Follower;
use crate::store::{Store, grants};
use crate::tasks::{Phase, Tasks};

/// Life that a token needs to be given to a new session.
pub const ENOUGH: Duration = Duration::from_secs(300);
/// Life that is accepted when a refresh fails for the moment.
pub const AT_LEAST: Duration = Duration::from_secs(60);

const REMEMBERED: usize = 50_000;

/// Why there is no access token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoToken {
    /// Never connected, or Google ended the grant.
    #[error("the mailbox is not connected to Google")]
    NeedsConsent,
    /// Google wants the user to sign in again.
    #[error("Google wants the user to sign in again")]
    NeedsSignIn,
    /// The grant does not hold the scopes.
    #[error("the user did not grant this product")]
    ProductMissing,
    /// The owner has switched the product off here.
    #[error("the owner has switched this product off")]
    SwitchedOff,
    /// The account is barred, by its state.
    #[error("the account is barred: {}", .0.name())]
    Barred(Cause),
    /// The OAuth client or service account is refused.
    #[error("Google refuses the client of this installation: {0}")]
    ClientRefused(&'static str),
    /// Google refuses this mailbox to the service account.
    #[error("Google refuses the mailbox: {}", .0.as_str())]
    SubjectRefused(PeerText),
    /// Nothing is known for the moment.
    #[error("no access token for the moment: {0}")]
    Temporary(String),
}

impl NoToken {
    /// What a mail client is told.
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self {
            Self::NeedsConsent => Cause::NeedsConsent,
            Self::NeedsSignIn => Cause::NeedsSignIn,
            Self::ProductMissing | Self::SwitchedOff => Cause::ProductMissing,
            Self::Barred(cause) => cause.clone(),
            Self::ClientRefused(_) => Cause::ClientRefused,
            Self::SubjectRefused(words) => Cause::RefusedByGmail(words.clone()),
            Self::Temporary(_) => Cause::Unavailable,
        }
    }
}

type Key = (AccountId, ScopeSet);

/// A token, and how it was come by.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Given {
    token: AccessToken,
    /// Google gave it just now; else it was at hand.
    new: bool,
}

impl Given {
    fn at_hand(token: AccessToken) -> Self {
        Self { token, new: false }
    }
}

type Outcome = Result<Given, NoToken>;
type Flight = Shared<Pin<Box<dyn Future<Output = Outcome> + Send>>>;

/// Hands out access tokens. Cheap to clone.
#[derive(Clone)]
pub struct Broker(Arc<Inner>);

struct Inner {
    store: Store,
    exchange: Arc<dyn Exchange>,
    endpoints: Endpoints,
    redirect_uri: Url,
    tasks: Tasks,
    metrics: Metrics,
    remembered: Mutex<HashMap<Key, AccessToken>>,
    flights: Mutex<HashMap<Key, Flight>>,
    pauses: Mutex<Pauses>,
    // Counts changes, so that what was fetched before one is not remembered after it.
    changes: AtomicU64,
}

impl Broker {
    /// Access tokens that Google gave since the start of the process.
    #[must_use]
    pub fn refreshed(&self) -> u64 {
        self.0.metrics.refreshed()
    }

    /// A broker that remembers nothing yet. `redirect_uri` is part of the
    /// client's identity at Google.
    #[must_use]
    pub fn new(
        store: Store,
        exchange: Arc<dyn Exchange>,
        endpoints: Endpoints,
        redirect_uri: Url,
        tasks: Tasks,
        metrics: Metrics,
    ) -> Self {
        Self(Arc::new(Inner {
            store,
            exchange,
            endpoints,
            redirect_uri,
            tasks,
            metrics,
            remembered: Mutex::default(),
            flights: Mutex::default(),
            pauses: Mutex::default(),
            changes: AtomicU64::default(),
        }))
    }

    /// A token for the account. A session that may be refused it takes
    /// [`Broker::tries`].
    ///
    /// # Errors
    /// Says why there is none.
    pub async fn token(&self, account: AccountId, scopes: &ScopeSet) -> Result<AccessToken, NoToken> {
        self.given(account, scopes, &[]).await.map(|given| given.token)
    }

    // None of `refused`, which the mail server has just refused.
    async fn given(&self, account: AccountId, scopes: &ScopeSet, refused: &[AccessToken]) -> Outcome {
        let outcome = self.found(account, scopes, refused).await;
        if let Ok(Given { token, .. }) = &outcome {
            let left = token.expires_at - self.0.store.clock().now();
            self.0.metrics.gave(Duration::from_micros(u64::try_from(left).unwrap_or(0)));
        }
        outcome
    }

    async fn found(&self, account: AccountId, scopes: &ScopeSet, refused: &[AccessToken]) -> Outcome {
        let key = (account, scopes.clone());
        if let Some(token) = self.remembered(&key, ENOUGH, refused) {
            return Ok(Given::at_hand(token));
        }
        let stale = |outcome: &Outcome| outcome.as_ref().is_ok_and(|given| given.token.is_one_of(refused));
        let mut outcome = self.flight(&key, refused).await;
        // The flight that was joined may have started before the token was refused.
        if stale(&outcome) {
            outcome = self.flight(&key, refused).await;
        }
        if stale(&outcome) {
            outcome = Err(NoToken::Temporary("others still ask for what was refused".to_owned()));
        }
        match outcome {
            Err(NoToken::Temporary(why)) => match self.last_resort(&key, refused).await {
                Some(token) => {
                    tracing::warn!(account.id = %account, why, "no new access token, the old one is used to its end");
                    Ok(Given::at_hand(token))
                }
                None => Err(NoToken::Temporary(why)),
            },
            other => other,
        }
    }

    /// Asks Google for a token now, even where the account's state or a pause
    /// bars logins from asking: a success brings the account back. Not for an
    /// account that an admin has to let in.
    ///
    /// # Errors
    /// Says why there is none.
    pub async fn probe(&self, account: AccountId, scopes: &ScopeSet) -> Result<AccessToken, NoToken> {
        let (inner, key) = (self.0.clone(), (account, scopes.clone()));
        let seen = inner.changes.load(Ordering::SeqCst);
        let task = self.0.tasks.spawn(Phase::Work, async move {
            let outcome = refresh::fly(&inner, &key, &Errand::Probe, refresh::PATIENCE).await;
            inner.remember(&key, &outcome, seen);
            outcome
        });
        task.await.unwrap_or_else(|_| Err(interrupted())).map(|given| given.token)
    }

    /// Whether the account has no grant of its own, so that a service account's
    /// tokens are its only ones.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delegated(&self, account: AccountId) -> Result<bool, NoToken> {
        let store = &self.0.store;
        let grant = grants::of(store, &mut store.read().await?, account).await?;
        Ok(grant.is_none())
    }

    /// Forgets what is told to have changed, until `stop`.
    pub async fn follow(self, mut told: Follower, stop: CancellationToken) {
        while let Some(Some(change)) = stop.run_until_cancelled(told.next()).await {
            self.changed(change);
        }
    }

    /// Forgets what this change may have made wrong.
    pub fn changed(&self, change: Change) {
        let mut remembered = lock(&self.0.remembered);
        self.0.changes.fetch_add(1, Ordering::SeqCst);
        match change {
            Change::Account(id) => {
                remembered.retain(|(account, _), _| *account != id);
                lock(&self.0.pauses).account_changed(id);
            }
            Change::Client | Change::Everything => {
                remembered.clear();
                lock(&self.0.pauses).everything_changed();
            }
            Change::Token(_) | Change::Session(_) | Change::Settings => {}
        }
    }

    // What was remembered or, after a restart, what the row still holds.
    async fn last_resort(&self, key: &Key, refused: &[AccessToken]) -> Option<AccessToken> {
        if let Some(token) = self.remembered(key, AT_LEAST, refused) {
            return Some(token);
        }
        let now = self.0.store.clock().now();
        let stored = refresh::stored(&self.0, key).await.ok().flatten();
        stored.filter(|token| lives(token, AT_LEAST, now) && !token.is_one_of(refused))
    }

    fn remembered(&self, key: &Key, life: Duration, refused: &[AccessToken]) -> Option<AccessToken> {
        let token = lock(&self.0.remembered).get(key).cloned()?;
        let lives = lives(&token, life, self.0.store.clock().now());
        (lives && !token.is_one_of(refused)).then_some(token)
    }

    fn flight(&self, key: &Key, refused: &[AccessToken]) -> Flight {
        let mut flights = lock(&self.0.flights);
        if let Some(flight) = flights.get(key) {
            return flight.clone();
        }
        let (inner, own, errand) = (self.0.clone(), key.clone(), Errand::Session(refused.to_vec()));
        let seen = inner.changes.load(Ordering::SeqCst);
        let task = self.0.tasks.spawn(Phase::Work, async move {
            let outcome = refresh::fly(&inner, &own, &errand, refresh::PATIENCE).await;
            inner.land(&own, &outcome, seen);
            outcome
        });
        let (inner, own) = (self.0.clone(), key.clone());
        let flight = async move {
            task.await.unwrap_or_else(|_| {
                // It did not land by itself; the next caller must not join it.
                let outcome = Err(interrupted());
                inner.land(&own, &outcome, seen);
                outcome
            })
        };
        let flight: Flight = (Box::pin(flight) as Pin<Box<dyn Future<Output = Outcome> + Send>>).shared();
        flights.insert(key.clone(), flight.clone());
        flight
    }
}

impl Inner {
    fn land(&self, key: &Key, outcome: &Outcome, seen: u64) {
        // Remember first: whoever finds no flight must find the token.
        self.remember(key, outcome, seen);
        lock(&self.flights).remove(key);
    }

    // `seen` is the count of changes when this began.
    fn remember(&self, key: &Key, outcome: &Outcome, seen: u64) {
        let mut remembered = lock(&self.remembered);
        match outcome {
            Ok(Given { token, .. }) if self.changes.load(Ordering::SeqCst) == seen => {
                if remembered.len() >= REMEMBERED {
                    remembered.clear();
                }
                remembered.insert(key.clone(), token.clone());
            }
            Err(NoToken::Temporary(_)) => {}
            // Also when it may be out of date: what it replaces is.
            Ok(_) | Err(_) => {
                remembered.remove(key);
            }
        }
    }
}

fn interrupted() -> NoToken {
    NoToken::Temporary("the refresh was interrupted".to_owned())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
