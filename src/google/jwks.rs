//! The keys that Google signs id_tokens with (RFC 7517).

use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::answer::{send, success};
use super::denial::Asked;
use super::fault::Fault;
use crate::net::exchange::{Exchange, Request, Response};

/// Bounds of how long keys are kept, in seconds.
const FRESH: std::ops::RangeInclusive<i64> = 300..=86_400;
/// Seconds between two fetches because of a key nobody knows.
const UNKNOWN_PAUSE: i64 = 60;
/// Google publishes two or three keys.
const MOST_KEYS: usize = 32;

/// Google's public keys, kept in memory for as long as Google allows.
#[derive(Debug)]
pub struct Keys {
    url: Url,
    kept: RwLock<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    keys: Arc<Vec<Key>>,
    fresh_until: i64,
    unknown_asked: Option<i64>,
}

#[derive(Debug)]
struct Key {
    kid: String,
    key: DecodingKey,
}

impl Keys {
    /// No keys yet; they are fetched from `jwks_url` when first needed.
    #[must_use]
    pub fn new(jwks_url: Url) -> Self {
        Self { url: jwks_url, kept: RwLock::default() }
    }

    /// The key of that id, fetched where needed; `None` when Google publishes
    /// none. `now` is in seconds since 1970.
    pub(super) async fn find(
        &self,
        exchange: &dyn Exchange,
        kid: &str,
        now: i64,
    ) -> Result<Option<DecodingKey>, Fault> {
        let fresh = self.fresh(now);
        let keys = match &fresh {
            Some(keys) => Arc::clone(keys),
            None => self.fetch(exchange, now).await?,
        };
        if let Some(key) = find(&keys, kid) {
            return Ok(Some(key));
        }
        // Keys that were fetched just now would not change by asking again.
        if fresh.is_none() || !self.may_ask_again(now) {
            return Ok(None);
        }
        Ok(find(&self.fetch(exchange, now).await?, kid))
    }

    fn fresh(&self, now: i64) -> Option<Arc<Vec<Key>>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        (now < kept.fresh_until).then(|| Arc::clone(&kept.keys))
    }

    // Anybody can make up a key id; Google must not hear of each.
    fn may_ask_again(&self, now: i64) -> bool {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let may = kept.unknown_asked.is_none_or(|at| now >= at + UNKNOWN_PAUSE);
        if may {
            kept.unknown_asked = Some(now);
        }
        may
    }

    async fn fetch(&self, exchange: &dyn Exchange, now: i64) -> Result<Arc<Vec<Key>>, Fault> {
        let answer = success(send(exchange, Request::get(self.url.clone())).await?, Asked::Token)?;
        let keys = Arc::new(read_keys(&answer)?);
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.keys = Arc::clone(&keys);
        kept.fresh_until = now + max_age(&answer);
        Ok(keys)
    }
}

fn find(keys: &[Key], kid: &str) -> Option<DecodingKey> {
    keys.iter().find(|key| key.kid == kid).map(|key| key.key.clone())
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct WireKey {
    kid: String,
    kty: String,
    n: String,
    e: String,
    alg: Option<String>,
    r#use: Option<String>,
}

// A key of a kind we do not know must not take the others down with it.
fn read_keys(answer: &Response) -> Result<Vec<Key>, Fault> {
    let set: KeySet = serde_json::from_slice(&answer.body)
        .map_err(|_| Fault::Malformed { why: "the keys of id_tokens are no JSON key set" })?;
    Ok(set.keys.into_iter().take(MOST_KEYS).filter_map(read_key).collect())
}

fn read_key(value: Value) -> Option<Key> {
    let wire: WireKey = serde_json::from_value(value).ok()?;
    let fits = wire.kty == "RSA"
        && wire.alg.is_none_or(|alg| alg == "RS256")
        && wire.r#use.is_none_or(|usage| usage == "sig");
    let key = DecodingKey::from_rsa_components(&wire.n, &wire.e).ok()?;
    fits.then_some(Key { kid: wire.kid, key })
}

fn max_age(answer: &Response) -> i64 {
    let told = answer.header("cache-control").and_then(|field| {
        field.split(',').find_map(|part| part.trim().strip_prefix("max-age=")?.parse::<i64>().ok())
    });
    told.unwrap_or(0).clamp(*FRESH.start(), *FRESH.end())
}
