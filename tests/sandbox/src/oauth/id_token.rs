//! The id token: what Google says about who has signed in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::fault::IdTokenFault;
use super::signing;
use crate::people::User;

const HOUR: u64 = 3600;

/// What an id token is about.
pub(crate) struct Subject<'a> {
    pub(crate) user: &'a User,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) now: u64,
    pub(crate) with_email: bool,
}

/// Signs the id token, with the fault that was asked for.
pub(crate) fn issue(subject: &Subject<'_>, fault: Option<&IdTokenFault>) -> Option<String> {
    let mut claims = claims(subject);
    match fault {
        Some(IdTokenFault::Missing) => return None,
        Some(IdTokenFault::AlgNone) => return Some(unsigned(&claims)),
        Some(IdTokenFault::WrongAudience) => claims["aud"] = json!("another-client"),
        Some(IdTokenFault::WrongIssuer) => claims["iss"] = json!("https://accounts.example.com"),
        Some(IdTokenFault::IssuerWithoutScheme) => claims["iss"] = json!("accounts.google.com"),
        Some(IdTokenFault::WrongNonce) => claims["nonce"] = json!("not-your-nonce"),
        Some(IdTokenFault::EmailUnverified) => claims["email_verified"] = json!(false),
        Some(IdTokenFault::Expired) => {
            claims["iat"] = json!(subject.now.saturating_sub(2 * HOUR));
            claims["exp"] = json!(subject.now.saturating_sub(HOUR));
        }
        Some(IdTokenFault::BadSignature) | None => {}
    }
    let signed = sign(&claims)?;
    Some(match fault {
        Some(IdTokenFault::BadSignature) => spoiled(&signed),
        _ => signed,
    })
}

fn claims(subject: &Subject<'_>) -> Value {
    let mut claims = json!({
        "iss": "https://accounts.google.com",
        "azp": subject.client_id,
        "aud": subject.client_id,
        "sub": subject.user.sub,
        "iat": subject.now,
        "exp": subject.now + HOUR,
    });
    if subject.with_email {
        claims["email"] = json!(subject.user.email);
        claims["email_verified"] = json!(true);
    }
    if let Some(domain) = &subject.user.hd {
        claims["hd"] = json!(domain);
    }
    if let Some(nonce) = subject.nonce {
        claims["nonce"] = json!(nonce);
    }
    claims
}

fn sign(claims: &Value) -> Option<String> {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(signing::KEY_ID.to_owned());
    let pem = &signing::id_token_key().private_pem;
    let key = EncodingKey::from_rsa_pem(pem.as_bytes()).ok()?;
    encode(&header, claims, &key).ok()
}

fn unsigned(claims: &Value) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    format!("{header}.{}.", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// Another signature of the right length.
fn spoiled(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    let signature: String = signature.chars().rev().collect();
    format!("{signed}.{signature}")
}
