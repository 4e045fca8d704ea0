//! What tests need to stand in for Google: keys, signatures, addresses.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use postern_core::model::secret::Secret;
use serde_json::{Value, json};
use url::Url;

use super::broker::{Broker, metrics::Metrics};
use super::calendar::limits::RATES;
use super::calendar::{self, Calendar};
use super::endpoints::Endpoints;
use super::people::{self, People};
use super::quota::Quota;
use crate::metrics::Registry;
use crate::net::exchange::Exchange;
use crate::store::Store;
use crate::tasks::Tasks;

/// Addresses below `https://google.test/`.
pub fn endpoints() -> Endpoints {
    let at = |path: &str| Url::parse(&format!("https://google.test/{path}")).unwrap();
    Endpoints {
        auth_url: at("auth"),
        token_url: at("token"),
        revoke_url: at("revoke"),
        tokeninfo_url: at("tokeninfo"),
        jwks_url: at("certs"),
    }
}

/// A broker whose tokens come from there.
pub fn broker(store: Store, exchange: Arc<dyn Exchange>, redirect_uri: Url) -> Broker {
    let metrics = Metrics::register(&Registry::default());
    Broker::new(store, exchange, endpoints(), redirect_uri, Tasks::default(), metrics)
}

/// The Calendar API of that Google, below `/calendar/`, without a spent budget.
pub fn calendar(store: Store, exchange: Arc<dyn Exchange>, redirect_uri: Url) -> Calendar {
    let quota = Quota::new(store.clock().clone(), store.dice().clone(), RATES);
    let base = Url::parse("https://google.test/calendar/").unwrap();
    let metrics = calendar::metrics::Metrics::register(&Registry::default());
    Calendar::new(exchange.clone(), base, broker(store, exchange, redirect_uri), quota, metrics)
}

/// The People API of that Google, below `/people/`, without a spent budget.
pub fn people(store: Store, exchange: Arc<dyn Exchange>, redirect_uri: Url) -> People {
    let quota = Quota::new(store.clock().clone(), store.dice().clone(), people::limits::RATES);
    let base = Url::parse("https://google.test/people/").unwrap();
    let metrics = people::metrics::Metrics::register(&Registry::default());
    People::new(exchange.clone(), base, broker(store, exchange, redirect_uri), quota, metrics)
}

/// A private key in PEM, made anew for each run; `n` gives another one.
pub fn pem(n: usize) -> &'static str {
    static KEYS: [OnceLock<String>; 2] = [OnceLock::new(), OnceLock::new()];
    KEYS[n].get_or_init(|| {
        let der: Pkcs8V1Der<'_> = KeyPair::generate(KeySize::Rsa2048).unwrap().as_der().unwrap();
        let text = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
        let lines: Vec<&str> = text.as_bytes().chunks(64).map(|l| std::str::from_utf8(l).unwrap()).collect();
        let kind = "PRIVATE KEY";
        format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", lines.join("\n"))
    })
}

/// An id_token of these claims, signed by key number `key` under the name `kid`.
pub fn sign(kid: &str, key: usize, claims: &Value) -> Secret {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(kid.into());
    Secret::new(encode(&header, claims, &EncodingKey::from_rsa_pem(pem(key).as_bytes()).unwrap()).unwrap())
}

/// The public half of key number `key`, as Google publishes it.
pub fn jwk(kid: &str, key: usize) -> Value {
    let key = EncodingKey::from_rsa_pem(pem(key).as_bytes()).unwrap();
    let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap()).unwrap();
    jwk["kid"] = json!(kid);
    jwk["use"] = json!("sig");
    jwk["alg"] = json!("RS256");
    jwk
}
