//! Runs of calendars: what they saw and did.

use std::time::Duration;

use postern_core::model::id::{AccountId, RunId, SyncedId};
use uuid::Uuid;

use crate::clock::Micros;
use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

statements! {
    LEFT = "UPDATE sync_runs SET status = 'interrupted', ended_at = $2 WHERE calendar_id = $1 AND status = 'running'";
    BEGIN = "INSERT INTO sync_runs (id, calendar_id, status, node, started_at) VALUES ($1, $2, 'running', $3, $4)";
    NOTE = "UPDATE sync_runs SET seen = $2, made = $3, written = $4, removed = $5, held = $6, failed = $7, \
            planned = $8, done = $9, beat_at = $10, planned_at = CASE WHEN CAST($8 AS BIGINT) > 0 \
            THEN COALESCE(planned_at, $10) ELSE planned_at END WHERE id = $1";
    END = "UPDATE sync_runs SET status = $2, ended_at = $3, fault = $4 WHERE id = $1";
    // A run that saw and did nothing is worth one row only: the last.
    FORGET = "DELETE FROM sync_runs WHERE calendar_id = $1 AND id <> $2 AND status = 'ok' AND seen = 0 AND made = 0 \
              AND written = 0 AND removed = 0 AND held = 0 AND failed = 0";
    PRUNE = "DELETE FROM sync_runs WHERE started_at < $1";
    LAST = "SELECT id, calendar_id, status, node, started_at, ended_at, seen, made, written, removed, held, failed, \
            fault, planned, done, planned_at, beat_at FROM sync_runs WHERE calendar_id = $1 ORDER BY started_at DESC, id DESC LIMIT $2";
    // Of the calendars of one account, or of all.
    SINCE = "SELECT id, calendar_id, status, node, started_at, ended_at, seen, made, written, removed, held, failed, \
             fault, planned, done, planned_at, beat_at FROM sync_runs WHERE (started_at >= $1 OR status = 'running') \
             AND EXISTS (SELECT 1 FROM calendar_users u WHERE u.calendar_id = sync_runs.calendar_id \
             AND u.active = 1 AND u.kind <> 'offered' AND (u.account_id = $2 OR $2 IS NULL)) \
             ORDER BY started_at, id LIMIT 5000";
    // Of the address book of one account, or of all.
    BOOKS_SINCE = "SELECT id, calendar_id, status, node, started_at, ended_at, seen, made, written, removed, held, \
                   failed, fault, planned, done, planned_at, beat_at FROM sync_runs \
                   WHERE (started_at >= $1 OR status = 'running') AND EXISTS (SELECT 1 FROM address_books b \
                   WHERE b.id = sync_runs.calendar_id AND b.group_name IS NOT NULL \
                   AND (b.account_id = $2 OR $2 IS NULL)) ORDER BY started_at, id LIMIT 5000";
    REMOVED = "SELECT COALESCE(CAST(sum(removed) AS BIGINT), 0) FROM sync_runs \
               WHERE calendar_id = $1 AND started_at > $2 AND id <> $3";
}

/// Earlier than this, and with less done, nobody can tell how long the rest takes.
const SOONEST: Micros = 3_000_000;
const FEWEST: i64 = 5;

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
    /// Operations that were planned so far.
    pub planned: i64,
    /// Of these, with how many the run is done, whatever came of them.
    pub done: i64,
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
    /// Operations that were planned so far.
    pub planned: i64,
    /// Of these, with how many it is done.
    pub done: i64,
    /// Since when it does them.
    pub planned_at: Option<Micros>,
    /// When it said last how far it is.
    pub beat_at: Option<Micros>,
}

impl Run {
    /// Operations a second, and how long the rest takes, once that can be told.
    #[must_use]
    pub fn pace(&self) -> Option<(f64, Duration)> {
        let took = self.beat_at? - self.planned_at?;
        let (done, left) = (self.done, self.planned - self.done);
        if took < SOONEST || done < FEWEST || left < 0 {
            return None;
        }
        let took = Duration::from_micros(took.unsigned_abs());
        let (done, left) = (u32::try_from(done).ok()?, u32::try_from(left).ok()?);
        Some((f64::from(done) / took.as_secs_f64(), took / done * left))
    }
}

