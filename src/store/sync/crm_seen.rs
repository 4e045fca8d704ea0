//! What was last seen of each record of the CRM; see [`super::google_seen`] for
//! what *dirty* means.

use std::collections::BTreeSet;

use postern_core::model::id::CalendarId;
use uuid::Uuid;

use super::google_seen::From;
use crate::clock::Micros;
use crate::seal::Place;
use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::keys::Sealer;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

statements! {
    KNOWN = "SELECT id FROM crm_seen WHERE entity = $1 AND record_id = $2";
    // What was stored after the CRM was asked may be newer than its answer, and stays.
    // What does not tell who takes part says nothing of it.
    PUT = "INSERT INTO crm_seen (id, entity, record_id, live, user_id, epoch, hash, dirty, seen_at, content_sealed, \
           people_hash) \
           VALUES ($1, $2, $3, $4, $5, COALESCE((SELECT c.epoch FROM crm_cursors c WHERE c.entity = $2), 0), \
           $6, $7, $8, $9, $11) ON CONFLICT (entity, record_id) DO UPDATE \
           SET live = excluded.live, user_id = excluded.user_id, epoch = excluded.epoch, \
           seen_at = excluded.seen_at, content_sealed = excluded.content_sealed, hash = excluded.hash, \
           people = CASE WHEN excluded.people_hash IS NULL OR excluded.people_hash = crm_seen.people_hash \
           THEN crm_seen.people ELSE 1 END, people_hash = COALESCE(excluded.people_hash, crm_seen.people_hash), \
           dirty = CASE WHEN excluded.dirty = 0 THEN 0 \
           WHEN crm_seen.hash <> excluded.hash OR crm_seen.live <> excluded.live THEN 1 ELSE crm_seen.dirty END \
           WHERE crm_seen.epoch < $10 AND crm_seen.id = excluded.id";
    GONE = "UPDATE crm_seen SET live = 0, dirty = $4, seen_at = $3, content_sealed = NULL, \
            epoch = COALESCE((SELECT c.epoch FROM crm_cursors c WHERE c.entity = $1), 0) \
            WHERE entity = $1 AND record_id = $2 AND live = 1";
    GET = "SELECT id, entity, record_id, live, user_id, hash, content_sealed, people_hash FROM crm_seen \
           WHERE entity = $1 AND record_id = $2";
    DIRTY_OF_USER = "SELECT s.id, s.entity, s.record_id, s.live, s.user_id, s.hash, s.content_sealed, s.people_hash \
                     FROM crm_seen s WHERE s.dirty <> 0 AND s.user_id = $1 AND NOT EXISTS (SELECT 1 FROM links l \
                     WHERE l.entity = s.entity AND l.record_id = s.record_id AND l.role = 'owner') \
                     ORDER BY s.id LIMIT $2";
    DIRTY_OF_LINKS = "SELECT s.id, s.entity, s.record_id, s.live, s.user_id, s.hash, s.content_sealed, s.people_hash \
                      FROM crm_seen s JOIN links l ON l.entity = s.entity AND l.record_id = s.record_id \
                      WHERE s.dirty <> 0 AND l.calendar_id = $1 AND l.role = 'owner' ORDER BY s.id LIMIT $2";
    PEOPLE_OF_LINKS = "SELECT s.id, s.entity, s.record_id, s.live, s.user_id, s.hash, s.content_sealed, s.people_hash \
                       FROM crm_seen s JOIN links l ON l.entity = s.entity AND l.record_id = s.record_id \
                       WHERE s.people = 1 AND s.live = 1 AND l.calendar_id = $1 AND l.role = 'owner' \
                       AND l.state = 'active' ORDER BY s.id LIMIT $2";
    MEET = "UPDATE crm_seen SET people = 1 WHERE entity = $1 AND record_id = $2";
    MET = "UPDATE crm_seen SET people = 0 WHERE entity = $1 AND record_id = $2 AND people_hash = $3";
    CLEAN = "UPDATE crm_seen SET dirty = 0 WHERE entity = $1 AND record_id = $2 AND hash = $3 AND live = $4";
    SOIL = "UPDATE crm_seen SET dirty = 1 WHERE entity = $1 AND record_id = $2";
    AGAIN = "SELECT entity, record_id FROM crm_seen WHERE dirty = 2 AND dirty <> 0";
    REPLAN = "UPDATE crm_seen SET dirty = 2 WHERE dirty = 0 AND live = 1 AND id IN (SELECT s.id FROM links l \
              JOIN crm_seen s ON s.entity = l.entity AND s.record_id = l.record_id WHERE l.calendar_id = $1)";
    REPLAN_OF = "UPDATE crm_seen SET dirty = 2 WHERE user_id = $1 AND dirty = 0 AND live = 1";
    LINKED = "SELECT s.record_id FROM crm_seen s WHERE s.entity = $1 AND s.live = 1 AND s.record_id > $2 \
              AND EXISTS (SELECT 1 FROM links l WHERE l.entity = s.entity AND l.record_id = s.record_id) \
              ORDER BY s.record_id LIMIT $3";
    // Never the same time twice, or a reading under way would take this one along.
    NAME = "UPDATE crm_seen SET named_at = CASE WHEN named_at >= $3 THEN named_at + 1 ELSE $3 END \
            WHERE entity = $1 AND record_id = $2 AND live = 1";
    NAMED = "SELECT record_id, named_at FROM crm_seen WHERE entity = $1 AND named_at IS NOT NULL \
             ORDER BY named_at, record_id LIMIT $2";
    READ = "UPDATE crm_seen SET named_at = NULL WHERE entity = $1 AND record_id = $2 AND named_at = $3";
    UNUSED = "DELETE FROM crm_seen WHERE NOT EXISTS (SELECT 1 FROM links l WHERE l.entity = crm_seen.entity \
              AND l.record_id = crm_seen.record_id) \
              AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.crm_user = crm_seen.user_id) \
              AND NOT EXISTS (SELECT 1 FROM crm_takers t WHERE t.entity = crm_seen.entity \
              AND t.record_id = crm_seen.record_id AND t.takes = 1)";
    // Whose runs have something to plan for: the calendar of a link, else the user's main one.
    WANTED = "SELECT DISTINCT COALESCE((SELECT l.calendar_id FROM links l WHERE l.entity = s.entity \
              AND l.record_id = s.record_id AND l.role = 'owner'), u.calendar_id) FROM crm_seen s \
              LEFT JOIN accounts a ON a.crm_user = s.user_id \
              LEFT JOIN calendar_users u ON u.account_id = a.id AND u.kind = 'main' AND u.active = 1 \
              WHERE s.dirty <> 0 AND s.seen_at >= $1";
    WANTED_BY_PEOPLE = "SELECT DISTINCT l.calendar_id FROM crm_seen s JOIN links l ON l.entity = s.entity \
                        AND l.record_id = s.record_id WHERE s.people = 1 AND s.seen_at >= $1 AND l.role = 'owner' \
                        AND l.state = 'active'";
}

