//! One request to the People API, counted by what was asked.

use postern_core::model::id::AccountId;
use serde::de::DeserializeOwned;

use super::client::People;
use super::fault::Fault;
use super::reason::{Asked, refusal};
use crate::google::call;
pub(super) use crate::google::call::LIST;
use crate::google::call::Unfit;
use crate::net::exchange::{Method, Response};

/// A question to the People API.
pub(super) type Call = call::Call<Asked>;

/// Only what the user entered; else a profile of Google's own is mixed in.
pub(super) const SOURCES: (&str, &str) = ("sources", "READ_SOURCE_TYPE_CONTACT");

impl From<Unfit> for Fault {
    fn from(Unfit(what): Unfit) -> Self {
        Self::Invalid(what)
    }
}

impl People {
    /// A question behind the API's address.
    ///
    /// # Errors
    /// `Invalid` when a segment would lead to another path.
    pub(super) fn call(&self, name: &'static str, method: Method, path: &[&str]) -> Result<Call, Fault> {
        Ok(Call::new(&self.base, (name, Asked::Other), method, path)?)
    }

    /// Asks for the account.
    ///
    /// # Errors
    /// Whatever is not a success.
    pub(super) async fn ask(&self, account: AccountId, call: Call) -> Result<Response, Fault> {
        let name = call.name;
        let outcome = self.way.ask(account, call, refusal).await;
        self.metrics.asked(name, &outcome);
        outcome
    }
}

/// What an answer holds.
pub(super) fn read<T: DeserializeOwned>(answer: &Response, why: &'static str) -> Result<T, Fault> {
    serde_json::from_slice(&answer.body).map_err(|_| Fault::Malformed(why))
}
