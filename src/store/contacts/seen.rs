//! What was last seen of each person.
//!
//! A row is *dirty* when it shows something else than what was planned for last, and no link has the
//! person; of a person that a link has, that link is. A row is cleaned only while it still shows
//! what the plan saw. Of people whom no link has and who are not in the group a row is not *whole*:
//! it holds only by what they are known again.
//!
//! Lists show late what was written, so one may show a person as it was before it was last seen: that
//! is no edit, and is not put.

use postern_core::model::id::BookId;
use uuid::Uuid;

use crate::clock::Micros;
use crate::seal::Place;
use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::keys::Sealer;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};
pub use crate::store::sync::google_seen::From;

statements! {
    KNOWN = "SELECT live, hash, changed_at FROM people_seen WHERE book_id = $1 AND resource = $2";
    PUT = "INSERT INTO people_seen (book_id, resource, live, whole, epoch, hash, dirty, seen_at, changed_at, \
           content_sealed) VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (book_id, resource) DO UPDATE \
           SET live = 1, whole = excluded.whole, epoch = excluded.epoch, hash = excluded.hash, \
           dirty = excluded.dirty, seen_at = excluded.seen_at, changed_at = excluded.changed_at, \
           content_sealed = excluded.content_sealed";
    // What is known already keeps its mark, and tells more when it is whole.
    SAME = "UPDATE people_seen SET epoch = $3, whole = $4, dirty = CASE WHEN $6 = 1 THEN 0 ELSE dirty END, \
            content_sealed = $5, changed_at = $7 WHERE book_id = $1 AND resource = $2";
    OLDER = "UPDATE people_seen SET epoch = $3 WHERE book_id = $1 AND resource = $2";
    GONE = "UPDATE people_seen SET live = 0, dirty = 0, seen_at = $3, content_sealed = NULL \
            WHERE book_id = $1 AND resource = $2 AND live = 1";
    SOIL_LINK = "UPDATE people_links SET dirty = 1, soils = soils + 1 WHERE book_id = $1 AND resource = $2";
    GET = "SELECT resource, live, whole, epoch, hash, changed_at, content_sealed FROM people_seen \
           WHERE book_id = $1 AND resource = $2";
    DIRTY = "SELECT s.resource, s.live, s.whole, s.epoch, s.hash, s.changed_at, s.content_sealed FROM people_seen s \
             WHERE s.book_id = $1 AND s.dirty <> 0 AND s.live = 1 AND NOT EXISTS (SELECT 1 FROM people_links l \
             WHERE l.book_id = s.book_id AND l.resource = s.resource) ORDER BY s.resource LIMIT $2";
    LIVING = "SELECT resource, live, whole, epoch, hash, changed_at, content_sealed FROM people_seen \
              WHERE book_id = $1 AND live = 1 ORDER BY resource LIMIT $2";
    LINKED = "SELECT s.resource, s.live, s.whole, s.epoch, s.hash, s.changed_at, s.content_sealed FROM people_seen s \
              JOIN people_links l ON l.book_id = s.book_id AND l.resource = s.resource \
              WHERE s.book_id = $1 AND (l.dirty = 1 OR $2 = 1) ORDER BY s.resource LIMIT 50000";
    CLEAN = "UPDATE people_seen SET dirty = 0 WHERE book_id = $1 AND resource = $2 AND hash = $3 AND live = 1";
    SOIL = "UPDATE people_seen SET dirty = 1 WHERE book_id = $1 AND resource = $2 AND live = 1";
    // Whoever may be a stranger in another group, or by other choices.
    REPLAN = "UPDATE people_seen SET dirty = 1 WHERE book_id = $1 AND live = 1";
    UNSEEN = "SELECT resource FROM people_seen WHERE book_id = $1 AND live = 1 AND epoch < $2 \
              ORDER BY resource LIMIT $3";
    COUNT = "SELECT count(*) FROM people_seen WHERE book_id = $1 AND live = 1";
    FORGET = "DELETE FROM people_seen WHERE book_id = $1 AND live = 0 AND NOT EXISTS (SELECT 1 FROM people_links l \
              WHERE l.book_id = people_seen.book_id AND l.resource = people_seen.resource)";
}

/// A person as it was last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Google's name of it.
    pub resource: String,
    /// Whether it is there.
    pub live: bool,
    /// Whether everything that Google said of it is kept.
    pub whole: bool,
    /// The full list that showed it last.
    pub epoch: i64,
    /// Of what it says, as far as anything depends on it.
    pub hash: Vec<u8>,
    /// When it was last changed, as Google says.
    pub changed_at: Micros,
    /// JSON.
    pub content: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    resource: String,
    live: i64,
    whole: i64,
    epoch: i64,
    hash: Vec<u8>,
    changed_at: i64,
    content_sealed: Option<Vec<u8>>,
}

/// Where the content of a person is sealed.
pub(in crate::store) fn place(book: Uuid, resource: &str) -> Place {
    Place::new("people_seen", "content_sealed", &[book.as_bytes(), resource.as_bytes()].concat())
}

impl Row {
    fn opened(self, store: &Store, book: BookId) -> Result<Seen, StoreError> {
        let open = |sealed: Vec<u8>| store.ring().open(&place(book.0, &self.resource), &sealed);
        Ok(Seen {
            content: self.content_sealed.map(open).transpose()?.map(|text| text.reveal().to_owned()),
            resource: self.resource,
            live: self.live != 0,
            whole: self.whole != 0,
            epoch: self.epoch,
            hash: self.hash,
            changed_at: self.changed_at,
        })
    }
}

