//! RSA keys. Making one is slow, so a process has one for id tokens and one for robots.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

/// A private key and the two numbers of its public half.
#[derive(Debug, Clone, Default)]
pub(crate) struct SigningKey {
    pub(crate) private_pem: String,
    pub(crate) public: (String, String),
}

/// The name under which the key of id tokens is published.
pub(crate) const KEY_ID: &str = "sandbox-1";

/// The key that signs id tokens.
pub(crate) fn id_token_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(fresh_key)
}

/// The key handed to service accounts.
pub(crate) fn robot_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(fresh_key)
}

/// A key nobody has seen. Should making it fail, it is empty and signs nothing.
pub(crate) fn fresh_key() -> SigningKey {
    generate().unwrap_or_default()
}

fn generate() -> Option<SigningKey> {
    let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
    let der: Pkcs8V1Der<'_> = pair.as_der().ok()?;
    let private_pem = pem(der.as_ref());
    let encoding = EncodingKey::from_rsa_pem(private_pem.as_bytes()).ok()?;
    let jwk = Jwk::from_encoding_key(&encoding, Algorithm::RS256).ok()?;
    let AlgorithmParameters::RSA(numbers) = jwk.algorithm else {
        return None;
    };
    Some(SigningKey { private_pem, public: (numbers.n, numbers.e) })
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for (at, letter) in text.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            pem.push('\n');
        }
        pem.push(letter);
    }
    pem.push_str("\n-----END PRIVATE KEY-----\n");
    pem
}

/// The published key set.
pub(crate) fn key_set() -> Value {
    let (n, e) = &id_token_key().public;
    json!({"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "n": n, "e": e}]})
}
