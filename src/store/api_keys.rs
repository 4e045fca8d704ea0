//! Keys of the REST API, stored as hashes.

use postern_core::model::address::Address;
use postern_core::model::id::{AccountId, ApiKeyId};
use postern_core::model::key_scope::KeyScopes;
use postern_core::model::secret::Secret;
use uuid::Uuid;

use super::act::{Act, Batch};
use super::error::StoreError;
use super::keys;
use super::open::Store;
use super::sql::{Source, Write, execute, fetch_all, fetch_one, statements};
use crate::clock::Micros;
use crate::seal::{Place, same};

statements! {
    INSERT = "INSERT INTO api_keys (id, name, hash, scopes, domains, accounts, per_minute, created_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    BY_HASH = "SELECT id, name, hash, scopes, domains, accounts, per_minute, \
               CASE WHEN hmac_sealed IS NULL THEN CAST(0 AS BIGINT) ELSE 1 END AS signs, created_at, revoked_at, \
               used_at \
               FROM api_keys WHERE hash = $1";
    BY_ID = "SELECT id, name, hash, scopes, domains, accounts, per_minute, \
               CASE WHEN hmac_sealed IS NULL THEN CAST(0 AS BIGINT) ELSE 1 END AS signs, created_at, revoked_at, \
               used_at \
             FROM api_keys WHERE id = $1";
    ALL = "SELECT id, name, hash, scopes, domains, accounts, per_minute, \
               CASE WHEN hmac_sealed IS NULL THEN CAST(0 AS BIGINT) ELSE 1 END AS signs, created_at, revoked_at, \
               used_at \
           FROM api_keys ORDER BY created_at, id LIMIT 1000";
    SET_SECRET = "UPDATE api_keys SET hmac_sealed = $2 WHERE id = $1";
    SECRET = "SELECT hmac_sealed FROM api_keys WHERE id = $1";
    REVOKE = "UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    USED = "UPDATE api_keys SET used_at = $2 WHERE id = $1";
}

/// Which mailboxes a key is about: those of some domains and some more; all of
/// them when it names neither.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Whole domains.
    pub domains: Vec<String>,
    /// Single mailboxes, also after they are gone.
    pub accounts: Vec<AccountId>,
}

impl Reach {
    /// Whether the key is about every mailbox there is.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.domains.is_empty() && self.accounts.is_empty()
    }

    /// Whether an address is the key's, whoever will have it.
    #[must_use]
    pub fn covers(&self, address: &Address) -> bool {
        self.is_all() || self.domains.iter().any(|domain| domain == address.domain())
    }

    /// Whether the key is about this mailbox.
    #[must_use]
    pub fn holds(&self, account: AccountId, address: &Address) -> bool {
        self.covers(address) || self.accounts.contains(&account)
    }
}

/// What a key is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// What the admin calls it.
    pub name: String,
    /// What it may do.
    pub scopes: KeyScopes,
    /// Which mailboxes it may see and change.
    pub reach: Reach,
    /// Whether it may sign requests instead of showing itself.
    pub signs: bool,
    /// Requests in a minute.
    pub per_minute: u32,
}

/// A key without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Identity.
    pub id: ApiKeyId,
    /// What it is allowed.
    pub terms: Terms,
    /// Made.
    pub created_at: Micros,
    /// Revoked.
    pub revoked_at: Option<Micros>,
    /// Last request, to the minute.
    pub used_at: Option<Micros>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    hash: Vec<u8>,
    scopes: String,
    domains: String,
    accounts: String,
    per_minute: i64,
    signs: i64,
    created_at: i64,
    revoked_at: Option<i64>,
    used_at: Option<i64>,
}

