//! What happened in each hour. Every process has rows of its own and writes
//! its whole count of the hour again and again, so that a write that is
//! repeated counts nothing twice.

use super::act::Batch;
use super::error::StoreError;
use super::sql::{Source, execute, fetch_all, statements};
use crate::clock::Micros;

statements! {
    PUT = "INSERT INTO hourly (hour, name, process, count) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (name, hour, process) DO UPDATE SET count = excluded.count";
    SINCE = "SELECT hour, name, CAST(sum(count) AS BIGINT) FROM hourly WHERE hour >= $1 \
             GROUP BY hour, name ORDER BY hour, name LIMIT 20000";
    PRUNE = "DELETE FROM hourly WHERE hour < $1";
}

/// A figure of one hour, of all processes together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The hour's start.
    pub hour: Micros,
    /// What was counted.
    pub name: String,
    /// How many.
    pub count: i64,
}

/// What this process counted in that hour, all of it.
///
/// # Errors
/// When the database does not answer.
pub async fn put(
    batch: &mut Batch,
    process: &str,
    hour: Micros,
    name: &str,
    count: i64,
) -> Result<(), StoreError> {
    execute!(batch, PUT, hour, name, process, count)?;
    Ok(())
}

/// All figures from that hour on.
///
/// # Errors
/// When the database does not answer.
pub async fn since(on: &mut impl Source, hour: Micros) -> Result<Vec<Figure>, StoreError> {
    let rows: Vec<(i64, String, i64)> = fetch_all!(on, (i64, String, i64), SINCE, hour)?;
    Ok(rows.into_iter().map(|(hour, name, count)| Figure { hour, name, count }).collect())
}

/// Forgets hours before that one.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch, before: Micros) -> Result<(), StoreError> {
    execute!(batch, PRUNE, before)?;
    Ok(())
}
