//! The dial side: from Gmail's greeting to the tagged OK.
//!
//! States: greeting → AUTHENTICATE sent → done or failed.
//!
//! Promises: one round trip (SASL-IR) under the client's own tag; Gmail's
//! failure challenge is answered with the empty line it waits for; nothing
//! Gmail says leaves before the tagged OK, and then its untagged lines, the OK
//! and the bytes behind them leave as they came. Refused: PREAUTH, BYE, lines
//! above the limit, more than 16 KiB before the OK, anything that is no IMAP.

use super::failure::{Failure, Trouble, refused};
use super::frame::announced;
use super::tag::Tag;
use crate::model::address::Address;
use crate::model::refusal::PeerText;
use crate::model::secret::Secret;
use crate::wire::line::{Framed, LineBuf, LineFault};
use crate::wire::sasl::{self, Challenge};

/// Octets of one line, and of all untagged lines before the OK.
const LIMIT: usize = 16 * 1024;

/// Gmail sends one challenge; more are a loop.
const CHALLENGES_LIMIT: u8 = 3;

/// What the driver does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Write this line, which may hold the access token.
    Send(Secret),
    /// Read from Gmail and feed it, or say [`Upstream::closed`].
    Need,
    /// The session is open.
    Done(Welcome),
    /// There is no session; close the connection.
    Failed(Failure),
}

/// What Gmail said at login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome {
    /// Its untagged lines and the tagged OK, raw: the client's answer, after
    /// it went through [`Relay::server`](super::relay::Relay::server).
    pub reply: Vec<u8>,
    /// What came behind them; it goes the same way.
    pub unread: Vec<u8>,
}

/// The core. Loop: [`step`](Self::step), until Need feed, until Done or Failed.
pub struct Upstream {
    tag: Tag,
    input: LineBuf,
    held: Vec<u8>,
    state: State,
}

enum State {
    /// The line to send after the greeting.
    Greeting(Secret),
    Authenticating {
        challenge: Option<Challenge>,
        challenges: u8,
    },
    /// Nothing more is read; the result is repeated.
    Over(Step),
}

