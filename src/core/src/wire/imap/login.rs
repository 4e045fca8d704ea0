//! The session towards the client before login.
//!
//! States: between commands or inside one → a SASL exchange → a verdict is
//! due → handed over; or the TLS handshake is due; or ended.
//!
//! Promises: our greeting and lists, whatever Gmail says; one answer for each
//! command, in order; nothing is processed while a verdict is due, and what
//! arrived meanwhile is handed over unread; a secret is given to the driver in
//! [`Step::Verify`] and nowhere else, and never before TLS where STARTTLS is
//! offered. Refused with a BYE: lines, literals and commands above the limits,
//! bare CR, bare LF, NUL, too many refusals or faults. STARTTLS with any byte
//! behind it ends the session without a word (CVE-2011-0411).

mod command;
mod dispatch;

use std::collections::VecDeque;
use std::mem;

use self::command::Command;
use super::frame::{CountOverflow, Literal, announced, before_literal};
use super::reply::{self, Farewell, Offer};
use super::tag::Tag;
use crate::model::refusal::Refusal;
use crate::model::secret::Secret;
use crate::wire::line::{Framed, LineBuf};
use crate::wire::sasl;

/// What a client may use before login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Octets of a line.
    pub line: usize,
    /// Octets of a literal (RFC 7888: LITERAL- allows 4096).
    pub literal: usize,
    /// Octets of a command with its literals.
    pub command: usize,
    /// Octets that wait to be processed or handed over.
    pub unread: usize,
    /// Refused logins; the last one is followed by BYE.
    pub refusals: u32,
    /// Invalid commands; the last one is followed by BYE.
    pub faults: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { line: 8192, literal: 4096, command: 16384, unread: 65536, refusals: 5, faults: 50 }
    }
}

/// How the client sent its credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// The LOGIN command.
    Login,
    /// AUTHENTICATE PLAIN.
    AuthPlain,
    /// AUTHENTICATE LOGIN.
    AuthLogin,
}

/// A credential to verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The tag of the command; the session at Gmail is opened with it.
    pub tag: Tag,
    /// The user name as the client wrote it.
    pub user: String,
    /// The CRM token.
    pub secret: Secret,
    /// How it came.
    pub mechanism: Mechanism,
}

/// What the driver does next.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Write these bytes.
    Send(Vec<u8>),
    /// Read from the client, at most [`Login::room`] bytes, and feed them.
    Need,
    /// Do the TLS handshake, then call [`Login::secured`].
    StartTls,
    /// Find out, then call [`Login::refused`] or [`Login::accepted`].
    Verify(Credential),
    /// Nothing to do until the verdict or the handshake.
    Wait,
    /// Close the connection.
    Close,
}

/// What passes from this core to the next ones.
#[derive(Debug, PartialEq, Eq)]
pub struct HandOver {
    /// The tag of the login command, which is still to be answered.
    pub tag: Tag,
    /// What the client sent behind it.
    pub unread: Vec<u8>,
}

/// The core. Loop: [`step`](Self::step) until it says Need or Wait, feed, again.
pub struct Login {
    offer: Offer,
    limits: Limits,
    input: LineBuf,
    state: State,
    steps: VecDeque<Step>,
    refusals: u32,
    faults: u32,
}

enum State {
    /// Collecting a command; empty between commands.
    Command(Command),
    /// Collecting a command, whose next octets are a literal.
    Literal(Command, usize),
    /// The next line is a SASL response.
    Sasl(Tag, Awaited),
    Verifying(Tag),
    Securing,
    Ended,
}

enum Awaited {
    Plain,
    UserName,
    Password(String),
}

impl Login {
    /// A session that begins with our greeting.
    #[must_use]
    pub fn new(offer: Offer, limits: Limits) -> Self {
        Self {
            offer,
            limits,
            input: LineBuf::new(limits.line),
            state: State::Command(Command::default()),
            steps: VecDeque::from([Step::Send(offer.greeting())]),
            refusals: 0,
            faults: 0,
        }
    }

    /// How many bytes may be fed now. 0 means: leave them in the socket.
    #[must_use]
    pub fn room(&self) -> usize {
        match self.state {
            State::Ended | State::Securing => 0,
            State::Command(_) | State::Literal(..) | State::Sasl(..) | State::Verifying(_) => {
                let least = self.limits.line.saturating_add(2).max(self.limits.literal);
                self.limits.unread.max(least).saturating_sub(self.input.len())
            }
        }
    }

    /// Takes bytes of the client, at most [`room`](Self::room); says how many.
    #[must_use = "what was not taken has to be fed again"]
    pub fn feed(&mut self, bytes: &[u8]) -> usize {
        if matches!(self.state, State::Securing) && !bytes.is_empty() {
            // Cleartext behind STARTTLS: somebody injects commands.
            self.cut();
        }
        let taken = bytes.get(..self.room()).unwrap_or(bytes);
        self.input.push(taken);
        taken.len()
    }