fn opened(store: &Store, book: BookId, rows: Vec<Row>) -> Result<Vec<Seen>, StoreError> {
    rows.into_iter().map(|row| row.opened(store, book)).collect()
}

/// Puts what was seen of people who are there.
///
/// # Errors
/// When the database does not answer.
pub async fn put(batch: &mut Batch, book: BookId, rows: &[Seen], from: From) -> Result<(), StoreError> {
    let sealer = Sealer::new(batch).await?;
    let now = batch.store().clock().now();
    let own = i64::from(from == From::Ourselves);
    for row in rows {
        let known = fetch_one!(batch, (i64, Vec<u8>, i64), KNOWN, book.0, &row.resource)?;
        let later = known.as_ref().is_some_and(|(_, _, changed_at)| *changed_at > row.changed_at);
        if later && from == From::Listing {
            execute!(batch, OLDER, book.0, &row.resource, row.epoch)?;
            continue;
        }
        let content = row.content.as_deref();
        let sealed = content.map(|text| sealer.seal(&place(book.0, &row.resource), text)).transpose()?;
        let (whole, changed) = (i64::from(row.whole), row.changed_at);
        if known.is_some_and(|(live, hash, _)| live == 1 && hash == row.hash) {
            execute!(batch, SAME, book.0, &row.resource, row.epoch, whole, &sealed, own, changed)?;
            continue;
        }
        let (epoch, hash, dirty) = (row.epoch, &row.hash, 1 - own);
        execute!(batch, PUT, book.0, &row.resource, whole, epoch, hash, dirty, now, changed, &sealed)?;
        if own == 0 {
            execute!(batch, SOIL_LINK, book.0, &row.resource)?;
        }
    }
    Ok(())
}

/// Notes that a person is proven to be gone.
///
/// # Errors
/// When the database does not answer.
pub async fn gone(batch: &mut Batch, book: BookId, resource: &str, from: From) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    if execute!(batch, GONE, book.0, resource, now)? == 1 && from != From::Ourselves {
        execute!(batch, SOIL_LINK, book.0, resource)?;
    }
    Ok(())
}

/// What was last seen of a person.
///
/// # Errors
/// When the database does not answer, or the content does not open.
pub async fn get(
    store: &Store,
    on: &mut impl Source,
    book: BookId,
    resource: &str,
) -> Result<Option<Seen>, StoreError> {
    fetch_one!(on, Row, GET, book.0, resource)?.map(|row: Row| row.opened(store, book)).transpose()
}

/// People without a link who show something new, at most `most`.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn dirty(
    store: &Store,
    on: &mut impl Source,
    book: BookId,
    most: i64,
) -> Result<Vec<Seen>, StoreError> {
    opened(store, book, fetch_all!(on, Row, DIRTY, book.0, most)?)
}

/// Everybody who is there, at most `most`.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn living(
    store: &Store,
    on: &mut impl Source,
    book: BookId,
    most: i64,
) -> Result<Vec<Seen>, StoreError> {
    opened(store, book, fetch_all!(on, Row, LIVING, book.0, most)?)
}

/// The people of links: of those that are to be planned for, or of all.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn linked(
    store: &Store,
    on: &mut impl Source,
    book: BookId,
    all: bool,
) -> Result<Vec<Seen>, StoreError> {
    opened(store, book, fetch_all!(on, Row, LINKED, book.0, i64::from(all))?)
}

/// Notes that a person was planned for, if it still shows what the plan saw.
///
/// # Errors
/// When the database does not answer.
pub async fn clean(batch: &mut Batch, book: BookId, seen: &Seen) -> Result<(), StoreError> {
    execute!(batch, CLEAN, book.0, &seen.resource, &seen.hash)?;
    Ok(())
}

/// Has a person without a link planned for again.
///
/// # Errors
/// When the database does not answer.
pub async fn soil(on: &mut impl Write, book: BookId, resource: &str) -> Result<(), StoreError> {
    execute!(on, SOIL, book.0, resource)?;
    Ok(())
}

/// Has everybody planned for again.
///
/// # Errors
/// When the database does not answer.
pub async fn replan(batch: &mut Batch, book: BookId) -> Result<(), StoreError> {
    execute!(batch, REPLAN, book.0)?;
    Ok(())
}

/// People who are thought to be there and whom this epoch's list has not shown.
///
/// # Errors
/// When the database does not answer.
pub async fn unseen(
    on: &mut impl Source,
    book: BookId,
    epoch: i64,
    most: i64,
) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = fetch_all!(on, (String,), UNSEEN, book.0, epoch, most)?;
    Ok(rows.into_iter().map(|(resource,)| resource).collect())
}

/// How many people are there.
///
/// # Errors
/// When the database does not answer.
pub async fn count(on: &mut impl Source, book: BookId) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), COUNT, book.0)?.map_or(0, |(count,)| count))
}

/// Forgets who is gone and has no link.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_gone(batch: &mut Batch, book: BookId) -> Result<(), StoreError> {
    execute!(batch, FORGET, book.0)?;
    Ok(())
}
