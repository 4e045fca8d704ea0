//! The mail account of a mailbox, written into the CRM by the gateway: host,
//! port, encryption, user name and a fresh CRM token, so that nobody copies one.
//!
//! A mailbox with a CRM user has an `EmailAccount` of that user, a shared one an
//! `InboundEmail`. The way of one mailbox: look what stands in the CRM
//! (`examine`), issue a token, have the CRM log in with it, write, and have it
//! log in once more with what it stored ([`write`]). Only then the token from
//! before ends. A failed attempt leaves the record as it was and no token; one
//! whose end nobody knows keeps both tokens until the next one. What was
//! replaced is remembered, so that all of it can be taken back (`undo`).
//!
//! The token goes to the CRM and nowhere else.

mod examine;
mod fields;
mod obstacle;
#[cfg(test)]
pub mod trial;
mod undo;
pub mod view;
mod write;

use std::time::Duration;

use postern_core::model::id::AccountId;
use tokio_util::sync::CancellationToken;

use super::By;
use crate::clock::{Micros, micros};
use crate::config::{Advertised, Config, Listener};
use crate::crm::client::Client;
use crate::crm::fault::Fault;
use crate::crm::mail_account::Standing;
use crate::store::accounts::{self, Account};
use crate::store::crm_mail::{self, CrmMail};
use crate::store::{Store, StoreError};

pub use examine::Outlook;
pub use obstacle::Obstacle;

/// Most mailboxes at once.
pub const MOST: usize = 20;
/// Longer than the questions about one mailbox last together.
const CLAIM: Duration = Duration::from_secs(600);

/// Why nothing was begun.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionFault {
    /// There is no CRM, or nobody to sign in as.
    #[error(
        "set crm.url, crm.admin_user and crm.admin_password_file: only an administrator of the CRM writes mail accounts there"
    )]
    NoCrm,
    /// No IMAP listener has an address that the CRM could be told.
    #[error("no IMAP listener says under which name mail clients reach it: set advertise")]
    NothingAdvertised,
    /// Who signs in is no administrator there.
    #[error("the user of crm.admin_user is no administrator of the CRM")]
    NotAdministrator,
    /// The CRM does not take the sign-in.
    #[error(
        "the CRM refuses the sign-in of crm.admin_user; its password is wrong, or it has a second factor"
    )]
    SignInRefused,
    /// More than are written at once.
    #[error("at most {MOST} mailboxes at once")]
    TooMany,
    /// The CRM does not say what it is.
    #[error(transparent)]
    Crm(Fault),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Fault> for ProvisionFault {
    fn from(fault: Fault) -> Self {
        if fault == Fault::KeyRefused { Self::SignInRefused } else { Self::Crm(fault) }
    }
}

/// The way into the CRM, as far as it is configured. Cheap to clone.
#[derive(Clone, Default)]
pub struct Provision {
    crm: Option<Client>,
    imap: Option<Advertised>,
    smtp: Option<Advertised>,
}

/// The way into the CRM, and what is written there.
#[derive(Clone)]
struct Way {
    crm: Client,
    standing: Standing,
    imap: Advertised,
    smtp: Option<Advertised>,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// The mail accounts are written.
    Write,
    /// What was written is taken back.
    Undo,
}

/// Mailboxes that are in our hands.
pub struct Run {
    way: Way,
    store: Store,
    accounts: Vec<AccountId>,
    /// The mark of our claims.
    until: Micros,
}

impl Provision {
    /// `crm` signs in as one of its administrators; what is written is what
    /// people are told to enter.
    #[must_use]
    pub fn new(crm: Option<Client>, config: &Config) -> Self {
        let best = |listeners: &[Listener]| Listener::best(listeners).cloned();
        Self { crm, imap: best(&config.imap.listen), smtp: best(&config.smtp.listen) }
    }

