//! The token endpoint's success, read without trust.
//!
//! A token ends up in a protocol line and in the store, so its characters and
//! its size are checked here, once.

use std::time::Duration;

use oauth2::basic::BasicTokenType;
use oauth2::{AccessToken, RefreshToken, Scope, TokenResponse};
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;
use serde::{Deserialize, Deserializer, Serialize};

use super::denial::{Asked, denial};
use super::fault::Fault;
use crate::net::exchange::{Exchange, Request, Response};

/// Google says 2048 for access tokens and 512 for refresh tokens, "variable".
const LONGEST_TOKEN: usize = 4096;
const LONGEST_ID_TOKEN: usize = 8192;
/// Longest answer that is read, in octets.
const LONGEST_ANSWER: usize = 64 * 1024;
/// Google's lifetime of an access token, for an answer that tells none.
const LIFETIME: u32 = 3599;

/// A success as it stands on the wire (RFC 6749 section 5.1).
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Answer {
    access_token: AccessToken,
    #[serde(deserialize_with = "oauth2::helpers::deserialize_untagged_enum_case_insensitive")]
    token_type: BasicTokenType,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u32>,
    #[serde(default)]
    refresh_token: Option<RefreshToken>,
    #[serde(default, rename = "scope")]
    scopes: Option<String>,
    // Skipped when written: nothing writes it, and it is not the crate's type
    // that hides itself from Debug.
    #[serde(default, skip_serializing)]
    id_token: Option<Hidden>,
}

/// A success after the checks.
pub(super) struct Tokens {
    pub(super) access_token: Secret,
    pub(super) expires_in: u32,
    pub(super) refresh_token: Option<Secret>,
    pub(super) scopes: Option<ScopeSet>,
    pub(super) id_token: Option<Secret>,
}

impl Answer {
    /// Takes the values out, or refuses the answer as a whole.
    pub(super) fn checked(self) -> Result<Tokens, Fault> {
        if self.token_type != BasicTokenType::Bearer {
            return Err(Fault::Malformed { why: "the token is no bearer token" });
        }
        let refresh = self.refresh_token.map(|t| Secret::new(t.into_secret()));
        let id = self.id_token.map(|t| t.0);
        Ok(Tokens {
            access_token: token(Secret::new(self.access_token.into_secret()), LONGEST_TOKEN)?,
            expires_in: self.expires_in.unwrap_or(LIFETIME).clamp(60, 86_400),
            refresh_token: present(refresh).map(|t| token(t, LONGEST_TOKEN)).transpose()?,
            scopes: self.scopes.map(|s| ScopeSet::parse(&s)),
            id_token: present(id).map(|t| token(t, LONGEST_ID_TOKEN)).transpose()?,
        })
    }
}

impl TokenResponse for Answer {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(|s| Duration::from_secs(u64::from(s)))
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    // Read as a `ScopeSet` instead, which knows Google's two spellings.
    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

/// Sends a request whose answer is of the size of a token answer.
pub(super) async fn send(exchange: &dyn Exchange, mut request: Request) -> Result<Response, Fault> {
    request.headers.push(("accept", "application/json".to_owned()));
    request.limit = LONGEST_ANSWER;
    Ok(exchange.send(request).await?)
}

/// Passes a success on and reads everything else as a fault.
pub(super) fn success(answer: Response, asked: Asked) -> Result<Response, Fault> {
    if answer.status == 200 { Ok(answer) } else { Err(denial(&answer, asked)) }
}

/// Seconds as a number, a fraction or a string of digits; `None` for anything else.
pub(super) fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse::<f64>().ok());
    // A cast of a float stops at the bounds of u32.
    Ok(number.filter(|n| n.is_finite()).map(|n| n as u32))
}

/// A string that goes from the wire into a [`Secret`] and never into `Debug`.
#[derive(Debug)]
pub(super) struct Hidden(pub(super) Secret);

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(Secret::new(text)))
    }
}

fn present(token: Option<Secret>) -> Option<Secret> {
    token.filter(|t| !t.is_empty())
}

// XOAUTH2 separates its fields by 0x01, HTTP and JSON by blanks and quotes: a
// token with one of them would add a field of the peer's choice.
fn token(token: Secret, longest: usize) -> Result<Secret, Fault> {
    let text = token.reveal();
    if text.is_empty() || text.len() > longest {
        return Err(Fault::Malformed { why: "a token is empty or too long" });
    }
    if text.bytes().any(|b| !b.is_ascii_graphic() || matches!(b, b'"' | b'\'' | b'\\')) {
        return Err(Fault::Malformed { why: "a token holds characters that no token has" });
    }
    Ok(token)
}