enum Said<'a> {
    Continue(&'a [u8]),
    Untagged,
    Bye(&'a [u8]),
    Ok,
    No(&'a [u8]),
    Bad(&'a [u8]),
    Malformed,
}

impl Upstream {
    /// A session for `user`, opened with `access_token` under the client's tag.
    #[must_use]
    pub fn new(tag: Tag, user: &Address, access_token: &Secret) -> Self {
        let response = sasl::xoauth2(user, access_token);
        let line = Secret::new(format!("{tag} AUTHENTICATE XOAUTH2 {}\r\n", response.reveal()));
        Self { tag, input: LineBuf::new(LIMIT), held: Vec::new(), state: State::Greeting(line) }
    }

    /// Takes bytes of Gmail.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.input.push(bytes);
    }

    /// Gmail closed the connection, or it broke.
    pub fn closed(&mut self) {
        if !matches!(self.state, State::Over(_)) {
            self.fail(Failure::Unavailable(Trouble::Closed));
        }
    }

    /// What to do next.
    pub fn step(&mut self) -> Step {
        loop {
            if let State::Over(result) = &self.state {
                return result.clone();
            }
            let line = match self.input.next_line() {
                Framed::Line(line) => line,
                Framed::Partial => return Step::Need,
                Framed::Fault(LineFault::TooLong) => {
                    self.fail(Failure::Unavailable(Trouble::TooLong));
                    continue;
                }
                Framed::Fault(LineFault::BareCr | LineFault::BareLf | LineFault::Nul) => {
                    self.fail(Failure::Unavailable(Trouble::Malformed));
                    continue;
                }
            };
            let send = match &self.state {
                State::Greeting(first) => {
                    let first = first.clone();
                    self.greeting(&line, first)
                }
                State::Authenticating { .. } => self.answer(&line),
                State::Over(_) => None,
            };
            if let Some(send) = send {
                return Step::Send(send);
            }
        }
    }

    fn greeting(&mut self, line: &[u8], first: Secret) -> Option<Secret> {
        let (star, rest) = word(line);
        let (status, text) = word(rest);
        match (star, status.to_ascii_uppercase().as_slice()) {
            (b"*", b"OK") => {
                self.state = State::Authenticating { challenge: None, challenges: 0 };
                return Some(first);
            }
            (b"*", b"PREAUTH") => self.fail(Failure::Unavailable(Trouble::Preauth)),
            (b"*", b"BYE") => self.fail(Failure::Unavailable(Trouble::Bye(told(text)))),
            (_, _) => self.fail(Failure::Unavailable(Trouble::Greeting(told(line)))),
        }
        None
    }

    fn answer(&mut self, line: &[u8]) -> Option<Secret> {
        match self.read(line) {
            Said::Continue(text) => return self.challenged(text),
            Said::Untagged => self.hold(line),
            Said::Ok => self.open(line),
            Said::Bye(text) => self.fail(Failure::Unavailable(Trouble::Bye(told(text)))),
            Said::Bad(text) => self.fail(Failure::Unavailable(Trouble::Bad(told(text)))),
            Said::Malformed => self.fail(Failure::Unavailable(Trouble::Malformed)),
            Said::No(text) => {
                let challenge = match &mut self.state {
                    State::Authenticating { challenge, .. } => challenge.take(),
                    State::Greeting(_) | State::Over(_) => None,
                };
                self.fail(refused(text, challenge));
            }
        }
        None
    }

    fn read<'a>(&self, line: &'a [u8]) -> Said<'a> {
        let (first, rest) = word(line);
        let (status, text) = word(rest);
        let status = status.to_ascii_uppercase();
        match (first, status.as_slice()) {
            // No tag begins with `+`, and some servers leave the blank out.
            ([b'+', ..], _) => Said::Continue(line.get(1..).unwrap_or_default()),
            (b"*", b"BYE") => Said::Bye(text),
            (b"*", b"PREAUTH" | b"") => Said::Malformed,
            (b"*", b"OK" | b"NO" | b"BAD") => Said::Untagged,
            // Data with a literal has no place before login, and would need framing.
            (b"*", _) => match announced(line) {
                Ok(None) => Said::Untagged,
                Ok(Some(_)) | Err(_) => Said::Malformed,
            },
            (tag, b"OK") if tag == self.tag.as_bytes() => Said::Ok,
            (tag, b"NO") if tag == self.tag.as_bytes() => Said::No(text),
            (tag, b"BAD") if tag == self.tag.as_bytes() => Said::Bad(text),
            (_, _) => Said::Malformed,
        }
    }

    fn challenged(&mut self, text: &[u8]) -> Option<Secret> {
        if let State::Authenticating { challenge, challenges } = &mut self.state
            && *challenges < CHALLENGES_LIMIT
        {
            *challenges = challenges.saturating_add(1);
            *challenge = sasl::challenge(text).or(challenge.take());
            return Some(Secret::new("\r\n"));
        }
        self.fail(Failure::Unavailable(Trouble::Malformed));
        None
    }

    fn hold(&mut self, line: &[u8]) {
        if self.held.len().saturating_add(line.len()) > LIMIT {
            self.fail(Failure::Unavailable(Trouble::TooLong));
        } else {
            self.held.extend_from_slice(line);
            self.held.extend_from_slice(b"\r\n");
        }
    }

    fn open(&mut self, line: &[u8]) {
        let mut reply = std::mem::take(&mut self.held);
        reply.extend_from_slice(line);
        reply.extend_from_slice(b"\r\n");
        let unread = self.input.drain();
        self.state = State::Over(Step::Done(Welcome { reply, unread }));
    }

    fn fail(&mut self, failure: Failure) {
        self.held = Vec::new();
        self.input.clear();
        self.state = State::Over(Step::Failed(failure));
    }
}

fn told(text: &[u8]) -> PeerText {
    PeerText::new(&String::from_utf8_lossy(text))
}

/// Splits at the first blank.
fn word(line: &[u8]) -> (&[u8], &[u8]) {
    match line.iter().position(|&byte| byte == b' ') {
        Some(at) => {
            let (word, rest) = line.split_at(at);
            (word, rest.get(1..).unwrap_or_default())
        }
        None => (line, &[]),
    }
}
