//! Signed requests: which texts count, and that each counts once.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_core::model::id::ApiKeyId;
use postern_core::model::key_scope::KeyScope;
use serde_json::json;

use crate::actions::api_key;
use crate::actions::consent::trial::START;
use crate::auth::signature::trial::{header, sum};
use crate::http::tests::{House, Told};
use crate::store::api_keys::{Reach, Terms};

const LIST: &str = "/api/v1/ExternalAccount";
const NONCE: &str = "0123456789abcdef";

/// A program that signs what it asks for.
pub struct Signer<'h> {
    house: &'h House,
    id: ApiKeyId,
    key: String,
    secret: String,
}

impl House {
    pub async fn signer(&self, per_minute: u32) -> Signer<'_> {
        let scopes = KeyScope::ALL.iter().copied().collect();
        let name = "crm".to_owned();
        let terms = Terms { name, scopes, reach: Reach::default(), signs: true, per_minute };
        let made = api_key::create(self.stage.store(), &self.by(), &terms).await.unwrap();
        let secret = made.hmac.unwrap().reveal().to_owned();
        Signer { house: self, id: made.id, key: made.key.reveal().to_owned(), secret }
    }
}

impl Signer<'_> {
    fn code(&self, by: &str, text: &str) -> String {
        header(by, &self.secret, text)
    }

    fn full(&self, method: &str, path: &str, at: i64, nonce: &str, body: &str) -> String {
        let text = format!("{method}\n{path}\n{at}\n{nonce}\n{}", sum(body));
        self.code(&self.id.to_string(), &text)
    }

    /// Sends what may be something else than what was signed.
    async fn send(
        &self,
        method: &str,
        path: &str,
        code: &str,
        stamp: Option<(i64, &str)>,
        body: &str,
    ) -> Told {
        let time = stamp.map_or(String::new(), |(at, _)| at.to_string());
        let kind = if body.is_empty() { "" } else { "application/json" };
        let fields = [
            ("x-hmac-authorization", code),
            ("x-timestamp", &time),
            ("x-nonce", stamp.map_or("", |(_, nonce)| nonce)),
            ("content-type", kind),
        ];
        self.house.ask(method, &format!("/postern{path}"), &fields, body).await
    }

    /// Sends what was signed.
    pub async fn honest(&self, method: &str, path: &str, at: i64, nonce: &str, body: &str) -> Told {
        let code = self.full(method, path, at, nonce, body);
        self.send(method, path, &code, Some((at, nonce)), body).await
    }

    /// Sends another body than the one that was signed.
    pub async fn forged(
        &self,
        method: &str,
        path: &str,
        at: i64,
        nonce: &str,
        (signed, sent): (&str, &str),
    ) -> Told {
        let code = self.full(method, path, at, nonce, signed);
        self.send(method, path, &code, Some((at, nonce)), sent).await
    }

    /// Signs as the CRM's own clients do.
    pub async fn bare(&self, method: &str, path: &str, body: &str) -> Told {
        let resource = path.strip_prefix("/api/v1").unwrap();
        let code = self.code(&self.key, &format!("{method} {resource}"));
        self.send(method, path, &code, None, body).await
    }
}

#[tokio::test]
async fn a_signed_request_is_taken_once_and_within_its_time() {
    let house = House::build().await;
    let signer = house.signer(600).await;
    let path = format!("{LIST}?maxSize=5&orderBy=createdAt");
    assert_eq!(signer.honest("GET", &path, START, NONCE, "").await.status, StatusCode::OK);
    let again = signer.honest("GET", &path, START, NONCE, "").await;
    assert_eq!((again.status, again.reason().as_str()), (StatusCode::UNAUTHORIZED, "signatureReplayed"));
    let body = json!({ "emailAddress": "ben@acme.cz" }).to_string();
    let told = signer.honest("POST", LIST, START, "another-nonce-0001", &body).await;
    assert_eq!(told.status, StatusCode::CREATED, "{}", told.text);
    let rows = house.program(KeyScope::ALL).await.get("/api/v1/Audit?offset=1&maxSize=1").await.json();
    assert_eq!(rows["list"][0]["actor"], "key:crm 0.0.0.0");
    for (at, word) in [(START - 301, "signatureStale"), (START + 301, "signatureStale"), (START - 300, "")] {
        let told = signer.honest("GET", LIST, at, "another-nonce-0002", "").await;
        let reason = if told.status == StatusCode::OK { String::new() } else { told.reason() };
        assert_eq!(reason, word, "{at}");
    }
    house.stage.pass(301);
    let told = signer.honest("GET", &path, START, NONCE, "").await;
    assert_eq!(told.reason(), "signatureStale", "forgotten or not, it is too old");
    let other = house.signer(600).await;
    let told = other.honest("GET", LIST, START + 301, "another-nonce-0002", "").await;
    assert_eq!(told.status, StatusCode::OK, "each key has its own words");
}

