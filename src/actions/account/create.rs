//! Registering a mailbox for a program, and the link that it hands on.
//!
//! A program never opens a mailbox by itself: one that a service account would
//! serve waits for an admin, every other one for its owner.

use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use url::Url;

use super::add::{Rules, all};
use super::approval::held_back;
use super::find::held;
use super::link::{self, Link};
use super::register::{Registration, register};
use crate::actions::binding::{self, Word};
use crate::actions::once::{self, Creation, Once};
use crate::actions::{ActError, By};
use crate::store::{Store, accounts, grants, programs, service_accounts};

/// Registers a mailbox that is not registered yet, with the program's word for
/// its CRM user, which goes before the registration's.
///
/// # Errors
/// When the address or an alias is taken, or the account may not be connected.
pub async fn create(
    store: &Store,
    by: &By,
    rules: Rules<'_>,
    wanted: &Registration,
    crm_user: Option<&Word>,
    once: Option<&Once>,
) -> Result<Creation<AccountId>, ActError> {
    let mut act = by.open(store).await?;
    if let Some(earlier) = once::claim(&mut act, once).await? {
        return Ok(earlier);
    }
    if accounts::by_address(&mut act, &wanted.address).await?.is_some() {
        return Err(ActError::Registered(wanted.address.clone()));
    }
    let nobody = Registration { crm_user: None, ..wanted.clone() };
    let (mut account, mut events) = register(&mut act, rules.allowed_domains, &nobody, false).await?;
    if let Some(word) = crm_user {
        events.extend(binding::take(&mut act, &account, word).await?);
    }
    programs::set_unapproved(&mut act, account.id, true).await?;
    account.unapproved = true;
    events.extend(held_back(store, &mut act, &mut account, "created_by_api").await?);
    once::keep(&mut act, once, once::CREATED, &account.id.to_string()).await?;
    all(act, events).await?;
    Ok(Creation::Fresh(account.id))
}

/// A fresh link for the mailbox's owner.
///
/// # Errors
/// When nobody has to consent, or an admin has to act first.
pub async fn consent_link(
    store: &Store,
    by: &By,
    address: &Address,
    public_url: &Url,
    once: Option<&Once>,
) -> Result<Creation<Link>, ActError> {
    let mut act = by.open(store).await?;
    if let Some(earlier) = once::claim(&mut act, once).await? {
        return Ok(earlier);
    }
    let account = held(&mut act, address).await?;
    match account.state {
        State::Disabled => return Err(ActError::Disabled(account.address)),
        State::AwaitingApproval => return Err(ActError::AwaitingApproval(account.address)),
        State::New | State::Active | State::NeedsConsent | State::NeedsSignIn => {}
    }
    let own = grants::of(store, &mut act, account.id).await?.is_some();
    let served = service_accounts::serving(store, &mut act, account.address.domain()).await?;
    if let Some(served) = served.filter(|_| !own) {
        return Err(ActError::Served { address: account.address, email: served.email });
    }
    let link = link::issue(&mut act, account.id, public_url).await?;
    once::keep(&mut act, once, once::CREATED, &account.id.to_string()).await?;
    act.commit(Event::ConsentLinkIssued { account: account.id, address: account.address }).await?;
    Ok(Creation::Fresh(link))
}
