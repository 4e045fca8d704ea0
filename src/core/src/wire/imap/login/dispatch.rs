//! What each command before login does.

use super::command::{Command, Octets, Words};
use super::{Awaited, Credential, Login, Mechanism, State, Step};
use crate::wire::imap::reply::{self, Offer};
use crate::wire::imap::tag::Tag;
use crate::wire::sasl::{self, Identity, SaslFault};

impl Login {
    pub(super) fn run(&mut self, command: &Command) {
        let mut words = command.words();
        let Some(tag) = Tag::parse(words.word()) else {
            self.fault(b"* BAD Invalid tag\r\n".to_vec());
            return;
        };
        let verb = if words.space() { words.word().to_ascii_uppercase() } else { Vec::new() };
        match (verb.as_slice(), words.end()) {
            (b"CAPABILITY", true) => self.capability(&tag),
            (b"NOOP", true) => self.say(reply::tagged(&tag, "OK NOOP completed")),
            (b"LOGOUT", true) => {
                let mut answer = b"* BYE Logging out\r\n".to_vec();
                answer.extend(reply::tagged(&tag, "OK LOGOUT completed"));
                self.end(answer);
            }
            (b"ID", false) => {
                let mut answer = b"* ID (\"name\" \"Postern\")\r\n".to_vec();
                answer.extend(reply::tagged(&tag, "OK ID completed"));
                self.say(answer);
            }
            (b"STARTTLS", true) => self.start_tls(&tag),
            (b"LOGIN" | b"AUTHENTICATE", false) if self.offer == Offer::StartTls => {
                self.fault(reply::tagged(&tag, "NO [PRIVACYREQUIRED] Use STARTTLS first"));
            }
            (b"LOGIN", false) => self.login(tag, words),
            (b"AUTHENTICATE", false) => self.authenticate(tag, words),
            (_, _) => self.bad(&tag, "Unknown or invalid command, log in first"),
        }
    }

    fn capability(&mut self, tag: &Tag) {
        let mut answer = format!("* CAPABILITY {}\r\n", self.offer.capabilities()).into_bytes();
        answer.extend(reply::tagged(tag, "OK CAPABILITY completed"));
        self.say(answer);
    }

    fn start_tls(&mut self, tag: &Tag) {
        if self.offer != Offer::StartTls {
            self.bad(tag, "STARTTLS is not offered here");
        } else if self.input.is_empty() {
            self.steps.push_back(Step::Send(reply::tagged(tag, "OK Begin TLS negotiation now")));
            self.steps.push_back(Step::StartTls);
            self.state = State::Securing;
        } else {
            self.cut();
        }
    }

    fn login(&mut self, tag: Tag, mut words: Words<'_>) {
        let mut argument = || if words.space() { words.astring() } else { None };
        let (Some(user), Some(secret)) = (argument(), argument()) else {
            self.bad(&tag, "LOGIN needs a user name and a password");
            return;
        };
        if !words.end() || user.is_empty() {
            self.bad(&tag, "LOGIN needs a user name and a password");
            return;
        }
        let identity = Identity { user: sasl::user_name(&user), secret: sasl::secret_text(&secret) };
        self.verify(tag, identity, Mechanism::Login);
    }

    fn authenticate(&mut self, tag: Tag, mut words: Words<'_>) {
        words.space();
        let mechanism = words.word().to_ascii_uppercase();
        let initial = if words.space() { words.word() } else { &[] };
        if !words.end() {
            self.bad(&tag, "AUTHENTICATE has one mechanism and one initial response");
            return;
        }
        let awaited = match mechanism.as_slice() {
            b"PLAIN" => Awaited::Plain,
            b"LOGIN" => Awaited::UserName,
            _ => {
                self.fault(reply::tagged(&tag, "NO [CANNOT] Mechanism is not offered"));
                return;
            }
        };
        match (initial, &awaited) {
            // RFC 4959: `=` is an empty response. LOGIN has no empty user name, so it is asked for.
            (b"", _) | (b"=", Awaited::UserName) => self.ask(tag, awaited),
            (_, _) => self.sasl_response(tag, awaited, sasl::initial_response(initial)),
        }
    }

    fn ask(&mut self, tag: Tag, awaited: Awaited) {
        let prompt = match awaited {
            Awaited::Plain => "",
            Awaited::UserName => sasl::USER_PROMPT,
            Awaited::Password(_) => sasl::PASSWORD_PROMPT,
        };
        self.steps.push_back(Step::Send(format!("+ {prompt}\r\n").into_bytes()));
        self.state = State::Sasl(tag, awaited);
    }

    pub(super) fn sasl_response(&mut self, tag: Tag, awaited: Awaited, message: Result<Octets, SaslFault>) {
        let message = match message {
            Ok(message) => message,
            Err(fault) => return self.sasl_fault(&tag, fault),
        };
        match awaited {
            Awaited::Plain => match sasl::plain(&message) {
                Ok(identity) => self.verify(tag, identity, Mechanism::AuthPlain),
                Err(fault) => self.sasl_fault(&tag, fault),
            },
            Awaited::UserName if message.is_empty() => self.sasl_fault(&tag, SaslFault::Form),
            Awaited::UserName => self.ask(tag, Awaited::Password(sasl::user_name(&message))),
            Awaited::Password(user) => {
                let identity = Identity { user, secret: sasl::secret_text(&message) };
                self.verify(tag, identity, Mechanism::AuthLogin);
            }
        }
    }

    fn sasl_fault(&mut self, tag: &Tag, fault: SaslFault) {
        match fault {
            SaslFault::Cancelled => self.bad(tag, "Authentication cancelled"),
            SaslFault::Base64 => self.bad(tag, "Invalid base64"),
            SaslFault::Form => self.bad(tag, "Invalid authentication message"),
            SaslFault::OtherIdentity => self.fault(reply::tagged(
                tag,
                "NO [AUTHORIZATIONFAILED] The authorization identity must be empty or the user name",
            )),
        }
    }

    fn verify(&mut self, tag: Tag, identity: Identity, mechanism: Mechanism) {
        let Identity { user, secret } = identity;
        self.steps.push_back(Step::Verify(Credential { tag: tag.clone(), user, secret, mechanism }));
        self.state = State::Verifying(tag);
    }
}
