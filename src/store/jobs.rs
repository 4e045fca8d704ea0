//! Recurring work of the installation: when it is due, who is at it, and how
//! the last runs went.
//!
//! A run is claimed by one process, which renews its claim while it works. A
//! claim that ended belongs to a process that is gone: the next one takes the
//! work over, and the run of the other is told as interrupted.

use std::time::Duration;

use postern_core::model::actor::Actor;
use uuid::Uuid;

use super::act::{Act, Batch};
use super::error::StoreError;
use super::sql::{Source, Write, execute, fetch_all, fetch_one, statements};
use crate::clock::{Micros, micros};

/// Runs that are kept of each job.
pub const KEPT: i64 = 50;

statements! {
    REGISTER = "INSERT INTO jobs (id, name, beat, created_at, next_at, claimed_until, status) \
                VALUES ($1, $2, $3, $4, $4, 0, 'never') \
                ON CONFLICT (name) DO UPDATE SET beat = excluded.beat WHERE jobs.beat <> excluded.beat";
    ALL = "SELECT id, name, beat, created_at, disabled_at, next_at, wanted_at, wanted_by, claimed_until, status, \
           started_at, ended_at FROM jobs ORDER BY name LIMIT 200";
    BY_ID = "SELECT id, name, beat, created_at, disabled_at, next_at, wanted_at, wanted_by, claimed_until, status, \
             started_at, ended_at FROM jobs WHERE id = $1";
    BY_NAME = "SELECT id, name, beat, created_at, disabled_at, next_at, wanted_at, wanted_by, claimed_until, \
               status, started_at, ended_at FROM jobs WHERE name = $1";
    CLAIM = "UPDATE jobs SET run_id = $2, claimed_until = $4, status = 'running', started_at = $3, \
             ended_at = NULL, wanted_at = NULL, wanted_by = NULL, next_at = $3 + beat \
             WHERE id = $1 AND claimed_until <= $3 \
             AND (wanted_at IS NOT NULL OR (disabled_at IS NULL AND next_at <= $3))";
    LEFT = "UPDATE job_runs SET status = 'interrupted', ended_at = $2 WHERE job_id = $1 AND status = 'running'";
    BEGIN = "INSERT INTO job_runs (id, job_id, status, started_at, node, asked_by) \
             VALUES ($1, $2, 'running', $3, $4, $5)";
    RENEW = "UPDATE jobs SET claimed_until = $2 WHERE run_id = $1 AND claimed_until > 0";
    FREE = "UPDATE jobs SET claimed_until = 0, status = $2, ended_at = $3 WHERE run_id = $1 AND claimed_until > 0";
    END = "UPDATE job_runs SET status = $2, ended_at = $3, count = $4, fault = $5 WHERE id = $1";
    FORGET = "DELETE FROM job_runs WHERE job_id = $1 AND id NOT IN \
              (SELECT id FROM job_runs WHERE job_id = $1 ORDER BY started_at DESC, id DESC LIMIT 50)";
    RUNS = "SELECT id, status, started_at, ended_at, count, fault, node, asked_by FROM job_runs \
            WHERE job_id = $1 ORDER BY started_at DESC, id DESC LIMIT $2";
    WANT = "UPDATE jobs SET wanted_at = $2, wanted_by = $3 WHERE id = $1 AND wanted_at IS NULL";
    DISABLE = "UPDATE jobs SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL";
    ENABLE = "UPDATE jobs SET disabled_at = NULL WHERE id = $1 AND disabled_at IS NOT NULL";
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Job {
    /// Identity.
    pub id: Uuid,
    /// Its name in the program.
    pub name: String,
    /// Time between two runs, in microseconds.
    pub beat: i64,
    /// When it was first known.
    pub created_at: Micros,
    /// Since when it runs only when somebody asks for it.
    pub disabled_at: Option<Micros>,
    /// When it is due next.
    pub next_at: Micros,
    /// Since when somebody wants it to run.
    pub wanted_at: Option<Micros>,
    /// Who.
    pub wanted_by: Option<String>,
    /// Whoever runs it has said so up to then.
    pub claimed_until: Micros,
    /// How the last run stands or went.
    pub status: String,
    /// When that began.
    pub started_at: Option<Micros>,
    /// When it ended.
    pub ended_at: Option<Micros>,
}

impl Job {
    /// Whether it is to run now.
    #[must_use]
    pub fn due(&self, now: Micros) -> bool {
        let beat = self.disabled_at.is_none() && self.next_at <= now;
        self.claimed_until <= now && (self.wanted_at.is_some() || beat)
    }

    /// The word for its last run; who runs it may be gone.
    #[must_use]
    pub fn standing(&self, now: Micros) -> &str {
        if self.status == "running" && self.claimed_until <= now { "interrupted" } else { &self.status }
    }
}

/// A run of a job.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Run {
    /// Identity.
    pub id: Uuid,
    /// `running`, `ok`, `failed` or `interrupted`.
    pub status: String,
    /// When it began.
    pub started_at: Micros,
    /// When it ended.
    pub ended_at: Option<Micros>,
    /// What it did, where that is a number.
    pub count: Option<i64>,
    /// Why it failed.
    pub fault: Option<String>,
    /// Who ran it.
    pub node: String,
    /// Who asked for it; nobody when it was due.
    pub asked_by: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Well; what it did, where that is a number.
    Ok(Option<u64>),
    /// Not; why.
    Failed(String),
    /// The process was told to stop.
    Interrupted,
}

