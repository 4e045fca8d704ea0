//! Finding the account that a person names, and what stands in the way of an
//! address.

use postern_core::model::address::Address;
use postern_core::model::id::AccountId;

use crate::actions::ActError;
use crate::store::accounts::{self, Account};
use crate::store::{Act, Source};

/// The account of that address. An alias is refused by the name of its
/// account: what is removed or disabled has to be meant.
///
/// # Errors
/// When there is none.
pub async fn named(on: &mut impl Source, address: &Address) -> Result<Account, ActError> {
    if let Some(account) = accounts::by_address(on, address).await? {
        return Ok(account);
    }
    Err(match accounts::by_alias(on, address).await? {
        Some(account) => ActError::AnAlias { alias: address.clone(), owner: account.address },
        None => ActError::NoAccount(address.clone()),
    })
}

/// The same for an act that decides from the account's state: nobody else
/// changes it before the act ends.
///
/// # Errors
/// When there is none.
pub(in crate::actions) async fn held(act: &mut Act, address: &Address) -> Result<Account, ActError> {
    let account = named(act, address).await?;
    accounts::locked(act, account.id).await?.ok_or_else(|| ActError::NoAccount(address.clone()))
}

/// Refuses an address that an account other than `own` has, as its own or as
/// an alias.
pub(super) async fn free(
    on: &mut impl Source,
    address: &Address,
    own: Option<AccountId>,
) -> Result<(), ActError> {
    let owners = [accounts::by_address(on, address).await?, accounts::by_alias(on, address).await?];
    match owners.into_iter().flatten().find(|owner| Some(owner.id) != own) {
        Some(owner) => Err(ActError::Taken { address: address.clone(), owner: owner.address }),
        None => Ok(()),
    }
}

/// Refuses an address outside the allowed domains; without any, all may come.
pub(super) fn allowed(address: &Address, domains: &[String]) -> Result<(), ActError> {
    if domains.is_empty() || domains.iter().any(|domain| domain == address.domain()) {
        return Ok(());
    }
    Err(ActError::ForeignDomain { address: address.clone() })
}