    /// Asks the CRM whether it lets us in, and takes these mailboxes. One that
    /// is in other hands is left out.
    ///
    /// # Errors
    /// When it does not; nothing is begun then.
    pub async fn begin(&self, store: &Store, wanted: &[AccountId]) -> Result<Run, ProvisionFault> {
        let way = self.way(wanted.len()).await?;
        let (mut claimed, mut batch) = (Vec::new(), store.batch().await?);
        let until = store.clock().now() + micros(CLAIM);
        for id in wanted {
            let there = accounts::by_id(&mut batch, *id).await?.is_some();
            if there && crm_mail::claim(&mut batch, *id, until).await? {
                claimed.push(*id);
            }
        }
        batch.commit().await?;
        Ok(Run { way, store: store.clone(), accounts: claimed, until })
    }

    /// What writing would do, and what is in its way as far as the CRM tells.
    /// Nothing is changed, here and there.
    ///
    /// # Errors
    /// When the CRM does not let us in.
    pub async fn look(&self, store: &Store, wanted: &[AccountId]) -> Result<Vec<Outlook>, ProvisionFault> {
        let way = self.way(wanted.len()).await?;
        let mut outlooks = Vec::new();
        for id in wanted {
            if let Some((account, row)) = known(store, *id).await? {
                let view = view::of(&account, row.clone(), store.clock().now());
                outlooks.push(Outlook::new(view, way.examine(&account, &row).await));
            }
        }
        Ok(outlooks)
    }

    async fn way(&self, count: usize) -> Result<Way, ProvisionFault> {
        if count > MOST {
            return Err(ProvisionFault::TooMany);
        }
        let crm = self.crm.clone().ok_or(ProvisionFault::NoCrm)?;
        let imap = self.imap.clone().ok_or(ProvisionFault::NothingAdvertised)?;
        let standing = crm.standing().await?;
        if !standing.administrator {
            return Err(ProvisionFault::NotAdministrator);
        }
        Ok(Way { crm, standing, imap, smtp: self.smtp.clone() })
    }
}

impl Run {
    /// Works on one after the other until `stop`; how each went stands in the
    /// store.
    pub async fn work(self, by: &By, deed: Deed, stop: &CancellationToken) {
        let mut met: Option<Obstacle> = None;
        for id in &self.accounts {
            let done = if stop.is_cancelled() {
                self.release(*id).await.map(|()| None)
            } else {
                self.one(by, deed, *id, met.as_ref()).await
            };
            match done {
                Ok(obstacle) => met = met.or(obstacle.filter(Obstacle::is_of_the_crm)),
                Err(error) => {
                    tracing::error!(%error, "how the mail account in the CRM stands was not stored");
                }
            }
        }
    }

    /// With an obstacle that every mailbox would meet the CRM is not asked again:
    /// each further wrong sign-in would bring it closer to shutting this address out.
    async fn one(
        &self,
        by: &By,
        deed: Deed,
        id: AccountId,
        met: Option<&Obstacle>,
    ) -> Result<Option<Obstacle>, StoreError> {
        // Those before may have taken long.
        let until = self.store.clock().now() + micros(CLAIM);
        let mut batch = self.store.batch().await?;
        let ours = crm_mail::renew(&mut batch, id, self.until, until).await?;
        batch.commit().await?;
        let Some((account, row)) = known(&self.store, id).await?.filter(|_| ours) else { return Ok(None) };
        match (met, deed) {
            (Some(obstacle), _) => write::failed(&self.store, by, account, row, obstacle.clone()).await,
            (None, Deed::Write) => write::one(&self.way, &self.store, by, account, row).await,
            (None, Deed::Undo) => undo::one(&self.way, &self.store, by, account, row).await,
        }
    }

    async fn release(&self, id: AccountId) -> Result<(), StoreError> {
        let mut batch = self.store.batch().await?;
        crm_mail::release(&mut batch, id, self.until).await?;
        batch.commit().await
    }
}

async fn known(store: &Store, id: AccountId) -> Result<Option<(Account, CrmMail)>, StoreError> {
    let mut read = store.read().await?;
    let Some(account) = accounts::by_id(&mut read, id).await? else { return Ok(None) };
    let row = crm_mail::of(&mut read, id).await?.unwrap_or_default();
    Ok(Some((account, row)))
}
