//! Every change that the synchronisation made, by which rule, with what was there
//! before. What was there is other people's data: it goes after 90 days.

use postern_core::model::id::{AccountId, BookId, PairId, RunId, SyncedId};
use uuid::Uuid;

use crate::clock::Micros;
use crate::seal::Place;
use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::keys::Sealer;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

statements! {
    ADD = "INSERT INTO sync_journal (id, at, run_id, calendar_id, account_id, link_id, kind, rule, content_sealed) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    OF_LINK = "SELECT id, at, run_id, calendar_id, account_id, link_id, kind, rule, content_sealed FROM sync_journal \
               WHERE link_id = $1 ORDER BY at DESC, id DESC LIMIT $2";
    OF_ACCOUNT = "SELECT id, at, run_id, calendar_id, account_id, link_id, kind, rule, content_sealed \
                  FROM sync_journal WHERE account_id = $1 ORDER BY at DESC, id DESC LIMIT $2";
    OF_RUN = "SELECT id, at, run_id, calendar_id, account_id, link_id, kind, rule, content_sealed FROM sync_journal \
              WHERE run_id = $1 AND calendar_id = $2 AND account_id = $3 ORDER BY at, id LIMIT $4";
    WHOSE = "SELECT calendar_id, account_id FROM sync_journal WHERE run_id = $1 ORDER BY at LIMIT 1";
    // Of calendars that the account uses: what others keep in step by now is not its own any more.
    RUNS = "SELECT j.run_id, j.calendar_id, min(j.at) AS began_at, max(j.at) AS ended_at, \
            (SELECT r.status FROM sync_runs r WHERE r.id = j.run_id) AS status, \
            CAST(sum(CASE WHEN j.kind IN ('make-event', 'make-record') THEN 1 ELSE 0 END) AS BIGINT) AS made, \
            CAST(sum(CASE WHEN j.kind IN ('delete-event', 'delete-record', 'call-off') THEN 1 ELSE 0 END) AS BIGINT) \
            AS removed, CAST(sum(CASE WHEN j.rule IN ('guests-changed', 'answered') THEN 1 ELSE 0 END) AS BIGINT) \
            AS people, CAST(sum(CASE WHEN j.kind IN ('write-event', 'write-record', 'set-status') \
            AND j.rule NOT IN ('guests-changed', 'answered') THEN 1 ELSE 0 END) AS BIGINT) AS written \
            FROM sync_journal j WHERE j.account_id = $1 AND j.at > $2 AND EXISTS (SELECT 1 FROM calendar_users u \
            WHERE u.account_id = j.account_id AND u.calendar_id = j.calendar_id AND u.active = 1 \
            AND u.kind <> 'offered') GROUP BY j.run_id, j.calendar_id \
            ORDER BY max(j.at) DESC, j.run_id DESC LIMIT $3 OFFSET $4";
    RUN_COUNT = "SELECT count(*) FROM (SELECT 1 FROM sync_journal j WHERE j.account_id = $1 AND j.at > $2 \
                 AND EXISTS (SELECT 1 FROM calendar_users u WHERE u.account_id = j.account_id \
                 AND u.calendar_id = j.calendar_id AND u.active = 1 AND u.kind <> 'offered') \
                 GROUP BY j.run_id, j.calendar_id) runs";
    BOOK_RUNS = "SELECT j.run_id, j.calendar_id, min(j.at) AS began_at, max(j.at) AS ended_at, \
                 (SELECT r.status FROM sync_runs r WHERE r.id = j.run_id) AS status, \
                 CAST(sum(CASE WHEN j.kind IN ('make-person', 'make-record') THEN 1 ELSE 0 END) AS BIGINT) AS made, \
                 CAST(sum(CASE WHEN j.kind IN ('delete-person', 'delete-record', 'remove-twin') THEN 1 ELSE 0 END) \
                 AS BIGINT) AS removed, CAST(0 AS BIGINT) AS people, \
                 CAST(sum(CASE WHEN j.kind IN ('write-person', 'write-record') THEN 1 ELSE 0 END) AS BIGINT) AS written \
                 FROM sync_journal j WHERE j.calendar_id = $1 AND j.at > $2 \
                 AND j.kind NOT IN ('adopt', 'keep', 'rename', 'relink') GROUP BY j.run_id, j.calendar_id \
                 ORDER BY max(j.at) DESC, j.run_id DESC LIMIT $3 OFFSET $4";
    BOOK_RUN_COUNT = "SELECT count(*) FROM (SELECT 1 FROM sync_journal j WHERE j.calendar_id = $1 AND j.at > $2 \
                      AND j.kind NOT IN ('adopt', 'keep', 'rename', 'relink') GROUP BY j.run_id) runs";
    LAST_RUN = "SELECT run_id FROM sync_journal WHERE calendar_id = $1 AND account_id = $2 \
                ORDER BY at DESC, id DESC LIMIT 1";
    ERASE = "UPDATE sync_journal SET content_sealed = NULL WHERE link_id = $1";
    FADE = "UPDATE sync_journal SET content_sealed = NULL WHERE at < $1 AND content_sealed IS NOT NULL";
    PRUNE = "DELETE FROM sync_journal WHERE at < $1";
}

/// How long what was there is kept.
pub const KEPT: Micros = 90 * 86_400 * 1_000_000;

/// What a run has changed for an account, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Ran {
    /// The run.
    pub run_id: Uuid,
    /// In which calendar or address book.
    pub calendar_id: Uuid,
    /// The first change.
    pub began_at: Micros,
    /// The last one.
    pub ended_at: Micros,
    /// How the run ended, as long as it is kept.
    pub status: Option<String>,
    /// Events and records that were made.
    pub made: i64,
    /// That were changed.
    pub written: i64,
    /// That were deleted or called off.
    pub removed: i64,
    /// Changes of who takes part, and of answers.
    pub people: i64,
}

