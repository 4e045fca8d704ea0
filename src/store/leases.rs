//! Leases: who may do a thing now, among all processes on the database.
//!
//! Times are the database's own, so that machines whose clocks differ agree.
//! Each taking raises the fence; results are written only under one's own
//! fence, so a holder that was overtaken while it slept writes nothing.

use std::time::Duration;

use super::act::Batch;
use super::dialect;
use super::error::StoreError;
use super::open::Store;
use super::sql::{Source, execute, fetch_one, statements};
use crate::clock::micros;

// A lease that ends later than any lease taken now could was taken before the database's clock
// was set back. Longer than a frozen process can lag inside its transaction.
const SLACK: Duration = Duration::from_secs(120);

statements! {
    TAKE = "INSERT INTO leases (name, holder, fence, expires_at) VALUES ($1, $2, 1, $3) \
            ON CONFLICT (name) DO UPDATE \
            SET holder = excluded.holder, fence = leases.fence + 1, expires_at = excluded.expires_at \
            WHERE leases.expires_at <= $4 OR leases.expires_at > $5 RETURNING fence";
    // Takes the row's lock, so that nobody takes the lease over before the commit.
    HOLD = "UPDATE leases SET fence = fence WHERE name = $1 AND holder = $2 AND fence = $3";
    EXTEND = "UPDATE leases SET expires_at = $4 WHERE name = $1 AND holder = $2 AND fence = $3";
    // Whoever still holds one of these loses it; the fence of the next holder may be its own, but
    // its name is not.
    PRUNE = "DELETE FROM leases WHERE expires_at < $1";
    RELEASE = "UPDATE leases SET expires_at = 0 WHERE name = $1 AND holder = $2 AND fence = $3";
}

/// A lease that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    name: String,
    holder: String,
    fence: i64,
}

impl Lease {
    /// The fence: larger than that of every earlier holder.
    #[must_use]
    pub fn fence(&self) -> i64 {
        self.fence
    }
}

/// Takes the lease `name` for `ttl` when nobody holds it.
///
/// # Errors
/// When the database does not answer.
pub async fn take(store: &Store, name: &str, ttl: Duration) -> Result<Option<Lease>, StoreError> {
    let mut batch = store.batch().await?;
    let now = dialect::now(&mut batch).await?;
    let holder = store.dice().word()?;
    let end = now.saturating_add(micros(ttl));
    let taken: Option<(i64,)> =
        fetch_one!(&mut batch, (i64,), TAKE, name, &holder, end, now, end.saturating_add(micros(SLACK)))?;
    batch.commit().await?;
    Ok(taken.map(|(fence,)| Lease { name: name.to_owned(), holder, fence }))
}

/// Asserts in a transaction that the lease is still this holder's.
///
/// # Errors
/// `LeaseLost` when it is not.
pub async fn hold(on: &mut impl Source, lease: &Lease) -> Result<(), StoreError> {
    match execute!(on, HOLD, &lease.name, &lease.holder, lease.fence)? {
        1 => Ok(()),
        _ => Err(StoreError::LeaseLost),
    }
}

/// Asserts in a transaction that the lease is still this holder's, and keeps it
/// for `ttl` from now on.
///
/// # Errors
/// `LeaseLost` when it is not.
pub async fn extend(on: &mut impl Source, lease: &Lease, ttl: Duration) -> Result<(), StoreError> {
    let end = dialect::now(on).await?.saturating_add(micros(ttl));
    match execute!(on, EXTEND, &lease.name, &lease.holder, lease.fence, end)? {
        1 => Ok(()),
        _ => Err(StoreError::LeaseLost),
    }
}

/// Gives the lease back inside the transaction that stores its result.
///
/// # Errors
/// When the database does not answer.
pub async fn release(on: &mut impl Source, lease: &Lease) -> Result<(), StoreError> {
    execute!(on, RELEASE, &lease.name, &lease.holder, lease.fence)?;
    Ok(())
}

/// Gives the lease back without a result.
///
/// # Errors
/// When the database does not answer.
pub async fn give_back(store: &Store, lease: &Lease) -> Result<(), StoreError> {
    let mut batch: Batch = store.batch().await?;
    release(&mut batch, lease).await?;
    batch.commit().await
}

/// Forgets leases that were given back or ended an hour ago, also
/// those for accounts that are gone.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch) -> Result<(), StoreError> {
    let now = dialect::now(batch).await?;
    execute!(batch, PRUNE, now.saturating_sub(micros(Duration::from_secs(3_600))))?;
    Ok(())
}
