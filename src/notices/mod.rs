//! Notices: who has to be told that Google has shut a mailbox, and is told.
//!
//! The change of state leaves rows in the outbox (`store::outbox`); this loop
//! is their only reader, and nobody calls it. For each audience:
//!
//! - News are gathered for `notices.gather` from the first one on. What is over
//!   by then is not told.
//! - Admins get one digest, owners each a message with a consent link. Nobody
//!   gets two messages within an hour; an owner who is an admin gets the digest.
//! - Letters that somebody asked for, or that an act owes an owner, leave at
//!   once and one by one, whatever else was told.
//! - Rows are claimed before they are told, so that of several nodes one tells
//!   them. A process that dies after a message left and before that is stored
//!   leaves the claim to its end; then the message leaves again, with the same
//!   Message-ID.
//! - What the mail server does not take for the moment is tried again after a
//!   minute, doubled up to an hour, and given up after a day; what it refuses
//!   for good at once. Both are said in the log.
//! - Without a way out (`notices.via` is not set, or its own mailbox wants its
//!   owner) the page that leads an owner to a consent is logged once for each
//!   change. It opens nothing by itself, unlike a consent link.

mod digest;
mod ends;
mod letters;
mod mail;
mod metrics;
mod round;
mod starttls;
#[cfg(test)]
mod tests;

use std::time::Duration;

use postern_core::model::address::Address;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::store::Store;
use crate::texts::Lang;

pub use mail::{Sender, Tls, Way};
pub use metrics::Metrics;

const BEAT: Duration = Duration::from_secs(5);

/// Who is told what.
pub struct Policy {
    /// Admins.
    pub to: Vec<Address>,
    /// Whether owners are written to.
    pub owners: bool,
    /// For how long news are gathered.
    pub gather: Duration,
    /// Of the messages.
    pub lang: Lang,
    /// Where our pages are.
    pub public_url: Url,
}

/// The loop.
pub struct Notices {
    /// The outbox.
    pub store: Store,
    /// Who is told what.
    pub policy: Policy,
    /// Who sends; without it everything is only logged.
    pub sender: Option<Sender>,
    /// What is counted.
    pub metrics: Metrics,
}

impl Notices {
    /// Tells what is due until `stop`, whom `policy` names then. A message under
    /// way is finished.
    pub async fn run(mut self, policy: impl Fn() -> Policy + Send, stop: CancellationToken) {
        let beat = self.policy.gather.min(BEAT);
        let mut down = false;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(beat) => {}
            }
            self.policy = policy();
            match self.round(&stop).await {
                Ok(()) => down = false,
                Err(error) => {
                    if !down {
                        tracing::warn!(error = %error, "notices wait for the database");
                        down = true;
                    }
                }
            }
        }
    }
}
