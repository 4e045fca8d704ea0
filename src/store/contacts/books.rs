//! The people of an account at Google, once for each account: what their owner has chosen, and how
//! their runs stand.

use postern_core::model::actor::Actor;
use postern_core::model::id::{AccountId, BookId};
use postern_core::plan::contacts::choices::Choices;
use uuid::Uuid;

use crate::clock::Micros;
use crate::seal::Place;
use crate::store::act::{Act, Batch};
use crate::store::error::StoreError;
use crate::store::keys::Sealer;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};
use crate::store::sync::calendars::Ended;

statements! {
    ADD = "INSERT INTO address_books (id, account_id, content, version, changed_at, changed_by, group_name, created_at, \
           status, next_at) VALUES ($1, $2, $3, 1, $4, $5, $6, $4, 'new', $4) ON CONFLICT (account_id) DO NOTHING";
    CHANGE = "UPDATE address_books SET content = $2, version = version + 1, changed_at = $3, changed_by = $4, \
              group_name = $5, leaving = CASE WHEN CAST($5 AS TEXT) IS NULL \
              THEN leaving ELSE 0 END, next_at = CASE WHEN next_at > $3 THEN $3 ELSE next_at END \
              WHERE account_id = $1 AND version = $6";
    OF = "SELECT id, account_id, content, version, changed_at, changed_by, created_at, status, fault, failures, next_at, \
          last_run_at, last_ok_at, epoch, cursor_sealed, full_began_at, full_due_at, covered, planned_at, planned_by, \
          swept_at, groups_at, batch, leaving FROM address_books WHERE account_id = $1";
    GET = "SELECT id, account_id, content, version, changed_at, changed_by, created_at, status, fault, failures, next_at, \
           last_run_at, last_ok_at, epoch, cursor_sealed, full_began_at, full_due_at, covered, planned_at, planned_by, \
           swept_at, groups_at, batch, leaving FROM address_books WHERE id = $1";
    ALL = "SELECT id, account_id, content, version, changed_at, changed_by, created_at, status, fault, failures, next_at, \
           last_run_at, last_ok_at, epoch, cursor_sealed, full_began_at, full_due_at, covered, planned_at, planned_by, \
           swept_at, groups_at, batch, leaving FROM address_books ORDER BY id LIMIT 5000";
    DUE = "SELECT id FROM address_books WHERE next_at <= $1 AND (group_name IS NOT NULL OR leaving = 1) \
           ORDER BY next_at LIMIT $2";
    IS_DUE = "SELECT count(*) FROM address_books WHERE id = $1 AND next_at <= $2 \
              AND (group_name IS NOT NULL OR leaving = 1)";
    // Of one account, or of all.
    DUE_OF = "SELECT count(*) FROM address_books WHERE next_at <= $1 AND (group_name IS NOT NULL OR leaving = 1) \
              AND (account_id = $2 OR $2 IS NULL)";
    USED = "SELECT count(*) FROM address_books WHERE group_name IS NOT NULL";
    WAKE = "UPDATE address_books SET next_at = $2 WHERE id = $1 AND next_at > $2";
    // Of one account, or of all; a hurry does not shorten the pause after a failure.
    WAKE_ALL = "UPDATE address_books SET next_at = $2 WHERE next_at > $2 AND (group_name IS NOT NULL OR leaving = 1) \
                AND (account_id = $1 OR $1 IS NULL)";
    BEGIN = "UPDATE address_books SET last_run_at = $2, next_at = $3 WHERE id = $1";
    // What made it due while it ran stands, unless it failed.
    END = "UPDATE address_books SET status = $2, fault = $3, failures = $4, \
           next_at = CASE WHEN $2 = 'ok' AND next_at >= last_run_at AND next_at < $5 THEN next_at ELSE $5 END, \
           last_ok_at = COALESCE($6, last_ok_at) WHERE id = $1";
    CURSOR = "UPDATE address_books SET cursor_sealed = $2, epoch = $3, covered = $4, \
              full_began_at = COALESCE($5, full_began_at), full_due_at = COALESCE($6, full_due_at) WHERE id = $1";
    PLANNED = "UPDATE address_books SET planned_at = COALESCE(planned_at, $2), planned_by = $3 WHERE id = $1";
    SWEPT = "UPDATE address_books SET swept_at = $2 WHERE id = $1";
    LISTED = "UPDATE address_books SET groups_at = $2 WHERE id = $1";
    LEAVE = "UPDATE address_books SET leaving = 1 WHERE id = $1";
    // What is not known yet of an effect is found out first; who was made is, when a list is read again.
    LEFT = "UPDATE address_books SET leaving = 0 WHERE leaving = 1 AND NOT EXISTS (SELECT 1 FROM undos o \
            WHERE o.calendar_id = address_books.id AND o.state = 'waiting') AND NOT EXISTS (SELECT 1 \
            FROM people_intents i WHERE i.book_id = address_books.id AND i.kind <> 'make-person')";
    ANEW = "UPDATE address_books SET cursor_sealed = NULL, covered = 0, full_began_at = NULL, full_due_at = NULL, \
            swept_at = NULL, groups_at = NULL";
    UNMONITOR = "DELETE FROM monitored_groups WHERE book_id = (SELECT id FROM address_books WHERE account_id = $1)";
    MONITOR = "INSERT INTO monitored_groups (book_id, resource) \
               SELECT id, CAST($2 AS TEXT) FROM address_books WHERE account_id = $1";
    BATCH = "UPDATE address_books SET batch = $2 WHERE id = $1";
}

