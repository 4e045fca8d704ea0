//! Who takes part in which record and wants a copy of it.
//!
//! A row is planned for again when it shows something else than the last plan saw: the
//! record is another, the user takes part or does not, the user's calendars show the event
//! itself, or the record turns out to be that of an event. Nothing has to be marked for it.

use std::collections::BTreeSet;

use postern_core::model::id::{AccountId, CalendarId, PairId};
use uuid::Uuid;

use crate::clock::Micros;
use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

/// Each row with what a plan depends on besides the record; `$1` and `$2` narrow it.
macro_rules! facts {
    ($link:literal, $narrowed:literal) => {
        concat!(
            "SELECT q.entity, q.record_id, q.link_id, q.account_id, q.takes, q.live, q.shown, q.made, q.hash FROM (\
             SELECT t.entity, t.record_id, ",
            $link,
            " AS link_id, a.id AS account_id, t.takes, s.live, s.hash, t.planned, t.planned_hash, \
             CAST(CASE WHEN EXISTS (SELECT 1 FROM links o JOIN google_seen g ON g.event_id = o.event_id \
             AND (g.live = 1 OR (o.role = 'view' AND o.state = 'active' AND g.calendar_id = o.calendar_id)) \
             JOIN calendar_users u ON u.calendar_id = g.calendar_id AND u.account_id = a.id AND u.active = 1 \
             AND u.kind <> 'offered' WHERE o.entity = t.entity AND o.record_id = t.record_id AND o.role <> 'copy') \
             THEN 1 ELSE 0 END AS BIGINT) AS shown, \
             CAST(CASE WHEN EXISTS (SELECT 1 FROM links o WHERE o.entity = t.entity AND o.record_id = t.record_id \
             AND o.role = 'owner' AND o.origin = 'google') THEN 1 ELSE 0 END AS BIGINT) AS made \
             FROM crm_takers t JOIN crm_seen s ON s.entity = t.entity AND s.record_id = t.record_id \
             JOIN accounts a ON a.crm_user = t.user_id ",
            $narrowed,
            ") q WHERE (q.planned IS NULL OR q.planned_hash <> q.hash \
             OR q.planned <> q.takes + 2 * q.live + 4 * q.shown + 8 * q.made) ORDER BY q.entity, q.record_id LIMIT $2"
        )
    };
}

