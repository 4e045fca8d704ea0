//! Runs of calendars: what they saw and did.

use postern_core::model::id::{CalendarId, RunId};
use uuid::Uuid;

use crate::clock::Micros;
use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

statements! {
    LEFT = "UPDATE sync_runs SET status = 'interrupted', ended_at = $2 WHERE calendar_id = $1 AND status = 'running'";
    BEGIN = "INSERT INTO sync_runs (id, calendar_id, status, node, started_at) VALUES ($1, $2, 'running', $3, $4)";
    NOTE = "UPDATE sync_runs SET seen = $2, made = $3, written = $4, removed = $5, held = $6, failed = $7 WHERE id = $1";
    END = "UPDATE sync_runs SET status = $2, ended_at = $3, fault = $4 WHERE id = $1";
    // A run that saw and did nothing is worth one row only: the last.
    FORGET = "DELETE FROM sync_runs WHERE calendar_id = $1 AND id <> $2 AND status = 'ok' AND seen = 0 AND made = 0 \
              AND written = 0 AND removed = 0 AND held = 0 AND failed = 0";
    PRUNE = "DELETE FROM sync_runs WHERE started_at < $1";
    LAST = "SELECT id, calendar_id, status, node, started_at, ended_at, seen, made, written, removed, held, failed, \
            fault FROM sync_runs WHERE calendar_id = $1 ORDER BY started_at DESC, id DESC LIMIT $2";
    REMOVED = "SELECT COALESCE(CAST(sum(removed) AS BIGINT), 0) FROM sync_runs \
               WHERE calendar_id = $1 AND started_at > $2 AND id <> $3";
}

/// What a run saw and did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events that Google listed.
    pub seen: i64,
    /// Events and records that were made.
    pub made: i64,
    /// That were changed.
    pub written: i64,
    /// That were deleted or called off.
    pub removed: i64,
    /// That wait for a person.
    pub held: i64,
    /// That could not be done.
    pub failed: i64,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Run {
    /// Identity.
    pub id: Uuid,
    /// Of which calendar.
    pub calendar_id: Uuid,
    /// `running`, `ok`, `failed` or `interrupted`.
    pub status: String,
    /// Who ran it.
    pub node: String,
    /// When it began.
    pub started_at: Micros,
    /// When it ended.
    pub ended_at: Option<Micros>,
    /// Events that Google listed.
    pub seen: i64,
    /// Events and records that were made.
    pub made: i64,
    /// That were changed.
    pub written: i64,
    /// That were deleted or called off.
    pub removed: i64,
    /// That wait for a person.
    pub held: i64,
    /// That could not be done.
    pub failed: i64,
    /// Why it failed, a word.
    pub fault: Option<String>,
}

/// Begins a run; one that still seems to run was cut off.
///
/// # Errors
/// When the database does not answer.
pub async fn begin(batch: &mut Batch, calendar: CalendarId) -> Result<RunId, StoreError> {
    let store = batch.store();
    let (id, now) = (store.dice().id(store.clock())?, store.clock().now());
    execute!(batch, LEFT, calendar.0, now)?;
    execute!(batch, BEGIN, id, calendar.0, store.node(), now)?;
    Ok(RunId(id))
}

/// Notes how far a run is.
///
/// # Errors
/// When the database does not answer.
pub async fn note(batch: &mut Batch, run: RunId, counts: &Counts) -> Result<(), StoreError> {
    let Counts { seen, made, written, removed, held, failed } = *counts;
    execute!(batch, NOTE, run.0, seen, made, written, removed, held, failed)?;
    Ok(())
}

/// Ends a run; `fault` says why it failed.
///
/// # Errors
/// When the database does not answer.
pub async fn end(
    batch: &mut Batch,
    calendar: CalendarId,
    run: RunId,
    counts: &Counts,
    fault: Option<&str>,
) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    note(batch, run, counts).await?;
    execute!(batch, END, run.0, if fault.is_some() { "failed" } else { "ok" }, now, fault)?;
    execute!(batch, FORGET, calendar.0, run.0)?;
    Ok(())
}

/// Forgets runs that began before.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch, before: Micros) -> Result<(), StoreError> {
    execute!(batch, PRUNE, before)?;
    Ok(())
}

/// The last runs of a calendar, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn last(on: &mut impl Source, calendar: CalendarId, most: i64) -> Result<Vec<Run>, StoreError> {
    fetch_all!(on, Run, LAST, calendar.0, most)
}

/// What was deleted in a calendar since, by other runs.
///
/// # Errors
/// When the database does not answer.
pub async fn removed(
    on: &mut impl Source,
    calendar: CalendarId,
    since: Micros,
    but: RunId,
) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), REMOVED, calendar.0, since, but.0)?.map_or(0, |(count,)| count))
}
