//! A person and a record that are one, and what both showed when they last agreed.
//!
//! The database itself sees to it that in an address book a person is one link's, and a record is.

use std::collections::BTreeSet;

use postern_core::model::id::{AccountId, BookId, PairId};
use postern_core::plan::contacts::card::Entity;
use postern_core::plan::link::{Base, Side, State};
use uuid::Uuid;

use crate::clock::Micros;
use crate::seal::Place;
use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::keys::Sealer;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

statements! {
    ADD = "INSERT INTO people_links (id, account_id, book_id, resource, source, entity, record_id, origin, state, visible, \
           dirty, churn_at, churn, created_at, modified_at, base_sealed) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $12, $12, $13) ON CONFLICT DO NOTHING";
    PUT = "UPDATE people_links SET resource = $2, source = $3, entity = $4, record_id = $5, state = $6, visible = $7, \
           base_sealed = $8, modified_at = $9 WHERE id = $1";
    GET = "SELECT id, account_id, book_id, resource, source, entity, record_id, origin, state, visible, dirty, soils, base_sealed \
           FROM people_links WHERE id = $1";
    OF_BOOK = "SELECT id, account_id, book_id, resource, source, entity, record_id, origin, state, visible, dirty, soils, \
               base_sealed FROM people_links WHERE book_id = $1 AND (dirty = 1 OR $2 = 1) ORDER BY id LIMIT 50000";
    BY_RECORD = "SELECT id, account_id, book_id, resource, source, entity, record_id, origin, state, visible, dirty, soils, \
                 base_sealed FROM people_links WHERE book_id = $1 AND entity = $2 AND record_id = $3";
    BY_PERSON = "SELECT id, account_id, book_id, resource, source, entity, record_id, origin, state, visible, dirty, soils, \
                 base_sealed FROM people_links WHERE book_id = $1 AND resource = $2";
    // Only while nobody has had it planned for again since: others see records, too.
    CLEAN = "UPDATE people_links SET dirty = 0 WHERE id = $1 AND soils = $2";
    SOIL = "UPDATE people_links SET dirty = 1, soils = soils + 1 WHERE id = $1";
    SOIL_ALL = "UPDATE people_links SET dirty = 1, soils = soils + 1 WHERE book_id = $1";
    SOIL_RECORD = "UPDATE people_links SET dirty = 1, soils = soils + 1 WHERE entity = $1 AND record_id = $2 AND id <> $3";
    WAKE = "UPDATE address_books SET next_at = $3 WHERE next_at > $3 AND failures = 0 AND id IN \
            (SELECT book_id FROM people_links WHERE entity = $1 AND record_id = $2 AND state = 'active' AND id <> $4)";
    LET_ALL = "UPDATE people_links SET state = 'detached', dirty = 0, modified_at = $2 WHERE book_id = $1 \
               AND state = 'active'";
    SHARED = "SELECT l.entity, l.record_id FROM people_links l WHERE l.book_id = $1 AND EXISTS (SELECT 1 \
              FROM people_links o WHERE o.entity = l.entity AND o.record_id = l.record_id AND o.book_id <> l.book_id \
              AND o.state = 'active')";
    ELSEWHERE = "SELECT count(*) FROM people_links WHERE book_id <> $1 AND entity = $2 AND record_id = $3 \
                 AND state = 'active'";
    OTHERS = "SELECT count(*) FROM people_links WHERE book_id <> $1 AND entity = $2 AND record_id = $3";
    RECORDS = "SELECT DISTINCT record_id FROM people_links WHERE entity = $1 AND record_id > $2 \
               ORDER BY record_id LIMIT $3";
    OF_RECORDS = "SELECT entity, record_id FROM people_links WHERE book_id = $1 AND record_id IS NOT NULL";
    ACTIVE = "SELECT count(*) FROM people_links WHERE book_id = $1 AND state = 'active'";
    ANY = "SELECT count(*) FROM people_links WHERE entity = $1";
    HAS = "SELECT count(*) FROM people_links WHERE entity = $1 AND record_id = $2";
    CHURN = "UPDATE people_links SET churn = CASE WHEN churn_at > $2 THEN churn + 1 ELSE 1 END, \
             churn_at = CASE WHEN churn_at > $2 THEN churn_at ELSE $3 END WHERE id = $1 RETURNING churn";
    REMOVE = "DELETE FROM people_links WHERE id = $1";
    PAGE = "SELECT id, account_id, book_id, resource, source, entity, record_id, origin, state, visible, dirty, soils, \
            base_sealed FROM people_links WHERE book_id = $1 ORDER BY id LIMIT $2 OFFSET $3";
    AFTER = "SELECT id, account_id, book_id, resource, source, entity, record_id, origin, state, visible, dirty, soils, \
             base_sealed FROM people_links WHERE book_id = $1 AND id > $2 AND resource IS NOT NULL \
             AND record_id IS NOT NULL ORDER BY id LIMIT $3";
    COUNT = "SELECT count(*) FROM people_links WHERE book_id = $1";
}

