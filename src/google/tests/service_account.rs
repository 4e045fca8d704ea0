//! Key files and assertions.

use std::sync::OnceLock;

use base64::Engine as _;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation, decode};
use postern_core::model::address::Address;
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;
use serde_json::{Value, json};

use super::super::service_account::{KeyFileFault, ServiceAccount, grant};
use super::{Script, endpoints, pem};

const NOW: i64 = 1_700_000_000;

fn file() -> Value {
    json!({
        "type": "service_account",
        "project_id": "p",
        "private_key_id": "k1",
        "private_key": pem(0),
        "client_email": "robot@p.iam.gserviceaccount.com",
        "client_id": "1234567890",
        "token_uri": "https://evil.test/token",
    })
}

fn read(file: &Value) -> Result<ServiceAccount, KeyFileFault> {
    ServiceAccount::from_key_file(&Secret::new(file.to_string()))
}

pub(super) fn robot() -> &'static ServiceAccount {
    static ROBOT: OnceLock<ServiceAccount> = OnceLock::new();
    ROBOT.get_or_init(|| read(&file()).unwrap())
}

fn anna() -> Address {
    Address::parse("Anna@Acme.cz").unwrap()
}

#[test]
fn an_assertion_says_what_google_documents() {
    let scopes = ScopeSet::parse("https://mail.google.com/ https://www.googleapis.com/auth/contacts");
    let assertion = robot().assertion(&endpoints(), &anna(), &scopes, NOW).unwrap();
    let public =
        Jwk::from_encoding_key(&EncodingKey::from_rsa_pem(pem(0).as_bytes()).unwrap(), Algorithm::RS256);
    let mut check = Validation::new(Algorithm::RS256);
    check.validate_exp = false;
    check.validate_aud = false;
    let key = DecodingKey::from_jwk(&public.unwrap()).unwrap();
    let read = decode::<Value>(assertion.reveal(), &key, &check).unwrap();
    assert_eq!(read.header.kid.as_deref(), Some("k1"));
    assert_eq!(
        read.claims,
        json!({
            "iss": "robot@p.iam.gserviceaccount.com",
            "sub": "anna@acme.cz",
            "scope": "https://mail.google.com/ https://www.googleapis.com/auth/contacts",
            "aud": "https://google.test/token",
            "iat": NOW,
            "exp": NOW + 3300,
        })
    );
    let head = assertion.reveal().split('.').next().unwrap();
    let head = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(head).unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&head).unwrap(),
        json!({"typ": "JWT", "alg": "RS256", "kid": "k1"})
    );
}

#[tokio::test]
async fn the_token_is_asked_at_our_endpoint_and_not_at_the_files() {
    let script = Script::says(200, r#"{"access_token":"ya29.c","expires_in":"3599","token_type":"Bearer"}"#);
    let told = grant(&script, &endpoints(), robot(), &anna(), &ScopeSet::mail(), NOW).await.unwrap();
    assert_eq!((told.access_token.reveal(), told.expires_in), ("ya29.c", 3599));
    assert!(told.scopes.is_none() && told.refresh_token.is_none());
    assert_eq!(script.asked()[0].url.as_str(), "https://google.test/token");
    let assertion = robot().assertion(&endpoints(), &anna(), &ScopeSet::mail(), NOW).unwrap();
    assert_eq!(
        script.body(),
        format!(
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={}",
            assertion.reveal()
        )
    );
}

#[tokio::test]
async fn a_service_account_is_no_mailbox() {
    let script = Script::new([]);
    for text in
        ["robot@p.iam.gserviceaccount.com", "x@p.IAM.gserviceaccount.com", "p@developer.gserviceaccount.com"]
    {
        let subject = Address::parse(text).unwrap();
        let fault =
            grant(&script, &endpoints(), robot(), &subject, &ScopeSet::mail(), NOW).await.unwrap_err();
        assert_eq!(fault.name(), "subject_refused", "{text}");
    }
    assert!(script.asked().is_empty());
    let near = Address::parse("a@notgserviceaccount.com").unwrap();
    assert!(robot().assertion(&endpoints(), &near, &ScopeSet::mail(), NOW).is_ok());
}

#[test]
fn a_key_file_is_read_whole_or_refused() {
    let robot = robot();
    assert_eq!(robot.client_email().as_str(), "robot@p.iam.gserviceaccount.com");
    assert_eq!((robot.client_id(), robot.key_id()), ("1234567890", "k1"));
    assert!(!format!("{robot:?}").contains("PRIVATE"));
    let rows = [
        ("type", json!("authorized_user"), KeyFileFault::WrongType),
        ("type", Value::Null, KeyFileFault::WrongType),
        ("client_email", Value::Null, KeyFileFault::Missing("client_email")),
        ("client_email", json!("anna@acme.cz"), KeyFileFault::Email),
        ("client_email", json!("a b@p.iam.gserviceaccount.com"), KeyFileFault::Email),
        ("client_id", json!(""), KeyFileFault::Missing("client_id")),
        ("client_id", json!(7), KeyFileFault::NotJson),
        ("private_key_id", Value::Null, KeyFileFault::Missing("private_key_id")),
        ("private_key", Value::Null, KeyFileFault::Missing("private_key")),
        ("private_key", json!(""), KeyFileFault::Missing("private_key")),
        ("private_key", json!("no PEM"), KeyFileFault::Key),
        ("private_key", json!(pem(0).replace("MII", "MIJ")), KeyFileFault::Key),
    ];
    for (name, value, fault) in rows {
        let mut broken = file();
        broken[name] = value.clone();
        assert_eq!(read(&broken).unwrap_err(), fault, "{name} {value}");
    }
    assert_eq!(ServiceAccount::from_key_file(&Secret::new("{")).unwrap_err(), KeyFileFault::NotJson);
}
