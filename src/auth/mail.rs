//! Verifying a mail login: CRM token and user name.
//!
//! The token names the mailbox; the user name must agree with it (its address
//! or an alias). Wrong, unknown, revoked, wrong protocol and wrong user are
//! one answer to the client; only a token that is right in all of this but
//! past its end is told so.
//!
//! What verified is remembered until the change feed says otherwise, and read
//! again after a minute. With the database away a remembered token still
//! enters, for at most ten minutes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use postern_core::model::address::Address;
use postern_core::model::change::Change;
use postern_core::model::secret::Secret;
use postern_core::model::token::{Protocol, well_formed};

use super::hash;
use crate::clock::{Micros, micros};
use crate::node::changes::Follower;
use crate::store::accounts::{self, Account};
use crate::store::crm_tokens::{self, CrmToken};
use crate::store::{Store, StoreError, aliases};

const FRESH: Duration = Duration::from_secs(60);
const STALE: Duration = Duration::from_secs(600);
const REMEMBERED: usize = 20_000;

/// A login that may go on.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The token that was shown.
    pub token: CrmToken,
    /// The mailbox.
    pub account: Account,
    /// Its further addresses.
    pub aliases: Vec<Address>,
}

impl Verified {
    /// Every address that Gmail leaves in a From header.
    #[must_use]
    pub fn addresses(&self) -> Vec<Address> {
        std::iter::once(self.account.address.clone()).chain(self.aliases.iter().cloned()).collect()
    }
}

/// Why a login does not go on.
#[derive(Debug)]
pub enum Denied {
    /// Wrong, unknown, revoked, wrong protocol, wrong user. The mailbox is
    /// named for the audit when the token was a real one.
    Wrong(Option<Address>),
    /// Right, but its time is over.
    Expired(Address),
    /// The database does not answer and nothing is remembered.
    Unavailable(StoreError),
}

#[derive(Clone)]
struct Remembered {
    verified: Arc<Verified>,
    read_at: Micros,
}

// What was read later than now was read before the clock was set back: nobody knows when.
fn recent(read_at: Micros, age: Duration, now: Micros) -> bool {
    (0..micros(age)).contains(&now.saturating_sub(read_at))
}

/// Verifies tokens. Cheap to clone.
#[derive(Clone)]
pub struct Verifier {
    store: Store,
    remembered: Arc<Mutex<HashMap<[u8; 32], Remembered>>>,
    // Counts changes, so that what was read before one is not remembered after it.
    changes: Arc<AtomicU64>,
}

impl Verifier {
    /// A verifier that remembers nothing yet.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store, remembered: Arc::default(), changes: Arc::default() }
    }

    /// Verifies what a client showed.
    ///
    /// # Errors
    /// Says which of the three answers the client gets.
    pub async fn verify(
        &self,
        user: &str,
        secret: &Secret,
        protocol: Protocol,
    ) -> Result<Arc<Verified>, Denied> {
        if !well_formed(secret.reveal()) {
            return Err(Denied::Wrong(None));
        }
        let hash = hash::of(secret.reveal());
        let Some(verified) = self.find(&hash).await? else {
            return Err(Denied::Wrong(None));
        };
        let mailbox = verified.account.address.clone();
        let named = verified.addresses().iter().any(|address| address.is(user));
        if !named || verified.token.revoked_at.is_some() || !verified.token.protocols.allows(protocol) {
            return Err(Denied::Wrong(Some(mailbox)));
        }
        if verified.token.expires_at.is_some_and(|end| end <= self.store.clock().now()) {
            return Err(Denied::Expired(mailbox));
        }
        Ok(verified)
    }

    /// Forgets what the feed says has changed, until the process ends.
    pub async fn follow(self, mut feed: Follower) {
        while let Some(change) = feed.next().await {
            let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
            self.changes.fetch_add(1, Ordering::SeqCst);
            match change {
                Change::Token(id) => remembered.retain(|_, r| r.verified.token.id != id),
                Change::Account(id) => remembered.retain(|_, r| r.verified.account.id != id),
                Change::Everything => remembered.clear(),
                Change::Client | Change::Session(_) | Change::Settings => {}
            }
        }
    }

    async fn find(&self, hash: &[u8; 32]) -> Result<Option<Arc<Verified>>, Denied> {
        let now = self.store.clock().now();
        let known = self.remembered.lock().unwrap_or_else(PoisonError::into_inner).get(hash).cloned();
        if let Some(known) = &known
            && recent(known.read_at, FRESH, now)
        {
            return Ok(Some(known.verified.clone()));
        }
        let seen = self.changes.load(Ordering::SeqCst);
        match (self.read(hash).await, known) {
            (Ok(Some(verified)), _) => {
                let verified = Arc::new(verified);
                self.remember(*hash, Remembered { verified: verified.clone(), read_at: now }, seen);
                Ok(Some(verified))
            }
            (Ok(None), _) => Ok(None),
            (Err(error), Some(known)) if recent(known.read_at, STALE, now) => {
                tracing::warn!(error = %error, "a remembered token is let in while the database is away");
                Ok(Some(known.verified))
            }
            (Err(error), _) => Err(Denied::Unavailable(error)),
        }
    }

    async fn read(&self, hash: &[u8; 32]) -> Result<Option<Verified>, StoreError> {
        let mut read = self.store.read().await?;
        let Some(token) = crm_tokens::by_hash(&mut read, hash).await? else {
            return Ok(None);
        };
        let Some(account) = accounts::by_id(&mut read, token.account).await? else {
            return Ok(None);
        };
        let aliases = aliases::of(&mut read, account.id).await?;
        Ok(Some(Verified { token, account, aliases }))
    }

    fn remember(&self, hash: [u8; 32], entry: Remembered, seen: u64) {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if self.changes.load(Ordering::SeqCst) != seen {
            return;
        }
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert(hash, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::{FRESH, recent};
    use crate::clock::micros;

    #[test]
    fn what_was_read_before_the_clock_was_set_back_is_read_again() {
        let now = 1_700_000_000_000_000;
        assert!(recent(now, FRESH, now));
        assert!(recent(now - micros(FRESH) + 1, FRESH, now));
        assert!(!recent(now - micros(FRESH), FRESH, now));
        assert!(!recent(now + 1, FRESH, now));
    }
}