/// A link.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Identity.
    pub id: PairId,
    /// Whose.
    pub account: AccountId,
    /// In which address book.
    pub book: BookId,
    /// Google's name of the person; none before it was made.
    pub resource: Option<String>,
    /// Its identity in the address book.
    pub source: Option<String>,
    /// The kind of the record.
    pub entity: Entity,
    /// The record; none before it was made.
    pub record: Option<String>,
    /// Where it was first.
    pub origin: Side,
    /// What may be done with it.
    pub state: State,
    /// Whether the user may see the record.
    pub visible: bool,
    /// Whether it is to be planned for.
    pub dirty: bool,
    /// How often it was to be planned for again: by this it is cleaned only of what was planned for.
    pub soils: i64,
    /// What was last agreed.
    pub base: Base,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    account_id: Uuid,
    book_id: Uuid,
    resource: Option<String>,
    source: Option<String>,
    entity: String,
    record_id: Option<String>,
    origin: String,
    state: String,
    visible: i64,
    dirty: i64,
    soils: i64,
    base_sealed: Vec<u8>,
}

/// Where the base of a link is sealed.
pub(in crate::store) fn place(id: Uuid) -> Place {
    Place::row("people_links", "base_sealed", id)
}

impl Row {
    fn opened(self, store: &Store) -> Result<Link, StoreError> {
        let broken = |column| move || StoreError::inconsistent("people_links", column);
        let base = match &self.base_sealed[..] {
            // The key was lost.
            [] => Base::forgotten(),
            sealed => serde_json::from_str(store.ring().open(&place(self.id), sealed)?.reveal())
                .map_err(|_| broken("base_sealed")())?,
        };
        Ok(Link {
            id: PairId(self.id),
            account: AccountId(self.account_id),
            book: BookId(self.book_id),
            resource: self.resource,
            source: self.source,
            entity: Entity::parse(&self.entity).ok_or_else(broken("entity"))?,
            record: self.record_id,
            origin: Side::parse(&self.origin).ok_or_else(broken("origin"))?,
            state: State::parse(&self.state).ok_or_else(broken("state"))?,
            visible: self.visible != 0,
            dirty: self.dirty != 0,
            soils: self.soils,
            base,
        })
    }
}

fn opened(store: &Store, rows: Vec<Row>) -> Result<Vec<Link>, StoreError> {
    rows.into_iter().map(|row| row.opened(store)).collect()
}

fn written(base: &Base) -> Result<String, StoreError> {
    serde_json::to_string(base).map_err(|_| StoreError::inconsistent("people_links", "base_sealed"))
}

/// Adds a link; false when person or record is another one's.
///
/// # Errors
/// When the database does not answer.
pub async fn add(batch: &mut Batch, link: &Link) -> Result<bool, StoreError> {
    let (sealer, now) = (Sealer::new(batch).await?, batch.store().clock().now());
    let base = sealer.seal(&place(link.id.0), &written(&link.base)?)?;
    let rows = execute!(
        batch,
        ADD,
        link.id.0,
        link.account.0,
        link.book.0,
        &link.resource,
        &link.source,
        link.entity.name(),
        &link.record,
        link.origin.name(),
        link.state.name(),
        i64::from(link.visible),
        i64::from(link.dirty),
        now,
        &base
    )?;
    Ok(rows == 1)
}