/// A record as it was last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its kind.
    pub entity: String,
    /// Identity.
    pub record: String,
    /// Whether it is there.
    pub live: bool,
    /// The user it is assigned to.
    pub user: Option<String>,
    /// Of what it says, as far as anything depends on it.
    pub hash: Vec<u8>,
    /// JSON.
    pub content: Option<String>,
    /// Of who takes part, where that was ever told.
    pub people: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    entity: String,
    record_id: String,
    live: i64,
    user_id: Option<String>,
    hash: Vec<u8>,
    content_sealed: Option<Vec<u8>>,
    people_hash: Option<Vec<u8>>,
}

/// Where the content of a record is sealed.
pub(in crate::store) fn place(id: Uuid) -> Place {
    Place::row("crm_seen", "content_sealed", id)
}

impl Row {
    fn opened(self, store: &Store) -> Result<Seen, StoreError> {
        let open = |sealed: Vec<u8>| store.ring().open(&place(self.id), &sealed);
        let content = self.content_sealed.map(open).transpose()?.map(|text| text.reveal().to_owned());
        Ok(Seen {
            entity: self.entity,
            record: self.record_id,
            live: self.live != 0,
            user: self.user_id,
            hash: self.hash,
            content,
            people: self.people_hash,
        })
    }
}

