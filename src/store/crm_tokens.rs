//! CRM tokens, stored as hashes.

use postern_core::model::account::State;
use postern_core::model::change::Change;
use postern_core::model::id::{AccountId, TokenId};
use postern_core::model::token::Protocols;
use uuid::Uuid;

use super::act::Act;
use super::error::StoreError;
use super::sql::{Source, Write, execute, fetch_all, fetch_one, statements};
use crate::clock::Micros;
use crate::seal::same;

statements! {
    INSERT = "INSERT INTO crm_tokens (id, account_id, hash, name, protocols, created_at, expires_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7)";
    BY_HASH = "SELECT hash, id, account_id, name, protocols, created_at, expires_at, revoked_at \
               FROM crm_tokens WHERE hash = $1";
    BY_ID = "SELECT id, account_id, name, protocols, created_at, expires_at, revoked_at \
             FROM crm_tokens WHERE id = $1";
    OF = "SELECT id, account_id, name, protocols, created_at, expires_at, revoked_at \
          FROM crm_tokens WHERE account_id = $1 ORDER BY created_at, id LIMIT 1000";
    STANDING = "SELECT t.revoked_at, t.expires_at, a.state, (SELECT count(*) FROM switched_off s \
                WHERE s.account_id = a.id AND s.product = 'gmail') FROM crm_tokens t \
                JOIN accounts a ON a.id = t.account_id WHERE t.id = $1";
    REVOKE = "UPDATE crm_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
}

/// A CRM token without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmToken {
    /// Identity.
    pub id: TokenId,
    /// The mailbox it opens.
    pub account: AccountId,
    /// What the admin called it.
    pub name: String,
    /// Where it may log in.
    pub protocols: Protocols,
    /// Issued.
    pub created_at: Micros,
    /// End of life.
    pub expires_at: Option<Micros>,
    /// Revoked.
    pub revoked_at: Option<Micros>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    account_id: Uuid,
    name: String,
    protocols: String,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl TryFrom<Row> for CrmToken {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: TokenId(row.id),
            account: AccountId(row.account_id),
            protocols: row
                .protocols
                .parse()
                .map_err(|e: String| StoreError::inconsistent("crm_tokens", format!("{}: {e}", row.id)))?,
            name: row.name,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        })
    }
}

/// Stores a new token by its hash.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(
    act: &mut Act,
    account: AccountId,
    hash: &[u8; 32],
    name: &str,
    protocols: Protocols,
    expires_at: Option<Micros>,
) -> Result<TokenId, StoreError> {
    let store = act.store();
    let id = store.dice().id(store.clock())?;
    execute!(act, INSERT, id, account.0, &hash[..], name, protocols.name(), store.clock().now(), expires_at)?;
    act.tell(Change::Token(TokenId(id)));
    Ok(TokenId(id))
}

#[derive(sqlx::FromRow)]
struct Hashed {
    hash: Vec<u8>,
    #[sqlx(flatten)]
    row: Row,
}

/// The token with that hash, revoked or not.
///
/// # Errors
/// When the database does not answer.
pub async fn by_hash(on: &mut impl Source, hash: &[u8; 32]) -> Result<Option<CrmToken>, StoreError> {
    let Some(found) = fetch_one!(on, Hashed, BY_HASH, &hash[..])? else {
        return Ok(None);
    };
    if same(&found.hash, hash) { found.row.try_into().map(Some) } else { Ok(None) }
}

/// The token of that identity.
///
/// # Errors
/// When the database does not answer.
pub async fn by_id(on: &mut impl Source, id: TokenId) -> Result<Option<CrmToken>, StoreError> {
    fetch_one!(on, Row, BY_ID, id.0)?.map(CrmToken::try_from).transpose()
}

/// The tokens of an account, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn of(on: &mut impl Source, account: AccountId) -> Result<Vec<CrmToken>, StoreError> {
    fetch_all!(on, Row, OF, account.0)?.into_iter().map(CrmToken::try_from).collect()
}

/// What decides whether sessions of a token may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Revoked.
    pub revoked_at: Option<Micros>,
    /// End of life.
    pub expires_at: Option<Micros>,
    /// Where its account stands.
    pub state: State,
    /// Its owner has switched mail off.
    pub off: bool,
}

/// How a token stands; `None` when it was removed with its account.
///
/// # Errors
/// When the database does not answer.
pub async fn standing(on: &mut impl Source, id: TokenId) -> Result<Option<Standing>, StoreError> {
    let row = fetch_one!(on, (Option<i64>, Option<i64>, String, i64), STANDING, id.0)?;
    let Some((revoked_at, expires_at, state, off)) = row else {
        return Ok(None);
    };
    let state =
        state.parse().map_err(|e| StoreError::inconsistent("accounts", format!("of token {id}: {e}")))?;
    Ok(Some(Standing { revoked_at, expires_at, state, off: off > 0 }))
}

/// Revokes a token; false when it was revoked before.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke(act: &mut Act, id: TokenId) -> Result<bool, StoreError> {
    let now = act.store().clock().now();
    let changed = execute!(act, REVOKE, id.0, now)?;
    act.tell(Change::Token(id));
    Ok(changed == 1)
}
