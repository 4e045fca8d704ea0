//! What was last seen of each event.
//!
//! A row is *dirty* when it shows something else than what was planned for
//! last. Putting what is known already changes nothing; a row is cleaned only
//! while it still shows what the plan saw.

use std::collections::BTreeSet;

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
    // An occurrence is computed only where it has no resource of its own.
    PUT = "INSERT INTO google_seen (calendar_id, event_id, etag, live, epoch, hash, dirty, seen_at, content_sealed, \
           series, computed, people) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1) \
           ON CONFLICT (calendar_id, event_id) DO UPDATE \
           SET etag = excluded.etag, live = excluded.live, epoch = excluded.epoch, seen_at = excluded.seen_at, \
           content_sealed = excluded.content_sealed, hash = excluded.hash, series = excluded.series, \
           computed = CASE WHEN $12 = 1 THEN google_seen.computed ELSE excluded.computed END, \
           people = CASE WHEN google_seen.hash <> excluded.hash OR google_seen.live <> excluded.live THEN 1 \
           ELSE google_seen.people END, \
           dirty = CASE WHEN excluded.dirty = 0 THEN 0 \
           WHEN google_seen.hash <> excluded.hash OR google_seen.live <> excluded.live THEN 1 \
           ELSE google_seen.dirty END WHERE $13 = 0 OR google_seen.computed = 1";
    GONE = "UPDATE google_seen SET live = 0, dirty = $4, seen_at = $3, content_sealed = NULL, \
            computed = computed * $5, people = 1 \
            WHERE calendar_id = $1 AND event_id = $2 AND live = 1";
    GET = "SELECT event_id, etag, live, epoch, hash, series, computed, content_sealed FROM google_seen \
           WHERE calendar_id = $1 AND event_id = $2";
    DIRTY = "SELECT event_id, etag, live, epoch, hash, series, computed, content_sealed FROM google_seen \
             WHERE calendar_id = $1 AND dirty <> 0 ORDER BY event_id LIMIT $2";
    CLEAN = "UPDATE google_seen SET dirty = 0 WHERE calendar_id = $1 AND event_id = $2 AND hash = $3 AND live = $4";
    SOIL = "UPDATE google_seen SET dirty = 1, people = 1 WHERE calendar_id = $1 AND event_id = $2";
    AGAIN = "SELECT event_id FROM google_seen WHERE calendar_id = $1 AND dirty = 2 AND dirty <> 0";
    REPLAN = "UPDATE google_seen SET dirty = 2 WHERE calendar_id = $1 AND dirty = 0 AND live = 1";
    PEOPLE = "SELECT g.event_id, g.etag, g.live, g.epoch, g.hash, g.series, g.computed, g.content_sealed \
              FROM google_seen g JOIN links l ON l.calendar_id = g.calendar_id AND l.event_id = g.event_id \
              WHERE g.calendar_id = $1 AND g.people = 1 AND g.event_id > $2 AND l.state = 'active' AND l.role <> 'copy' \
              ORDER BY g.event_id LIMIT $3";
    MET = "UPDATE google_seen SET people = 0 WHERE calendar_id = $1 AND event_id = $2 AND hash = $3 AND live = $4";
    // What the others who show the record have answered may concern it now.
    MEET_VIEWS = "UPDATE google_seen SET people = 1 WHERE EXISTS (SELECT 1 FROM links l \
                  WHERE l.calendar_id = google_seen.calendar_id AND l.event_id = google_seen.event_id \
                  AND l.entity = $1 AND l.record_id = $2 AND l.role = 'view')";
    UNSEEN = "SELECT event_id FROM google_seen WHERE calendar_id = $1 AND live = 1 AND epoch < $2 AND computed = 0 \
              ORDER BY event_id LIMIT $3";
    // A series that is none any more is known by the occurrences that it had.
    CHANGED_SERIES = "SELECT DISTINCT COALESCE(g.series, g.event_id) FROM google_seen g \
                      WHERE g.calendar_id = $1 AND g.dirty <> 0 AND (g.series IS NOT NULL OR EXISTS \
                      (SELECT 1 FROM google_seen o WHERE o.calendar_id = g.calendar_id AND o.series = g.event_id))";
    ALL_SERIES = "SELECT DISTINCT series FROM google_seen WHERE calendar_id = $1 AND series IS NOT NULL";
    OCCURRENCES = "SELECT event_id, etag, live, epoch, hash, series, computed, content_sealed FROM google_seen \
                   WHERE calendar_id = $1 AND series = $2 AND event_id <> $2 ORDER BY event_id LIMIT 20000";
    UNMADE = "SELECT count(*) FROM google_seen g WHERE g.live = 1 AND g.dirty <> 0 AND NOT EXISTS (SELECT 1 FROM links l \
              WHERE l.calendar_id = g.calendar_id AND l.event_id = g.event_id)";
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
    /// The series that it is of; its own identity when it is one.
    pub series: Option<String>,
    /// Whether it is an occurrence that has no resource of its own.
    pub computed: bool,
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
    series: Option<String>,
    computed: i64,
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
            series: self.series,
            computed: self.computed != 0,
            content,
        })
    }
}

