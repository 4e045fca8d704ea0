//! Records that somebody has pushed into a group, and what came of each. A line without a word
//! waits; what was pushed twice is told for both.

use postern_core::model::actor::Actor;
use postern_core::model::id::{AccountId, PushId};
use postern_core::plan::contacts::card::Entity;
use uuid::Uuid;

use crate::clock::Micros;
use crate::store::act::{Act, Batch};
use crate::store::error::StoreError;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

/// Most records of one push.
pub const MOST: usize = 2_000;

statements! {
    ADD = "INSERT INTO pushes (id, account_id, asked_by, asked_at, vouched, total) VALUES ($1, $2, $3, $4, $5, $6)";
    ADD_LINE = "INSERT INTO push_lines (push_id, line, entity, record_id) VALUES ($1, $2, $3, $4)";
    GET = "SELECT p.id, p.account_id, p.asked_by, p.asked_at, p.vouched, p.total, p.ended_at, \
           (SELECT count(*) FROM push_lines l WHERE l.push_id = p.id AND l.word IS NOT NULL) AS done \
           FROM pushes p WHERE p.id = $1";
    OF_ACCOUNT = "SELECT p.id, p.account_id, p.asked_by, p.asked_at, p.vouched, p.total, p.ended_at, \
                  (SELECT count(*) FROM push_lines l WHERE l.push_id = p.id AND l.word IS NOT NULL) AS done \
                  FROM pushes p WHERE p.account_id = $1 ORDER BY p.asked_at DESC, p.id DESC LIMIT $2";
    LINES = "SELECT line, entity, record_id, word, ended_at FROM push_lines WHERE push_id = $1 \
             ORDER BY line LIMIT $2 OFFSET $3";
    // One that a vouched push names, too, is vouched for.
    WAITING = "SELECT l.entity, l.record_id, MAX(p.vouched) AS vouched FROM push_lines l \
               JOIN pushes p ON p.id = l.push_id WHERE p.account_id = $1 AND l.word IS NULL AND p.ended_at IS NULL \
               GROUP BY l.entity, l.record_id ORDER BY MIN(p.asked_at), l.entity, l.record_id LIMIT $2";
    WAIT = "SELECT count(*) FROM push_lines l JOIN pushes p ON p.id = l.push_id \
            WHERE p.account_id = $1 AND l.word IS NULL AND p.ended_at IS NULL";
    END_LINE = "UPDATE push_lines SET word = $4, ended_at = $5 WHERE entity = $2 AND record_id = $3 AND word IS NULL \
                AND push_id IN (SELECT id FROM pushes WHERE account_id = $1 AND ended_at IS NULL)";
    END = "UPDATE pushes SET ended_at = $2 WHERE account_id = $1 AND ended_at IS NULL AND NOT EXISTS \
           (SELECT 1 FROM push_lines l WHERE l.push_id = pushes.id AND l.word IS NULL)";
    WAKE = "UPDATE address_books SET next_at = $2 WHERE account_id = $1 AND next_at > $2";
    CANCEL = "UPDATE push_lines SET word = 'cancelled', ended_at = $2 WHERE push_id = $1 AND word IS NULL";
    WORDS = "SELECT word, count(*) FROM push_lines WHERE push_id = $1 AND word IS NOT NULL GROUP BY word ORDER BY word";
    PRUNE = "DELETE FROM pushes WHERE asked_at < $1";
}

/// A push.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Push {
    /// Identity.
    pub id: Uuid,
    /// Into whose group.
    pub account_id: Uuid,
    /// Who has asked for it.
    pub asked_by: String,
    /// When.
    pub asked_at: Micros,
    /// 1 when the CRM has vouched that the user may see the records.
    pub vouched: i64,
    /// How many records.
    pub total: i64,
    /// When the last of them was done with.
    pub ended_at: Option<Micros>,
    /// With how many it is done, whatever came of them.
    pub done: i64,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Line {
    /// Its place, from 0.
    pub line: i64,
    /// Its kind.
    pub entity: String,
    /// The record.
    pub record_id: String,
    /// What came of it; none while it waits.
    pub word: Option<String>,
    /// When.
    pub ended_at: Option<Micros>,
}

