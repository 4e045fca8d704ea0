//! The access tokens that one session may show, one after another.
//!
//! - The first is what is at hand, or fetched where nothing is. A server that
//!   refuses it gets another one.
//! - That one may be at hand as well: another process fetched it, and it may
//!   have ended early like the first. Then there is a third.
//! - What is refused though Google gave it in place of a refused one tells that
//!   no token helps. So a server that refuses them all costs no more than one
//!   refresh for each session, besides that by which it may have begun.

use postern_core::model::id::AccountId;
use postern_core::model::scope::ScopeSet;

use super::{Broker, NoToken};
use crate::store::access_tokens::AccessToken;

/// Hands out one token after another, none of them twice.
pub struct Tries<'a> {
    broker: &'a Broker,
    account: AccountId,
    scopes: &'a ScopeSet,
    given: Vec<AccessToken>,
    /// Whether Google gave the last one just now.
    new: bool,
}

impl Broker {
    /// The tokens of a session of this account.
    #[must_use]
    pub fn tries<'a>(&'a self, account: AccountId, scopes: &'a ScopeSet) -> Tries<'a> {
        Tries { broker: self, account, scopes, given: Vec::new(), new: false }
    }
}

impl Tries<'_> {
    /// A token; those that were given before count as refused.
    ///
    /// # Errors
    /// Says why there is none.
    pub async fn next(&mut self) -> Result<AccessToken, NoToken> {
        let given = self.broker.given(self.account, self.scopes, &self.given).await?;
        self.new = given.new;
        self.given.push(given.token.clone());
        Ok(given.token)
    }

    /// Whether another one is worth trying when the last one was refused.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        match self.given.len() {
            0 | 1 => true,
            2 => !self.new,
            _ => false,
        }
    }
}
