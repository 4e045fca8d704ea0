//! Further addresses of an account: valid as user name and as From.

use postern_core::model::address::Address;
use postern_core::model::change::Change;
use postern_core::model::id::AccountId;

use super::act::Act;
use super::error::StoreError;
use super::sql::{Source, execute, fetch_all, statements};

statements! {
    INSERT = "INSERT INTO aliases (address, account_id) VALUES ($1, $2)";
    OF = "SELECT address FROM aliases WHERE account_id = $1 ORDER BY address LIMIT 1000";
    REMOVE = "DELETE FROM aliases WHERE address = $1 AND account_id = $2";
}

/// Adds an alias. The caller has looked for it among the accounts.
///
/// # Errors
/// `Conflict` when another account has it.
pub async fn insert(act: &mut Act, id: AccountId, alias: &Address) -> Result<(), StoreError> {
    execute!(act, INSERT, alias.as_str(), id.0)?;
    act.tell(Change::Account(id));
    Ok(())
}

/// Takes an alias away.
///
/// # Errors
/// When the database does not answer.
pub async fn remove(act: &mut Act, id: AccountId, alias: &Address) -> Result<(), StoreError> {
    execute!(act, REMOVE, alias.as_str(), id.0)?;
    act.tell(Change::Account(id));
    Ok(())
}

/// The aliases of an account.
///
/// # Errors
/// When the database does not answer.
pub async fn of(on: &mut impl Source, id: AccountId) -> Result<Vec<Address>, StoreError> {
    let rows: Vec<(String,)> = fetch_all!(on, (String,), OF, id.0)?;
    rows.iter()
        .map(|(text,)| {
            Address::parse(text).map_err(|e| StoreError::inconsistent("aliases", format!("{id}: {e}")))
        })
        .collect()
}
