//! Calendars whose users are all disconnected, and their return.
//!
//! A disconnected account is no reason to delete anything: the pairs of its
//! calendars are dormant until somebody who uses the calendar is connected. The
//! same Google account is the same row here, so another one wakes nothing.

use postern_core::model::id::CalendarId;

use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::sql::{Write, execute, statements};

statements! {
    ASLEEP = "UPDATE calendars SET asleep_at = $2 WHERE id = $1 AND asleep_at IS NULL";
    DORMANT = "UPDATE links SET state = 'dormant', modified_at = $2 WHERE calendar_id = $1 AND state = 'active'";
    AWAKE = "UPDATE calendars SET asleep_at = NULL, returned_at = COALESCE($2, returned_at) WHERE id = $1";
    ACTIVE = "UPDATE links SET state = 'active', modified_at = $2 WHERE calendar_id = $1 AND state = 'dormant'";
    // What others own meanwhile may be owned here again.
    VIEWS = "UPDATE google_seen SET dirty = 1 WHERE calendar_id = $1 AND event_id IN (SELECT l.event_id FROM links l \
             WHERE l.calendar_id = $1 AND l.role = 'view')";
    SETTLED = "UPDATE calendars SET returned_at = NULL WHERE id = $1 AND returned_at IS NOT NULL";
}

/// Nobody who uses the calendar is connected.
///
/// # Errors
/// When the database does not answer.
pub async fn sleep(batch: &mut Batch, id: CalendarId) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    if execute!(batch, ASLEEP, id.0, now)? == 1 {
        execute!(batch, DORMANT, id.0, now)?;
    }
    Ok(())
}

/// Somebody is again; `long` when what the absence led to is to be shown first.
///
/// # Errors
/// When the database does not answer.
pub async fn wake(batch: &mut Batch, id: CalendarId, long: bool) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, AWAKE, id.0, long.then_some(now))?;
    execute!(batch, ACTIVE, id.0, now)?;
    execute!(batch, VIEWS, id.0)?;
    Ok(())
}

/// What the absence led to is decided: plans are carried out as usual.
///
/// # Errors
/// When the database does not answer.
pub async fn settled(batch: &mut Batch, id: CalendarId) -> Result<(), StoreError> {
    execute!(batch, SETTLED, id.0)?;
    Ok(())
}
