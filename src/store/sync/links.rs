//! Pairs of an event and a record, and what both showed when they last agreed.
//!
//! The database itself sees to it that an event is one pair's, that an event
//! that stands in many calendars is one record, and that a record is one pair's.

use postern_core::model::id::{AccountId, CalendarId, PairId};
use postern_core::plan::calendar::people::People;
use postern_core::plan::link::{Base, Side, State};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Micros;
use crate::seal::Place;
use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::keys::Sealer;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_one, statements};

statements! {
    ADD = "INSERT INTO links (id, account_id, calendar_id, event_id, ical_uid, entity, record_id, origin, role, state, \
           generation, churn_at, churn, created_at, modified_at, base_sealed) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $12, $12, $13) ON CONFLICT DO NOTHING";
    GET = "SELECT id, account_id, calendar_id, event_id, ical_uid, entity, record_id, origin, role, state, generation, \
           base_sealed FROM links WHERE id = $1";
    BY_EVENT = "SELECT id, account_id, calendar_id, event_id, ical_uid, entity, record_id, origin, role, state, \
                generation, base_sealed FROM links WHERE calendar_id = $1 AND event_id = $2";
    BY_UID = "SELECT id, account_id, calendar_id, event_id, ical_uid, entity, record_id, origin, role, state, \
              generation, base_sealed FROM links WHERE ical_uid = $1 AND role = 'owner'";
    BY_RECORD = "SELECT id, account_id, calendar_id, event_id, ical_uid, entity, record_id, origin, role, state, \
                 generation, base_sealed FROM links WHERE entity = $1 AND record_id = $2 AND role = 'owner'";
    PUT = "UPDATE links SET event_id = $2, ical_uid = $3, record_id = $4, state = $5, generation = $6, \
           base_sealed = $7, modified_at = $8 WHERE id = $1";
    // Whoever else wants the row waits for the end of this batch.
    HOLD = "UPDATE links SET modified_at = modified_at WHERE id = $1 AND role <> 'view'";
    REKEY = "UPDATE links SET event_id = $2, ical_uid = $3, modified_at = $4 WHERE id = $1";
    RETURNED = "DELETE FROM links WHERE calendar_id = $1 AND state = 'detached' AND EXISTS (SELECT 1 FROM google_seen g \
                WHERE g.calendar_id = links.calendar_id AND g.event_id = links.event_id AND g.dirty <> 0 AND g.live = 1) \
                AND EXISTS (SELECT 1 FROM crm_seen s WHERE s.entity = links.entity AND s.record_id = links.record_id \
                AND s.live = 0)";
    CHURN = "UPDATE links SET churn = CASE WHEN churn_at > $2 THEN churn + 1 ELSE 1 END, \
             churn_at = CASE WHEN churn_at > $2 THEN churn_at ELSE $3 END WHERE id = $1 RETURNING churn";
    ACTIVE = "SELECT count(*) FROM links WHERE calendar_id = $1 AND role = 'owner' AND state = 'active'";
    REMOVE = "DELETE FROM links WHERE id = $1";
    HOLD_COPY = "UPDATE links SET modified_at = modified_at WHERE id = $1 AND role = 'copy'";
}

/// Whose event it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It carries content both ways.
    Owner,
    /// Another calendar shows the same event.
    View,
    /// It shows the record to a user who takes part in it.
    Copy,
}

impl Role {
    /// The word in the store and the REST API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::View => "view",
            Self::Copy => "copy",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Owner, Self::View, Self::Copy].into_iter().find(|role| role.name() == word)
    }
}

