//! Calendars at Google, each once, and how their runs stand.

use postern_core::model::id::{AccountId, CalendarId};
use uuid::Uuid;

use crate::clock::Micros;
use crate::seal::Place;
use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::keys::Sealer;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

statements! {
    KNOWN = "SELECT id FROM calendars WHERE google_id = $1";
    ADD = "INSERT INTO calendars (id, google_id, name_sealed, zone, created_at, modified_at, status, next_at) \
           VALUES ($1, $2, $3, $4, $5, $5, 'new', $5)";
    RENAME = "UPDATE calendars SET name_sealed = $2, zone = $3, modified_at = $4 WHERE id = $1";
    GET = "SELECT id, google_id, name_sealed, zone, created_at, modified_at, status, fault, failures, next_at, \
           last_run_at, last_ok_at, epoch, cursor_sealed, full_at, covered, planned_at, unfolded, asleep_at, \
           returned_at, planned_by FROM calendars WHERE id = $1";
    OF_ACCOUNT = "SELECT id, google_id, name_sealed, zone, created_at, modified_at, status, fault, failures, next_at, \
                  last_run_at, last_ok_at, epoch, cursor_sealed, full_at, covered, planned_at, unfolded, asleep_at, \
           returned_at, planned_by FROM calendars \
                  WHERE id IN (SELECT calendar_id FROM calendar_users WHERE account_id = $1) ORDER BY id LIMIT 5000";
    // Only what somebody uses is run; a hint does not shorten the pause after a failure.
    DUE = "SELECT c.id FROM calendars c WHERE (c.next_at <= $1 OR (c.failures = 0 AND EXISTS (SELECT 1 FROM hints h \
           WHERE h.about = c.id AND h.pending = 1 AND h.not_before <= $1))) AND EXISTS (SELECT 1 FROM calendar_users u \
           WHERE u.calendar_id = c.id AND u.active = 1 AND u.kind <> 'offered') ORDER BY c.next_at LIMIT $2";
    IS_DUE = "SELECT count(*) FROM calendars c WHERE c.id = $1 AND (c.next_at <= $2 OR (c.failures = 0 AND EXISTS \
              (SELECT 1 FROM hints h WHERE h.about = c.id AND h.pending = 1 AND h.not_before <= $2)))";
    // Of one account, or of all.
    DUE_OF = "SELECT count(*) FROM calendars c WHERE c.next_at <= $1 AND EXISTS (SELECT 1 FROM calendar_users u \
              WHERE u.calendar_id = c.id AND u.active = 1 AND u.kind <> 'offered' \
              AND (u.account_id = $2 OR $2 IS NULL))";
    USED = "SELECT count(*) FROM calendars c WHERE EXISTS (SELECT 1 FROM calendar_users u \
            WHERE u.calendar_id = c.id AND u.active = 1 AND u.kind <> 'offered')";
    WAKE = "UPDATE calendars SET next_at = $2 WHERE id = $1 AND next_at > $2";
    WAKE_VIEWS = "UPDATE calendars SET next_at = $3 WHERE next_at > $3 AND id IN (SELECT calendar_id FROM links \
                  WHERE entity = $1 AND record_id = $2 AND role = 'view')";
    WAKE_ALL = "UPDATE calendars SET next_at = $1 WHERE next_at > $1 AND EXISTS (SELECT 1 FROM calendar_users u \
                WHERE u.calendar_id = calendars.id AND u.active = 1 AND u.kind <> 'offered')";
    WAKE_OF = "UPDATE calendars SET next_at = $2 WHERE next_at > $2 AND id IN (SELECT calendar_id FROM calendar_users \
               WHERE account_id = $1 AND active = 1 AND kind <> 'offered')";
    BEGIN = "UPDATE calendars SET last_run_at = $2, next_at = $3 WHERE id = $1";
    // What made it due while it ran stands, unless it failed.
    END = "UPDATE calendars SET status = $2, fault = $3, failures = $4, \
           next_at = CASE WHEN $2 = 'ok' AND next_at >= last_run_at AND next_at < $5 THEN next_at ELSE $5 END, \
           last_ok_at = COALESCE($6, last_ok_at) WHERE id = $1";
    CURSOR = "UPDATE calendars SET cursor_sealed = $2, epoch = $3, covered = $4, \
              full_at = COALESCE($5, full_at) WHERE id = $1";
    UNUSED = "DELETE FROM calendars WHERE NOT EXISTS (SELECT 1 FROM calendar_users u \
              WHERE u.calendar_id = calendars.id)";
    // What is of neither a calendar nor an address book any more.
    FORGET_RUNS = "DELETE FROM sync_runs WHERE calendar_id NOT IN (SELECT id FROM calendars) \
                   AND calendar_id NOT IN (SELECT id FROM address_books)";
    FORGET_JOURNAL = "DELETE FROM sync_journal WHERE calendar_id NOT IN (SELECT id FROM calendars) \
                      AND calendar_id NOT IN (SELECT id FROM address_books)";
    FORGET_HOLDS = "DELETE FROM holds WHERE calendar_id NOT IN (SELECT id FROM calendars) \
                    AND calendar_id NOT IN (SELECT id FROM address_books)";
    FORGET_DEAD = "DELETE FROM dead_letters WHERE calendar_id NOT IN (SELECT id FROM calendars) \
                   AND calendar_id NOT IN (SELECT id FROM address_books)";
    UNFOLDED = "UPDATE calendars SET unfolded = $2 WHERE id = $1";
    PLANNED_BY = "UPDATE calendars SET planned_by = $2 WHERE id = $1";
    PLANNED = "UPDATE calendars SET planned_at = $2 WHERE id = $1 AND planned_at IS NULL";
}

