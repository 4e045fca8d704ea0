//! Admission, the same for both protocols: who may come in, and the session
//! at Gmail behind it.
//!
//! Order: token and user name → account state → throttle → budget → access token →
//! connection → login at Gmail. An access token that Gmail refuses is replaced
//! (see [`Broker::tries`]) and the next one tried on a new connection. Whatever goes wrong becomes a
//! `Refusal` whose reference stands in the answer, the log and the audit;
//! nothing here changes an account.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use postern_core::model::id::AccountId;
use postern_core::model::refusal::{Cause, Reference};
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;
use postern_core::model::token::Protocol;
use tokio::time::{Instant, timeout_at};

use super::budget::{Budget, NoSeat, Seat};
use super::metrics::Metrics;
use super::order::Running;
use super::refuse::{Refused, Trouble};
use super::sessions::Sessions;
use super::tarpit::Tarpit;
use super::upstream::{Dial, Failed, Handshake};
use crate::audit::{Note, Notes};
use crate::auth::mail::{Denied, Verified, Verifier};
use crate::auth::throttle::Rules;
use crate::clock::{Clock, Micros};
use crate::config::Limits;
use crate::dice::Dice;
use crate::google::broker::Broker;
use crate::node::settings::Live;
use crate::store::accounts::Account;

const LATELY: &str = "Gmail said so less than a minute ago";

/// What admission needs. One for all connections.
pub struct Gate<D> {
    /// Tokens of mail clients.
    pub verifier: Verifier,
    /// Those who show wrong ones.
    pub tarpit: Tarpit,
    /// Places among the sessions of an account.
    pub budget: Budget,
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
    /// Bounds: `login` is the time for verification, access token, connection
    /// and login together.
    pub limits: Live<Limits>,
    /// The sessions that run.
    pub sessions: Sessions,
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
    /// Its place in the register.
    pub running: Running,
    /// Its place among the sessions of the account.
    pub seat: Seat,
}

impl<D: Dial> Gate<D> {
    /// Verifies a credential and opens the session at Gmail.
    ///
    /// # Errors
    /// What the client is to be told, and whether it may try again; it is
    /// logged and in the journal. A client that was shut out has waited here.
    pub async fn admit<H: Handshake<D::Stream>>(
        &self,
        visitor: Visitor,
        user: &str,
        secret: &Secret,
        handshake: &H,
    ) -> Result<Admitted<D::Stream, H::Session>, Refused> {
        let reference = self.reference();
        let began = Instant::now();
        let limits = self.limits.now();
        let end = began + limits.login;
        let late = || Trouble::new(Cause::Unavailable, "no session in time");
        let verified = match timeout_at(end, self.verify(visitor, user, secret)).await {
            Ok(Ok(verified)) => verified,
            Ok(Err(trouble)) => {
                let wrong = trouble.cause == Cause::WrongToken;
                let refusal = self.refuse(visitor, None, trouble, reference);
                if !wrong {
                    return Err(Refused::Once(refusal));
                }
                self.tarpit.follow(Rules::of(&limits));
                let told = self.tarpit.hold(visitor.peer, secret, self.clock.now(), refusal).await;
                self.metrics.answered(&told);
                return Err(told);
            }
            Err(_) => return Err(Refused::Once(self.refuse(visitor, None, late(), reference))),
        };
        let running = self.sessions.enter(&verified.token);
        // Whose mailbox is too slow is known from here on, and is told.
        let opened = timeout_at(end, self.open(visitor, &verified, handshake)).await;
        match opened.unwrap_or_else(|_| Err(late())) {
            Ok((seat, upstream, session)) => {
                running.known_as(seat.id());
                self.metrics.came_in(visitor.protocol, began.elapsed());
                self.came_in(visitor, &verified);
                Ok(Admitted { verified, upstream, session, reference, running, seat })
            }
            Err(trouble) => Err(Refused::Once(self.refuse(visitor, Some(&verified), trouble, reference))),
        }
    }

    async fn verify(&self, visitor: Visitor, user: &str, secret: &Secret) -> Result<Arc<Verified>, Trouble> {
        let denied = |cause, mailbox, why: String| Trouble { cause, mailbox, why, by_gmail: false };
        self.verifier.verify(user, secret, visitor.protocol).await.map_err(|no| match no {
            Denied::Wrong(mailbox) => denied(Cause::WrongToken, mailbox, String::new()),
            Denied::Expired(mailbox) => denied(Cause::TokenExpired, Some(mailbox), String::new()),
            Denied::Unavailable(error) => denied(Cause::Unavailable, None, error.to_string()),
        })
    }

    async fn open<H: Handshake<D::Stream>>(
        &self,
        visitor: Visitor,
        verified: &Verified,
        handshake: &H,
    ) -> Result<(Seat, D::Stream, H::Session), Trouble> {
        let (account, protocol) = (&verified.account, visitor.protocol);
        if let Some(cause) = account.state.bar() {
            return Err(Trouble::new(cause, "by the account's state"));
        }
        if self.is_throttled(account) {
            return Err(Trouble::new(Cause::TooManyConnections, LATELY));
        }
        let seat = self.seat(visitor, verified).await?;
        let scopes = ScopeSet::mail();
        let mut tokens = self.broker.tries(account.id, &scopes);
        loop {
            let token = tokens.next().await.map_err(|no| Trouble::new(no.cause(), &no.to_string()))?;
            let opened = async {
                let mut stream = self.dial.dial(protocol).await?;
                let session = handshake.shake(&mut stream, &account.address, &token.token).await?;
                Ok((stream, session))
            };
            match opened.await.inspect_err(|failed| self.metrics.failed(protocol, failed)) {
                Ok((stream, session)) => return Ok((seat, stream, session)),
                Err(Failed::TokenRefused(_)) if tokens.goes_on() => {}
                Err(failed) => return Err(failed.into()),
            }
        }
    }

    async fn seat(&self, visitor: Visitor, verified: &Verified) -> Result<Seat, Trouble> {
        let began = Instant::now();
        let seat = self.budget.seat(verified, visitor.protocol, visitor.peer).await;
        self.metrics.waited(visitor.protocol, began.elapsed(), seat.is_ok());
        seat.map_err(|no| match no {
            NoSeat::Full => Trouble::new(Cause::TooManyConnections, "the budget of the account is full"),
            NoSeat::Throttled => Trouble::new(Cause::TooManyConnections, LATELY),
            NoSeat::Closing => Trouble::new(Cause::Unavailable, "the gateway stops"),
        })
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

    // By this node, or by another one when the account was read.
    fn is_throttled(&self, account: &Account) -> bool {
        if account.throttled_until > self.clock.now() {
            return true;
        }
        let throttled = self.throttled.lock().unwrap_or_else(PoisonError::into_inner);
        throttled.get(&account.id).is_some_and(|end| *end > self.clock.now())
    }

    fn reference(&self) -> Reference {
        Reference::new(&self.dice.reference().unwrap_or_else(|_| "none".to_owned()))
    }
}
