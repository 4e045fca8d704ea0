//! Refused logins: a row for the first of an hour, then a count.
//!
//! A mailbox that nobody connected is polled each minute for months. It costs
//! one row, one reference and one count an hour: while a refusal repeats, its
//! reference stays, so that what a person reads in the CRM is what the journal
//! has. The counts live in memory; a process that is killed loses those of the
//! hour it was in.
//!
//! Bounds: whoever has no token can make [`STRANGERS`] rows an hour; beyond
//! that they are counted together.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::time::Duration;

use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::origin::Origin;
use postern_core::model::refusal::Reference;
use postern_core::model::token::Protocol;
use tokio_util::sync::CancellationToken;

use super::note::{Note, Notes};
use crate::clock::{Clock, Micros, micros};

const BEAT: Duration = Duration::from_secs(30);
const HOUR: Micros = 3_600 * 1_000_000;
const HELP_LIVES: Duration = Duration::from_secs(30 * 86_400);
/// Rows an hour of those who did not show the token of a mailbox they may open.
const STRANGERS: usize = 2_000;
/// Rows an hour of mailboxes.
const MAILBOXES: usize = 50_000;

/// A login that was refused.
#[derive(Debug, Clone)]
pub struct RefusedLogin {
    /// When.
    pub at: Micros,
    /// Where.
    pub protocol: Protocol,
    /// Name of the cause.
    pub cause: &'static str,
    /// From where, without port.
    pub peer: std::net::IpAddr,
    /// The mailbox whose token verified.
    pub account: Option<AccountId>,
    /// The mailbox, also of a token that did not verify.
    pub address: Option<Address>,
    /// A reference that nothing has yet.
    pub reference: Reference,
    /// Whether a page helps.
    pub help: bool,
}

/// What is counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Subject {
    Account(AccountId),
    /// Somebody who showed a token of this mailbox that opens nothing.
    Known(Address, Origin),
    Stranger(Origin),
    Others,
}

type Key = (Subject, &'static str, Protocol);

/// The first refusal of an hour and how many there were.
#[derive(Debug)]
struct Open {
    first: RefusedLogin,
    peer: String,
    hour: Micros,
    last: Micros,
    count: u64,
}

/// The refusals of the hour.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    open: HashMap<Key, Open>,
    strangers: usize,
}

impl Refusals {
    /// Counts a refusal. The reference that it carries, and what is to be noted.
    fn count(&mut self, login: RefusedLogin) -> (Reference, Vec<Note>) {
        let key = self.key(&login);
        let hour = login.at.div_euclid(HOUR) * HOUR;
        if let Some(open) = self.open.get_mut(&key)
            && open.hour == hour
        {
            open.count += 1;
            open.last = login.at;
            return (open.first.reference.clone(), Vec::new());
        }
        let mut notes: Vec<Note> = self.take(&key).and_then(|open| open.counted()).into_iter().collect();
        let peer = if key.0 == Subject::Others { "others".to_owned() } else { login.peer.to_string() };
        let reference = login.reference.clone();
        self.strangers += usize::from(!matches!(key.0, Subject::Account(_)));
        let open = Open { last: login.at, first: login, peer, hour, count: 1 };
        notes.extend(open.noted());
        self.open.insert(key, open);
        (reference, notes)
    }

    /// The counts of hours before the one of `now`, which are forgotten.
    fn close(&mut self, now: Micros) -> Vec<Note> {
        let over: Vec<Key> = self
            .open
            .iter()
            .filter(|(_, open)| open.hour + HOUR <= now)
            .map(|(key, _)| key.clone())
            .collect();
        over.iter().filter_map(|key| self.take(key)?.counted()).collect()
    }

    fn take(&mut self, key: &Key) -> Option<Open> {
        let open = self.open.remove(key)?;
        self.strangers -= usize::from(!matches!(key.0, Subject::Account(_)));
        Some(open)
    }

    fn key(&self, login: &RefusedLogin) -> Key {
        let network = Origin::of(login.peer);
        let subject = match (&login.account, &login.address) {
            (Some(account), _) => Subject::Account(*account),
            (None, Some(address)) => Subject::Known(address.clone(), network),
            (None, None) => Subject::Stranger(network),
        };
        let full = match subject {
            Subject::Account(_) => self.open.len() - self.strangers >= MAILBOXES,
            Subject::Known(..) | Subject::Stranger(_) | Subject::Others => self.strangers >= STRANGERS,
        };
        let key = (subject, login.cause, login.protocol);
        if full && !self.open.contains_key(&key) { (Subject::Others, key.1, key.2) } else { key }
    }
}

impl Open {
    // The row of the first, and what its reference shows.
    fn noted(&self) -> Vec<Note> {
        let first = &self.first;
        let reference = first.reference.as_str().to_owned();
        let help = first.account.filter(|_| first.help).map(|account| Note::Help {
            reference: reference.clone(),
            account,
            cause: first.cause,
            expires_at: first.at + micros(HELP_LIVES),
        });
        let event = Event::LoginRefused {
            protocol: first.protocol,
            cause: first.cause,
            peer: self.peer.clone(),
            reference: reference.clone(),
            address: first.address.clone(),
        };
        help.into_iter().chain([Note::Event { at: first.at, request: reference, event }]).collect()
    }

    // The row of all of them, when there were more.
    fn counted(self) -> Option<Note> {
        let Self { first, peer, hour, last, count } = self;
        let reference = first.reference.as_str().to_owned();
        let event = Event::LoginsRefused {
            protocol: first.protocol,
            cause: first.cause,
            peer,
            reference: reference.clone(),
            address: first.address,
            hour,
            count,
        };
        (count > 1).then_some(Note::Event { at: last, request: reference, event })
    }
}

impl Notes {
    /// Notes a refused login and says under which reference it is found.
    pub fn refused(&self, login: RefusedLogin) -> Reference {
        let (reference, notes) = self.refusals().lock().unwrap_or_else(PoisonError::into_inner).count(login);
        notes.into_iter().for_each(|note| self.note(note));
        reference
    }

    fn close_refusals(&self, now: Micros) {
        let notes = self.refusals().lock().unwrap_or_else(PoisonError::into_inner).close(now);
        notes.into_iter().for_each(|note| self.note(note));
    }
}

/// Notes the counts of each hour that is over until `stop`, then those of the
/// running hour too.
pub async fn count_refusals(notes: Notes, clock: Clock, stop: CancellationToken) {
    while !stop.is_cancelled() {
        notes.close_refusals(clock.now());
        notes.close_wrong_keys(clock.now());
        let _stopped = tokio::time::timeout(BEAT, stop.cancelled()).await;
    }
    notes.close_refusals(Micros::MAX);
    notes.close_wrong_keys(Micros::MAX);
}

#[cfg(test)]
mod tests;
