//! Has the CRM tell of changes: one webhook for each kind of record and event.
//!
//! A webhook whose secret is not known is of no use, so it is removed and made
//! anew. Only those of our own user that lead to our own address are touched.

use std::collections::BTreeSet;
use std::time::Duration;

use postern_core::plan::calendar::entry::Entity;
use url::Url;

use crate::crm::client::Client;
use crate::crm::fault::Fault;
use crate::crm::id::Id;
use crate::crm::webhook::{Event, Webhook};
use crate::store::leases::{self, Lease};
use crate::store::sync::crm_hooks::{self, Hook};
use crate::store::{Batch, Store, StoreError};

const EVENTS: [Event; 3] = [Event::Create, Event::Update, Event::Delete];
const LEASE: Duration = Duration::from_secs(120);

/// Why they are not all there.
#[derive(Debug, thiserror::Error)]
pub(in crate::sync) enum Unkept {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Crm(#[from] Fault),
}

/// Sees to it that they are there.
pub(in crate::sync) struct Webhooks<'a> {
    pub store: &'a Store,
    pub client: &'a Client,
    pub lease: &'a Lease,
    /// Where the CRM delivers.
    pub address: &'a Url,
}

impl Webhooks<'_> {
    /// Leaves what is right, and makes what is not.
    pub async fn keep(&self) -> Result<(), Unkept> {
        let there = self.client.webhooks().await?;
        let known = async { crm_hooks::all(&mut self.store.read().await?).await };
        let mut right = BTreeSet::new();
        let known = known.await?;
        for hook in &known {
            let found = there.iter().find(|webhook| webhook.id.as_str() == hook.hook_id);
            match found {
                Some(webhook) if webhook.url == self.address.as_str() && webhook.event == hook.event => {
                    right.insert(hook.event.as_str());
                }
                Some(webhook) => self.remove(&webhook.id).await?,
                None => self.forget(&hook.hook_id).await?,
            }
        }
        let ours = |webhook: &&Webhook| webhook.url == self.address.as_str();
        let unknown = |webhook: &&Webhook| known.iter().all(|hook| hook.hook_id != webhook.id.as_str());
        for webhook in there.iter().filter(ours).filter(unknown) {
            self.remove(&webhook.id).await?;
        }
        for (entity, event) in Entity::ALL.into_iter().flat_map(|entity| EVENTS.map(|event| (entity, event)))
        {
            if !right.contains(format!("{}.{}", entity.name(), event.name()).as_str()) {
                self.add(entity, event).await?;
            }
        }
        Ok(())
    }

    async fn batch(&self) -> Result<Batch, StoreError> {
        let mut batch = self.store.batch().await?;
        leases::extend(&mut batch, self.lease, LEASE).await?;
        Ok(batch)
    }

    async fn add(&self, entity: Entity, event: Event) -> Result<(), Unkept> {
        let made = self.client.add_webhook(entity.name(), event, self.address).await?;
        let Some(secret) = &made.secret else { return Ok(()) };
        let hook = Hook {
            event: format!("{}.{}", entity.name(), event.name()),
            hook_id: made.id.as_str().to_owned(),
            url: self.address.as_str().to_owned(),
        };
        let mut batch = self.batch().await?;
        crm_hooks::put(&mut batch, &hook, secret).await?;
        Ok(batch.commit().await?)
    }

    async fn remove(&self, id: &Id) -> Result<(), Unkept> {
        match self.client.remove_webhook(id).await {
            Ok(()) | Err(Fault::NotFound) => Ok(self.forget(id.as_str()).await?),
            Err(fault) => Err(fault.into()),
        }
    }

    async fn forget(&self, id: &str) -> Result<(), StoreError> {
        let mut batch = self.batch().await?;
        crm_hooks::gone(&mut batch, id).await?;
        batch.commit().await
    }
}