/// Begins a run; one that still seems to run was cut off.
///
/// # Errors
/// When the database does not answer.
pub async fn begin(batch: &mut Batch, synced: impl Into<SyncedId>) -> Result<RunId, StoreError> {
    let store = batch.store();
    let (id, now, synced) = (store.dice().id(store.clock())?, store.clock().now(), synced.into());
    execute!(batch, LEFT, synced.0, now)?;
    execute!(batch, BEGIN, id, synced.0, store.node(), now)?;
    Ok(RunId(id))
}

/// Notes how far a run is.
///
/// # Errors
/// When the database does not answer.
pub async fn note(batch: &mut Batch, run: RunId, counts: &Counts) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    let Counts { seen, made, written, removed, held, failed, planned, done } = *counts;
    execute!(batch, NOTE, run.0, seen, made, written, removed, held, failed, planned, done, now)?;
    Ok(())
}

/// Ends a run; `fault` says why it failed.
///
/// # Errors
/// When the database does not answer.
pub async fn end(
    batch: &mut Batch,
    synced: impl Into<SyncedId>,
    run: RunId,
    counts: &Counts,
    fault: Option<&str>,
) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    note(batch, run, counts).await?;
    execute!(batch, END, run.0, if fault.is_some() { "failed" } else { "ok" }, now, fault)?;
    execute!(batch, FORGET, synced.into().0, run.0)?;
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
pub async fn last(
    on: &mut impl Source,
    synced: impl Into<SyncedId>,
    most: i64,
) -> Result<Vec<Run>, StoreError> {
    fetch_all!(on, Run, LAST, synced.into().0, most)
}

/// The runs that began since, and those that still run: of the calendars that an
/// account uses, or of all; the first ones first.
///
/// # Errors
/// When the database does not answer.
pub async fn since(
    on: &mut impl Source,
    began: Micros,
    account: Option<AccountId>,
) -> Result<Vec<Run>, StoreError> {
    fetch_all!(on, Run, SINCE, began, account.map(|account| account.0))
}

/// The same of address books.
///
/// # Errors
/// When the database does not answer.
pub async fn of_books_since(
    on: &mut impl Source,
    began: Micros,
    account: Option<AccountId>,
) -> Result<Vec<Run>, StoreError> {
    fetch_all!(on, Run, BOOKS_SINCE, began, account.map(|account| account.0))
}

/// What was deleted in a calendar since, by other runs.
///
/// # Errors
/// When the database does not answer.
pub async fn removed(
    on: &mut impl Source,
    synced: impl Into<SyncedId>,
    since: Micros,
    but: RunId,
) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), REMOVED, synced.into().0, since, but.0)?.map_or(0, |(count,)| count))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::Run;

    fn run(planned: i64, done: i64, seconds: Option<i64>) -> Run {
        Run {
            id: Uuid::nil(),
            calendar_id: Uuid::nil(),
            status: "running".to_owned(),
            node: "main".to_owned(),
            started_at: 0,
            ended_at: None,
            seen: 0,
            made: 0,
            written: 0,
            removed: 0,
            held: 0,
            failed: 0,
            fault: None,
            planned,
            done,
            planned_at: seconds.map(|_| 5_000_000),
            beat_at: seconds.map(|seconds| 5_000_000 + seconds * 1_000_000),
        }
    }

    #[test]
    fn the_rest_is_told_when_there_is_something_to_tell_it_by() {
        assert_eq!(run(1_000, 100, Some(20)).pace(), Some((5.0, Duration::from_secs(180))));
        assert_eq!(run(10, 10, Some(20)).pace(), Some((0.5, Duration::ZERO)));
        for early in [run(1_000, 100, None), run(1_000, 100, Some(1)), run(1_000, 2, Some(20))] {
            assert_eq!(early.pace(), None);
        }
    }
}
