//! Our own words: greeting, capability lists, tagged answers, BYE.
//!
//! Every line is ASCII, one line, and carries no secret. A refusal's response
//! code (RFC 5530) tells programs what its sentence tells people.

use super::tag::Tag;
use crate::model::refusal::{Cause, Reference, Refusal};

/// What a listener offers before login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// Login, and no STARTTLS: TLS is there already or not wanted here.
    Login,
    /// STARTTLS, and nothing to log in with until it happened.
    StartTls,
}

impl Offer {
    /// The capability list.
    #[must_use]
    pub fn capabilities(self) -> &'static str {
        match self {
            Self::Login => "IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN",
            Self::StartTls => "IMAP4rev1 LITERAL- ID STARTTLS LOGINDISABLED",
        }
    }

    /// The first line of a session.
    #[must_use]
    pub fn greeting(self) -> Vec<u8> {
        format!("* OK [CAPABILITY {}] Postern ready\r\n", self.capabilities()).into_bytes()
    }
}

/// Why we end a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    /// The client was silent for too long.
    Timeout,
    /// This node stops or drains.
    Shutdown,
    /// Too many wrong logins.
    TooManyRefusals,
    /// Too many commands that are none.
    TooManyFaults,
    /// A line or literal above the limits, or bytes that are no line.
    Protocol,
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
    /// Nothing was said for too long after login.
    Idle,
    /// Gmail ended the session without a word.
    UpstreamLost,
}

impl Farewell {
    fn text(self) -> &'static str {
        match self {
            Self::Timeout => "Too slow, closing",
            Self::Shutdown => "[UNAVAILABLE] Postern is restarting, please connect again",
            Self::TooManyRefusals => "Too many failed logins",
            Self::TooManyFaults => "Too many invalid commands",
            Self::Protocol => "Protocol error, lines must end in CRLF and keep the limits",
            Self::Busy => "[LIMIT] Too many connections, try again later",
            Self::Revoked => "This CRM token was revoked, ask your admin for a new one",
            Self::Expired => "This CRM token has expired, ask your admin for a new one",
            Self::Disabled => "This mailbox was disabled, ask your admin",
            Self::Removed => "This mailbox was removed from the gateway, ask your admin",
            Self::Kicked => "An admin ended this session, please connect again",
            Self::Idle => "Idle for too long, please connect again",
            Self::UpstreamLost => "[UNAVAILABLE] Gmail closed the session, please connect again",
        }
    }

    /// The untagged BYE line.
    #[must_use]
    pub fn line(self) -> Vec<u8> {
        format!("* BYE {}\r\n", self.text()).into_bytes()
    }

    /// The same, with the identity that log and audit know the session by.
    #[must_use]
    pub fn line_of(self, session: &Reference) -> Vec<u8> {
        format!("* BYE {} (ref {session})\r\n", self.text()).into_bytes()
    }
}

/// The tagged NO for a refused login.
#[must_use]
pub fn refusal(tag: &Tag, refusal: &Refusal) -> Vec<u8> {
    tagged(tag, &format!("NO [{}] {}", code(&refusal.cause), refusal.sentence()))
}

/// A tagged line. Whatever is not printable ASCII becomes a blank.
#[must_use]
pub fn tagged(tag: &Tag, text: &str) -> Vec<u8> {
    let clean: String = text.chars().map(|c| if matches!(c, ' '..='~') { c } else { ' ' }).collect();
    format!("{tag} {clean}\r\n").into_bytes()
}

fn code(cause: &Cause) -> &'static str {
    match cause {
        Cause::WrongToken => "AUTHENTICATIONFAILED",
        Cause::TokenExpired => "EXPIRED",
        Cause::NeedsConsent
        | Cause::NeedsSignIn
        | Cause::ProductMissing
        | Cause::Disabled
        | Cause::AwaitingApproval
        | Cause::ClientRefused
        | Cause::RefusedByGmail(_) => "CONTACTADMIN",
        Cause::Unavailable => "UNAVAILABLE",
        Cause::TooManyConnections => "LIMIT",
    }
}

#[cfg(test)]
mod tests {
    use super::{Farewell, refusal};
    use crate::model::refusal::{Cause, PeerText, Reference, Refusal};
    use crate::wire::imap::tag::Tag;

    fn told(cause: Cause, help: Option<&str>) -> String {
        let refused = Refusal { cause, reference: Reference::new("k3x9"), help: help.map(str::to_owned) };
        String::from_utf8(refusal(&Tag::parse(b"TAG1").unwrap(), &refused)).unwrap()
    }

    #[test]
    fn the_code_follows_the_failure_table() {
        let rows = [
            (Cause::WrongToken, "TAG1 NO [AUTHENTICATIONFAILED] "),
            (Cause::TokenExpired, "TAG1 NO [EXPIRED] "),
            (Cause::NeedsConsent, "TAG1 NO [CONTACTADMIN] "),
            (Cause::NeedsSignIn, "TAG1 NO [CONTACTADMIN] "),
            (Cause::ProductMissing, "TAG1 NO [CONTACTADMIN] "),
            (Cause::Disabled, "TAG1 NO [CONTACTADMIN] "),
            (Cause::AwaitingApproval, "TAG1 NO [CONTACTADMIN] "),
            (Cause::ClientRefused, "TAG1 NO [CONTACTADMIN] "),
            (Cause::RefusedByGmail(PeerText::new("x")), "TAG1 NO [CONTACTADMIN] "),
            (Cause::Unavailable, "TAG1 NO [UNAVAILABLE] "),
            (Cause::TooManyConnections, "TAG1 NO [LIMIT] "),
        ];
        for (cause, start) in rows {
            let line = told(cause, None);
            assert!(line.starts_with(start), "{line}");
            assert!(line.ends_with("(ref k3x9)\r\n"), "{line}");
        }
    }

    #[test]
    fn nothing_in_a_refusal_makes_a_second_line() {
        let line = told(
            Cause::RefusedByGmail(PeerText::new("a\r\nTAG1 OK [ALERT] b")),
            Some("https://crm.example.com/r/k3x9\r\nTAG1 OK hello"),
        );
        assert_eq!(line.matches('\n').count(), 1);
        assert_eq!(line.matches('\r').count(), 1);
        assert!(line.bytes().all(|b| b.is_ascii()));
        assert!(line.starts_with("TAG1 NO [CONTACTADMIN] Gmail refused the session: a  TAG1 OK (ALERT) b"));
    }

    #[test]
    fn a_farewell_is_one_bye_line() {
        assert_eq!(Farewell::Timeout.line(), b"* BYE Too slow, closing\r\n");
        let told = Farewell::Disabled.line_of(&Reference::new("k3x9"));
        assert_eq!(told, b"* BYE This mailbox was disabled, ask your admin (ref k3x9)\r\n");
    }
}
