//! Who a mailbox is: its row, CRM user and aliases.

use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::event::Event;

use super::find::{allowed, free};
use crate::actions::ActError;
use crate::actions::binding::{self, Word};
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
/// away. Says what happened; nothing when all of it was known. The CRM user of
/// an author who does not bind waits for an admin: whoever the mailbox belongs
/// to there may issue its tokens in the panel.
pub(super) async fn register(
    act: &mut Act,
    domains: &[String],
    wanted: &Registration,
    binds: bool,
) -> Result<(Account, Vec<Event>), ActError> {
    if let Some(known) = accounts::by_address(act, &wanted.address).await? {
        accounts::locked(act, known.id).await?;
    }
    let known = examine(act, domains, wanted).await?;
    let crm_user = wanted.crm_user.as_deref();
    let mut events = Vec::new();
    let mut account = match known {
        Some(account) => account,
        None => {
            let bound = crm_user.filter(|_| binds);
            let account = accounts::insert(act, &wanted.address, bound, State::New).await?;
            let (address, state) = (account.address.clone(), account.state);
            events.push(Event::AccountAdded { account: account.id, address, state });
            account
        }
    };
    if let Some(user) = crm_user.filter(|user| account.crm_user.as_deref() != Some(*user)) {
        if binds {
            accounts::set_crm_user(act, account.id, crm_user).await?;
            let from = account.crm_user.replace(user.to_owned());
            let (address, crm_user) = (account.address.clone(), user.to_owned());
            events.push(Event::CrmUserSet { account: account.id, address, from, crm_user });
        } else {
            events.extend(binding::take(act, &account, &Word::Proposed(user.to_owned())).await?);
        }
    }
    let mut had = aliases::of(act, account.id).await?;
    for alias in &wanted.aliases {
        if *alias == account.address || had.contains(alias) {
            continue;
        }
        aliases::insert(act, account.id, alias).await?;
        had.push(alias.clone());
        let address = account.address.clone();
        events.push(Event::AliasAdded { account: account.id, address, alias: alias.clone() });
    }
    Ok((account, events))
}
