//! Watching the change feed: what a command or another node changed holds here
//! within a second or two.

use std::time::Duration;

use postern_core::model::change::Change;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::health::Health;
use crate::store::{Store, StoreError, changes};

const BEAT: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(10);
const BACKLOG: usize = 1_024;

/// Hands changes out to the parts of this process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Changes(broadcast::Sender<Change>);

impl Default for Changes {
    fn default() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }
}

impl Changes {
    /// A reader of everything from now on.
    #[must_use]
    pub fn follow(&self) -> Follower {
        Follower(self.0.subscribe())
    }

    /// Reads the feed each second until `stop`; that the store was asked is
    /// the pulse of the process.
    pub async fn run(self, store: Store, health: Health, stop: CancellationToken) {
        let mut seen = None;
        let mut down = false;
        loop {
            // A connection that went dead says nothing at all, and changes must not wait for it.
            let beaten = tokio::time::timeout(PATIENCE, self.beat(&store, &mut seen)).await;
            health.beat();
            match beaten.unwrap_or_else(|_| Err(StoreError::Unavailable("no answer in time".to_owned()))) {
                Ok(()) => down = false,
                Err(error) => {
                    if !down {
                        tracing::warn!(error = %error, "changes of other processes cannot be read, trying on");
                        down = true;
                    }
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(BEAT) => {}
            }
        }
    }

    async fn beat(&self, store: &Store, seen: &mut Option<i64>) -> Result<(), StoreError> {
        let mut read = store.read().await?;
        let Some(from) = *seen else {
            *seen = Some(changes::position(&mut read).await?);
            // What happened between the start of this process and here is unknown.
            self.tell(Change::Everything);
            return Ok(());
        };
        let (now, told) = changes::after(&mut read, from).await?;
        *seen = Some(now);
        told.into_iter().for_each(|change| self.tell(change));
        Ok(())
    }

    /// Hands one change to every follower. No reader is no fault: commands have none.
    pub fn tell(&self, change: Change) {
        let _readers = self.0.send(change);
    }
}

/// One part's view of the feed.
#[derive(Debug)]
pub struct Follower(broadcast::Receiver<Change>);

impl Follower {
    /// The next change; `None` when the process ends. A reader that was too
    /// slow gets "everything changed".
    pub async fn next(&mut self) -> Option<Change> {
        match self.0.recv().await {
            Ok(change) => Some(change),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Change::Everything),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
