//! Up to where each kind of record of the CRM was read.

use crate::clock::Micros;
use crate::store::act::{Act, Batch};
use crate::store::error::StoreError;
use crate::store::sql::{Source, Write, execute, fetch_one, statements};

statements! {
    OF = "SELECT watermark, covered, read_at, swept_at, restarts FROM crm_cursors WHERE entity = $1";
    PUT = "INSERT INTO crm_cursors (entity, watermark, epoch, covered, read_at) VALUES ($1, $2, 0, $3, $4) \
           ON CONFLICT (entity) DO UPDATE SET watermark = excluded.watermark, covered = excluded.covered, read_at = excluded.read_at \
           WHERE crm_cursors.restarts = $5";
    ANEW = "UPDATE crm_cursors SET watermark = NULL, covered = 0, read_at = NULL, swept_at = NULL, \
            restarts = restarts + 1";
    RESTART = "UPDATE crm_cursors SET watermark = NULL, covered = 0, read_at = NULL, restarts = restarts + 1";
    ASK = "INSERT INTO crm_cursors (entity, epoch) VALUES ($1, 1) ON CONFLICT (entity) DO UPDATE \
           SET epoch = crm_cursors.epoch + 1 RETURNING epoch";
    SWEEP = "UPDATE crm_cursors SET swept_at = NULL, restarts = restarts + 1 WHERE entity = $1";
    SWEPT = "UPDATE crm_cursors SET swept_at = $2 WHERE entity = $1 AND restarts = $3";
    HABITS = "SELECT own_user, mails FROM crm_cursors WHERE entity = $1";
    TOLD = "UPDATE crm_cursors SET own_user = $2, mails = $3 WHERE entity = $1";
}

/// Where the next list of changes goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Cursor {
    /// The CRM's time of the last change that was read.
    pub watermark: Option<String>,
    /// 1 when everything up to the watermark was read.
    pub covered: i64,
    /// When it was last read to the end.
    pub read_at: Option<Micros>,
    /// When the last sweep ended.
    pub swept_at: Option<Micros>,
    /// How often somebody has wanted it read from the beginning, or every linked record asked for.
    pub restarts: i64,
}

/// What the CRM told last of itself and a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Habits {
    /// Our own user there; none before it was first read.
    pub own_user: Option<String>,
    /// 1 when it mails the user to whom somebody else assigns one, or does not tell.
    pub mails: Option<i64>,
}

/// What the CRM told last of itself and a kind; none where no list of that kind was ever read.
///
/// # Errors
/// When the database does not answer.
pub async fn habits(on: &mut impl Source, entity: &str) -> Result<Option<Habits>, StoreError> {
    Ok(fetch_one!(on, Habits, HABITS, entity)?)
}

/// Our own user of the CRM, as it told with a kind; none before it was first read.
///
/// # Errors
/// When the database does not answer.
pub async fn own_user(on: &mut impl Source, entity: &str) -> Result<Option<String>, StoreError> {
    Ok(habits(on, entity).await?.and_then(|habits| habits.own_user))
}

/// Stores that of a kind of which a list was read.
///
/// # Errors
/// When the database does not answer.
pub async fn told(batch: &mut Batch, entity: &str, habits: &Habits) -> Result<(), StoreError> {
    execute!(batch, TOLD, entity, &habits.own_user, habits.mails)?;
    Ok(())
}

/// Whether every kind was read to its end since the lists last began anew.
///
/// # Errors
/// When the database does not answer.
pub async fn covered(on: &mut impl Source, entities: &[&str]) -> Result<bool, StoreError> {
    for entity in entities {
        if of(on, entity).await?.covered == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The cursor of a kind.
///
/// # Errors
/// When the database does not answer.
pub async fn of(on: &mut impl Source, entity: &str) -> Result<Cursor, StoreError> {
    Ok(fetch_one!(on, Cursor, OF, entity)?.unwrap_or_default())
}

/// Stores the cursor, with the rows it covers; false when somebody wanted more read since it was
/// looked at.
///
/// # Errors
/// When the database does not answer.
pub async fn put(batch: &mut Batch, entity: &str, cursor: &Cursor) -> Result<bool, StoreError> {
    Ok(execute!(batch, PUT, entity, &cursor.watermark, cursor.covered, cursor.read_at, cursor.restarts)? == 1)
}

/// Notes that the CRM is about to be asked for records of a kind. What is stored of them from
/// now on may be newer than the answer; the number tells it apart from what was stored before.
///
/// # Errors
/// When the database does not answer.
pub async fn ask(batch: &mut Batch, entity: &str) -> Result<i64, StoreError> {
    Ok(fetch_one!(batch, (i64,), ASK, entity)?.map_or(0, |(epoch,)| epoch))
}

/// Has every kind read from the beginning: what was passed over because nobody
/// wanted it is wanted now.
///
/// # Errors
/// When the database does not answer.
pub async fn restart(act: &mut Act) -> Result<(), StoreError> {
    execute!(act, RESTART)?;
    Ok(())
}

/// Has everything read from its beginning and swept, as if nothing of it were known.
///
/// # Errors
/// When the database does not answer.
pub async fn anew(on: &mut impl Write) -> Result<(), StoreError> {
    execute!(on, ANEW)?;
    Ok(())
}

/// Notes the end of a sweep, unless somebody has wanted another one since `restarts` was read.
///
/// # Errors
/// When the database does not answer.
pub async fn swept(batch: &mut Batch, entity: &str, restarts: i64) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, SWEPT, entity, now, restarts)?;
    Ok(())
}

/// Has the next run ask about every linked record.
///
/// # Errors
/// When the database does not answer.
pub async fn sweep_now(on: &mut impl Write, entity: &str) -> Result<(), StoreError> {
    execute!(on, SWEEP, entity)?;
    Ok(())
}