/// A pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Identity.
    pub id: PairId,
    /// Through whose account it is kept.
    pub account: AccountId,
    /// The calendar of the event.
    pub calendar: CalendarId,
    /// The event; none before it was made.
    pub event: Option<String>,
    /// The event's identity over all calendars.
    pub ical_uid: Option<String>,
    /// The kind of the record.
    pub entity: String,
    /// The record; none before it was made.
    pub record: Option<String>,
    /// Where the thing was made first.
    pub origin: Side,
    /// Whose event it is.
    pub role: Role,
    /// What may be done with it.
    pub state: State,
    /// Counts the identities that its event has had.
    pub generation: u32,
    /// What was last agreed.
    pub base: Base,
    /// What was last agreed of its people.
    pub people: People,
}

/// What is sealed of a pair.
#[derive(Serialize, Deserialize)]
struct Agreed {
    #[serde(flatten)]
    base: Base,
    #[serde(default)]
    people: People,
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    account_id: Uuid,
    calendar_id: Uuid,
    event_id: Option<String>,
    ical_uid: Option<String>,
    entity: String,
    record_id: Option<String>,
    origin: String,
    role: String,
    state: String,
    generation: i64,
    base_sealed: Vec<u8>,
}

/// Where the base of a pair is sealed.
pub(in crate::store) fn place(id: Uuid) -> Place {
    Place::row("links", "base_sealed", id)
}

impl Agreed {
    // Where the key was lost, nothing is left of it.
    fn of(store: &Store, id: Uuid, sealed: &[u8]) -> Result<(Base, People), StoreError> {
        if sealed.is_empty() {
            return Ok((Base::forgotten(), People::default()));
        }
        let text = store.ring().open(&place(id), sealed)?;
        let broken = |_| StoreError::inconsistent("links", "base_sealed");
        let Self { base, people } = serde_json::from_str(text.reveal()).map_err(broken)?;
        Ok((base, people))
    }
}

impl Row {
    pub(super) fn opened(self, store: &Store) -> Result<Link, StoreError> {
        let broken = |column| move || StoreError::inconsistent("links", column);
        let (base, people) = Agreed::of(store, self.id, &self.base_sealed)?;
        Ok(Link {
            id: PairId(self.id),
            account: AccountId(self.account_id),
            calendar: CalendarId(self.calendar_id),
            event: self.event_id,
            ical_uid: self.ical_uid,
            entity: self.entity,
            record: self.record_id,
            origin: Side::parse(&self.origin).ok_or_else(broken("origin"))?,
            role: Role::parse(&self.role).ok_or_else(broken("role"))?,
            state: State::parse(&self.state).ok_or_else(broken("state"))?,
            generation: u32::try_from(self.generation).map_err(|_| broken("generation")())?,
            base,
            people,
        })
    }
}

pub(super) fn written(base: &Base, people: &People) -> Result<String, StoreError> {
    let agreed = Agreed { base: base.clone(), people: people.clone() };
    serde_json::to_string(&agreed).map_err(|_| StoreError::inconsistent("links", "base_sealed"))
}