statements! {
    OF_COPIES = facts!("l.id", "JOIN links l ON l.entity = t.entity AND l.record_id = t.record_id \
                AND l.account_id = a.id AND l.role = 'copy' AND l.calendar_id = $1");
    OF_ACCOUNT = facts!("CAST(NULL AS TEXT)", "WHERE a.id = $1 AND NOT EXISTS (SELECT 1 FROM links l \
                 WHERE l.entity = t.entity AND l.record_id = t.record_id AND l.account_id = a.id AND l.role = 'copy')");
    OF_RECORD = "SELECT user_id, takes FROM crm_takers WHERE entity = $1 AND record_id = $2";
    PUT = "INSERT INTO crm_takers (entity, record_id, user_id, takes, changed_at) VALUES ($1, $2, $3, $4, $5) \
           ON CONFLICT (entity, record_id, user_id) DO UPDATE SET takes = excluded.takes, \
           changed_at = excluded.changed_at WHERE crm_takers.takes <> excluded.takes";
    PLANNED = "UPDATE crm_takers SET planned = $4, planned_hash = $5 WHERE entity = $1 AND record_id = $2 \
               AND user_id = (SELECT crm_user FROM accounts WHERE id = $3)";
    AGAIN = "UPDATE crm_takers SET planned = NULL WHERE entity = $1 AND record_id = $2";
    REPLAN = "UPDATE crm_takers SET planned = NULL WHERE user_id = (SELECT crm_user FROM accounts WHERE id = $1)";
    // Whose runs have something to plan for: the user's main calendar, and where the copy is.
    WANTED = "SELECT DISTINCT u.calendar_id FROM crm_takers t \
              JOIN crm_seen s ON s.entity = t.entity AND s.record_id = t.record_id \
              JOIN accounts a ON a.crm_user = t.user_id \
              JOIN calendar_users u ON u.account_id = a.id AND u.active = 1 AND (u.kind = 'main' OR EXISTS \
              (SELECT 1 FROM links l WHERE l.entity = t.entity AND l.record_id = t.record_id AND l.role = 'copy' \
              AND l.account_id = a.id AND l.calendar_id = u.calendar_id)) \
              WHERE (s.seen_at >= $1 OR t.changed_at >= $1) AND (t.planned IS NULL OR t.planned_hash <> s.hash \
              OR t.planned % 4 <> t.takes + 2 * s.live)";
    // The record is assigned to the user who has a copy, and nobody owns it.
    HEIRS = "SELECT l.id FROM links l JOIN accounts a ON a.id = l.account_id JOIN crm_seen s ON s.entity = l.entity \
             AND s.record_id = l.record_id AND s.live = 1 AND s.user_id = a.crm_user \
             JOIN google_seen g ON g.calendar_id = l.calendar_id AND g.event_id = l.event_id AND g.live = 1 \
             WHERE l.calendar_id = $1 AND l.role = 'copy' AND l.state = 'active' \
             AND NOT EXISTS (SELECT 1 FROM intents i WHERE i.link_id = l.id) \
             AND NOT EXISTS (SELECT 1 FROM links o WHERE o.entity = l.entity AND o.record_id = l.record_id \
             AND o.role = 'owner') AND NOT EXISTS (SELECT 1 FROM links o WHERE o.ical_uid = l.ical_uid \
             AND o.role = 'owner') LIMIT 1000";
    SHOWN = "SELECT count(*) FROM links o JOIN google_seen g ON g.event_id = o.event_id \
             AND (g.live = 1 OR (o.role = 'view' AND o.state = 'active' AND g.calendar_id = o.calendar_id)) JOIN calendar_users u ON u.calendar_id = g.calendar_id AND u.account_id = $3 AND u.active = 1 \
             AND u.kind <> 'offered' WHERE o.entity = $1 AND o.record_id = $2 AND o.role <> 'copy'";
    FORGET = "DELETE FROM crm_takers WHERE NOT EXISTS (SELECT 1 FROM accounts a WHERE a.crm_user = crm_takers.user_id)";
}

/// What a plan of a copy depends on besides the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taker {
    /// The kind of the record.
    pub entity: String,
    /// The record.
    pub record: String,
    /// The pair of the copy; none while there is no copy.
    pub link: Option<PairId>,
    /// Whose copy.
    pub account: AccountId,
    /// Whether the user is among the people of the record and has not declined.
    pub takes: bool,
    /// Whether the user's calendars show the event itself.
    pub shown: bool,
    /// Whether the record was made of an event.
    pub made: bool,
    hash: Vec<u8>,
    seen: i64,
}

#[derive(sqlx::FromRow)]
struct Row<L> {
    entity: String,
    record_id: String,
    link_id: L,
    account_id: Uuid,
    takes: i64,
    live: i64,
    shown: i64,
    made: i64,
    hash: Vec<u8>,
}

impl<L> Row<L> {
    fn read(self, link: impl FnOnce(L) -> Option<PairId>) -> Taker {
        Taker {
            seen: self.takes + 2 * self.live + 4 * self.shown + 8 * self.made,
            entity: self.entity,
            record: self.record_id,
            link: link(self.link_id),
            account: AccountId(self.account_id),
            takes: self.takes != 0,
            shown: self.shown != 0,
            made: self.made != 0,
            hash: self.hash,
        }
    }
}

/// Of the copies in a calendar, those about which something is new.
///
/// # Errors
/// When the database does not answer.
pub async fn of_copies(
    on: &mut impl Source,
    calendar: CalendarId,
    most: i64,
) -> Result<Vec<Taker>, StoreError> {
    let rows: Vec<Row<Uuid>> = fetch_all!(on, Row<Uuid>, OF_COPIES, calendar.0, most)?;
    Ok(rows.into_iter().map(|row| row.read(|id| Some(PairId(id)))).collect())
}