    /// What to do next.
    pub fn step(&mut self) -> Step {
        loop {
            if let Some(step) = self.steps.pop_front() {
                return step;
            }
            match mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Step::Close,
                State::Securing => {
                    self.state = State::Securing;
                    return Step::Wait;
                }
                State::Verifying(tag) => {
                    self.state = State::Verifying(tag);
                    return Step::Wait;
                }
                State::Command(command) => {
                    if !self.command_line(command) {
                        return Step::Need;
                    }
                }
                State::Literal(command, octets) => {
                    if !self.literal(command, octets) {
                        return Step::Need;
                    }
                }
                State::Sasl(tag, awaited) => {
                    if !self.sasl_line(tag, awaited) {
                        return Step::Need;
                    }
                }
            }
        }
    }

    /// The credential is refused: answered under its tag. The session goes on,
    /// or ends with BYE at the limit.
    pub fn refused(&mut self, refusal: &Refusal) {
        let tag = match mem::replace(&mut self.state, State::Ended) {
            State::Verifying(tag) => tag,
            other => {
                self.state = other;
                return;
            }
        };
        self.refusals = self.refusals.saturating_add(1);
        let mut answer = reply::refusal(&tag, refusal);
        if self.refusals >= self.limits.refusals {
            answer.extend(Farewell::TooManyRefusals.line());
            self.end(answer);
        } else {
            self.say(answer);
        }
    }

    /// The credential is refused, and no other is heard: the answer, then BYE.
    pub fn refused_for_good(&mut self, refusal: &Refusal) {
        self.refusals = self.limits.refusals;
        self.refused(refusal);
    }

    /// The session at Gmail is open; its reply is the answer to the client.
    /// `None` when no credential was to be verified.
    #[must_use]
    pub fn accepted(&mut self) -> Option<HandOver> {
        match mem::replace(&mut self.state, State::Ended) {
            State::Verifying(tag) => Some(HandOver { tag, unread: self.input.drain() }),
            other => {
                self.state = other;
                None
            }
        }
    }

    /// The TLS handshake is done: everything said before is forgotten, and
    /// login is offered. Does nothing when no handshake was due.
    pub fn secured(&mut self) {
        if matches!(self.state, State::Securing) && self.steps.is_empty() {
            self.input.clear();
            self.offer = Offer::Login;
            self.state = State::Command(Command::default());
        }
    }

    /// Ends the session with a BYE, whatever its state.
    pub fn close(&mut self, why: Farewell) {
        match self.state {
            State::Ended => {}
            State::Securing => self.cut(),
            State::Command(_) | State::Literal(..) | State::Sasl(..) | State::Verifying(_) => {
                self.steps.retain(|step| matches!(step, Step::Send(_)));
                self.end(why.line());
            }
        }
    }

    fn command_line(&mut self, mut command: Command) -> bool {
        let line = match self.input.next_line() {
            Framed::Line(line) => line,
            Framed::Partial => {
                self.state = State::Command(command);
                return false;
            }
            Framed::Fault(_) => {
                self.end(Farewell::Protocol.line());
                return true;
            }
        };
        match announced(&line) {
            Ok(None) => {
                command.push_text(&line);
                if command.octets() > self.limits.command {
                    self.too_big(&command);
                } else {
                    self.run(&command);
                }
            }
            Ok(Some(literal)) => {
                command.push_text(before_literal(&line));
                self.await_literal(command, literal);
            }
            Err(CountOverflow) => {
                command.push_text(&line);
                self.too_big(&command);
            }
        }
        true
    }

    fn await_literal(&mut self, command: Command, literal: Literal) {
        let octets = usize::try_from(literal.octets).unwrap_or(usize::MAX);
        let total = command.octets().saturating_add(octets);
        // An empty literal costs no octets, but a part.
        if octets > self.limits.literal || total > self.limits.command || command.is_full() {
            self.too_big(&command);
            return;
        }
        if literal.synchronising {
            self.steps.push_back(Step::Send(b"+ Ready for literal data\r\n".to_vec()));
        }
        self.state = State::Literal(command, octets);
    }

    fn literal(&mut self, mut command: Command, octets: usize) -> bool {
        let Some(content) = self.input.octets(octets) else {
            self.state = State::Literal(command, octets);
            return false;
        };
        command.push_literal(content);
        self.state = State::Command(command);
        true
    }

    fn sasl_line(&mut self, tag: Tag, awaited: Awaited) -> bool {
        match self.input.next_line() {
            Framed::Line(line) => self.sasl_response(tag, awaited, sasl::response(&line)),
            Framed::Partial => {
                self.state = State::Sasl(tag, awaited);
                return false;
            }
            Framed::Fault(_) => self.end(Farewell::Protocol.line()),
        }
        true
    }

    // The client may not wait for `+`, so what follows could be data: no command is read after this.
    fn too_big(&mut self, command: &Command) {
        let mut answer = match Tag::parse(command.words().word()) {
            Some(tag) => reply::tagged(&tag, "BAD [TOOBIG] Command or literal too long"),
            None => b"* BAD [TOOBIG] Command or literal too long\r\n".to_vec(),
        };
        answer.extend(Farewell::Protocol.line());
        self.end(answer);
    }

    fn bad(&mut self, tag: &Tag, text: &str) {
        self.fault(reply::tagged(tag, &format!("BAD {text}")));
    }

    fn fault(&mut self, mut answer: Vec<u8>) {
        self.faults = self.faults.saturating_add(1);
        if self.faults >= self.limits.faults {
            answer.extend(Farewell::TooManyFaults.line());
            self.end(answer);
        } else {
            self.say(answer);
        }
    }

    fn say(&mut self, answer: Vec<u8>) {
        self.steps.push_back(Step::Send(answer));
        self.state = State::Command(Command::default());
    }

    fn end(&mut self, last_words: Vec<u8>) {
        self.steps.push_back(Step::Send(last_words));
        self.input.clear();
        self.state = State::Ended;
    }

    fn cut(&mut self) {
        self.steps.clear();
        self.input.clear();
        self.state = State::Ended;
    }
}
