//! Refreshing before anybody waits for it.
//!
//! Every 15 s: tokens of active accounts that were logged in to within a day
//! and that have less than 20 min of life left (up to two minutes less, by the
//! token, so that what was fetched together is not fetched together again),
//! soonest expiry first, at most ten at once. What another node is at is left to
//! it; what Google refused or did not answer waits as for everybody else.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use postern_core::model::id::AccountId;
use tokio_util::sync::CancellationToken;

use super::errand::Errand;
use super::{Broker, Key, lock, refresh};
use crate::clock::{Micros, micros};
use crate::store::StoreError;
use crate::store::access_tokens::{self, Ending};
use crate::tasks::Phase;

/// Life that a token has left when it is refreshed ahead.
pub const LEAD: Duration = Duration::from_secs(1_200);
const SPREAD: Duration = Duration::from_secs(120);
// A day, and the hour to which the store knows it.
const USED: Duration = Duration::from_secs(90_000);
const BEAT: Duration = Duration::from_secs(15);
const AT_ONCE: usize = 10;

/// Keeps tokens alive.
pub struct Ahead {
    broker: Broker,
    // Tokens that live so short that they are always about to end: not before.
    short: HashMap<Key, Micros>,
}

impl Ahead {
    /// For the accounts that `broker` serves.
    #[must_use]
    pub fn new(broker: Broker) -> Self {
        Self { broker, short: HashMap::new() }
    }

    /// Looks and refreshes until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut down = false;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(BEAT) => {}
            }
            let looked = tokio::select! {
                () = stop.cancelled() => return,
                looked = self.tick() => looked,
            };
            match looked {
                Ok(_) => down = false,
                Err(error) => {
                    if !down {
                        tracing::warn!(error = %error, "tokens are not refreshed ahead for the moment, trying on");
                        down = true;
                    }
                }
            }
        }
    }

    /// Refreshes what is due now; returns how many it fetched.
    ///
    /// # Errors
    /// When the database does not say what is due.
    pub async fn tick(&mut self) -> Result<usize, StoreError> {
        let now = self.broker.0.store.clock().now();
        self.short.retain(|_, until| now < *until && *until - now <= micros(LEAD));
        let (mut fetched, mut last) = (0, None);
        loop {
            let page = self.page(now, last.as_ref()).await?;
            let Some(end) = page.last().cloned() else { return Ok(fetched) };
            let due =
                page.into_iter().filter(|ending| self.due(ending, now)).map(|it| (it.account, it.scopes));
            let due: Vec<Key> = due.collect();
            let done: Vec<_> = stream::iter(due)
                .map(|key| self.broker.fetch_ahead(key))
                .buffer_unordered(AT_ONCE)
                .filter_map(async |done| done)
                .collect()
                .await;
            fetched += done.len();
            for (key, left) in done {
                if left < micros(LEAD) {
                    self.short.insert(key, now + left / 2);
                }
            }
            last = Some(end);
        }
    }

    async fn page(&self, now: Micros, after: Option<&Ending>) -> Result<Vec<Ending>, StoreError> {
        let mut read = self.broker.0.store.read().await?;
        access_tokens::ending(&mut read, now + micros(LEAD), now - micros(USED), after).await
    }

    fn due(&self, ending: &Ending, now: Micros) -> bool {
        let key = (ending.account, ending.scopes.clone());
        ending.expires_at - now <= lead(ending.account, ending.expires_at)
            && !self.short.contains_key(&key)
            && lock(&self.broker.0.pauses).bar(&key, now).is_none()
    }
}

impl Broker {
    // The life that the new token has; nothing when there is none, or another node has it.
    async fn fetch_ahead(&self, key: Key) -> Option<(Key, Micros)> {
        let (inner, own) = (self.0.clone(), key.clone());
        let seen = inner.changes.load(Ordering::SeqCst);
        // A task of its own: what is under way is stored also when the loop ends.
        let task = self.0.tasks.spawn(Phase::Work, async move {
            let outcome = refresh::fly(&inner, &own, &Errand::Ahead, refresh::PATIENCE).await;
            inner.remember(&own, &outcome, seen);
            outcome
        });
        let given = task.await.ok()?.ok()?;
        Some((key, given.token.expires_at - self.0.store.clock().now()))
    }
}

// The same for a token on every node.
fn lead(account: AccountId, expires_at: Micros) -> Micros {
    let mut hash = DefaultHasher::new();
    (account.0.as_bytes(), expires_at).hash(&mut hash);
    let part = i64::from(u16::try_from(hash.finish() & 0xffff).unwrap_or(0));
    micros(LEAD) - micros(SPREAD) * part / 0xffff
}
