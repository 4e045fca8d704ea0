//! Hints that somebody has to be read soon, at most one for each: a hundred of
//! them are one reading.
//!
//! Whoever reads takes the hint *before* reading, so that one that comes while
//! the reading goes on has another reading follow.

use std::time::Duration;

use postern_core::model::id::CalendarId;
use uuid::Uuid;

use crate::clock::{Micros, micros};
use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::sql::{Source, Write, execute, fetch_one, statements};

/// Shortest time between two readings because of hints.
pub const PAUSE: Duration = Duration::from_secs(15);

statements! {
    GIVE = "INSERT INTO hints (about, pending, not_before) VALUES ($1, 1, 0) \
            ON CONFLICT (about) DO UPDATE SET pending = 1";
    WAITS = "SELECT not_before FROM hints WHERE about = $1 AND pending = 1";
    TAKE = "UPDATE hints SET pending = 0, not_before = $2 WHERE about = $1 AND pending = 1";
    AGAIN = "UPDATE hints SET pending = 1, not_before = $2 WHERE about = $1";
    PRUNE = "DELETE FROM hints WHERE (pending = 0 AND not_before < $1) OR (about <> $2 \
             AND NOT EXISTS (SELECT 1 FROM calendars c WHERE c.id = hints.about))";
}

/// Whom a hint is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The CRM.
    Crm,
    /// A calendar at Google.
    Calendar(CalendarId),
}

impl About {
    fn id(self) -> Uuid {
        match self {
            Self::Crm => Uuid::nil(),
            Self::Calendar(id) => id.0,
        }
    }
}

/// Gives a hint, unless one waits.
///
/// # Errors
/// When the database does not answer.
pub async fn give(on: &mut impl Write, about: About) -> Result<(), StoreError> {
    execute!(on, GIVE, about.id())?;
    Ok(())
}

/// Since when a hint that waits may be taken.
///
/// # Errors
/// When the database does not answer.
pub async fn waits(on: &mut impl Source, about: About) -> Result<Option<Micros>, StoreError> {
    Ok(fetch_one!(on, (i64,), WAITS, about.id())?.map(|(at,)| at))
}

/// Takes the hint that waits, for a reading that begins now; whether there was one.
///
/// # Errors
/// When the database does not answer.
pub async fn take(batch: &mut Batch, about: About) -> Result<bool, StoreError> {
    let next = batch.store().clock().now() + micros(PAUSE);
    Ok(execute!(batch, TAKE, about.id(), next)? == 1)
}

/// Gives a hint again that led to nothing, not to be taken before `at`.
///
/// # Errors
/// When the database does not answer.
pub async fn again(batch: &mut Batch, about: About, at: Micros) -> Result<(), StoreError> {
    execute!(batch, AGAIN, about.id(), at)?;
    Ok(())
}

/// Forgets the hints that were taken before, and those about calendars that are gone.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch, before: Micros) -> Result<(), StoreError> {
    execute!(batch, PRUNE, before, About::Crm.id())?;
    Ok(())
}