/// Stores what changed of a link: its sides, state, sight and base.
///
/// # Errors
/// When the database does not answer, or a side is another link's.
pub async fn put(batch: &mut Batch, link: &Link) -> Result<(), StoreError> {
    let (sealer, now) = (Sealer::new(batch).await?, batch.store().clock().now());
    let base = sealer.seal(&place(link.id.0), &written(&link.base)?)?;
    let (entity, state, visible) = (link.entity.name(), link.state.name(), i64::from(link.visible));
    let Link { id, resource, source, record, .. } = link;
    execute!(batch, PUT, id.0, resource, source, entity, record, state, visible, &base, now)?;
    Ok(())
}

/// A link.
///
/// # Errors
/// When the database does not answer, or the base does not open.
pub async fn get(store: &Store, on: &mut impl Source, id: PairId) -> Result<Option<Link>, StoreError> {
    fetch_one!(on, Row, GET, id.0)?.map(|row: Row| row.opened(store)).transpose()
}

/// The links of a book: those that are to be planned for, or all.
///
/// # Errors
/// When the database does not answer, or a base does not open.
pub async fn of_book(
    store: &Store,
    on: &mut impl Source,
    book: BookId,
    all: bool,
) -> Result<Vec<Link>, StoreError> {
    opened(store, fetch_all!(on, Row, OF_BOOK, book.0, i64::from(all))?)
}

/// A page of the links of a book, the oldest first.
///
/// # Errors
/// When the database does not answer, or a base does not open.
pub async fn page(
    store: &Store,
    on: &mut impl Source,
    book: BookId,
    (most, offset): (i64, i64),
) -> Result<Vec<Link>, StoreError> {
    opened(store, fetch_all!(on, Row, PAGE, book.0, most, offset)?)
}

/// A page of the links of a book that know both of their sides, behind `after`.
///
/// # Errors
/// When the database does not answer, or a base does not open.
pub async fn after(
    store: &Store,
    on: &mut impl Source,
    (book, after): (BookId, PairId),
    most: i64,
) -> Result<Vec<Link>, StoreError> {
    opened(store, fetch_all!(on, Row, AFTER, book.0, after.0, most)?)
}

/// How many links a book has.
///
/// # Errors
/// When the database does not answer.
pub async fn count(on: &mut impl Source, book: BookId) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), COUNT, book.0)?.map_or(0, |(count,)| count))
}

/// The link of a record in a book.
///
/// # Errors
/// When the database does not answer, or the base does not open.
pub async fn by_record(
    store: &Store,
    on: &mut impl Source,
    book: BookId,
    (entity, record): (Entity, &str),
) -> Result<Option<Link>, StoreError> {
    let row = fetch_one!(on, Row, BY_RECORD, book.0, entity.name(), record)?;
    row.map(|row: Row| row.opened(store)).transpose()
}

/// The link of a person in a book.
///
/// # Errors
/// When the database does not answer, or the base does not open.
pub async fn by_person(
    store: &Store,
    on: &mut impl Source,
    book: BookId,
    resource: &str,
) -> Result<Option<Link>, StoreError> {
    fetch_one!(on, Row, BY_PERSON, book.0, resource)?.map(|row: Row| row.opened(store)).transpose()
}

/// It was planned for as it was read; what came since is planned for next.
///
/// # Errors
/// When the database does not answer.
pub async fn clean(batch: &mut Batch, link: &Link) -> Result<(), StoreError> {
    execute!(batch, CLEAN, link.id.0, link.soils)?;
    Ok(())
}

/// Has a link planned for again.
///
/// # Errors
/// When the database does not answer.
pub async fn soil(on: &mut impl Write, id: PairId) -> Result<(), StoreError> {
    execute!(on, SOIL, id.0)?;
    Ok(())
}

/// Has all links of a book planned for again.
///
/// # Errors
/// When the database does not answer.
pub async fn soil_all(batch: &mut Batch, book: BookId) -> Result<(), StoreError> {
    execute!(batch, SOIL_ALL, book.0)?;
    Ok(())
}