/// An address book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// Identity.
    pub id: BookId,
    /// Whose.
    pub account: AccountId,
    /// What its owner has chosen.
    pub choices: Choices,
    /// Counts the changes of the choices, from 1.
    pub version: i64,
    /// When they were last changed.
    pub changed_at: Micros,
    /// By whom.
    pub changed_by: String,
    /// When something was chosen for the first time.
    pub created_at: Micros,
    /// `new`, `ok` or `failing`.
    pub status: String,
    /// Why the last run failed, a word.
    pub fault: Option<String>,
    /// Failures in a row.
    pub failures: i64,
    /// When it is due.
    pub next_at: Micros,
    /// When the last run began.
    pub last_run_at: Option<Micros>,
    /// When the last run that went well ended.
    pub last_ok_at: Option<Micros>,
    /// Counts the full lists.
    pub epoch: i64,
    /// Where the next list goes on.
    pub cursor: Option<String>,
    /// When the last full list began that was read to its end.
    pub full_began_at: Option<Micros>,
    /// When the next one is due.
    pub full_due_at: Option<Micros>,
    /// Whether everything was seen in this epoch.
    pub covered: bool,
    /// When something was planned for the first time.
    pub planned_at: Option<Micros>,
    /// By which choices it was last planned for, a fingerprint.
    pub planned_by: Option<String>,
    /// When it was last asked which linked records the user may see.
    pub swept_at: Option<Micros>,
    /// When the groups were last listed.
    pub groups_at: Option<Micros>,
    /// People of one batch.
    pub batch: usize,
    /// Whether it is run only until what was made in it is removed.
    pub leaving: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    account_id: Uuid,
    content: String,
    version: i64,
    changed_at: i64,
    changed_by: String,
    created_at: i64,
    status: String,
    fault: Option<String>,
    failures: i64,
    next_at: i64,
    last_run_at: Option<i64>,
    last_ok_at: Option<i64>,
    epoch: i64,
    cursor_sealed: Option<Vec<u8>>,
    full_began_at: Option<i64>,
    full_due_at: Option<i64>,
    covered: i64,
    planned_at: Option<i64>,
    planned_by: Option<String>,
    swept_at: Option<i64>,
    groups_at: Option<i64>,
    batch: i64,
    leaving: i64,
}

/// Where the cursor of an address book is sealed.
pub(in crate::store) fn cursor_place(id: Uuid) -> Place {
    Place::row("address_books", "cursor_sealed", id)
}

