//! Who is signed in at the pages. A session is found by the hash of the word
//! that the browser's cookie holds.

use postern_core::model::id::{AccountId, AdminId, WebSessionId};
use uuid::Uuid;

use super::act::{Act, Batch};
use super::error::StoreError;
use super::sql::{Source, Write, execute, fetch_all, fetch_one, statements};
use crate::clock::Micros;

statements! {
    INSERT = "INSERT INTO web_sessions \
              (hash, id, admin_id, account_id, peer, agent, began_at, seen_at, fresh_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)";
    BY_HASH = "SELECT id, admin_id, account_id, peer, agent, began_at, seen_at, fresh_at \
               FROM web_sessions WHERE hash = $1";
    OF_ADMIN = "SELECT id, admin_id, account_id, peer, agent, began_at, seen_at, fresh_at \
                FROM web_sessions WHERE admin_id = $1 AND seen_at > $2 AND began_at > $3 \
                ORDER BY seen_at DESC, id LIMIT 100";
    SEEN = "UPDATE web_sessions SET seen_at = $2 WHERE id = $1 AND seen_at < $2";
    FRESH = "UPDATE web_sessions SET fresh_at = $2 WHERE id = $1";
    END = "DELETE FROM web_sessions WHERE id = $1";
    END_OWN = "DELETE FROM web_sessions WHERE id = $1 AND admin_id = $2";
    END_OF_ADMIN = "DELETE FROM web_sessions WHERE admin_id = $1 AND id <> $2";
    END_OF_ACCOUNT = "DELETE FROM web_sessions WHERE account_id = $1";
    PRUNE = "DELETE FROM web_sessions WHERE seen_at < $1 OR began_at < $2";
}

/// Who is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// Somebody who runs the installation.
    Admin(AdminId),
    /// The owner of this mailbox, and of nothing else.
    Owner(AccountId),
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSession {
    /// Identity, for lists and for ending it.
    pub id: WebSessionId,
    /// Whose it is.
    pub holder: Holder,
    /// The address it began from.
    pub peer: String,
    /// What the browser calls itself, cut to 200 characters.
    pub agent: String,
    /// Signed in.
    pub began_at: Micros,
    /// Last seen, to the minute.
    pub seen_at: Micros,
    /// When who it is was proven last.
    pub fresh_at: Micros,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    admin_id: Option<Uuid>,
    account_id: Option<Uuid>,
    peer: String,
    agent: String,
    began_at: i64,
    seen_at: i64,
    fresh_at: i64,
}

impl TryFrom<Row> for WebSession {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let holder = match (row.admin_id, row.account_id) {
            (Some(admin), None) => Holder::Admin(AdminId(admin)),
            (None, Some(account)) => Holder::Owner(AccountId(account)),
            _ => return Err(StoreError::inconsistent("web_sessions", row.id)),
        };
        Ok(Self {
            id: WebSessionId(row.id),
            holder,
            peer: row.peer,
            agent: row.agent,
            began_at: row.began_at,
            seen_at: row.seen_at,
            fresh_at: row.fresh_at,
        })
    }
}

/// Opens a session under the hash of its word.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(
    act: &mut Act,
    hash: &[u8; 32],
    holder: Holder,
    peer: &str,
    agent: &str,
    fresh_at: Micros,
) -> Result<WebSessionId, StoreError> {
    let store = act.store();
    let id = store.dice().id(store.clock())?;
    let (admin, account) = match holder {
        Holder::Admin(admin) => (Some(admin.0), None),
        Holder::Owner(account) => (None, Some(account.0)),
    };
    let agent: String = agent.chars().filter(|c| !c.is_control()).take(200).collect();
    execute!(act, INSERT, &hash[..], id, admin, account, peer, agent, store.clock().now(), fresh_at)?;
    Ok(WebSessionId(id))
}

/// The session with that hash, however old.
///
/// # Errors
/// When the database does not answer.
pub async fn by_hash(on: &mut impl Source, hash: &[u8; 32]) -> Result<Option<WebSession>, StoreError> {
    fetch_one!(on, Row, BY_HASH, &hash[..])?.map(WebSession::try_from).transpose()
}

/// An admin's sessions that were seen and that began after these times, the
/// one seen last first.
///
/// # Errors
/// When the database does not answer.
pub async fn of_admin(
    on: &mut impl Source,
    admin: AdminId,
    seen: Micros,
    began: Micros,
) -> Result<Vec<WebSession>, StoreError> {
    fetch_all!(on, Row, OF_ADMIN, admin.0, seen, began)?.into_iter().map(WebSession::try_from).collect()
}

/// Notes that it was seen.
///
/// # Errors
/// When the database does not answer.
pub async fn seen(batch: &mut Batch, id: WebSessionId, at: Micros) -> Result<(), StoreError> {
    execute!(batch, SEEN, id.0, at)?;
    Ok(())
}

/// Notes that who it is was proven once more.
///
/// # Errors
/// When the database does not answer.
pub async fn fresh(act: &mut Act, id: WebSessionId) -> Result<(), StoreError> {
    let now = act.store().clock().now();
    execute!(act, FRESH, id.0, now)?;
    Ok(())
}

/// Ends one; false when it was gone.
///
/// # Errors
/// When the database does not answer.
pub async fn end(act: &mut Act, id: WebSessionId) -> Result<bool, StoreError> {
    Ok(execute!(act, END, id.0)? > 0)
}

/// Ends one if it is this admin's; false when there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn end_own(act: &mut Act, id: WebSessionId, admin: AdminId) -> Result<bool, StoreError> {
    Ok(execute!(act, END_OWN, id.0, admin.0)? > 0)
}

/// Ends all of an admin but `except`. Returns how many.
///
/// # Errors
/// When the database does not answer.
pub async fn end_of_admin(
    act: &mut Act,
    admin: AdminId,
    except: Option<WebSessionId>,
) -> Result<u64, StoreError> {
    execute!(act, END_OF_ADMIN, admin.0, except.map_or(Uuid::nil(), |id| id.0))
}

/// Ends all of an account's owner. Returns how many.
///
/// # Errors
/// When the database does not answer.
pub async fn end_of_account(act: &mut Act, account: AccountId) -> Result<u64, StoreError> {
    execute!(act, END_OF_ACCOUNT, account.0)
}

/// Forgets those last seen before `seen` or begun before `began`.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch, seen: Micros, began: Micros) -> Result<(), StoreError> {
    execute!(batch, PRUNE, seen, began)?;
    Ok(())
}
