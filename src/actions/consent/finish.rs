//! From Google's answer to a stored grant.

use std::time::Duration;

use postern_core::model::account::Happening;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::refusal::Retry;
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;

use super::help;
use super::identity::{Known, recognise};
use super::products;
use super::start::barred;
use super::{ConsentFault, Consents, Refused};
use crate::auth::hash;
use crate::clock::micros;
use crate::google::fault::Fault;
use crate::google::id_token::Identity;
use crate::google::oauth::{self, Granted};
use crate::store::access_tokens::{self, AccessToken};
use crate::store::accounts::{self, Account};
use crate::store::clients::{self, Client};
use crate::store::{Act, StoreError, aliases, consents, grants, help_refs, onboarding, switched_off};

/// How often a grant that Google gave is tried to be stored.
const STORING: u32 = 5;
const PAUSE: Duration = Duration::from_millis(200);

/// A mailbox that was connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// Its account.
    pub account: AccountId,
    /// The mailbox.
    pub address: Address,
    /// What the user ticked.
    pub products: Vec<Product>,
    /// The address Google shows, when an admin has to confirm a new one.
    pub renamed: Option<Address>,
}

/// What Google said, and about which started consent.
struct Proof<'a> {
    asked: Vec<Product>,
    started: &'a consents::Started,
    client: &'a Client,
    granted: &'a Granted,
    who: &'a Identity,
}

impl Consents {
    /// Takes Google's answer: the `state` it names, the `cookie` that the
    /// browser shows, and the code or the consent page's `error`. Whoever calls
    /// this lets it run to its end: a grant that was given must not get lost.
    ///
    /// # Errors
    /// Says why nothing was connected; then only the audit has changed.
    pub async fn finish(
        &self,
        actor: &Actor,
        state: &str,
        cookie: Option<&str>,
        answer: Result<Secret, String>,
    ) -> Result<Connected, Refused> {
        let reference = self.store.dice().reference().unwrap_or_default();
        let refused = |fault| Refused { fault, reference: reference.clone() };
        let (started, account) = self.take(state).await.map_err(|fault| {
            // No account is known to record it under.
            tracing::info!(reference, why = fault.why(), "a consent was not accepted");
            refused(fault)
        })?;
        match self.judge(actor, &reference, (state, &started), &account, cookie, answer).await {
            Ok(connected) => {
                tracing::info!(account.id = %account.id, reference, "a mailbox was connected");
                Ok(connected)
            }
            Err(fault) => {
                self.record(actor, &reference, &account, &fault).await;
                Err(refused(fault))
            }
        }
    }

    async fn take(&self, state: &str) -> Result<(consents::Started, Account), ConsentFault> {
        let mut batch = self.store.batch().await?;
        let started =
            consents::take(&mut batch, &hash::of(state)).await?.ok_or(ConsentFault::StateUnknown)?;
        let account =
            accounts::by_id(&mut batch, started.account).await?.ok_or(ConsentFault::StateUnknown)?;
        batch.commit().await?;
        Ok((started, account))
    }

    async fn judge(
        &self,
        actor: &Actor,
        reference: &str,
        (state, started): (&str, &consents::Started),
        account: &Account,
        cookie: Option<&str>,
        answer: Result<Secret, String>,
    ) -> Result<Connected, ConsentFault> {
        if !cookie.is_some_and(|cookie| hash::matches(cookie, &started.cookie_hash)) {
            return Err(ConsentFault::Cookie);
        }
        if started.expires_at <= self.store.clock().now() {
            return Err(ConsentFault::StateExpired);
        }
        if let Some(cause) = barred(account) {
            return Err(ConsentFault::Barred(cause));
        }
        let code = answer.map_err(|error| Fault::from_consent_page(&error))?;
        let mut read = self.store.read().await?;
        let client = self.client(&mut read).await?.ok_or(ConsentFault::NoClient)?;
        drop(read);
        let (granted, who) = self.ask(&client, &started.verifier, &started.nonce, &code).await?;
        let asked = products::asked(state);
        let proof = Proof { asked, started, client: &client, granted: &granted, who: &who };
        self.keep(actor, reference, &proof).await
    }

    pub(super) async fn ask(
        &self,
        client: &Client,
        verifier: &Secret,
        nonce: &str,
        code: &Secret,
    ) -> Result<(Granted, Identity), ConsentFault> {
        let (google, endpoints) = (&*self.exchange, &self.endpoints);
        let oauth = self.oauth(client);
        let granted = match oauth::exchange_code(google, endpoints, &oauth, code, verifier).await {
            Ok(granted) => granted,
            Err(fault) => {
                self.note_client(client, &fault).await;
                return Err(fault.into());
            }
        };
        let id_token = granted.id_token.as_ref().ok_or(ConsentFault::NotProven("id_token_missing"))?;
        let now = self.store.clock().seconds();
        let who = self.keys.verify(google, id_token, &client.client_id, nonce, now).await?;
        Ok((granted, who))
    }

    // What Google gave is not thrown away because the database is locked.
    async fn keep(
        &self,
        actor: &Actor,
        reference: &str,
        proof: &Proof<'_>,
    ) -> Result<Connected, ConsentFault> {
        let mut tries = 1;
        loop {
            match self.store_grant(actor, reference, proof).await {
                Err(ConsentFault::Store(error)) if tries < STORING && passing(&error) => {
                    tracing::warn!(account.id = %proof.started.account, %error, "a consent could not be stored, trying again");
                    tokio::time::sleep(PAUSE * tries).await;
                    tries += 1;
                }
                outcome => return outcome,
            }
        }
    }

