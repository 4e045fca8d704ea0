//! Why no session came about at Gmail, as kinds.
//!
//! Gmail tells causes apart by free text, so `refused` knows its sentences;
//! a sentence nobody knows is a refusal with Gmail's own words.

use crate::model::refusal::{Cause, PeerText};
use crate::wire::sasl::Challenge;

/// Why the dial side failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Gmail does not take the access token. A cached token is refreshed once
    /// and tried on a new connection; after that it is a refusal like others.
    TokenRefused {
        /// Gmail's words.
        text: PeerText,
        /// Its challenge, for the log.
        challenge: Option<Challenge>,
    },
    /// Gmail's cap of connections to this account.
    TooManyConnections,
    /// Gmail refuses this mailbox until somebody acts.
    RefusedByGmail(PeerText),
    /// Nobody's fault here; later it may work.
    Unavailable(Trouble),
}

/// What stood in for a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The first line was no `* OK`.
    Greeting(PeerText),
    /// PREAUTH: somebody else's session (nostarttls.secvuln.info).
    Preauth,
    /// BYE.
    Bye(PeerText),
    /// End of stream.
    Closed,
    /// A tagged NO that says that it will pass.
    Temporary(PeerText),
    /// A tagged BAD.
    Bad(PeerText),
    /// A line that has no place here.
    Malformed,
    /// A line, or all held lines, above the limit.
    TooLong,
}

impl Failure {
    /// What the client and the audit are told.
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self {
            Self::TokenRefused { text, .. } | Self::RefusedByGmail(text) => {
                Cause::RefusedByGmail(text.clone())
            }
            Self::TooManyConnections => Cause::TooManyConnections,
            Self::Unavailable(_) => Cause::Unavailable,
        }
    }

    /// Whether a newly refreshed access token deserves one more connection.
    #[must_use]
    pub fn wants_new_token(&self) -> bool {
        matches!(self, Self::TokenRefused { .. })
    }
}

/// Reads the text after a tagged NO.
pub(super) fn refused(text: &[u8], challenge: Option<Challenge>) -> Failure {
    let text = String::from_utf8_lossy(text);
    let lower = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let told = PeerText::new(&text);
    if says(&["too many simultaneous connections", "[limit]"]) {
        Failure::TooManyConnections
    } else if says(&["[unavailable]", "[inuse]", "[serverbug]", "system error"]) {
        Failure::Unavailable(Trouble::Temporary(told))
    } else if says(&["[authenticationfailed]", "[expired]", "invalid credentials"]) {
        Failure::TokenRefused { text: told, challenge }
    } else {
        Failure::RefusedByGmail(told)
    }
}