/// Of what the user of an account takes part in without having a copy, that about which something is new.
///
/// # Errors
/// When the database does not answer.
pub async fn of_account(
    on: &mut impl Source,
    account: AccountId,
    most: i64,
) -> Result<Vec<Taker>, StoreError> {
    let rows: Vec<Row<Option<String>>> = fetch_all!(on, Row<Option<String>>, OF_ACCOUNT, account.0, most)?;
    Ok(rows.into_iter().map(|row| row.read(|_| None)).collect())
}

/// Notes who of `wanting` takes part in a record, and who does no more.
///
/// # Errors
/// When the database does not answer.
pub async fn put(
    batch: &mut Batch,
    (entity, record): (&str, &str),
    takes: &BTreeSet<&str>,
    wanting: &BTreeSet<String>,
) -> Result<(), StoreError> {
    let now: Micros = batch.store().clock().now();
    let had: Vec<(String, i64)> = fetch_all!(batch, (String, i64), OF_RECORD, entity, record)?;
    for (user, _) in had.iter().filter(|(user, took)| *took != 0 && !takes.contains(user.as_str())) {
        execute!(batch, PUT, entity, record, user, 0_i64, now)?;
    }
    for user in takes.iter().filter(|user| wanting.contains(**user)) {
        if !had.iter().any(|(known, took)| known == user && *took != 0) {
            execute!(batch, PUT, entity, record, *user, 1_i64, now)?;
        }
    }
    Ok(())
}

/// Notes that it was planned for as it was seen.
///
/// # Errors
/// When the database does not answer.
pub async fn planned(batch: &mut Batch, taker: &Taker) -> Result<(), StoreError> {
    execute!(batch, PLANNED, &taker.entity, &taker.record, taker.account.0, taker.seen, &taker.hash)?;
    Ok(())
}

/// Has a record planned for again for everybody who takes part.
///
/// # Errors
/// When the database does not answer.
pub async fn again(on: &mut impl Write, entity: &str, record: &str) -> Result<(), StoreError> {
    execute!(on, AGAIN, entity, record)?;
    Ok(())
}

/// Has everything planned for again in which an account's user takes part.
///
/// # Errors
/// When the database does not answer.
pub async fn replan(on: &mut impl Write, account: AccountId) -> Result<(), StoreError> {
    execute!(on, REPLAN, account.0)?;
    Ok(())
}

/// Calendars whose runs have something to plan for that was seen since.
///
/// # Errors
/// When the database does not answer.
pub async fn wanted(on: &mut impl Source, since: Micros) -> Result<Vec<CalendarId>, StoreError> {
    let rows: Vec<(Uuid,)> = fetch_all!(on, (Uuid,), WANTED, since)?;
    Ok(rows.into_iter().map(|(id,)| CalendarId(id)).collect())
}

/// Copies in a calendar of records that are assigned to the copies' users now and that nobody owns.
///
/// # Errors
/// When the database does not answer.
pub async fn heirs(on: &mut impl Source, calendar: CalendarId) -> Result<Vec<PairId>, StoreError> {
    let rows: Vec<(Uuid,)> = fetch_all!(on, (Uuid,), HEIRS, calendar.0)?;
    Ok(rows.into_iter().map(|(id,)| PairId(id)).collect())
}

/// Whether one of the calendars that an account uses shows the event of a record.
///
/// # Errors
/// When the database does not answer.
pub async fn shown(
    on: &mut impl Source,
    (entity, record): (&str, &str),
    account: AccountId,
) -> Result<bool, StoreError> {
    Ok(fetch_one!(on, (i64,), SHOWN, entity, record, account.0)?.is_some_and(|(count,)| count > 0))
}

/// Forgets who is no mailbox's user any more.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_unused(on: &mut impl Write) -> Result<(), StoreError> {
    execute!(on, FORGET)?;
    Ok(())
}
