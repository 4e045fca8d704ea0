//! Calendars of disconnected accounts, and what happens on their return.
//!
//! While nobody who uses a calendar is connected nothing is asked for it, and
//! its pairs are dormant. After a day of that, much may have happened on both
//! sides that nobody remembers: what the next plan would do waits for a person.

use std::time::Duration;

use postern_core::model::id::{AccountId, CalendarId};
use postern_core::plan::link::State;

use crate::clock::{Micros, micros};
use crate::store::leases::{self, Lease};
use crate::store::sync::calendars::{self, Calendar};
use crate::store::sync::{asleep, google_seen, owners};
use crate::store::{Store, StoreError, grants};

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
    pass_on(store, lease, calendar.id).await?;
    let mut batch = store.batch().await?;
    leases::hold(&mut batch, lease).await?;
    asleep::sleep(&mut batch, calendar.id).await?;
    batch.commit().await
}

// Whose events another calendar shows are kept in step through that one; nothing is written for it.
async fn pass_on(store: &Store, lease: &Lease, calendar: CalendarId) -> Result<(), StoreError> {
    let mut after = None;
    while let Some(owner) = owners::shared(store, &mut store.read().await?, calendar, after).await? {
        after = Some(owner.id);
        let mut batch = store.batch().await?;
        leases::hold(&mut batch, lease).await?;
        let Some(uid) = &owner.ical_uid else { continue };
        let Some(view) = owners::view_of(store, &mut batch, uid).await? else { continue };
        if view.state != State::Active || !owners::pass_on(store, &mut batch, owner.id, &view).await? {
            continue;
        }
        if let Some(event) = &view.event {
            google_seen::soil(&mut batch, view.calendar, event).await?;
        }
        calendars::wake(&mut batch, view.calendar, store.clock().now()).await?;
        batch.commit().await?;
    }
    Ok(())
}

/// That account is connected; the calendar as it stands now.
///
/// # Errors
/// When the database does not answer, or another process has overtaken.
pub(super) async fn wake(
    store: &Store,
    lease: &Lease,
    calendar: Calendar,
    account: AccountId,
) -> Result<Calendar, StoreError> {
    let Some(since) = away_since(store, &calendar, account).await? else { return Ok(calendar) };
    // A calendar that was never planned for has nothing that could surprise.
    let long = calendar.planned_at.is_some() && store.clock().now() - since > micros(SHORT);
    if calendar.asleep_at.is_none() && !long {
        return Ok(calendar);
    }
    let mut batch = store.batch().await?;
    leases::hold(&mut batch, lease).await?;
    asleep::wake(&mut batch, calendar.id, long).await?;
    batch.commit().await?;
    let again = calendars::get(store, &mut store.read().await?, calendar.id).await?;
    Ok(again.unwrap_or(calendar))
}

// Since when nothing was seen of a calendar whose user was away, also where no run saw that they were.
async fn away_since(
    store: &Store,
    calendar: &Calendar,
    account: AccountId,
) -> Result<Option<Micros>, StoreError> {
    let seen = calendar.last_ok_at;
    if let Some(since) = calendar.asleep_at {
        return Ok(Some(seen.map_or(since, |seen| seen.min(since))));
    }
    // Of one that was decided about already nothing is asked again.
    let Some(seen) = seen.filter(|_| calendar.returned_at.is_none()) else { return Ok(None) };
    let grant = grants::of(store, &mut store.read().await?, account).await?;
    Ok(grant.filter(|grant| grant.granted_at > seen).map(|_| seen))
}
