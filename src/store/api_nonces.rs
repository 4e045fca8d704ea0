//! Words of signed requests: a request that comes again is known by its word,
//! on every node.

use postern_core::model::id::ApiKeyId;

use super::act::Batch;
use super::error::StoreError;
use super::sql::{execute, statements};
use crate::clock::Micros;

statements! {
    SPEND = "INSERT INTO api_nonces (key_id, nonce, expires_at) VALUES ($1, $2, $3) \
             ON CONFLICT (key_id, nonce) DO NOTHING";
    PRUNE = "DELETE FROM api_nonces WHERE expires_at < $1";
}

/// Takes the word; false when it was taken before.
///
/// # Errors
/// When the database does not answer.
pub async fn spend(
    batch: &mut Batch,
    key: ApiKeyId,
    nonce: &str,
    expires_at: Micros,
) -> Result<bool, StoreError> {
    Ok(execute!(batch, SPEND, key.0, nonce, expires_at)? == 1)
}

/// Forgets words whose requests would be refused for their age.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch, now: Micros) -> Result<(), StoreError> {
    execute!(batch, PRUNE, now)?;
    Ok(())
}
