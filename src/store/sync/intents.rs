//! What is to be done. An intent is written before its effect, and is gone when
//! it is known what came of it: one that is found by a later run was cut off, and
//! nobody knows whether it happened.

use postern_core::model::id::{CalendarId, PairId, RunId};
use uuid::Uuid;

use crate::clock::Micros;
use crate::seal::Place;
use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::keys::Sealer;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_all, statements};

statements! {
    ADD = "INSERT INTO intents (id, link_id, calendar_id, run_id, kind, created_at, body_sealed) \
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    OF = "SELECT id, link_id, run_id, kind, created_at, body_sealed FROM intents WHERE calendar_id = $1 \
          ORDER BY created_at, id LIMIT 1000";
    OF_KIND = "SELECT id, link_id, run_id, kind, created_at, body_sealed FROM intents WHERE kind = $1 \
               ORDER BY created_at, id LIMIT 1000";
    DONE = "DELETE FROM intents WHERE link_id = $1";
}

/// An intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// The pair it is about.
    pub link: PairId,
    /// The run that meant it.
    pub run: RunId,
    /// What it does, a word.
    pub kind: String,
    /// When it was written.
    pub created_at: Micros,
    /// JSON, what is needed to find out what came of it.
    pub body: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    link_id: Uuid,
    run_id: Uuid,
    kind: String,
    created_at: i64,
    body_sealed: Vec<u8>,
}

/// Where the body of an intent is sealed.
pub(in crate::store) fn place(id: Uuid) -> Place {
    Place::row("intents", "body_sealed", id)
}

/// Adds an intent; false when there is one for the pair.
///
/// # Errors
/// When the database does not answer.
pub async fn add(
    batch: &mut Batch,
    calendar: CalendarId,
    run: RunId,
    link: PairId,
    kind: &str,
    body: &str,
) -> Result<bool, StoreError> {
    let (sealer, store) = (Sealer::new(batch).await?, batch.store());
    let id = store.dice().id(store.clock())?;
    let sealed = sealer.seal(&place(id), body)?;
    Ok(execute!(batch, ADD, id, link.0, calendar.0, run.0, kind, store.clock().now(), &sealed)? == 1)
}

/// Intents of a calendar of which nobody knows what came, the oldest first.
///
/// # Errors
/// When the database does not answer, or a body does not open.
pub async fn open(
    store: &Store,
    on: &mut impl Source,
    calendar: CalendarId,
) -> Result<Vec<Intent>, StoreError> {
    opened(store, fetch_all!(on, Row, OF, calendar.0)?)
}

/// Intents of all calendars that do the same and of which nobody knows what came, the oldest
/// first.
///
/// # Errors
/// When the database does not answer, or a body does not open.
pub async fn of_kind(store: &Store, on: &mut impl Source, kind: &str) -> Result<Vec<Intent>, StoreError> {
    opened(store, fetch_all!(on, Row, OF_KIND, kind)?)
}

fn opened(store: &Store, rows: Vec<Row>) -> Result<Vec<Intent>, StoreError> {
    let opened = rows.into_iter().map(|row| {
        Ok(Intent {
            link: PairId(row.link_id),
            run: RunId(row.run_id),
            kind: row.kind,
            created_at: row.created_at,
            body: store.ring().open(&place(row.id), &row.body_sealed)?.reveal().to_owned(),
        })
    });
    opened.collect()
}

/// It is known what came of the pair's intent.
///
/// # Errors
/// When the database does not answer.
pub async fn done(batch: &mut Batch, link: PairId) -> Result<(), StoreError> {
    execute!(batch, DONE, link.0)?;
    Ok(())
}
