//! Products that the owner of a mailbox has switched off here.

use postern_core::model::change::Change;
use postern_core::model::id::AccountId;
use postern_core::model::scope::{Product, ScopeSet};

use super::act::Act;
use super::error::StoreError;
use super::sql::{Source, Write as _, execute, fetch_all, statements};
use super::sync::calendars;

statements! {
    PUT = "INSERT INTO switched_off (account_id, product, at) VALUES ($1, $2, $3) \
           ON CONFLICT (account_id, product) DO NOTHING";
    TAKE = "DELETE FROM switched_off WHERE account_id = $1 AND product = $2";
    OF = "SELECT product FROM switched_off WHERE account_id = $1 ORDER BY product LIMIT 100";
}

/// Switches a product off or on; false when it stood so before.
///
/// # Errors
/// When the database does not answer.
pub async fn set(act: &mut Act, account: AccountId, product: Product, on: bool) -> Result<bool, StoreError> {
    let now = act.store().clock().now();
    let changed = if on {
        execute!(act, TAKE, account.0, product.name())?
    } else {
        execute!(act, PUT, account.0, product.name(), now)?
    };
    if on && product == Product::Calendar {
        calendars::wake_all(act, Some(account), now).await?;
    }
    act.tell(Change::Account(account));
    Ok(changed == 1)
}

/// What the owner has switched off.
///
/// # Errors
/// When the database does not answer.
pub async fn of(on: &mut impl Source, account: AccountId) -> Result<Vec<Product>, StoreError> {
    let rows: Vec<(String,)> = fetch_all!(on, (String,), OF, account.0)?;
    let named = |name: &str| Product::ALL.into_iter().find(|product| product.name() == name);
    Ok(rows.iter().filter_map(|(name,)| named(name)).collect())
}

/// Whether one of these scopes opens what the owner has switched off.
///
/// # Errors
/// When the database does not answer.
pub async fn bars(on: &mut impl Source, account: AccountId, scopes: &ScopeSet) -> Result<bool, StoreError> {
    Ok(of(on, account).await?.into_iter().any(|product| scopes.opens(product)))
}
