//! Has both sides tell of their changes, as far as they can reach us: webhooks of
//! the CRM, channels of Google. Nothing depends on it: what nobody tells of, the
//! interval finds.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use url::Url;

use super::calendar::channels::Channels;
use super::crm::webhooks::{Unkept, Webhooks};
use super::told::Told;
use super::worker::{JOB, paused};
use crate::clock::{Micros, micros};
use crate::crm::client::Client;
use crate::crm::fault::Fault;
use crate::google::calendar::Calendar;
use crate::store::leases::{self, Lease};
use crate::store::sync::calendars;
use crate::store::{Store, StoreError};

/// How often it is looked whether something has to be opened or ended.
const LOOK: Duration = Duration::from_secs(60);
/// How often the CRM is asked for its webhooks.
const DAY: Duration = Duration::from_secs(86_400);
/// A CRM that did not answer is asked again after this time.
const AGAIN: Duration = Duration::from_secs(3_600);
const LEASE: Duration = Duration::from_secs(120);

/// Where we may be called.
#[derive(Debug, Clone, Default)]
pub struct Addresses {
    /// By the CRM, where its webhooks are to be made.
    pub crm: Option<Url>,
    /// By Google.
    pub google: Option<Url>,
}

/// Keeps webhooks and channels.
pub struct Listening {
    store: Store,
    google: Calendar,
    crm: Option<Client>,
    addresses: Addresses,
    webhooks_at: AtomicI64,
    told: Told,
}

impl Listening {
    /// One that has not looked yet.
    #[must_use]
    pub fn new(store: Store, google: Calendar, crm: Option<Client>, addresses: Addresses) -> Self {
        Self { store, google, crm, addresses, webhooks_at: AtomicI64::default(), told: Told::default() }
    }

    /// Looks until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        if self.crm.is_none() {
            return;
        }
        loop {
            if let Err(error) = self.look().await {
                tracing::debug!(%error, "nobody was asked to tell of changes");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Looks once.
    ///
    /// # Errors
    /// When the database does not answer, or another process has gone on in our place.
    pub async fn look(&self) -> Result<(), StoreError> {
        let (store, now) = (&self.store, self.store.clock().now());
        if paused(store, JOB).await? {
            return Ok(());
        }
        let webhooks = self.webhooks_due(now).await?;
        let channels = Channels::due(store, self.addresses.google.as_ref()).await?;
        if webhooks.is_none() && !channels {
            return Ok(());
        }
        let Some(lease) = leases::take(store, "sync listening", LEASE).await? else { return Ok(()) };
        let kept = async {
            if let Some((client, address)) = webhooks {
                self.webhooks(client, address, &lease).await?;
            }
            let address = self.addresses.google.as_ref();
            Channels { store, google: &self.google, lease: &lease, address, told: &self.told }.keep().await
        };
        let kept = kept.await;
        leases::give_back(store, &lease).await?;
        kept
    }

    async fn webhooks_due(&self, now: Micros) -> Result<Option<(&Client, &Url)>, StoreError> {
        let ways = self.crm.as_ref().zip(self.addresses.crm.as_ref());
        if ways.is_none() || now < self.webhooks_at.load(Ordering::SeqCst) {
            return Ok(None);
        }
        let used = calendars::used(&mut self.store.read().await?).await? > 0;
        Ok(ways.filter(|_| used))
    }

    async fn webhooks(&self, client: &Client, address: &Url, lease: &Lease) -> Result<(), StoreError> {
        let kept = Webhooks { store: &self.store, client, lease, address }.keep().await;
        let pause = match kept {
            Ok(()) => {
                self.told.forget(NO_ACCESS);
                self.told.forget(NOT_INTERNAL);
                DAY
            }
            Err(Unkept::Store(error)) => return Err(error),
            Err(Unkept::Crm(fault)) => self.refused(&fault),
        };
        self.webhooks_at.store(self.store.clock().now() + micros(pause), Ordering::SeqCst);
        Ok(())
    }

    // When to ask again.
    fn refused(&self, fault: &Fault) -> Duration {
        let (word, remedy) = match fault {
            Fault::NoAccess { .. } => (
                NO_ACCESS,
                "give the role of the API user the scope Webhooks; until then calendars are read by the interval",
            ),
            Fault::Invalid { field, .. } if field.as_str() == "url" => (
                NOT_INTERNAL,
                "put host:port of http.public_url into webhookAllowedAddressList of the CRM; until then \
                 calendars are read by the interval",
            ),
            other => {
                tracing::debug!(fault = %other, "the CRM was not asked for its webhooks");
                return AGAIN;
            }
        };
        if self.told.first(word) {
            tracing::warn!(%fault, remedy, "the CRM makes no webhooks");
        }
        DAY
    }
}

const NO_ACCESS: &str = "no_access";
const NOT_INTERNAL: &str = "not_internal";
