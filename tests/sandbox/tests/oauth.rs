//! Consent and the code exchange, over HTTP and in process.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use postern_sandbox::{Choice, IdTokenFault, MAIL_SCOPE, Sandbox};
use serde_json::Value;
use url::Url;

use crate::client::{ANNA, Outcome, Page, get, post, sandbox};

pub const REDIRECT: &str = "http://127.0.0.1:9/callback";
const VERIFIER: &str = "a-verifier-of-more-than-forty-three-characters-1";
const CALENDAR: &str = "https://www.googleapis.com/auth/calendar.events";

pub fn auth_url(sandbox: &Sandbox, extra: &[(&str, &str)]) -> Result<String, url::ParseError> {
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
    let scope = format!("openid email {MAIL_SCOPE} {CALENDAR}");
    let mut url = Url::parse(&sandbox.auth_url())?;
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", "crm")
        .append_pair("redirect_uri", REDIRECT)
        .append_pair("scope", &scope)
        .append_pair("state", "s1")
        .append_pair("nonce", "n1")
        .append_pair("access_type", "offline")
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256")
        .extend_pairs(extra);
    Ok(url.into())
}

pub fn parameter(location: &str, name: &str) -> Option<String> {
    let url = Url::parse(location).ok()?;
    let mut pairs = url.query_pairs();
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into())
}

async fn exchange(sandbox: &Sandbox, code: &str, verifier: &str) -> Result<Page, Box<dyn std::error::Error>> {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("client_id", "crm"),
        ("client_secret", "secret"),
        ("code_verifier", verifier),
    ];
    post(&sandbox.token_url(), &form).await
}

/// Consents in process and exchanges the code.
pub async fn tokens(sandbox: &Sandbox, choice: &Choice) -> Result<Value, Box<dyn std::error::Error>> {
    let url = auth_url(sandbox, &[])?;
    let location = sandbox.google().consent(&url, ANNA, choice)?;
    let code = parameter(&location, "code").ok_or("no code")?;
    exchange(sandbox, &code, VERIFIER).await?.json()
}

#[tokio::test]
async fn the_whole_flow_over_http() -> Outcome {
    let sandbox = sandbox().await?;
    sandbox.google().add_client("crm", "secret", &[REDIRECT]);
    let url = auth_url(&sandbox, &[("login_hint", ANNA)])?;
    let page = get(&url).await?;
    assert_eq!(page.status, 200);
    assert!(page.body.contains(&format!("value=\"{ANNA}\" checked")));
    assert_eq!(page.body.matches("type=\"checkbox\"").count(), 2);
    let query = url.split_once('?').ok_or("no query")?.1;
    let form = [("request", query), ("account", ANNA), ("scope", MAIL_SCOPE), ("decision", "allow")];
    let answer = post(&sandbox.auth_url(), &form).await?;
    assert_eq!(answer.status, 302);
    let location = answer.header("location").ok_or("no location")?;
    assert_eq!(parameter(location, "state").as_deref(), Some("s1"));
    let code = parameter(location, "code").ok_or("no code")?;
    let tokens = exchange(&sandbox, &code, VERIFIER).await?.json()?;
    assert_eq!(tokens["expires_in"], 3599);
    let expected = format!("openid https://www.googleapis.com/auth/userinfo.email {MAIL_SCOPE}");
    assert_eq!(tokens["scope"], expected.as_str());
    assert_eq!(tokens["access_token"].as_str().map(str::len), Some(220));
    assert!(tokens["refresh_token"].is_string());
    let again = exchange(&sandbox, &code, VERIFIER).await?;
    assert_eq!((again.status, &again.json()?["error"]), (400, &Value::from("invalid_grant")));
    Ok(())
}

#[tokio::test]
async fn proofs_and_addresses_are_checked() -> Outcome {
    let sandbox = sandbox().await?;
    let google = sandbox.google();
    google.add_client("crm", "secret", &[REDIRECT]);
    let url = auth_url(&sandbox, &[])?;
    let code = || -> Result<String, Box<dyn std::error::Error>> {
        let location = google.consent(&url, ANNA, &Choice::Allow)?;
        Ok(parameter(&location, "code").ok_or("no code")?)
    };
    let wrong = exchange(&sandbox, &code()?, "wrong").await?.json()?;
    assert_eq!(wrong["error_description"], "Invalid code verifier.");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code()?),
        ("redirect_uri", REDIRECT),
        ("client_id", "crm"),
        ("client_secret", "secret"),
    ];
    let missing = post(&sandbox.token_url(), &form).await?.json()?;
    assert_eq!(missing["error_description"], "Missing code verifier.");
    let foreign = url.replace("callback", "elsewhere");
    let error = google.consent(&foreign, ANNA, &Choice::Allow);
    assert_eq!(error.err().map(|it| it.text).as_deref(), Some("redirect_uri_mismatch"));
    let denied = google.consent(&url, ANNA, &Choice::Deny)?;
    assert_eq!(parameter(&denied, "error").as_deref(), Some("access_denied"));
    google.add_client("crm", "changed", &[REDIRECT]);
    let refused = exchange(&sandbox, &code()?, VERIFIER).await?;
    assert_eq!((refused.status, &refused.json()?["error"]), (401, &Value::from("invalid_client")));
    Ok(())
}

#[tokio::test]
async fn a_second_consent_brings_no_refresh_token_unless_asked() -> Outcome {
    let sandbox = sandbox().await?;
    sandbox.google().add_client("crm", "secret", &[REDIRECT]);
    assert!(tokens(&sandbox, &Choice::Allow).await?["refresh_token"].is_string());
    assert!(tokens(&sandbox, &Choice::Allow).await?["refresh_token"].is_null());
    let url = auth_url(&sandbox, &[("prompt", "consent select_account")])?;
    let location = sandbox.google().consent(&url, ANNA, &Choice::Allow)?;
    let code = parameter(&location, "code").ok_or("no code")?;
    let forced = exchange(&sandbox, &code, VERIFIER).await?.json()?;
    assert!(forced["refresh_token"].is_string());
    Ok(())
}

#[tokio::test]
async fn id_tokens_verify_against_the_published_key() -> Outcome {
    let sandbox = sandbox().await?;
    sandbox.google().add_client("crm", "secret", &[REDIRECT]);
    let keys = get(&sandbox.jwks_url()).await?.json()?;
    let (n, e) = (keys["keys"][0]["n"].as_str(), keys["keys"][0]["e"].as_str());
    let key = DecodingKey::from_rsa_components(n.ok_or("no n")?, e.ok_or("no e")?)?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&["crm"]);
    validation.set_issuer(&["https://accounts.google.com"]);
    let good = tokens(&sandbox, &Choice::Allow).await?;
    let good = decode::<Value>(good["id_token"].as_str().ok_or("no id token")?, &key, &validation)?;
    assert_eq!(good.claims["email"], ANNA);
    assert_eq!(good.claims["nonce"], "n1");
    assert_eq!(good.claims["hd"], "example.com");
    for fault in [
        IdTokenFault::BadSignature,
        IdTokenFault::AlgNone,
        IdTokenFault::WrongAudience,
        IdTokenFault::WrongIssuer,
        IdTokenFault::Expired,
    ] {
        sandbox.google().id_token_faults().next(fault.clone());
        let bad = tokens(&sandbox, &Choice::Allow).await?;
        let token = bad["id_token"].as_str().ok_or("no id token")?;
        assert!(decode::<Value>(token, &key, &validation).is_err(), "{fault:?}");
    }
    Ok(())
}