    async fn store_grant(
        &self,
        actor: &Actor,
        reference: &str,
        proof: &Proof<'_>,
    ) -> Result<Connected, ConsentFault> {
        let mut act = self.store.act(actor, reference).await?;
        let id = proof.started.account;
        // As it is now, not as it was before Google was asked.
        let account = accounts::locked(&mut act, id).await?.ok_or(ConsentFault::StateUnknown)?;
        if let Some(cause) = barred(&account) {
            return Err(ConsentFault::Barred(cause));
        }
        let renamed = self.recognised(&mut act, &account, proof.who).await?;
        let scopes = &proof.granted.scopes;
        let given = products::given(&proof.asked, scopes).ok_or_else(|| {
            ConsentFault::ProductMissing(proof.asked.first().copied().unwrap_or(Product::Gmail))
        })?;
        let refresh = proof.granted.refresh_token.as_ref().ok_or(ConsentFault::NoRefreshToken)?;
        grants::replace(&mut act, id, proof.client.id, scopes, refresh).await?;
        self.store_access(&mut act, &account, &given, proof.granted).await?;
        follow(&mut act, &account, &given, proof.who, renamed.as_ref()).await?;
        if proof.client.fault.is_some() {
            clients::fault(&mut act, proof.client.id, None).await?;
        }
        let address = account.address.clone();
        let scopes = scopes.to_string();
        act.commit(Event::ConsentGranted { account: id, address: address.clone(), scopes }).await?;
        Ok(Connected { account: id, address, products: given, renamed })
    }

    async fn recognised(
        &self,
        act: &mut Act,
        account: &Account,
        who: &Identity,
    ) -> Result<Option<Address>, ConsentFault> {
        let aliases = aliases::of(act, account.id).await?;
        let elsewhere = accounts::by_sub(act, &who.sub).await?.is_some_and(|other| other.id != account.id);
        let allowed = &self.google.now().allowed_domains;
        recognise(&Known { account, aliases: &aliases, elsewhere, allowed }, who)
    }

    async fn store_access(
        &self,
        act: &mut Act,
        account: &Account,
        given: &[Product],
        granted: &Granted,
    ) -> Result<(), StoreError> {
        let life = Duration::from_secs(granted.expires_in.into());
        let token = AccessToken {
            token: granted.access_token.clone(),
            expires_at: self.store.clock().now() + micros(life),
        };
        access_tokens::forget(act, account.id).await?;
        // Under the sets that are asked for later, so that they find it.
        for product in given {
            access_tokens::put(act, account.id, &ScopeSet::of(*product), &token).await?;
        }
        Ok(())
    }

    // Only the token endpoint's word counts: the consent page's comes through the browser.
    async fn note_client(&self, client: &Client, fault: &Fault) {
        let Fault::ClientRefused { code, .. } = fault else { return };
        tracing::error!(code = code.name(), "Google refuses the client of this installation");
        let noted = async {
            let mut batch = self.store.batch().await?;
            clients::fault(&mut batch, client.id, Some(code.name())).await?;
            batch.commit().await
        };
        if let Err(error) = noted.await {
            tracing::warn!(%error, "a fault of the Google client could not be noted");
        }
    }

    async fn record(&self, actor: &Actor, reference: &str, account: &Account, fault: &ConsentFault) {
        tracing::info!(account.id = %account.id, reference, why = fault.why(), "a consent was not accepted");
        let event =
            Event::ConsentRefused { account: account.id, address: account.address.clone(), why: fault.why() };
        let written = async {
            let mut act = self.store.act(actor, reference).await?;
            onboarding::returned(&mut act, account.id, Some(fault.why())).await?;
            if let Some(cause) = fault.asked_again_by() {
                let until = self.store.clock().now() + micros(help::LIFE);
                help_refs::put(&mut act, reference, account.id, cause.name(), until).await?;
            }
            act.commit(event).await
        };
        if let Err(error) = written.await {
            tracing::error!(reference, %error, "a refused consent is missing in the audit");
        }
    }
}

/// What follows from a consent beside the grant.
async fn follow(
    act: &mut Act,
    account: &Account,
    given: &[Product],
    who: &Identity,
    renamed: Option<&Address>,
) -> Result<(), StoreError> {
    let (id, address) = (account.id, account.address.clone());
    if account.sub.is_none() {
        accounts::set_sub(act, id, &who.sub).await?;
    }
    consents::use_links(act, id).await?;
    onboarding::returned(act, id, None).await?;
    // Who ticks a product at Google wants it here.
    for product in given {
        if switched_off::set(act, id, *product, true).await? {
            let (address, product) = (address.clone(), product.name());
            act.also(Event::ProductSwitched { account: id, address, product, on: true });
        }
    }
    if let Some(state) = account.state.after(Happening::Consented) {
        accounts::set_state(act, id, state).await?;
        let (from, why) = (account.state, "consented");
        act.also(Event::StateChanged { account: id, address: address.clone(), from, to: state, why });
    }
    if let Some(new_address) = renamed.filter(|new| account.proposed_address.as_ref() != Some(*new)) {
        accounts::propose(act, id, new_address).await?;
        act.also(Event::RenameProposed { account: id, address, new_address: new_address.clone() });
    }
    Ok(())
}

// A conflict means that another consent was stored at the same moment: looked
// at again, it is either this person's or a refusal with its own reason.
fn passing(error: &StoreError) -> bool {
    error.retry() == Retry::Later || matches!(error, StoreError::Conflict(_))
}
