//! Every change that the synchronisation made, by which rule, with what was there
//! before. What was there is other people's data: it goes after 90 days.

use postern_core::model::id::{AccountId, CalendarId, PairId, RunId};
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
    LAST_RUN = "SELECT run_id FROM sync_journal WHERE calendar_id = $1 AND account_id = $2 \
                ORDER BY at DESC, id DESC LIMIT 1";
    ERASE = "UPDATE sync_journal SET content_sealed = NULL WHERE link_id = $1";
    FADE = "UPDATE sync_journal SET content_sealed = NULL WHERE at < $1 AND content_sealed IS NOT NULL";
    PRUNE = "DELETE FROM sync_journal WHERE at < $1";
}

/// A change that is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note<'a> {
    /// The run that made it.
    pub run: RunId,
    /// In which calendar.
    pub calendar: CalendarId,
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
    pub calendar: CalendarId,
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
            calendar: CalendarId(self.calendar_id),
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
    let Note { run, calendar, account, link, kind, rule, .. } = *note;
    execute!(batch, ADD, id, now, run.0, calendar.0, account.0, link.0, kind, rule, &sealed)?;
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
    calendar: CalendarId,
    account: AccountId,
    most: i64,
) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, OF_RUN, run.0, calendar.0, account.0, most)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// In which calendar and for whose account a run has changed something.
///
/// # Errors
/// When the database does not answer.
pub async fn whose(on: &mut impl Source, run: RunId) -> Result<Option<(CalendarId, AccountId)>, StoreError> {
    let found = fetch_one!(on, (Uuid, Uuid), WHOSE, run.0)?;
    Ok(found.map(|(calendar, account)| (CalendarId(calendar), AccountId(account))))
}

/// The last run of a calendar that has changed something for an account.
///
/// # Errors
/// When the database does not answer.
pub async fn last_run(
    on: &mut impl Source,
    calendar: CalendarId,
    account: AccountId,
) -> Result<Option<RunId>, StoreError> {
    Ok(fetch_one!(on, (Uuid,), LAST_RUN, calendar.0, account.0)?.map(|(run,)| RunId(run)))
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
