//! The groups of a mailbox's contacts at Google: read, and made.

use std::time::Duration;

use postern_core::model::event::Event;
use postern_core::model::id::AccountId;

use super::{ContactsFault, allowed, held};
use crate::actions::By;
use crate::google::people::People;
use crate::google::people::fault::Fault;
use crate::google::quota::Caller;
use crate::store::contacts::groups::{self, Listed};
use crate::store::{Store, accounts};

/// Longest name of a group, in characters.
const NAME: usize = 100;
/// How long somebody who looks at a page waits for a place in the budget.
const PATIENCE: Duration = Duration::from_secs(5);

/// The way to Google's groups, for people who wait for the answer. Cheap to clone.
#[derive(Clone)]
pub struct Groups(People);

impl Groups {
    /// By this way to Google Contacts.
    #[must_use]
    pub fn new(google: &People) -> Self {
        Self(google.counted_as(Caller::Poll, PATIENCE))
    }

    /// Asks Google for the list and takes it over. How many groups it has.
    ///
    /// # Errors
    /// When Google does not show the list, or the mailbox was removed meanwhile.
    pub async fn refresh(&self, store: &Store, by: &By, account: AccountId) -> Result<usize, ContactsFault> {
        let all: Vec<Listed> = self.0.groups(account).await?.into_iter().map(Listed::from).collect();
        let mut act = by.open(store).await?;
        let account = held(&mut act, account).await?;
        groups::put(&mut act, account.id, &all).await?;
        let listed = all.len();
        act.commit(Event::ContactGroupsRead { account: account.id, address: account.address, listed })
            .await?;
        Ok(listed)
    }

    /// Makes a group of that name; its name at Google.
    ///
    /// # Errors
    /// When there is one of that name, the mailbox is disabled, or Google does not make it.
    pub async fn make(
        &self,
        store: &Store,
        by: &By,
        account: AccountId,
        name: &str,
    ) -> Result<String, ContactsFault> {
        let name = name.trim();
        let plain = !name.is_empty() && name.chars().count() <= NAME && !name.chars().any(char::is_control);
        if !plain {
            return Err(ContactsFault::NoName);
        }
        allowed(accounts::by_id(&mut store.read().await?, account).await?)?;
        let made = match self.0.create_group(account, name).await {
            Ok(made) => made,
            Err(Fault::Duplicate) => return Err(ContactsFault::NameTaken),
            Err(fault) => return Err(fault.into()),
        };
        let resource = made.resource_name.clone();
        let mut act = by.open(store).await?;
        let account = held(&mut act, account).await?;
        let known = groups::of(store, &mut act, account.id).await?;
        let mut all: Vec<Listed> =
            known.into_iter().filter(|group| group.active).map(|group| group.listed).collect();
        if !all.iter().any(|group| group.resource == resource) {
            all.push(made.into());
        }
        groups::put(&mut act, account.id, &all).await?;
        let (account, address, group) = (account.id, account.address, resource.clone());
        act.commit(Event::ContactGroupMade { account, address, group }).await?;
        Ok(resource)
    }
}
