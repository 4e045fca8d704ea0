//! What a key of the REST API created under which word, for a day.

use postern_core::model::id::ApiKeyId;

use super::act::{Act, Batch};
use super::error::StoreError;
use super::sql::{Source, Write, execute, fetch_one, statements};
use crate::clock::Micros;

statements! {
    // Somebody who sends the same word meanwhile waits here for the end of this act.
    CLAIM = "INSERT INTO idempotency (key_id, word, request, status, made, at) \
             VALUES ($1, $2, $3, 0, '', $4) ON CONFLICT (key_id, word) DO NOTHING";
    KEEP = "UPDATE idempotency SET status = $3, made = $4 WHERE key_id = $1 AND word = $2";
    OF = "SELECT request, status, made FROM idempotency WHERE key_id = $1 AND word = $2";
    FORGET = "DELETE FROM idempotency WHERE key_id = $1 AND word = $2 AND at < $3";
    PRUNE = "DELETE FROM idempotency WHERE at < $1";
}

/// What was done under a word.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Done {
    /// Hash of the request.
    pub request: Vec<u8>,
    /// The answer's status.
    pub status: i64,
    /// Identity of what was made.
    pub made: String,
}

/// Takes the word for this act; false when an earlier request has it.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(
    act: &mut Act,
    key: ApiKeyId,
    word: &str,
    request: &[u8; 32],
    before: Micros,
) -> Result<bool, StoreError> {
    let now = act.store().clock().now();
    execute!(act, FORGET, key.0, word, before)?;
    Ok(execute!(act, CLAIM, key.0, word, &request[..], now)? == 1)
}

/// Keeps what this act made under the word it took.
///
/// # Errors
/// When the database does not answer.
pub async fn keep(
    act: &mut Act,
    key: ApiKeyId,
    word: &str,
    status: u16,
    made: &str,
) -> Result<(), StoreError> {
    execute!(act, KEEP, key.0, word, i64::from(status), made)?;
    Ok(())
}

/// What was done under the word.
///
/// # Errors
/// When the database does not answer.
pub async fn of(on: &mut impl Source, key: ApiKeyId, word: &str) -> Result<Option<Done>, StoreError> {
    fetch_one!(on, Done, OF, key.0, word)
}

/// Forgets what was done before `before`.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch, before: Micros) -> Result<(), StoreError> {
    execute!(batch, PRUNE, before)?;
    Ok(())
}
