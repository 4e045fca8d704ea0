//! Follows what the client sends after login: lines, literals, and the gate
//! that holds bytes whose meaning only the server's answer decides.
//!
//! A command line ending in `{n}` closes the gate; so does IDLE. `+` opens it:
//! what follows is data. A tagged answer opens it too: if a byte had arrived by
//! then, the client did not wait, and the rest of that command is swallowed;
//! else the next byte starts a command. So literal data never becomes a
//! command, whether clients wait or not.
//!
//! COMPRESS would hide the stream, and a second LOGIN or AUTHENTICATE would
//! show the server a credential that is ours: those are swallowed whole and
//! answered by us.

use std::collections::VecDeque;
use std::mem;

use super::{Fault, Flow};
use crate::wire::imap::frame::{CountOverflow, Literal, announced};
use crate::wire::imap::reply;
use crate::wire::imap::tag::Tag;
use crate::wire::line::line_end;

/// Octets of a command line, as held until it is known not to be COMPRESS.
const LINE: usize = 64 * 1024;

/// Commands without an answer; more have to wait.
const UNANSWERED: usize = 256;

/// Room for so many is kept when all are answered.
const FEW: usize = 4;

/// Octets of our own lines that wait for a line boundary; above, the client waits.
const OWN: usize = 4096;

/// The scanner, and our own lines to the client.
pub(super) struct Client {
    phase: Phase,
    /// A line whose end did not arrive yet.
    partial: Vec<u8>,
    /// Octets left of a literal that passes or is swallowed.
    octets: u64,
    unanswered: VecDeque<Tag>,
    /// Our own lines, due at the server's next line boundary.
    own: Vec<u8>,
    /// AUTHENTICATE was refused: its replies may be on their way.
    refused_sasl: bool,
}

/// What the next bytes are.
enum Phase {
    /// A command.
    Command,
    /// The literal and the rest of this command.
    Inside(Tag),
    /// The rest of a command that does not go upstream; one that we refuse is answered at its end.
    Swallowed(Option<Answer>),
    /// The DONE that ends this IDLE.
    Idle(Tag),
    /// Undecided until the server answers this command.
    Gate { tag: Tag, awaits: Awaits, arrived: bool },
}

#[derive(Clone, Copy)]
enum Awaits {
    Literal(u64),
    Idle,
}

/// What a command gets that does not go upstream.
struct Answer {
    tag: Tag,
    text: &'static str,
}

impl Client {
    /// Between commands, with the login command unanswered.
    pub(super) fn new(login: Tag) -> Self {
        Self {
            phase: Phase::Command,
            partial: Vec::new(),
            octets: 0,
            unanswered: VecDeque::from([login]),
            own: Vec::new(),
            refused_sasl: false,
        }
    }

    /// Whether the meaning of the next byte is undecided.
    pub(super) fn gate_closed(&self) -> bool {
        matches!(self.phase, Phase::Gate { .. })
    }

    /// Whether [`take`](Self::take) takes nothing for now.
    pub(super) fn is_paused(&self) -> bool {
        let full = self.unanswered.len() >= UNANSWERED || self.own.len() >= OWN;
        match self.phase {
            Phase::Gate { .. } => true,
            Phase::Command => full && self.partial.is_empty(),
            Phase::Inside(_) | Phase::Swallowed(_) | Phase::Idle(_) => false,
        }
    }

    /// No unanswered command, or only IDLE.
    pub(super) fn at_command_boundary(&self) -> bool {
        match &self.phase {
            Phase::Command => self.unanswered.is_empty(),
            Phase::Idle(tag) => self.unanswered.iter().all(|other| other == tag),
            Phase::Inside(_) | Phase::Swallowed(_) | Phase::Gate { .. } => false,
        }
    }

    /// Our own lines.
    pub(super) fn own(&mut self) -> &mut Vec<u8> {
        &mut self.own
    }

    /// Takes a run of the client's bytes.
    pub(super) fn take(&mut self, input: &[u8]) -> Result<Flow, Fault> {
        if let Phase::Gate { arrived, .. } = &mut self.phase {
            *arrived |= !input.is_empty();
        }
        if self.is_paused() {
            return Ok(Flow::Wait);
        }
        if self.octets > 0 {
            let run = usize::try_from(self.octets).unwrap_or(usize::MAX).min(input.len());
            self.octets = self.octets.saturating_sub(run as u64);
            return Ok(self.pass(run, Vec::new()));
        }
        let found = line_end(input, self.partial.len(), self.partial.last().copied(), LINE);
        let Some(end) = found.map_err(Fault::ClientLine)? else {
            self.partial.extend_from_slice(input);
            return Ok(Flow::Replace(input.len(), Vec::new()));
        };
        let run = end.saturating_add(1);
        let fresh = input.get(..run).unwrap_or_default();
        let mut held = mem::take(&mut self.partial);
        if held.is_empty() {
            return self.line(fresh).map(|passes| Self::flow(passes, run, held));
        }
        held.extend_from_slice(fresh);
        self.line(&held).map(|passes| Self::flow(passes, run, held))
    }

    /// The server asks for what it waits for.
    pub(super) fn continued(&mut self) {
        self.phase = match mem::replace(&mut self.phase, Phase::Command) {
            Phase::Gate { tag, awaits: Awaits::Literal(octets), .. } => {
                self.octets = octets;
                Phase::Inside(tag)
            }
            Phase::Gate { tag, awaits: Awaits::Idle, .. } => Phase::Idle(tag),
            other => other,
        };
    }

