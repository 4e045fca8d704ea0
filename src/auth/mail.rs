//! Verifying a mail login: CRM token and user name.
//!
//! The token names the mailbox; the user name must agree with it (its address
//! or an alias). Wrong, unknown, revoked, wrong protocol and wrong user are
//! one answer to the client; only a token that is right in all of this but
//! past its end is told so.
//!
//! What verified is remembered until it has changed, and read again after a
//! minute. A change by this process holds for the next login already, one by
//! another process within a second or two. With the database away a remembered
//! token still enters, for at most ten minutes.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use postern_core::model::address::Address;
use postern_core::model::change::Change;
use postern_core::model::secret::Secret;
use postern_core::model::token::{Protocol, well_formed};

use super::hash;
use crate::clock::{Micros, micros};
use crate::store::accounts::{self, Account};
use crate::store::crm_tokens::{self, CrmToken};
use crate::store::told::Follower;
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

/// Verifies tokens.
pub struct Verifier {
    store: Store,
    memory: Mutex<Memory>,
}

struct Memory {
    told: Follower,
    remembered: HashMap<[u8; 32], Remembered>,
    // Counts changes, so that what was read before one is not remembered after it.
    changes: u64,
}

impl Memory {
    /// Forgets what was told to have changed.
    fn catch_up(&mut self) {
        let (mut tokens, mut accounts) = (HashSet::new(), HashSet::new());
        while let Some(change) = self.told.at_once() {
            self.changes += 1;
            match change {
                Change::Token(id) => drop(tokens.insert(id)),
                Change::Account(id) => drop(accounts.insert(id)),
                Change::Everything => self.remembered.clear(),
                Change::Client | Change::Session(_) | Change::Settings => {}
            }
        }
        if !tokens.is_empty() || !accounts.is_empty() {
            self.remembered.retain(|_, Remembered { verified, .. }| {
                !tokens.contains(&verified.token.id) && !accounts.contains(&verified.account.id)
            });
        }
    }
}

impl Verifier {
    /// A verifier that remembers nothing yet.
    #[must_use]
    pub fn new(store: Store) -> Self {
        let memory = Memory { told: store.told().follow(), remembered: HashMap::new(), changes: 0 };
        Self { store, memory: Mutex::new(memory) }
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

    async fn find(&self, hash: &[u8; 32]) -> Result<Option<Arc<Verified>>, Denied> {
        let now = self.store.clock().now();
        let (known, seen) = {
            let memory = self.memory();
            (memory.remembered.get(hash).cloned(), memory.changes)
        };
        if let Some(known) = &known
            && recent(known.read_at, FRESH, now)
        {
            return Ok(Some(known.verified.clone()));
        }
        match self.read(hash).await {
            Ok(Some(verified)) => {
                let verified = Arc::new(verified);
                self.remember(*hash, Remembered { verified: verified.clone(), read_at: now }, seen);
                Ok(Some(verified))
            }
            Ok(None) => Ok(None),
            Err(error) => {
                // It may have been revoked while the database was asked.
                let (known, now) = (self.memory().remembered.get(hash).cloned(), self.store.clock().now());
                let Some(known) = known.filter(|known| recent(known.read_at, STALE, now)) else {
                    return Err(Denied::Unavailable(error));
                };
                tracing::warn!(error = %error, "a remembered token is let in while the database is away");
                Ok(Some(known.verified))
            }
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
        let mut memory = self.memory();
        if memory.changes != seen {
            return;
        }
        if memory.remembered.len() >= REMEMBERED {
            memory.remembered.clear();
        }
        memory.remembered.insert(hash, entry);
    }

    // As it is after everything that was told so far.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.catch_up();
        memory
    }
}

#[cfg(test)]
mod tests {
    use postern_core::model::account::State;
    use postern_core::model::actor::Actor;
    use postern_core::model::address::Address;
    use postern_core::model::event::Event;
    use postern_core::model::token::{Protocol, Protocols, compose};

    use super::{Denied, FRESH, Verifier, hash, recent};
    use crate::clock::{Clock, micros};
    use crate::store::{accounts, crm_tokens, trial};

    #[tokio::test]
    async fn a_token_that_was_revoked_here_opens_nothing_from_then_on() {
        let folder = tempfile::tempdir().unwrap();
        let store = trial::store(folder.path(), Clock::system()).await;
        let verifier = Verifier::new(store.clone());
        let address = Address::parse("anna@acme.cz").unwrap();
        let secret = compose(&store.dice().bytes().unwrap());
        let mut act = store.act(&Actor::Gateway, "").await.unwrap();
        let account = accounts::insert(&mut act, &address, None, State::Active).await.unwrap().id;
        let hash = hash::of(secret.reveal());
        let token = crm_tokens::insert(&mut act, account, &hash, "crm", Protocols::Both, None).await.unwrap();
        act.commit(Event::AccountApproved { account, address: address.clone() }).await.unwrap();
        for _ in 0..2 {
            verifier.verify("anna@acme.cz", &secret, Protocol::Imap).await.unwrap();
        }

        let mut act = store.act(&Actor::Gateway, "").await.unwrap();
        crm_tokens::revoke(&mut act, token).await.unwrap();
        act.commit(Event::TokenRevoked { token, address: address.clone() }).await.unwrap();
        let denied = verifier.verify("anna@acme.cz", &secret, Protocol::Imap).await;
        assert!(matches!(denied, Err(Denied::Wrong(Some(whose))) if whose == address));
    }

    #[test]
    fn what_was_read_before_the_clock_was_set_back_is_read_again() {
        let now = 1_700_000_000_000_000;
        assert!(recent(now, FRESH, now));
        assert!(recent(now - micros(FRESH) + 1, FRESH, now));
        assert!(!recent(now - micros(FRESH), FRESH, now));
        assert!(!recent(now + 1, FRESH, now));
    }
}
