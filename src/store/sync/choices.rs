//! What users have chosen for their calendars, as JSON.

use postern_core::model::actor::Actor;
use postern_core::model::id::AccountId;
use uuid::Uuid;

use crate::clock::Micros;
use crate::store::act::Act;
use crate::store::error::StoreError;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

statements! {
    OF = "SELECT content, version, changed_at, changed_by FROM calendar_choices WHERE account_id = $1";
    ALL = "SELECT account_id, content FROM calendar_choices";
    ADD = "INSERT INTO calendar_choices (account_id, content, version, changed_at, changed_by) \
           VALUES ($1, $2, 1, $3, $4) ON CONFLICT (account_id) DO NOTHING";
    CHANGE = "UPDATE calendar_choices SET content = $2, version = version + 1, changed_at = $3, changed_by = $4 \
              WHERE account_id = $1 AND version = $5";
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Chosen {
    /// JSON.
    pub content: String,
    /// Counts the changes, from 1.
    pub version: i64,
    /// Last change.
    pub changed_at: Micros,
    /// By whom.
    pub changed_by: String,
}

/// What the account has chosen; none when nobody has.
///
/// # Errors
/// When the database does not answer.
pub async fn of(on: &mut impl Source, account: AccountId) -> Result<Option<Chosen>, StoreError> {
    fetch_one!(on, Chosen, OF, account.0)
}

/// What everybody has chosen, as JSON.
///
/// # Errors
/// When the database does not answer.
pub async fn all(on: &mut impl Source) -> Result<Vec<(AccountId, String)>, StoreError> {
    let rows: Vec<(Uuid, String)> = fetch_all!(on, (Uuid, String), ALL)?;
    Ok(rows.into_iter().map(|(account, content)| (AccountId(account), content)).collect())
}

/// Stores choices that were made on the sight of `version` (0 for none); false
/// when somebody was faster.
///
/// # Errors
/// When the database does not answer.
pub async fn put(
    act: &mut Act,
    account: AccountId,
    content: &str,
    version: i64,
    by: &Actor,
) -> Result<bool, StoreError> {
    let now = act.store().clock().now();
    let rows = match version {
        0 => execute!(act, ADD, account.0, content, now, by.label())?,
        _ => execute!(act, CHANGE, account.0, content, now, by.label(), version)?,
    };
    Ok(rows == 1)
}
