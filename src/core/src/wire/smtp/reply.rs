//! What we answer a client: fixed sentences, and [`Refusal`] in SMTP's codes.
//!
//! Every line is ASCII without control characters and within 512 octets
//! (RFC 5321 4.5.3.1.5).

use crate::model::refusal::{Cause, Reference, Refusal};

/// One answer of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reply {
    /// The three digits.
    pub(super) code: u16,
    text: &'static str,
    /// Whether an admin will be asked about it.
    referred: bool,
}

const fn reply(code: u16, text: &'static str) -> Reply {
    Reply { code, text, referred: false }
}

const fn referred(code: u16, text: &'static str) -> Reply {
    Reply { code, text, referred: true }
}

pub(super) const OK: Reply = reply(250, "2.0.0 OK");
pub(super) const BYE: Reply = reply(221, "2.0.0 Bye");
pub(super) const HELP: Reply = reply(214, "2.0.0 Postern relays to Gmail, see RFC 5321");
pub(super) const CANNOT_VERIFY: Reply = reply(252, "2.5.0 Send some mail, it will be tried");
pub(super) const READY_FOR_TLS: Reply = reply(220, "2.0.0 Ready to start TLS");
pub(super) const ACCEPTED: Reply = reply(235, "2.7.0 Accepted");

pub(super) const UNKNOWN_COMMAND: Reply = reply(500, "5.5.1 Command not recognised");
pub(super) const BROKEN_LINE: Reply = reply(500, "5.5.2 A line ends in CRLF and holds no control characters");
pub(super) const LINE_TOO_LONG: Reply = reply(500, "5.5.2 Line too long");
pub(super) const AUTH_TOO_LONG: Reply = reply(500, "5.5.6 Authentication exchange line is too long");
pub(super) const ARGUMENTS: Reply = reply(501, "5.5.4 Syntax error in arguments");
pub(super) const AUTH_CANCELLED: Reply = reply(501, "5.7.0 Authentication cancelled");
pub(super) const UNDECODABLE: Reply = reply(501, "5.5.2 Cannot decode response");
pub(super) const NOT_IMPLEMENTED: Reply = reply(502, "5.5.1 Command not implemented");
pub(super) const EHLO_FIRST: Reply = reply(503, "5.5.1 EHLO first");
pub(super) const ALREADY_IN: Reply = reply(503, "5.5.1 Already authenticated");
pub(super) const UNKNOWN_MECHANISM: Reply = reply(504, "5.5.4 Use AUTH PLAIN or AUTH LOGIN");
pub(super) const LOGIN_FIRST: Reply = reply(530, "5.7.0 Authentication required");
pub(super) const TLS_FIRST: Reply = reply(530, "5.7.0 Must issue a STARTTLS command first");
pub(super) const OTHER_IDENTITY: Reply =
    reply(535, "5.7.8 Log in as the mailbox itself, without another identity");
pub(super) const PATH: Reply = reply(501, "5.1.7 That is no mail address");
pub(super) const PATH_NOT_ASCII: Reply = reply(553, "5.6.7 Addresses outside ASCII need SMTPUTF8");
pub(super) const PARAMETER: Reply = reply(555, "5.5.4 Parameter not recognised");
pub(super) const TOO_LARGE: Reply = reply(552, "5.3.4 Message is larger than Gmail accepts");

pub(super) const BARE_CR: Reply =
    reply(550, "5.6.0 Message holds a bare CR, lines must end in CRLF; not sent");
pub(super) const BARE_LF: Reply =
    reply(550, "5.6.0 Message holds a bare LF, lines must end in CRLF; not sent");
pub(super) const NUL: Reply = reply(550, "5.6.0 Message holds a NUL octet; not sent");
pub(super) const FROM_FOREIGN: Reply = reply(
    550,
    "5.7.1 The From address is not this mailbox or one of its aliases, Gmail would replace it; not sent",
);
pub(super) const FROM_MISSING: Reply = reply(550, "5.7.1 The message has no readable From address; not sent");
pub(super) const LOST_IN_MESSAGE: Reply =
    reply(451, "4.4.2 Connection to Gmail lost before the message was complete; not sent, try again");

pub(super) const TOO_MANY_ERRORS: Reply = reply(421, "4.7.0 Too many errors, closing");
pub(super) const TOO_MANY_LOGINS: Reply = reply(421, "4.7.0 Too many failed logins, closing");
pub(super) const BUSY: Reply = reply(421, "4.7.0 Too many connections, try again later");
pub(super) const LOST: Reply = reply(421, "4.4.2 Connection to Gmail lost, try again");
pub(super) const SPENT: Reply = reply(421, "4.3.0 Session ended with the last message, connect again");
pub(super) const SILENT: Reply = reply(421, "4.4.2 Timeout, closing");
pub(super) const SHUTTING_DOWN: Reply = reply(421, "4.3.2 Service shutting down, try again");
pub(super) const REVOKED: Reply =
    referred(421, "4.7.0 This CRM token was revoked, ask your admin for a new one");
pub(super) const EXPIRED: Reply =
    referred(421, "4.7.0 This CRM token has expired, ask your admin for a new one");