impl Row {
    fn opened(self, store: &Store) -> Result<Book, StoreError> {
        let open = |sealed: Vec<u8>| store.ring().open(&cursor_place(self.id), &sealed);
        let cursor = self.cursor_sealed.map(open).transpose()?.map(|text| text.reveal().to_owned());
        let broken = |_| StoreError::inconsistent("address_books", "content");
        Ok(Book {
            choices: serde_json::from_str(&self.content).map_err(broken)?,
            id: BookId(self.id),
            account: AccountId(self.account_id),
            version: self.version,
            changed_at: self.changed_at,
            changed_by: self.changed_by,
            created_at: self.created_at,
            status: self.status,
            fault: self.fault,
            failures: self.failures,
            next_at: self.next_at,
            last_run_at: self.last_run_at,
            last_ok_at: self.last_ok_at,
            epoch: self.epoch,
            cursor,
            full_began_at: self.full_began_at,
            full_due_at: self.full_due_at,
            covered: self.covered != 0,
            planned_at: self.planned_at,
            planned_by: self.planned_by,
            swept_at: self.swept_at,
            groups_at: self.groups_at,
            batch: usize::try_from(self.batch).unwrap_or(1),
            leaving: self.leaving != 0,
        })
    }
}

/// Stores choices that were made on the sight of `version` (0 for none), and has the book run soon;
/// false when somebody was faster.
///
/// # Errors
/// When the database does not answer.
pub async fn choose(
    act: &mut Act,
    account: AccountId,
    choices: &Choices,
    version: i64,
    by: &Actor,
) -> Result<bool, StoreError> {
    let store = act.store();
    let now = store.clock().now();
    let broken = |_| StoreError::inconsistent("address_books", "content");
    let (content, group) = (serde_json::to_string(choices).map_err(broken)?, &choices.group);
    let rows = match version {
        0 => {
            let id = store.dice().id(store.clock())?;
            execute!(act, ADD, id, account.0, &content, now, by.label(), group)?
        }
        _ => execute!(act, CHANGE, account.0, &content, now, by.label(), group, version)?,
    };
    if rows == 1 {
        execute!(act, UNMONITOR, account.0)?;
        for group in &choices.monitored {
            execute!(act, MONITOR, account.0, group)?;
        }
    }
    Ok(rows == 1)
}

/// The book of an account; none when nobody has chosen anything.
///
/// # Errors
/// When the database does not answer, or a value does not open.
pub async fn of(store: &Store, on: &mut impl Source, account: AccountId) -> Result<Option<Book>, StoreError> {
    fetch_one!(on, Row, OF, account.0)?.map(|row: Row| row.opened(store)).transpose()
}

/// A book.
///
/// # Errors
/// When the database does not answer, or a value does not open.
pub async fn get(store: &Store, on: &mut impl Source, id: BookId) -> Result<Option<Book>, StoreError> {
    fetch_one!(on, Row, GET, id.0)?.map(|row: Row| row.opened(store)).transpose()
}

/// Every book.
///
/// # Errors
/// When the database does not answer, or a value does not open.
pub async fn all(store: &Store, on: &mut impl Source) -> Result<Vec<Book>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, ALL)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// Books that are due, at most `most`.
///
/// # Errors
/// When the database does not answer.
pub async fn due(on: &mut impl Source, now: Micros, most: i64) -> Result<Vec<BookId>, StoreError> {
    let rows: Vec<(Uuid,)> = fetch_all!(on, (Uuid,), DUE, now, most)?;
    Ok(rows.into_iter().map(|(id,)| BookId(id)).collect())
}

/// Whether a book is due.
///
/// # Errors
/// When the database does not answer.
pub async fn is_due(on: &mut impl Source, id: BookId, now: Micros) -> Result<bool, StoreError> {
    Ok(fetch_one!(on, (i64,), IS_DUE, id.0, now)?.is_some_and(|(count,)| count > 0))
}

/// How many books of one account, or of all, are due.
///
/// # Errors
/// When the database does not answer.
pub async fn due_of(
    on: &mut impl Source,
    now: Micros,
    account: Option<AccountId>,
) -> Result<i64, StoreError> {
    let row = fetch_one!(on, (i64,), DUE_OF, now, account.map(|account| account.0))?;
    Ok(row.map_or(0, |(count,)| count))
}

/// How many books have a group that is kept in step.
///
/// # Errors
/// When the database does not answer.
pub async fn used(on: &mut impl Source) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), USED)?.map_or(0, |(count,)| count))
}

