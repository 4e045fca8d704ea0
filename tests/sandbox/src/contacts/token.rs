//! Sync and page tokens of lists. A token is good for the parameters it was given for, and a sync
//! token for so long after the full sync it goes back to.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::policy::ContactsPolicy;
use super::refusal::Refusal;
use crate::api::Call;
use crate::api::token::read;
pub(super) use crate::api::token::written;

/// Where a list begins or goes on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Token {
    /// What is listed, and for whom.
    of: String,
    epoch: u64,
    /// The list is one of changes after this one.
    pub(super) since: Option<u64>,
    /// The last change when the list began: what comes later belongs to the next list.
    from: u64,
    /// The key of the last item shown, if this is the token of a page.
    after: Option<String>,
    parameters: String,
    /// When the full sync was that all this goes back to, in seconds.
    full: u64,
}

impl Token {
    /// The key after which this page begins.
    pub(super) fn after(&self) -> &str {
        self.after.as_deref().unwrap_or_default()
    }

    /// The token of the page after the item of this key.
    pub(super) fn next_page(&self, after: String) -> Self {
        Self { after: Some(after), ..self.clone() }
    }

    /// The token of the changes after this list.
    pub(super) fn next_sync(&self) -> Self {
        Self { since: Some(self.from), after: None, ..self.clone() }
    }
}

/// A list as it is asked for.
pub(super) struct Listing<'a> {
    /// What is listed, and for whom.
    pub(super) of: String,
    pub(super) epoch: u64,
    /// The count of changes that lists show.
    pub(super) change: u64,
    /// What must be the same on every page and in every list of changes.
    pub(super) parameters: String,
    pub(super) policy: &'a ContactsPolicy,
    pub(super) call: &'a Call,
}

impl Listing<'_> {
    /// Where it begins, by the tokens of the call.
    pub(super) fn begin(&self) -> Result<Token, Refusal> {
        if let Some(text) = self.call.one("pageToken") {
            let token = self.token(text, "Page")?;
            return if token.after.is_some() { Ok(token) } else { Err(invalid("Page")) };
        }
        let (of, parameters) = (self.of.clone(), self.parameters.clone());
        let Some(text) = self.call.one("syncToken") else {
            let full = self.call.now.as_secs();
            let (epoch, from) = (self.epoch, self.change);
            return Ok(Token { of, epoch, since: None, from, after: None, parameters, full });
        };
        let token = self.token(text, "Sync")?;
        if token.after.is_some() || token.since.is_none() {
            return Err(invalid("Sync"));
        }
        Ok(Token { from: self.change, ..token })
    }

    fn expired(&self) -> Refusal {
        if self.policy.expired_is_invalid_argument {
            Refusal::expired_sync_token_as_invalid()
        } else {
            Refusal::expired_sync_token()
        }
    }

    fn token(&self, text: &str, kind: &str) -> Result<Token, Refusal> {
        let token: Token = read(text).ok_or_else(|| invalid(kind))?;
        if token.of != self.of {
            return Err(invalid(kind));
        }
        let age = self.call.now.saturating_sub(Duration::from_secs(token.full));
        if token.since.is_some() && (token.epoch != self.epoch || age > self.policy.sync_token_lifetime) {
            return Err(self.expired());
        }
        if token.parameters != self.parameters {
            let message = format!(
                "{kind} token was given for other parameters. All parameters must match the first call."
            );
            return Err(Refusal::invalid(&message));
        }
        Ok(token)
    }
}

fn invalid(kind: &str) -> Refusal {
    Refusal::invalid(&format!("{kind} token is invalid."))
}
