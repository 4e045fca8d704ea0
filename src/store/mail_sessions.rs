//! Open mail sessions of all nodes: counted where several processes share an
//! account's budget, seen and ended by admins.
//!
//! A row belongs to the incarnation of a node. It counts while that node lives;
//! a process that was killed takes its rows' weight with it.

use std::time::Duration;

use postern_core::model::change::Change;
use postern_core::model::id::{AccountId, SessionId, TokenId};
use postern_core::model::token::Protocol;
use uuid::Uuid;

use super::act::{Act, Batch};
use super::dialect::{self, Dialect};
use super::error::StoreError;
use super::nodes::SILENT;
use super::sql::{Source, Write as _, execute, fetch_all, fetch_one, statements};
use crate::clock::{Micros, micros};

/// For how long a node may be silent before its rows are removed: after a
/// database that was away all nodes are, and most of them live.
const FORGOTTEN: Duration = Duration::from_secs(600);

statements! {
    PUT = "INSERT INTO mail_sessions (id, account_id, token_id, protocol, peer, node, began_at) \
           SELECT $1, id, $3, $4, $5, $6, $7 FROM accounts WHERE id = $2 ON CONFLICT (id) DO NOTHING";
    ELSEWHERE = "SELECT count(*) FROM mail_sessions s JOIN nodes n ON n.incarnation = s.node \
                 WHERE s.account_id = $1 AND s.protocol = $2 AND s.node <> $3 AND n.beat_at > $4";
    REMOVE = "DELETE FROM mail_sessions WHERE id = $1";
    LEAVE = "DELETE FROM mail_sessions WHERE node = $1";
    PRUNE = "DELETE FROM mail_sessions \
             WHERE node NOT IN (SELECT incarnation FROM nodes WHERE beat_at > $1)";
    OPEN = "SELECT s.id, s.account_id, s.token_id, s.protocol, s.peer, s.node, s.began_at \
            FROM mail_sessions s JOIN nodes n ON n.incarnation = s.node \
            WHERE n.beat_at > $1 ORDER BY s.began_at, s.id LIMIT 10000";
    OF = "SELECT s.id, s.account_id, s.token_id, s.protocol, s.peer, s.node, s.began_at \
          FROM mail_sessions s JOIN nodes n ON n.incarnation = s.node \
          WHERE s.account_id = $1 AND n.beat_at > $2 ORDER BY s.began_at, s.id LIMIT 200";
    BY_ID = "SELECT id, account_id, token_id, protocol, peer, node, began_at FROM mail_sessions WHERE id = $1";
    REQUEST_END = "UPDATE mail_sessions SET end_requested = $2 WHERE id = $1 AND end_requested IS NULL";
    ENDING = "SELECT id FROM mail_sessions WHERE end_requested IS NOT NULL LIMIT 10000";
}

/// Takes the lock of the account's row until the commit, where several
/// processes write: what they count for it they count one after the other.
const LOCK: Dialect = Dialect {
    sqlite: "SELECT throttled_until FROM accounts WHERE id = $1",
    postgres: "SELECT throttled_until FROM accounts WHERE id = $1 FOR NO KEY UPDATE",
};

/// An open session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSession {
    /// Identity.
    pub id: SessionId,
    /// The mailbox.
    pub account: AccountId,
    /// What logged in.
    pub token: TokenId,
    /// Where.
    pub protocol: Protocol,
    /// The client's address without port.
    pub peer: String,
    /// The incarnation of the node that has it.
    pub node: String,
    /// Since when.
    pub began_at: Micros,
}

/// What came of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// So many of the rows, from the first on, are stored.
    Some(usize),
    /// No new session of this account before then: Gmail said so.
    Throttled(Micros),
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    account_id: Uuid,
    token_id: Uuid,
    protocol: String,
    peer: String,
    node: String,
    began_at: i64,
}

impl Row {
    fn session(self) -> MailSession {
        MailSession {
            id: SessionId(self.id),
            account: AccountId(self.account_id),
            token: TokenId(self.token_id),
            protocol: if self.protocol == Protocol::Smtp.name() { Protocol::Smtp } else { Protocol::Imap },
            peer: self.peer,
            node: self.node,
            began_at: self.began_at,
        }
    }
}

