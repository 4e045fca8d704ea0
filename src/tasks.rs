//! The only place that spawns. Every task belongs to a shutdown phase; the
//! phases end one after the other, so that what a later phase needs (the audit
//! writer, the store) outlives what an earlier one still does.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Shutdown phases, in the order in which they end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Accept loops.
    Listeners,
    /// Client connections.
    Sessions,
    /// Refreshes in flight and loops that do work: finish and store.
    Work,
    /// Audit writer and counters: drained.
    Records,
    /// Change feed and what tells other processes about this one.
    Node,
}

/// All phases, first to end first.
pub const ORDER: [Phase; 5] = [Phase::Listeners, Phase::Sessions, Phase::Work, Phase::Records, Phase::Node];

/// Spawns tasks and ends them by phase. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Tasks(Arc<Groups>);

#[derive(Debug, Default)]
struct Groups {
    phases: [Group; 5],
    hurry: CancellationToken,
}

#[derive(Debug, Default)]
struct Group {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Tasks {
    /// Starts `future`; it should end when [`Tasks::stop`] of its phase fires.
    pub fn spawn<F>(&self, phase: Phase, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.group(phase).tracker.spawn(future)
    }

    /// Runs what keeps a processor busy where it holds up no connection.
    pub fn compute<T: Send + 'static>(
        &self,
        phase: Phase,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        self.group(phase).tracker.spawn_blocking(work)
    }

    /// Fires when tasks of `phase` should end.
    #[must_use]
    pub fn stop(&self, phase: Phase) -> CancellationToken {
        self.group(phase).stop.clone()
    }

    /// How many tasks of `phase` run.
    #[must_use]
    pub fn running(&self, phase: Phase) -> usize {
        self.group(phase).tracker.len()
    }

    /// Asks the tasks of `phase` to end and waits at most `patience`. Returns
    /// how many still run.
    pub async fn end(&self, phase: Phase, patience: Duration) -> usize {
        let group = self.group(phase);
        group.stop.cancel();
        group.tracker.close();
        let _ended = tokio::time::timeout(patience, group.tracker.wait()).await;
        group.tracker.len()
    }

    /// Asks whoever takes time to end to take none.
    pub fn hurry(&self) {
        self.0.hurry.cancel();
    }

    /// Fires on [`Tasks::hurry`].
    #[must_use]
    pub fn hurried(&self) -> CancellationToken {
        self.0.hurry.clone()
    }

    fn group(&self, phase: Phase) -> &Group {
        let [listeners, sessions, work, records, node] = &self.0.phases;
        match phase {
            Phase::Listeners => listeners,
            Phase::Sessions => sessions,
            Phase::Work => work,
            Phase::Records => records,
            Phase::Node => node,
        }
    }
}

/// Held by an open transaction. Talking to the network while one is open would
/// keep every other writer waiting for a peer, so [`holds`] is asserted there.
#[derive(Debug)]
pub struct Holding {
    #[cfg(debug_assertions)]
    task: Option<tokio::task::Id>,
}

#[cfg(debug_assertions)]
static HOLDERS: std::sync::Mutex<Vec<tokio::task::Id>> = std::sync::Mutex::new(Vec::new());

impl Holding {
    /// Notes that the current task holds a transaction.
    #[must_use]
    pub fn start() -> Self {
        #[cfg(debug_assertions)]
        {
            let task = tokio::task::try_id();
            if let (Some(id), Ok(mut holders)) = (task, HOLDERS.lock()) {
                holders.push(id);
            }
            Self { task }
        }
        #[cfg(not(debug_assertions))]
        Self {}
    }
}

#[cfg(debug_assertions)]
impl Drop for Holding {
    fn drop(&mut self) {
        if let (Some(id), Ok(mut holders)) = (self.task, HOLDERS.lock())
            && let Some(at) = holders.iter().position(|held| *held == id)
        {
            holders.swap_remove(at);
        }
    }
}

/// Whether the current task holds a transaction; always false in a release.
#[must_use]
pub fn holds() -> bool {
    #[cfg(debug_assertions)]
    {
        let task = tokio::task::try_id();
        task.is_some_and(|id| HOLDERS.lock().is_ok_and(|holders| holders.contains(&id)))
    }
    #[cfg(not(debug_assertions))]
    false
}

#[cfg(test)]
mod tests {
    use super::{Phase, Tasks};
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn a_phase_waits_for_its_own_tasks_only() {
        let tasks = Tasks::default();
        let stop = tasks.stop(Phase::Listeners);
        tasks.spawn(Phase::Listeners, async move { stop.cancelled().await });
        tasks.spawn(Phase::Records, std::future::pending::<()>());
        assert_eq!(tasks.end(Phase::Listeners, Duration::from_secs(5)).await, 0);
        assert!(!tasks.stop(Phase::Records).is_cancelled());
        assert_eq!(tasks.end(Phase::Records, Duration::from_secs(5)).await, 1);
    }
}
