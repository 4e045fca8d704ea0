//! Work that goes on behind a page: any node can say how far it is. Whoever
//! does it writes at most once a second; a beat that has stopped tells that the
//! process is gone.

use postern_core::model::id::{AccountId, ProgressId};
use uuid::Uuid;

use super::act::Batch;
use super::error::StoreError;
use super::sql::{Source, Write as _, execute, fetch_all, fetch_one, statements};
use crate::clock::Micros;

statements! {
    // Two who begin at once would else both see that none runs.
    ALONE = "UPDATE meta SET value = value WHERE name = 'schema_min'";
    BEGIN = "INSERT INTO progress (id, kind, total, began_at, beat_at) VALUES ($1, $2, $3, $4, $4)";
    RUNNING = "SELECT id FROM progress WHERE kind = $1 AND finished_at IS NULL AND beat_at > $2 \
               ORDER BY began_at DESC LIMIT 1";
    LINE = "INSERT INTO progress_lines (progress_id, line, account_id, why) VALUES ($1, $2, $3, $4) \
            ON CONFLICT (progress_id, line) DO NOTHING";
    BEAT = "UPDATE progress SET beat_at = $2 WHERE id = $1";
    FINISH = "UPDATE progress SET finished_at = $2 WHERE id = $1";
    GET = "SELECT total, beat_at, finished_at, \
           (SELECT count(*) FROM progress_lines l WHERE l.progress_id = progress.id) AS done, \
           (SELECT count(*) FROM progress_lines l WHERE l.progress_id = progress.id AND l.why IS NOT NULL) \
           AS failed FROM progress WHERE id = $1";
    FAILED = "SELECT line, why FROM progress_lines WHERE progress_id = $1 AND why IS NOT NULL \
              ORDER BY line LIMIT 1000";
    ACCOUNTS = "SELECT account_id FROM progress_lines WHERE progress_id = $1 AND account_id IS NOT NULL \
                ORDER BY line LIMIT 1000";
    PRUNE = "DELETE FROM progress WHERE beat_at < $1";
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Progress {
    /// Lines in all.
    pub total: i64,
    /// Lines that are done, those that failed included.
    pub done: i64,
    /// Lines that failed.
    pub failed: i64,
    /// Last sign of life.
    pub beat_at: Micros,
    /// The end.
    pub finished_at: Option<Micros>,
}

/// A line that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number.
    pub number: usize,
    /// Its mailbox, or why there is none.
    pub outcome: Result<AccountId, String>,
}

/// Whether work could begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Under this name.
    Run(ProgressId),
    /// Somebody is at work of this kind already.
    Another(ProgressId),
}

/// Begins, unless another one of this kind has shown a sign of life after `alive`.
///
/// # Errors
/// When the database does not answer.
pub async fn begin(batch: &mut Batch, kind: &str, total: usize, alive: Micros) -> Result<Begun, StoreError> {
    execute!(batch, ALONE)?;
    if let Some((other,)) = fetch_one!(batch, (Uuid,), RUNNING, kind, alive)? {
        return Ok(Begun::Another(ProgressId(other)));
    }
    let store = batch.store();
    let id = store.dice().id(store.clock())?;
    let (total, now) = (i64::try_from(total).unwrap_or(i64::MAX), store.clock().now());
    execute!(batch, BEGIN, id, kind, total, now)?;
    Ok(Begun::Run(ProgressId(id)))
}

/// Writes lines down, and that somebody is at it.
///
/// # Errors
/// When the database does not answer.
pub async fn note(batch: &mut Batch, id: ProgressId, lines: &[Line]) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    for line in lines {
        let number = i64::try_from(line.number).unwrap_or(i64::MAX);
        let (account, why) = match &line.outcome {
            Ok(account) => (Some(account.0), None),
            Err(why) => (None, Some(why.as_str())),
        };
        execute!(batch, LINE, id.0, number, account, why)?;
    }
    execute!(batch, BEAT, id.0, now)?;
    Ok(())
}

/// It has come to its end.
///
/// # Errors
/// When the database does not answer.
pub async fn finish(batch: &mut Batch, id: ProgressId) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, FINISH, id.0, now)?;
    Ok(())
}

/// How far it is.
///
/// # Errors
/// When the database does not answer.
pub async fn get(on: &mut impl Source, id: ProgressId) -> Result<Option<Progress>, StoreError> {
    fetch_one!(on, Progress, GET, id.0)
}

/// Lines that failed, each with its reason.
///
/// # Errors
/// When the database does not answer.
pub async fn failed(on: &mut impl Source, id: ProgressId) -> Result<Vec<(i64, String)>, StoreError> {
    fetch_all!(on, (i64, String), FAILED, id.0)
}

/// The mailboxes of the lines that did not.
///
/// # Errors
/// When the database does not answer.
pub async fn accounts(on: &mut impl Source, id: ProgressId) -> Result<Vec<AccountId>, StoreError> {
    let rows: Vec<(Uuid,)> = fetch_all!(on, (Uuid,), ACCOUNTS, id.0)?;
    Ok(rows.into_iter().map(|(id,)| AccountId(id)).collect())
}

/// Forgets what showed its last sign of life before `before`.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch, before: Micros) -> Result<(), StoreError> {
    execute!(batch, PRUNE, before)?;
    Ok(())
}
