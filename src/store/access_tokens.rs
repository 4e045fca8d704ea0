//! Sealed access tokens, so that a new process or another node need not refresh.

use postern_core::model::id::AccountId;
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;
use uuid::Uuid;

use super::error::StoreError;
use super::keys;
use super::sql::{Source, Write, execute, fetch_all, fetch_one, statements};
use crate::clock::Micros;
use crate::seal::Place;

statements! {
    OF = "SELECT token_sealed, expires_at FROM access_tokens WHERE account_id = $1 AND scopes = $2";
    PUT = "INSERT INTO access_tokens (account_id, scopes, token_sealed, expires_at) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (account_id, scopes) DO UPDATE \
           SET token_sealed = excluded.token_sealed, expires_at = excluded.expires_at";
    // Of accounts in use, soonest end first.
    ENDING = "SELECT t.account_id, t.scopes, t.expires_at FROM access_tokens t \
              JOIN accounts a ON a.id = t.account_id \
              WHERE t.expires_at <= $1 AND a.used_at >= $2 AND a.state = 'active' \
              AND (t.expires_at, t.account_id, t.scopes) > ($3, $4, $5) \
              ORDER BY t.expires_at, t.account_id, t.scopes LIMIT 500";
    FORGET = "DELETE FROM access_tokens WHERE account_id = $1";
}

/// An access token with its end of life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// The token.
    pub token: Secret,
    /// End of life, microseconds since 1970.
    pub expires_at: Micros,
}

impl AccessToken {
    /// Whether these hold the same token, whatever end of life it was told with.
    #[must_use]
    pub fn is_one_of(&self, others: &[Self]) -> bool {
        others.iter().any(|other| other.token == self.token)
    }
}

pub(super) fn place(account: Uuid, scopes: &str) -> Place {
    Place::new("access_tokens", "token_sealed", &[account.as_bytes(), scopes.as_bytes()].concat())
}

/// The stored token of the account for these scopes, expired or not.
///
/// # Errors
/// When the database does not answer or the token does not open.
pub async fn of(
    store: &super::Store,
    on: &mut impl Source,
    account: AccountId,
    scopes: &ScopeSet,
) -> Result<Option<AccessToken>, StoreError> {
    let key = scopes.to_string();
    let row: Option<(Vec<u8>, i64)> = fetch_one!(on, (Vec<u8>, i64), OF, account.0, &key)?;
    let Some((sealed, expires_at)) = row else {
        return Ok(None);
    };
    Ok(Some(AccessToken { token: store.ring().open(&place(account.0, &key), &sealed)?, expires_at }))
}

/// Stores a token in place of an earlier one.
///
/// # Errors
/// When the database does not answer.
pub async fn put(
    on: &mut impl Write,
    account: AccountId,
    scopes: &ScopeSet,
    token: &AccessToken,
) -> Result<(), StoreError> {
    let key = scopes.to_string();
    let store = on.store();
    let sealed = keys::seal(on, &store, &place(account.0, &key), &token.token).await?;
    execute!(on, PUT, account.0, &key, &sealed, token.expires_at)?;
    Ok(())
}

/// Drops the account's tokens: its grant was replaced or refused.
///
/// # Errors
/// When the database does not answer.
pub async fn forget(act: &mut super::Act, account: AccountId) -> Result<(), StoreError> {
    execute!(act, FORGET, account.0)?;
    Ok(())
}

/// A token that ends soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Whose.
    pub account: AccountId,
    /// What it opens.
    pub scopes: ScopeSet,
    /// End of life.
    pub expires_at: Micros,
}

/// Tokens that end before `before`, of active accounts that were used since
/// `used`: a page behind `after`, soonest end first.
///
/// # Errors
/// When the database does not answer.
pub async fn ending(
    on: &mut impl Source,
    before: Micros,
    used: Micros,
    after: Option<&Ending>,
) -> Result<Vec<Ending>, StoreError> {
    let (end, account, scopes) = after.map_or((i64::MIN, Uuid::nil(), String::new()), |it| {
        (it.expires_at, it.account.0, it.scopes.to_string())
    });
    let rows: Vec<(Uuid, String, i64)> =
        fetch_all!(on, (Uuid, String, i64), ENDING, before, used, end, account, &scopes)?;
    Ok(rows
        .into_iter()
        .map(|(account, scopes, expires_at)| Ending {
            account: AccountId(account),
            scopes: ScopeSet::parse(&scopes),
            expires_at,
        })
        .collect())
}