/// Makes a book due at `at`, if it is not before.
///
/// # Errors
/// When the database does not answer.
pub async fn wake(on: &mut impl Write, id: BookId, at: Micros) -> Result<(), StoreError> {
    execute!(on, WAKE, id.0, at)?;
    Ok(())
}

/// Makes books due at `at`: all, or that of one account. How many.
///
/// # Errors
/// When the database does not answer.
pub async fn wake_all(
    on: &mut impl Write,
    account: Option<AccountId>,
    at: Micros,
) -> Result<u64, StoreError> {
    execute!(on, WAKE_ALL, account.map(|account| account.0), at)
}

/// Notes that a run begins; should it die, the next one is at `next_at`.
///
/// # Errors
/// When the database does not answer.
pub async fn begin(batch: &mut Batch, id: BookId, next_at: Micros) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, BEGIN, id.0, now, next_at)?;
    Ok(())
}

/// Notes how a run ended.
///
/// # Errors
/// When the database does not answer.
pub async fn end(batch: &mut Batch, id: BookId, ended: &Ended) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    let (status, ok) = if ended.fault.is_some() { ("failing", None) } else { ("ok", Some(now)) };
    execute!(batch, END, id.0, status, &ended.fault, ended.failures, ended.next_at, ok)?;
    Ok(())
}

/// Where the next list goes on: stored with the rows it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor<'a> {
    /// Google's token; none when the next list is a full one.
    pub token: Option<&'a str>,
    /// Counts the full lists.
    pub epoch: i64,
    /// Whether everything was seen in this epoch.
    pub covered: bool,
    /// Of a full list that was read to its end: when it began, and when the next is due.
    pub full: Option<(Micros, Micros)>,
}

/// Stores the cursor.
///
/// # Errors
/// When the database does not answer.
pub async fn advance(batch: &mut Batch, id: BookId, cursor: &Cursor<'_>) -> Result<(), StoreError> {
    let sealer = Sealer::new(batch).await?;
    let sealed = cursor.token.map(|token| sealer.seal(&cursor_place(id.0), token)).transpose()?;
    let (began, due) = cursor.full.unzip();
    execute!(batch, CURSOR, id.0, &sealed, cursor.epoch, i64::from(cursor.covered), began, due)?;
    Ok(())
}

/// Notes by which choices it is planned for from now on.
///
/// # Errors
/// When the database does not answer.
pub async fn planned(batch: &mut Batch, id: BookId, choices: &str) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, PLANNED, id.0, now, choices)?;
    Ok(())
}

/// Notes that it was asked which linked records the user may see.
///
/// # Errors
/// When the database does not answer.
pub async fn swept(batch: &mut Batch, id: BookId) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, SWEPT, id.0, now)?;
    Ok(())
}

/// Notes that the groups were listed.
///
/// # Errors
/// When the database does not answer.
pub async fn listed(on: &mut impl Write, id: BookId) -> Result<(), StoreError> {
    let now = on.store().clock().now();
    execute!(on, LISTED, id.0, now)?;
    Ok(())
}

/// Has every list read from its beginning, as if nothing of it were known.
///
/// # Errors
/// When the database does not answer.
pub async fn anew(on: &mut impl Write) -> Result<(), StoreError> {
    execute!(on, ANEW)?;
    Ok(())
}

/// Keeps how many people Google takes in one batch.
///
/// # Errors
/// When the database does not answer.
pub async fn batch_of(batch: &mut Batch, id: BookId, size: usize) -> Result<(), StoreError> {
    execute!(batch, BATCH, id.0, i64::try_from(size).unwrap_or(1))?;
    Ok(())
}

/// Has a book that nobody uses any more run all the same, until what was made in it is removed.
///
/// # Errors
/// When the database does not answer.
pub async fn leave(on: &mut impl Write, id: BookId) -> Result<(), StoreError> {
    execute!(on, LEAVE, id.0)?;
    Ok(())
}

/// Books in which nothing waits to be removed are not run any more.
///
/// # Errors
/// When the database does not answer.
pub async fn left(on: &mut impl Write) -> Result<(), StoreError> {
    execute!(on, LEFT)?;
    Ok(())
}
