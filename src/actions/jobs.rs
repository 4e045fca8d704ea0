//! Recurring work: look, start before it is due, pause.

use postern_core::model::event::Event;
use uuid::Uuid;

use super::By;
use crate::clock::{Micros, written};
use crate::store::jobs::{self, Job, Run};
use crate::store::{Store, StoreError};

/// Runs that a page shows of each job.
const SHOWN: i64 = 10;

/// Why nothing was done about a job.
#[derive(Debug, thiserror::Error)]
pub enum JobFault {
    /// No such job.
    #[error("there is no such job")]
    NoJob,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A job as people look at it.
#[derive(Debug, Clone)]
pub struct View {
    /// The job.
    pub job: Job,
    /// How its last run stands or went.
    pub standing: String,
    /// When it runs next by itself.
    pub next_at: Option<String>,
    /// The last runs, the newest first.
    pub runs: Vec<RunView>,
}

/// A run as people look at it.
#[derive(Debug, Clone)]
pub struct RunView {
    /// When it began.
    pub started_at: String,
    /// When it ended.
    pub ended_at: Option<String>,
    /// The run.
    pub run: Run,
}

/// All jobs with their last runs.
///
/// # Errors
/// When the database does not answer.
pub async fn list(store: &Store) -> Result<Vec<View>, StoreError> {
    let mut read = store.read().await?;
    let now = store.clock().now();
    let mut views = Vec::new();
    for job in jobs::all(&mut read).await? {
        let runs = jobs::runs(&mut read, job.id, SHOWN).await?;
        views.push(view(job, runs, now));
    }
    Ok(views)
}

fn view(job: Job, runs: Vec<Run>, now: Micros) -> View {
    let run =
        |run: Run| RunView { started_at: written(run.started_at), ended_at: run.ended_at.map(written), run };
    View {
        standing: job.standing(now).to_owned(),
        next_at: job.disabled_at.is_none().then(|| written(job.next_at)),
        runs: runs.into_iter().map(run).collect(),
        job,
    }
}

/// Asks for a run now; a process begins it within seconds. False when somebody
/// has asked already.
///
/// # Errors
/// When there is no such job.
pub async fn request(store: &Store, by: &By, id: Uuid) -> Result<bool, JobFault> {
    let mut act = by.open(store).await?;
    let job = jobs::by_id(&mut act, id).await?.ok_or(JobFault::NoJob)?;
    if !jobs::want(&mut act, id, &by.actor).await? {
        return Ok(false);
    }
    act.commit(Event::JobRequested { job: job.name }).await?;
    Ok(true)
}

/// Lets a job run by itself, or only when somebody asks. False when it was so.
///
/// # Errors
/// When there is no such job.
pub async fn switch(store: &Store, by: &By, id: Uuid, on: bool) -> Result<bool, JobFault> {
    let mut act = by.open(store).await?;
    let job = jobs::by_id(&mut act, id).await?.ok_or(JobFault::NoJob)?;
    if !jobs::switch(&mut act, id, on).await? {
        return Ok(false);
    }
    act.commit(Event::JobSwitched { job: job.name, on }).await?;
    Ok(true)
}
