//! Grants: refresh tokens with their scopes, one per account.

use postern_core::model::change::Change;
use postern_core::model::id::{AccountId, ClientId, GrantId};
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;
use uuid::Uuid;

use super::act::Act;
use super::error::StoreError;
use super::keys;
use super::sql::{Source, Write, execute, fetch_all, fetch_one, statements};
use crate::clock::Micros;
use crate::seal::Place;

statements! {
    OF = "SELECT account_id, id, client, scopes, refresh_sealed, granted_at FROM grants WHERE account_id = $1";
    // One statement, so that two consents at once end with the later one and no conflict.
    REPLACE = "INSERT INTO grants (account_id, id, client, scopes, refresh_sealed, granted_at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id) DO UPDATE \
               SET id = excluded.id, client = excluded.client, scopes = excluded.scopes, \
               refresh_sealed = excluded.refresh_sealed, granted_at = excluded.granted_at";
    // Takes the row's lock: a token that is compared stays until the commit.
    LOCK = "UPDATE grants SET id = id WHERE account_id = $1 \
            RETURNING account_id, id, client, scopes, refresh_sealed, granted_at";
    ROTATE = "UPDATE grants SET refresh_sealed = $3 WHERE account_id = $1 AND id = $2";
    REMOVE = "DELETE FROM grants WHERE account_id = $1";
    OWN = "SELECT account_id FROM grants WHERE client = $1 ORDER BY account_id";
    // Accounts with a grant of another client than the current one.
    FOREIGN = "SELECT account_id FROM grants WHERE client <> $1 ORDER BY account_id";
}

/// A grant.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Identity: a new consent makes a new one.
    pub id: GrantId,
    /// The OAuth client it belongs to.
    pub client: ClientId,
    /// What the user granted.
    pub scopes: ScopeSet,
    /// The refresh token.
    pub refresh_token: Secret,
    /// When.
    pub granted_at: Micros,
}

#[derive(sqlx::FromRow)]
struct Row {
    account_id: Uuid,
    id: Uuid,
    client: Uuid,
    scopes: String,
    refresh_sealed: Vec<u8>,
    granted_at: i64,
}

pub(super) fn place(account: Uuid) -> Place {
    Place::row("grants", "refresh_sealed", account)
}

/// The account's grant.
///
/// # Errors
/// When the database does not answer or the token does not open.
pub async fn of(
    store: &super::Store,
    on: &mut impl Source,
    account: AccountId,
) -> Result<Option<Grant>, StoreError> {
    fetch_one!(on, Row, OF, account.0)?.map(|row| open(store, &row)).transpose()
}

/// The account's grant, which nobody else changes before the transaction ends.
///
/// # Errors
/// When the database does not answer or the token does not open.
pub async fn locked(on: &mut impl Write, account: AccountId) -> Result<Option<Grant>, StoreError> {
    let store = on.store();
    fetch_one!(on, Row, LOCK, account.0)?.map(|row| open(&store, &row)).transpose()
}

fn open(store: &super::Store, row: &Row) -> Result<Grant, StoreError> {
    Ok(Grant {
        id: GrantId(row.id),
        client: ClientId(row.client),
        scopes: ScopeSet::parse(&row.scopes),
        refresh_token: store.ring().open(&place(row.account_id), &row.refresh_sealed)?,
        granted_at: row.granted_at,
    })
}

/// Puts a grant in place of an earlier one, which is not revoked: at Google
/// that would end the new one too.
///
/// # Errors
/// When the database does not answer.
pub async fn replace(
    act: &mut Act,
    account: AccountId,
    client: ClientId,
    scopes: &ScopeSet,
    refresh_token: &Secret,
) -> Result<GrantId, StoreError> {
    let store = act.store();
    let id = store.dice().id(store.clock())?;
    let sealed = keys::seal(act, &store, &place(account.0), refresh_token).await?;
    execute!(act, REPLACE, account.0, id, client.0, scopes.to_string(), &sealed, store.clock().now())?;
    act.tell(Change::Account(account));
    Ok(GrantId(id))
}

/// Forgets the grant of an account.
///
/// # Errors
/// When the database does not answer.
pub async fn remove(act: &mut Act, account: AccountId) -> Result<(), StoreError> {
    execute!(act, REMOVE, account.0)?;
    act.tell(Change::Account(account));
    Ok(())
}

/// Stores a rotated refresh token, unless a new consent came meanwhile.
///
/// # Errors
/// When the database does not answer.
pub async fn rotate(
    on: &mut impl Write,
    account: AccountId,
    grant: GrantId,
    refresh_token: &Secret,
) -> Result<(), StoreError> {
    let store = on.store();
    let sealed = keys::seal(on, &store, &place(account.0), refresh_token).await?;
    execute!(on, ROTATE, account.0, grant.0, &sealed)?;
    Ok(())
}

/// Accounts whose grant belongs to `client`.
///
/// # Errors
/// When the database does not answer.
pub async fn own(on: &mut impl Source, client: ClientId) -> Result<Vec<AccountId>, StoreError> {
    let rows: Vec<(Uuid,)> = fetch_all!(on, (Uuid,), OWN, client.0)?;
    Ok(rows.into_iter().map(|(id,)| AccountId(id)).collect())
}

/// Accounts whose grant belongs to another client than `current`.
///
/// # Errors
/// When the database does not answer.
pub async fn foreign(on: &mut impl Source, current: ClientId) -> Result<Vec<AccountId>, StoreError> {
    let rows: Vec<(Uuid,)> = fetch_all!(on, (Uuid,), FOREIGN, current.0)?;
    Ok(rows.into_iter().map(|(id,)| AccountId(id)).collect())
}
