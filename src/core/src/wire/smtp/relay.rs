//! The session after login: the client's commands one at a time to Gmail, and
//! Gmail's answers, text and all, back.
//!
//! States: *command* (waits for the client), *reply* (Gmail owes an answer),
//! *body* (Gmail said 354), *verdict* (the final dot is up), *draining*
//! (upstream is gone, the client's message is read to its end), *spent* (the
//! client got its answer, its next command gets 421), *over*.
//!
//! Promises: upstream has never more than one command to answer, and a final
//! dot only after everything before it was verified; that dot is a step of its
//! own, so it never shares a write with a command. A client is never told 250
//! unless Gmail said so, and a message whose verdict is lost is reported as
//! unknown. Bytes the client sends ahead stay unread.
//! Refuses: BDAT, a second AUTH, STARTTLS, parameters nobody offered, bare CR,
//! bare LF and NUL in a message, a From that policy forbids.

use std::collections::VecDeque;

use super::{
    answer::{Answer, Answers, Malformed},
    data::Drain,
    header::Policy,
    line::Lines,
    login::Greeted,
    message::Body,
    offers::Offers,
    reply::{self, Farewell, Reply},
    transaction::{Envelope, Outcome, Transaction},
};
use crate::model::refusal::{PeerText, Reference};

/// What a relay is made of.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The name in our EHLO answer.
    pub hostname: String,
    /// The largest message in octets; Gmail's limit counts if it is smaller.
    pub size_limit: u64,
    /// What Gmail offers.
    pub offers: Offers,
    /// How the client greeted.
    pub greeted: Greeted,
    /// Which From addresses may pass.
    pub policy: Policy,
    /// The identity of this session in answers, log and audit.
    pub reference: Reference,
}

/// What the driver does next. Steps are to be done in order.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Read more, then step again.
    Need(Wait),
    /// Write this to the client, in one write.
    ToClient(Vec<u8>),
    /// Write this command to Gmail, in one write.
    ToUpstream(Vec<u8>),
    /// Write this piece of a message to Gmail; it is a part of the client's
    /// unread bytes and needs no flush of its own.
    Body(&'a [u8]),
    /// Flush, write this to Gmail in a write of its own, flush.
    FinalDot(&'static [u8]),
    /// Close the connection to Gmail at once, if it is still there, and forget
    /// what it sent. Nothing more is written to it.
    DropUpstream,
    /// Note this transaction.
    Finished(Box<Transaction>),
    /// Flush and close what is open.
    Close,
}

/// What a [`Step::Need`] waits for. Gmail is read always, while it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// Whether the client is read too; if not, its bytes wait where they are.
    pub client: bool,
    /// How long; see there.
    pub deadline: Deadline,
}

/// Which time limit runs; when it passes call [`Relay::expired`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// A whole command of the client: 5 min from the last step that was no `Need`.
    Command,
    /// Gmail's answer to a command: 5 min from the last step that was no `Need`.
    Reply,
    /// The next piece of a message: 3 min from the last byte.
    Data,
    /// Gmail's verdict: 10 min from the final dot.
    Verdict,
    /// The rest of a refused message, or the command after it: 10 s from the last byte.
    Drain,
}

/// What Gmail was asked.
#[derive(Debug)]
pub(super) enum Asked {
    Mail {
        sender: PeerText,
    },
    Recipient,
    Data,
    /// The client's own RSET.
    Reset,
    /// Ours, before we answer the client's EHLO or HELO.
    Greeting {
        answer: Vec<u8>,
    },
}

#[derive(Debug)]
pub(super) enum State {
    Command,
    Reply(Asked),
    Body(Body),
    Verdict,
    Draining { drain: Drain, answer: Vec<u8> },
    Spent,
    Over,
}

/// The core; see the module.
#[derive(Debug)]
pub struct Relay {
    pub(super) setup: Setup,
    pub(super) offers: Offers,
    pub(super) state: State,
    pub(super) envelope: Option<Envelope>,
    pub(super) lines: Lines,
    pub(super) answers: Answers,
    pub(super) out: VecDeque<Step<'static>>,
    pub(super) bad: u8,
    pub(super) leaving: Option<Farewell>,
    client_gone: bool,
}

