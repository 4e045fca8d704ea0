//! How far the process is, and whether it is alive.
//!
//! Ready is more than alive: a node that drains, or whose database is away,
//! is alive. Who restarts processes asks [`Health::alive`], who sends clients
//! asks for the [`Stage`].

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// How far the process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Not every listener is bound yet.
    Starting,
    /// All listeners take connections.
    Up,
    /// No new connections; the sessions are ending.
    Draining,
}

impl Stage {
    /// Stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Up => "up",
            Self::Draining => "draining",
        }
    }
}

/// Time without a pulse after which the process counts as hung.
const HUNG: Duration = Duration::from_secs(30);

/// The stage and the pulse of a process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Health(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    stage: watch::Sender<Stage>,
    pulse: Mutex<Instant>,
}

impl Default for Health {
    fn default() -> Self {
        Self(Arc::new(Inner {
            stage: watch::Sender::new(Stage::Starting),
            pulse: Mutex::new(Instant::now()),
        }))
    }
}

impl Health {
    /// How far the process is.
    #[must_use]
    pub fn stage(&self) -> Stage {
        *self.0.stage.borrow()
    }

    /// Every change of the stage, from the present one on.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Stage> {
        self.0.stage.subscribe()
    }

    /// The process has come to `stage`; it never goes back.
    pub fn reached(&self, stage: Stage) {
        self.0.stage.send_if_modified(|now| {
            let further = (*now as u8) < (stage as u8);
            if further {
                *now = stage;
            }
            further
        });
    }

    /// The store was asked and answered, or is known not to answer.
    pub fn beat(&self) {
        *self.0.pulse.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Whether there was a pulse lately. That the database is away is no
    /// reason to restart; that nobody finds out any more is one.
    #[must_use]
    pub fn alive(&self) -> bool {
        self.0.pulse.lock().unwrap_or_else(PoisonError::into_inner).elapsed() < HUNG
    }
}

#[cfg(test)]
mod tests {
    use super::{HUNG, Health, Stage};
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn a_process_without_pulse_is_hung_and_a_beat_revives_it() {
        let health = Health::default();
        assert!(health.alive());
        tokio::time::advance(HUNG + Duration::from_secs(1)).await;
        assert!(!health.alive());
        health.clone().beat();
        assert!(health.alive());
    }

    #[tokio::test]
    async fn stages_go_forward_only_and_are_told() {
        let health = Health::default();
        let mut told = health.watch();
        assert_eq!(health.stage(), Stage::Starting);
        health.reached(Stage::Draining);
        health.reached(Stage::Up);
        assert_eq!(*told.borrow_and_update(), Stage::Draining);
        assert!(!told.has_changed().unwrap());
    }
}