/// A change that is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note<'a> {
    /// The run that made it.
    pub run: RunId,
    /// In which calendar.
    pub synced: SyncedId,
    /// For whose account.
    pub account: AccountId,
    /// Of which pair.
    pub link: PairId,
    /// What was done, a word.
    pub kind: &'a str,
    /// By which rule, its word.
    pub rule: &'a str,
    /// JSON: what was there, what is, what was lost.
    pub content: &'a str,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Micros,
    /// By which run.
    pub run: RunId,
    /// In which calendar.
    pub synced: SyncedId,
    /// Of which pair.
    pub link: PairId,
    /// What was done, a word.
    pub kind: String,
    /// By which rule, its word.
    pub rule: String,
    /// JSON, as long as it is kept.
    pub content: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    at: i64,
    run_id: Uuid,
    calendar_id: Uuid,
    link_id: Uuid,
    kind: String,
    rule: String,
    content_sealed: Option<Vec<u8>>,
}

/// Where the content of a change is sealed.
pub(in crate::store) fn place(id: Uuid) -> Place {
    Place::row("sync_journal", "content_sealed", id)
}

impl Row {
    fn opened(self, store: &Store) -> Result<Entry, StoreError> {
        let open = |sealed: Vec<u8>| store.ring().open(&place(self.id), &sealed);
        Ok(Entry {
            content: self.content_sealed.map(open).transpose()?.map(|text| text.reveal().to_owned()),
            at: self.at,
            run: RunId(self.run_id),
            synced: SyncedId(self.calendar_id),
            link: PairId(self.link_id),
            kind: self.kind,
            rule: self.rule,
        })
    }
}

/// Writes a change down.
///
/// # Errors
/// When the database does not answer.
pub async fn add(batch: &mut Batch, note: &Note<'_>) -> Result<(), StoreError> {
    let (sealer, store) = (Sealer::new(batch).await?, batch.store());
    let (id, now) = (store.dice().id(store.clock())?, store.clock().now());
    let sealed = sealer.seal(&place(id), note.content)?;
    let Note { run, synced, account, link, kind, rule, .. } = *note;
    execute!(batch, ADD, id, now, run.0, synced.0, account.0, link.0, kind, rule, &sealed)?;
    Ok(())
}

/// The last changes of a pair, the newest first.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn of_link(
    store: &Store,
    on: &mut impl Source,
    link: PairId,
    most: i64,
) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, OF_LINK, link.0, most)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// The last changes for an account, the newest first.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn of_account(
    store: &Store,
    on: &mut impl Source,
    account: AccountId,
    most: i64,
) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, OF_ACCOUNT, account.0, most)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// What a run of a calendar has changed for an account, in the order in which it did.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn of_run(
    store: &Store,
    on: &mut impl Source,
    run: RunId,
    synced: impl Into<SyncedId>,
    account: AccountId,
    most: i64,
) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, OF_RUN, run.0, synced.into().0, account.0, most)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// In which calendar and for whose account a run has changed something.
///
/// # Errors
/// When the database does not answer.
pub async fn whose(on: &mut impl Source, run: RunId) -> Result<Option<(SyncedId, AccountId)>, StoreError> {
    let found = fetch_one!(on, (Uuid, Uuid), WHOSE, run.0)?;
    Ok(found.map(|(calendar, account)| (SyncedId(calendar), AccountId(account))))
}

/// The runs since then that have changed something for an account, the last first.
///
/// # Errors
/// When the database does not answer.
pub async fn runs(
    on: &mut impl Source,
    (account, since): (AccountId, Micros),
    (most, offset): (i64, i64),
) -> Result<Vec<Ran>, StoreError> {
    fetch_all!(on, Ran, RUNS, account.0, since, most, offset)
}

/// How many there are.
///
/// # Errors
/// When the database does not answer.
pub async fn run_count(on: &mut impl Source, account: AccountId, since: Micros) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), RUN_COUNT, account.0, since)?.map_or(0, |(count,)| count))
}

/// The same of an address book: who is only found again is no change.
///
/// # Errors
/// When the database does not answer.
pub async fn book_runs(
    on: &mut impl Source,
    (book, since): (BookId, Micros),
    (most, offset): (i64, i64),
) -> Result<Vec<Ran>, StoreError> {
    fetch_all!(on, Ran, BOOK_RUNS, book.0, since, most, offset)
}

/// How many there are.
///
/// # Errors
/// When the database does not answer.
pub async fn book_run_count(on: &mut impl Source, book: BookId, since: Micros) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), BOOK_RUN_COUNT, book.0, since)?.map_or(0, |(count,)| count))
}

/// The last run of a calendar that has changed something for an account.
///
/// # Errors
/// When the database does not answer.
pub async fn last_run(
    on: &mut impl Source,
    synced: impl Into<SyncedId>,
    account: AccountId,
) -> Result<Option<RunId>, StoreError> {
    Ok(fetch_one!(on, (Uuid,), LAST_RUN, synced.into().0, account.0)?.map(|(run,)| RunId(run)))
}

/// Drops what was there of a pair.
///
/// # Errors
/// When the database does not answer.
pub async fn erase(batch: &mut Batch, link: PairId) -> Result<(), StoreError> {
    execute!(batch, ERASE, link.0)?;
    Ok(())
}

/// Drops what was there before `faded`, and rows before `before`.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch, faded: Micros, before: Micros) -> Result<(), StoreError> {
    execute!(batch, FADE, faded)?;
    execute!(batch, PRUNE, before)?;
    Ok(())
}