/// A record that waits to be pushed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waiting {
    /// Its kind.
    pub entity: Entity,
    /// The record.
    pub record: String,
    /// Whether the CRM has vouched that the user may see it.
    pub vouched: bool,
}

/// Takes up a push of records, and has the account's people run soon.
///
/// # Errors
/// When the database does not answer.
pub async fn add(
    act: &mut Act,
    account: AccountId,
    records: &[(Entity, String)],
    vouched: bool,
    by: &Actor,
) -> Result<PushId, StoreError> {
    let store = act.store();
    let (id, now) = (store.dice().id(store.clock())?, store.clock().now());
    let total = i64::try_from(records.len()).unwrap_or(i64::MAX);
    execute!(act, ADD, id, account.0, by.label(), now, i64::from(vouched), total)?;
    for (line, (entity, record)) in (0_i64..).zip(records) {
        execute!(act, ADD_LINE, id, line, entity.name(), record)?;
    }
    execute!(act, WAKE, account.0, now)?;
    Ok(PushId(id))
}

/// A push.
///
/// # Errors
/// When the database does not answer.
pub async fn get(on: &mut impl Source, id: PushId) -> Result<Option<Push>, StoreError> {
    fetch_one!(on, Push, GET, id.0)
}

/// The last pushes of an account, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn of_account(
    on: &mut impl Source,
    account: AccountId,
    most: i64,
) -> Result<Vec<Push>, StoreError> {
    fetch_all!(on, Push, OF_ACCOUNT, account.0, most)
}

/// What became of the records of a push.
///
/// # Errors
/// When the database does not answer.
pub async fn lines(
    on: &mut impl Source,
    id: PushId,
    (most, offset): (i64, i64),
) -> Result<Vec<Line>, StoreError> {
    fetch_all!(on, Line, LINES, id.0, most, offset)
}

/// How many records of a push ended with each word.
///
/// # Errors
/// When the database does not answer.
pub async fn words(on: &mut impl Source, id: PushId) -> Result<Vec<(String, i64)>, StoreError> {
    fetch_all!(on, (String, i64), WORDS, id.0)
}

/// Records of an account that wait, the first that were pushed first, at most `most`.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(
    on: &mut impl Source,
    account: AccountId,
    most: i64,
) -> Result<Vec<Waiting>, StoreError> {
    let rows: Vec<(String, String, i64)> = fetch_all!(on, (String, String, i64), WAITING, account.0, most)?;
    let waiting = rows.into_iter().filter_map(|(entity, record, vouched)| {
        Some(Waiting { entity: Entity::parse(&entity)?, record, vouched: vouched != 0 })
    });
    Ok(waiting.collect())
}

/// How many records of an account wait.
///
/// # Errors
/// When the database does not answer.
pub async fn wait(on: &mut impl Source, account: AccountId) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), WAIT, account.0)?.map_or(0, |(count,)| count))
}

/// It is known what came of a record, wherever it waits for the account.
///
/// # Errors
/// When the database does not answer.
pub async fn end(
    batch: &mut Batch,
    account: AccountId,
    (entity, record): (Entity, &str),
    word: &str,
) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, END_LINE, account.0, entity.name(), record, word, now)?;
    execute!(batch, END, account.0, now)?;
    Ok(())
}

/// Gives up what of a push still waits.
///
/// # Errors
/// When the database does not answer.
pub async fn cancel(act: &mut Act, account: AccountId, id: PushId) -> Result<(), StoreError> {
    let now = act.store().clock().now();
    execute!(act, CANCEL, id.0, now)?;
    execute!(act, END, account.0, now)?;
    Ok(())
}

/// Forgets pushes that were asked for before then.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(on: &mut impl Write, before: Micros) -> Result<(), StoreError> {
    execute!(on, PRUNE, before)?;
    Ok(())
}
