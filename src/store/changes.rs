//! The change feed: one sequence row, bumped last in an act.

use postern_core::model::change::Change;

use super::error::StoreError;
use super::sql::{Source, execute, fetch_all, fetch_one, statements};
use crate::clock::Micros;

statements! {
    BUMP = "UPDATE change_seq SET seq = seq + $1 WHERE one = 1 RETURNING seq";
    ADD = "INSERT INTO changes (seq, kind, subject, at) VALUES ($1, $2, $3, $4)";
    SEQ = "SELECT seq FROM change_seq WHERE one = 1";
    AFTER = "SELECT seq, kind, subject FROM changes WHERE seq > $1 ORDER BY seq LIMIT 500";
    PRUNE = "DELETE FROM changes WHERE at < $1";
}

pub(super) async fn bump(on: &mut impl Source, told: &[Change], at: Micros) -> Result<(), StoreError> {
    let count = i64::try_from(told.len()).unwrap_or(1);
    let row = fetch_one!(on, (i64,), BUMP, count)?;
    let Some((last,)) = row else {
        return Err(StoreError::inconsistent("change_seq", "no row"));
    };
    for (seq, change) in (last - count + 1..).zip(told) {
        let (kind, subject) = change.columns();
        execute!(on, ADD, seq, kind, subject, at)?;
    }
    Ok(())
}

/// Where the feed stands now.
///
/// # Errors
/// When the database does not answer.
pub async fn position(on: &mut impl Source) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), SEQ)?.map_or(0, |(seq,)| seq))
}

/// What was told after `seen`, and the new position. A gap (entries that were
/// pruned meanwhile) reads as "everything changed".
///
/// # Errors
/// When the database does not answer.
pub async fn after(on: &mut impl Source, seen: i64) -> Result<(i64, Vec<Change>), StoreError> {
    // Asked first: what commits between the two reads is then in the page and no gap.
    let now = position(on).await?;
    if now == seen {
        return Ok((seen, Vec::new()));
    }
    let rows: Vec<(i64, String, String)> = fetch_all!(on, (i64, String, String), AFTER, seen)?;
    let Some(last) = rows.last().map(|(seq, ..)| *seq) else {
        return Ok((now, vec![Change::Everything]));
    };
    let whole = i64::try_from(rows.len()).is_ok_and(|n| last - seen == n);
    let told = if whole {
        rows.iter().map(|(_, kind, subject)| Change::read(kind, subject)).collect()
    } else {
        vec![Change::Everything]
    };
    Ok((last, told))
}

/// Forgets entries older than `before`.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(on: &mut super::Batch, before: Micros) -> Result<(), StoreError> {
    execute!(on, PRUNE, before)?;
    Ok(())
}
