//! Owners on the way through Google's sign-in, by the hash of the state. What
//! proves the browser is not here: its cookie, of which this has the hash.

use super::act::Batch;
use super::error::StoreError;
use super::sql::{Source, execute, fetch_one, statements};
use crate::clock::Micros;

statements! {
    START = "INSERT INTO sign_ins (hash, cookie_hash, nonce, expires_at) VALUES ($1, $2, $3, $4)";
    TAKE = "DELETE FROM sign_ins WHERE hash = $1 RETURNING cookie_hash, nonce, expires_at";
    WAITING = "SELECT count(*) FROM sign_ins WHERE expires_at > $1";
    PRUNE = "DELETE FROM sign_ins WHERE expires_at < $1";
}

/// A sign-in that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Hash of the cookie that the browser must show.
    pub cookie_hash: Vec<u8>,
    /// Must stand in the id_token.
    pub nonce: String,
    /// End of life.
    pub expires_at: Micros,
}

/// Stores it under the hash of its state parameter.
///
/// # Errors
/// When the database does not answer.
pub async fn start(batch: &mut Batch, hash: &[u8; 32], sign_in: &SignIn) -> Result<(), StoreError> {
    execute!(batch, START, &hash[..], &sign_in.cookie_hash, &sign_in.nonce, sign_in.expires_at)?;
    Ok(())
}

type Row = (Vec<u8>, String, i64);

/// Takes it out: it can be taken once.
///
/// # Errors
/// When the database does not answer.
pub async fn take(batch: &mut Batch, hash: &[u8; 32]) -> Result<Option<SignIn>, StoreError> {
    let row: Option<Row> = fetch_one!(batch, Row, TAKE, &hash[..])?;
    Ok(row.map(|(cookie_hash, nonce, expires_at)| SignIn { cookie_hash, nonce, expires_at }))
}

/// How many wait for Google's answer.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(on: &mut impl Source, now: Micros) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), WAITING, now)?.map_or(0, |(count,)| count))
}

/// Forgets what ended before `before`.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch, before: Micros) -> Result<(), StoreError> {
    execute!(batch, PRUNE, before)?;
    Ok(())
}
