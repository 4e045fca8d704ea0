//! Faults of an IMAP session.

use std::time::Duration;

/// What goes wrong, and where. Greetings can only be changed for everybody, because no account
/// is known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImapFault {
    /// At the connection: these bytes in place of the greeting. After a `* BYE` it closes.
    Greeting(Vec<u8>),
    /// At the connection: no greeting, ever.
    NoGreeting,
    /// At the connection: closed after the TLS handshake.
    CloseAtConnect,
    /// At the connection (or the login, for an account): every answer waits so long.
    Latency(Duration),
    /// At the connection (or the login, for an account): answers leave octet by octet.
    ByteByByte,
    /// At login: this final line. `NO ...` gets the client's tag in front; a line that starts
    /// with `*` is sent as it is, and a `* BYE` closes. With `challenge`, Gmail's error challenge comes first.
    Login {
        /// Whether the error challenge comes first and an answer to it is awaited.
        challenge: bool,
        /// The final line, without its line end.
        answer: String,
    },
    /// At login: no answer, ever.
    HangAtLogin,
    /// At login: closed without an answer.
    CloseAtLogin,
    /// At a successful login: these bytes behind the tagged OK, in the same write.
    GlueBehindOk(Vec<u8>),
    /// At a successful login: so many untagged lines before the tagged OK.
    FloodBeforeOk(usize),
    /// At an APPEND: this NO (without tag) in place of the `+`.
    RefuseAppend(String),
    /// At a command: its answer is cut after so many octets, then the connection closes.
    Cut {
        /// The command, such as `FETCH` (`UID FETCH` counts as FETCH).
        verb: &'static str,
        /// How many octets of the answer still go out.
        after: usize,
    },
    /// At a command: no answer, ever.
    Hang {
        /// The command, such as `SELECT`.
        verb: &'static str,
    },
    /// At a command: this final line, without tag, in place of doing it.
    Refuse {
        /// The command, such as `SELECT`.
        verb: &'static str,
        /// The line, such as `NO System Error (Failure)`.
        answer: String,
    },
}

impl ImapFault {
    /// A refused login without challenge, such as `NO [ALERT] ... (Failure)`.
    pub fn login(answer: &str) -> Self {
        Self::Login { challenge: false, answer: answer.to_owned() }
    }

    /// The account's 15 sessions are taken.
    pub fn too_many_connections() -> Self {
        Self::login("NO [ALERT] Too many simultaneous connections. (Failure)")
    }

    /// IMAP is switched off for the account.
    pub fn imap_disabled() -> Self {
        Self::login(
            "NO [ALERT] Your account is not enabled for IMAP use. Please visit your Gmail \
             settings page and enable your account for IMAP access. (Failure)",
        )
    }

    /// Google wants the person to sign in with a browser.
    pub fn web_login_required() -> Self {
        Self::login(
            "NO [ALERT] Please log in via your web browser: \
             https://support.google.com/mail/accounts/answer/78754 (Failure)",
        )
    }

    pub(crate) fn at_connect(&self) -> bool {
        matches!(self, Self::Greeting(_) | Self::NoGreeting | Self::CloseAtConnect)
    }

    pub(crate) fn at_login(&self) -> bool {
        matches!(self, Self::Login { .. } | Self::HangAtLogin | Self::CloseAtLogin)
    }

    pub(crate) fn at_command(&self, wanted: &str) -> bool {
        match self {
            Self::Cut { verb, .. } | Self::Hang { verb } | Self::Refuse { verb, .. } => *verb == wanted,
            _ => false,
        }
    }
}
