//! One request: a place in the budget, a bearer, an answer.
//!
//! A refused access token is replaced once; Google looks at the token before
//! anything else, so a refused write has had no effect and may be sent again.
//! Nothing else is repeated here.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use postern_core::model::id::AccountId;
use postern_core::model::scope::ScopeSet;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::Url;
use zeroize::Zeroizing;

use super::client::Calendar;
use super::fault::Fault;
use super::reason::{Asked, refusal};
use crate::net::exchange::{Method, Request, Response};
use crate::store::access_tokens::AccessToken;

const PATIENCE: Duration = Duration::from_secs(20);
/// Longest answer that is read of a list, in octets.
pub(super) const LIST: usize = 8 * 1024 * 1024;
/// Of anything else.
pub(super) const ONE: usize = 1024 * 1024;
const LONGEST_SEGMENT: usize = 1_100;
const LONGEST_ETAG: usize = 256;

/// A question, ready to be asked for any account.
pub(super) struct Call {
    name: &'static str,
    method: Method,
    url: Url,
    headers: Vec<(&'static str, String)>,
    body: Zeroizing<Vec<u8>>,
    limit: usize,
    asked: Asked,
}

impl Call {
    /// `path` stands behind the API's address, each segment encoded by itself.
    ///
    /// # Errors
    /// `Invalid` when a segment would lead to another path.
    pub(super) fn new(
        to: &Calendar,
        name: &'static str,
        method: Method,
        path: &[&str],
    ) -> Result<Self, Fault> {
        let mut url = to.base.clone();
        let plain = |segment: &str| {
            let length = (1..=LONGEST_SEGMENT).contains(&segment.len());
            // The path's grammar drops dots, tabs and line ends instead of encoding them.
            length && !matches!(segment, "." | "..") && !segment.chars().any(char::is_control)
        };
        if !path.iter().all(|segment| plain(segment)) {
            return Err(Fault::Invalid("id"));
        }
        url.path_segments_mut().map_err(|()| Fault::Invalid("address"))?.pop_if_empty().extend(path);
        let headers = vec![("accept", "application/json".to_owned())];
        let body = Zeroizing::new(Vec::new());
        Ok(Self { name, method, url, headers, body, limit: ONE, asked: Asked::Other })
    }

    /// Puts a parameter in the query.
    pub(super) fn with(mut self, key: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(key, value);
        self
    }

    /// Only if the thing is still the one with this etag.
    ///
    /// # Errors
    /// `Invalid` when it is no etag: without one, or with `*`, anything would
    /// be overwritten.
    pub(super) fn if_match(mut self, etag: &str) -> Result<Self, Fault> {
        let quoted = etag.strip_prefix("W/").unwrap_or(etag);
        let quoted = quoted.len() > 2 && quoted.starts_with('"') && quoted.ends_with('"');
        if !quoted || etag.len() > LONGEST_ETAG || !etag.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Fault::Invalid("etag"));
        }
        self.headers.push(("if-match", etag.to_owned()));
        Ok(self)
    }

    /// What is sent.
    pub(super) fn body(mut self, body: &Map<String, Value>) -> Result<Self, Fault> {
        let text = serde_json::to_vec(body).map_err(|_| Fault::Invalid("body"))?;
        self.body = Zeroizing::new(text);
        self.headers.push(("content-type", "application/json".to_owned()));
        Ok(self)
    }

    /// How long an answer may be, in octets.
    pub(super) fn at_most(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// What the refusals of this question mean.
    pub(super) fn meaning(mut self, asked: Asked) -> Self {
        self.asked = asked;
        self
    }

    fn request(&self, token: &AccessToken) -> Request {
        let mut headers = self.headers.clone();
        headers.push(("authorization", format!("Bearer {}", token.token.reveal())));
        Request {
            method: self.method,
            url: self.url.clone(),
            headers,
            body: self.body.clone(),
            timeout: PATIENCE,
            limit: self.limit,
        }
    }
}

impl Calendar {
    /// Asks for the account.
    ///
    /// # Errors
    /// Whatever is not a success.
    pub(super) async fn ask(&self, account: AccountId, call: Call) -> Result<Response, Fault> {
        let name = call.name;
        let outcome = self.bearing(account, call).await;
        self.metrics.asked(name, &outcome);
        outcome
    }

    async fn bearing(&self, account: AccountId, mut call: Call) -> Result<Response, Fault> {
        let scopes = ScopeSet::calendar();
        self.quota.admit(account, self.caller, 1, self.patience).await?;
        let token = self.broker.token(account, &scopes, None).await?;
        // Google would count all users of a service account as one.
        if self.broker.delegated(account).await? {
            call = call.with("quotaUser", &quota_user(account));
        }
        let first = self.once(account, &call, &token).await;
        if !matches!(first, Err(Fault::Unauthorized)) {
            return first;
        }
        let fresh = self.broker.token(account, &scopes, Some(&token)).await?;
        self.quota.admit(account, self.caller, 1, self.patience).await?;
        self.once(account, &call, &fresh).await
    }

    async fn once(&self, account: AccountId, call: &Call, token: &AccessToken) -> Result<Response, Fault> {
        let answer = self.exchange.send(call.request(token)).await.map_err(Fault::from);
        let outcome = answer.and_then(|answer| match answer.status {
            200..=299 => Ok(answer),
            _ => Err(refusal(&answer, call.asked)),
        });
        self.quota.answered(account, outcome.as_ref().err());
        outcome
    }
}

/// What an answer holds.
pub(super) fn read<T: DeserializeOwned>(answer: &Response, why: &'static str) -> Result<T, Fault> {
    serde_json::from_slice(&answer.body).map_err(|_| Fault::Malformed(why))
}

// Google keeps it in its logs, so it is not the account's identity here.
fn quota_user(account: AccountId) -> String {
    let sum = digest(&SHA256, account.0.as_bytes());
    sum.as_ref().iter().take(16).map(|octet| format!("{octet:02x}")).collect()
}
