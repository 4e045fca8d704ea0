//! The sessions that run in this process, and what ends them from outside.
//!
//! A session is entered as soon as its token was verified, before anything is
//! dialled, and leaves the register when it is dropped. [`Sessions::watch`]
//! follows what is told to have changed: sessions that a change may concern are *due*, and
//! their rows are read again until that succeeded; with the database away they
//! relay on. A change that was told shortly before a session was entered makes
//! it due too: its login may have been verified before. One beat a second ends
//! the sessions whose token has expired.
//!
//! [`Sessions::drain`] empties the register when this node stops.

mod drain;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::change::Change;
use postern_core::model::id::{AccountId, SessionId, TokenId};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

pub use self::drain::Drain;
use super::order::{Bell, Ending, Order, Running};
use crate::clock::Micros;
use crate::store::crm_tokens::{self, CrmToken, Standing};
use crate::store::told::Follower;
use crate::store::{Store, StoreError, mail_sessions};

const BEAT: Duration = Duration::from_secs(1);
/// For how long a change concerns sessions that are entered later: longer than
/// a login may take.
const RECENT: Duration = Duration::from_secs(120);
const RECENT_MOST: usize = 256;
/// A database that says nothing is away.
const PATIENCE: Duration = Duration::from_secs(10);

/// The register. Cheap to clone.
#[derive(Clone, Default)]
pub struct Sessions(Arc<Shared>);

#[derive(Default)]
struct Shared {
    register: Mutex<Register>,
    due: Notify,
}

#[derive(Default)]
struct Register {
    next: u64,
    running: HashMap<u64, Entry>,
    /// No token expires before.
    soonest: Option<Micros>,
    recent: VecDeque<(Instant, Change)>,
    draining: bool,
    /// Sessions that admins have ended may have been missed.
    kicks_missed: bool,
}

struct Entry {
    account: AccountId,
    token: TokenId,
    /// Its row in the store, once it has one.
    session: Option<SessionId>,
    expires_at: Option<Micros>,
    due: bool,
    bell: Arc<Bell>,
}

/// A session's line in the register.
pub(super) struct Place {
    shared: Arc<Shared>,
    id: u64,
}

impl Place {
    pub(super) fn known_as(&self, session: SessionId) {
        if let Some(entry) = self.shared.register().running.get_mut(&self.id) {
            entry.session = Some(session);
        }
    }

    pub(super) fn leave(&self) {
        let mut register = self.shared.register();
        register.running.remove(&self.id);
        if register.running.is_empty() {
            register.running = HashMap::new();
        }
    }
}

impl Shared {
    fn register(&self) -> MutexGuard<'_, Register> {
        self.register.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sessions {
    /// Enters a session that was let in by `token`.
    #[must_use]
    pub fn enter(&self, token: &CrmToken) -> Running {
        let bell = Arc::<Bell>::default();
        let mut register = self.0.register();
        register.forget_old_changes();
        let due = register.recent.iter().any(|(_, change)| concerns(*change, token.id, token.account));
        let id = register.next;
        register.next += 1;
        register.soonest = [register.soonest, token.expires_at].into_iter().flatten().min();
        if register.draining {
            bell.ring(Order::Leave);
        }
        let entry = Entry {
            account: token.account,
            token: token.id,
            session: None,
            expires_at: token.expires_at,
            due,
            bell: bell.clone(),
        };
        register.running.insert(id, entry);
        drop(register);
        if due {
            self.0.due.notify_one();
        }
        Running::new(bell, Some(Place { shared: self.0.clone(), id }))
    }

    /// How many sessions run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.0.register().running.len()
    }