/// Has everybody's link of a record planned for again, and soon; but not the one by which it was
/// changed.
///
/// # Errors
/// When the database does not answer.
pub async fn soil_record(
    batch: &mut Batch,
    (entity, record): (Entity, &str),
    by: Option<PairId>,
) -> Result<(), StoreError> {
    let (now, but) = (batch.store().clock().now(), by.map_or(Uuid::nil(), |link| link.0));
    execute!(batch, SOIL_RECORD, entity.name(), record, but)?;
    execute!(batch, WAKE, entity.name(), record, now, but)?;
    Ok(())
}

/// Lets all links of a book go: both sides live on.
///
/// # Errors
/// When the database does not answer.
pub async fn let_all(batch: &mut Batch, book: BookId) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, LET_ALL, book.0, now)?;
    Ok(())
}

/// Records of a book that other users have in theirs.
///
/// # Errors
/// When the database does not answer.
pub async fn shared(on: &mut impl Source, book: BookId) -> Result<BTreeSet<(Entity, String)>, StoreError> {
    let rows: Vec<(String, String)> = fetch_all!(on, (String, String), SHARED, book.0)?;
    Ok(rows.into_iter().filter_map(|(entity, record)| Some((Entity::parse(&entity)?, record))).collect())
}

/// Whether other users have a record in their books.
///
/// # Errors
/// When the database does not answer.
pub async fn elsewhere(
    on: &mut impl Source,
    book: BookId,
    (entity, record): (Entity, &str),
) -> Result<bool, StoreError> {
    let found = fetch_one!(on, (i64,), ELSEWHERE, book.0, entity.name(), record)?;
    Ok(found.is_some_and(|(count,)| count > 0))
}

/// Whether other users have, or had, a record in their books.
///
/// # Errors
/// When the database does not answer.
pub async fn others(
    on: &mut impl Source,
    book: BookId,
    (entity, record): (Entity, &str),
) -> Result<bool, StoreError> {
    let found = fetch_one!(on, (i64,), OTHERS, book.0, entity.name(), record)?;
    Ok(found.is_some_and(|(count,)| count > 0))
}

/// Records of a kind that links have, a page behind `after`.
///
/// # Errors
/// When the database does not answer.
pub async fn records(
    on: &mut impl Source,
    entity: Entity,
    after: &str,
    most: i64,
) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = fetch_all!(on, (String,), RECORDS, entity.name(), after, most)?;
    Ok(rows.into_iter().map(|(record,)| record).collect())
}

/// Records that links of a book have.
///
/// # Errors
/// When the database does not answer.
pub async fn records_of(
    on: &mut impl Source,
    book: BookId,
) -> Result<BTreeSet<(Entity, String)>, StoreError> {
    let rows: Vec<(String, String)> = fetch_all!(on, (String, String), OF_RECORDS, book.0)?;
    Ok(rows.into_iter().filter_map(|(entity, record)| Some((Entity::parse(&entity)?, record))).collect())
}

/// How many links of a book are kept in step.
///
/// # Errors
/// When the database does not answer.
pub async fn active(on: &mut impl Source, book: BookId) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), ACTIVE, book.0)?.map_or(0, |(count,)| count))
}

/// Whether any link has a record of the kind.
///
/// # Errors
/// When the database does not answer.
pub async fn any(on: &mut impl Source, entity: Entity) -> Result<bool, StoreError> {
    Ok(fetch_one!(on, (i64,), ANY, entity.name())?.is_some_and(|(count,)| count > 0))
}

/// Whether any link has the record.
///
/// # Errors
/// When the database does not answer.
pub async fn has(on: &mut impl Source, entity: Entity, record: &str) -> Result<bool, StoreError> {
    Ok(fetch_one!(on, (i64,), HAS, entity.name(), record)?.is_some_and(|(count,)| count > 0))
}

/// Counts a write; how many there were since `window` began.
///
/// # Errors
/// When the database does not answer.
pub async fn churned(batch: &mut Batch, id: PairId, window: Micros) -> Result<i64, StoreError> {
    let now = batch.store().clock().now();
    Ok(fetch_one!(batch, (i64,), CHURN, id.0, now - window, now)?.map_or(0, |(churn,)| churn))
}

/// Forgets a link that came to nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn remove(on: &mut impl Write, id: PairId) -> Result<(), StoreError> {
    execute!(on, REMOVE, id.0)?;
    Ok(())
}
