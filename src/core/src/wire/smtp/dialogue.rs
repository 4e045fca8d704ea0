//! Commands and answers outside a message.

use super::{
    answer::Answer,
    command::{Command, Fault},
    envelope::{self, Checked},
    line::Line,
    login::Greeted,
    message::Body,
    offers::{Access, Offers},
    relay::{Asked, Deadline, Relay, State, Step, Wait},
    reply::{self, Reply},
    transaction::{Envelope, Outcome},
};
use crate::model::refusal::PeerText;

const COMMAND_LINE: usize = 4096;
const BAD_COMMANDS: u8 = 20;

impl Relay {
    /// Waits for the client's next command.
    pub(super) fn command<'a>(&mut self, client: &mut &'a [u8], upstream: &mut &[u8]) -> Option<Step<'a>> {
        // A command goes up only while upstream has nothing to say: else its
        // late words would be taken for the answer.
        if !upstream.is_empty() || !self.answers.is_empty() {
            return self.unasked(upstream);
        }
        if let Some(why) = self.leaving
            && self.envelope.is_none()
        {
            self.farewell(why.reply());
            return None;
        }
        let Some(line) = self.lines.next(client, COMMAND_LINE) else {
            return Some(Step::Need(Wait { client: true, deadline: Deadline::Command }));
        };
        match line {
            Line::Whole(text) => match Command::parse(text) {
                Ok(command) => self.act(command),
                Err(Fault::Unknown) => self.bad(reply::UNKNOWN_COMMAND),
                Err(Fault::Arguments) => self.bad(reply::ARGUMENTS),
                Err(Fault::Control) => self.bad(reply::BROKEN_LINE),
            },
            Line::Broken => self.bad(reply::BROKEN_LINE),
            Line::TooLong => self.bad(reply::LINE_TOO_LONG),
            Line::Endless => self.farewell(reply::TOO_MANY_ERRORS),
        }
        None
    }

    // Gmail speaks unasked when it closes: 421, or 451 4.4.2 for a timeout.
    fn unasked(&mut self, upstream: &mut &[u8]) -> Option<Step<'static>> {
        let answer = match self.answer(upstream) {
            Some(answer) => answer,
            None if matches!(self.state, State::Command) => {
                return Some(Step::Need(Wait { client: false, deadline: Deadline::Reply }));
            }
            None => return None,
        };
        if answer.code() == 421 {
            self.pass_and_close(answer);
        } else {
            self.cut_off(reply::LOST, Outcome::Abandoned);
        }
        None
    }

    fn act(&mut self, command: Command<'_>) {
        match command {
            Command::Ehlo => self.greet(Greeted::Ehlo),
            Command::Helo => self.greet(Greeted::Helo),
            Command::Mail(arguments) => match envelope::mail(arguments, &self.in_force()) {
                Ok(Checked { path, line }) => {
                    let sender = PeerText::new(&String::from_utf8_lossy(path));
                    self.ask(line, Asked::Mail { sender });
                }
                Err(fault) => self.bad_envelope(fault),
            },
            Command::Rcpt(arguments) => match envelope::recipient(arguments, &self.in_force()) {
                Ok(Checked { line, .. }) => self.ask(line, Asked::Recipient),
                Err(fault) => self.bad_envelope(fault),
            },
            Command::Data => self.ask(b"DATA\r\n".to_vec(), Asked::Data),
            Command::Rset => self.ask(b"RSET\r\n".to_vec(), Asked::Reset),
            Command::Noop => self.say(reply::OK),
            Command::Help => self.say(reply::HELP),
            Command::Vrfy => self.say(reply::CANNOT_VERIFY),
            Command::Expn => self.bad(reply::NOT_IMPLEMENTED),
            Command::Quit => self.farewell(reply::BYE),
            Command::Auth { .. } => self.bad(reply::ALREADY_IN),
            Command::StartTls => self.bad(reply::NOT_IMPLEMENTED),
            // The octets of the chunk would be read as commands.
            Command::Bdat => self.farewell(reply::NOT_IMPLEMENTED),
        }
    }

    // Without EHLO there are no extensions (RFC 5321 2.2.1).
    fn in_force(&self) -> Offers {
        match self.setup.greeted {
            Greeted::Ehlo => self.offers,
            Greeted::Helo => Offers { eight_bit: false, utf8: false, ..self.offers },
        }
    }

    // EHLO resets (RFC 5321 4.1.4): where a transaction is open, upstream too.
    fn greet(&mut self, greeted: Greeted) {
        let answer = match greeted {
            Greeted::Ehlo => self.offers.answer(&self.setup.hostname, Access::Granted),
            Greeted::Helo => reply::one(250, &self.setup.hostname),
        };
        self.setup.greeted = greeted;
        if self.envelope.is_some() {
            self.ask(b"RSET\r\n".to_vec(), Asked::Greeting { answer });
        } else {
            self.out.push_back(Step::ToClient(answer));
        }
    }

    fn ask(&mut self, line: Vec<u8>, asked: Asked) {
        self.out.push_back(Step::ToUpstream(line));
        self.state = State::Reply(asked);
    }

    fn bad_envelope(&mut self, fault: envelope::Fault) {
        match fault {
            envelope::Fault::Path => self.bad(reply::PATH),
            envelope::Fault::NotAscii => self.bad(reply::PATH_NOT_ASCII),
            envelope::Fault::Parameter => self.bad(reply::PARAMETER),
            envelope::Fault::TooLarge => self.say(reply::TOO_LARGE),
        }
    }

    fn bad(&mut self, reply: Reply) {
        self.bad = self.bad.saturating_add(1);
        if self.bad >= BAD_COMMANDS { self.farewell(reply::TOO_MANY_ERRORS) } else { self.say(reply) }
    }

    // Gmail gets its QUIT; nobody waits for the answer.
    fn farewell(&mut self, reply: Reply) {
        self.drop_envelope();
        self.say(reply);
        self.out.push_back(Step::ToUpstream(b"QUIT\r\n".to_vec()));
        self.state = State::Over;
    }

    fn drop_envelope(&mut self) {
        if let Some(report) = self.envelope.take().and_then(Envelope::dropped) {
            self.out.push_back(Step::Finished(Box::new(report)));
        }
    }

    /// Waits for Gmail's answer to one command.
    pub(super) fn reply(&mut self, upstream: &mut &[u8]) -> Option<Step<'static>> {
        let Some(answer) = self.answer(upstream) else {
            let waits = matches!(self.state, State::Reply(_));
            return waits.then_some(Step::Need(Wait { client: false, deadline: Deadline::Reply }));
        };
        if let State::Reply(asked) = std::mem::replace(&mut self.state, State::Command) {
            self.answered(asked, answer);
        }
        None
    }

    fn answered(&mut self, asked: Asked, answer: Answer) {
        if answer.code() == 421 {
            if let Asked::Mail { sender } = asked {
                self.mail_answered(sender, &answer);
            }
            return self.pass_and_close(answer);
        }
        match asked {
            Asked::Data if answer.code() == 354 => {
                self.state = State::Body(Body::new(self.offers.size_limit()));
                if let Some(envelope) = &mut self.envelope {
                    envelope.begins();
                }
            }
            // Nothing else asks for a continuation: whoever passed it on would
            // make the client wait or talk into the void.
            _ if answer.is_intermediate() => return self.cut_off(reply::LOST, Outcome::Abandoned),
            Asked::Data => self.data_refused(&answer),
            Asked::Mail { sender } => self.mail_answered(sender, &answer),
            Asked::Recipient => {
                if let Some(envelope) = &mut self.envelope {
                    envelope.recipient(&answer);
                }
            }
            Asked::Reset if answer.is_positive() => self.drop_envelope(),
            Asked::Reset => {}
            Asked::Greeting { answer: ours } if answer.is_positive() => {
                self.drop_envelope();
                return self.out.push_back(Step::ToClient(ours));
            }
            Asked::Greeting { .. } => return self.cut_off(reply::LOST, Outcome::Abandoned),
        }
        self.out.push_back(Step::ToClient(answer.into_raw()));
    }

    fn mail_answered(&mut self, sender: PeerText, answer: &Answer) {
        if answer.is_positive() {
            self.envelope = Some(Envelope::new(sender));
        } else if self.envelope.is_none() {
            let refused = Envelope::new(sender);
            let report = refused.finish(Outcome::Refused(answer.code()), answer.first_line());
            self.out.push_back(Step::Finished(Box::new(report)));
        }
    }

    fn data_refused(&mut self, answer: &Answer) {
        if let Some(envelope) = &mut self.envelope {
            let report = envelope.refused(answer);
            self.out.push_back(Step::Finished(Box::new(report)));
        }
    }

    /// The client has its answer to a refused message; whatever it says next ends the session.
    pub(super) fn spent(&mut self, client: &mut &[u8]) -> Option<Step<'static>> {
        let Some(line) = self.lines.next(client, COMMAND_LINE) else {
            return Some(Step::Need(Wait { client: true, deadline: Deadline::Drain }));
        };
        let quits = matches!(line, Line::Whole(text) if Command::parse(text) == Ok(Command::Quit));
        self.say(if quits { reply::BYE } else { reply::SPENT });
        self.state = State::Over;
        None
    }
}
