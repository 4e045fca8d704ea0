//! Whom Google is not asked about for a while.
//!
//! - An account whose refresh failed for the moment, or that Google refuses to
//!   the service account: 2 s, doubled with each failure in a row up to 5 min.
//! - A client or service account that Google refuses as such: 1 min doubled up to
//!   15 min, and then one account of it asks. No other account does.
//! - The token endpoint as a whole, once five accounts in a row got no answer:
//!   2 s doubled up to 1 min, and then one account asks.
//!
//! All jittered downwards by up to a half, never below Google's `Retry-After`.
//! An answer of the endpoint ends its own pause and, with it, the accounts'
//! that began for want of an answer; a success ends the account's and its
//! client's. A change of the account or client ends theirs (see the feed). A
//! restart begins anew: what is dead for good stands in the database.
//!
//! Pure: the caller brings time and chance.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use postern_core::model::id::{AccountId, ClientId};
use postern_core::model::scope::ScopeSet;

use super::{Key, NoToken};
use crate::clock::{Micros, micros};
use crate::google::fault::{ClientCode, Fault};

const FIRST: Duration = Duration::from_secs(2);
const ACCOUNT: Duration = Duration::from_secs(300);
const FIRST_CLIENT: Duration = Duration::from_secs(60);
const CLIENT: Duration = Duration::from_secs(900);
const ENDPOINT: Duration = Duration::from_secs(60);
/// So many accounts without an answer, and it is not their fault.
const IN_A_ROW: usize = 5;
/// Time for the one that asks while the others wait.
const TRIAL: Duration = Duration::from_secs(15);
/// What ends later was begun before the clock was set back.
const LONGEST: Duration = Duration::from_secs(3_660);
const MOST: usize = 50_000;

#[derive(Debug, Clone)]
struct Pause {
    failures: u32,
    until: Micros,
    answer: NoToken,
    /// For want of an answer, and not because Google named a time.
    unanswered: bool,
}

impl Pause {
    fn holds(&self, now: Micros) -> bool {
        now < self.until && self.until - now <= micros(LONGEST)
    }
}

/// Every pause of this process.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    accounts: HashMap<Key, Pause>,
    clients: HashMap<(ClientId, ScopeSet), Pause>,
    endpoint: Option<Pause>,
    silent: HashSet<AccountId>,
}

impl Pauses {
    /// Why Google is not asked for this token now, as far as that is known
    /// without the account's client.
    pub(super) fn bar(&self, key: &Key, now: Micros) -> Option<NoToken> {
        let own = self.accounts.get(key).filter(|pause| pause.holds(now));
        // An endpoint that is down for all is tried by whoever comes when its pause is over.
        let own = own.filter(|pause| !pause.unanswered || self.endpoint.is_none());
        own.or(self.endpoint.as_ref().filter(|pause| pause.holds(now))).map(|pause| pause.answer.clone())
    }

    /// Whether Google may be asked now. Where an endpoint or a client is on
    /// trial, the first to come is let through and the others wait for it.
    ///
    /// # Errors
    /// What the caller is told instead.
    pub(super) fn admit(&mut self, key: &Key, client: ClientId, now: Micros) -> Result<(), NoToken> {
        if let Some(no) = self.bar(key, now) {
            return Err(no);
        }
        if let Some(pause) = self.clients.get_mut(&(client, key.1.clone())) {
            if pause.holds(now) {
                // The next login of this account learns it without the database.
                let own = Pause { failures: 0, unanswered: false, ..pause.clone() };
                self.accounts.insert(key.clone(), own.clone());
                return Err(own.answer);
            }
            pause.until = now + micros(TRIAL);
        }
        if let Some(pause) = &mut self.endpoint {
            pause.until = now + micros(TRIAL);
        }
        Ok(())
    }

