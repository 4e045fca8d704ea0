//! Has Google call when a calendar in use changes: one channel for each.
//!
//! A channel is renewed when less than a third of its life is left: the next one
//! is opened first, then the earlier one is stopped, so no change falls between
//! them. What Google refuses is left to the interval; no run depends on it.

use std::time::Duration;

use postern_core::model::refusal::{Blame, Retry};
use postern_core::model::secret::Secret;
use url::Url;

use crate::clock::{Micros, micros};
use crate::google::calendar::Calendar;
use crate::google::calendar::channel::{Channel, Wanted};
use crate::google::calendar::fault::Fault;
use crate::google::quota::Caller;
use crate::store::leases::{self, Lease};
use crate::store::sync::channels::{self, Meant, Wanting};
use crate::store::{Batch, Store, StoreError};
use crate::sync::told::Told;
use crate::sync::who;

/// For how long a channel is asked.
const LIFE: Duration = Duration::from_secs(7 * 86_400);
/// Longest life that is believed.
const LONGEST: Duration = Duration::from_secs(31 * 86_400);
/// Tenths of its life after which a channel is renewed.
const RENEWED: i64 = 7;
/// Channels that are opened, and ended, in one look; the next goes on.
const MOST: i64 = 60;
/// A calendar has no second channel opened within this time, whatever Google says.
const FLOOR: Duration = Duration::from_secs(300);
/// A calendar that Google does not watch is tried again after this time.
const REFUSED: Duration = Duration::from_secs(7 * 86_400);
/// What Google refuses for another reason is tried again after this time.
const DAY: Duration = Duration::from_secs(86_400);
/// Anything else is tried again after this time.
const SOON: Duration = Duration::from_secs(600);
const PATIENCE: Duration = Duration::from_secs(5);
const LEASE: Duration = Duration::from_secs(120);

/// Opens, renews and ends them.
pub(in crate::sync) struct Channels<'a> {
    pub store: &'a Store,
    pub google: &'a Calendar,
    pub lease: &'a Lease,
    /// Where Google calls; none when it cannot reach us.
    pub address: Option<&'a Url>,
    pub told: &'a Told,
}

impl Channels<'_> {
    /// Whether there is something to do.
    pub async fn due(store: &Store, address: Option<&Url>) -> Result<bool, StoreError> {
        let (mut read, now) = (store.read().await?, store.clock().now());
        let wanting = match address {
            Some(address) => !channels::wanting(&mut read, now, address.as_str(), 1).await?.is_empty(),
            None => false,
        };
        let spent = channels::spent(&mut read, now, address.map_or("", Url::as_str), 1);
        Ok(wanting || !spent.await?.is_empty())
    }

    /// Does it.
    pub async fn keep(&self) -> Result<(), StoreError> {
        let now = self.store.clock().now();
        if let Some(address) = self.address {
            let wanting =
                channels::wanting(&mut self.store.read().await?, now, address.as_str(), MOST).await?;
            for calendar in &wanting {
                if !self.open(address, calendar).await? {
                    break;
                }
            }
        }
        self.end(now).await
    }

    async fn batch(&self) -> Result<Batch, StoreError> {
        let mut batch = self.store.batch().await?;
        leases::extend(&mut batch, self.lease, LEASE).await?;
        Ok(batch)
    }

    // Whether Google takes further questions now.
    async fn open(&self, address: &Url, wanting: &Wanting) -> Result<bool, StoreError> {
        let (dice, clock) = (self.store.dice(), self.store.clock());
        let Some(who) = who::of(self.store, wanting.calendar).await? else {
            self.wait(wanting, clock.now() + micros(SOON)).await?;
            return Ok(true);
        };
        let token = Secret::new(dice.word()?);
        let wanted = Wanted { id: dice.id(clock)?, address: address.clone(), token, life: LIFE };
        let meant = Meant {
            id: wanted.id,
            calendar: wanting.calendar,
            account: who.account,
            token_hash: wanted.token_hash(),
            address: address.as_str(),
            life: LIFE,
        };
        let mut batch = self.batch().await?;
        channels::mean(&mut batch, &meant, clock.now() + micros(FLOOR)).await?;
        batch.commit().await?;
        let google = self.google.counted_as(Caller::Poll, PATIENCE);
        match google.watch(who.account, &wanting.google_id, &wanted).await {
            Ok(channel) => self.opened(&channel).await.map(|()| true),
            Err(fault) => self.refused(wanting, &wanted, &fault).await,
        }
    }

    async fn opened(&self, channel: &Channel) -> Result<(), StoreError> {
        let now = self.store.clock().now();
        let life = (channel.ends_at - now).clamp(0, micros(LONGEST));
        let mut batch = self.batch().await?;
        let (renew_at, ends_at) = (now + life / 10 * RENEWED, now + life);
        channels::opened(&mut batch, channel.id, &channel.resource, renew_at, ends_at).await?;
        batch.commit().await
    }

    async fn refused(&self, wanting: &Wanting, wanted: &Wanted, fault: &Fault) -> Result<bool, StoreError> {
        let now = self.store.clock().now();
        let until = match fault {
            Fault::PushRefused("pushNotSupportedForRequestedResource") => now + micros(REFUSED),
            Fault::PushRefused(why) => {
                if self.told.first(why) {
                    let remedy = "check that http.public_url is reached from the internet by https with a \
                                  certificate that everybody trusts; calendars are read by the interval";
                    tracing::warn!(why, remedy, "Google refuses to call this gateway");
                }
                now + micros(DAY)
            }
            Fault::Parked { until } => (*until).max(now),
            // Whoever connects again does not wait long.
            other if other.retry() == Retry::Later || other.blame() == Blame::Account => now + micros(SOON),
            _ => now + micros(DAY),
        };
        tracing::debug!(calendar.id = %wanting.calendar, %fault, "Google does not watch a calendar");
        let mut batch = self.batch().await?;
        // Should it be there all the same, its calls find nothing, and Google gives it up.
        channels::forget(&mut batch, wanted.id).await?;
        channels::wait(&mut batch, wanting.calendar, until).await?;
        batch.commit().await?;
        Ok(!matches!(fault, Fault::Parked { .. }))
    }

    async fn wait(&self, wanting: &Wanting, until: Micros) -> Result<(), StoreError> {
        let mut batch = self.batch().await?;
        channels::wait(&mut batch, wanting.calendar, until).await?;
        batch.commit().await
    }

    async fn end(&self, now: Micros) -> Result<(), StoreError> {
        let address = self.address.map_or("", Url::as_str);
        for spent in channels::spent(&mut self.store.read().await?, now, address, MOST).await? {
            let lives = spent.resource.filter(|_| spent.ends_at > now);
            if let Some(resource) = lives {
                let channel = Channel { id: spent.id, resource, ends_at: spent.ends_at };
                let stopped =
                    self.google.counted_as(Caller::Poll, PATIENCE).stop(spent.account, &channel).await;
                if let Err(fault) = stopped
                    && fault.retry() == Retry::Later
                {
                    tracing::debug!(%fault, "a channel is stopped later");
                    continue;
                }
            }
            let mut batch = self.batch().await?;
            channels::forget(&mut batch, spent.id).await?;
            batch.commit().await?;
        }
        Ok(())
    }
}
