//! What a session reports about each transaction: for journals and counters.

use super::{answer::Answer, header::FromVerdict};
use crate::model::refusal::PeerText;

/// How a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Gmail took the message.
    Accepted,
    /// It was refused with this code, by Gmail or by us.
    Refused(u16),
    /// The final dot went up and no verdict came down.
    Unknown,
    /// A side was lost before the final dot: nothing was sent.
    Abandoned,
}

/// One finished transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The envelope sender, cleaned.
    pub sender: PeerText,
    /// How many recipients Gmail took.
    pub accepted: u32,
    /// How many it refused.
    pub refused: u32,
    /// Octets of the message, dot-stuffing not counted.
    pub size: u64,
    /// `Message-ID` without its brackets, cleaned, at most 256 characters.
    pub message_id: Option<String>,
    /// What its From header says; none if no header was seen.
    pub from: Option<FromVerdict>,
    /// How it ended.
    pub outcome: Outcome,
    /// The first line the client was told at the end, cleaned.
    pub reply: PeerText,
}

/// The transaction that is open: Gmail has answered MAIL with 250.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    sender: PeerText,
    accepted: u32,
    refused: u32,
    last_refusal: Option<(u16, PeerText)>,
    /// Its end was reported already: only a message that begins is worth another report.
    reported: bool,
    pub(super) size: u64,
    pub(super) message_id: Option<String>,
    pub(super) from: Option<FromVerdict>,
}

impl Envelope {
    pub(super) fn new(sender: PeerText) -> Self {
        Self {
            sender,
            accepted: 0,
            refused: 0,
            last_refusal: None,
            reported: false,
            size: 0,
            message_id: None,
            from: None,
        }
    }

    /// The message begins.
    pub(super) fn begins(&mut self) {
        self.reported = false;
    }

    /// What to report when Gmail refuses DATA: the transaction stays open (RFC 5321 3.3).
    pub(super) fn refused(&mut self, answer: &Answer) -> Transaction {
        self.last_refusal = None;
        self.reported = true;
        self.clone().finish(Outcome::Refused(answer.code()), answer.first_line())
    }

    /// What to report when it ends otherwise.
    pub(super) fn ended(self, outcome: Outcome, reply: PeerText) -> Option<Transaction> {
        (!self.reported).then(|| self.finish(outcome, reply))
    }

    /// Counts Gmail's answer to one RCPT.
    pub(super) fn recipient(&mut self, answer: &Answer) {
        if answer.is_positive() {
            self.accepted = self.accepted.saturating_add(1);
        } else {
            self.refused = self.refused.saturating_add(1);
            self.last_refusal = Some((answer.code(), answer.first_line()));
        }
    }

    /// What to report when the client drops the envelope: nothing, unless Gmail
    /// had refused a recipient (a CRM that meets one sends RSET, not DATA).
    pub(super) fn dropped(mut self) -> Option<Transaction> {
        let (code, reply) = self.last_refusal.take()?;
        Some(self.finish(Outcome::Refused(code), reply))
    }

    /// The report.
    pub(super) fn finish(self, outcome: Outcome, reply: PeerText) -> Transaction {
        Transaction {
            sender: self.sender,
            accepted: self.accepted,
            refused: self.refused,
            size: self.size,
            message_id: self.message_id,
            from: self.from,
            outcome,
            reply,
        }
    }
}
