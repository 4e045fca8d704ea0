//! Which program is behind a request to the REST API.
//!
//! Only the key's hash is stored. What cannot be a key at all is told from an
//! unknown one without asking the database, so guessing costs it nothing.

use std::time::Duration;

use postern_core::model::token::well_formed_key;

use super::hash;
use crate::clock::micros;
use crate::store::api_keys::{self, ApiKey};
use crate::store::{Store, StoreError};

// A request is noted at most so often.
const BEAT: Duration = Duration::from_secs(60);

/// The key that was shown; none when it is unknown or revoked.
///
/// # Errors
/// When the database does not answer.
pub async fn recognise(store: &Store, shown: &str) -> Result<Option<ApiKey>, StoreError> {
    if !well_formed_key(shown) {
        return Ok(None);
    }
    let found = api_keys::by_hash(&mut store.read().await?, &hash::of(shown)).await?;
    Ok(found.filter(|key| key.revoked_at.is_none()))
}

/// Notes that the key was used.
///
/// # Errors
/// When the database does not answer.
pub async fn note(store: &Store, key: &ApiKey) -> Result<(), StoreError> {
    let now = store.clock().now();
    if key.used_at.is_some_and(|at| now - at < micros(BEAT)) {
        return Ok(());
    }
    let mut batch = store.batch().await?;
    api_keys::used(&mut batch, key.id, now).await?;
    batch.commit().await
}
