//! What is to be done about people and their records; see [`crate::store::sync::intents`].

use std::collections::BTreeSet;

use postern_core::model::id::{BookId, PairId, RunId};
use postern_core::plan::contacts::card::Entity;
use uuid::Uuid;

use crate::clock::Micros;
use crate::seal::Place;
use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::keys::Sealer;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_all, statements};

statements! {
    ADD = "INSERT INTO people_intents (id, link_id, book_id, run_id, kind, created_at, body_sealed) \
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    OF = "SELECT id, link_id, kind, created_at, body_sealed FROM people_intents WHERE book_id = $1 \
          ORDER BY created_at, id LIMIT 10000";
    LINKS = "SELECT link_id FROM people_intents WHERE book_id = $1 ORDER BY link_id LIMIT 10000";
    RECORDS = "SELECT l.entity, l.record_id FROM people_intents i JOIN people_links l ON l.id = i.link_id \
               WHERE i.book_id = $1 AND l.record_id IS NOT NULL ORDER BY i.id LIMIT 10000";
    DONE = "DELETE FROM people_intents WHERE link_id = $1";
}

/// An intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// The link it is about.
    pub link: PairId,
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
    kind: String,
    created_at: i64,
    body_sealed: Vec<u8>,
}

/// Where the body of an intent is sealed.
pub(in crate::store) fn place(id: Uuid) -> Place {
    Place::row("people_intents", "body_sealed", id)
}

/// Adds an intent; false when there is one for the link.
///
/// # Errors
/// When the database does not answer.
pub async fn add(
    batch: &mut Batch,
    (book, run): (BookId, RunId),
    link: PairId,
    kind: &str,
    body: &str,
) -> Result<bool, StoreError> {
    let (sealer, store) = (Sealer::new(batch).await?, batch.store());
    let id = store.dice().id(store.clock())?;
    let sealed = sealer.seal(&place(id), body)?;
    Ok(execute!(batch, ADD, id, link.0, book.0, run.0, kind, store.clock().now(), &sealed)? == 1)
}

/// Intents of a book of which nobody knows what came, the oldest first.
///
/// # Errors
/// When the database does not answer, or a body does not open.
pub async fn open(store: &Store, on: &mut impl Source, book: BookId) -> Result<Vec<Intent>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, OF, book.0)?;
    let opened = rows.into_iter().map(|row| {
        Ok(Intent {
            link: PairId(row.link_id),
            kind: row.kind,
            created_at: row.created_at,
            body: store.ring().open(&place(row.id), &row.body_sealed)?.reveal().to_owned(),
        })
    });
    opened.collect()
}

/// The links of a book about which something is meant.
///
/// # Errors
/// When the database does not answer.
pub async fn links(on: &mut impl Source, book: BookId) -> Result<BTreeSet<PairId>, StoreError> {
    let rows: Vec<(Uuid,)> = fetch_all!(on, (Uuid,), LINKS, book.0)?;
    Ok(rows.into_iter().map(|(link,)| PairId(link)).collect())
}

/// Records of a book about whose links something is meant.
///
/// # Errors
/// When the database does not answer.
pub async fn records(on: &mut impl Source, book: BookId) -> Result<BTreeSet<(Entity, String)>, StoreError> {
    let rows: Vec<(String, String)> = fetch_all!(on, (String, String), RECORDS, book.0)?;
    Ok(rows.into_iter().filter_map(|(entity, record)| Some((Entity::parse(&entity)?, record))).collect())
}

/// It is known what came of the link's intent.
///
/// # Errors
/// When the database does not answer.
pub async fn done(batch: &mut Batch, link: PairId) -> Result<(), StoreError> {
    execute!(batch, DONE, link.0)?;
    Ok(())
}
