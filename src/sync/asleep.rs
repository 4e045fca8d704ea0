//! Calendars of disconnected accounts, and what happens on their return.
//!
//! While nobody who uses a calendar is connected nothing is asked for it, and
//! its pairs are dormant. After a day of that, much may have happened on both
//! sides that nobody remembers: what the next plan would do waits for a person.

use std::time::Duration;

use crate::clock::micros;
use crate::store::leases::{self, Lease};
use crate::store::sync::asleep;
use crate::store::sync::calendars::{self, Calendar};
use crate::store::{Store, StoreError};

/// After a longer absence the next plan is shown before it is carried out.
const SHORT: Duration = Duration::from_secs(24 * 3_600);

/// Nobody is connected.
///
/// # Errors
/// When the database does not answer, or another process has overtaken.
pub(super) async fn sleep(store: &Store, lease: &Lease, calendar: &Calendar) -> Result<(), StoreError> {
    if calendar.asleep_at.is_some() {
        return Ok(());
    }
    let mut batch = store.batch().await?;
    leases::hold(&mut batch, lease).await?;
    asleep::sleep(&mut batch, calendar.id).await?;
    batch.commit().await
}

/// Somebody is connected; the calendar as it stands now.
///
/// # Errors
/// When the database does not answer, or another process has overtaken.
pub(super) async fn wake(store: &Store, lease: &Lease, calendar: Calendar) -> Result<Calendar, StoreError> {
    let Some(since) = calendar.asleep_at else { return Ok(calendar) };
    // A calendar that was never planned for has nothing that could surprise.
    let long = calendar.planned_at.is_some() && store.clock().now() - since > micros(SHORT);
    let mut batch = store.batch().await?;
    leases::hold(&mut batch, lease).await?;
    asleep::wake(&mut batch, calendar.id, long).await?;
    batch.commit().await?;
    let again = calendars::get(store, &mut store.read().await?, calendar.id).await?;
    Ok(again.unwrap_or(calendar))
}
