//! What was asked of the Calendar API, by day as Google counts it, by account and
//! by what it was for. All processes add to the same rows, each what it has
//! counted since it last did.

use postern_core::model::id::AccountId;
use uuid::Uuid;

use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::sql::{Source, execute, fetch_all, fetch_one, statements};

statements! {
    // An account that was removed meanwhile counts nothing any more.
    ADD = "INSERT INTO calendar_requests (day, account_id, job, count, busiest) \
           SELECT $1, id, $3, $4, $5 FROM accounts WHERE id = $2 ON CONFLICT (account_id, day, job) DO UPDATE \
           SET count = calendar_requests.count + excluded.count, busiest = CASE \
           WHEN excluded.busiest > calendar_requests.busiest THEN excluded.busiest \
           ELSE calendar_requests.busiest END";
    OF_DAY = "SELECT r.account_id, a.address, r.job, r.count, r.busiest FROM calendar_requests r \
              JOIN accounts a ON a.id = r.account_id WHERE r.day = $1 \
              ORDER BY r.count DESC, r.account_id, r.job LIMIT $2";
    TOTAL = "SELECT COALESCE(CAST(sum(count) AS BIGINT), 0) FROM calendar_requests WHERE day = $1";
    PRUNE = "DELETE FROM calendar_requests WHERE day < $1";
}

/// What one account has asked for one job in a day.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Asked {
    /// Whose account.
    pub account_id: Uuid,
    /// Its address.
    pub address: String,
    /// What for, a word.
    pub job: String,
    /// How many requests.
    pub count: i64,
    /// The most of one minute of one process.
    pub busiest: i64,
}

/// Adds requests of a day, which is counted from 1970; `busiest` is the most of a
/// minute among them.
///
/// # Errors
/// When the database does not answer.
pub async fn add(
    batch: &mut Batch,
    day: i64,
    account: AccountId,
    job: &str,
    count: i64,
    busiest: i64,
) -> Result<(), StoreError> {
    execute!(batch, ADD, day, account.0, job, count, busiest)?;
    Ok(())
}

/// What was asked in a day, the most first, at most `most` rows.
///
/// # Errors
/// When the database does not answer.
pub async fn of_day(on: &mut impl Source, day: i64, most: i64) -> Result<Vec<Asked>, StoreError> {
    fetch_all!(on, Asked, OF_DAY, day, most)
}

/// How many requests there were in a day.
///
/// # Errors
/// When the database does not answer.
pub async fn total(on: &mut impl Source, day: i64) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), TOTAL, day)?.map_or(0, |(count,)| count))
}

/// Forgets days before that one.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch, before: i64) -> Result<(), StoreError> {
    execute!(batch, PRUNE, before)?;
    Ok(())
}
