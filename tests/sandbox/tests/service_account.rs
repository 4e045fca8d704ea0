//! The JWT grant.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use postern_sandbox::{MAIL_SCOPE, Sandbox};
use serde_json::{Value, json};

use crate::client::{ANNA, Outcome, Page, post, sandbox};

const ROBOT: &str = "robot@project.iam.gserviceaccount.com";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

struct Asked<'a> {
    sub: &'a str,
    scope: &'a str,
    aud: &'a str,
    life: u64,
}

impl Default for Asked<'_> {
    fn default() -> Self {
        Self { sub: ANNA, scope: MAIL_SCOPE, aud: "https://oauth2.googleapis.com/token", life: 3300 }
    }
}

async fn ask(sandbox: &Sandbox, key: &str, asked: &Asked<'_>) -> Result<Page, Box<dyn std::error::Error>> {
    let key: Value = serde_json::from_str(key)?;
    let now = sandbox.google().clock().seconds();
    let claims = json!({"iss": key["client_email"], "scope": asked.scope, "aud": asked.aud,
                        "iat": now, "exp": now + asked.life, "sub": asked.sub});
    let pem = key["private_key"].as_str().ok_or("no key")?;
    let pem = EncodingKey::from_rsa_pem(pem.as_bytes())?;
    let assertion = encode(&Header::new(Algorithm::RS256), &claims, &pem)?;
    let form = [("grant_type", GRANT), ("assertion", &assertion)];
    post(&sandbox.token_url(), &form).await
}

/// A token of the service account for a user.
pub async fn delegated(
    sandbox: &Sandbox,
    key: &str,
    sub: &str,
    scope: &str,
) -> Result<String, Box<dyn std::error::Error>> {
    let asked = Asked { sub, scope, ..Asked::default() };
    let answer = ask(sandbox, key, &asked).await?.json()?;
    Ok(answer["access_token"].as_str().ok_or("no token")?.to_owned())
}

#[tokio::test]
async fn a_delegated_token_is_long_and_names_no_scope() -> Outcome {
    let sandbox = sandbox().await?;
    let key = sandbox.google().add_service_account(ROBOT, &["example.com"], &[MAIL_SCOPE]);
    let answer = ask(&sandbox, &key, &Asked::default()).await?.json()?;
    assert_eq!(answer["access_token"].as_str().map(str::len), Some(1024));
    assert!(answer["scope"].is_null() && answer["refresh_token"].is_null());
    Ok(())
}

#[tokio::test]
async fn refusals_in_googles_words() -> Outcome {
    let sandbox = sandbox().await?;
    let google = sandbox.google();
    let key = google.add_service_account(ROBOT, &["example.com"], &[MAIL_SCOPE]);
    let cases = [
        (Asked { life: 3601, ..Asked::default() }, "short-lived token"),
        (Asked { aud: "https://elsewhere", ..Asked::default() }, "audience"),
        (Asked { sub: "x@other.com", ..Asked::default() }, "Client is unauthorized"),
        (
            Asked { scope: "https://www.googleapis.com/auth/calendar", ..Asked::default() },
            "Client is unauthorized",
        ),
        (Asked { scope: "", ..Asked::default() }, "Invalid OAuth scope"),
        (Asked { sub: "nobody@example.com", ..Asked::default() }, "Invalid email"),
    ];
    for (asked, text) in cases {
        let refused = ask(&sandbox, &key, &asked).await?;
        assert!(refused.status >= 400 && refused.body.contains(text), "{}", refused.body);
    }
    let fresh = google.rotate_service_account_key(ROBOT);
    let old = ask(&sandbox, &key, &Asked::default()).await?;
    assert!(old.body.contains("Invalid JWT Signature."));
    assert_eq!(ask(&sandbox, &fresh, &Asked::default()).await?.status, 200);
    google.disable_service_account(ROBOT, true);
    let disabled = ask(&sandbox, &fresh, &Asked::default()).await?;
    assert!(disabled.body.contains("Robot is disabled."));
    Ok(())
}