pub(super) fn opened(store: &Store, rows: Vec<Row>) -> Result<Vec<Link>, StoreError> {
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// Adds a pair; false when event or record is another one's.
///
/// # Errors
/// When the database does not answer.
pub async fn add(batch: &mut Batch, link: &Link) -> Result<bool, StoreError> {
    let (sealer, now) = (Sealer::new(batch).await?, batch.store().clock().now());
    let base = sealer.seal(&place(link.id.0), &written(&link.base, &link.people)?)?;
    let rows = execute!(
        batch,
        ADD,
        link.id.0,
        link.account.0,
        link.calendar.0,
        &link.event,
        &link.ical_uid,
        &link.entity,
        &link.record,
        link.origin.name(),
        link.role.name(),
        link.state.name(),
        i64::from(link.generation),
        now,
        &base
    )?;
    Ok(rows == 1)
}

/// Stores what changed of a pair: event, record, state, generation, base, people.
///
/// # Errors
/// When the database does not answer, or event or record is another one's.
pub async fn put(batch: &mut Batch, link: &Link) -> Result<(), StoreError> {
    let (sealer, now) = (Sealer::new(batch).await?, batch.store().clock().now());
    let base = sealer.seal(&place(link.id.0), &written(&link.base, &link.people)?)?;
    execute!(
        batch,
        PUT,
        link.id.0,
        &link.event,
        &link.ical_uid,
        &link.record,
        link.state.name(),
        i64::from(link.generation),
        &base,
        now
    )?;
    Ok(())
}

/// Whether the pair owns its record, or is a copy; until the batch ends nobody takes that from it.
///
/// # Errors
/// When the database does not answer.
pub async fn hold(batch: &mut Batch, id: PairId) -> Result<bool, StoreError> {
    Ok(execute!(batch, HOLD, id.0)? == 1)
}

/// The same as [`hold`] of a copy; false when it is none any more.
///
/// # Errors
/// When the database does not answer.
pub async fn hold_copy(batch: &mut Batch, id: PairId) -> Result<bool, StoreError> {
    Ok(execute!(batch, HOLD_COPY, id.0)? == 1)
}

/// Gives a pair another event: the one that its event has become.
///
/// # Errors
/// When the database does not answer, or the event is another pair's.
pub async fn rekey(
    batch: &mut Batch,
    id: PairId,
    event: &str,
    ical_uid: Option<&str>,
) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, REKEY, id.0, event, ical_uid, now)?;
    Ok(())
}

/// Forgets pairs that were over and whose event somebody has brought back: it is a new one.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_returned(batch: &mut Batch, calendar: CalendarId) -> Result<u64, StoreError> {
    execute!(batch, RETURNED, calendar.0)
}

/// A pair.
///
/// # Errors
/// When the database does not answer, or the base does not open.
pub async fn get(store: &Store, on: &mut impl Source, id: PairId) -> Result<Option<Link>, StoreError> {
    fetch_one!(on, Row, GET, id.0)?.map(|row: Row| row.opened(store)).transpose()
}

/// The pair of an event of a calendar.
///
/// # Errors
/// When the database does not answer, or the base does not open.
pub async fn by_event(
    store: &Store,
    on: &mut impl Source,
    calendar: CalendarId,
    event: &str,
) -> Result<Option<Link>, StoreError> {
    fetch_one!(on, Row, BY_EVENT, calendar.0, event)?.map(|row: Row| row.opened(store)).transpose()
}

/// The pair that owns an event that many calendars may show.
///
/// # Errors
/// When the database does not answer, or the base does not open.
pub async fn by_uid(store: &Store, on: &mut impl Source, ical_uid: &str) -> Result<Option<Link>, StoreError> {
    fetch_one!(on, Row, BY_UID, ical_uid)?.map(|row: Row| row.opened(store)).transpose()
}

/// The pair that owns a record.
///
/// # Errors
/// When the database does not answer, or the base does not open.
pub async fn by_record(
    store: &Store,
    on: &mut impl Source,
    entity: &str,
    record: &str,
) -> Result<Option<Link>, StoreError> {
    fetch_one!(on, Row, BY_RECORD, entity, record)?.map(|row: Row| row.opened(store)).transpose()
}

/// Counts a write; how many there were since `window` began.
///
/// # Errors
/// When the database does not answer.
pub async fn churned(batch: &mut Batch, id: PairId, window: Micros) -> Result<i64, StoreError> {
    let now = batch.store().clock().now();
    Ok(fetch_one!(batch, (i64,), CHURN, id.0, now - window, now)?.map_or(0, |(churn,)| churn))
}

/// How many pairs of a calendar are kept in step.
///
/// # Errors
/// When the database does not answer.
pub async fn active(on: &mut impl Source, calendar: CalendarId) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), ACTIVE, calendar.0)?.map_or(0, |(count,)| count))
}

/// Forgets a pair that came to nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn remove(on: &mut impl Write, id: PairId) -> Result<(), StoreError> {
    execute!(on, REMOVE, id.0)?;
    Ok(())
}