/// Makes a job known, due at once; one that is known has this beat from now on.
///
/// # Errors
/// When the database does not answer.
pub async fn register(batch: &mut Batch, name: &str, beat: Duration) -> Result<(), StoreError> {
    let store = batch.store();
    let (id, now) = (store.dice().id(store.clock())?, store.clock().now());
    execute!(batch, REGISTER, id, name, micros(beat), now)?;
    Ok(())
}

/// All jobs.
///
/// # Errors
/// When the database does not answer.
pub async fn all(on: &mut impl Source) -> Result<Vec<Job>, StoreError> {
    fetch_all!(on, Job, ALL)
}

/// The job of that identity.
///
/// # Errors
/// When the database does not answer.
pub async fn by_id(on: &mut impl Source, id: Uuid) -> Result<Option<Job>, StoreError> {
    fetch_one!(on, Job, BY_ID, id)
}

/// The job of that name.
///
/// # Errors
/// When the database does not answer.
pub async fn by_name(on: &mut impl Source, name: &str) -> Result<Option<Job>, StoreError> {
    fetch_one!(on, Job, BY_NAME, name)
}

/// Begins a run when the job is due and nobody else is at it.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(batch: &mut Batch, job: &Job, claim: Duration) -> Result<Option<Uuid>, StoreError> {
    let store = batch.store();
    let (run, now) = (store.dice().id(store.clock())?, store.clock().now());
    // Read again: somebody may have asked meanwhile.
    let asked_by = by_id(batch, job.id).await?.and_then(|job| job.wanted_by);
    if execute!(batch, CLAIM, job.id, run, now, now + micros(claim))? == 0 {
        return Ok(None);
    }
    execute!(batch, LEFT, job.id, now)?;
    execute!(batch, BEGIN, run, job.id, now, store.node(), asked_by)?;
    Ok(Some(run))
}

/// Keeps the claim of a run; false when somebody else has taken it over.
///
/// # Errors
/// When the database does not answer.
pub async fn renew(batch: &mut Batch, run: Uuid, claim: Duration) -> Result<bool, StoreError> {
    let until = batch.store().clock().now() + micros(claim);
    Ok(execute!(batch, RENEW, run, until)? == 1)
}

/// Ends a run, and forgets the oldest ones. One that was taken over says
/// nothing any more.
///
/// # Errors
/// When the database does not answer.
pub async fn end(batch: &mut Batch, job: Uuid, run: Uuid, ended: &Ended) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    let (status, count, fault) = match ended {
        Ended::Ok(count) => ("ok", count.map(|count| i64::try_from(count).unwrap_or(i64::MAX)), None),
        Ended::Failed(why) => ("failed", None, Some(why.as_str())),
        Ended::Interrupted => ("interrupted", None, None),
    };
    if execute!(batch, FREE, run, status, now)? == 1 {
        execute!(batch, END, run, status, now, count, fault)?;
        execute!(batch, FORGET, job)?;
    }
    Ok(())
}

/// The last runs of a job, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn runs(on: &mut impl Source, job: Uuid, most: i64) -> Result<Vec<Run>, StoreError> {
    fetch_all!(on, Run, RUNS, job, most)
}

/// Asks for a run; false when somebody has asked already.
///
/// # Errors
/// When the database does not answer.
pub async fn want(act: &mut Act, job: Uuid, by: &Actor) -> Result<bool, StoreError> {
    let now = act.store().clock().now();
    Ok(execute!(act, WANT, job, now, by.label())? == 1)
}

/// Lets a job run by itself, or only when somebody asks; false when it was so.
///
/// # Errors
/// When the database does not answer.
pub async fn switch(act: &mut Act, job: Uuid, on: bool) -> Result<bool, StoreError> {
    let now = act.store().clock().now();
    let rows = if on { execute!(act, ENABLE, job)? } else { execute!(act, DISABLE, job, now)? };
    Ok(rows == 1)
}
