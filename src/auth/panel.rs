//! Who is behind a request of the Gmail panel.
//!
//! The frame holds a word of 256 random bits for [`LIFE`], the store its hash.
//! It opens nothing any more once the key that asked for the panel is revoked,
//! or reaches the mailbox no longer.

use std::time::Duration;

use postern_core::model::key_scope::KeyScope;

use super::hash;
use crate::store::accounts::{self, Account};
use crate::store::api_keys::{self, ApiKey};
use crate::store::panels::{self, Panel};
use crate::store::{Source, Store, StoreError};

/// Life of a bearer.
pub const LIFE: Duration = Duration::from_secs(15 * 60);
/// Requests of one panel in a minute.
pub const PER_MINUTE: u32 = 120;

/// A panel that was let through.
#[derive(Debug, Clone)]
pub struct Opened {
    /// What it is bound to.
    pub panel: Panel,
    /// The key that asked for it, as it stands now.
    pub key: ApiKey,
    /// The mailbox, as it stands now; none when it was not registered.
    pub account: Option<Account>,
}

/// What stands in the way of a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bar {
    /// The mailbox is not registered.
    NotRegistered,
    /// It belongs to another CRM user.
    Foreign,
    /// It belongs to no CRM user.
    Nobodys,
    /// The CRM's key may not issue tokens.
    KeyLacksIssue,
}

impl Opened {
    /// The mailbox, if this CRM user may start connecting it: its owner, or
    /// anybody as long as it has none. Google then asks for the account of its
    /// address whoever started, so a stranger ends there.
    ///
    /// # Errors
    /// Says why not.
    pub fn may_connect(&self) -> Result<&Account, Bar> {
        match self.own() {
            Err(Bar::Nobodys) => self.account.as_ref().ok_or(Bar::NotRegistered),
            other => other,
        }
    }

    /// The mailbox, if it belongs to this CRM user.
    ///
    /// # Errors
    /// Says why not.
    pub fn own(&self) -> Result<&Account, Bar> {
        let account = self.account.as_ref().ok_or(Bar::NotRegistered)?;
        match &account.crm_user {
            None => Err(Bar::Nobodys),
            Some(owner) if *owner == self.panel.terms.crm_user => Ok(account),
            Some(_) => Err(Bar::Foreign),
        }
    }

    /// The mailbox, if a token may be issued: a key gains by the panel nothing
    /// that it may not have without.
    ///
    /// # Errors
    /// Says why not.
    pub fn may_issue(&self) -> Result<&Account, Bar> {
        let account = self.own()?;
        if self.key.terms.scopes.allow(KeyScope::TokenIssue) { Ok(account) } else { Err(Bar::KeyLacksIssue) }
    }
}

/// The panel behind a bearer, if it lives.
///
/// # Errors
/// When the database does not answer.
pub async fn recognise(store: &Store, bearer: &str) -> Result<Option<Opened>, StoreError> {
    let mut read = store.read().await?;
    let now = store.clock().now();
    match panels::by_bearer(&mut read, &hash::of(bearer), now).await? {
        Some(panel) => surroundings(&mut read, panel).await,
        None => Ok(None),
    }
}

/// A panel with its key and its mailbox, if both still let it be.
///
/// # Errors
/// When the database does not answer.
pub async fn surroundings(on: &mut impl Source, panel: Panel) -> Result<Option<Opened>, StoreError> {
    let key = api_keys::by_id(on, panel.terms.key).await?.filter(|key| key.revoked_at.is_none());
    let Some(key) = key else { return Ok(None) };
    let account = match panel.terms.account {
        Some(id) => {
            let held = |account: &Account| key.terms.reach.holds(account.id, &account.address);
            let Some(account) = accounts::by_id(on, id).await?.filter(held) else { return Ok(None) };
            Some(account)
        }
        None => None,
    };
    Ok(Some(Opened { panel, key, account }))
}