/// A calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Identity.
    pub id: CalendarId,
    /// Google's identity of it, an address.
    pub google_id: String,
    /// Its name.
    pub name: String,
    /// IANA name of its zone; may be empty.
    pub zone: String,
    /// When it was first seen.
    pub created_at: Micros,
    /// Last change of name or zone.
    pub modified_at: Micros,
    /// `new`, `ok`, `failing` or `gone`.
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
    /// When the last full list ended.
    pub full_at: Option<Micros>,
    /// Whether everything was seen in this epoch.
    pub covered: bool,
    /// When something was planned for the first time.
    pub planned_at: Option<Micros>,
    /// The day, counted from 1970, around which its series were last unfolded.
    pub unfolded: Option<i64>,
    /// Since when nobody who uses it is connected.
    pub asleep_at: Option<Micros>,
    /// Since when somebody is again, while what the absence led to is not decided.
    pub returned_at: Option<Micros>,
    /// By which choices it was last planned for, a fingerprint.
    pub planned_by: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    google_id: String,
    name_sealed: Vec<u8>,
    zone: String,
    created_at: i64,
    modified_at: i64,
    status: String,
    fault: Option<String>,
    failures: i64,
    next_at: i64,
    last_run_at: Option<i64>,
    last_ok_at: Option<i64>,
    epoch: i64,
    cursor_sealed: Option<Vec<u8>>,
    full_at: Option<i64>,
    covered: i64,
    planned_at: Option<i64>,
    unfolded: Option<i64>,
    asleep_at: Option<i64>,
    returned_at: Option<i64>,
    planned_by: Option<String>,
}

/// Where a calendar's name is sealed.
pub(in crate::store) fn name_place(id: Uuid) -> Place {
    Place::row("calendars", "name_sealed", id)
}

/// Where its cursor is sealed.
pub(in crate::store) fn cursor_place(id: Uuid) -> Place {
    Place::row("calendars", "cursor_sealed", id)
}

impl Row {
    fn opened(self, store: &Store) -> Result<Calendar, StoreError> {
        let open = |place: &Place, sealed: &[u8]| -> Result<String, StoreError> {
            Ok(store.ring().open(place, sealed)?.reveal().to_owned())
        };
        Ok(Calendar {
            name: open(&name_place(self.id), &self.name_sealed)?,
            cursor: self.cursor_sealed.map(|sealed| open(&cursor_place(self.id), &sealed)).transpose()?,
            id: CalendarId(self.id),
            google_id: self.google_id,
            zone: self.zone,
            created_at: self.created_at,
            modified_at: self.modified_at,
            status: self.status,
            fault: self.fault,
            failures: self.failures,
            next_at: self.next_at,
            last_run_at: self.last_run_at,
            last_ok_at: self.last_ok_at,
            epoch: self.epoch,
            full_at: self.full_at,
            covered: self.covered != 0,
            planned_at: self.planned_at,
            unfolded: self.unfolded,
            asleep_at: self.asleep_at,
            returned_at: self.returned_at,
            planned_by: self.planned_by,
        })
    }
}

/// Makes a calendar known under Google's identity, or takes over its name.
///
/// # Errors
/// When the database does not answer.
pub async fn put(
    on: &mut impl Write,
    google_id: &str,
    name: &str,
    zone: &str,
) -> Result<CalendarId, StoreError> {
    let (store, sealer) = (on.store(), Sealer::new(on).await?);
    let now = store.clock().now();
    if let Some((id,)) = fetch_one!(on, (Uuid,), KNOWN, google_id)? {
        let before = get(&store, on, CalendarId(id)).await?;
        if before.is_none_or(|before| before.name != name || before.zone != zone) {
            let sealed = sealer.seal(&name_place(id), name)?;
            execute!(on, RENAME, id, &sealed, zone, now)?;
        }
        return Ok(CalendarId(id));
    }
    let id = store.dice().id(store.clock())?;
    let sealed = sealer.seal(&name_place(id), name)?;
    execute!(on, ADD, id, google_id, &sealed, zone, now)?;
    Ok(CalendarId(id))
}

/// A calendar.
///
/// # Errors
/// When the database does not answer, or a value does not open.
pub async fn get(
    store: &Store,
    on: &mut impl Source,
    id: CalendarId,
) -> Result<Option<Calendar>, StoreError> {
    fetch_one!(on, Row, GET, id.0)?.map(|row: Row| row.opened(store)).transpose()
}

