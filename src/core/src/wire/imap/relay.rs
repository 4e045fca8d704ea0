//! The relay after login: bytes pass unchanged while both directions are
//! followed in constant memory.
//!
//! Promises: COMPRESS is cut from every capability list and a COMPRESS command
//! is answered by us, so the stream stays readable; a second LOGIN or
//! AUTHENTICATE is answered by us, so no CRM token reaches the server; our own
//! lines leave at a server line boundary only; literal data never becomes a command (see
//! `client`); bulk is told by length, never copied. Refused with a [`Fault`],
//! which ends the session: a client line above 64 KiB or with a bare CR, bare
//! LF or NUL, a literal count out of range, a literal of no running command.
//!
//! The driver keeps what was not taken and offers it again; see [`Flow`].

mod capability;
mod client;
mod server;

use self::client::Client;
use self::server::{Heard, Server};
use super::tag::Tag;
use crate::model::refusal::Blame;
use crate::wire::line::LineFault;

/// What happens to the bytes that were offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flow {
    /// So many of them go to the other side as they are.
    Forward(usize),
    /// So many of them are taken; these bytes go to the other side instead.
    Replace(usize, Vec<u8>),
    /// None is taken until the server said more: keep them, offer them again
    /// after the next [`Relay::server`], read on until the buffer is full.
    Wait,
}

/// Why a session cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The client's bytes are no line.
    #[error("client: {0}")]
    ClientLine(LineFault),
    /// The client announced a literal with a count out of range.
    #[error("client: literal count out of range")]
    ClientLiteral,
    /// The client announced a literal outside a running command.
    #[error("client: literal outside a command")]
    StrayLiteral,
    /// The server announced a literal with a count out of range.
    #[error("server: literal count out of range")]
    ServerLiteral,
}

impl Fault {
    /// Whose fault it is.
    #[must_use]
    pub fn blame(self) -> Blame {
        match self {
            Self::ClientLine(_) | Self::ClientLiteral | Self::StrayLiteral => Blame::Client,
            Self::ServerLiteral => Blame::Upstream,
        }
    }
}

/// The core.
pub struct Relay {
    client: Client,
    server: Server,
    fault: Option<Fault>,
    bye: bool,
    parting: Parting,
}

/// Where our own BYE stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parting {
    /// Nobody asked for one.
    None,
    /// It waits for a line boundary; the client's bytes do not count any more.
    Due,
    /// It left: nothing goes to the client behind it.
    Said,
}

impl Relay {
    /// Begins where login ended: the command with this tag is unanswered.
    #[must_use]
    pub fn new(login: Tag) -> Self {
        Self {
            client: Client::new(login),
            server: Server::new(),
            fault: None,
            bye: false,
            parting: Parting::None,
        }
    }

    /// Offers bytes of the client; what leaves goes to the server.
    ///
    /// # Errors
    /// The session cannot go on; every later call fails too.
    pub fn client(&mut self, input: &[u8]) -> Result<Flow, Fault> {
        self.sound()?;
        if self.parting != Parting::None {
            return Ok(Flow::Replace(input.len(), Vec::new()));
        }
        let taken = self.client.take(input);
        self.keep(taken)
    }

    /// Offers bytes of the server; what leaves goes to the client. It stops
    /// where the client's kept bytes may go on: offer those before the rest.
    ///
    /// # Errors
    /// The session cannot go on; every later call fails too.
    pub fn server(&mut self, input: &[u8]) -> Result<Flow, Fault> {
        self.sound()?;
        if let Some(own) = self.to_client() {
            return Ok(Flow::Replace(0, own));
        }
        if self.parting == Parting::Said {
            return Ok(Flow::Replace(input.len(), Vec::new()));
        }
        let taken = self.unchanged(input).and_then(|run| {
            if run > 0 || input.is_empty() { Ok(Flow::Forward(run)) } else { self.edited(input) }
        });
        self.keep(taken)
    }

