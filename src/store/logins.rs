//! Successful logins: counted per token and hour, first seen per peer.

use postern_core::model::id::{AccountId, TokenId};
use uuid::Uuid;

use super::act::Batch;
use super::error::StoreError;
use super::sql::{Source, execute, fetch_all, fetch_one, statements};
use crate::clock::Micros;

statements! {
    COUNT = "INSERT INTO login_counts (token_id, hour, count) \
             SELECT id, $2, $3 FROM crm_tokens WHERE id = $1 \
             ON CONFLICT (token_id, hour) DO UPDATE SET count = login_counts.count + excluded.count \
             RETURNING count, (SELECT account_id FROM crm_tokens WHERE id = $1)";
    USED = "UPDATE accounts SET used_at = $2 WHERE id = $1 AND used_at < $2";
    LAST_USED = "SELECT used_at FROM accounts WHERE id = $1 AND used_at > 0";
    FIRST = "INSERT INTO token_peers (token_id, peer, first_at) \
             SELECT id, $2, $3 FROM crm_tokens WHERE id = $1 \
             ON CONFLICT (token_id, peer) DO NOTHING";
    // Whole hours that no audit row tells of yet; the delete hands each to one process only.
    CLOSE = "DELETE FROM login_counts WHERE hour < $1 RETURNING token_id, hour, count";
}

/// Adds to the count of a token in an hour (start of the hour, microseconds).
/// Returns its account when these logins are the first of the hour.
///
/// # Errors
/// When the database does not answer.
pub async fn count(
    batch: &mut Batch,
    token: TokenId,
    hour: Micros,
    logins: i64,
) -> Result<Option<AccountId>, StoreError> {
    let row: Option<(i64, Uuid)> = fetch_one!(batch, (i64, Uuid), COUNT, token.0, hour, logins)?;
    Ok(row.filter(|(count, _)| *count == logins).map(|(_, account)| AccountId(account)))
}

/// Says that the account was logged in to at that time: its tokens are kept
/// alive.
///
/// # Errors
/// When the database does not answer.
pub async fn used(batch: &mut Batch, account: AccountId, at: Micros) -> Result<(), StoreError> {
    execute!(batch, USED, account.0, at)?;
    Ok(())
}

/// When the account was last logged in to, exact to the hour.
///
/// # Errors
/// When the database does not answer.
pub async fn last_used(on: &mut impl Source, account: AccountId) -> Result<Option<Micros>, StoreError> {
    Ok(fetch_one!(on, (i64,), LAST_USED, account.0)?.map(|(at,)| at))
}

/// Notes the peer; true when this token never logged in from there.
///
/// # Errors
/// When the database does not answer.
pub async fn first_from(
    batch: &mut Batch,
    token: TokenId,
    peer: &str,
    at: Micros,
) -> Result<bool, StoreError> {
    Ok(execute!(batch, FIRST, token.0, peer, at)? == 1)
}

/// Takes out the counts of hours before `hour`: one row per token and hour.
///
/// # Errors
/// When the database does not answer.
pub async fn close(batch: &mut Batch, hour: Micros) -> Result<Vec<(TokenId, Micros, i64)>, StoreError> {
    let rows: Vec<(Uuid, i64, i64)> = fetch_all!(batch, (Uuid, i64, i64), CLOSE, hour)?;
    Ok(rows.into_iter().map(|(token, hour, count)| (TokenId(token), hour, count)).collect())
}
