//! id_tokens, right and forged, and the keys they are checked with.

use base64::Engine as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use postern_core::model::refusal::{Blame, Retry};
use postern_core::model::secret::Secret;
use serde_json::{Value, json};

use super::super::id_token::{IdTokenFault, Identity, Keys};
use super::{Script, answer, endpoints, jwk, sign};
use crate::net::exchange::{ExchangeError, Response};

const NOW: i64 = 1_700_000_000;
const CLIENT: &str = "id.apps.googleusercontent.com";

fn claims() -> Value {
    json!({
        "iss": "https://accounts.google.com",
        "aud": CLIENT,
        "azp": CLIENT,
        "sub": "1076",
        "email": "Anna@Acme.cz",
        "email_verified": true,
        "hd": "Acme.cz",
        "nonce": "n-1",
        "iat": NOW,
        "exp": NOW + 3600,
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(name);
    } else {
        claims[name] = value;
    }
    claims
}

fn forge(header: &Value, claims: &Value) -> Secret {
    let part = |v: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(v.to_string());
    Secret::new(format!("{}.{}.", part(header), part(claims)))
}

fn key_set(keys: &[Value], max_age: i64) -> Result<Response, ExchangeError> {
    let mut told = answer(200, &json!({ "keys": keys }).to_string()).unwrap();
    told.headers.push(("cache-control".into(), format!("public, max-age={max_age}, must-revalidate")));
    Ok(told)
}

async fn ask(keys: &Keys, google: &Script, token: &Secret, now: i64) -> Result<Identity, IdTokenFault> {
    keys.verify(google, token, CLIENT, "n-1", now).await
}

async fn once(token: &Secret) -> Result<Identity, IdTokenFault> {
    let google = Script::new([key_set(&[jwk("k1", 0)], 3600)]);
    ask(&Keys::new(endpoints().jwks_url), &google, token, NOW).await
}

#[tokio::test]
async fn a_right_id_token_names_the_person() {
    for issuer in ["https://accounts.google.com", "accounts.google.com"] {
        let who = once(&sign("k1", 0, &with("iss", json!(issuer)))).await.unwrap();
        assert_eq!((who.sub.as_str(), who.email.as_str()), ("1076", "anna@acme.cz"));
        assert_eq!((who.email_verified, who.hd.as_deref()), (true, Some("acme.cz")));
    }
    let consumer = once(&sign("k1", 0, &with("hd", Value::Null))).await.unwrap();
    assert_eq!(consumer.hd, None);
    assert!(once(&sign("k1", 0, &with("azp", Value::Null))).await.is_ok());
}

#[tokio::test]
async fn each_wrong_claim_has_its_kind() {
    use IdTokenFault as F;
    let rows = [
        ("iss", json!("https://evil.test"), F::Issuer),
        ("iss", json!("https://accounts.google.com/"), F::Issuer),
        ("iss", Value::Null, F::MissingClaim("iss")),
        ("aud", json!("other"), F::Audience),
        ("aud", json!([CLIENT, "other"]), F::MissingClaim("aud")),
        ("aud", Value::Null, F::MissingClaim("aud")),
        ("azp", json!("other"), F::Audience),
        ("nonce", json!("n-2"), F::Nonce),
        ("nonce", json!("n-1x"), F::Nonce),
        ("nonce", json!(""), F::MissingClaim("nonce")),
        ("nonce", Value::Null, F::MissingClaim("nonce")),
        ("exp", json!(NOW - 60), F::Expired),
        ("exp", json!("tomorrow"), F::MissingClaim("exp")),
        ("exp", Value::Null, F::MissingClaim("exp")),
        ("iat", json!(NOW + 61), F::IssuedInFuture),
        ("iat", Value::Null, F::MissingClaim("iat")),
        ("sub", Value::Null, F::MissingClaim("sub")),
        ("sub", json!("1\r\n2"), F::MissingClaim("sub")),
        ("email", Value::Null, F::MissingClaim("email")),
        ("email", json!("a\"b@x.cz"), F::MissingClaim("email")),
        ("email_verified", json!(false), F::EmailNotVerified),
        ("email_verified", json!("false"), F::EmailNotVerified),
        ("email_verified", Value::Null, F::EmailNotVerified),
        ("hd", json!("a b"), F::MissingClaim("hd")),
    ];
    for (name, value, fault) in rows {
        let token = sign("k1", 0, &with(name, value.clone()));
        assert_eq!(once(&token).await.unwrap_err(), fault, "{name} {value}");
    }
}

#[tokio::test]
async fn a_minute_of_difference_between_clocks_is_fine() {
    assert!(once(&sign("k1", 0, &with("exp", json!(NOW - 59)))).await.is_ok());
    assert!(once(&sign("k1", 0, &with("iat", json!(NOW + 60)))).await.is_ok());
    assert!(once(&sign("k1", 0, &with("exp", json!(i64::MAX)))).await.is_ok());
}

#[tokio::test]
async fn forged_signatures_are_told_apart() {
    use IdTokenFault as F;
    assert_eq!(once(&sign("k1", 1, &claims())).await.unwrap_err(), F::Signature);
    assert_eq!(once(&sign("k2", 0, &claims())).await.unwrap_err(), F::UnknownKey);
    let right = sign("k1", 0, &claims());
    let (head, rest) = right.reveal().split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let other = forge(&json!({}), &with("email", json!("boss@acme.cz")));
    let body = other.reveal().split('.').nth(1).unwrap();
    let swapped = Secret::new(format!("{head}.{body}.{signature}"));
    assert_eq!(once(&swapped).await.unwrap_err(), F::Signature);
}

#[tokio::test]
async fn other_algorithms_never_reach_a_key() {
    let google = Script::new([]);
    let keys = Keys::new(endpoints().jwks_url);
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("k1".into());
    // The confusion: the public key's text used as a shared secret.
    let public = jwk("k1", 0)["n"].as_str().unwrap().to_owned();
    let hmac = Secret::new(encode(&header, &claims(), &EncodingKey::from_secret(public.as_bytes())).unwrap());
    let tokens = [
        hmac,
        forge(&json!({"alg": "none", "kid": "k1"}), &claims()),
        forge(&json!({"alg": "None", "kid": "k1"}), &claims()),
        forge(&json!({"alg": "RS512", "kid": "k1"}), &claims()),
        forge(&json!({"alg": "PS256", "kid": "k1"}), &claims()),
    ];
    for token in tokens {
        assert_eq!(ask(&keys, &google, &token, NOW).await.unwrap_err(), IdTokenFault::Algorithm);
    }
    assert!(google.asked().is_empty());
}

#[tokio::test]
async fn what_is_no_id_token_is_refused_before_any_request() {
    let google = Script::new([]);
    let keys = Keys::new(endpoints().jwks_url);
    let critical = forge(&json!({"alg": "RS256", "kid": "k1", "crit": ["b64"], "b64": false}), &claims());
    let long = Secret::new(format!("{}.{}.c", "a".repeat(8000), "b".repeat(8000)));
    for token in
        [Secret::new(""), Secret::new("a.b"), Secret::new("a.b.c.d"), Secret::new("*.b.c"), critical, long]
    {
        assert_eq!(ask(&keys, &google, &token, NOW).await.unwrap_err(), IdTokenFault::Malformed);
    }
    let nameless = forge(&json!({"alg": "RS256"}), &claims());
    assert_eq!(ask(&keys, &google, &nameless, NOW).await.unwrap_err(), IdTokenFault::UnknownKey);
}

#[tokio::test]
async fn an_empty_expectation_is_met_by_nothing() {
    let google = Script::new([key_set(&[jwk("k1", 0)], 3600)]);
    let keys = Keys::new(endpoints().jwks_url);
    let token = sign("k1", 0, &claims());
    let nonce = keys.verify(&google, &token, CLIENT, "", NOW).await.unwrap_err();
    assert_eq!(nonce, IdTokenFault::Nonce);
    assert_eq!(keys.verify(&google, &token, "", "n-1", NOW).await.unwrap_err(), IdTokenFault::Audience);
}

#[tokio::test]
async fn keys_are_kept_for_their_time_within_bounds() {
    let token = sign("k1", 0, &with("exp", json!(NOW + 1_000_000)));
    for (told, kept) in [(3600, 3600), (0, 300), (1, 300), (10_000_000, 86_400)] {
        let google = Script::new([key_set(&[jwk("k1", 0)], told), key_set(&[jwk("k1", 0)], told)]);
        let keys = Keys::new(endpoints().jwks_url);
        for (at, asked) in [(0, 1), (kept - 1, 1), (kept, 2)] {
            ask(&keys, &google, &token, NOW + at).await.unwrap();
            assert_eq!(google.asked().len(), asked, "max-age {told} at {at}");
        }
    }
}

#[tokio::test]
async fn an_unknown_key_is_asked_once_and_at_most_once_a_minute() {
    let google = Script::new([
        key_set(&[jwk("k1", 0)], 3600),
        key_set(&[jwk("k1", 0)], 3600),
        key_set(&[jwk("k1", 0), jwk("k2", 1)], 3600),
    ]);
    let keys = Keys::new(endpoints().jwks_url);
    let (old, new) = (sign("k1", 0, &claims()), sign("k2", 1, &claims()));
    ask(&keys, &google, &old, NOW).await.unwrap();
    for (at, asked, known) in [(1, 2, false), (2, 2, false), (60, 2, false), (61, 3, true), (62, 3, true)] {
        assert_eq!(ask(&keys, &google, &new, NOW + at).await.is_ok(), known, "at {at}");
        assert_eq!(google.asked().len(), asked, "at {at}");
    }
}

#[tokio::test]
async fn odd_keys_do_not_take_the_others_down() {
    let odd = [
        json!(7),
        json!({"kty": "EC", "kid": "k0"}),
        json!({"kid": "k1", "kty": "RSA", "n": "AQAB", "e": "AQAB", "alg": "RS512"}),
    ];
    let google = Script::new([key_set(&[odd.as_slice(), &[jwk("k1", 0)]].concat(), 3600)]);
    ask(&Keys::new(endpoints().jwks_url), &google, &sign("k1", 0, &claims()), NOW).await.unwrap();
}

#[tokio::test]
async fn without_keys_nobody_comes_in_and_later_is_better() {
    let token = sign("k1", 0, &claims());
    let keys = Keys::new(endpoints().jwks_url);
    for google in [Script::says(503, ""), Script::says(200, "<html>"), Script::says(404, "")] {
        let fault = ask(&keys, &google, &token, NOW).await.unwrap_err();
        assert!(matches!(fault, IdTokenFault::Keys(_)));
        assert_eq!((fault.blame(), fault.retry()), (Blame::Upstream, Retry::Later));
    }
    let google = Script::new([key_set(&[jwk("k1", 0)], 3600)]);
    ask(&keys, &google, &token, NOW).await.unwrap();
}