impl Relay {
    /// A relay between a client that has been told 235 and a Gmail session.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        Self {
            offers: Offers::ours(setup.size_limit).shared(setup.offers),
            setup,
            state: State::Command,
            envelope: None,
            lines: Lines::default(),
            answers: Answers::default(),
            out: VecDeque::new(),
            bad: 0,
            leaving: None,
            client_gone: false,
        }
    }

    /// The next step; takes what it uses from the front of either side's unread bytes.
    pub fn step<'a>(&mut self, client: &mut &'a [u8], upstream: &mut &[u8]) -> Step<'a> {
        loop {
            if let Some(step) = self.out.pop_front() {
                return step;
            }
            let next = match self.state {
                State::Command => self.command(client, upstream),
                State::Reply(_) => self.reply(upstream),
                State::Body(_) => self.body(client, upstream),
                State::Verdict => self.verdict(upstream),
                State::Draining { .. } => self.drain_client(client),
                State::Spent => self.spent(client),
                State::Over => Some(Step::Close),
            };
            if let Some(step) = next {
                return step;
            }
        }
    }

    /// Gmail's connection ended, and all it sent has been stepped through.
    pub fn upstream_lost(&mut self) {
        match self.state {
            State::Command | State::Reply(_) => self.cut_off(reply::LOST, Outcome::Abandoned),
            State::Body(_) => self.refuse_body(reply::LOST_IN_MESSAGE.line(), Outcome::Abandoned),
            State::Verdict => self.verdict_unknown(),
            State::Draining { .. } | State::Spent | State::Over => {}
        }
    }

    /// The client's connection ended, and all it sent has been stepped through.
    pub fn client_lost(&mut self) {
        match self.state {
            // The message is with Gmail: its verdict is worth a line in the audit.
            State::Verdict => self.client_gone = true,
            State::Command | State::Reply(_) | State::Body(_) | State::Draining { .. } | State::Spent => {
                self.settle(Outcome::Abandoned, &[]);
                self.out.push_back(Step::DropUpstream);
                self.state = State::Over;
            }
            State::Over => {}
        }
    }

    /// The deadline of the last [`Wait`] passed.
    pub fn expired(&mut self) {
        match self.state {
            State::Reply(_) | State::Verdict => self.upstream_lost(),
            State::Command | State::Body(_) | State::Spent => {
                self.cut_off(reply::SILENT, Outcome::Abandoned);
            }
            State::Draining { .. } => self.drained(false),
            State::Over => {}
        }
    }

    /// The service stops: ends the session at the next point outside a
    /// transaction; what is under way is finished.
    pub fn drain(&mut self) {
        self.leaving.get_or_insert(Farewell::ShuttingDown);
    }

    /// Ends the session now, before any message is complete; one whose final
    /// dot is up gets its verdict first.
    pub fn leave(&mut self, why: Farewell) {
        if matches!(self.state, State::Verdict) {
            self.leaving = Some(why);
        } else {
            self.end(why);
        }
    }

    /// Ends the session now. A message whose final dot is up gets the answer
    /// that nobody knows, since its verdict will not be waited for.
    pub fn end(&mut self, why: Farewell) {
        match self.state {
            State::Verdict => self.verdict_unknown(),
            State::Command | State::Reply(_) | State::Body(_) | State::Draining { .. } | State::Spent => {
                self.cut_off(why.reply(), Outcome::Abandoned);
            }
            State::Over => return,
        }
        self.state = State::Over;
    }

    /// Whether a transaction is under way.
    #[must_use]
    pub fn in_transaction(&self) -> bool {
        self.envelope.is_some()
    }

    // The next whole answer of Gmail; what is no answer ends the session.
    pub(super) fn answer(&mut self, upstream: &mut &[u8]) -> Option<Answer> {
        match self.answers.next(upstream) {
            Ok(answer) => answer,
            Err(Malformed) => {
                self.upstream_lost();
                None
            }
        }
    }

    pub(super) fn cut_off(&mut self, reply: Reply, outcome: Outcome) {
        let line = reply.line_of(&self.setup.reference);
        self.settle(outcome, &line);
        self.out.push_back(Step::DropUpstream);
        self.out.push_back(Step::ToClient(line));
        self.state = State::Over;
    }

    /// Reports the open transaction, if any, with what the client is told.
    pub(super) fn settle(&mut self, outcome: Outcome, told: &[u8]) {
        if let Some(mut envelope) = self.envelope.take() {
            if let State::Body(body) = &self.state {
                envelope.size = body.octets();
            }
            let first = told.split(|b| *b == b'\r').next().unwrap_or_default();
            let reply = PeerText::new(&String::from_utf8_lossy(first));
            let report = envelope.ended(outcome, reply);
            self.out.extend(report.map(|report| Step::Finished(Box::new(report))));
        }
    }

    /// Gmail's word ends the session: passed on, then closed.
    pub(super) fn pass_and_close(&mut self, answer: Answer) {
        self.settle(Outcome::Refused(answer.code()), answer.raw());
        self.out.push_back(Step::DropUpstream);
        self.out.push_back(Step::ToClient(answer.into_raw()));
        self.state = State::Over;
    }

    pub(super) fn say(&mut self, reply: Reply) {
        self.out.push_back(Step::ToClient(reply.line_of(&self.setup.reference)));
    }

    pub(super) fn client_is_gone(&self) -> bool {
        self.client_gone
    }
}