/// Puts what was seen of single records.
///
/// # Errors
/// When the database does not answer.
pub async fn put(batch: &mut Batch, rows: &[Seen], from: From) -> Result<(), StoreError> {
    put_below(batch, rows, from, i64::MAX).await
}

/// Puts what a list has shown that was asked for at `asked`, see [`super::crm_cursors::ask`]: a
/// record that was stored since is left as it is. A list of changes shows it again next time.
///
/// # Errors
/// When the database does not answer.
pub async fn put_listed(batch: &mut Batch, rows: &[Seen], asked: i64) -> Result<(), StoreError> {
    put_below(batch, rows, From::Reading, asked).await
}

async fn put_below(batch: &mut Batch, rows: &[Seen], from: From, below: i64) -> Result<(), StoreError> {
    let sealer = Sealer::new(batch).await?;
    for row in rows {
        let known = known(batch, row).await?;
        let id = match known {
            Some(id) => id,
            None => batch.store().dice().id(batch.store().clock())?,
        };
        if put_row(batch, &sealer, (id, row), from, below).await? || known.is_some() {
            continue;
        }
        // Another process has put the row at the same time: what is sealed for one does not open in another.
        if let Some(id) = self::known(batch, row).await? {
            put_row(batch, &sealer, (id, row), from, below).await?;
        }
    }
    Ok(())
}

async fn known(batch: &mut Batch, row: &Seen) -> Result<Option<Uuid>, StoreError> {
    Ok(fetch_one!(batch, (Uuid,), KNOWN, &row.entity, &row.record)?.map(|(id,)| id))
}

async fn put_row(
    batch: &mut Batch,
    sealer: &Sealer,
    (id, row): (Uuid, &Seen),
    from: From,
    below: i64,
) -> Result<bool, StoreError> {
    let (now, dirty): (Micros, _) = (batch.store().clock().now(), i64::from(from != From::Ourselves));
    let sealed = row.content.as_deref().map(|text| sealer.seal(&place(id), text)).transpose()?;
    let put = execute!(
        batch,
        PUT,
        id,
        &row.entity,
        &row.record,
        i64::from(row.live),
        &row.user,
        &row.hash,
        dirty,
        now,
        &sealed,
        below,
        &row.people
    )?;
    Ok(put == 1)
}

/// Notes that a record is proven to be gone.
///
/// # Errors
/// When the database does not answer.
pub async fn gone(batch: &mut Batch, entity: &str, record: &str, from: From) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, GONE, entity, record, now, i64::from(from != From::Ourselves))?;
    Ok(())
}

/// What was last seen of a record.
///
/// # Errors
/// When the database does not answer, or the content does not open.
pub async fn get(
    store: &Store,
    on: &mut impl Source,
    entity: &str,
    record: &str,
) -> Result<Option<Seen>, StoreError> {
    fetch_one!(on, Row, GET, entity, record)?.map(|row: Row| row.opened(store)).transpose()
}

/// Records without a link of a user that show something new.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn dirty_of_user(
    store: &Store,
    on: &mut impl Source,
    user: &str,
    most: i64,
) -> Result<Vec<Seen>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, DIRTY_OF_USER, user, most)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// Records with a link in the calendar that show something new.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn dirty_of_links(
    store: &Store,
    on: &mut impl Source,
    calendar: CalendarId,
    most: i64,
) -> Result<Vec<Seen>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, DIRTY_OF_LINKS, calendar.0, most)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// Records with a link in the calendar in which others may take part now.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn people_of_links(
    store: &Store,
    on: &mut impl Source,
    calendar: CalendarId,
    most: i64,
) -> Result<Vec<Seen>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, PEOPLE_OF_LINKS, calendar.0, most)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// Has it looked at who takes part in a record.
///
/// # Errors
/// When the database does not answer.
pub async fn meet(batch: &mut Batch, entity: &str, record: &str) -> Result<(), StoreError> {
    execute!(batch, MEET, entity, record)?;
    Ok(())
}

