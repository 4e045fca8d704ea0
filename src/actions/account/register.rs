//! Who a mailbox is: its row, CRM user and aliases.

use postern_core::model::account::State;
use postern_core::model::address::Address;

use super::find::{allowed, free};
use crate::actions::ActError;
use crate::store::accounts::{self, Account};
use crate::store::{Act, Source, aliases};

/// What is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The mailbox.
    pub address: Address,
    /// The CRM user it belongs to; none for a shared mailbox.
    pub crm_user: Option<String>,
    /// Further addresses.
    pub aliases: Vec<Address>,
}

/// What registering did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Registered {
    New,
    Changed,
    Known,
}

/// Everything that stands in the way, without changing anything. Returns the
/// account when it is registered already.
pub(super) async fn examine(
    on: &mut impl Source,
    domains: &[String],
    wanted: &Registration,
) -> Result<Option<Account>, ActError> {
    allowed(&wanted.address, domains)?;
    let known = accounts::by_address(on, &wanted.address).await?;
    let own = known.as_ref().map(|account| account.id);
    free(on, &wanted.address, own).await?;
    for alias in &wanted.aliases {
        free(on, alias, own).await?;
    }
    match &known {
        Some(account) if account.state == State::Disabled => Err(ActError::Disabled(account.address.clone())),
        Some(account) if account.state == State::AwaitingApproval => {
            Err(ActError::AwaitingApproval(account.address.clone()))
        }
        _ => Ok(known),
    }
}

/// Registers the mailbox, or adds what is new to a known one; nothing is taken
/// away.
pub(super) async fn register(
    act: &mut Act,
    domains: &[String],
    wanted: &Registration,
) -> Result<(Account, Registered), ActError> {
    if let Some(known) = accounts::by_address(act, &wanted.address).await? {
        accounts::locked(act, known.id).await?;
    }
    let known = examine(act, domains, wanted).await?;
    let crm_user = wanted.crm_user.as_deref();
    let (mut account, mut done) = match known {
        Some(account) => (account, Registered::Known),
        None => {
            let account = accounts::insert(act, &wanted.address, crm_user, State::New).await?;
            (account, Registered::New)
        }
    };
    if crm_user.is_some() && account.crm_user.as_deref() != crm_user {
        accounts::set_crm_user(act, account.id, crm_user).await?;
        account.crm_user = wanted.crm_user.clone();
        done = Registered::Changed;
    }
    let mut had = aliases::of(act, account.id).await?;
    for alias in &wanted.aliases {
        if *alias == account.address || had.contains(alias) {
            continue;
        }
        aliases::insert(act, account.id, alias).await?;
        had.push(alias.clone());
        if done == Registered::Known {
            done = Registered::Changed;
        }
    }
    Ok((account, done))
}
