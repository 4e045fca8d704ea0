//! Watching the change feed: what a command or another node changed holds here
//! within a second or two.

use std::time::Duration;

use postern_core::model::change::Change;
use tokio_util::sync::CancellationToken;

use crate::health::Health;
use crate::store::{Store, StoreError, changes};

const BEAT: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads the feed each second until `stop` and tells it in this process; that
/// the store was asked is the pulse of the process.
pub async fn watch(store: Store, health: Health, stop: CancellationToken) {
    let mut seen = None;
    let mut down = false;
    loop {
        // A connection that went dead says nothing at all, and changes must not wait for it.
        let beaten = tokio::time::timeout(PATIENCE, beat(&store, &mut seen)).await;
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

async fn beat(store: &Store, seen: &mut Option<i64>) -> Result<(), StoreError> {
    let mut read = store.read().await?;
    let Some(from) = *seen else {
        *seen = Some(changes::position(&mut read).await?);
        // What happened between the start of this process and here is unknown.
        store.told().tell(Change::Everything);
        return Ok(());
    };
    let (now, told) = changes::after(&mut read, from).await?;
    *seen = Some(now);
    told.into_iter().for_each(|change| store.told().tell(change));
    Ok(())
}
