//! The dial side: a connection to Gmail becomes a session of one mailbox.
//!
//! States: *greeting*, *EHLO*, *AUTH* (waits for the 334), *token* (waits for
//! the verdict), *challenge* (Gmail's reason was answered with an empty line,
//! waits for the 535), *over*.
//!
//! Promises: one command at a time; `AUTH XOAUTH2` always in two steps, since
//! a delegated token makes one line too long for Gmail (RFC 4954 section 4);
//! nothing Gmail says is shown to a client, but for cleaned words in a failure.
//! Refuses: a server without XOAUTH2, answers that are none.

use std::collections::VecDeque;

use super::{
    answer::{Answer, Answers, Malformed},
    offers::{self, Offers},
};
use crate::{
    model::{
        address::Address,
        refusal::{Cause, PeerText},
        secret::Secret,
    },
    wire::sasl,
};

/// What the driver does next.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Write this to Gmail.
    Send(Vec<u8>),
    /// Write this to Gmail; it holds the access token.
    SendSecret(Secret),
    /// Read more from Gmail, then step again; at its end call [`Upstream::lost`].
    Need,
    /// The session stands; Gmail's unread bytes belong to the relay.
    Done(Offers),
    /// It does not; close the connection.
    Failed(Failure),
}

/// Why there is no session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// 535 5.7.8: refresh the access token once and dial again.
    TokenRefused(PeerText),
    /// Gmail counts too many logins or connections of this mailbox.
    TooManyConnections(PeerText),
    /// Gmail refused for good: web login, application password, policy.
    Refused(PeerText),
    /// It may work later.
    Unavailable(Trouble),
}

/// What was wrong when Gmail was not available.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Gmail said so.
    Said(PeerText),
    /// The connection ended or never answered.
    Lost,
    /// What came was no SMTP.
    Malformed,
    /// EHLO offers no `AUTH XOAUTH2`.
    NoXoauth2,
}

impl Failure {
    /// The cause a client is told, once nothing more is tried.
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self {
            Self::TokenRefused(text) | Self::Refused(text) => Cause::RefusedByGmail(text.clone()),
            Self::TooManyConnections(_) => Cause::TooManyConnections,
            Self::Unavailable(_) => Cause::Unavailable,
        }
    }
}

#[derive(Debug)]
enum State {
    Greeting,
    Ehlo,
    Auth(Offers),
    Token(Offers),
    Challenge,
    Over,
}

/// The core; see the module.
#[derive(Debug)]
pub struct Upstream {
    hostname: String,
    token_line: Secret,
    state: State,
    answers: Answers,
    out: VecDeque<Step>,
}

impl Upstream {
    /// A fresh connection to Gmail. `hostname` is the name we greet with, never
    /// the client's: non-ASCII or control characters in it are left out.
    #[must_use]
    pub fn new(hostname: &str, mailbox: &Address, access_token: &Secret) -> Self {
        Self {
            hostname: hostname.chars().filter(char::is_ascii_graphic).collect(),
            token_line: Secret::new(format!("{}\r\n", sasl::xoauth2(mailbox, access_token).reveal())),
            state: State::Greeting,
            answers: Answers::default(),
            out: VecDeque::new(),
        }
    }

    /// The next step; takes what it uses from the front of Gmail's unread bytes.
    pub fn step(&mut self, unread: &mut &[u8]) -> Step {
        if let Some(step) = self.out.pop_front() {
            return step;
        }
        if matches!(self.state, State::Over) {
            return Step::Failed(Failure::Unavailable(Trouble::Lost));
        }
        match self.answers.next(unread) {
            Ok(Some(answer)) => self.hear(&answer),
            Ok(None) => Step::Need,
            Err(Malformed) => self.fail(Failure::Unavailable(Trouble::Malformed)),
        }
    }

    /// The connection ended, or Gmail was silent for too long.
    pub fn lost(&mut self) -> Failure {
        self.state = State::Over;
        self.out.clear();
        Failure::Unavailable(Trouble::Lost)
    }

    fn hear(&mut self, answer: &Answer) -> Step {
        match (std::mem::replace(&mut self.state, State::Over), answer.code()) {
            (State::Greeting, 220) => {
                self.state = State::Ehlo;
                Step::Send(format!("EHLO {}\r\n", self.hostname).into_bytes())
            }
            (State::Ehlo, 250) if offers::offers_xoauth2(answer) => {
                self.state = State::Auth(Offers::heard(answer));
                Step::Send(b"AUTH XOAUTH2\r\n".to_vec())
            }
            (State::Ehlo, 250) => self.fail(Failure::Unavailable(Trouble::NoXoauth2)),
            (State::Auth(offers), 334) => {
                self.state = State::Token(offers);
                Step::SendSecret(std::mem::replace(&mut self.token_line, Secret::new("")))
            }
            (State::Token(offers), 235) => Step::Done(offers),
            // The challenge holds Google's reason as JSON; the 535 comes after an empty line.
            (State::Token(_), 334) => {
                self.state = State::Challenge;
                Step::Send(b"\r\n".to_vec())
            }
            (_, _) => self.fail(failure(answer)),
        }
    }

    fn fail(&mut self, failure: Failure) -> Step {
        self.state = State::Over;
        Step::Failed(failure)
    }
}

fn failure(answer: &Answer) -> Failure {
    let text = answer.text();
    match (answer.code(), answer.status()) {
        (535, Some("5.7.8")) => Failure::TokenRefused(text),
        (421 | 454, Some("4.7.0")) if says_too_many(&text) => Failure::TooManyConnections(text),
        (400..=499, _) => Failure::Unavailable(Trouble::Said(text)),
        (500..=599, _) => Failure::Refused(text),
        // A success code where none can stand.
        (_, _) => Failure::Unavailable(Trouble::Malformed),
    }
}

fn says_too_many(text: &PeerText) -> bool {
    text.as_str().to_ascii_lowercase().contains("too many")
}
