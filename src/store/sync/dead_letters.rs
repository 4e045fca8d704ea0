//! What could not be done: one row for each event or record of a calendar, so
//! that one bad one stops no other. The reason is a word; what the other side
//! said about it is sealed, and cut where it is too long to be looked at.

use postern_core::model::id::{AccountId, CalendarId, DeadLetterId, SyncedId};
use postern_core::plan::link::Side;
use uuid::Uuid;

use crate::clock::Micros;
use crate::seal::Place;
use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::keys::Sealer;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

/// Most characters of a detail that are kept.
const DETAIL: usize = 2_000;

statements! {
    // The one that stands keeps its identity: the detail is sealed with it.
    KNOWN = "SELECT id FROM dead_letters WHERE calendar_id = $1 AND key = $2";
    ADD = "INSERT INTO dead_letters (id, calendar_id, account_id, key, side, reason, attempts, first_at, last_at, \
           detail_sealed) VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $7, $8)";
    AGAIN = "UPDATE dead_letters SET account_id = $2, side = $3, reason = $4, attempts = attempts + 1, last_at = $5, \
             detail_sealed = $6 WHERE id = $1";
    LIFT = "DELETE FROM dead_letters WHERE calendar_id = $1 AND key = $2";
    BY_ID = "SELECT id, calendar_id, account_id, key, side, reason, attempts, first_at, last_at, detail_sealed \
             FROM dead_letters WHERE id = $1";
    OF_ACCOUNT = "SELECT id, calendar_id, account_id, key, side, reason, attempts, first_at, last_at, detail_sealed \
                  FROM dead_letters WHERE account_id = $1 \
                  AND calendar_id IN (SELECT id FROM calendars) ORDER BY last_at DESC, id DESC LIMIT $2";
    OF_CALENDAR = "SELECT id, calendar_id, account_id, key, side, reason, attempts, first_at, last_at, detail_sealed \
                   FROM dead_letters WHERE calendar_id = $1 ORDER BY last_at DESC, id DESC LIMIT $2";
    COUNT = "SELECT count(*) FROM dead_letters WHERE account_id = $1 AND calendar_id IN (SELECT id FROM calendars)";
}

/// Something that could not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Identity.
    pub id: DeadLetterId,
    /// In which calendar or address book.
    pub synced: SyncedId,
    /// For whose account.
    pub account: AccountId,
    /// What it is about: an event's identity, or `entity/record`.
    pub key: String,
    /// On which side it could not be done.
    pub side: Side,
    /// Why, a word.
    pub reason: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it failed first.
    pub first_at: Micros,
    /// When it failed last.
    pub last_at: Micros,
    /// What the other side said, in its own words.
    pub detail: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    calendar_id: Uuid,
    account_id: Uuid,
    key: String,
    side: String,
    reason: String,
    attempts: i64,
    first_at: i64,
    last_at: i64,
    detail_sealed: Vec<u8>,
}

/// Where the detail of a dead letter is sealed.
pub(in crate::store) fn place(id: Uuid) -> Place {
    Place::row("dead_letters", "detail_sealed", id)
}

impl DeadLetter {
    /// The calendar, where it is of one.
    #[must_use]
    pub fn calendar(&self) -> CalendarId {
        CalendarId(self.synced.0)
    }
}

impl Row {
    fn opened(self, store: &Store) -> Result<DeadLetter, StoreError> {
        let broken = || StoreError::inconsistent("dead_letters", "side");
        Ok(DeadLetter {
            detail: store.ring().open(&place(self.id), &self.detail_sealed)?.reveal().to_owned(),
            side: Side::parse(&self.side).ok_or_else(broken)?,
            id: DeadLetterId(self.id),
            synced: SyncedId(self.calendar_id),
            account: AccountId(self.account_id),
            key: self.key,
            reason: self.reason,
            attempts: self.attempts,
            first_at: self.first_at,
            last_at: self.last_at,
        })
    }
}

/// Says that it could not be done, or could not again.
///
/// # Errors
/// When the database does not answer, or another process says the same at the same time.
pub async fn put(
    batch: &mut Batch,
    synced: impl Into<SyncedId>,
    account: AccountId,
    key: &str,
    side: Side,
    reason: &str,
    detail: &str,
) -> Result<(), StoreError> {
    let (sealer, store) = (Sealer::new(batch).await?, batch.store());
    let (side, now, synced) = (side.name(), store.clock().now(), synced.into());
    let detail: String = detail.chars().take(DETAIL).collect();
    if let Some((id,)) = fetch_one!(batch, (Uuid,), KNOWN, synced.0, key)? {
        let sealed = sealer.seal(&place(id), &detail)?;
        execute!(batch, AGAIN, id, account.0, side, reason, now, &sealed)?;
        return Ok(());
    }
    let id = store.dice().id(store.clock())?;
    let sealed = sealer.seal(&place(id), &detail)?;
    execute!(batch, ADD, id, synced.0, account.0, key, side, reason, now, &sealed)?;
    Ok(())
}

/// It could be done, or is there no more; false when there was nothing about it.
///
/// # Errors
/// When the database does not answer.
pub async fn lift(on: &mut impl Write, synced: impl Into<SyncedId>, key: &str) -> Result<bool, StoreError> {
    Ok(execute!(on, LIFT, synced.into().0, key)? == 1)
}

/// Something that could not be done; none when it could be meanwhile.
///
/// # Errors
/// When the database does not answer, or the detail does not open.
pub async fn by_id(
    store: &Store,
    on: &mut impl Source,
    id: DeadLetterId,
) -> Result<Option<DeadLetter>, StoreError> {
    fetch_one!(on, Row, BY_ID, id.0)?.map(|row: Row| row.opened(store)).transpose()
}

/// What could not be done in the calendars of an account, the last first, at most `most`.
///
/// # Errors
/// When the database does not answer, or a detail does not open.
pub async fn of_account(
    store: &Store,
    on: &mut impl Source,
    account: AccountId,
    most: i64,
) -> Result<Vec<DeadLetter>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, OF_ACCOUNT, account.0, most)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// What could not be done in a calendar, the last first, at most `most`.
///
/// # Errors
/// When the database does not answer, or a detail does not open.
pub async fn of_calendar(
    store: &Store,
    on: &mut impl Source,
    synced: impl Into<SyncedId>,
    most: i64,
) -> Result<Vec<DeadLetter>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, OF_CALENDAR, synced.into().0, most)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// How much could not be done in the calendars of an account.
///
/// # Errors
/// When the database does not answer.
pub async fn count(on: &mut impl Source, account: AccountId) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), COUNT, account.0)?.map_or(0, |(count,)| count))
}