/// Stores as many of `rows` as there is room for. They are of one account,
/// protocol and node; `most` less what that node itself has open may be open
/// elsewhere.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(batch: &mut Batch, rows: &[MailSession], most: usize) -> Result<Claimed, StoreError> {
    let Some(first) = rows.first() else { return Ok(Claimed::Some(0)) };
    let lock = LOCK.on(&batch.db());
    let locked: Option<(i64,)> = fetch_one!(batch, (i64,), lock, first.account.0)?;
    let now = dialect::now(batch).await?;
    if let Some((until,)) = locked
        && until > batch.store().clock().now()
    {
        return Ok(Claimed::Throttled(until));
    }
    let (account, protocol) = (first.account.0, first.protocol.name());
    let living = now - micros(SILENT);
    let elsewhere: Option<(i64,)> =
        fetch_one!(batch, (i64,), ELSEWHERE, account, protocol, &first.node, living)?;
    let elsewhere = elsewhere.map_or(0, |(count,)| usize::try_from(count).unwrap_or(usize::MAX));
    let room = most.saturating_sub(elsewhere).min(rows.len());
    for row in rows.iter().take(room) {
        put(batch, row).await?;
    }
    Ok(Claimed::Some(room))
}

/// Stores a row, unless its account is gone.
///
/// # Errors
/// When the database does not answer.
pub async fn put(batch: &mut Batch, row: &MailSession) -> Result<(), StoreError> {
    execute!(
        batch,
        PUT,
        row.id.0,
        row.account.0,
        row.token.0,
        row.protocol.name(),
        &row.peer,
        &row.node,
        row.began_at
    )?;
    Ok(())
}

/// Removes the row of a session that ended.
///
/// # Errors
/// When the database does not answer.
pub async fn remove(batch: &mut Batch, id: SessionId) -> Result<(), StoreError> {
    execute!(batch, REMOVE, id.0)?;
    Ok(())
}

/// Removes the rows of a node that ends.
///
/// # Errors
/// When the database does not answer.
pub async fn leave(batch: &mut Batch, node: &str) -> Result<(), StoreError> {
    execute!(batch, LEAVE, node)?;
    Ok(())
}

/// Removes the rows of nodes that are gone.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch) -> Result<(), StoreError> {
    let now = dialect::now(batch).await?;
    execute!(batch, PRUNE, now - micros(FORGOTTEN))?;
    Ok(())
}

/// The open sessions of all nodes that live, oldest first, at most 10,000.
///
/// # Errors
/// When the database does not answer.
pub async fn open(on: &mut impl Source) -> Result<Vec<MailSession>, StoreError> {
    let now = dialect::now(on).await?;
    let rows = fetch_all!(on, Row, OPEN, now - micros(SILENT))?;
    Ok(rows.into_iter().map(Row::session).collect())
}

/// The open sessions of one mailbox, oldest first, at most 200.
///
/// # Errors
/// When the database does not answer.
pub async fn of(on: &mut impl Source, account: AccountId) -> Result<Vec<MailSession>, StoreError> {
    let now = dialect::now(on).await?;
    let rows = fetch_all!(on, Row, OF, account.0, now - micros(SILENT))?;
    Ok(rows.into_iter().map(Row::session).collect())
}

/// The session of that identity.
///
/// # Errors
/// When the database does not answer.
pub async fn by_id(on: &mut impl Source, id: SessionId) -> Result<Option<MailSession>, StoreError> {
    Ok(fetch_one!(on, Row, BY_ID, id.0)?.map(Row::session))
}

/// Asks the node that has it to end it; false when that was asked before, or
/// it is gone.
///
/// # Errors
/// When the database does not answer.
pub async fn request_end(act: &mut Act, id: SessionId) -> Result<bool, StoreError> {
    let now = act.store().clock().now();
    let asked = execute!(act, REQUEST_END, id.0, now)? > 0;
    if asked {
        act.tell(Change::Session(id));
    }
    Ok(asked)
}

/// The sessions that were asked to end and have not yet, at most 10,000.
///
/// # Errors
/// When the database does not answer.
pub async fn ending(on: &mut impl Source) -> Result<Vec<SessionId>, StoreError> {
    let rows: Vec<(Uuid,)> = fetch_all!(on, (Uuid,), ENDING)?;
    Ok(rows.into_iter().map(|(id,)| SessionId(id)).collect())
}
