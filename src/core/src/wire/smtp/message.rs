//! A message on its way: body, final dot, verdict; or its refusal.
//!
//! Once a message is refused upstream is dropped first, without the final dot,
//! and only then the client is read to its own end and told: Gmail never holds
//! a complete message that the client believes refused.

use super::{
    data::{BodyFault, Drained, FINAL_DOT, Scan, Scanner},
    header::{FromVerdict, Tap, Tapped},
    relay::{Deadline, Relay, State, Step, Wait},
    reply::{self, Reply},
    transaction::Outcome,
};

/// A body that passes.
#[derive(Debug)]
pub(super) struct Body {
    scanner: Scanner,
    header: Header,
}

#[derive(Debug)]
enum Header {
    Passing(Tap),
    /// It has passed in full and is not read yet.
    Ended(Tap),
    Judged,
}

impl Body {
    pub(super) fn new(limit: u64) -> Self {
        Self { scanner: Scanner::new(limit), header: Header::Passing(Tap::default()) }
    }

    pub(super) fn octets(&self) -> u64 {
        self.scanner.octets()
    }

    // Text stops where the header ends, so that not one octet of the body
    // passes before the header has been judged.
    fn scan(&mut self, input: &[u8]) -> Scan {
        let before = self.scanner.clone();
        let found = self.scanner.scan(input);
        let (Scan::Text(octets), Header::Passing(tap)) = (found, &mut self.header) else { return found };
        match tap.take(input.get(..octets).unwrap_or_default()) {
            Tapped::All => found,
            Tapped::Ends(end) => {
                self.end_header();
                self.scanner = before;
                self.scanner.scan(input.get(..end).unwrap_or_default())
            }
        }
    }

    fn header_passes(&self) -> bool {
        matches!(self.header, Header::Passing(_))
    }

    fn end_header(&mut self) {
        if let Header::Passing(tap) = &mut self.header {
            self.header = Header::Ended(std::mem::take(tap));
        }
    }

    fn ended_header(&mut self) -> Option<Tap> {
        let Header::Ended(tap) = &mut self.header else { return None };
        let tap = std::mem::take(tap);
        self.header = Header::Judged;
        Some(tap)
    }
}

impl Relay {
    /// Lets the client's message pass.
    pub(super) fn body<'a>(&mut self, client: &mut &'a [u8], upstream: &mut &[u8]) -> Option<Step<'a>> {
        if !upstream.is_empty() || !self.answers.is_empty() {
            return self.interrupted(upstream);
        }
        let State::Body(body) = &mut self.state else { return None };
        if let Some(tap) = body.ended_header() {
            self.judge(tap);
            return None;
        }
        match body.scan(client) {
            Scan::More => Some(Step::Need(Wait { client: true, deadline: Deadline::Data })),
            Scan::Text(octets) => {
                let (text, rest) = client.split_at_checked(octets)?;
                *client = rest;
                Some(Step::Body(text))
            }
            Scan::End if body.header_passes() => {
                body.end_header();
                None
            }
            Scan::End => {
                *client = client.get(FINAL_DOT.len()..).unwrap_or_default();
                if let Some(envelope) = &mut self.envelope {
                    envelope.size = body.octets();
                }
                self.state = State::Verdict;
                Some(Step::FinalDot(FINAL_DOT))
            }
            Scan::Fault(fault) => {
                self.refuse(fault_reply(fault));
                None
            }
        }
    }

    // Gmail answers before it has seen the end: a refusal, or it is closing.
    fn interrupted(&mut self, upstream: &mut &[u8]) -> Option<Step<'static>> {
        let Some(answer) = self.answer(upstream) else {
            let waits = matches!(self.state, State::Body(_));
            return waits.then_some(Step::Need(Wait { client: false, deadline: Deadline::Reply }));
        };
        if answer.is_refusal() {
            let outcome = Outcome::Refused(answer.code());
            self.refuse_body(answer.into_raw(), outcome);
        } else {
            self.refuse_body(reply::LOST_IN_MESSAGE.line(), Outcome::Abandoned);
        }
        None
    }

    fn judge(&mut self, tap: Tap) {
        let read = tap.read(&self.setup.policy);
        let refused = self.setup.policy.refuses(&read.from);
        let reply = match &read.from {
            FromVerdict::Own | FromVerdict::Foreign(_) => reply::FROM_FOREIGN,
            FromVerdict::Missing | FromVerdict::TooLarge => reply::FROM_MISSING,
        };
        if let Some(envelope) = &mut self.envelope {
            envelope.message_id = read.message_id;
            envelope.from = Some(read.from);
        }
        if refused {
            self.refuse(reply);
        }
    }

    fn refuse(&mut self, reply: Reply) {
        self.refuse_body(reply.line(), Outcome::Refused(reply.code));
    }

    /// Gives the message up: upstream first, the client after its own end.
    pub(super) fn refuse_body(&mut self, answer: Vec<u8>, outcome: Outcome) {
        self.settle(outcome, &answer);
        self.out.push_back(Step::DropUpstream);
        if let State::Body(body) = &self.state {
            let drain = body.scanner.drain(self.offers.size_limit());
            self.state = State::Draining { drain, answer };
        }
    }

    /// Drops what is left of a refused message.
    pub(super) fn drain_client(&mut self, client: &mut &[u8]) -> Option<Step<'static>> {
        let State::Draining { drain, .. } = &mut self.state else { return None };
        match drain.take(client) {
            Drained::More => return Some(Step::Need(Wait { client: true, deadline: Deadline::Drain })),
            Drained::End => self.drained(true),
            Drained::TooMuch => self.drained(false),
        }
        None
    }

    /// Tells the client; it may still say one thing if it came to its own end.
    pub(super) fn drained(&mut self, complete: bool) {
        if let State::Draining { answer, .. } = std::mem::replace(&mut self.state, State::Over) {
            let closes = answer.starts_with(b"421");
            self.out.push_back(Step::ToClient(answer));
            if complete && !closes {
                self.state = State::Spent;
            }
        }
    }

    /// Waits for what Gmail says to the message.
    pub(super) fn verdict(&mut self, upstream: &mut &[u8]) -> Option<Step<'static>> {
        let Some(answer) = self.answer(upstream) else {
            let waits = matches!(self.state, State::Verdict);
            return waits.then_some(Step::Need(Wait { client: false, deadline: Deadline::Verdict }));
        };
        if answer.code() == 421 {
            self.pass_and_close(answer);
            return None;
        }
        if answer.is_intermediate() {
            self.verdict_unknown();
            return None;
        }
        let outcome = if answer.is_positive() { Outcome::Accepted } else { Outcome::Refused(answer.code()) };
        self.settle(outcome, answer.raw());
        self.tell(answer.into_raw(), State::Command);
        None
    }

    /// The final dot went up, no verdict came: it may be sent, it may not.
    pub(super) fn verdict_unknown(&mut self) {
        let line = reply::delivery_unknown(&self.setup.reference);
        self.settle(Outcome::Unknown, &line);
        self.out.push_back(Step::DropUpstream);
        self.tell(line, State::Spent);
    }

    fn tell(&mut self, answer: Vec<u8>, next: State) {
        if self.client_is_gone() {
            self.state = State::Over;
        } else {
            self.out.push_back(Step::ToClient(answer));
            self.state = next;
        }
    }
}

fn fault_reply(fault: BodyFault) -> Reply {
    match fault {
        BodyFault::BareCr => reply::BARE_CR,
        BodyFault::BareLf => reply::BARE_LF,
        BodyFault::Nul => reply::NUL,
        BodyFault::TooLarge => reply::TOO_LARGE,
    }
}
