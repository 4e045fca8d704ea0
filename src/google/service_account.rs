//! Service accounts with domain-wide delegation (RFC 7523).

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use postern_core::model::address::Address;
use postern_core::model::refusal::{Blame, PeerText, Retry};
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;
use serde::{Deserialize, Serialize};

use super::answer::{Answer, Hidden, send, success};
use super::denial::Asked;
use super::endpoints::Endpoints;
use super::fault::{ClientCode, Fault};
use super::oauth::Refreshed;
use crate::net::exchange::{Exchange, Request};

/// Seconds an assertion lives. Google refuses more than an hour, and an hour
/// sharp when our clock is a second ahead.
const LIFETIME: i64 = 55 * 60;
const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const DOMAIN: &str = "gserviceaccount.com";

/// A service account's key, as its JSON file holds it.
#[derive(Debug, Clone)]
pub struct ServiceAccount {
    client_email: Address,
    client_id: String,
    key_id: String,
    private_key: Secret,
}

/// Why a text is no service account's key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileFault {
    /// No JSON object, or a field of the wrong type.
    #[error("the file is no JSON key file")]
    NotJson,
    /// Another kind of credential, such as an OAuth client.
    #[error("the file's \"type\" is not \"service_account\"")]
    WrongType,
    /// A field is missing or empty.
    #[error("the file has no \"{0}\"")]
    Missing(&'static str),
    /// The address is not of a service account.
    #[error("\"client_email\" is no address of a service account")]
    Email,
    /// The key is no RSA key in PEM.
    #[error("\"private_key\" is no RSA key in PEM that can sign")]
    Key,
}

impl KeyFileFault {
    /// Who has to act: who handed the file in.
    #[must_use]
    pub fn blame(&self) -> Blame {
        Blame::Account
    }

    /// Whether waiting helps.
    #[must_use]
    pub fn retry(&self) -> Retry {
        Retry::No
    }
}

// `token_uri` is left out on purpose: whoever hands a file in would choose
// where our signed assertions go and whose answers we believe.
#[derive(Deserialize)]
struct KeyFile {
    r#type: Option<String>,
    client_email: Option<String>,
    client_id: Option<String>,
    private_key_id: Option<String>,
    private_key: Option<Hidden>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    scope: String,
    aud: &'a str,
    iat: i64,
    exp: i64,
}

impl ServiceAccount {
    /// Reads the JSON key file and tries its key.
    ///
    /// # Errors
    /// Says what is wrong with the file; never shows any of it.
    pub fn from_key_file(json: &Secret) -> Result<Self, KeyFileFault> {
        let file: KeyFile = serde_json::from_str(json.reveal()).map_err(|_| KeyFileFault::NotJson)?;
        if file.r#type.as_deref() != Some("service_account") {
            return Err(KeyFileFault::WrongType);
        }
        let client_email = Address::parse(&field(file.client_email, "client_email")?)
            .ok()
            .filter(is_service_account)
            .ok_or(KeyFileFault::Email)?;
        let account = Self {
            client_email,
            client_id: field(file.client_id, "client_id")?,
            key_id: field(file.private_key_id, "private_key_id")?,
            private_key: file
                .private_key
                .map(|hidden| hidden.0)
                .filter(|key| !key.is_empty())
                .ok_or(KeyFileFault::Missing("private_key"))?,
        };
        account.sign(&serde_json::json!({})).ok_or(KeyFileFault::Key)?;
        Ok(account)
    }

    /// The service account's own address.
    #[must_use]
    pub fn client_email(&self) -> &Address {
        &self.client_email
    }

    /// The number that an admin enters under domain-wide delegation.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Google's name for the key.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The signed statement that asks for access to one mailbox. `now` is in
    /// seconds since 1970. Each scope has to be on the delegation's list: one
    /// that is not fails the whole request.
    ///
    /// # Errors
    /// `SubjectRefused` when the subject is a service account, which has no
    /// mailbox; `ClientRefused` when the key cannot sign.
    pub fn assertion(
        &self,
        endpoints: &Endpoints,
        subject: &Address,
        scopes: &ScopeSet,
        now: i64,
    ) -> Result<Secret, Fault> {
        if is_service_account(subject) {
            return Err(Fault::SubjectRefused { why: PeerText::new("a service account has no mailbox") });
        }
        let claims = Claims {
            iss: self.client_email.as_str(),
            sub: subject.as_str(),
            scope: scopes.to_string(),
            aud: endpoints.token_url.as_str(),
            iat: now,
            exp: now + LIFETIME,
        };
        self.sign(&claims).ok_or_else(|| Fault::ClientRefused {
            code: ClientCode::KeyUnusable,
            why: PeerText::new("the private key cannot sign"),
        })
    }

    fn sign<T: Serialize>(&self, claims: &T) -> Option<Secret> {
        let key = EncodingKey::from_rsa_pem(self.private_key.reveal().as_bytes()).ok()?;
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.key_id.clone());
        encode(&header, claims, &key).ok().map(Secret::new)
    }
}

/// An access token for one mailbox. Google tells no scopes and gives no refresh
/// token here; `now` is in seconds since 1970.
///
/// # Errors
/// `SubjectRefused` when this mailbox is not usable, `ClientRefused` when the
/// service account is refused; else see [`Fault`].
pub async fn grant(
    exchange: &dyn Exchange,
    endpoints: &Endpoints,
    account: &ServiceAccount,
    subject: &Address,
    scopes: &ScopeSet,
    now: i64,
) -> Result<Refreshed, Fault> {
    let assertion = account.assertion(endpoints, subject, scopes, now)?;
    let fields = [("grant_type", GRANT_TYPE), ("assertion", assertion.reveal())];
    let request = Request::form(endpoints.token_url.clone(), &fields);
    let answer = success(send(exchange, request).await?, Asked::Assertion)?;
    let tokens = serde_json::from_slice::<Answer>(&answer.body)
        .map_err(|_| Fault::Malformed { why: "the success holds no tokens" })?
        .checked()?;
    Ok(Refreshed {
        access_token: tokens.access_token,
        expires_in: tokens.expires_in,
        scopes: tokens.scopes,
        refresh_token: None,
    })
}

/// Whether an address is a service account's own, behind which no mailbox is.
#[must_use]
pub fn is_service_account(address: &Address) -> bool {
    address.domain() == DOMAIN || address.domain().ends_with(&format!(".{DOMAIN}"))
}

fn field(value: Option<String>, name: &'static str) -> Result<String, KeyFileFault> {
    value.filter(|v| !v.is_empty()).ok_or(KeyFileFault::Missing(name))
}