/// Notes that it is known what the people of a record mean for its event, if they are still those of
/// which `told` is the fingerprint.
///
/// # Errors
/// When the database does not answer.
pub async fn met(batch: &mut Batch, entity: &str, record: &str, told: &[u8]) -> Result<(), StoreError> {
    execute!(batch, MET, entity, record, told)?;
    Ok(())
}

/// Notes that a record was planned for, if it still shows what the plan saw.
///
/// # Errors
/// When the database does not answer.
pub async fn clean(batch: &mut Batch, seen: &Seen) -> Result<(), StoreError> {
    execute!(batch, CLEAN, &seen.entity, &seen.record, &seen.hash, i64::from(seen.live))?;
    Ok(())
}

/// Has a record planned for again.
///
/// # Errors
/// When the database does not answer.
pub async fn soil(on: &mut impl Write, entity: &str, record: &str) -> Result<(), StoreError> {
    execute!(on, SOIL, entity, record)?;
    Ok(())
}

/// Records that are to be planned for only because somebody has chosen otherwise, each with its kind.
///
/// # Errors
/// When the database does not answer.
pub async fn again(on: &mut impl Source) -> Result<BTreeSet<(String, String)>, StoreError> {
    let rows: Vec<(String, String)> = fetch_all!(on, (String, String), AGAIN)?;
    Ok(rows.into_iter().collect())
}

/// Has the records of a calendar's pairs planned for again, and those of that user.
///
/// # Errors
/// When the database does not answer.
pub async fn replan(batch: &mut Batch, calendar: CalendarId, user: Option<&str>) -> Result<(), StoreError> {
    execute!(batch, REPLAN, calendar.0)?;
    if let Some(user) = user {
        execute!(batch, REPLAN_OF, user)?;
    }
    Ok(())
}

/// Records with a link that are thought to live, a page behind `after`.
///
/// # Errors
/// When the database does not answer.
pub async fn linked(
    on: &mut impl Source,
    entity: &str,
    after: &str,
    most: i64,
) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = fetch_all!(on, (String,), LINKED, entity, after, most)?;
    Ok(rows.into_iter().map(|(record,)| record).collect())
}

/// Notes that a webhook named a record; nothing comes of one that was never seen.
///
/// # Errors
/// When the database does not answer.
pub async fn name(batch: &mut Batch, entity: &str, record: &str) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, NAME, entity, record, now)?;
    Ok(())
}

/// Records that webhooks named since they were last asked for, and when; the
/// longest ago first.
///
/// # Errors
/// When the database does not answer.
pub async fn named(
    on: &mut impl Source,
    entity: &str,
    most: i64,
) -> Result<Vec<(String, Micros)>, StoreError> {
    fetch_all!(on, (String, i64), NAMED, entity, most)
}

/// Notes that a record was asked for, unless it was named again meanwhile.
///
/// # Errors
/// When the database does not answer.
pub async fn looked_up(
    batch: &mut Batch,
    entity: &str,
    record: &str,
    named_at: Micros,
) -> Result<(), StoreError> {
    execute!(batch, READ, entity, record, named_at)?;
    Ok(())
}

/// Calendars whose runs have something to plan for that was seen since.
///
/// # Errors
/// When the database does not answer.
pub async fn wanted(on: &mut impl Source, since: Micros) -> Result<Vec<CalendarId>, StoreError> {
    let rows: Vec<(Option<Uuid>,)> = fetch_all!(on, (Option<Uuid>,), WANTED, since)?;
    Ok(rows.into_iter().filter_map(|(id,)| id.map(CalendarId)).collect())
}

/// Calendars of pairs in whose record others take part by what was seen since.
///
/// # Errors
/// When the database does not answer.
pub async fn wanted_by_people(on: &mut impl Source, since: Micros) -> Result<Vec<CalendarId>, StoreError> {
    let rows: Vec<(Uuid,)> = fetch_all!(on, (Uuid,), WANTED_BY_PEOPLE, since)?;
    Ok(rows.into_iter().map(|(id,)| CalendarId(id)).collect())
}

/// Forgets records that belong to no user and no pair any more.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_unused(on: &mut impl Write) -> Result<(), StoreError> {
    execute!(on, UNUSED)?;
    Ok(())
}
