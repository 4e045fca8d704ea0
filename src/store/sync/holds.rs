//! What waits for a person's word: the writes of one class in one calendar or address book.
//!
//! Each has one pending hold of a class. A plan that names other writes
//! takes its place under another identity, so that nobody approves what they
//! have not seen; one that names the same leaves it as it is. Only a person
//! decides: one that nobody decided in time is never approved.

use postern_core::model::actor::Actor;
use postern_core::model::id::{AccountId, BookId, CalendarId, HoldId, SyncedId};
use uuid::Uuid;

use crate::clock::Micros;
use crate::seal::Place;
use crate::store::act::{Act, Batch};
use crate::store::error::StoreError;
use crate::store::keys::Sealer;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

/// How long a hold waits for a word: seven days.
pub const PATIENCE: Micros = 7 * 86_400 * 1_000_000;

statements! {
    WAITING = "SELECT id, calendar_id, account_id, class, count, status, opened_at, decided_at, decided_by, spent_at, \
               content_sealed FROM holds WHERE calendar_id = $1 AND class = $2 AND status = 'pending'";
    WAITS = "SELECT COUNT(*) FROM holds WHERE calendar_id = $1 AND status = 'pending'";
    DROP = "DELETE FROM holds WHERE calendar_id = $1 AND class = $2 AND status = 'pending'";
    OPEN = "INSERT INTO holds (id, calendar_id, account_id, class, count, status, opened_at, content_sealed) \
            VALUES ($1, $2, $3, $4, $5, 'pending', $6, $7)";
    CLOSE = "UPDATE holds SET status = 'gone', decided_at = $3 \
             WHERE calendar_id = $1 AND class = $2 AND status = 'pending'";
    BY_ID = "SELECT id, calendar_id, account_id, class, count, status, opened_at, decided_at, decided_by, spent_at, \
             content_sealed FROM holds WHERE id = $1";
    PENDING = "SELECT id, calendar_id, account_id, class, count, status, opened_at, decided_at, decided_by, spent_at, \
               content_sealed FROM holds WHERE status = 'pending' ORDER BY opened_at, id LIMIT $1";
    OF_CALENDAR = "SELECT id, calendar_id, account_id, class, count, status, opened_at, decided_at, decided_by, \
                   spent_at, content_sealed FROM holds WHERE calendar_id = $1 ORDER BY opened_at DESC, id DESC LIMIT $2";
    APPROVED = "SELECT id, calendar_id, account_id, class, count, status, opened_at, decided_at, decided_by, spent_at, \
                content_sealed FROM holds WHERE calendar_id = $1 AND status = 'approved' AND spent_at IS NULL \
                ORDER BY decided_at, id LIMIT 100";
    REFUSED = "SELECT id, calendar_id, account_id, class, count, status, opened_at, decided_at, decided_by, spent_at, \
               content_sealed FROM holds WHERE calendar_id = $1 AND status IN ('rejected', 'expired') \
               ORDER BY decided_at DESC, id DESC LIMIT $2";
    DECIDE = "UPDATE holds SET status = $2, decided_by = $3, decided_at = $4 \
              WHERE id = $1 AND status = 'pending' AND opened_at >= $5";
    SPEND = "UPDATE holds SET spent_at = $2 WHERE id = $1 AND status = 'approved' AND spent_at IS NULL";
    EXPIRE = "UPDATE holds SET status = 'expired', decided_at = $2 WHERE status = 'pending' AND opened_at < $1";
    PRUNE = "DELETE FROM holds WHERE decided_at < $1";
}

/// How a hold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It waits.
    Pending,
    /// The writes that it names may run, once.
    Approved,
    /// They may not.
    Rejected,
    /// Nobody said anything in time: they may not.
    Expired,
    /// There was nothing to hold any more.
    Gone,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Approved, Self::Rejected, Self::Expired, Self::Gone];

    /// The word in the store and the REST API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Gone => "gone",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == word)
    }
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Identity.
    pub id: HoldId,
    /// In which calendar or address book.
    pub synced: SyncedId,
    /// Whose.
    pub account: AccountId,
    /// The class of the writes, a word.
    pub class: String,
    /// How many they are.
    pub count: i64,
    /// How it stands.
    pub status: Status,
    /// Since when it waits, or waited.
    pub opened_at: Micros,
    /// When it waited no more.
    pub decided_at: Option<Micros>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When the approval was used.
    pub spent_at: Option<Micros>,
    /// JSON: the writes, each with the hash of its content.
    pub content: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    calendar_id: Uuid,
    account_id: Uuid,
    class: String,
    count: i64,
    status: String,
    opened_at: i64,
    decided_at: Option<i64>,
    decided_by: Option<String>,
    spent_at: Option<i64>,
    content_sealed: Vec<u8>,
}

/// Where the content of a hold is sealed.
pub(in crate::store) fn place(id: Uuid) -> Place {
    Place::row("holds", "content_sealed", id)
}

impl Hold {
    /// The calendar, where it is of one.
    #[must_use]
    pub fn calendar(&self) -> CalendarId {
        CalendarId(self.synced.0)
    }

