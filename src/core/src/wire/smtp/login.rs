//! The session towards the client until it has proved its token.
//!
//! States: *command* (waits for a command), *exchange* (waits for a line of
//! AUTH), *verifying* (waits for the driver's verdict; no byte is taken),
//! *handshake* (waits for the driver's TLS), *over*.
//!
//! Promises: the greeting leaves at once, a client may speak before it; what
//! stands after the accepted AUTH stays unread for the relay.
//! Refuses: all but EHLO, HELO, RSET, NOOP, QUIT (and STARTTLS) with 530; AUTH
//! where TLS must come first, unread; any byte after STARTTLS, by hanging up.

use std::collections::VecDeque;

use super::{
    auth::{Credential, Exchange, Mechanism, Turn},
    command::{Command, Fault},
    line::{Line, Lines},
    offers::{Access, Offers},
    reply::{self, Farewell, Reply},
};
use crate::{model::refusal::Refusal, wire::sasl::SaslFault};

/// RFC 4954 section 4: an exchange line may have 12288 octets.
const AUTH_LINE: usize = 12_288;
const COMMAND_LINE: usize = 4096;
const FAILED_LOGINS: u8 = 5;
const BAD_COMMANDS: u8 = 20;

/// What the listener is set to.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The name in greeting and EHLO answer.
    pub hostname: String,
    /// The largest message in octets; Gmail's limit counts if it is smaller.
    pub size_limit: u64,
    /// Whether this is a STARTTLS listener: no login before TLS.
    pub starttls: bool,
}

/// What the driver does next.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Write this to the client, in one write.
    Send(Vec<u8>),
    /// Read more from the client, then step again.
    Need,
    /// Do the TLS handshake with the client, then call [`Login::secured`].
    StartTls,
    /// Verify; answer with [`Login::refused`] or [`Login::accepted`].
    Verify(Credential),
    /// A verdict or the handshake is awaited; the client's bytes wait too.
    Pending,
    /// The client is in and has been told; its unread bytes belong to the relay.
    Done(Greeted),
    /// Flush and close.
    Close,
}

/// How the client greeted before it logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Greeted {
    /// `EHLO`: extensions may be used.
    Ehlo,
    /// `HELO`
    Helo,
}

#[derive(Debug)]
enum State {
    Command,
    Exchange(Exchange),
    Verifying,
    Handshake,
    Over,
}

/// The core; see the module.
#[derive(Debug)]
pub struct Login {
    setup: Setup,
    state: State,
    greeted: Option<Greeted>,
    lines: Lines,
    out: VecDeque<Step>,
    failed: u8,
    bad: u8,
}

