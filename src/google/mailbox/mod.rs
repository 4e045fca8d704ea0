//! Our own sessions at Gmail: to prove that an access token opens a mailbox, to
//! look around in it, to send one message from it.
//!
//! The caller brings the stream. Every word that Gmail says is cleaned before
//! it is kept; nothing here holds a token longer than its login takes.

mod courier;
mod session;
mod submission;

use std::time::Duration;

use postern_core::model::address::Address;
use postern_core::model::refusal::{Blame, PeerText, Retry};
use postern_core::model::secret::Secret;

use crate::net::dial::{DialError, Dialer};
use crate::net::target::Target;

pub use courier::{Courier, CourierFault, Delivered};
pub use session::{Folder, Quota, Session};
pub use submission::Submission;

const LIMIT: Duration = Duration::from_secs(20);

/// Why a mailbox did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailboxFault {
    /// Gmail refused the login.
    #[error("Gmail refuses to open {address} with this grant: {}", why.as_str())]
    Refused {
        /// The mailbox.
        address: Address,
        /// Gmail's words.
        why: PeerText,
    },
    /// Gmail refused what was asked after the login.
    #[error("Gmail refuses {what}: {}", why.as_str())]
    Declined {
        /// What was asked.
        what: &'static str,
        /// Gmail's words.
        why: PeerText,
    },
    /// Gmail cannot be reached.
    #[error(transparent)]
    Unreachable(#[from] DialError),
    /// Gmail was reached, but gave no verdict.
    #[error("Gmail gave no answer: {0}")]
    NoVerdict(&'static str),
}

impl MailboxFault {
    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Refused { .. } | Self::Declined { .. } => Blame::Account,
            Self::Unreachable(why) => why.blame(),
            Self::NoVerdict(_) => Blame::Upstream,
        }
    }

    /// Whether waiting helps.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Refused { .. } | Self::Declined { .. } => Retry::No,
            Self::Unreachable(_) | Self::NoVerdict(_) => Retry::Later,
        }
    }
}

/// Logs in by XOAUTH2 and out again.
///
/// # Errors
/// `Refused` is Gmail's word; the others say nothing about the mailbox.
pub async fn prove(
    dialer: &Dialer,
    imap: &Target,
    address: &Address,
    access_token: &Secret,
) -> Result<(), MailboxFault> {
    let stream = dialer.dial(imap).await?;
    let proof = async {
        Session::open(stream, address, access_token).await?.close().await;
        Ok(())
    };
    match tokio::time::timeout(LIMIT, proof).await {
        Ok(done) => done,
        Err(_) => Err(MailboxFault::NoVerdict("no answer in time")),
    }
}
