//! Consent without a browser: the page's own functions, driven in process.

use std::error::Error;
use std::fmt;

use url::Url;

use super::authorize::{Decision, Request, Unacceptable};
use crate::google::Google;

/// What the person at the consent page chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Ticks every box and allows.
    Allow,
    /// Ticks only these boxes and allows.
    AllowOnly(Vec<String>),
    /// Denies.
    Deny,
}

/// The consent page showed an error in place of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentError {
    /// HTTP status of the page.
    pub status: u16,
    /// What it says.
    pub text: String,
}

impl fmt::Display for ConsentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error {}: {}", self.status, self.text)
    }
}

impl Error for ConsentError {}

impl From<Unacceptable> for ConsentError {
    fn from(unacceptable: Unacceptable) -> Self {
        Self { status: unacceptable.status, text: unacceptable.text }
    }
}

impl Google {
    /// Goes through the consent page of `auth_url` as `email`.
    /// Returns the address the browser is sent to.
    pub fn consent(&self, auth_url: &str, email: &str, choice: &Choice) -> Result<String, ConsentError> {
        let url =
            Url::parse(auth_url).map_err(|error| ConsentError { status: 400, text: error.to_string() })?;
        let request = Request::read(self, url.query().unwrap_or_default())?;
        let scopes = match choice {
            Choice::Allow => request.scopes.clone(),
            Choice::AllowOnly(scopes) => scopes.clone(),
            Choice::Deny => Vec::new(),
        };
        let decision = Decision { account: email.to_owned(), scopes, allowed: *choice != Choice::Deny };
        Ok(request.decide(self, &decision)?)
    }
}
