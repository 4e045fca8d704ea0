//! From the link to Google's consent page.

use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, LinkId};
use postern_core::model::refusal::Cause;
use postern_core::model::scope::{Product, ScopeSet};
use url::Url;

use super::products::{self, chosen};
use super::{Consents, LinkFault, STATE_LIFE};
use crate::auth::hash;
use crate::clock::micros;
use crate::google::oauth::{Consent, authorize_url, new_pkce};
use crate::store::accounts::{self, Account};
use crate::store::{Read, StoreError, consents, onboarding};

/// What a link offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The mailbox to connect.
    pub address: Address,
    /// The CRM user who will see the data; none for a shared mailbox.
    pub crm_user: Option<String>,
    /// What Google will ask for, unless the owner leaves some of it out.
    pub products: Vec<Product>,
}

/// A consent that was started. State and cookie are secrets of the browser.
#[derive(Clone)]
pub struct Started {
    /// Google's consent page for it.
    pub url: Url,
    /// Comes back from Google.
    pub state: String,
    /// Has to be shown with it.
    pub cookie: String,
}

impl std::fmt::Debug for Started {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Started")
    }
}

/// Why nobody may connect the account, if an admin has to act first.
pub(super) fn barred(account: &Account) -> Option<Cause> {
    match account.state.bar()? {
        cause @ (Cause::Disabled | Cause::AwaitingApproval) => Some(cause),
        _ => None,
    }
}

impl Consents {
    /// What the link offers. Changes nothing.
    ///
    /// # Errors
    /// Says why it offers nothing.
    pub async fn look(&self, link: &str) -> Result<Offer, LinkFault> {
        let mut read = self.store.read().await?;
        let (_, account) = self.behind(&mut read, link).await?;
        self.open()?;
        self.client(&mut read).await?.ok_or(LinkFault::NoClient)?;
        let products = self.offered(&mut read, account.id).await?;
        Ok(Offer { crm_user: account.crm_user, address: account.address, products })
    }

    /// The press of the button under a link, which stays good until a consent
    /// was stored. `only` is what the owner chose of the offer; all of it
    /// without a choice.
    ///
    /// # Errors
    /// Says why no consent can be started.
    pub async fn start(&self, link: &str, only: Option<&[Product]>) -> Result<Started, LinkFault> {
        let mut read = self.store.read().await?;
        let (link, account) = self.behind(&mut read, link).await?;
        let reference = self.store.dice().reference().map_err(StoreError::from)?;
        self.begin(read, &Actor::Owner, &reference, &account, (Some(link), only)).await
    }

    /// The press of the button behind a reference from an error text; `only` as
    /// with a link.
    ///
    /// # Errors
    /// Says why no consent can be started.
    pub async fn start_by_reference(
        &self,
        reference: &str,
        only: Option<&[Product]>,
    ) -> Result<Started, LinkFault> {
        let mut read = self.store.read().await?;
        let (account, help) = self.behind_reference(&mut read, reference).await?.ok_or(LinkFault::Unknown)?;
        if let Some(cause) = barred(&account) {
            return Err(LinkFault::Barred(cause));
        }
        if !help.needs_consent {
            return Err(LinkFault::NotNeeded);
        }
        self.begin(read, &Actor::Owner, reference, &account, (None, only)).await
    }

    /// An admin starts it, and what Google answers is pasted back at the shell;
    /// or an owner who is signed in. `only` as with a link.
    ///
    /// # Errors
    /// Says why no consent can be started.
    pub async fn start_by_admin(
        &self,
        actor: &Actor,
        account: AccountId,
        only: Option<&[Product]>,
    ) -> Result<Started, LinkFault> {
        let mut read = self.store.read().await?;
        let account = accounts::by_id(&mut read, account).await?.ok_or(LinkFault::Unknown)?;
        if let Some(cause) = barred(&account) {
            return Err(LinkFault::Barred(cause));
        }
        let reference = self.store.dice().reference().map_err(StoreError::from)?;
        self.begin(read, actor, &reference, &account, (None, only)).await
    }

    /// Whether an admin lets owners connect at all.
    fn open(&self) -> Result<(), LinkFault> {
        if self.google.now().connect { Ok(()) } else { Err(LinkFault::Closed) }
    }

    async fn behind(&self, read: &mut Read, word: &str) -> Result<(LinkId, Account), LinkFault> {
        let link = consents::link(read, &hash::of(word)).await?.ok_or(LinkFault::Unknown)?;
        if link.used_at.is_some() {
            return Err(LinkFault::Used);
        }
        if link.expires_at <= self.store.clock().now() {
            return Err(LinkFault::Expired);
        }
        let account = accounts::by_id(read, link.account).await?.ok_or(LinkFault::Unknown)?;
        match barred(&account) {
            Some(cause) => Err(LinkFault::Barred(cause)),
            None => Ok((link.id, account)),
        }
    }

    async fn begin(
        &self,
        mut read: Read,
        actor: &Actor,
        reference: &str,
        account: &Account,
        (link, only): (Option<LinkId>, Option<&[Product]>),
    ) -> Result<Started, LinkFault> {
        self.open()?;
        let asked = chosen(self.offered(&mut read, account.id).await?, only)?;
        let client = self.client(&mut read).await?.ok_or(LinkFault::NoClient)?;
        drop(read);
        let dice = self.store.dice();
        let word = || dice.word().map_err(StoreError::from);
        let (state, cookie, nonce) = (products::state(&word()?, &asked), word()?, word()?);
        let pkce = new_pkce(dice).map_err(StoreError::from)?;
        let started = consents::Started {
            account: account.id,
            link,
            cookie_hash: hash::of(&cookie).to_vec(),
            verifier: pkce.verifier().clone(),
            nonce,
            expires_at: self.store.clock().now() + micros(STATE_LIFE),
        };
        let mut act = self.store.act(actor, reference).await?;
        consents::start(&mut act, &hash::of(&state), &started).await?;
        onboarding::started(&mut act, account.id).await?;
        act.commit(Event::ConsentStarted { account: account.id, address: account.address.clone() }).await?;
        let (domain, google) = (account.address.domain(), self.google.now());
        let consent = Consent {
            state: &state,
            nonce: &started.nonce,
            pkce: &pkce,
            scopes: &ScopeSet::consent(&asked),
            login_hint: Some(&account.address),
            hosted_domain: google
                .allowed_domains
                .iter()
                .map(String::as_str)
                .find(|allowed| *allowed == domain),
        };
        let url = authorize_url(&self.endpoints, &self.oauth(&client), &consent);
        Ok(Started { url, state, cookie })
    }
}
