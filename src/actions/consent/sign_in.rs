//! Coming back: an owner signs in at Google and finds the own mailbox by
//! Google's `sub`. Nothing is granted by it and no consent is changed.
//!
//! The PKCE verifier is made of the browser's cookie, so that nothing secret is
//! stored here for somebody who may never come back.

use std::net::IpAddr;

use postern_core::model::actor::Actor;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::secret::Secret;

use super::{ConsentFault, Consents, LinkFault, STATE_LIFE, Started};
use crate::auth::hash;
use crate::clock::micros;
use crate::google::fault::Fault;
use crate::google::oauth::{Pkce, SignIn, sign_in_url};
use crate::store::accounts::{self, Account};
use crate::store::web_sessions::{self, Holder};
use crate::store::{StoreError, sign_ins};

/// Sign-ins that may wait at once; each is a row for ten minutes.
const MOST: i64 = 10_000;

/// An owner who came back.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The own mailbox.
    pub account: Account,
    /// The session's word, for the cookie.
    pub word: Secret,
}

/// The browser that a session is opened for.
#[derive(Debug, Clone)]
pub struct Browser {
    /// Where it is.
    pub peer: IpAddr,
    /// What it calls itself.
    pub agent: String,
}

impl Consents {
    /// The press of the button: on to Google.
    ///
    /// # Errors
    /// Says why nobody can sign in.
    pub async fn start_sign_in(&self) -> Result<Started, LinkFault> {
        let mut read = self.store.read().await?;
        let client = self.client(&mut read).await?.ok_or(LinkFault::NoClient)?;
        let now = self.store.clock().now();
        if sign_ins::waiting(&mut read, now).await? >= MOST {
            return Err(StoreError::Unavailable("too many sign-ins wait".to_owned()).into());
        }
        drop(read);
        let dice = self.store.dice();
        let word = || dice.word().map_err(StoreError::from);
        let (state, cookie, nonce) = (word()?, word()?, word()?);
        let pkce = pkce(&cookie);
        let started = sign_ins::SignIn {
            cookie_hash: hash::of(&cookie).to_vec(),
            nonce,
            expires_at: now + micros(STATE_LIFE),
        };
        let mut batch = self.store.batch().await?;
        sign_ins::start(&mut batch, &hash::of(&state), &started).await?;
        batch.commit().await?;
        let asked = SignIn { state: &state, nonce: &started.nonce, pkce: &pkce };
        let url = sign_in_url(&self.endpoints, &self.oauth(&client), &asked);
        Ok(Started { url, state, cookie })
    }

    /// Takes Google's answer when its `state` is that of a sign-in; `None` when
    /// it is not, and belongs to a consent perhaps.
    pub async fn finish_sign_in(
        &self,
        state: &str,
        cookie: Option<&str>,
        answer: &Result<Secret, String>,
        browser: &Browser,
    ) -> Option<Result<SignedIn, ConsentFault>> {
        let taken = async {
            let mut batch = self.store.batch().await?;
            let taken = sign_ins::take(&mut batch, &hash::of(state)).await?;
            batch.commit().await.map(|()| taken)
        };
        match taken.await {
            Ok(None) => None,
            Ok(Some(started)) => Some(self.came_back(&started, cookie, answer, browser).await),
            Err(error) => Some(Err(error.into())),
        }
    }

    async fn came_back(
        &self,
        started: &sign_ins::SignIn,
        cookie: Option<&str>,
        answer: &Result<Secret, String>,
        browser: &Browser,
    ) -> Result<SignedIn, ConsentFault> {
        let cookie = cookie.filter(|cookie| hash::matches(cookie, &started.cookie_hash));
        let cookie = cookie.ok_or(ConsentFault::Cookie)?;
        if started.expires_at <= self.store.clock().now() {
            return Err(ConsentFault::StateExpired);
        }
        let code = answer.as_ref().map_err(|error| Fault::from_consent_page(error))?;
        let client = self.client(&mut self.store.read().await?).await?.ok_or(ConsentFault::NoClient)?;
        let (_, who) = self.ask(&client, pkce(cookie).verifier(), &started.nonce, code).await?;
        let known = accounts::by_sub(&mut self.store.read().await?, &who.sub).await?;
        let account = known.ok_or(ConsentFault::Stranger { got: who.email })?;
        let word = self.open_session(account.id, browser).await?;
        Ok(SignedIn { account, word })
    }

    /// Opens a session of the mailbox's owner, who has just proven who it is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open_session(&self, account: AccountId, browser: &Browser) -> Result<Secret, StoreError> {
        let word = self.store.dice().word()?;
        let now = self.store.clock().now();
        let reference = self.store.dice().reference()?;
        let mut act = self.store.act(&Actor::OwnerAt(browser.peer), &reference).await?;
        let Some(account) = accounts::by_id(&mut act, account).await? else {
            return Err(StoreError::inconsistent("accounts", "the mailbox is gone"));
        };
        let (peer, holder) = (browser.peer.to_string(), Holder::Owner(account.id));
        web_sessions::insert(&mut act, &hash::of(&word), holder, &peer, &browser.agent, now).await?;
        act.commit(Event::OwnerSignedIn { account: account.id, address: account.address }).await?;
        Ok(Secret::new(word))
    }
}

fn pkce(cookie: &str) -> Pkce {
    use base64::Engine as _;
    let verifier = hash::of(&format!("verifier {cookie}"));
    Pkce::of(Secret::new(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(verifier)))
}
