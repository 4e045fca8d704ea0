//! The access tokens that one session may show, one after another.
//!
//! - The first is what is at hand. A server that refuses it gets another one.
//! - That one may be at hand as well: another process fetched it, and it may
//!   have ended early like the first. Then there is a third.
//! - What is refused though Google gave it for this very session tells that no
//!   token helps. So a server that refuses them all costs no more than one
//!   refresh for each session.

use postern_core::model::id::AccountId;
use postern_core::model::scope::ScopeSet;

use super::{Broker, NoToken};
use crate::store::access_tokens::AccessToken;

/// Hands out one token after another, never the one that it gave last.
pub struct Tries<'a> {
    broker: &'a Broker,
    account: AccountId,
    scopes: &'a ScopeSet,
    last: Option<AccessToken>,
    left: Left,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    /// Nothing was given yet.
    All,
    /// The first one was given.
    Others,
    /// The second one was given, and Google was not asked for it.
    One,
    Nothing,
}

impl Broker {
    /// The tokens of a session of this account.
    #[must_use]
    pub fn tries<'a>(&'a self, account: AccountId, scopes: &'a ScopeSet) -> Tries<'a> {
        Tries { broker: self, account, scopes, last: None, left: Left::All }
    }
}

impl Tries<'_> {
    /// A token; the one that was given before counts as refused.
    ///
    /// # Errors
    /// Says why there is none.
    pub async fn next(&mut self) -> Result<AccessToken, NoToken> {
        let given = self.broker.given(self.account, self.scopes, self.last.as_ref()).await?;
        self.left = match self.left {
            Left::All => Left::Others,
            Left::Others if !given.new => Left::One,
            Left::Others | Left::One | Left::Nothing => Left::Nothing,
        };
        self.last = Some(given.token.clone());
        Ok(given.token)
    }

    /// Whether another one is worth trying when the last one was refused.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.left != Left::Nothing
    }
}
