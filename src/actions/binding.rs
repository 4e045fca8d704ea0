//! Whose mailbox it is in the CRM.
//!
//! What an admin says is taken. What a program says is taken when the CRM
//! itself says that the mailbox's address is this user's; otherwise an admin
//! decides. An alias does not count: a program may add one as it likes.

#[cfg(test)]
pub mod trial;

use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::event::Event;

use super::account::held;
use super::{ActError, By};
use crate::crm::client::Client;
use crate::crm::user::UserId;
use crate::store::accounts::{self, Account};
use crate::store::{Act, Store, programs};

/// A program's word, weighed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// The mailbox is nobody's: a shared one.
    Nobody,
    /// It is this user's, and the CRM says so too.
    Confirmed(String),
    /// It is this user's; an admin decides.
    Proposed(String),
}

/// Weighs what programs say. Without a CRM every word waits for an admin.
#[derive(Clone, Default)]
pub struct Scales(Option<Client>);

impl Scales {
    /// With the CRM that is asked.
    #[must_use]
    pub fn new(crm: Option<Client>) -> Self {
        Self(crm)
    }

    /// Asks the CRM whether the mailbox is this user's. A CRM that does not
    /// answer leaves it to an admin.
    pub async fn weigh(&self, address: &Address, user: String) -> Word {
        let (Some(crm), Some(id)) = (&self.0, UserId::parse(&user)) else { return Word::Proposed(user) };
        match crm.user(&id).await {
            Ok(found) if found.has(address) => Word::Confirmed(user),
            Ok(_) => Word::Proposed(user),
            Err(fault) => {
                let (blame, retry) = (fault.blame(), fault.retry());
                tracing::warn!(%fault, ?blame, ?retry, "the CRM did not say whose mailbox it is; an admin decides");
                Word::Proposed(user)
            }
        }
    }
}

/// Takes a program's word; what was proposed before is withdrawn by it.
pub(super) async fn take(act: &mut Act, account: &Account, word: &Word) -> Result<Vec<Event>, ActError> {
    let (id, address) = (account.id, || account.address.clone());
    let (had, waits) = (account.crm_user.clone(), account.proposed_crm_user.clone());
    let dropped =
        waits.clone().map(|crm_user| Event::CrmUserDropped { account: id, address: address(), crm_user });
    match word {
        // What is connected already is not handed over by a record of the CRM, which its users may edit.
        Word::Confirmed(user) if had.is_none() && account.state == State::New => {
            accounts::set_crm_user(act, id, Some(user)).await?;
            Ok(vec![Event::CrmUserSet {
                account: id,
                address: address(),
                from: None,
                crm_user: user.clone(),
            }])
        }
        Word::Confirmed(user) | Word::Proposed(user) if waits.as_ref() == Some(user) => Ok(Vec::new()),
        Word::Confirmed(user) | Word::Proposed(user) if had.as_ref() != Some(user) => {
            programs::propose(act, id, Some(user)).await?;
            let (from, crm_user) = (had, user.clone());
            Ok(vec![Event::CrmUserProposed { account: id, address: address(), from, crm_user }])
        }
        Word::Confirmed(_) | Word::Proposed(_) => {
            programs::propose(act, id, None).await?;
            Ok(dropped.into_iter().collect())
        }
        Word::Nobody => {
            accounts::set_crm_user(act, id, None).await?;
            let cleared = had.map(|from| Event::CrmUserCleared { account: id, address: address(), from });
            Ok(cleared.into_iter().chain(dropped).collect())
        }
    }
}

/// An admin says that the proposed user is the right one.
///
/// # Errors
/// When another one is proposed by now, or none.
pub async fn confirm(store: &Store, by: &By, address: &Address, user: &str) -> Result<(), ActError> {
    let mut act = by.open(store).await?;
    let account = proposed(&mut act, address, user).await?;
    accounts::set_crm_user(&mut act, account.id, Some(user)).await?;
    let (from, crm_user) = (account.crm_user, user.to_owned());
    Ok(act
        .commit(Event::CrmUserSet { account: account.id, address: account.address, from, crm_user })
        .await?)
}

/// An admin says that the proposed user is not the right one.
///
/// # Errors
/// See [`confirm`].
pub async fn reject(store: &Store, by: &By, address: &Address, user: &str) -> Result<(), ActError> {
    let mut act = by.open(store).await?;
    let account = proposed(&mut act, address, user).await?;
    programs::propose(&mut act, account.id, None).await?;
    let crm_user = user.to_owned();
    Ok(act.commit(Event::CrmUserDropped { account: account.id, address: account.address, crm_user }).await?)
}

async fn proposed(act: &mut Act, address: &Address, user: &str) -> Result<Account, ActError> {
    let account = held(act, address).await?;
    if account.proposed_crm_user.as_deref() == Some(user) {
        return Ok(account);
    }
    Err(ActError::NoUserProposed(account.address))
}
