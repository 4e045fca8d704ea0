//! id_tokens: who gave a consent (OpenID Connect Core, section 3.1.3.7).
//!
//! The library checks the signature only; times are compared with our own
//! clock, which tests can move.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use postern_core::model::address::Address;
use postern_core::model::refusal::{Blame, Retry};
use postern_core::model::secret::Secret;
use serde::Deserialize;
use serde_json::Value;

use super::fault::Fault;
pub use super::jwks::Keys;
use super::tokeninfo::truth;
use crate::net::exchange::Exchange;

/// Google signs with either name.
const ISSUERS: [&str; 2] = ["https://accounts.google.com", "accounts.google.com"];
/// Seconds by which two clocks may differ.
const LEEWAY: i64 = 60;
/// Longest id_token that is looked at, in octets.
const LONGEST: usize = 8192;

/// Who consented, as Google signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Google's name for the person; stays when the address changes.
    pub sub: String,
    /// The address at the time of the consent.
    pub email: Address,
    /// Always true: an id_token without it is refused.
    pub email_verified: bool,
    /// The Workspace domain in lower case; none for a consumer account.
    pub hd: Option<String>,
}

/// Why an id_token is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenFault {
    /// Not three parts of base64url, no JSON, too long, or a critical extension.
    #[error("the id_token cannot be read")]
    Malformed,
    /// Signed by another algorithm than RS256, or not at all.
    #[error("the id_token is not signed by RS256")]
    Algorithm,
    /// Signed by a key that Google does not publish.
    #[error("the id_token's key is unknown")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the id_token's signature is wrong")]
    Signature,
    /// Not issued by Google.
    #[error("the id_token's issuer is not Google")]
    Issuer,
    /// Made for another client.
    #[error("the id_token was made for another client")]
    Audience,
    /// Its time is over.
    #[error("the id_token has expired")]
    Expired,
    /// Issued in our future: one of the two clocks is wrong.
    #[error("the id_token was issued in the future")]
    IssuedInFuture,
    /// Made for another sign-in, or replayed.
    #[error("the id_token belongs to another sign-in")]
    Nonce,
    /// A claim is missing or of the wrong type.
    #[error("the id_token has no usable \"{0}\"")]
    MissingClaim(&'static str),
    /// Google does not vouch for the address.
    #[error("the address is not verified by Google")]
    EmailNotVerified,
    /// Google's keys cannot be had.
    #[error("Google's keys cannot be had: {0}")]
    Keys(#[from] Fault),
}

impl IdTokenFault {
    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::EmailNotVerified => Blame::Account,
            Self::IssuedInFuture | Self::Expired => Blame::Gateway,
            Self::Malformed
            | Self::Algorithm
            | Self::UnknownKey
            | Self::Signature
            | Self::Issuer
            | Self::Audience
            | Self::MissingClaim(_)
            | Self::Nonce => Blame::Client,
            Self::Keys(fault) => fault.blame(),
        }
    }

    /// Whether waiting helps.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::UnknownKey => Retry::Later,
            Self::Keys(fault) => fault.retry(),
            Self::Malformed
            | Self::Algorithm
            | Self::Signature
            | Self::Issuer
            | Self::Audience
            | Self::Expired
            | Self::IssuedInFuture
            | Self::Nonce
            | Self::MissingClaim(_)
            | Self::EmailNotVerified => Retry::No,
        }
    }
}

impl Keys {
    /// Checks signature, issuer, audience, times, nonce and address. `nonce` is
    /// what the consent page was given; `now` is in seconds since 1970.
    ///
    /// # Errors
    /// Says which check failed.
    pub async fn verify(
        &self,
        exchange: &dyn Exchange,
        id_token: &Secret,
        client_id: &str,
        nonce: &str,
        now: i64,
    ) -> Result<Identity, IdTokenFault> {
        let kid = kid(id_token)?;
        let key = self.find(exchange, &kid, now).await?.ok_or(IdTokenFault::UnknownKey)?;
        let claims = signed(id_token, &key)?;
        claims.check(client_id, nonce, now)?;
        claims.identity()
    }
}

