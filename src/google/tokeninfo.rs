//! What Google knows about an access token.

use postern_core::model::address::Address;
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;
use serde::Deserialize;
use serde_json::Value;

use super::answer::{seconds, send, success};
use super::denial::Asked;
use super::endpoints::Endpoints;
use super::fault::Fault;
use crate::net::exchange::{Exchange, Request};

/// Whose token it is and what it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenInfo {
    /// Client id that the token was given to.
    pub aud: String,
    /// Google's name for the user; told only with a sign-in scope.
    pub sub: Option<String>,
    /// The user's address; told only with the scope `email`.
    pub email: Option<Address>,
    /// Whether Google vouches for the address.
    pub email_verified: bool,
    /// What the token opens.
    pub scopes: ScopeSet,
    /// Seconds that remain; 0 when Google does not tell.
    pub expires_in: u32,
}

/// Asks about an access token. It goes in a POST's body first: a query stands
/// in the log of every proxy on the way. Google documents the query only, so
/// an endpoint that takes no POST is asked that way.
///
/// # Errors
/// `TokenRefused` when the token is not valid; else see [`Fault`].
pub async fn tokeninfo(
    exchange: &dyn Exchange,
    endpoints: &Endpoints,
    access_token: &Secret,
) -> Result<TokenInfo, Fault> {
    let request = Request::form(endpoints.tokeninfo_url.clone(), &[("access_token", access_token.reveal())]);
    let mut answer = send(exchange, request).await?;
    if matches!(answer.status, 404 | 405 | 501) {
        let mut url = endpoints.tokeninfo_url.clone();
        url.query_pairs_mut().append_pair("access_token", access_token.reveal());
        answer = send(exchange, Request::get(url)).await?;
    }
    let answer = success(answer, Asked::Token)?;
    let wire: Wire = serde_json::from_slice(&answer.body)
        .map_err(|_| Fault::Malformed { why: "the success holds no token information" })?;
    wire.read()
}

// Two versions of the endpoint are about, with two names for each field, and
// with truth values and numbers as strings.
#[derive(Deserialize)]
struct Wire {
    aud: Option<String>,
    audience: Option<String>,
    sub: Option<String>,
    user_id: Option<String>,
    email: Option<String>,
    email_verified: Option<Value>,
    verified_email: Option<Value>,
    #[serde(default)]
    scope: String,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u32>,
}

impl Wire {
    fn read(self) -> Result<TokenInfo, Fault> {
        let email = self.email.map(|text| Address::parse(&text)).transpose();
        let verified = self.email_verified.or(self.verified_email);
        Ok(TokenInfo {
            aud: self
                .aud
                .or(self.audience)
                .ok_or(Fault::Malformed { why: "the token's audience is not told" })?,
            sub: self.sub.or(self.user_id),
            email: email.map_err(|_| Fault::Malformed { why: "the token's address is none" })?,
            email_verified: verified.is_some_and(|v| truth(&v)),
            scopes: ScopeSet::parse(&self.scope),
            expires_in: self.expires_in.unwrap_or(0),
        })
    }
}

/// `true`, also as a string.
pub(super) fn truth(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| value.as_str() == Some("true"))
}
