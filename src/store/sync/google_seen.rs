//! What was last seen of each event.
//!
//! A row is *dirty* when it shows something else than what was planned for
//! last. Putting what is known already changes nothing; a row is cleaned only
//! while it still shows what the plan saw.

use postern_core::model::id::CalendarId;
use uuid::Uuid;

use crate::clock::Micros;
use crate::seal::Place;
use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::keys::Sealer;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

statements! {
    PUT = "INSERT INTO google_seen (calendar_id, event_id, etag, live, epoch, hash, dirty, seen_at, content_sealed) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (calendar_id, event_id) DO UPDATE \
           SET etag = excluded.etag, live = excluded.live, epoch = excluded.epoch, seen_at = excluded.seen_at, \
           content_sealed = excluded.content_sealed, hash = excluded.hash, \
           dirty = CASE WHEN excluded.dirty = 0 THEN 0 \
           WHEN google_seen.hash <> excluded.hash OR google_seen.live <> excluded.live THEN 1 \
           ELSE google_seen.dirty END";
    GONE = "UPDATE google_seen SET live = 0, dirty = $4, seen_at = $3, content_sealed = NULL \
            WHERE calendar_id = $1 AND event_id = $2 AND live = 1";
    GET = "SELECT event_id, etag, live, epoch, hash, dirty, seen_at, content_sealed FROM google_seen \
           WHERE calendar_id = $1 AND event_id = $2";
    DIRTY = "SELECT event_id, etag, live, epoch, hash, dirty, seen_at, content_sealed FROM google_seen \
             WHERE calendar_id = $1 AND dirty = 1 ORDER BY event_id LIMIT $2";
    CLEAN = "UPDATE google_seen SET dirty = 0 WHERE calendar_id = $1 AND event_id = $2 AND hash = $3 AND live = $4";
    SOIL = "UPDATE google_seen SET dirty = 1 WHERE calendar_id = $1 AND event_id = $2";
    UNSEEN = "SELECT event_id FROM google_seen WHERE calendar_id = $1 AND live = 1 AND epoch < $2 \
              ORDER BY event_id LIMIT $3";
    COUNT = "SELECT count(*) FROM google_seen WHERE calendar_id = $1 AND live = 1";
}

/// An event as it was last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Identity in its calendar.
    pub event: String,
    /// Its version.
    pub etag: String,
    /// Whether it is there.
    pub live: bool,
    /// The full list that showed it last.
    pub epoch: i64,
    /// Of what it says, as far as anything depends on it.
    pub hash: Vec<u8>,
    /// JSON, as far as it may be kept.
    pub content: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    event_id: String,
    etag: String,
    live: i64,
    epoch: i64,
    hash: Vec<u8>,
    content_sealed: Option<Vec<u8>>,
}

/// Where the content of an event is sealed.
pub(in crate::store) fn place(calendar: Uuid, event: &str) -> Place {
    Place::new("google_seen", "content_sealed", &[calendar.as_bytes(), event.as_bytes()].concat())
}

impl Row {
    fn opened(self, store: &Store, calendar: CalendarId) -> Result<Seen, StoreError> {
        let open = |sealed: Vec<u8>| store.ring().open(&place(calendar.0, &self.event_id), &sealed);
        let content = self.content_sealed.map(open).transpose()?.map(|text| text.reveal().to_owned());
        Ok(Seen {
            event: self.event_id,
            etag: self.etag,
            live: self.live != 0,
            epoch: self.epoch,
            hash: self.hash,
            content,
        })
    }
}

/// Whether what is put has to be planned for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// It was read: if it shows something new, yes.
    Reading,
    /// It is the answer to our own write: no.
    Ourselves,
}

/// Puts what was seen of events.
///
/// # Errors
/// When the database does not answer.
pub async fn put(
    batch: &mut Batch,
    calendar: CalendarId,
    rows: &[Seen],
    from: From,
) -> Result<(), StoreError> {
    let sealer = Sealer::new(batch).await?;
    let now: Micros = batch.store().clock().now();
    for row in rows {
        let content = row.content.as_deref();
        let sealed = content.map(|text| sealer.seal(&place(calendar.0, &row.event), text)).transpose()?;
        let dirty = i64::from(from == From::Reading);
        let live = i64::from(row.live);
        execute!(
            batch, PUT, calendar.0, &row.event, &row.etag, live, row.epoch, &row.hash, dirty, now, &sealed
        )?;
    }
    Ok(())
}

/// Notes that an event is proven to be gone.
///
/// # Errors
/// When the database does not answer.
pub async fn gone(
    batch: &mut Batch,
    calendar: CalendarId,
    event: &str,
    from: From,
) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, GONE, calendar.0, event, now, i64::from(from == From::Reading))?;
    Ok(())
}

/// What was last seen of an event.
///
/// # Errors
/// When the database does not answer, or the content does not open.
pub async fn get(
    store: &Store,
    on: &mut impl Source,
    calendar: CalendarId,
    event: &str,
) -> Result<Option<Seen>, StoreError> {
    fetch_one!(on, Row, GET, calendar.0, event)?.map(|row: Row| row.opened(store, calendar)).transpose()
}

/// Events that show something new, at most `most`.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn dirty(
    store: &Store,
    on: &mut impl Source,
    calendar: CalendarId,
    most: i64,
) -> Result<Vec<Seen>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, DIRTY, calendar.0, most)?;
    rows.into_iter().map(|row| row.opened(store, calendar)).collect()
}

/// Notes that an event was planned for, if it still shows what the plan saw.
///
/// # Errors
/// When the database does not answer.
pub async fn clean(batch: &mut Batch, calendar: CalendarId, seen: &Seen) -> Result<(), StoreError> {
    execute!(batch, CLEAN, calendar.0, &seen.event, &seen.hash, i64::from(seen.live))?;
    Ok(())
}

/// Has an event planned for again.
///
/// # Errors
/// When the database does not answer.
pub async fn soil(on: &mut impl Write, calendar: CalendarId, event: &str) -> Result<(), StoreError> {
    execute!(on, SOIL, calendar.0, event)?;
    Ok(())
}

/// Events that are thought to live and that this epoch's list has not shown.
///
/// # Errors
/// When the database does not answer.
pub async fn unseen(
    on: &mut impl Source,
    calendar: CalendarId,
    epoch: i64,
    most: i64,
) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = fetch_all!(on, (String,), UNSEEN, calendar.0, epoch, most)?;
    Ok(rows.into_iter().map(|(event,)| event).collect())
}

/// How many events live.
///
/// # Errors
/// When the database does not answer.
pub async fn count(on: &mut impl Source, calendar: CalendarId) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), COUNT, calendar.0)?.map_or(0, |(count,)| count))
}
