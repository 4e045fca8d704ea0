//! Recurring work of the installation: each job is done by one process at a
//! time, whichever is first when it is due or when somebody asks for it.
//!
//! A job is registered by the loop that can run it, so that only what runs is
//! listed. The claim is renewed while the work goes on; a process that was
//! overtaken drops its work. Work has to bear being dropped at any point.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::store::jobs::{self, Ended, Job};
use crate::store::{Store, StoreError};

/// How often a job is looked at.
const LOOK: Duration = Duration::from_secs(2);
const CLAIM: Duration = Duration::from_secs(120);
const RENEW: Duration = Duration::from_secs(30);

/// Work that recurs.
#[derive(Debug, Clone, Copy)]
pub struct Recurring {
    /// Its name, for programs.
    pub name: &'static str,
    /// Time between two runs.
    pub beat: Duration,
}

/// Runs the job when it is due, until `stop`. `work` says what it did, where
/// that is a number.
pub async fn run<W>(store: Store, job: Recurring, work: impl Fn() -> W + Send + Sync, stop: CancellationToken)
where
    W: Future<Output = Result<Option<u64>, StoreError>> + Send,
{
    let mut down = false;
    loop {
        match turn(&store, job, &work, &stop).await {
            Ok(_) => down = false,
            Err(error) => {
                if !down {
                    tracing::warn!(job = job.name, %error, "nobody knows whether this job is due, trying on");
                    down = true;
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Runs the job if it is due; returns how that ended.
///
/// # Errors
/// When the database does not answer.
pub async fn turn<W>(
    store: &Store,
    job: Recurring,
    work: &(impl Fn() -> W + Send + Sync),
    stop: &CancellationToken,
) -> Result<Option<Ended>, StoreError>
where
    W: Future<Output = Result<Option<u64>, StoreError>> + Send,
{
    let known = jobs::by_name(&mut store.read().await?, job.name).await?;
    let Some(known) = known else {
        let mut batch = store.batch().await?;
        jobs::register(&mut batch, job.name, job.beat).await?;
        batch.commit().await?;
        return Ok(None);
    };
    if !known.due(store.clock().now()) {
        return Ok(None);
    }
    let mut batch = store.batch().await?;
    let Some(run) = jobs::claim(&mut batch, &known, CLAIM).await? else { return Ok(None) };
    batch.commit().await?;
    let ended = tokio::select! {
        done = work() => match done {
            Ok(count) => Ended::Ok(count),
            Err(error) => Ended::Failed(error.to_string()),
        },
        () = stop.cancelled() => Ended::Interrupted,
        () = kept(store, run) => Ended::Interrupted,
    };
    if let Ended::Failed(why) = &ended {
        tracing::warn!(job = job.name, why, "a job failed, it is tried again when it is due");
    }
    finish(store, &known, run, &ended).await?;
    Ok(Some(ended))
}

async fn finish(store: &Store, job: &Job, run: Uuid, ended: &Ended) -> Result<(), StoreError> {
    let mut batch = store.batch().await?;
    jobs::end(&mut batch, job.id, run, ended).await?;
    batch.commit().await
}

// Ends when the claim is somebody else's. A database that is away says nothing about that.
async fn kept(store: &Store, run: Uuid) {
    loop {
        tokio::time::sleep(RENEW).await;
        let renewed = async {
            let mut batch = store.batch().await?;
            let ours = jobs::renew(&mut batch, run, CLAIM).await?;
            batch.commit().await?;
            Ok::<_, StoreError>(ours)
        };
        if matches!(renewed.await, Ok(false)) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use postern_core::model::actor::Actor;
    use postern_core::model::event::Event;
    use tokio_util::sync::CancellationToken;

    use super::{CLAIM, Recurring, turn};
    use crate::clock::Clock;
    use crate::store::jobs::{self, Ended, Job, Run};
    use crate::store::{Store, StoreError, trial};

    const JOB: Recurring = Recurring { name: "Test", beat: Duration::from_secs(3_600) };

    struct Stage {
        _folder: tempfile::TempDir,
        store: Store,
        clock: Clock,
        ran: AtomicU64,
    }

    impl Stage {
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let clock = Clock::manual(1_000_000_000_000_000);
            let store = trial::store(folder.path(), clock.clone()).await;
            let stage = Self { _folder: folder, store, clock, ran: AtomicU64::new(0) };
            assert_eq!(stage.turn().await, None, "it is registered first");
            stage
        }

        async fn turn(&self) -> Option<Ended> {
            let work = || async { Ok(Some(self.ran.fetch_add(1, Ordering::SeqCst) + 1)) };
            turn(&self.store, JOB, &work, &CancellationToken::new()).await.unwrap()
        }

        async fn job(&self) -> Job {
            jobs::by_name(&mut self.store.read().await.unwrap(), JOB.name).await.unwrap().unwrap()
        }

        async fn runs(&self) -> Vec<Run> {
            let job = self.job().await.id;
            jobs::runs(&mut self.store.read().await.unwrap(), job, 100).await.unwrap()
        }

        async fn act(&self, on: Option<bool>) {
            let job = self.job().await;
            let mut act = self.store.act(&Actor::Gateway, "").await.unwrap();
            match on {
                None => assert!(jobs::want(&mut act, job.id, &Actor::Gateway).await.unwrap()),
                Some(on) => assert!(jobs::switch(&mut act, job.id, on).await.unwrap()),
            }
            act.commit(Event::JobRequested { job: job.name }).await.unwrap();
        }
    }

    #[tokio::test]
    async fn it_runs_when_due_and_when_somebody_asks() {
        let stage = Stage::new().await;
        assert_eq!(stage.turn().await, Some(Ended::Ok(Some(1))), "at once");
        assert_eq!(stage.turn().await, None);
        stage.clock.advance(JOB.beat);
        assert_eq!(stage.turn().await, Some(Ended::Ok(Some(2))));
        stage.act(None).await;
        assert_eq!(stage.turn().await, Some(Ended::Ok(Some(3))));
        assert_eq!(stage.turn().await, None, "asked once, run once");
        let runs = stage.runs().await;
        assert_eq!(runs.len(), 3);
        assert!(runs.iter().all(|run| run.status == "ok" && run.ended_at.is_some() && run.node == "main"));
        let asked: Vec<_> = runs.iter().filter_map(|run| run.asked_by.as_deref()).collect();
        assert_eq!(asked, ["gateway"]);
        assert_eq!(stage.job().await.standing(stage.clock.now()), "ok");
    }

    #[tokio::test]
    async fn a_job_that_is_paused_runs_only_when_asked() {
        let stage = Stage::new().await;
        stage.act(Some(false)).await;
        assert_eq!(stage.turn().await, None);
        stage.act(None).await;
        assert_eq!(stage.turn().await, Some(Ended::Ok(Some(1))));
        stage.act(Some(true)).await;
        stage.clock.advance(JOB.beat);
        assert_eq!(stage.turn().await, Some(Ended::Ok(Some(2))));
    }

    #[tokio::test]
    async fn two_processes_share_the_work_and_a_dead_one_is_replaced() {
        let stage = Stage::new().await;
        let job = stage.job().await;
        let claim = async || {
            let mut batch = stage.store.batch().await.unwrap();
            let run = jobs::claim(&mut batch, &job, CLAIM).await.unwrap();
            batch.commit().await.unwrap();
            run
        };
        let first = claim().await.expect("it is due");
        assert_eq!(claim().await, None, "somebody is at it");
        assert_eq!(stage.turn().await, None);
        stage.act(None).await;
        assert_eq!(stage.turn().await, None, "also when it is asked for meanwhile");
        stage.clock.advance(CLAIM);
        assert_eq!(stage.job().await.standing(stage.clock.now()), "interrupted");
        assert_eq!(stage.turn().await, Some(Ended::Ok(Some(1))));
        // The one that was thought dead changes nothing any more.
        let mut batch = stage.store.batch().await.unwrap();
        assert!(!jobs::renew(&mut batch, first, CLAIM).await.unwrap());
        jobs::end(&mut batch, job.id, first, &Ended::Ok(Some(99))).await.unwrap();
        batch.commit().await.unwrap();
        let told: Vec<_> = stage.runs().await.into_iter().map(|run| (run.status, run.count)).collect();
        assert_eq!(told, [("ok".to_owned(), Some(1)), ("interrupted".to_owned(), None)]);
    }

    #[tokio::test]
    async fn a_failure_and_a_stop_are_told_and_the_history_has_an_end() {
        let stage = Stage::new().await;
        let work = || async { Err::<Option<u64>, _>(StoreError::LeaseLost) };
        let ended = turn(&stage.store, JOB, &work, &CancellationToken::new()).await.unwrap();
        assert!(matches!(ended, Some(Ended::Failed(_))), "{ended:?}");
        assert!(stage.runs().await[0].fault.is_some());
        stage.clock.advance(JOB.beat);
        let (work, stop) =
            (|| std::future::pending::<Result<Option<u64>, StoreError>>(), CancellationToken::new());
        stop.cancel();
        let ended = turn(&stage.store, JOB, &work, &stop).await.unwrap();
        assert_eq!(ended, Some(Ended::Interrupted));
        assert_eq!(stage.job().await.standing(stage.clock.now()), "interrupted");
        for _ in 0..60 {
            stage.clock.advance(JOB.beat);
            stage.turn().await.unwrap();
        }
        let runs = stage.runs().await;
        assert_eq!(i64::try_from(runs.len()).unwrap(), jobs::KEPT);
        assert_eq!(runs[0].count, Some(60), "the newest ones are kept");
    }
}