    /// What Google answered. `chance` jitters.
    pub(super) fn answered(
        &mut self,
        key: &Key,
        client: ClientId,
        fault: Option<&Fault>,
        now: Micros,
        chance: u16,
    ) {
        let Some(fault) = fault else {
            self.accounts.remove(key);
            self.clients.remove(&(client, key.1.clone()));
            return self.endpoint_lives();
        };
        let answer = answer_of(fault);
        match fault {
            Fault::Temporary { retry_after, .. } => {
                self.unanswered(key, &answer, *retry_after, now, chance);
            }
            Fault::Malformed { .. } => self.unanswered(key, &answer, None, now, chance),
            Fault::ClientRefused { code, .. } => {
                self.endpoint_lives();
                if whole(*code) {
                    let of = (client, key.1.clone());
                    let failures = self.clients.get(&of).map_or(0, |pause| pause.failures) + 1;
                    let until = now + delay(FIRST_CLIENT, CLIENT, failures, chance);
                    self.clients.insert(of, Pause { failures, until, answer, unanswered: false });
                } else {
                    self.pause(key, &answer, Duration::ZERO, false, now, chance);
                }
            }
            Fault::SubjectRefused { .. }
            | Fault::Declined { .. }
            | Fault::TokenRefused { .. }
            | Fault::RequestRefused { .. } => {
                self.endpoint_lives();
                self.pause(key, &answer, Duration::ZERO, false, now, chance);
            }
            // The account's state bars it from now on.
            Fault::GrantRefused { .. } | Fault::SignInWanted { .. } => {
                self.accounts.remove(key);
                self.endpoint_lives();
            }
        }
    }

    /// The account, its grant or its state changed.
    pub(super) fn account_changed(&mut self, account: AccountId) {
        self.accounts.retain(|(id, _), _| *id != account);
    }

    /// The client changed, or nobody knows what did.
    pub(super) fn everything_changed(&mut self) {
        *self = Self::default();
    }

    fn unanswered(
        &mut self,
        key: &Key,
        answer: &NoToken,
        wanted: Option<Duration>,
        now: Micros,
        chance: u16,
    ) {
        self.pause(key, answer, wanted.unwrap_or_default(), wanted.is_none(), now, chance);
        self.silent.insert(key.0);
        if self.silent.len() >= IN_A_ROW {
            let failures = self.endpoint.as_ref().map_or(0, |pause| pause.failures) + 1;
            let least = micros(wanted.unwrap_or_default());
            let until = now + delay(FIRST, ENDPOINT, failures, chance).max(least);
            let answer = NoToken::Temporary("Google's token endpoint does not answer".to_owned());
            self.endpoint = Some(Pause { failures, until, answer, unanswered: true });
        }
    }

    fn endpoint_lives(&mut self) {
        self.silent.clear();
        if self.endpoint.take().is_some() {
            self.accounts.retain(|_, pause| !pause.unanswered);
        }
    }

    fn pause(
        &mut self,
        key: &Key,
        answer: &NoToken,
        least: Duration,
        unanswered: bool,
        now: Micros,
        chance: u16,
    ) {
        if self.accounts.len() >= MOST {
            self.accounts.retain(|_, pause| pause.holds(now));
        }
        let failures = self.accounts.get(key).map_or(0, |pause| pause.failures) + 1;
        let until = now + delay(FIRST, ACCOUNT, failures, chance).max(micros(least));
        self.accounts.insert(key.clone(), Pause { failures, until, answer: answer.clone(), unanswered });
    }
}

/// What a caller is told of a failure that is no state of the account.
pub(super) fn answer_of(fault: &Fault) -> NoToken {
    match fault {
        Fault::ClientRefused { code, .. } => NoToken::ClientRefused(code.name()),
        Fault::SubjectRefused { why } => NoToken::SubjectRefused(why.clone()),
        Fault::GrantRefused { .. } => NoToken::NeedsConsent,
        Fault::SignInWanted { .. } => NoToken::NeedsSignIn,
        Fault::Declined { .. }
        | Fault::TokenRefused { .. }
        | Fault::RequestRefused { .. }
        | Fault::Temporary { .. }
        | Fault::Malformed { .. } => NoToken::Temporary(fault.to_string()),
    }
}

// The others may concern one grant or one mailbox: Google says `unauthorized_client`
// also of a refresh token that belongs to another client.
fn whole(code: ClientCode) -> bool {
    match code {
        ClientCode::InvalidClient
        | ClientCode::DeletedClient
        | ClientCode::DisabledClient
        | ClientCode::KeyRefused
        | ClientCode::ServiceAccountGone
        | ClientCode::Clock
        | ClientCode::KeyUnusable => true,
        ClientCode::UnauthorizedClient
        | ClientCode::InvalidScope
        | ClientCode::OrgInternal
        | ClientCode::AdminPolicyEnforced
        | ClientCode::RedirectUriMismatch
        | ClientCode::DisallowedUseragent => false,
    }
}

fn delay(first: Duration, most: Duration, failures: u32, chance: u16) -> Micros {
    let doubled = first.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(most);
    let half = micros(doubled) / 2;
    half + half * i64::from(chance) / i64::from(u16::MAX)
}

#[cfg(test)]
mod tests;