    /// The address book, where it is of one.
    #[must_use]
    pub fn book(&self) -> BookId {
        BookId(self.synced.0)
    }
}

impl Row {
    fn opened(self, store: &Store) -> Result<Hold, StoreError> {
        let broken = || StoreError::inconsistent("holds", "status");
        Ok(Hold {
            content: store.ring().open(&place(self.id), &self.content_sealed)?.reveal().to_owned(),
            status: Status::parse(&self.status).ok_or_else(broken)?,
            id: HoldId(self.id),
            synced: SyncedId(self.calendar_id),
            account: AccountId(self.account_id),
            class: self.class,
            count: self.count,
            opened_at: self.opened_at,
            decided_at: self.decided_at,
            decided_by: self.decided_by,
            spent_at: self.spent_at,
        })
    }
}

/// Holds these writes, in place of the pending ones of this class. What waits
/// already under the same content and number keeps its identity and its age.
///
/// # Errors
/// When the database does not answer, or another process opens one at the same time.
pub async fn open(
    batch: &mut Batch,
    synced: impl Into<SyncedId>,
    account: AccountId,
    class: &str,
    count: i64,
    content: &str,
) -> Result<HoldId, StoreError> {
    let (sealer, store, synced) = (Sealer::new(batch).await?, batch.store(), synced.into());
    let waiting: Option<Row> = fetch_one!(batch, Row, WAITING, synced.0, class)?;
    if let Some(row) = waiting {
        let before = row.opened(&store)?;
        if (before.content.as_str(), before.count, before.account) == (content, count, account) {
            return Ok(before.id);
        }
    }
    execute!(batch, DROP, synced.0, class)?;
    let id = store.dice().id(store.clock())?;
    let sealed = sealer.seal(&place(id), content)?;
    execute!(batch, OPEN, id, synced.0, account.0, class, count, store.clock().now(), &sealed)?;
    Ok(HoldId(id))
}

/// Whether anything waits in the calendar.
///
/// # Errors
/// When the database does not answer.
pub async fn waits(on: &mut impl Source, synced: impl Into<SyncedId>) -> Result<bool, StoreError> {
    Ok(fetch_one!(on, (i64,), WAITS, synced.into().0)?.is_some_and(|(count,)| count > 0))
}

/// There is nothing of this class to hold in the calendar any more.
///
/// # Errors
/// When the database does not answer.
pub async fn close(batch: &mut Batch, synced: impl Into<SyncedId>, class: &str) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, CLOSE, synced.into().0, class, now)?;
    Ok(())
}

/// A hold.
///
/// # Errors
/// When the database does not answer, or its content does not open.
pub async fn by_id(store: &Store, on: &mut impl Source, id: HoldId) -> Result<Option<Hold>, StoreError> {
    fetch_one!(on, Row, BY_ID, id.0)?.map(|row: Row| row.opened(store)).transpose()
}

/// What waits in all calendars, the oldest first, at most `most`.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn pending(store: &Store, on: &mut impl Source, most: i64) -> Result<Vec<Hold>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, PENDING, most)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// The last holds of a calendar, however they stand, the newest first.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn of_calendar(
    store: &Store,
    on: &mut impl Source,
    synced: impl Into<SyncedId>,
    most: i64,
) -> Result<Vec<Hold>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, OF_CALENDAR, synced.into().0, most)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// Approvals for a calendar that no run has used, the oldest first.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn approved(
    store: &Store,
    on: &mut impl Source,
    synced: impl Into<SyncedId>,
) -> Result<Vec<Hold>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, APPROVED, synced.into().0)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// What was rejected in a calendar or got no word in time, the last first, at
/// most `most`.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn refused(
    store: &Store,
    on: &mut impl Source,
    synced: impl Into<SyncedId>,
    most: i64,
) -> Result<Vec<Hold>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, REFUSED, synced.into().0, most)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// Decides a hold; false when it does not wait, or has waited too long.
///
/// # Errors
/// When the database does not answer.
pub async fn decide(act: &mut Act, id: HoldId, approved: bool, by: &Actor) -> Result<bool, StoreError> {
    let now = act.store().clock().now();
    let status = if approved { Status::Approved } else { Status::Rejected };
    Ok(execute!(act, DECIDE, id.0, status.name(), by.label(), now, now - PATIENCE)? == 1)
}

/// Uses an approval up; false when it is no approval, or was used before.
///
/// # Errors
/// When the database does not answer.
pub async fn spend(batch: &mut Batch, id: HoldId) -> Result<bool, StoreError> {
    let now = batch.store().clock().now();
    Ok(execute!(batch, SPEND, id.0, now)? == 1)
}

/// Ends what was opened before then and still waits; how many.
///
/// # Errors
/// When the database does not answer.
pub async fn expire(batch: &mut Batch, before: Micros) -> Result<u64, StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, EXPIRE, before, now)
}

/// Forgets what was decided, or ended, before then.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch, before: Micros) -> Result<(), StoreError> {
    execute!(batch, PRUNE, before)?;
    Ok(())
}
