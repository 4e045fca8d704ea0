//! Admission, the same for both protocols: who may come in, and the session
//! at Gmail behind it.
//!
//! Order: token and user name → account state → throttle → access token →
//! connection → login at Gmail. An access token that Gmail refuses is renewed
//! once and tried on a new connection. Whatever goes wrong becomes a
//! [`Refusal`] whose reference stands in the answer, the log and the audit;
//! nothing here changes an account.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::refusal::{Cause, Reference, Refusal};
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;
use postern_core::model::token::Protocol;
use tokio::time::{Instant, timeout_at};

use super::metrics::Metrics;
use super::upstream::{Dial, Failed, Handshake};
use crate::audit::{Note, Notes};
use crate::auth::mail::{Denied, Verified, Verifier};
use crate::clock::{Clock, Micros, micros};
use crate::dice::Dice;
use crate::google::broker::Broker;

const THROTTLED: Duration = Duration::from_secs(60);
const HELP_LIVES: Duration = Duration::from_secs(30 * 86_400);

/// What admission needs. One for all connections.
pub struct Gate<D> {
    /// Tokens of mail clients.
    pub verifier: Verifier,
    /// Access tokens.
    pub broker: Broker,
    /// The journal.
    pub notes: Notes,
    /// The figures.
    pub metrics: Metrics,
    /// Connections to Gmail.
    pub dial: D,
    /// Time.
    pub clock: Clock,
    /// References.
    pub dice: Dice,
    /// Address that a reference is put behind: `https://…/r/`.
    pub help: String,
    /// Time for verification, access token, connection and login together.
    pub limit: Duration,
    /// Accounts of which Gmail said "too many connections".
    pub throttled: Mutex<HashMap<AccountId, Micros>>,
}

/// A connection's end that shows a credential.
#[derive(Debug, Clone, Copy)]
pub struct Visitor {
    /// Where it is.
    pub peer: IpAddr,
    /// What it speaks.
    pub protocol: Protocol,
}

/// An open session at Gmail with whom it belongs to.
pub struct Admitted<S, T> {
    /// Who came in.
    pub verified: Arc<Verified>,
    /// The connection to Gmail.
    pub upstream: S,
    /// What the login there left behind.
    pub session: T,
    /// Names the session in log, audit and answers.
    pub reference: Reference,
}

impl<D: Dial> Gate<D> {
    /// Verifies a credential and opens the session at Gmail.
    ///
    /// # Errors
    /// The refusal to be told to the client; it is logged and in the journal.
    pub async fn admit<H: Handshake<D::Stream>>(
        &self,
        visitor: Visitor,
        user: &str,
        secret: &Secret,
        handshake: &H,
    ) -> Result<Admitted<D::Stream, H::Session>, Refusal> {
        let reference = self.reference();
        let began = Instant::now();
        let end = began + self.limit;
        let late = || Trouble::new(Cause::Unavailable, "no session in time");
        let verified = match timeout_at(end, self.verify(visitor, user, secret)).await {
            Ok(Ok(verified)) => verified,
            Ok(Err(trouble)) => return Err(self.refuse(visitor, None, trouble, reference)),
            Err(_) => return Err(self.refuse(visitor, None, late(), reference)),
        };
        // Whose mailbox is too slow is known from here on, and is told.
        let opened = timeout_at(end, self.open(visitor.protocol, &verified, handshake)).await;
        match opened.unwrap_or_else(|_| Err(late())) {
            Ok((upstream, session)) => {
                self.metrics.came_in(visitor.protocol, began.elapsed());
                self.came_in(visitor, &verified);
                Ok(Admitted { verified, upstream, session, reference })
            }
            Err(trouble) => Err(self.refuse(visitor, Some(&verified), trouble, reference)),
        }
    }

    async fn verify(&self, visitor: Visitor, user: &str, secret: &Secret) -> Result<Arc<Verified>, Trouble> {
        let denied = |cause, mailbox, why: String| Trouble { cause, mailbox, why };
        self.verifier.verify(user, secret, visitor.protocol).await.map_err(|no| match no {
            Denied::Wrong(mailbox) => denied(Cause::WrongToken, mailbox, String::new()),
            Denied::Expired(mailbox) => denied(Cause::TokenExpired, Some(mailbox), String::new()),
            Denied::Unavailable(error) => denied(Cause::Unavailable, None, error.to_string()),
        })
    }

