//! Refreshing, rotating, revoking, token information, faults of the token endpoint.

use std::time::{Duration, Instant};

use postern_sandbox::{Choice, MAIL_SCOPE, Rotation, Sandbox, TokenFault, Tokeninfo};
use serde_json::Value;

use crate::client::{ANNA, Outcome, Page, get, post, sandbox};
use crate::oauth::{REDIRECT, tokens};

const DAY: Duration = Duration::from_secs(86_400);

async fn refresh(sandbox: &Sandbox, token: &str) -> Result<Page, Box<dyn std::error::Error>> {
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("client_id", "crm"),
        ("client_secret", "secret"),
    ];
    post(&sandbox.token_url(), &form).await
}

async fn connected() -> Result<(Sandbox, String), Box<dyn std::error::Error>> {
    let sandbox = sandbox().await?;
    sandbox.google().add_client("crm", "secret", &[REDIRECT]);
    let scopes = ["openid", "email", MAIL_SCOPE];
    let token = sandbox.google().issue_refresh_token(ANNA, "crm", &scopes);
    Ok((sandbox, token.ok_or("no such user")?))
}

#[tokio::test]
async fn a_revoked_grant_is_forgotten_after_twelve_hours() -> Outcome {
    let (sandbox, token) = connected().await?;
    let access = refresh(&sandbox, &token).await?.json()?;
    let access = access["access_token"].as_str().ok_or("no token")?.to_owned();
    let revoked = post(&sandbox.revoke_url(), &[("token", &access)]).await?;
    assert_eq!(revoked.status, 200);
    let dead = refresh(&sandbox, &token).await?.json()?;
    assert_eq!(dead["error_description"], "Token has been expired or revoked.");
    sandbox.google().clock().advance(DAY);
    let forgotten = refresh(&sandbox, &token).await?.json()?;
    assert_eq!(forgotten["error_description"], "Bad Request");
    let twice = post(&sandbox.revoke_url(), &[("token", &access)]).await?;
    assert_eq!((twice.status, &twice.json()?["error"]), (400, &Value::from("invalid_token")));
    Ok(())
}

#[tokio::test]
async fn rotation_lenient_and_strict() -> Outcome {
    let (sandbox, first) = connected().await?;
    sandbox.google().set_rotation(Rotation::Lenient);
    let second = refresh(&sandbox, &first).await?.json()?;
    let second = second["refresh_token"].as_str().ok_or("not rotated")?.to_owned();
    assert_eq!(refresh(&sandbox, &first).await?.status, 200);
    assert_eq!(refresh(&sandbox, &second).await?.status, 200);
    assert_eq!(refresh(&sandbox, &first).await?.status, 400);
    sandbox.google().set_rotation(Rotation::Strict);
    assert_eq!(refresh(&sandbox, &second).await?.status, 200);
    assert_eq!(refresh(&sandbox, &second).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn tokens_age() -> Outcome {
    let (sandbox, token) = connected().await?;
    let access = refresh(&sandbox, &token).await?.json()?;
    let access = access["access_token"].as_str().ok_or("no token")?.to_owned();
    let url = format!("{}?access_token={access}", sandbox.tokeninfo_url());
    let info = get(&url).await?.json()?;
    assert_eq!(info["email"], ANNA);
    assert_eq!(info["aud"], "crm");
    assert!(info["expires_in"].is_string());
    sandbox.google().set_tokeninfo(Tokeninfo { v2: true, always_email: false });
    assert!(get(&url).await?.json()?["expires_in"].is_number());
    sandbox.google().clock().advance(Duration::from_secs(3600));
    assert_eq!(get(&url).await?.status, 400);
    sandbox.google().set_testing(true);
    sandbox.google().clock().advance(DAY * 6);
    assert_eq!(refresh(&sandbox, &token).await?.status, 200);
    sandbox.google().clock().advance(DAY);
    assert_eq!(refresh(&sandbox, &token).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn a_recycled_address_and_a_full_list() -> Outcome {
    let (sandbox, token) = connected().await?;
    let google = sandbox.google();
    google.set_most_refresh_tokens(2);
    for _ in 0..2 {
        google.issue_refresh_token(ANNA, "crm", &[MAIL_SCOPE]).ok_or("no such user")?;
    }
    assert_eq!(refresh(&sandbox, &token).await?.status, 400);
    let last = google.live_refresh_tokens(ANNA).pop().ok_or("no token")?;
    assert_eq!(refresh(&sandbox, &last).await?.status, 200);
    google.set_sub(ANNA, "somebody-else");
    assert_eq!(refresh(&sandbox, &last).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn faults_happen_in_order_and_are_noted() -> Outcome {
    let (sandbox, token) = connected().await?;
    let faults = sandbox.google().token_faults();
    faults.next(TokenFault::invalid_rapt());
    faults.next(TokenFault::too_many(7));
    faults.next(TokenFault::malformed());
    faults.next(TokenFault::ExpiresInString);
    faults.next(TokenFault::Close);
    faults.next_for(ANNA, TokenFault::Delay(Duration::from_millis(60)));
    let rapt = refresh(&sandbox, &token).await?.json()?;
    assert_eq!(rapt["error_subtype"], "invalid_rapt");
    let busy = refresh(&sandbox, &token).await?;
    assert_eq!((busy.status, busy.header("retry-after")), (429, Some("7")));
    assert!(refresh(&sandbox, &token).await?.json().is_err());
    assert_eq!(refresh(&sandbox, &token).await?.json()?["expires_in"], "3599");
    assert!(refresh(&sandbox, &token).await.is_err());
    let before = Instant::now();
    assert_eq!(refresh(&sandbox, &token).await?.status, 200);
    assert!(before.elapsed() >= Duration::from_millis(60));
    let requests = sandbox.google().token_requests();
    assert_eq!(requests.len(), 6);
    assert!(requests.iter().all(|it| it.refresh_token.as_deref() == Some(&token)));
    assert!(requests.iter().all(|it| it.account.as_deref() == Some(ANNA)));
    assert_eq!(sandbox.google().token_request_count(Some("authorization_code")), 0);
    Ok(())
}

#[tokio::test]
async fn consent_after_a_revocation_is_a_first_one() -> Outcome {
    let sandbox = sandbox().await?;
    sandbox.google().add_client("crm", "secret", &[REDIRECT]);
    let first = tokens(&sandbox, &Choice::Allow).await?;
    sandbox.google().revoke(ANNA);
    let second = tokens(&sandbox, &Choice::Allow).await?;
    assert!(first["refresh_token"].is_string() && second["refresh_token"].is_string());
    Ok(())
}
