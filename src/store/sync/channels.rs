//! The channels on which Google calls when a calendar changes.
//!
//! A row stands before Google is asked, so that the first call finds it. Of the
//! token only the hash is kept. Two channels of one calendar overlap while the
//! later one takes the earlier one's place.

use std::time::Duration;

use postern_core::model::id::{AccountId, CalendarId};
use uuid::Uuid;

use crate::clock::{Micros, micros};
use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

statements! {
    // Whoever is connected and uses it; a channel lives only as long as its own user is one of them.
    WANTING = "SELECT c.id, c.google_id FROM calendars c WHERE c.watch_at <= $1 AND EXISTS (SELECT 1 \
               FROM calendar_users u JOIN accounts a ON a.id = u.account_id WHERE u.calendar_id = c.id \
               AND u.active = 1 AND u.kind <> 'offered' AND a.state = 'active' AND NOT EXISTS (SELECT 1 \
               FROM switched_off s WHERE s.account_id = a.id AND s.product = 'calendar')) \
               AND NOT EXISTS (SELECT 1 FROM channels k JOIN calendar_users u ON u.account_id = k.account_id \
               AND u.calendar_id = k.calendar_id JOIN accounts a ON a.id = k.account_id WHERE k.calendar_id = c.id \
               AND k.resource_id IS NOT NULL AND k.renew_at > $1 AND k.address = $2 AND u.active = 1 \
               AND u.kind <> 'offered' AND a.state = 'active') ORDER BY c.watch_at, c.id LIMIT $3";
    // In the place of which a later one stands, which nobody needs any more, or which ended.
    SPENT = "SELECT k.id, k.calendar_id, k.account_id, k.resource_id, k.token_hash, k.ends_at FROM channels k \
             WHERE k.ends_at <= $1 OR EXISTS (SELECT 1 FROM channels o WHERE o.calendar_id = k.calendar_id \
             AND o.resource_id IS NOT NULL AND (o.opened_at > k.opened_at OR (o.opened_at = k.opened_at AND o.id > k.id))) \
             OR $2 = '' OR NOT EXISTS (SELECT 1 FROM calendar_users u JOIN accounts a ON a.id = u.account_id \
             WHERE u.calendar_id = k.calendar_id AND u.active = 1 AND u.kind <> 'offered' AND a.state = 'active' \
             AND NOT EXISTS (SELECT 1 FROM switched_off s WHERE s.account_id = a.id AND s.product = 'calendar')) \
             ORDER BY k.opened_at, k.id LIMIT $3";
    MEAN = "INSERT INTO channels (id, calendar_id, account_id, token_hash, address, opened_at, renew_at, ends_at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $7)";
    OPENED = "UPDATE channels SET resource_id = $2, renew_at = $3, ends_at = $4 WHERE id = $1";
    FORGET = "DELETE FROM channels WHERE id = $1";
    WAIT = "UPDATE calendars SET watch_at = $2 WHERE id = $1";
    BY_ID = "SELECT id, calendar_id, account_id, resource_id, token_hash, ends_at FROM channels WHERE id = $1";
}

/// A calendar that has no channel, or one that has to be renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanting {
    /// Which.
    pub calendar: CalendarId,
    /// Google's identity of it.
    pub google_id: String,
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// The name it was asked for by.
    pub id: Uuid,
    /// What it tells of.
    pub calendar: CalendarId,
    /// Through whose account it was asked for.
    pub account: AccountId,
    /// Google's name for what it watches; none as long as Google has not answered.
    pub resource: Option<String>,
    /// SHA-256 of what Google shows when it calls.
    pub token_hash: Vec<u8>,
    /// When it ends by itself.
    pub ends_at: Micros,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    calendar_id: Uuid,
    account_id: Uuid,
    resource_id: Option<String>,
    token_hash: Vec<u8>,
    ends_at: i64,
}

impl From<Row> for Channel {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            calendar: CalendarId(row.calendar_id),
            account: AccountId(row.account_id),
            resource: row.resource_id,
            token_hash: row.token_hash,
            ends_at: row.ends_at,
        }
    }
}

/// Calendars in use that need a channel to `address`, at most `most`.
///
/// # Errors
/// When the database does not answer.
pub async fn wanting(
    on: &mut impl Source,
    now: Micros,
    address: &str,
    most: i64,
) -> Result<Vec<Wanting>, StoreError> {
    let rows: Vec<(Uuid, String)> = fetch_all!(on, (Uuid, String), WANTING, now, address, most)?;
    Ok(rows.into_iter().map(|(id, google_id)| Wanting { calendar: CalendarId(id), google_id }).collect())
}

/// Channels that nobody needs, at most `most`; all of them when Google cannot
/// call us at all.
///
/// # Errors
/// When the database does not answer.
pub async fn spent(
    on: &mut impl Source,
    now: Micros,
    address: &str,
    most: i64,
) -> Result<Vec<Channel>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, SPENT, now, address, most)?;
    Ok(rows.into_iter().map(Channel::from).collect())
}

/// A channel that Google is about to be asked for.
#[derive(Debug, Clone)]
pub struct Meant<'a> {
    /// Its name.
    pub id: Uuid,
    /// What it tells of.
    pub calendar: CalendarId,
    /// Through whose account it is asked for.
    pub account: AccountId,
    /// SHA-256 of its token.
    pub token_hash: [u8; 32],
    /// Where Google calls.
    pub address: &'a str,
    /// For how long it is asked.
    pub life: Duration,
}

/// Notes that a channel is about to be asked for, and that none is asked for
/// before `again`.
///
/// # Errors
/// When the database does not answer.
pub async fn mean(batch: &mut Batch, meant: &Meant<'_>, again: Micros) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    let (calendar, account, ends_at) = (meant.calendar.0, meant.account.0, now + micros(meant.life));
    let hash = meant.token_hash.as_slice();
    execute!(batch, MEAN, meant.id, calendar, account, hash, meant.address, now, ends_at)?;
    wait(batch, meant.calendar, again).await
}

/// Notes what Google answered.
///
/// # Errors
/// When the database does not answer.
pub async fn opened(
    batch: &mut Batch,
    id: Uuid,
    resource: &str,
    renew_at: Micros,
    ends_at: Micros,
) -> Result<(), StoreError> {
    execute!(batch, OPENED, id, resource, renew_at, ends_at)?;
    Ok(())
}

/// Forgets a channel.
///
/// # Errors
/// When the database does not answer.
pub async fn forget(batch: &mut Batch, id: Uuid) -> Result<(), StoreError> {
    execute!(batch, FORGET, id)?;
    Ok(())
}

/// Has no channel asked for before `until`.
///
/// # Errors
/// When the database does not answer.
pub async fn wait(batch: &mut Batch, calendar: CalendarId, until: Micros) -> Result<(), StoreError> {
    execute!(batch, WAIT, calendar.0, until)?;
    Ok(())
}

/// A channel by its name.
///
/// # Errors
/// When the database does not answer.
pub async fn by_id(on: &mut impl Source, id: Uuid) -> Result<Option<Channel>, StoreError> {
    Ok(fetch_one!(on, Row, BY_ID, id)?.map(|row: Row| row.into()))
}
