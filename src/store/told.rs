//! What has changed, handed out inside this process.
//!
//! An act tells it as soon as it is committed, before it is answered; who must
//! not lag behind looks with [`Follower::at_once`]. What other processes did is
//! read from the feed (see [`super::changes`]), within a second or two; what is
//! told both ways comes twice.

use postern_core::model::change::Change;
use tokio::sync::broadcast;

const BACKLOG: usize = 1_024;

/// Hands changes out to the parts of this process.
#[derive(Debug)]
pub struct Told(broadcast::Sender<Change>);

impl Default for Told {
    fn default() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }
}

impl Told {
    /// A reader of everything from now on.
    #[must_use]
    pub fn follow(&self) -> Follower {
        Follower(self.0.subscribe())
    }

    /// Hands one change to every follower. No reader is no fault: commands have none.
    pub fn tell(&self, change: Change) {
        let _readers = self.0.send(change);
    }
}

/// One part's view of what is told.
#[derive(Debug)]
pub struct Follower(broadcast::Receiver<Change>);

impl Follower {
    /// The next change; `None` when the store is gone. A reader that was too
    /// slow gets "everything changed".
    pub async fn next(&mut self) -> Option<Change> {
        match self.0.recv().await {
            Ok(change) => Some(change),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Change::Everything),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }

    /// The next change of those that were told already.
    pub fn at_once(&mut self) -> Option<Change> {
        match self.0.try_recv() {
            Ok(change) => Some(change),
            Err(broadcast::error::TryRecvError::Lagged(_)) => Some(Change::Everything),
            Err(broadcast::error::TryRecvError::Empty | broadcast::error::TryRecvError::Closed) => None,
        }
    }
}
