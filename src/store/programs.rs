//! What a program said of a mailbox and an admin has not decided yet.

use postern_core::model::address::Address;
use postern_core::model::change::Change;
use postern_core::model::id::AccountId;
use uuid::Uuid;

use super::act::Act;
use super::error::StoreError;
use super::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

statements! {
    PROPOSE = "UPDATE accounts SET proposed_crm_user = $2, changed_at = $3 WHERE id = $1";
    UNDECIDED = "SELECT id, address FROM accounts WHERE proposed_crm_user IS NOT NULL \
                 ORDER BY address LIMIT $1";
    COUNT = "SELECT count(*) FROM accounts WHERE proposed_crm_user IS NOT NULL";
    UNAPPROVED = "UPDATE accounts SET unapproved = $2 WHERE id = $1";
    DISABLED = "UPDATE accounts SET program_disabled = $2 WHERE id = $1";
    UNOPENED = "SELECT id, address FROM accounts WHERE address > $1 AND unapproved AND state = 'new' \
                AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.account_id = accounts.id) \
                ORDER BY address LIMIT 500";
}

/// Keeps a CRM user until an admin decides; none takes the last one back.
///
/// # Errors
/// When the database does not answer.
pub async fn propose(act: &mut Act, id: AccountId, crm_user: Option<&str>) -> Result<(), StoreError> {
    let now = act.store().clock().now();
    execute!(act, PROPOSE, id.0, crm_user, now)?;
    Ok(())
}

/// Mailboxes whose CRM user an admin has to decide on: the first `limit` by
/// address, and how many there are.
///
/// # Errors
/// When the database does not answer.
pub async fn undecided(
    on: &mut impl Source,
    limit: i64,
) -> Result<(Vec<(AccountId, Address)>, i64), StoreError> {
    let rows = fetch_all!(on, (Uuid, String), UNDECIDED, limit)?;
    let count = fetch_one!(on, (i64,), COUNT)?.map_or(0, |(count,)| count);
    Ok((rows.into_iter().map(named).collect::<Result<_, _>>()?, count))
}

/// Whether an admin has yet to say that a service account may open it.
///
/// # Errors
/// When the database does not answer.
pub async fn set_unapproved(act: &mut Act, id: AccountId, unapproved: bool) -> Result<(), StoreError> {
    execute!(act, UNAPPROVED, id.0, unapproved)?;
    act.tell(Change::Account(id));
    Ok(())
}

/// Whether the program that disabled it may enable it again. Any later state
/// ends that.
///
/// # Errors
/// When the database does not answer.
pub async fn set_disabled(act: &mut Act, id: AccountId, by_program: bool) -> Result<(), StoreError> {
    execute!(act, DISABLED, id.0, by_program)?;
    Ok(())
}

/// Unapproved mailboxes that nothing opens, a page of them after `last`.
///
/// # Errors
/// When the database does not answer.
pub async fn unopened(on: &mut impl Source, last: &str) -> Result<Vec<(AccountId, Address)>, StoreError> {
    fetch_all!(on, (Uuid, String), UNOPENED, last)?.into_iter().map(named).collect()
}

fn named((id, address): (Uuid, String)) -> Result<(AccountId, Address), StoreError> {
    let address =
        Address::parse(&address).map_err(|e| StoreError::inconsistent("accounts", format!("{id}: {e}")))?;
    Ok((AccountId(id), address))
}
