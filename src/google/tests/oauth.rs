//! Requests to the octet, answers of every shape.

use std::collections::BTreeMap;

use postern_core::model::address::Address;
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use url::Url;

use super::super::oauth::{self, Client, Consent, Granted, Refreshed};
use super::super::tokeninfo::tokeninfo;
use super::{Script, endpoints};
use crate::dice::Dice;
use crate::net::exchange::Method;

pub(super) fn client() -> Client {
    Client {
        client_id: "id.apps.googleusercontent.com".into(),
        client_secret: Secret::new("sec/ret"),
        redirect_uri: Url::parse("https://crm.example.com/postern/oauth/callback").unwrap(),
    }
}

async fn refresh(body: &str) -> Result<Refreshed, super::super::fault::Fault> {
    oauth::refresh(&Script::says(200, body), &endpoints(), &client(), &Secret::new("1//r")).await
}

async fn code(script: &Script) -> Granted {
    let (code, verifier) = (Secret::new("4/0Ab c"), Secret::new("ver"));
    oauth::exchange_code(script, &endpoints(), &client(), &code, &verifier).await.unwrap()
}

#[test]
fn the_consent_address_holds_each_parameter_once() {
    let pkce = oauth::new_pkce(&Dice::default()).unwrap();
    let anna = Address::parse("anna@acme.cz").unwrap();
    let consent = Consent {
        state: "st",
        nonce: "no",
        pkce: &pkce,
        scopes: &ScopeSet::consent(&[Product::Gmail]),
        login_hint: Some(&anna),
        hosted_domain: Some("acme.cz"),
    };
    let url = oauth::authorize_url(&endpoints(), &client(), &consent);
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let map: BTreeMap<&str, &str> = pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(map.len(), pairs.len(), "{url}");
    let wanted = [
        ("access_type", "offline"),
        ("client_id", "id.apps.googleusercontent.com"),
        ("code_challenge_method", "S256"),
        ("hd", "acme.cz"),
        ("include_granted_scopes", "false"),
        ("login_hint", "anna@acme.cz"),
        ("nonce", "no"),
        ("prompt", "consent"),
        ("redirect_uri", "https://crm.example.com/postern/oauth/callback"),
        ("response_type", "code"),
        ("scope", "email https://mail.google.com/ openid"),
        ("state", "st"),
    ];
    for (name, value) in wanted {
        assert_eq!(map.get(name), Some(&value), "{name}");
    }
    assert_eq!(map.len(), wanted.len() + 1);
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, pkce.verifier().reveal().as_bytes());
    let challenge =
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, digest.as_ref());
    assert_eq!(map["code_challenge"], challenge);
    assert!(!url.as_str().contains(pkce.verifier().reveal()) && !url.as_str().contains("sec"));
}

#[tokio::test]
async fn a_code_is_given_with_verifier_and_secret_in_the_body() {
    let script = Script::says(
        200,
        r#"{"access_token":"ya29.a","expires_in":3599,"refresh_token":"1//0g","token_type":"Bearer","id_token":"a.b.c",
            "scope":"https://www.googleapis.com/auth/userinfo.email openid https://mail.google.com/"}"#,
    );
    let granted = code(&script).await;
    assert_eq!(granted.access_token.reveal(), "ya29.a");
    assert_eq!(granted.expires_in, 3599);
    assert_eq!(granted.scopes, ScopeSet::consent(&[Product::Gmail]));
    assert_eq!(granted.refresh_token.as_ref().unwrap().reveal(), "1//0g");
    assert_eq!(granted.id_token.as_ref().unwrap().reveal(), "a.b.c");
    assert_eq!(
        script.body(),
        "grant_type=authorization_code&code=4%2F0Ab+c&code_verifier=ver\
         &client_id=id.apps.googleusercontent.com&client_secret=sec%2Fret\
         &redirect_uri=https%3A%2F%2Fcrm.example.com%2Fpostern%2Foauth%2Fcallback"
    );
    let request = &script.asked()[0];
    assert_eq!((request.method, request.url.as_str()), (Method::Post, "https://google.test/token"));
    assert!(request.headers.contains(&("content-type", "application/x-www-form-urlencoded".to_owned())));
    assert!(request.headers.contains(&("accept", "application/json".to_owned())));
    assert!(!format!("{granted:?}").contains("ya29"));
}