#[tokio::test]
async fn every_part_of_the_request_is_signed() {
    let house = House::build().await;
    let signer = house.signer(600).await;
    let body = json!({ "emailAddress": "ben@acme.cz" }).to_string();
    let code = signer.full("POST", LIST, START, NONCE, &body);
    let evil = json!({ "emailAddress": "eva@acme.cz" }).to_string();
    let other = "fedcba9876543210";
    for (method, path, at, nonce, body) in [
        ("PUT", LIST, START, NONCE, &body),
        ("POST", "/api/v1/CrmToken", START, NONCE, &body),
        ("POST", &format!("{LIST}?x=1"), START, NONCE, &body),
        ("POST", LIST, START + 1, NONCE, &body),
        ("POST", LIST, START, other, &body),
        ("POST", LIST, START, NONCE, &evil),
    ] {
        let told = signer.send(method, path, &code, Some((at, nonce)), body).await;
        let routed = told.status != StatusCode::METHOD_NOT_ALLOWED;
        assert!(!routed || told.reason() == "signatureInvalid", "{method} {path} {at} {nonce} {body}");
    }
    for stamp in [(START, "short"), (START, &"x".repeat(65)), (-1, NONCE)] {
        let code = signer.full("POST", LIST, stamp.0, stamp.1, &body);
        assert_eq!(signer.send("POST", LIST, &code, Some(stamp), &body).await.reason(), "signatureInvalid");
    }
    for code in ["", "AAAA", "not base64", &STANDARD.encode(format!("{}:", signer.id))] {
        let told = signer.send("GET", LIST, code, Some((START, NONCE)), "").await;
        let word = if code.is_empty() { "keyMissing" } else { "signatureInvalid" };
        assert_eq!(told.reason(), word, "{code}");
    }
    assert_eq!(house.stage.events().await, ["api_key_created"]);
    let told = signer.send("POST", LIST, &code, Some((START, NONCE)), &body).await;
    assert_eq!(told.status, StatusCode::CREATED, "no forgery has used up its word: {}", told.text);
}

#[tokio::test]
async fn the_crms_bare_form_reads_and_nothing_else() {
    let house = House::build().await;
    let signer = house.signer(600).await;
    for by in [signer.key.clone(), signer.id.to_string()] {
        let code = signer.code(&by, "GET /ExternalAccount");
        let told = signer.send("GET", &format!("{LIST}?maxSize=1"), &code, None, "").await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    }
    let one = format!("{LIST}/{}", house.stage.account);
    for (method, path) in [("POST", LIST), ("DELETE", &one), ("PATCH", &one)] {
        let resource = path.strip_prefix("/api/v1").unwrap();
        let code = signer.code(&signer.key, &format!("{method} {resource}"));
        let told = signer.send(method, path, &code, None, "{}").await;
        assert_eq!((told.status, told.reason().as_str()), (StatusCode::UNAUTHORIZED, "signatureIncomplete"));
    }
    let code = signer.code(&signer.key, "GET /CrmToken");
    assert_eq!(signer.send("GET", LIST, &code, None, "").await.reason(), "signatureInvalid");
    let head = signer.code(&signer.key, "HEAD /ExternalAccount");
    assert_eq!(signer.send("HEAD", LIST, &head, None, "").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_signature_has_the_rights_and_the_pace_of_its_key() {
    let house = House::build().await;
    let signer = house.signer(2).await;
    let forged = signer.full("GET", "/api/v1/Job", START, NONCE, "");
    for _ in 0..5 {
        let told = signer.send("GET", LIST, &forged, Some((START, NONCE)), "").await;
        assert_eq!(told.reason(), "signatureInvalid", "whoever guesses uses up nobody's pace");
    }
    for _ in 0..5 {
        let told = signer.honest("GET", LIST, START - 301, NONCE, "").await;
        assert_eq!(told.reason(), "signatureStale", "nor does whoever repeats what was seen before");
    }
    for nonce in ["nonce-number-0001", "nonce-number-0002"] {
        assert_eq!(signer.honest("GET", LIST, START, nonce, "").await.status, StatusCode::OK);
    }
    let told = signer.honest("GET", LIST, START, "nonce-number-0003", "").await;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS);
    let plain = house.program(KeyScope::ALL).await;
    let keys = api_key::list(house.stage.store()).await.unwrap();
    let silent = keys.iter().find(|key| key.id != signer.id).unwrap().id.to_string();
    let code = signer.code(&silent, "GET /ExternalAccount");
    assert_eq!(signer.send("GET", LIST, &code, None, "").await.reason(), "keyUnknown", "it signs nothing");
    let both = [("x-hmac-authorization", code.as_str())];
    assert_eq!(plain.ask("GET", LIST, &both, "").await.reason(), "keyMissing", "which one counts?");
    api_key::revoke(house.stage.store(), &house.by(), signer.id).await.unwrap();
    assert_eq!(signer.honest("GET", LIST, START, "nonce-number-0004", "").await.reason(), "keyUnknown");
}
