//! From the first signal to the end of the process: the phases end one after
//! the other, each with its own patience.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use crate::store::Store;
use crate::tasks::{ORDER, Phase, Tasks};

const CLOSING: Duration = Duration::from_secs(5);

/// Waits for SIGTERM or SIGINT.
///
/// # Errors
/// When signals cannot be listened to.
pub async fn asked_to_stop() -> std::io::Result<()> {
    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = term.recv() => tracing::info!("SIGTERM, stopping"),
        _ = int.recv() => tracing::info!("SIGINT, stopping"),
    }
    Ok(())
}

/// Ends all phases, then closes the store.
pub async fn stop(tasks: &Tasks, store: &Store) {
    for phase in ORDER {
        let left = tasks.end(phase, patience(phase)).await;
        if left > 0 {
            tracing::debug!(?phase, left, "tasks were cut off");
        }
    }
    // It waits for every connection, also one whose task was cut off.
    if tokio::time::timeout(CLOSING, store.close()).await.is_err() {
        tracing::warn!("the database did not let go in time");
    }
}

// A refresh in flight is worth waiting for: its result may be the only copy of
// a rotated refresh token.
fn patience(phase: Phase) -> Duration {
    match phase {
        Phase::Listeners | Phase::Node => Duration::from_secs(1),
        Phase::Sessions => Duration::from_secs(2),
        Phase::Work => Duration::from_secs(12),
        Phase::Records => Duration::from_secs(10),
    }
}