fn kid(id_token: &Secret) -> Result<String, IdTokenFault> {
    if id_token.reveal().len() > LONGEST {
        return Err(IdTokenFault::Malformed);
    }
    let header = decode_header(id_token.reveal()).map_err(|error| match error.kind() {
        // An `alg` that the library does not know, such as "none", is no JSON to it.
        ErrorKind::Json(_) | ErrorKind::InvalidAlgorithmName | ErrorKind::UnsupportedAlgorithm => {
            IdTokenFault::Algorithm
        }
        _ => IdTokenFault::Malformed,
    })?;
    if header.alg != Algorithm::RS256 {
        return Err(IdTokenFault::Algorithm);
    }
    if header.crit.is_some() {
        return Err(IdTokenFault::Malformed);
    }
    header.kid.ok_or(IdTokenFault::UnknownKey)
}

fn signed(id_token: &Secret, key: &DecodingKey) -> Result<Claims, IdTokenFault> {
    let mut only_signature = Validation::new(Algorithm::RS256);
    only_signature.required_spec_claims.clear();
    only_signature.validate_exp = false;
    only_signature.validate_aud = false;
    decode(id_token.reveal(), key, &only_signature).map(|data| data.claims).map_err(|error| {
        match error.kind() {
            ErrorKind::InvalidSignature => IdTokenFault::Signature,
            ErrorKind::InvalidAlgorithm => IdTokenFault::Algorithm,
            _ => IdTokenFault::Malformed,
        }
    })
}

#[derive(Deserialize)]
struct Claims {
    iss: Option<Value>,
    aud: Option<Value>,
    azp: Option<Value>,
    exp: Option<Value>,
    iat: Option<Value>,
    nonce: Option<Value>,
    sub: Option<Value>,
    email: Option<Value>,
    email_verified: Option<Value>,
    hd: Option<Value>,
}

impl Claims {
    fn check(&self, client_id: &str, nonce: &str, now: i64) -> Result<(), IdTokenFault> {
        if !ISSUERS.contains(&text(self.iss.as_ref(), "iss")?) {
            return Err(IdTokenFault::Issuer);
        }
        // Google writes one audience as a string. A list would name others to
        // whom this same id_token is good.
        let aud = text(self.aud.as_ref(), "aud")?;
        let azp = self.azp.as_ref().map_or(Some(client_id), Value::as_str);
        if client_id.is_empty() || aud != client_id || azp != Some(client_id) {
            return Err(IdTokenFault::Audience);
        }
        if now >= number(self.exp.as_ref(), "exp")?.saturating_add(LEEWAY) {
            return Err(IdTokenFault::Expired);
        }
        if number(self.iat.as_ref(), "iat")? > now + LEEWAY {
            return Err(IdTokenFault::IssuedInFuture);
        }
        let told = text(self.nonce.as_ref(), "nonce")?;
        if nonce.is_empty() || verify_slices_are_equal(told.as_bytes(), nonce.as_bytes()).is_err() {
            return Err(IdTokenFault::Nonce);
        }
        Ok(())
    }

    fn identity(&self) -> Result<Identity, IdTokenFault> {
        let sub = text(self.sub.as_ref(), "sub")?;
        if sub.len() > 255 || !sub.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(IdTokenFault::MissingClaim("sub"));
        }
        let email = Address::parse(text(self.email.as_ref(), "email")?)
            .map_err(|_| IdTokenFault::MissingClaim("email"))?;
        if !self.email_verified.as_ref().is_some_and(truth) {
            return Err(IdTokenFault::EmailNotVerified);
        }
        let hd = self.hd.as_ref().map(|hd| text(Some(hd), "hd").map(str::to_ascii_lowercase)).transpose()?;
        if hd.as_ref().is_some_and(|hd| Address::parse(&format!("x@{hd}")).is_err()) {
            return Err(IdTokenFault::MissingClaim("hd"));
        }
        Ok(Identity { sub: sub.to_owned(), email, email_verified: true, hd })
    }
}

fn text<'a>(claim: Option<&'a Value>, name: &'static str) -> Result<&'a str, IdTokenFault> {
    claim.and_then(Value::as_str).filter(|t| !t.is_empty()).ok_or(IdTokenFault::MissingClaim(name))
}

fn number(claim: Option<&Value>, name: &'static str) -> Result<i64, IdTokenFault> {
    claim.and_then(Value::as_i64).ok_or(IdTokenFault::MissingClaim(name))
}
