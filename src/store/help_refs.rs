//! What `/r/<ref>` shows: the refusal behind a reference, for 30 days.

use postern_core::model::id::AccountId;
use uuid::Uuid;

use super::act::Batch;
use super::error::StoreError;
use super::sql::{Source, execute, fetch_one, statements};
use crate::clock::Micros;

statements! {
    PUT = "INSERT INTO help_refs (ref, account_id, cause, expires_at) \
           SELECT $1, id, $3, $4 FROM accounts WHERE id = $2 ON CONFLICT (ref) DO NOTHING";
    GET = "SELECT account_id, cause FROM help_refs WHERE ref = $1 AND expires_at > $2";
    OF = "SELECT ref FROM help_refs WHERE account_id = $1 AND expires_at > $2 \
          AND cause IN ('needs_consent', 'needs_sign_in') ORDER BY expires_at DESC LIMIT 1";
    PRUNE = "DELETE FROM help_refs WHERE expires_at < $1";
}

/// Keeps the refusal.
///
/// # Errors
/// When the database does not answer.
pub async fn put(
    on: &mut impl Source,
    reference: &str,
    account: AccountId,
    cause: &str,
    expires_at: Micros,
) -> Result<(), StoreError> {
    execute!(on, PUT, reference, account.0, cause, expires_at)?;
    Ok(())
}

/// The account and the cause behind a reference that is still live.
///
/// # Errors
/// When the database does not answer.
pub async fn get(
    on: &mut impl Source,
    reference: &str,
    now: Micros,
) -> Result<Option<(AccountId, String)>, StoreError> {
    let row: Option<(Uuid, String)> = fetch_one!(on, (Uuid, String), GET, reference, now)?;
    Ok(row.map(|(account, cause)| (AccountId(account), cause)))
}

/// The last live reference that leads the owner of this account to a consent.
///
/// # Errors
/// When the database does not answer.
pub async fn of(on: &mut impl Source, account: AccountId, now: Micros) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> = fetch_one!(on, (String,), OF, account.0, now)?;
    Ok(row.map(|(reference,)| reference))
}

/// Forgets what ended before `before`.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch, before: Micros) -> Result<(), StoreError> {
    execute!(batch, PRUNE, before)?;
    Ok(())
}
