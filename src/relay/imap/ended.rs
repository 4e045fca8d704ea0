//! How long a relay may take, and how it ended.

use std::fmt;
use std::time::Duration;

use postern_core::wire::imap::relay::Fault;
use postern_core::wire::imap::reply::Farewell;

use crate::relay::order::Ending;

/// Time limits of a relay.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Without a byte on either side.
    pub idle: Duration,
    /// For one side after the end of the other.
    pub linger: Duration,
    /// For our BYE to leave and the client to close after it.
    pub farewell: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(31 * 60),
            linger: Duration::from_secs(10),
            farewell: Duration::from_secs(3),
        }
    }
}

/// Why a relay ended: what happened first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The client closed.
    Client,
    /// Gmail closed.
    Upstream,
    /// Nothing was said for too long.
    Idle,
    /// A side did not finish in time after the end of the other.
    Linger,
    /// A side's bytes are no IMAP.
    Fault(Fault),
    /// A connection broke.
    Broken,
    /// It was ended from outside.
    Ended(Ending),
    /// This process closed it at once.
    Cut,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client => f.write_str("the client closed"),
            Self::Upstream => f.write_str("Gmail closed"),
            Self::Idle => f.write_str("idle for too long"),
            Self::Linger => f.write_str("one side did not end after the other"),
            Self::Fault(fault) => write!(f, "protocol fault: {fault}"),
            Self::Broken => f.write_str("a connection broke"),
            Self::Ended(ending) => ending.fmt(f),
            Self::Cut => f.write_str("closed at once"),
        }
    }
}

/// What a relay did.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    /// Why it ended.
    pub why: Why,
    /// Octets to Gmail.
    pub up: u64,
    /// Octets to the client.
    pub down: u64,
    /// Gmail said BYE.
    pub bye: bool,
}

/// What the client is told.
pub(super) fn farewell(ending: Ending) -> Farewell {
    match ending {
        Ending::Shutdown => Farewell::Shutdown,
        Ending::Revoked => Farewell::Revoked,
        Ending::Expired => Farewell::Expired,
        Ending::Disabled | Ending::SwitchedOff => Farewell::Disabled,
        Ending::Removed => Farewell::Removed,
        Ending::Kicked => Farewell::Kicked,
    }
}