/// How something became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// A list showed it: it has a resource of its own. It is planned for if it shows something new.
    Listing,
    /// It was looked up, which also shows occurrences that have none. Planned for likewise.
    Reading,
    /// It is the answer to our own write, which gave it a resource. It is not planned for.
    Ourselves,
    /// It was computed from its series. Planned for like what was read.
    Unfolding,
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
        let dirty = i64::from(from != From::Ourselves);
        let live = i64::from(row.live);
        let unfolded = i64::from(from == From::Unfolding);
        let keeps = i64::from(from == From::Reading);
        let occurrence = row.series.as_ref().is_some_and(|series| *series != row.event);
        let computed = if from == From::Reading { i64::from(occurrence) } else { unfolded };
        execute!(
            batch,
            PUT,
            calendar.0,
            &row.event,
            &row.etag,
            live,
            row.epoch,
            &row.hash,
            dirty,
            now,
            &sealed,
            &row.series,
            computed,
            keeps,
            unfolded
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
    let dirty = i64::from(from != From::Ourselves);
    // What we have deleted has a tombstone of its own.
    let keeps = dirty;
    execute!(batch, GONE, calendar.0, event, now, dirty, keeps)?;
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

/// Events that are to be planned for only because somebody has chosen otherwise.
///
/// # Errors
/// When the database does not answer.
pub async fn again(on: &mut impl Source, calendar: CalendarId) -> Result<BTreeSet<String>, StoreError> {
    let rows: Vec<(String,)> = fetch_all!(on, (String,), AGAIN, calendar.0)?;
    Ok(rows.into_iter().map(|(event,)| event).collect())
}

/// Has everything in the calendars that an account uses planned for again.
///
/// # Errors
/// When the database does not answer.
pub async fn replan(batch: &mut Batch, calendar: CalendarId) -> Result<(), StoreError> {
    execute!(batch, REPLAN, calendar.0)?;
    Ok(())
}

/// Events with a pair whose guests or whose owner's answer may be new, a page behind `after`.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn of_people(
    store: &Store,
    on: &mut impl Source,
    calendar: CalendarId,
    after: &str,
    most: i64,
) -> Result<Vec<Seen>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, PEOPLE, calendar.0, after, most)?;
    rows.into_iter().map(|row| row.opened(store, calendar)).collect()
}

/// Notes that the people of an event were dealt with, if it still shows what was seen.
///
/// # Errors
/// When the database does not answer.
pub async fn met(batch: &mut Batch, calendar: CalendarId, seen: &Seen) -> Result<(), StoreError> {
    execute!(batch, MET, calendar.0, &seen.event, &seen.hash, i64::from(seen.live))?;
    Ok(())
}

/// Has the answers looked at again of everybody who shows a record without owning it.
///
/// # Errors
/// When the database does not answer.
pub async fn meet_views(batch: &mut Batch, entity: &str, record: &str) -> Result<(), StoreError> {
    execute!(batch, MEET_VIEWS, entity, record)?;
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

/// Series of a calendar that have to be unfolded anew: all, or those of which something changed.
///
/// # Errors
/// When the database does not answer.
pub async fn series(
    on: &mut impl Source,
    calendar: CalendarId,
    all: bool,
) -> Result<BTreeSet<String>, StoreError> {
    let mut found: Vec<(String,)> = fetch_all!(on, (String,), CHANGED_SERIES, calendar.0)?;
    if all {
        let all: Vec<(String,)> = fetch_all!(on, (String,), ALL_SERIES, calendar.0)?;
        found.extend(all);
    }
    Ok(found.into_iter().map(|(series,)| series).collect())
}

/// What is known of the occurrences of a series.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn occurrences(
    store: &Store,
    on: &mut impl Source,
    calendar: CalendarId,
    series: &str,
) -> Result<Vec<Seen>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, OCCURRENCES, calendar.0, series)?;
    rows.into_iter().map(|row| row.opened(store, calendar)).collect()
}

/// How many events live.
///
/// # Errors
/// When the database does not answer.
pub async fn count(on: &mut impl Source, calendar: CalendarId) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), COUNT, calendar.0)?.map_or(0, |(count,)| count))
}

/// How many events of all calendars wait to become records.
///
/// # Errors
/// When the database does not answer.
pub async fn unmade(on: &mut impl Source) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), UNMADE)?.map_or(0, |(count,)| count))
}
