//! From the first signal to the end of the process: the phases end one after
//! the other, each with its own patience.
//!
//! A second signal cuts the drain short: sessions are closed at once. What must
//! not be lost (a refresh in flight, the journal) is finished all the same.

pub mod reload;
pub mod supervisor;

use std::pin::pin;
use std::time::Duration;

use tokio::signal::unix::{self, SignalKind, signal};

use crate::store::Store;
use crate::tasks::{ORDER, Phase, Tasks};

const CLOSING: Duration = Duration::from_secs(5);
/// Behind the drain: last words, and the client's own end.
const LAST_WORDS: Duration = Duration::from_secs(6);
/// For what is closed at once.
const CUT: Duration = Duration::from_millis(500);

/// The signals that concern the whole process.
#[derive(Debug)]
pub struct Signals {
    term: unix::Signal,
    int: unix::Signal,
}

impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// When signals cannot be listened to.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self { term: signal(SignalKind::terminate())?, int: signal(SignalKind::interrupt())? })
    }

    /// Waits until SIGTERM or SIGINT asks to stop.
    pub async fn asked_to_stop(&mut self) {
        tokio::select! {
            _ = self.term.recv() => tracing::info!("SIGTERM, stopping"),
            _ = self.int.recv() => tracing::info!("SIGINT, stopping"),
        }
    }
}

/// Ends all phases as [`stop`] does; a further signal cuts the drain short.
pub async fn stop_or_cut(mut signals: Signals, tasks: &Tasks, store: &Store, drain: Duration) {
    let mut stopping = pin!(stop(tasks, store, drain));
    loop {
        tokio::select! {
            () = &mut stopping => return,
            () = signals.asked_to_stop() => tasks.hurry(),
        }
    }
}

/// Ends all phases, then closes the store. Sessions have `drain` to end by
/// themselves.
pub async fn stop(tasks: &Tasks, store: &Store, drain: Duration) {
    for phase in ORDER {
        let left = tokio::select! {
            left = tasks.end(phase, patience(phase, drain)) => left,
            left = cut(tasks, phase) => left,
        };
        if left > 0 {
            tracing::debug!(?phase, left, "tasks were cut off");
        }
    }
    // It waits for every connection, also one whose task was cut off.
    if tokio::time::timeout(CLOSING, store.close()).await.is_err() {
        tracing::warn!("the database did not let go in time");
    }
}

async fn cut(tasks: &Tasks, phase: Phase) -> usize {
    match phase {
        Phase::Listeners | Phase::Sessions => {
            tasks.hurried().cancelled().await;
            tasks.end(phase, CUT).await
        }
        Phase::Work | Phase::Records | Phase::Node => std::future::pending().await,
    }
}

// A refresh in flight is worth waiting for: its result may be the only copy of
// a rotated refresh token.
fn patience(phase: Phase, drain: Duration) -> Duration {
    match phase {
        Phase::Listeners | Phase::Node => Duration::from_secs(1),
        Phase::Sessions => drain + LAST_WORDS,
        Phase::Work => Duration::from_secs(12),
        Phase::Records => Duration::from_secs(10),
    }
}