    /// The server answered a command.
    pub(super) fn answered(&mut self, tag: &[u8]) {
        if let Some(at) = self.unanswered.iter().position(|other| other.as_bytes() == tag) {
            self.unanswered.remove(at);
        }
        // A burst must not be paid for as long as the session idles.
        if self.unanswered.is_empty() && self.unanswered.capacity() > FEW {
            self.unanswered = VecDeque::new();
        }
        if self.is_unanswered(tag) {
            // A client that reuses tags: the answer was to the older command.
            return;
        }
        self.phase = match mem::replace(&mut self.phase, Phase::Command) {
            Phase::Gate { tag: held, awaits: Awaits::Literal(octets), arrived: true }
                if held.as_bytes() == tag =>
            {
                self.octets = octets;
                Phase::Swallowed(None)
            }
            Phase::Gate { tag: held, .. } | Phase::Idle(held) if held.as_bytes() == tag => Phase::Command,
            other => other,
        };
    }

    fn is_unanswered(&self, tag: &[u8]) -> bool {
        self.unanswered.iter().any(|other| other.as_bytes() == tag)
    }

    fn pass(&self, run: usize, held: Vec<u8>) -> Flow {
        Self::flow(!matches!(self.phase, Phase::Swallowed(_)), run, held)
    }

    fn flow(passes: bool, run: usize, held: Vec<u8>) -> Flow {
        match (passes, held.is_empty()) {
            (false, _) => Flow::Replace(run, Vec::new()),
            (true, true) => Flow::Forward(run),
            (true, false) => Flow::Replace(run, held),
        }
    }

    /// Reads a whole line with its CRLF; says whether it goes upstream.
    fn line(&mut self, line: &[u8]) -> Result<bool, Fault> {
        let line = line.strip_suffix(b"\r\n").unwrap_or(line);
        match mem::replace(&mut self.phase, Phase::Command) {
            Phase::Command => return self.command(line),
            Phase::Inside(tag) => {
                if let Some(literal) = literal(line)? {
                    self.enter(tag, literal)?;
                }
            }
            Phase::Swallowed(answer) => {
                self.swallow(answer, line)?;
                return Ok(false);
            }
            Phase::Idle(_) => {}
            gate @ Phase::Gate { .. } => self.phase = gate,
        }
        Ok(true)
    }

    fn command(&mut self, line: &[u8]) -> Result<bool, Fault> {
        // Blanks that a lenient server might skip must not hide a verb.
        let mut words = line.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty());
        let tag = words.next().and_then(Tag::parse);
        let verb = words.next().unwrap_or_default().to_ascii_uppercase();
        // No command is one word; what a client sends as a reply is.
        self.refused_sasl &= verb.is_empty();
        if self.refused_sasl {
            self.swallow(None, line)?;
            return Ok(false);
        }
        if let Some(text) = refused(&verb) {
            self.refused_sasl = verb == b"AUTHENTICATE";
            self.swallow(tag.map(|tag| Answer { tag, text }), line)?;
            return Ok(false);
        }
        let Some(tag) = tag else {
            // Nothing tells what the server makes of its literal.
            return literal(line)?.map_or(Ok(true), |_| Err(Fault::StrayLiteral));
        };
        self.unanswered.push_back(tag.clone());
        match literal(line)? {
            Some(literal) => self.enter(tag, literal)?,
            None if verb == b"IDLE" => self.phase = Phase::Gate { tag, awaits: Awaits::Idle, arrived: false },
            None => {}
        }
        Ok(true)
    }

    fn enter(&mut self, tag: Tag, literal: Literal) -> Result<(), Fault> {
        if !literal.synchronising {
            self.octets = literal.octets;
            self.phase = Phase::Inside(tag);
            return Ok(());
        }
        if !self.is_unanswered(tag.as_bytes()) {
            // Refused while its first literal passed: no answer would open the gate.
            return Err(Fault::StrayLiteral);
        }
        self.phase = Phase::Gate { tag, awaits: Awaits::Literal(literal.octets), arrived: false };
        Ok(())
    }

    fn swallow(&mut self, answer: Option<Answer>, line: &[u8]) -> Result<(), Fault> {
        if let Some(literal) = literal(line)? {
            if literal.synchronising && answer.is_some() {
                self.own.extend_from_slice(b"+ Ready for literal data\r\n");
            }
            self.octets = literal.octets;
            self.phase = Phase::Swallowed(answer);
        } else if let Some(Answer { tag, text }) = answer {
            self.own.extend(reply::tagged(&tag, text));
        }
        Ok(())
    }
}

fn refused(verb: &[u8]) -> Option<&'static str> {
    match verb {
        b"COMPRESS" => Some("NO [CANNOT] COMPRESS is not offered here"),
        b"LOGIN" | b"AUTHENTICATE" => Some("BAD You are logged in already"),
        _ => None,
    }
}

fn literal(line: &[u8]) -> Result<Option<Literal>, Fault> {
    announced(line).map_err(|CountOverflow| Fault::ClientLiteral)
}

#[cfg(test)]
mod tests {
    use super::{Client, FEW, Tag};

    #[test]
    fn a_burst_of_commands_leaves_no_memory_behind() {
        let mut client = Client::new(Tag::parse(b"L1").unwrap());
        for n in 0..200 {
            client.take(format!("a{n} NOOP\r\n").as_bytes()).unwrap();
        }
        assert!(client.unanswered.capacity() >= 200);
        client.answered(b"L1");
        (0..200).for_each(|n| client.answered(format!("a{n}").as_bytes()));
        assert!(client.unanswered.capacity() <= FEW && client.partial.capacity() == 0);
    }
}
