//! A new link for whoever holds one that is over.
//!
//! It goes to the mailbox's own address only, so the old link, found in an old
//! message perhaps, opens nothing by it. The caller answers the same whatever
//! becomes of it: nobody learns here whether a link was ever made.

use std::net::IpAddr;

use postern_core::model::account::State;
use postern_core::model::actor::Actor;

use super::Consents;
use crate::actions::account::mail::ask;
use crate::actions::{ActError, By};
use crate::auth::hash;
use crate::store::{StoreError, accounts, consents};

impl Consents {
    /// Asks for a new link by one that is known, live or not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ask_again(&self, link: &str, peer: IpAddr) -> Result<(), StoreError> {
        let known = consents::link(&mut self.store.read().await?, &hash::of(link)).await?;
        let Some(known) = known.filter(|_| self.google.now().connect) else { return Ok(()) };
        // Whoever finds an old link must not make us write to an owner who has nothing to do.
        let account = accounts::by_id(&mut self.store.read().await?, known.account).await?;
        if account.is_none_or(|account| account.state == State::Active) {
            return Ok(());
        }
        let by = By::new(Actor::Visitor(peer), self.store.dice())?;
        match ask(&self.store, &by, known.account).await {
            Ok(asked) => tracing::info!(account.id = %known.account, ?asked, "a new link was asked for"),
            Err(ActError::Store(error)) => return Err(error),
            Err(error) => tracing::warn!(account.id = %known.account, %error, "no new link was asked for"),
        }
        Ok(())
    }
}
