//! One request to an API of Google's: a place in the budget, a bearer, an answer.
//!
//! A refused access token is replaced; Google looks at the token before
//! anything else, so a refused write has had no effect and may be sent again.
//! Nothing else is repeated here.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use postern_core::model::id::AccountId;
use postern_core::model::scope::ScopeSet;
use serde_json::{Map, Value};
use url::Url;
use zeroize::Zeroizing;

use super::broker::{Broker, NoToken};
use super::quota::{Caller, Pace, Parked, Quota};
use crate::net::exchange::{Exchange, ExchangeError, Method, Request, Response};
use crate::store::access_tokens::AccessToken;

const PATIENCE: Duration = Duration::from_secs(20);
/// How long a request waits for its place in the budget.
const IN_LINE: Duration = Duration::from_secs(30);
/// Longest answer that is read of a list, in octets.
pub(super) const LIST: usize = 8 * 1024 * 1024;
/// Of anything else.
pub(super) const ONE: usize = 1024 * 1024;
const LONGEST_SEGMENT: usize = 1_100;
const LONGEST_ETAG: usize = 256;

/// A question that cannot be put like this. The word says what of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unfit(pub &'static str);

/// A question, ready to be asked for any account. `A` says what its refusals mean.
pub(super) struct Call<A> {
    pub(super) name: &'static str,
    pub(super) asked: A,
    method: Method,
    url: Url,
    headers: Vec<(&'static str, String)>,
    body: Zeroizing<Vec<u8>>,
    limit: usize,
    units: u32,
}

impl<A> Call<A> {
    /// `path` stands behind the API's address, each segment encoded by itself.
    ///
    /// # Errors
    /// When a segment would lead to another path.
    pub(super) fn new(
        base: &Url,
        (name, asked): (&'static str, A),
        method: Method,
        path: &[&str],
    ) -> Result<Self, Unfit> {
        let mut url = base.clone();
        let plain = |segment: &str| {
            let length = (1..=LONGEST_SEGMENT).contains(&segment.len());
            // The path's grammar drops dots, tabs and line ends instead of encoding them.
            length && !matches!(segment, "." | "..") && !segment.chars().any(char::is_control)
        };
        if !path.iter().all(|segment| plain(segment)) {
            return Err(Unfit("id"));
        }
        url.path_segments_mut().map_err(|()| Unfit("address"))?.pop_if_empty().extend(path);
        let headers = vec![("accept", "application/json".to_owned())];
        let body = Zeroizing::new(Vec::new());
        Ok(Self { name, asked, method, url, headers, body, limit: ONE, units: 1 })
    }

    /// Puts a parameter in the query.
    pub(super) fn with(mut self, key: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(key, value);
        self
    }

    /// Only if the thing is still the one with this etag.
    ///
    /// # Errors
    /// When it is no etag: without one, or with `*`, anything would be
    /// overwritten.
    pub(super) fn if_match(mut self, etag: &str) -> Result<Self, Unfit> {
        let quoted = etag.strip_prefix("W/").unwrap_or(etag);
        let quoted = quoted.len() > 2 && quoted.starts_with('"') && quoted.ends_with('"');
        if !quoted || etag.len() > LONGEST_ETAG || !etag.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Unfit("etag"));
        }
        self.headers.push(("if-match", etag.to_owned()));
        Ok(self)
    }

    /// What is sent.
    ///
    /// # Errors
    /// When it is no JSON.
    pub(super) fn body(mut self, body: &Map<String, Value>) -> Result<Self, Unfit> {
        let text = serde_json::to_vec(body).map_err(|_| Unfit("body"))?;
        self.body = Zeroizing::new(text);
        self.headers.push(("content-type", "application/json".to_owned()));
        Ok(self)
    }

    /// How long an answer may be, in octets.
    pub(super) fn at_most(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// What its refusals mean.
    pub(super) fn meaning(mut self, asked: A) -> Self {
        self.asked = asked;
        self
    }

    /// What Google counts it as.
    pub(super) fn costs(mut self, units: u32) -> Self {
        self.units = units;
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

/// Why an API did not do what was asked, as far as the way there has to know.
pub(super) trait Refused: From<NoToken> + From<Parked> + From<ExchangeError> {
    /// Whether the access token was refused.
    fn of_token(&self) -> bool;

    /// What it says of the pace.
    fn pace(&self) -> Pace;
}

/// The way to one of Google's APIs. Cheap to clone; clones share the budget.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) exchange: Arc<dyn Exchange>,
    pub(super) broker: Broker,
    pub(super) quota: Quota,
    /// What the token has to open.
    pub(super) scopes: ScopeSet,
    /// For what its requests are made.
    pub(super) caller: Caller,
    /// How long a request waits for its place in the budget.
    pub(super) patience: Duration,
}

impl Way {
    /// Requests count as polls until somebody says what they are.
    pub(super) fn new(exchange: Arc<dyn Exchange>, broker: Broker, quota: Quota, scopes: ScopeSet) -> Self {
        Self { exchange, broker, quota, scopes, caller: Caller::Poll, patience: IN_LINE }
    }

    /// Asks for the account. `refusal` reads an answer that is no success.
    ///
    /// # Errors
    /// Whatever is not a success.
    pub(super) async fn ask<A: Copy, F: Refused>(
        &self,
        account: AccountId,
        mut call: Call<A>,
        refusal: fn(&Response, A) -> F,
    ) -> Result<Response, F> {
        self.quota.admit(account, self.caller, call.units, self.patience).await?;
        let mut tokens = self.broker.tries(account, &self.scopes);
        let mut token = tokens.next().await?;
        // Google would count all users of a service account as one.
        if self.broker.delegated(account).await? {
            call = call.with("quotaUser", &quota_user(account));
        }
        loop {
            let outcome = self.once(account, &call, &token, refusal).await;
            if !outcome.as_ref().is_err_and(F::of_token) || !tokens.goes_on() {
                return outcome;
            }
            token = tokens.next().await?;
            self.quota.admit(account, self.caller, call.units, self.patience).await?;
        }
    }

    async fn once<A: Copy, F: Refused>(
        &self,
        account: AccountId,
        call: &Call<A>,
        token: &AccessToken,
        refusal: fn(&Response, A) -> F,
    ) -> Result<Response, F> {
        let answer = self.exchange.send(call.request(token)).await.map_err(F::from);
        let outcome = answer.and_then(|answer| match answer.status {
            200..=299 => Ok(answer),
            _ => Err(refusal(&answer, call.asked)),
        });
        self.quota.answered(account, outcome.as_ref().err().map_or(Pace::Right, F::pace));
        outcome
    }
}

// Google keeps it in its logs, so it is not the account's identity here.
fn quota_user(account: AccountId) -> String {
    let sum = digest(&SHA256, account.0.as_bytes());
    sum.as_ref().iter().take(16).map(|octet| format!("{octet:02x}")).collect()
}

/// What Google asked to wait, at most one hour. Only the form in seconds: a date would need the
/// peer's clock to be right.
pub(super) fn retry_after(answer: &Response) -> Option<Duration> {
    let seconds: u64 = answer.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(3_600)))
}
