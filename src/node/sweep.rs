//! Forgetting what has ended: old change-feed entries, consent links and
//! states, references, sessions of the pages, leases, nodes, notices.

use std::time::Duration;

use super::tally;
use crate::clock::Micros;
use crate::store::{
    Store, StoreError, admins, api_nonces, changes, consents, help_refs, hourly, idempotency, leases, nodes,
    outbox, panels, progress, sign_ins, web_sessions,
};

const DAY: Micros = 86_400 * 1_000_000;

/// Sweeps once.
///
/// # Errors
/// When the database does not answer; then everything stays.
pub async fn sweep(store: &Store) -> Result<(), StoreError> {
    let now = store.clock().now();
    let mut batch = store.batch().await?;
    changes::prune(&mut batch, now - DAY).await?;
    // A link that ended says so for a while, instead of being unknown.
    consents::prune(&mut batch, now - 30 * DAY).await?;
    help_refs::prune(&mut batch, now).await?;
    hourly::prune(&mut batch, now - tally::KEPT).await?;
    admins::prune(&mut batch, now).await?;
    sign_ins::prune(&mut batch, now).await?;
    panels::prune(&mut batch, now).await?;
    idempotency::prune(&mut batch, now - DAY).await?;
    progress::prune(&mut batch, now - DAY).await?;
    api_nonces::prune(&mut batch, now).await?;
    web_sessions::prune(&mut batch, now - DAY, now - DAY).await?;
    leases::prune(&mut batch).await?;
    // Dead after a minute; that it was there is worth knowing for a day.
    nodes::prune(&mut batch, Duration::from_secs(86_400)).await?;
    outbox::prune(&mut batch, Duration::from_secs(30 * 86_400)).await?;
    batch.commit().await
}