#[tokio::test]
async fn a_consent_without_scopes_is_not_believed() {
    let script = Script::says(200, r#"{"access_token":"ya29.a","token_type":"Bearer"}"#);
    let (code, verifier) = (Secret::new("4/c"), Secret::new("v"));
    let fault = oauth::exchange_code(&script, &endpoints(), &client(), &code, &verifier).await.unwrap_err();
    assert_eq!(fault.name(), "malformed");
}

#[tokio::test]
async fn a_refresh_asks_with_the_secret_in_the_body() {
    let script = Script::says(200, r#"{"access_token":"ya29.b","token_type":"bearer"}"#);
    let told = oauth::refresh(&script, &endpoints(), &client(), &Secret::new("1//r")).await.unwrap();
    assert_eq!(
        script.body(),
        "grant_type=refresh_token&refresh_token=1%2F%2Fr&client_id=id.apps.googleusercontent.com&client_secret=sec%2Fret"
    );
    assert_eq!((told.access_token.reveal(), told.expires_in), ("ya29.b", 3599));
    assert!(told.scopes.is_none() && told.refresh_token.is_none());
}

#[tokio::test]
async fn a_rotated_refresh_token_is_handed_on() {
    let body = r#"{"access_token":"ya29.b","token_type":"Bearer","refresh_token":"1//new","scope":"openid"}"#;
    let told = refresh(body).await.unwrap();
    assert_eq!(told.refresh_token.unwrap().reveal(), "1//new");
    assert_eq!(told.scopes.unwrap(), ScopeSet::parse("openid"));
    for none in ["null", "\"\""] {
        let body = format!(r#"{{"access_token":"ya29.b","token_type":"Bearer","refresh_token":{none}}}"#);
        assert!(refresh(&body).await.unwrap().refresh_token.is_none());
    }
}

#[tokio::test]
async fn a_lifetime_of_any_spelling_is_read_and_bounded() {
    let rows = [
        ("3599", 3599),
        ("\"3599\"", 3599),
        ("3598.9", 3598),
        ("5", 60),
        ("0", 60),
        ("-1", 60),
        ("1e30", 86_400),
        ("\"soon\"", 3599),
        ("null", 3599),
        ("[1]", 3599),
    ];
    for (written, seconds) in rows {
        let body = format!(r#"{{"access_token":"ya29.b","token_type":"Bearer","expires_in":{written}}}"#);
        assert_eq!(refresh(&body).await.unwrap().expires_in, seconds, "{written}");
    }
}

#[tokio::test]
async fn hostile_successes_are_refused_as_a_whole() {
    let long = "a".repeat(4097);
    let tokens =
        ["", "a b", "a\\u0001auth=x", "a\\r\\nA1 OK", "a\\\"b", "a'b", "ä", "a\\u0000", long.as_str()];
    for token in tokens {
        let access = format!(r#"{{"access_token":"{token}","token_type":"Bearer"}}"#);
        let fault = refresh(&access).await.unwrap_err();
        assert_eq!(fault.name(), "malformed", "{access}");
        assert!(token.is_empty() || !format!("{fault:?}{fault}").contains(token));
        if !token.is_empty() {
            let rotated =
                format!(r#"{{"access_token":"ya29.b","token_type":"Bearer","refresh_token":"{token}"}}"#);
            assert_eq!(refresh(&rotated).await.unwrap_err().name(), "malformed", "{rotated}");
        }
    }
    for kind in [r#""MAC""#, r#""""#, "1", "null"] {
        let body = format!(r#"{{"access_token":"ya29.b","token_type":{kind}}}"#);
        assert_eq!(refresh(&body).await.unwrap_err().name(), "malformed", "{body}");
    }
    assert!(
        refresh(&format!(r#"{{"access_token":"{}","token_type":"Bearer"}}"#, "a".repeat(4096))).await.is_ok()
    );
}

#[tokio::test]
async fn answers_are_bounded_before_they_are_read() {
    let script = Script::says(200, r#"{"access_token":"ya29.b","token_type":"Bearer"}"#);
    oauth::refresh(&script, &endpoints(), &client(), &Secret::new("1//r")).await.unwrap();
    assert_eq!(script.asked()[0].limit, 64 * 1024);
}

#[tokio::test]
async fn revoking_a_dead_token_is_done() {
    let dead = r#"{"error":"invalid_token","error_description":"Token expired or revoked"}"#;
    for (status, body) in [(200, "{}"), (200, ""), (400, dead)] {
        let script = Script::says(status, body);
        oauth::revoke(&script, &endpoints(), &Secret::new("1//r")).await.unwrap();
        assert_eq!(script.body(), "token=1%2F%2Fr");
        assert_eq!(script.asked()[0].url.as_str(), "https://google.test/revoke");
    }
    for (status, body) in [(503, ""), (400, ""), (400, r#"{"error":"invalid_request"}"#)] {
        assert!(oauth::revoke(&Script::says(status, body), &endpoints(), &Secret::new("r")).await.is_err());
    }
}

#[tokio::test]
async fn both_versions_of_tokeninfo_are_read_and_the_token_is_not_in_the_address() {
    let new = r#"{"azp":"id","aud":"id","sub":"107","scope":"https://mail.google.com/ openid","exp":"1","expires_in":"3401","email":"Anna@Acme.cz","email_verified":"true","access_type":"offline"}"#;
    let old = r#"{"issued_to":"id","audience":"id","user_id":"107","scope":"openid https://mail.google.com/","expires_in":3401,"email":"anna@acme.cz","verified_email":true}"#;
    let mut read = Vec::new();
    for body in [new, old] {
        let script = Script::says(200, body);
        read.push(tokeninfo(&script, &endpoints(), &Secret::new("ya29.t")).await.unwrap());
        assert_eq!(script.body(), "access_token=ya29.t");
        assert_eq!(script.asked()[0].url.as_str(), "https://google.test/tokeninfo");
    }
    assert_eq!(read[0], read[1]);
    assert_eq!((read[0].aud.as_str(), read[0].sub.as_deref(), read[0].expires_in), ("id", Some("107"), 3401));
    assert!(read[0].email_verified);
}

#[tokio::test]
async fn tokeninfo_tells_little_without_sign_in_scopes() {
    let script = Script::says(200, r#"{"aud":"id","scope":"https://mail.google.com/"}"#);
    let told = tokeninfo(&script, &endpoints(), &Secret::new("t")).await.unwrap();
    assert!(told.sub.is_none() && told.email.is_none() && !told.email_verified);
    assert_eq!(told.scopes, ScopeSet::mail());
    let rows = [
        (400, r#"{"error":"invalid_token","error_description":"Invalid Value"}"#, "token_refused"),
        (200, r#"{"scope":"openid"}"#, "malformed"),
        (200, "[]", "malformed"),
        (200, r#"{"aud":"id","email":"a\r\nb"}"#, "malformed"),
        (500, "", "temporary"),
    ];
    for (status, body, name) in rows {
        let fault =
            tokeninfo(&Script::says(status, body), &endpoints(), &Secret::new("t")).await.unwrap_err();
        assert_eq!(fault.name(), name, "{body}");
    }
}

#[test]
fn every_request_can_move_between_threads() {
    fn moves<T: Send>(_: &T) {}
    let (google, at, client, token) = (Script::new([]), endpoints(), client(), Secret::new("t"));
    moves(&oauth::refresh(&google, &at, &client, &token));
    moves(&oauth::exchange_code(&google, &at, &client, &token, &token));
    moves(&oauth::revoke(&google, &at, &token));
    moves(&tokeninfo(&google, &at, &token));
    let keys = super::super::id_token::Keys::new(at.jwks_url.clone());
    moves(&keys.verify(&google, &token, "id", "n", 0));
}