pub(super) const KICKED: Reply = referred(421, "4.7.0 An admin ended this session, please connect again");
pub(super) const DISABLED: Reply = referred(421, "4.7.0 This mailbox was disabled, ask your admin");
pub(super) const REMOVED: Reply =
    referred(421, "4.7.0 This mailbox was removed from the gateway, ask your admin");

impl Reply {
    /// The line with its CRLF.
    pub(super) fn line(self) -> Vec<u8> {
        one(self.code, self.text)
    }

    /// The line as a session with this reference says it.
    pub(super) fn line_of(self, session: &Reference) -> Vec<u8> {
        if self.referred { one(self.code, &format!("{} (ref {session})", self.text)) } else { self.line() }
    }
}

/// Why we end a session that the client did not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    /// A time limit passed.
    Silent,
    /// The service stops.
    ShuttingDown,
    /// Too many wrong logins from where it is.
    TooManyLogins,
    /// This gateway has no room for another connection.
    Busy,
    /// The CRM token was revoked.
    Revoked,
    /// The CRM token's time is over.
    Expired,
    /// An admin switched the mailbox off.
    Disabled,
    /// The mailbox was removed.
    Removed,
    /// An admin ended this one session.
    Kicked,
}

impl Farewell {
    /// The line with its CRLF, for a client that was not greeted.
    #[must_use]
    pub fn line(self) -> Vec<u8> {
        self.reply().line()
    }

    pub(super) fn reply(self) -> Reply {
        match self {
            Self::Silent => SILENT,
            Self::ShuttingDown => SHUTTING_DOWN,
            Self::TooManyLogins => TOO_MANY_LOGINS,
            Self::Busy => BUSY,
            Self::Revoked => REVOKED,
            Self::Expired => EXPIRED,
            Self::Disabled => DISABLED,
            Self::Removed => REMOVED,
            Self::Kicked => KICKED,
        }
    }
}

/// A refusal as SMTP says it. A 421 means that the session closes (RFC 5321 3.8).
#[must_use]
pub fn refusal(refusal: &Refusal) -> (u16, Vec<u8>) {
    let (code, status) = match &refusal.cause {
        Cause::WrongToken | Cause::TokenExpired => (535, "5.7.8"),
        // RFC 4954: 454 lets the client try again once somebody has acted; a 535
        // would make CRMs throw the stored password away.
        Cause::NeedsConsent
        | Cause::NeedsSignIn
        | Cause::ProductMissing
        | Cause::Disabled
        | Cause::AwaitingApproval
        | Cause::ClientRefused
        | Cause::RefusedByGmail(_)
        | Cause::Unavailable => (454, "4.7.0"),
        Cause::TooManyConnections => (421, "4.7.0"),
    };
    (code, one(code, &format!("{status} {}", refusal.sentence())))
}

/// The one sentence for a message that may or may not have been sent.
pub(super) fn delivery_unknown(reference: &Reference) -> Vec<u8> {
    one(451, &format!("4.4.2 delivery unknown, look in Sent before sending again (ref {reference})"))
}

/// A one-line answer.
pub(super) fn one(code: u16, text: &str) -> Vec<u8> {
    many(code, &[text])
}

/// An answer of one line per text.
pub(super) fn many(code: u16, texts: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let joint = if at.saturating_add(1) == texts.len() { ' ' } else { '-' };
        out.extend_from_slice(format!("{code}{joint}").as_bytes());
        // 512 octets with code, joint and CRLF.
        let clean = text.bytes().map(|b| if matches!(b, b' '..=b'~') { b } else { b' ' });
        out.extend(clean.take(506));
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{many, one, refusal};
    use crate::model::refusal::{Cause, PeerText, Reference, Refusal};

    fn told(cause: Cause) -> String {
        let told = Refusal { cause, reference: Reference::new("k3x9"), help: None };
        String::from_utf8(refusal(&told).1).unwrap()
    }

    #[test]
    fn every_cause_has_its_code() {
        let table = [
            (Cause::WrongToken, "535 5.7.8 "),
            (Cause::TokenExpired, "535 5.7.8 "),
            (Cause::NeedsConsent, "454 4.7.0 "),
            (Cause::NeedsSignIn, "454 4.7.0 "),
            (Cause::ProductMissing, "454 4.7.0 "),
            (Cause::Disabled, "454 4.7.0 "),
            (Cause::AwaitingApproval, "454 4.7.0 "),
            (Cause::ClientRefused, "454 4.7.0 "),
            (Cause::RefusedByGmail(PeerText::new("web login required")), "454 4.7.0 "),
            (Cause::Unavailable, "454 4.7.0 "),
            (Cause::TooManyConnections, "421 4.7.0 "),
        ];
        for (cause, start) in table {
            let line = told(cause);
            assert!(line.starts_with(start) && line.ends_with("(ref k3x9)\r\n"), "{line}");
        }
    }

    #[test]
    fn a_line_stays_a_line() {
        assert_eq!(one(550, "a\r\n250 b\u{e9}"), b"550 a  250 b  \r\n");
        assert_eq!(one(550, &"x".repeat(900)).len(), 512);
        assert_eq!(many(250, &["a", "b"]), b"250-a\r\n250 b\r\n");
    }
}
