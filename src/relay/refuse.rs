//! Refusing a login: one reference for answer, log and journal, and what is
//! remembered of the account. Nothing here changes an account's state: Gmail's
//! word about a mailbox is noted beside it, the rest is the token endpoint's
//! business.

use std::sync::PoisonError;
use std::time::Duration;

use postern_core::model::address::Address;
use postern_core::model::refusal::{Cause, Reference, Refusal};

use super::admit::{Gate, Visitor};
use super::upstream::{Dial, Failed};
use crate::audit::{Note, RefusedLogin};
use crate::auth::mail::Verified;
use crate::clock::micros;
use crate::store::accounts::Account;

const THROTTLED: Duration = Duration::from_secs(60);

/// How the client is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It may try again.
    Once(Refusal),
    /// This answer is the connection's last.
    ForGood(Refusal),
    /// Too many wait for such an answer: the connection closes without one.
    Unheard,
}

/// Why admission failed, with what the log is told.
pub(super) struct Trouble {
    pub(super) cause: Cause,
    pub(super) mailbox: Option<Address>,
    pub(super) why: String,
    /// Gmail itself said so in this login.
    pub(super) by_gmail: bool,
}

impl Trouble {
    pub(super) fn new(cause: Cause, why: &str) -> Self {
        Self { cause, mailbox: None, why: why.to_owned(), by_gmail: false }
    }
}

impl From<Failed> for Trouble {
    fn from(failed: Failed) -> Self {
        let (cause, why) = match failed {
            Failed::TokenRefused(words) | Failed::Refused(words) => {
                let why = words.as_str().to_owned();
                (Cause::RefusedByGmail(words), why)
            }
            Failed::TooManyConnections => (Cause::TooManyConnections, "Gmail says so".to_owned()),
            Failed::Unreachable(_, why) | Failed::Unavailable(why) => (Cause::Unavailable, why),
        };
        Self { cause, mailbox: None, why, by_gmail: true }
    }
}

impl<D: Dial> Gate<D> {
    /// Logs and notes a refusal; `reference` is used when nothing stands there
    /// yet for the same cause in this hour.
    pub(super) fn refuse(
        &self,
        visitor: Visitor,
        verified: Option<&Verified>,
        trouble: Trouble,
        reference: Reference,
    ) -> Refusal {
        let account = verified.map(|v| &v.account);
        if let Some(account) = account {
            self.remember(account, &trouble);
        }
        let Trouble { cause, mailbox, why, .. } = trouble;
        self.metrics.refused(visitor.protocol, &cause);
        let id = account.map(|a| a.id);
        let help = id.is_some() && shows_help(&cause);
        let reference = self.notes.refused(RefusedLogin {
            at: self.clock.now(),
            protocol: visitor.protocol,
            cause: cause.name(),
            peer: visitor.peer,
            account: id,
            address: mailbox.or_else(|| account.map(|a| a.address.clone())),
            reference,
            help,
        });
        tracing::info!(
            proto = visitor.protocol.name(), peer = %visitor.peer, cause = cause.name(), reference = %reference,
            account.id = id.map(tracing::field::display), why, "login refused"
        );
        let help = help.then(|| format!("{}{reference}", self.help));
        Refusal { cause, reference, help }
    }

    fn remember(&self, account: &Account, trouble: &Trouble) {
        match &trouble.cause {
            Cause::TooManyConnections if trouble.by_gmail => {
                let until = self.clock.now() + micros(THROTTLED);
                let mut throttled = self.throttled.lock().unwrap_or_else(PoisonError::into_inner);
                throttled.retain(|_, end| *end > self.clock.now());
                throttled.entry(account.id).or_insert_with(|| {
                    self.notes.note(Note::Throttled { account: account.id, until });
                    until
                });
            }
            Cause::RefusedByGmail(words) if account.noted.as_deref() != Some(words.as_str()) => {
                let words = Some(words.as_str().to_owned());
                self.notes.note(Note::Noted { account: account.id, words });
            }
            Cause::WrongToken
            | Cause::TokenExpired
            | Cause::NeedsConsent
            | Cause::NeedsSignIn
            | Cause::ProductMissing
            | Cause::Disabled
            | Cause::AwaitingApproval
            | Cause::ClientRefused
            | Cause::RefusedByGmail(_)
            | Cause::TooManyConnections
            | Cause::Unavailable => {}
        }
    }
}

// A page helps where somebody has to act on the account.
fn shows_help(cause: &Cause) -> bool {
    match cause {
        Cause::NeedsConsent
        | Cause::NeedsSignIn
        | Cause::ProductMissing
        | Cause::Disabled
        | Cause::AwaitingApproval
        | Cause::ClientRefused
        | Cause::RefusedByGmail(_) => true,
        Cause::WrongToken | Cause::TokenExpired | Cause::Unavailable | Cause::TooManyConnections => false,
    }
}