/// The calendars that Google lists for an account, or did.
///
/// # Errors
/// When the database does not answer, or a value does not open.
pub async fn of_account(
    store: &Store,
    on: &mut impl Source,
    account: AccountId,
) -> Result<Vec<Calendar>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, OF_ACCOUNT, account.0)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// Calendars that are due, at most `most`.
///
/// # Errors
/// When the database does not answer.
pub async fn due(on: &mut impl Source, now: Micros, most: i64) -> Result<Vec<CalendarId>, StoreError> {
    let rows: Vec<(Uuid,)> = fetch_all!(on, (Uuid,), DUE, now, most)?;
    Ok(rows.into_iter().map(|(id,)| CalendarId(id)).collect())
}

/// Whether one of the used calendars is due.
///
/// # Errors
/// When the database does not answer.
pub async fn is_due(on: &mut impl Source, id: CalendarId, now: Micros) -> Result<bool, StoreError> {
    Ok(fetch_one!(on, (i64,), IS_DUE, id.0, now)?.is_some_and(|(count,)| count > 0))
}

/// How many of the calendars that an account uses, or of all, are due.
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

/// How many calendars are used.
///
/// # Errors
/// When the database does not answer.
pub async fn used(on: &mut impl Source) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), USED)?.map_or(0, |(count,)| count))
}

/// Makes a calendar due at `at`, if it is not before.
///
/// # Errors
/// When the database does not answer.
pub async fn wake(on: &mut impl Write, id: CalendarId, at: Micros) -> Result<(), StoreError> {
    execute!(on, WAKE, id.0, at)?;
    Ok(())
}

/// Makes the calendars due at `at` that show a record without owning it.
///
/// # Errors
/// When the database does not answer.
pub async fn wake_views(
    on: &mut impl Write,
    entity: &str,
    record: &str,
    at: Micros,
) -> Result<(), StoreError> {
    execute!(on, WAKE_VIEWS, entity, record, at)?;
    Ok(())
}

/// Makes calendars due at `at`: all, or those of one account. How many.
///
/// # Errors
/// When the database does not answer.
pub async fn wake_all(
    on: &mut impl Write,
    account: Option<AccountId>,
    at: Micros,
) -> Result<u64, StoreError> {
    match account {
        Some(account) => execute!(on, WAKE_OF, account.0, at),
        None => execute!(on, WAKE_ALL, at),
    }
}

/// Notes that a run begins; should it die, the next one is at `next_at`.
///
/// # Errors
/// When the database does not answer.
pub async fn begin(batch: &mut Batch, id: CalendarId, next_at: Micros) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, BEGIN, id.0, now, next_at)?;
    Ok(())
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Why it failed, a word.
    pub fault: Option<String>,
    /// Failures in a row, this one included.
    pub failures: i64,
    /// When the next one is due.
    pub next_at: Micros,
}

/// Notes how a run ended.
///
/// # Errors
/// When the database does not answer.
pub async fn end(batch: &mut Batch, id: CalendarId, ended: &Ended) -> Result<(), StoreError> {
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
}

/// Stores the cursor.
///
/// # Errors
/// When the database does not answer.
pub async fn advance(
    batch: &mut Batch,
    id: CalendarId,
    cursor: &Cursor<'_>,
    full: bool,
) -> Result<(), StoreError> {
    let sealer = Sealer::new(batch).await?;
    let sealed = cursor.token.map(|token| sealer.seal(&cursor_place(id.0), token)).transpose()?;
    let full_at = full.then(|| batch.store().clock().now());
    execute!(batch, CURSOR, id.0, &sealed, cursor.epoch, i64::from(cursor.covered), full_at)?;
    Ok(())
}

/// Notes that the first plan was made.
///
/// # Errors
/// When the database does not answer.
pub async fn planned(batch: &mut Batch, id: CalendarId) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, PLANNED, id.0, now)?;
    Ok(())
}

/// Notes by which choices it is planned for from now on.
///
/// # Errors
/// When the database does not answer.
pub async fn planned_by(batch: &mut Batch, id: CalendarId, choices: &str) -> Result<(), StoreError> {
    execute!(batch, PLANNED_BY, id.0, choices)?;
    Ok(())
}

/// Notes around which day the series were unfolded.
///
/// # Errors
/// When the database does not answer.
pub async fn unfolded(batch: &mut Batch, id: CalendarId, day: i64) -> Result<(), StoreError> {
    execute!(batch, UNFOLDED, id.0, day)?;
    Ok(())
}

/// Forgets calendars that nobody sees any more, with all that was seen in them.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_unused(on: &mut impl Write) -> Result<(), StoreError> {
    execute!(on, UNUSED)?;
    for statement in [FORGET_RUNS, FORGET_JOURNAL, FORGET_HOLDS, FORGET_DEAD] {
        execute!(on, statement)?;
    }
    Ok(())
}