impl TryFrom<Row> for ApiKey {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let wrong = |what: &dyn std::fmt::Display| {
            StoreError::inconsistent("api_keys", format!("{}: {what}", row.id))
        };
        Ok(Self {
            id: ApiKeyId(row.id),
            terms: Terms {
                scopes: row.scopes.parse().map_err(|e: String| wrong(&e))?,
                per_minute: row.per_minute.try_into().map_err(|e: std::num::TryFromIntError| wrong(&e))?,
                reach: Reach {
                    domains: row.domains.split_ascii_whitespace().map(str::to_owned).collect(),
                    // One that cannot be read must not be passed over: the key would reach more.
                    accounts: row
                        .accounts
                        .split_ascii_whitespace()
                        .map(|id| id.parse().map_err(|e: uuid::Error| wrong(&e)))
                        .collect::<Result<_, _>>()?,
                },
                signs: row.signs != 0,
                name: row.name,
            },
            created_at: row.created_at,
            revoked_at: row.revoked_at,
            used_at: row.used_at,
        })
    }
}

/// Stores a new key by its hash.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(act: &mut Act, hash: &[u8; 32], terms: &Terms) -> Result<ApiKeyId, StoreError> {
    let store = act.store();
    let id = store.dice().id(store.clock())?;
    let (scopes, domains) = (terms.scopes.to_string(), terms.reach.domains.join(" "));
    let accounts: Vec<String> = terms.reach.accounts.iter().map(ToString::to_string).collect();
    let (per_minute, now) = (i64::from(terms.per_minute), store.clock().now());
    execute!(
        act,
        INSERT,
        id,
        &terms.name,
        &hash[..],
        &scopes,
        &domains,
        accounts.join(" "),
        per_minute,
        now
    )?;
    Ok(ApiKeyId(id))
}

pub(super) fn place(id: Uuid) -> Place {
    Place::row("api_keys", "hmac_sealed", id)
}

/// Stores the secret by which the key signs.
///
/// # Errors
/// When the database does not answer.
pub async fn set_secret(act: &mut Act, id: ApiKeyId, secret: &Secret) -> Result<(), StoreError> {
    let store = act.store();
    let sealed = keys::seal(act, &store, &place(id.0), secret).await?;
    execute!(act, SET_SECRET, id.0, &sealed)?;
    Ok(())
}

/// The secret by which the key signs; none when it does not.
///
/// # Errors
/// When the database does not answer or the secret does not open.
pub async fn secret(store: &Store, on: &mut impl Source, id: ApiKeyId) -> Result<Option<Secret>, StoreError> {
    let sealed = fetch_one!(on, (Option<Vec<u8>>,), SECRET, id.0)?.and_then(|(sealed,)| sealed);
    sealed.map(|sealed| Ok(store.ring().open(&place(id.0), &sealed)?)).transpose()
}

/// The key with that hash, revoked or not.
///
/// # Errors
/// When the database does not answer.
pub async fn by_hash(on: &mut impl Source, hash: &[u8; 32]) -> Result<Option<ApiKey>, StoreError> {
    let found = fetch_one!(on, Row, BY_HASH, &hash[..])?;
    found.filter(|row| same(&row.hash, hash)).map(ApiKey::try_from).transpose()
}

/// The key of that identity.
///
/// # Errors
/// When the database does not answer.
pub async fn by_id(on: &mut impl Source, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
    fetch_one!(on, Row, BY_ID, id.0)?.map(ApiKey::try_from).transpose()
}

/// All keys, oldest first; at most 1,000.
///
/// # Errors
/// When the database does not answer.
pub async fn all(on: &mut impl Source) -> Result<Vec<ApiKey>, StoreError> {
    fetch_all!(on, Row, ALL)?.into_iter().map(ApiKey::try_from).collect()
}

/// Revokes a key; false when it was revoked before.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke(act: &mut Act, id: ApiKeyId) -> Result<bool, StoreError> {
    let now = act.store().clock().now();
    Ok(execute!(act, REVOKE, id.0, now)? == 1)
}

/// Notes a request.
///
/// # Errors
/// When the database does not answer.
pub async fn used(batch: &mut Batch, id: ApiKeyId, now: Micros) -> Result<(), StoreError> {
    execute!(batch, USED, id.0, now)?;
    Ok(())
}