impl Login {
    /// A session whose greeting is the first step.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let greeting = reply::one(220, &format!("{} ESMTP Postern", setup.hostname));
        Self {
            setup,
            state: State::Command,
            greeted: None,
            lines: Lines::default(),
            out: VecDeque::from([Step::Send(greeting)]),
            failed: 0,
            bad: 0,
        }
    }

    /// The next step; takes what it uses from the front of the client's unread bytes.
    pub fn step(&mut self, unread: &mut &[u8]) -> Step {
        loop {
            if let Some(step) = self.out.pop_front() {
                return self.checked(step, unread);
            }
            match self.state {
                State::Verifying | State::Handshake => return Step::Pending,
                State::Over => return Step::Close,
                State::Command | State::Exchange(_) => {}
            }
            let Some(line) = self.lines.next(unread, AUTH_LINE) else { return Step::Need };
            match std::mem::replace(&mut self.state, State::Command) {
                State::Exchange(exchange) => self.exchange(exchange, &line),
                State::Command | State::Verifying | State::Handshake | State::Over => {
                    self.line(&line, unread.is_empty());
                }
            }
        }
    }

    /// The credential was refused: the client is told why and may try again.
    pub fn refused(&mut self, refusal: &Refusal) {
        if matches!(self.state, State::Verifying) {
            self.state = State::Command;
            let (code, line) = reply::refusal(refusal);
            self.failed_login(code, line);
        }
    }

    /// The credential was refused, and no other is heard: the answer, then 421.
    pub fn refused_for_good(&mut self, refusal: &Refusal) {
        self.failed = FAILED_LOGINS;
        self.refused(refusal);
    }

    /// Gmail took the session: the client is told, the relay takes over.
    pub fn accepted(&mut self) {
        if matches!(self.state, State::Verifying) {
            self.say(reply::ACCEPTED);
            self.out.push_back(Step::Done(self.greeted.unwrap_or(Greeted::Helo)));
            self.state = State::Over;
        }
    }

    /// TLS stands: the client starts over (RFC 3207 section 4.2).
    pub fn secured(&mut self) {
        if matches!(self.state, State::Handshake) {
            self.setup.starttls = false;
            self.greeted = None;
            self.lines = Lines::default();
            self.state = State::Command;
        }
    }

    /// Ends the session from our side.
    pub fn end(&mut self, why: Farewell) {
        if !matches!(self.state, State::Over) {
            self.out.clear();
            self.hang_up(why.reply());
        }
    }

    // Bytes that came in clear with STARTTLS must not be read as if they had
    // come under TLS (CVE-2011-0411).
    fn checked(&mut self, step: Step, unread: &[u8]) -> Step {
        if step == Step::StartTls && !unread.is_empty() {
            self.out.clear();
            self.state = State::Over;
            return Step::Close;
        }
        step
    }

    fn line(&mut self, line: &Line<'_>, last: bool) {
        let Line::Whole(text) = line else {
            return self.bad_line(line, reply::LINE_TOO_LONG);
        };
        match Command::parse(text) {
            Ok(Command::Auth { mechanism, initial }) => self.auth(mechanism, initial),
            _ if text.len() > COMMAND_LINE => self.bad(reply::LINE_TOO_LONG),
            Ok(command) => self.command(command, last),
            Err(Fault::Unknown) => self.bad(reply::UNKNOWN_COMMAND),
            Err(Fault::Arguments) => self.bad(reply::ARGUMENTS),
            Err(Fault::Control) => self.bad(reply::BROKEN_LINE),
        }
    }

    fn command(&mut self, command: Command<'_>, last: bool) {
        match command {
            Command::Ehlo => {
                self.greeted = Some(Greeted::Ehlo);
                let access = if self.setup.starttls { Access::StartTls } else { Access::Login };
                let offers = Offers::ours(self.setup.size_limit);
                self.out.push_back(Step::Send(offers.answer(&self.setup.hostname, access)));
            }
            Command::Helo => {
                self.greeted = Some(Greeted::Helo);
                self.out.push_back(Step::Send(reply::one(250, &self.setup.hostname)));
            }
            Command::Rset | Command::Noop => self.say(reply::OK),
            Command::Quit => self.hang_up(reply::BYE),
            Command::StartTls => self.starttls(last),
            Command::Auth { mechanism, initial } => self.auth(mechanism, initial),
            Command::Mail(_)
            | Command::Rcpt(_)
            | Command::Data
            | Command::Vrfy
            | Command::Expn
            | Command::Help
            | Command::Bdat => self.bad(self.missing()),
        }
    }

    fn missing(&self) -> Reply {
        if self.setup.starttls { reply::TLS_FIRST } else { reply::LOGIN_FIRST }
    }

    fn starttls(&mut self, last: bool) {
        if !self.setup.starttls {
            return self.bad(reply::NOT_IMPLEMENTED);
        }
        if last {
            self.say(reply::READY_FOR_TLS);
            self.out.push_back(Step::StartTls);
            self.state = State::Handshake;
        } else {
            self.state = State::Over;
        }
    }

    fn auth(&mut self, mechanism: &[u8], initial: Option<&[u8]>) {
        if self.setup.starttls {
            return self.bad(reply::TLS_FIRST);
        }
        if self.greeted.is_none() {
            return self.bad(reply::EHLO_FIRST);
        }
        match Mechanism::named(mechanism) {
            Some(mechanism) => self.turn(mechanism.begin(initial)),
            None => self.bad(reply::UNKNOWN_MECHANISM),
        }
    }

    fn exchange(&mut self, exchange: Exchange, line: &Line<'_>) {
        match line {
            Line::Whole(text) => self.turn(exchange.hear(text)),
            Line::Broken | Line::TooLong | Line::Endless => self.bad_line(line, reply::AUTH_TOO_LONG),
        }
    }

    fn turn(&mut self, turn: Turn) {
        match turn {
            Turn::Prompt(prompt, exchange) => {
                self.out.push_back(Step::Send(reply::one(334, prompt)));
                self.state = State::Exchange(exchange);
            }
            Turn::Credential(credential) => {
                self.out.push_back(Step::Verify(credential));
                self.state = State::Verifying;
            }
            Turn::Fault(SaslFault::Cancelled) => self.bad(reply::AUTH_CANCELLED),
            Turn::Fault(SaslFault::Base64 | SaslFault::Form) => self.bad(reply::UNDECODABLE),
            Turn::Fault(SaslFault::OtherIdentity) => {
                self.failed_login(reply::OTHER_IDENTITY.code, reply::OTHER_IDENTITY.line());
            }
        }
    }

    // The client reads the reason first, then that the session is over.
    fn failed_login(&mut self, code: u16, mut line: Vec<u8>) {
        self.failed = self.failed.saturating_add(1);
        if code == 421 {
            self.state = State::Over;
        } else if self.failed >= FAILED_LOGINS {
            line.extend(reply::TOO_MANY_LOGINS.line());
            self.state = State::Over;
        }
        self.out.push_back(Step::Send(line));
    }

    fn bad_line(&mut self, line: &Line<'_>, too_long: Reply) {
        match line {
            Line::Whole(_) | Line::Broken => self.bad(reply::BROKEN_LINE),
            Line::TooLong => self.bad(too_long),
            Line::Endless => self.hang_up(reply::TOO_MANY_ERRORS),
        }
    }

    fn bad(&mut self, reply: Reply) {
        self.bad = self.bad.saturating_add(1);
        if self.bad >= BAD_COMMANDS { self.hang_up(reply::TOO_MANY_ERRORS) } else { self.say(reply) }
    }

    fn hang_up(&mut self, reply: Reply) {
        self.say(reply);
        self.state = State::Over;
    }

    fn say(&mut self, reply: Reply) {
        self.out.push_back(Step::Send(reply.line()));
    }
}
