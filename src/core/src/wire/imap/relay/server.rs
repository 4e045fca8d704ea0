//! Follows what Gmail sends: lines and literals, in constant memory.
//!
//! A literal may hold anything and is counted only. Of a line the head is kept
//! (tag and status fit) and the tail is followed (a literal announcement).
//! Status responses and `+` lines end in free text, so they announce nothing.

use super::capability::Cutter;
use crate::wire::imap::frame::{CountOverflow, Tail};

/// Room for a tag, a status and `[CAPABILITY`.
const HEAD: usize = 88;

/// The scanner.
pub(super) struct Server {
    head: [u8; HEAD],
    length: usize,
    tail: Tail,
    after_cr: bool,
    literal: u64,
    /// The line goes on with a response whose literal just ended.
    continued: bool,
    cutter: Cutter,
}

/// What a finished line was.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard<'a> {
    /// A continuation request.
    Continue,
    /// The answer to the command with this tag.
    Tagged(&'a [u8]),
    /// The server says goodbye.
    Bye,
    /// Anything else.
    Other,
}

impl Server {
    /// At the start of a line.
    pub(super) fn new() -> Self {
        Self {
            head: [0; HEAD],
            length: 0,
            tail: Tail::default(),
            after_cr: false,
            literal: 0,
            continued: false,
            cutter: Cutter::default(),
        }
    }

    /// Whether a line of our own could stand here.
    pub(super) fn at_line_boundary(&self) -> bool {
        self.length == 0 && self.literal == 0 && !self.continued
    }

    /// How many of `available` octets are literal; they are counted as passed.
    pub(super) fn pass_literal(&mut self, available: usize) -> usize {
        let octets = usize::try_from(self.literal).unwrap_or(usize::MAX).min(available);
        self.literal = self.literal.saturating_sub(octets as u64);
        octets
    }

    /// Whether `byte`, the next one, has to go through [`edit`](Self::edit).
    pub(super) fn edits(&self, byte: u8) -> bool {
        self.cutter.is_on() || (byte == b' ' && self.list_begins().is_some())
    }

    /// Takes the next byte of a capability list; what leaves is added to `out`.
    pub(super) fn edit(&mut self, byte: u8, out: &mut Vec<u8>) {
        if !self.cutter.is_on()
            && let Some(bracket) = self.list_begins()
        {
            self.cutter = Cutter::start(bracket);
        }
        self.cutter.byte(byte, out);
    }

    /// Takes the next byte of a line, and tells what the line was at its end.
    pub(super) fn byte(&mut self, byte: u8) -> Result<Option<Heard<'_>>, CountOverflow> {
        if byte == b'\n' && self.after_cr {
            return self.line_end().map(Some);
        }
        if self.after_cr {
            self.tail.byte(b'\r');
        }
        self.after_cr = byte == b'\r';
        if !self.after_cr {
            self.tail.byte(byte);
        }
        if let Some(place) = self.head.get_mut(self.length) {
            *place = byte;
            self.length = self.length.saturating_add(1);
        }
        Ok(None)
    }

    fn line_end(&mut self) -> Result<Heard<'_>, CountOverflow> {
        let continued = std::mem::replace(&mut self.continued, false);
        let length = std::mem::replace(&mut self.length, 0);
        let tail = std::mem::take(&mut self.tail);
        self.after_cr = false;
        self.cutter = Cutter::Off;
        let heard = if continued { Heard::Other } else { heard(self.head.get(..length).unwrap_or_default()) };
        let free_text = heard != Heard::Other
            || (!continued && is_status(second_word(self.head.get(..length).unwrap_or_default())));
        if !free_text && let Some(literal) = tail.literal()? {
            self.literal = literal.octets;
            self.continued = true;
        }
        Ok(heard)
    }

    /// Whether a capability list begins behind what stands in the line, and
    /// whether in brackets.
    fn list_begins(&self) -> Option<bool> {
        if self.continued || self.length >= HEAD {
            return None;
        }
        let head = self.head.get(..self.length)?;
        // Asked at every blank of a line, so the usual answer must be quick.
        if !matches!(head.last(), Some(b'Y' | b'y')) {
            return None;
        }
        let mut words = head.split(|&byte| byte == b' ');
        let first = words.next()?;
        let second = words.next()?;
        match (words.next(), words.next()) {
            (None, _) => (first == b"*" && second.eq_ignore_ascii_case(b"CAPABILITY")).then_some(false),
            (Some(third), None) => {
                (is_status(second) && third.eq_ignore_ascii_case(b"[CAPABILITY")).then_some(true)
            }
            (Some(_), Some(_)) => None,
        }
    }
}

fn heard(head: &[u8]) -> Heard<'_> {
    let first = head.split(|&byte| byte == b' ' || byte == b'\r').next().unwrap_or_default();
    match first {
        [b'+', ..] => Heard::Continue,
        b"*" if second_word(head).eq_ignore_ascii_case(b"BYE") => Heard::Bye,
        b"*" => Heard::Other,
        tag if is_status(second_word(head)) => Heard::Tagged(tag),
        _ => Heard::Other,
    }
}

fn second_word(head: &[u8]) -> &[u8] {
    head.split(|&byte| byte == b' ' || byte == b'\r').nth(1).unwrap_or_default()
}

fn is_status(word: &[u8]) -> bool {
    [&b"OK"[..], b"NO", b"BAD", b"BYE", b"PREAUTH"].iter().any(|status| word.eq_ignore_ascii_case(status))
}
