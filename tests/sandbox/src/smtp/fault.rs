//! Faults of an SMTP session.

use std::time::Duration;

/// A place in an SMTP dialogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// EHLO or HELO.
    Ehlo,
    /// The verdict on AUTH, after the credentials.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// The DATA command.
    Data,
    /// The verdict after the final dot (or the last BDAT).
    Verdict,
    /// RSET.
    Rset,
    /// QUIT.
    Quit,
}

/// What goes wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmtpFault {
    /// At the connection: this line in place of the greeting. After a 4xx or 5xx it closes.
    Greeting(String),
    /// At the connection: no greeting, ever.
    NoGreeting,
    /// At the connection: closed after the TLS handshake.
    CloseAtConnect,
    /// At the connection (or the login, for an account): every answer waits so long.
    Latency(Duration),
    /// At the connection (or the login, for an account): answers leave octet by octet.
    ByteByByte,
    /// This reply at that place, in place of doing it. A 421 and a 451 4.4.2 close.
    Reply(Verb, String),
    /// This reply to a RCPT with this address.
    Recipient(String, String),
    /// No answer there, ever.
    Hang(Verb),
    /// Closed there without an answer.
    Close(Verb),
    /// The message is taken in, then closed without a verdict.
    CloseAfterTaking,
    /// Closed once so many octets of the message have come, before the final dot.
    CloseInMessage(usize),
    /// Behind a successful AUTH's 235, in the same write.
    GlueBehind235(Vec<u8>),
}

impl SmtpFault {
    /// The daily limit, as the verdict.
    pub fn daily_limit() -> Self {
        Self::Reply(
            Verb::Verdict,
            "550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending \
             limits go to https://support.google.com/a/answer/166852 sandbox - gsmtp"
                .into(),
        )
    }

    /// 421 4.7.0 at that place, then closed.
    pub fn temporary(verb: Verb) -> Self {
        let text = "421 4.7.0 Temporary System Problem. Try again later. sandbox - gsmtp";
        Self::Reply(verb, text.into())
    }

    /// 454 4.7.0 on AUTH.
    pub fn cannot_authenticate() -> Self {
        let text =
            "454 4.7.0 Cannot authenticate due to temporary system problem. Try again later. sandbox - gsmtp";
        Self::Reply(Verb::Auth, text.into())
    }

    /// The idle timeout at that place, then closed.
    pub fn timeout(verb: Verb) -> Self {
        let text = "451 4.4.2 Timeout - closing connection. sandbox - gsmtp";
        Self::Reply(verb, text.into())
    }

    pub(crate) fn at_connect(&self) -> bool {
        matches!(self, Self::Greeting(_) | Self::NoGreeting | Self::CloseAtConnect)
    }

    pub(crate) fn at(&self, place: Verb, address: &str) -> bool {
        match self {
            Self::Reply(verb, _) | Self::Hang(verb) | Self::Close(verb) => *verb == place,
            Self::Recipient(wanted, _) => place == Verb::Rcpt && wanted.eq_ignore_ascii_case(address),
            Self::CloseAfterTaking => place == Verb::Verdict,
            _ => false,
        }
    }
}