    /// Ends sessions as what is told, store and clock say, until `stop`.
    pub async fn watch(self, store: Store, feed: Follower, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.follow(&store, feed) => {}
            () = self.expire(&store) => {}
        }
    }

    async fn follow(&self, store: &Store, mut feed: Follower) {
        let mut away = false;
        loop {
            tokio::select! {
                change = feed.next() => match change {
                    Some(change) => self.changed(change),
                    None => return,
                },
                () = self.0.due.notified() => {}
                () = sleep(BEAT), if away => {}
            }
            let checked = timeout(PATIENCE, self.check(store)).await;
            match checked.unwrap_or_else(|_| Err(StoreError::Unavailable("no answer in time".to_owned()))) {
                Ok(()) => away = false,
                Err(error) => {
                    if !away {
                        tracing::warn!(error = %error, "running sessions cannot be checked against a change, trying on");
                    }
                    away = true;
                }
            }
        }
    }

    // One timer for all: nobody notices a second.
    async fn expire(&self, store: &Store) {
        loop {
            self.0.register().expire(store.clock().now());
            sleep(BEAT).await;
        }
    }

    fn changed(&self, change: Change) {
        let mut register = self.0.register();
        match change {
            Change::Session(id) => register.kick(&[id]),
            Change::Everything => register.kicks_missed = true,
            Change::Token(_) | Change::Account(_) | Change::Client | Change::Settings => {}
        }
        for entry in register.running.values_mut() {
            entry.due |= concerns(change, entry.token, entry.account);
        }
        register.remember(change);
    }

    async fn check(&self, store: &Store) -> Result<(), StoreError> {
        let (due, missed) = {
            let register = self.0.register();
            (register.due(), register.kicks_missed)
        };
        if due.is_empty() && !missed {
            return Ok(());
        }
        let mut read = store.read().await?;
        if missed {
            let ending = mail_sessions::ending(&mut read).await?;
            let mut register = self.0.register();
            register.kick(&ending);
            register.kicks_missed = false;
        }
        for (token, sessions) in due {
            let standing = crm_tokens::standing(&mut read, token).await?;
            self.0.register().settle(&sessions, standing.as_ref(), store.clock().now());
        }
        Ok(())
    }
}

impl Register {
    fn forget_old_changes(&mut self) {
        while self.recent.front().is_some_and(|(told, _)| told.elapsed() > RECENT) {
            self.recent.pop_front();
        }
    }

    fn remember(&mut self, change: Change) {
        self.forget_old_changes();
        // What this process did is told twice.
        self.recent.retain(|(_, it)| *it != change);
        if self.recent.len() >= RECENT_MOST {
            self.recent.clear();
            self.recent.push_back((Instant::now(), Change::Everything));
        }
        self.recent.push_back((Instant::now(), change));
    }

    fn due(&self) -> BTreeMap<TokenId, Vec<u64>> {
        let mut due: BTreeMap<TokenId, Vec<u64>> = BTreeMap::new();
        for (id, entry) in self.running.iter().filter(|(_, entry)| entry.due) {
            due.entry(entry.token).or_default().push(*id);
        }
        due
    }

    fn settle(&mut self, sessions: &[u64], standing: Option<&Standing>, now: Micros) {
        let ending = ending(standing, now);
        for id in sessions {
            let Some(entry) = self.running.get_mut(id) else { continue };
            entry.due = false;
            entry.expires_at = standing.and_then(|standing| standing.expires_at);
            if let Some(ending) = ending {
                entry.bell.ring(Order::End(ending));
            }
            self.soonest = [self.soonest, entry.expires_at].into_iter().flatten().min();
        }
    }

    fn expire(&mut self, now: Micros) {
        if self.soonest.is_none_or(|soonest| now < soonest) {
            return;
        }
        for entry in self.running.values_mut() {
            if entry.expires_at.is_some_and(|end| end <= now) {
                entry.expires_at = None;
                entry.bell.ring(Order::End(Ending::Expired));
            }
        }
        self.soonest = self.running.values().filter_map(|entry| entry.expires_at).min();
    }

    fn kick(&self, sessions: &[SessionId]) {
        let kicked = |entry: &&Entry| entry.session.is_some_and(|id| sessions.contains(&id));
        for entry in self.running.values().filter(kicked) {
            entry.bell.ring(Order::End(Ending::Kicked));
        }
    }

    fn ring_all(&self, order: Order) {
        for entry in self.running.values() {
            entry.bell.ring(order);
        }
    }
}

fn concerns(change: Change, token: TokenId, account: AccountId) -> bool {
    match change {
        Change::Token(id) => id == token,
        Change::Account(id) => id == account,
        Change::Everything => true,
        Change::Client | Change::Session(_) | Change::Settings => false,
    }
}

/// Why a session of a token that stands like this must end.
fn ending(standing: Option<&Standing>, now: Micros) -> Option<Ending> {
    let Some(standing) = standing else { return Some(Ending::Removed) };
    if standing.revoked_at.is_some() {
        return Some(Ending::Revoked);
    }
    if standing.expires_at.is_some_and(|end| end <= now) {
        return Some(Ending::Expired);
    }
    if standing.off {
        return Some(Ending::SwitchedOff);
    }
    match standing.state {
        // What Google thinks of the grant ends a session at Gmail by itself, when its token ends.
        State::New | State::Active | State::NeedsConsent | State::NeedsSignIn => None,
        State::Disabled | State::AwaitingApproval => Some(Ending::Disabled),
    }
}