    /// Our own lines for the client, when this is a server line boundary. Ask
    /// after every [`client`](Self::client) and [`bye`](Self::bye).
    #[must_use]
    pub fn to_client(&mut self) -> Option<Vec<u8>> {
        let due = self.server.at_line_boundary() && !self.client.own().is_empty();
        if due && self.parting == Parting::Due {
            self.parting = Parting::Said;
        }
        due.then(|| std::mem::take(self.client.own()))
    }

    /// Queues a [`Farewell`](super::reply::Farewell) line. From here on no byte of the client goes
    /// to the server, and none of the server to the client once the line left.
    pub fn bye(&mut self, line: &[u8]) {
        if self.parting == Parting::None {
            self.client.own().extend_from_slice(line);
            self.parting = Parting::Due;
        }
    }

    /// Whether our BYE left: both sides can be closed.
    #[must_use]
    pub fn has_parted(&self) -> bool {
        self.parting == Parting::Said
    }

    /// Whether the client's next bytes wait for the server's answer. While it
    /// is closed, read what the client already sent, and offer it, *before*
    /// offering bytes of the server: arrived or not decides what they are.
    #[must_use]
    pub fn gate_closed(&self) -> bool {
        self.parting == Parting::None && self.client.gate_closed()
    }

    /// Whether [`client`](Self::client) would say [`Flow::Wait`].
    #[must_use]
    pub fn client_paused(&self) -> bool {
        self.parting == Parting::None && self.client.is_paused()
    }

    /// No unanswered command, or IDLE.
    #[must_use]
    pub fn at_command_boundary(&self) -> bool {
        self.client.at_command_boundary()
    }

    /// Whether a line of our own could go to the client now.
    #[must_use]
    pub fn server_at_line_boundary(&self) -> bool {
        self.server.at_line_boundary()
    }

    /// Whether the server sent an untagged BYE.
    #[must_use]
    pub fn server_said_bye(&self) -> bool {
        self.bye
    }

    fn sound(&self) -> Result<(), Fault> {
        self.fault.map_or(Ok(()), Err)
    }

    fn keep(&mut self, taken: Result<Flow, Fault>) -> Result<Flow, Fault> {
        self.fault = self.fault.or(taken.as_ref().err().copied());
        taken
    }

    /// The length of the run that passes as it is.
    fn unchanged(&mut self, input: &[u8]) -> Result<usize, Fault> {
        let mut at = 0_usize;
        loop {
            let left = input.get(at..).unwrap_or_default();
            at = at.saturating_add(self.server.pass_literal(left.len()));
            let Some(&byte) = input.get(at) else {
                return Ok(at);
            };
            if self.server.edits(byte) {
                return Ok(at);
            }
            at = at.saturating_add(1);
            if byte != b'\n' {
                self.server_byte(byte)?;
                continue;
            }
            // What the client's next bytes are must not depend on how many
            // lines of the server came in one segment.
            let paused = self.client.is_paused();
            self.server_byte(byte)?;
            let opened = paused && !self.client.is_paused();
            if opened || (self.server.at_line_boundary() && !self.client.own().is_empty()) {
                return Ok(at);
            }
        }
    }

    /// A run inside a capability list.
    fn edited(&mut self, input: &[u8]) -> Result<Flow, Fault> {
        let mut out = Vec::new();
        let mut run = 0_usize;
        for &byte in input {
            if !self.server.edits(byte) {
                break;
            }
            self.server.edit(byte, &mut out);
            self.server_byte(byte)?;
            run = run.saturating_add(1);
        }
        Ok(Flow::Replace(run, out))
    }

    fn server_byte(&mut self, byte: u8) -> Result<(), Fault> {
        match self.server.byte(byte).map_err(|_| Fault::ServerLiteral)? {
            Some(Heard::Continue) => self.client.continued(),
            Some(Heard::Tagged(tag)) => self.client.answered(tag),
            Some(Heard::Bye) => self.bye = true,
            Some(Heard::Other) | None => {}
        }
        Ok(())
    }
}