    async fn open<H: Handshake<D::Stream>>(
        &self,
        protocol: Protocol,
        verified: &Verified,
        handshake: &H,
    ) -> Result<(D::Stream, H::Session), Trouble> {
        let account = &verified.account;
        if let Some(cause) = account.state.bar() {
            return Err(Trouble::new(cause, "by the account's state"));
        }
        if self.is_throttled(account.id) {
            return Err(Trouble::new(Cause::TooManyConnections, "Gmail said so less than a minute ago"));
        }
        let scopes = ScopeSet::mail();
        let mut refused = None;
        loop {
            let token = self
                .broker
                .token(account.id, &scopes, refused.as_ref())
                .await
                .map_err(|no| Trouble::new(no.cause(), &no.to_string()))?;
            let opened = async {
                let mut stream = self.dial.dial(protocol).await?;
                let session = handshake.shake(&mut stream, &account.address, &token.token).await?;
                Ok((stream, session))
            };
            match opened.await.inspect_err(|failed| self.metrics.failed(protocol, failed)) {
                Ok(opened) => return Ok(opened),
                Err(Failed::TokenRefused(_)) if refused.is_none() => refused = Some(token),
                Err(failed) => return Err(failed.into()),
            }
        }
    }

    fn came_in(&self, visitor: Visitor, verified: &Verified) {
        let account = &verified.account;
        self.notes.note(Note::Login {
            at: self.clock.now(),
            token: verified.token.id,
            address: account.address.clone(),
            protocol: visitor.protocol,
            peer: visitor.peer.to_string(),
        });
        if account.noted.is_some() {
            self.notes.note(Note::Noted { account: account.id, words: None });
        }
    }

    fn refuse(
        &self,
        visitor: Visitor,
        verified: Option<&Verified>,
        trouble: Trouble,
        reference: Reference,
    ) -> Refusal {
        let Trouble { cause, mailbox, why } = trouble;
        self.metrics.refused(visitor.protocol, &cause);
        let account = verified.map(|v| &v.account);
        let id = account.map(|a| a.id);
        tracing::info!(
            proto = visitor.protocol.name(), peer = %visitor.peer, cause = cause.name(), reference = %reference,
            account.id = id.map(tracing::field::display), why, "login refused"
        );
        let help = id.filter(|_| shows_help(&cause)).map(|account| {
            self.notes.note(Note::Help {
                reference: reference.as_str().to_owned(),
                account,
                cause: cause.name(),
                expires_at: self.clock.now() + micros(HELP_LIVES),
            });
            format!("{}{reference}", self.help)
        });
        if let Some(account) = id {
            self.remember(account, &cause);
        }
        self.notes.note(Note::Event {
            at: self.clock.now(),
            request: reference.as_str().to_owned(),
            event: Event::LoginRefused {
                protocol: visitor.protocol,
                cause: cause.name(),
                peer: visitor.peer.to_string(),
                reference: reference.as_str().to_owned(),
                address: mailbox.or_else(|| account.map(|a| a.address.clone())),
            },
        });
        Refusal { cause, reference, help }
    }

    // Gmail's word about the mailbox is noted beside the account; its state is
    // the token endpoint's business.
    fn remember(&self, account: AccountId, cause: &Cause) {
        match cause {
            Cause::TooManyConnections => {
                let until = self.clock.now() + micros(THROTTLED);
                let mut throttled = self.throttled.lock().unwrap_or_else(PoisonError::into_inner);
                throttled.retain(|_, end| *end > self.clock.now());
                throttled.entry(account).or_insert_with(|| {
                    self.notes.note(Note::Throttled { account, until });
                    until
                });
            }
            Cause::RefusedByGmail(words) => {
                self.notes.note(Note::Noted { account, words: Some(words.as_str().to_owned()) });
            }
            Cause::WrongToken
            | Cause::TokenExpired
            | Cause::NeedsConsent
            | Cause::NeedsSignIn
            | Cause::ProductMissing
            | Cause::Disabled
            | Cause::AwaitingApproval
            | Cause::ClientRefused
            | Cause::Unavailable => {}
        }
    }

    fn is_throttled(&self, account: AccountId) -> bool {
        let throttled = self.throttled.lock().unwrap_or_else(PoisonError::into_inner);
        throttled.get(&account).is_some_and(|end| *end > self.clock.now())
    }

    fn reference(&self) -> Reference {
        Reference::new(&self.dice.reference().unwrap_or_else(|_| "none".to_owned()))
    }
}

/// Why admission failed, with what the log is told.
struct Trouble {
    cause: Cause,
    mailbox: Option<Address>,
    why: String,
}

impl Trouble {
    fn new(cause: Cause, why: &str) -> Self {
        Self { cause, mailbox: None, why: why.to_owned() }
    }
}

impl From<Failed> for Trouble {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::TokenRefused(words) | Failed::Refused(words) => {
                let why = words.as_str().to_owned();
                Self { cause: Cause::RefusedByGmail(words), mailbox: None, why }
            }
            Failed::TooManyConnections => Self::new(Cause::TooManyConnections, "Gmail says so"),
            Failed::Unreachable(_, why) | Failed::Unavailable(why) => {
                Self { cause: Cause::Unavailable, mailbox: None, why }
            }
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
