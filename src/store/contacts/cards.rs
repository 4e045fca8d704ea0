//! What was last seen of each Contact and Lead that a link has. One that shows something new makes
//! the links *dirty* that have it, in everybody's address book.

use postern_core::model::id::{BookId, PairId};
use postern_core::plan::contacts::card::Entity;
use uuid::Uuid;

use super::links;
use crate::clock::Micros;
use crate::seal::Place;
use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::keys::Sealer;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

statements! {
    KNOWN = "SELECT id, live, hash FROM cards_seen WHERE entity = $1 AND record_id = $2";
    // What was stored after the CRM was asked may be newer than its answer, and stays.
    PUT = "INSERT INTO cards_seen (id, entity, record_id, live, hash, seen_at, content_sealed, epoch) \
           VALUES ($1, $2, $3, 1, $4, $5, $6, COALESCE($8, (SELECT c.epoch FROM crm_cursors c WHERE c.entity = $2), 0)) \
           ON CONFLICT (entity, record_id) DO UPDATE SET live = 1, hash = excluded.hash, seen_at = excluded.seen_at, \
           content_sealed = excluded.content_sealed, epoch = excluded.epoch \
           WHERE cards_seen.epoch < $7 AND cards_seen.id = excluded.id";
    GONE = "UPDATE cards_seen SET live = 0, seen_at = $3, content_sealed = NULL, \
            epoch = COALESCE((SELECT c.epoch FROM crm_cursors c WHERE c.entity = $1), 0) \
            WHERE entity = $1 AND record_id = $2 AND live = 1";
    OF_BOOK = "SELECT c.id, c.entity, c.record_id, c.live, c.seen_at, c.content_sealed FROM cards_seen c \
               JOIN people_links l ON l.entity = c.entity AND l.record_id = c.record_id \
               WHERE l.book_id = $1 AND (l.dirty = 1 OR $2 = 1) ORDER BY c.id LIMIT 50000";
    GET = "SELECT id, entity, record_id, live, seen_at, content_sealed FROM cards_seen WHERE entity = $1 AND record_id = $2";
    UNUSED = "DELETE FROM cards_seen WHERE NOT EXISTS (SELECT 1 FROM people_links l \
              WHERE l.entity = cards_seen.entity AND l.record_id = cards_seen.record_id)";
}

/// A record as it was last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its kind.
    pub entity: Entity,
    /// Identity.
    pub record: String,
    /// Whether it is there.
    pub live: bool,
    /// JSON; none when it is gone, or what it shows is forgotten.
    pub content: Option<String>,
    /// When it was last read.
    pub seen_at: Micros,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    entity: String,
    record_id: String,
    live: i64,
    seen_at: i64,
    content_sealed: Option<Vec<u8>>,
}

/// Where the content of a record is sealed.
pub(in crate::store) fn place(id: Uuid) -> Place {
    Place::row("cards_seen", "content_sealed", id)
}

impl Row {
    fn opened(self, store: &Store) -> Result<Seen, StoreError> {
        let open = |sealed: Vec<u8>| store.ring().open(&place(self.id), &sealed);
        let content = self.content_sealed.filter(|_| self.live != 0).map(open).transpose()?;
        Ok(Seen {
            entity: Entity::parse(&self.entity)
                .ok_or_else(|| StoreError::inconsistent("cards_seen", "entity"))?,
            record: self.record_id,
            live: self.live != 0,
            content: content.map(|text| text.reveal().to_owned()),
            seen_at: self.seen_at,
        })
    }
}

/// What a record shows.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// Its kind.
    pub entity: Entity,
    /// Identity.
    pub record: &'a str,
    /// Of what it says, as far as anything depends on it.
    pub hash: &'a [u8; 32],
    /// JSON.
    pub content: &'a str,
}

/// Puts what was seen of a record. What a run has written by a link itself is new to all others.
///
/// # Errors
/// When the database does not answer.
pub async fn put(batch: &mut Batch, shown: &Shown<'_>, by: Option<PairId>) -> Result<(), StoreError> {
    put_as_of(batch, shown, by, None).await.map(drop)
}

/// Puts what an answer has shown that was asked for at `asked`, see
/// [`crate::store::sync::crm_cursors::ask`]; false when something was stored since, which stays.
///
/// # Errors
/// When the database does not answer.
pub async fn put_asked(
    batch: &mut Batch,
    shown: &Shown<'_>,
    by: Option<PairId>,
    asked: i64,
) -> Result<bool, StoreError> {
    put_as_of(batch, shown, by, Some(asked)).await
}

async fn put_as_of(
    batch: &mut Batch,
    shown: &Shown<'_>,
    by: Option<PairId>,
    asked: Option<i64>,
) -> Result<bool, StoreError> {
    let (sealer, store) = (Sealer::new(batch).await?, batch.store());
    let (entity, now, below) = (shown.entity.name(), store.clock().now(), asked.unwrap_or(i64::MAX));
    let mut known = fetch_one!(batch, (Uuid, i64, Vec<u8>), KNOWN, entity, shown.record)?;
    loop {
        let same = known.as_ref().is_some_and(|(_, live, hash)| *live == 1 && hash == shown.hash);
        let id = match known {
            Some((id, ..)) => id,
            None => store.dice().id(store.clock())?,
        };
        let sealed = sealer.seal(&place(id), shown.content)?;
        let hash = &shown.hash[..];
        if execute!(batch, PUT, id, entity, shown.record, hash, now, &sealed, below, asked)? == 1 {
            if !same {
                links::soil_record(batch, (shown.entity, shown.record), by).await?;
            }
            return Ok(true);
        }
        // Another process may have put the row at the same time: what is sealed for one does not open
        // in another.
        known = fetch_one!(batch, (Uuid, i64, Vec<u8>), KNOWN, entity, shown.record)?;
        if known.as_ref().is_none_or(|(known, ..)| *known == id) {
            return Ok(false);
        }
    }
}

/// Notes that a record is proven to be gone, or was deleted by a link.
///
/// # Errors
/// When the database does not answer.
pub async fn gone(
    batch: &mut Batch,
    (entity, record): (Entity, &str),
    by: Option<PairId>,
) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    if execute!(batch, GONE, entity.name(), record, now)? == 1 {
        links::soil_record(batch, (entity, record), by).await?;
    }
    Ok(())
}

/// The records of a book's links: of those that are to be planned for, or of all.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn of_book(
    store: &Store,
    on: &mut impl Source,
    book: BookId,
    all: bool,
) -> Result<Vec<Seen>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, OF_BOOK, book.0, i64::from(all))?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// A record as it was last seen; none when it never was.
///
/// # Errors
/// When the database does not answer, or the content does not open.
pub async fn get(
    store: &Store,
    on: &mut impl Source,
    (entity, record): (Entity, &str),
) -> Result<Option<Seen>, StoreError> {
    fetch_one!(on, Row, GET, entity.name(), record)?.map(|row: Row| row.opened(store)).transpose()
}

/// Forgets records that no link has any more.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_unused(on: &mut impl Write) -> Result<(), StoreError> {
    execute!(on, UNUSED)?;
    Ok(())
}
