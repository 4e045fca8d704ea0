//! Settings of a mailbox, changed by a program.
//!
//! A program undoes what a program did: what an admin has disabled stays as it
//! is, and a mailbox that waits for approval cannot be taken round it.

use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::event::Event;

use super::add::all;
use super::find::{free, held};
use super::switch;
use crate::actions::binding::{self, Word};
use crate::actions::{ActError, By};
use crate::store::accounts::Account;
use crate::store::{Act, Store, aliases, programs};

/// What is to be changed; what is not named stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amendment {
    /// The CRM user it belongs to.
    pub crm_user: Option<Word>,
    /// Its further addresses, all of them.
    pub aliases: Option<Vec<Address>>,
    /// Whether anybody may log in.
    pub enabled: Option<bool>,
}

/// Changes settings, all or none of them.
///
/// # Errors
/// When an admin has disabled the mailbox, or an alias is taken.
pub async fn amend(store: &Store, by: &By, address: &Address, wanted: &Amendment) -> Result<(), ActError> {
    let mut act = by.open(store).await?;
    let mut account = held(&mut act, address).await?;
    if account.state == State::Disabled && !account.program_disabled {
        return Err(ActError::Disabled(account.address));
    }
    let mut events = Vec::new();
    if let Some(word) = &wanted.crm_user {
        events.extend(binding::take(&mut act, &account, word).await?);
    }
    if let Some(wanted) = &wanted.aliases {
        events.extend(replaced(&mut act, &account, wanted).await?);
    }
    if let Some(enabled) = wanted.enabled {
        events.extend(switched(store, &mut act, &mut account, enabled).await?);
    }
    all(act, events).await
}

pub(super) async fn replaced(
    act: &mut Act,
    account: &Account,
    wanted: &[Address],
) -> Result<Vec<Event>, ActError> {
    let id = account.id;
    let mut had = aliases::of(act, id).await?;
    let mut events = Vec::new();
    for alias in had.extract_if(.., |alias| !wanted.contains(alias)).collect::<Vec<_>>() {
        aliases::remove(act, id, &alias).await?;
        events.push(Event::AliasRemoved { account: id, address: account.address.clone(), alias });
    }
    for alias in wanted {
        if *alias == account.address || had.contains(alias) {
            continue;
        }
        free(act, alias, Some(id)).await?;
        aliases::insert(act, id, alias).await?;
        had.push(alias.clone());
        let (address, alias) = (account.address.clone(), alias.clone());
        events.push(Event::AliasAdded { account: id, address, alias });
    }
    Ok(events)
}

async fn switched(
    store: &Store,
    act: &mut Act,
    account: &mut Account,
    enabled: bool,
) -> Result<Vec<Event>, ActError> {
    match (enabled, account.state) {
        (true, State::Disabled) => switch::on(store, act, account).await,
        (false, State::AwaitingApproval) => Err(ActError::AwaitingApproval(account.address.clone())),
        (false, State::New | State::Active | State::NeedsConsent | State::NeedsSignIn) => {
            let events = switch::off(act, account).await?;
            programs::set_disabled(act, account.id, true).await?;
            Ok(events.into_iter().collect())
        }
        (true, _) | (false, State::Disabled) => Ok(Vec::new()),
    }
}
