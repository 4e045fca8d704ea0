//! The header block of a passing message: who it is from, and whether that may be.
//!
//! Gmail silently replaces a From that is neither the mailbox nor one of its
//! aliases. The policy notes that or refuses the message. Only a copy of the
//! header block is kept, at most 64 KiB, and only until it has been read.

use mail_parser::{HeaderName, MessageParser};

use crate::model::{address::Address, refusal::PeerText};

const BLOCK_LIMIT: usize = 64 * 1024;
const MESSAGE_ID_LIMIT: usize = 256;

/// What to do about a From that Gmail would replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Report it.
    Note,
    /// Refuse the message.
    Refuse,
}

/// Which From addresses may pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The mailbox and its aliases.
    pub addresses: Vec<Address>,
    /// What happens to others.
    pub mode: Mode,
}

/// What the From header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FromVerdict {
    /// Every address in it is the mailbox or an alias.
    Own,
    /// This one is not.
    Foreign(PeerText),
    /// No From, or no address in it.
    Missing,
    /// The header block is too large to read.
    TooLarge,
}

impl Policy {
    fn judge(&self, from: &[String]) -> FromVerdict {
        let foreign = from.iter().find(|text| !self.addresses.iter().any(|own| own.is(text)));
        match foreign {
            Some(text) => FromVerdict::Foreign(PeerText::new(text)),
            None if from.is_empty() => FromVerdict::Missing,
            None => FromVerdict::Own,
        }
    }

    /// Whether a message with this verdict is refused.
    pub(super) fn refuses(&self, verdict: &FromVerdict) -> bool {
        self.mode == Mode::Refuse && *verdict != FromVerdict::Own
    }
}

/// What was read of a header block.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) from: FromVerdict,
    pub(super) message_id: Option<String>,
}

/// Copies the header block while it passes.
#[derive(Debug, Default)]
pub(super) struct Tap {
    block: Vec<u8>,
    line_octets: usize,
}

/// Whether the block goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tapped {
    /// All of the text belongs to it, more may follow.
    All,
    /// It ends after so many octets.
    Ends(usize),
}

impl Tap {
    /// Copies from `text`, which holds CR and LF only as CRLF.
    pub(super) fn take(&mut self, text: &[u8]) -> Tapped {
        for (at, byte) in text.iter().enumerate() {
            self.block.push(*byte);
            let blank = *byte == b'\n' && self.line_octets == 0;
            match byte {
                b'\n' => self.line_octets = 0,
                b'\r' => {}
                _ => self.line_octets = self.line_octets.saturating_add(1),
            }
            // Not behind a CR or the first octet of a line: the scanner holds those back.
            let settled = *byte != b'\r' && self.line_octets != 1;
            if blank || (settled && self.block.len() >= BLOCK_LIMIT) {
                return Tapped::Ends(at.saturating_add(1));
            }
        }
        Tapped::All
    }

    /// Reads the block; its blank line may be missing when the message ended first.
    pub(super) fn read(mut self, policy: &Policy) -> Read {
        if self.block.len() >= BLOCK_LIMIT && !self.block.ends_with(b"\r\n\r\n") {
            return Read { from: FromVerdict::TooLarge, message_id: None };
        }
        self.block.extend_from_slice(b"\r\n");
        let parser = MessageParser::new()
            .header_address(HeaderName::From)
            .header_id(HeaderName::MessageId)
            .default_header_ignore();
        let Some(message) = parser.parse_headers(&self.block) else {
            return Read { from: FromVerdict::Missing, message_id: None };
        };
        let mut from = Vec::new();
        // Every From there is: a second one must not hide behind the first.
        for value in message.header_values(HeaderName::From) {
            let listed = value.as_address().into_iter().flat_map(mail_parser::Address::iter);
            from.extend(listed.map(|one| one.address().unwrap_or_default().to_owned()));
        }
        Read { from: policy.judge(&from), message_id: message.message_id().and_then(clean_id) }
    }
}

fn clean_id(text: &str) -> Option<String> {
    let clean: String = text.chars().filter(char::is_ascii_graphic).take(MESSAGE_ID_LIMIT).collect();
    if clean.is_empty() { None } else { Some(clean) }
}
