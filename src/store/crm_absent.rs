//! Mailboxes whose user the CRM has no more, or lets in no more. Nothing is kept in step for them.

use postern_core::model::address::Address;
use postern_core::model::id::AccountId;
use uuid::Uuid;

use super::act::Act;
use super::error::StoreError;
use super::sql::{Source, Write as _, execute, fetch_all, fetch_one, statements};
use crate::clock::Micros;

statements! {
    PUT = "INSERT INTO crm_absent (account_id, why, since) VALUES ($1, $2, $3) ON CONFLICT (account_id) DO UPDATE \
           SET why = excluded.why WHERE crm_absent.why <> excluded.why";
    TAKE = "DELETE FROM crm_absent WHERE account_id = $1";
    OF = "SELECT why, since FROM crm_absent WHERE account_id = $1";
    NAMED = "SELECT a.id, a.address FROM crm_absent c JOIN accounts a ON a.id = c.account_id AND a.state <> 'disabled' \
             ORDER BY c.since, a.address LIMIT $1";
    // Nobody has to say anything of a mailbox that is barred.
    COUNT = "SELECT count(*) FROM crm_absent c JOIN accounts a ON a.id = c.account_id AND a.state <> 'disabled'";
}

/// Why the CRM has nobody for a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The user may not sign in any more.
    Deactivated,
    /// There is no such user.
    Deleted,
}

impl Why {
    /// The word in the store, in the journal and in the REST API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Deactivated => "deactivated",
            Self::Deleted => "deleted",
        }
    }

    fn parse(word: &str) -> Result<Self, StoreError> {
        [Self::Deactivated, Self::Deleted]
            .into_iter()
            .find(|why| why.name() == word)
            .ok_or_else(|| StoreError::inconsistent("crm_absent", word))
    }
}

/// Notes that the user is gone; false when that was known.
///
/// # Errors
/// When the database does not answer.
pub async fn put(act: &mut Act, account: AccountId, why: Why) -> Result<bool, StoreError> {
    let now = act.store().clock().now();
    Ok(execute!(act, PUT, account.0, why.name(), now)? == 1)
}

/// The user is there again; false when nobody knew otherwise.
///
/// # Errors
/// When the database does not answer.
pub async fn take(act: &mut Act, account: AccountId) -> Result<bool, StoreError> {
    Ok(execute!(act, TAKE, account.0)? == 1)
}

/// Why and since when a mailbox has nobody in the CRM.
///
/// # Errors
/// When the database does not answer.
pub async fn of(on: &mut impl Source, account: AccountId) -> Result<Option<(Why, Micros)>, StoreError> {
    let row = fetch_one!(on, (String, i64), OF, account.0)?;
    row.map(|(why, since)| Ok((Why::parse(&why)?, since))).transpose()
}

/// At most `most` of them, those who went first.
///
/// # Errors
/// When the database does not answer.
pub async fn named(on: &mut impl Source, most: i64) -> Result<Vec<(AccountId, Address)>, StoreError> {
    let rows: Vec<(Uuid, String)> = fetch_all!(on, (Uuid, String), NAMED, most)?;
    let broken = |_| StoreError::inconsistent("accounts", "address");
    rows.iter().map(|(id, address)| Ok((AccountId(*id), Address::parse(address).map_err(broken)?))).collect()
}

/// How many there are.
///
/// # Errors
/// When the database does not answer.
pub async fn count(on: &mut impl Source) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), COUNT)?.map_or(0, |(count,)| count))
}
