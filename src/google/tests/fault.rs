//! Every error row of the token endpoint, as a table.

use std::time::Duration;

use postern_core::model::address::Address;
use postern_core::model::refusal::{Blame, Retry};
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;

use super::super::fault::{ClientCode, Fault};
use super::super::{oauth, service_account};
use super::oauth::client;
use super::service_account::robot;
use super::{Script, answer, endpoints};
use crate::net::exchange::ExchangeError;

type Row = (u16, &'static str, &'static str, Blame, Retry);

const DEAD: (&str, Blame, Retry) = ("grant_refused", Blame::Account, Retry::No);

async fn refresh(script: &Script) -> Fault {
    oauth::refresh(script, &endpoints(), &client(), &Secret::new("1//r")).await.unwrap_err()
}

async fn assert_grant(script: &Script) -> Fault {
    let anna = Address::parse("anna@acme.cz").unwrap();
    service_account::grant(script, &endpoints(), robot(), &anna, &ScopeSet::mail(), 1_700_000_000)
        .await
        .unwrap_err()
}

fn kind(fault: &Fault) -> &'static str {
    match fault {
        Fault::ClientRefused { code, .. } => code.name(),
        other => other.name(),
    }
}

const GRANT: &[Row] = &[
    (
        400,
        r#"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#,
        DEAD.0,
        DEAD.1,
        DEAD.2,
    ),
    (400, r#"{"error":"invalid_grant","error_description":"Bad Request"}"#, DEAD.0, DEAD.1, DEAD.2),
    (
        400,
        r#"{"error":"invalid_grant","error_description":"Account has been deleted"}"#,
        DEAD.0,
        DEAD.1,
        DEAD.2,
    ),
    (
        400,
        r#"{"error":"invalid_grant","error_description":"Missing code verifier."}"#,
        DEAD.0,
        DEAD.1,
        DEAD.2,
    ),
    (400, r#"{"error":"invalid_grant"}"#, DEAD.0, DEAD.1, DEAD.2),
    // Words that mean a service account elsewhere do not count here.
    (
        400,
        r#"{"error":"invalid_grant","error_description":"Invalid JWT Signature."}"#,
        DEAD.0,
        DEAD.1,
        DEAD.2,
    ),
    (
        400,
        r#"{"error":"invalid_grant","error_description":"reauth related error (invalid_rapt)","error_subtype":"invalid_rapt"}"#,
        "sign_in_wanted",
        Blame::Account,
        Retry::No,
    ),
    (
        400,
        r#"{"error":"invalid_grant","error_subtype":"rapt_required"}"#,
        "sign_in_wanted",
        Blame::Account,
        Retry::No,
    ),
    (
        401,
        r#"{"error":"invalid_client","error_description":"Unauthorized"}"#,
        "invalid_client",
        Blame::Account,
        Retry::No,
    ),
    (
        401,
        r#"{"error":"deleted_client","error_description":"The OAuth client was deleted."}"#,
        "deleted_client",
        Blame::Account,
        Retry::No,
    ),
    (
        401,
        r#"{"error":"disabled_client","error_description":"The OAuth client was disabled."}"#,
        "disabled_client",
        Blame::Account,
        Retry::No,
    ),
    (
        401,
        r#"{"error":"unauthorized_client","error_description":"Unauthorized"}"#,
        "unauthorized_client",
        Blame::Account,
        Retry::No,
    ),
    (
        400,
        r#"{"error":"invalid_scope","error_description":"Bad"}"#,
        "invalid_scope",
        Blame::Account,
        Retry::No,
    ),
    (403, r#"{"error":"org_internal"}"#, "org_internal", Blame::Account, Retry::No),
    (400, r#"{"error":"admin_policy_enforced"}"#, "admin_policy_enforced", Blame::Account, Retry::No),
    (
        400,
        r#"{"error":"redirect_uri_mismatch","error_description":"Bad Request"}"#,
        "redirect_uri_mismatch",
        Blame::Account,
        Retry::No,
    ),
    (403, r#"{"error":"disallowed_useragent"}"#, "disallowed_useragent", Blame::Account, Retry::No),
    (
        400,
        r#"{"error":"invalid_request","error_description":"client_secret is missing."}"#,
        "invalid_client",
        Blame::Account,
        Retry::No,
    ),
    (
        400,
        r#"{"error":"invalid_request","error_description":"code_verifier or verifier is not needed"}"#,
        "request_refused",
        Blame::Gateway,
        Retry::No,
    ),
    (400, r#"{"error":"unsupported_grant_type"}"#, "request_refused", Blame::Gateway, Retry::No),
    (400, r#"{"error":"internal_failure"}"#, "temporary", Blame::Upstream, Retry::Later),
    (400, r#"{"error":"server_error"}"#, "temporary", Blame::Upstream, Retry::Later),
    (400, r#"{"error":"temporarily_unavailable"}"#, "temporary", Blame::Upstream, Retry::Later),
    (
        400,
        r#"{"error":"access_denied","error_description":"Account restricted"}"#,
        "temporary",
        Blame::Upstream,
        Retry::Later,
    ),
    (400, r#"{"error":"never_seen"}"#, "temporary", Blame::Upstream, Retry::Later),
    (408, "", "temporary", Blame::Upstream, Retry::Later),
    (429, r#"{"error":"rate_limited"}"#, "temporary", Blame::Upstream, Retry::Later),
    (500, "<html>oops</html>", "temporary", Blame::Upstream, Retry::Later),
    (502, r#"{"error":"invalid_grant"}"#, "temporary", Blame::Upstream, Retry::Later),
    (503, r#"{"error":"invalid_client"}"#, "temporary", Blame::Upstream, Retry::Later),
    (400, "", "malformed", Blame::Upstream, Retry::Later),
    (400, "<html>invalid_grant</html>", "malformed", Blame::Upstream, Retry::Later),
    (400, r#"{"error":{"code":400,"status":"invalid_grant"}}"#, "malformed", Blame::Upstream, Retry::Later),
    (403, "Forbidden", "malformed", Blame::Upstream, Retry::Later),
    (302, r#"{"error":"invalid_grant"}"#, "malformed", Blame::Upstream, Retry::Later),
    (204, "", "malformed", Blame::Upstream, Retry::Later),
    (200, r#"{"error":"invalid_grant"}"#, "malformed", Blame::Upstream, Retry::Later),
    (200, "", "malformed", Blame::Upstream, Retry::Later),
    (200, r#"{"token_type":"Bearer","expires_in":3599}"#, "malformed", Blame::Upstream, Retry::Later),
    (200, r#"{"access_token":"ya29.x","token_ty"#, "malformed", Blame::Upstream, Retry::Later),
];

const ASSERTION: &[Row] = &[
    (
        400,
        r#"{"error":"invalid_grant","error_description":"Invalid email or User ID"}"#,
        "subject_refused",
        Blame::Account,
        Retry::No,
    ),
    (
        400,
        r#"{"error":"invalid_grant","error_description":"Account has been deleted"}"#,
        "subject_refused",
        Blame::Account,
        Retry::No,
    ),
    (
        400,
        r#"{"error":"invalid_grant","error_description":"The account has been deleted"}"#,
        "subject_refused",
        Blame::Account,
        Retry::No,
    ),
    (
        400,
        r#"{"error":"invalid_grant","error_description":"Not a valid email."}"#,
        "subject_refused",
        Blame::Account,
        Retry::No,
    ),
    (
        400,
        r#"{"error":"invalid_request","error_description":"Invalid impersonation \"sub\" field."}"#,
        "subject_refused",
        Blame::Account,
        Retry::No,
    ),
    (
        400,
        r#"{"error":"invalid_grant","error_description":"words of next year"}"#,
        "subject_refused",
        Blame::Account,
        Retry::No,
    ),
    (
        400,
        r#"{"error":"invalid_grant","error_description":"Invalid JWT Signature."}"#,
        "key_refused",
        Blame::Account,
        Retry::No,
    ),
    (
        400,
        r#"{"error":"invalid_grant","error_description":"Invalid JWT: Failed audience check."}"#,
        "key_refused",
        Blame::Account,
        Retry::No,
    ),
    (
        400,
        r#"{"error":"invalid_grant","error_description":"Robot is disabled."}"#,
        "service_account_gone",
        Blame::Account,
        Retry::No,
    ),
    (
        400,
        r#"{"error":"invalid_grant","error_description":"Invalid grant: account not found"}"#,
        "service_account_gone",
        Blame::Account,
        Retry::No,
    ),
    (
        400,
        r#"{"error":"invalid_grant","error_description":"Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim."}"#,
        "clock",
        Blame::Gateway,
        Retry::No,
    ),
    (
        401,
        r#"{"error":"unauthorized_client","error_description":"Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested."}"#,
        "unauthorized_client",
        Blame::Account,
        Retry::No,
    ),
    (
        400,
        r#"{"error":"invalid_scope","error_description":"x is not a valid audience string."}"#,
        "invalid_scope",
        Blame::Account,
        Retry::No,
    ),
    (401, r#"{"error":"deleted_client"}"#, "deleted_client", Blame::Account, Retry::No),
    (503, "", "temporary", Blame::Upstream, Retry::Later),
    (400, "", "malformed", Blame::Upstream, Retry::Later),
];

#[tokio::test]
async fn each_answer_to_a_grant_has_its_kind() {
    for (status, body, name, blame, retry) in GRANT {
        let fault = refresh(&Script::says(*status, body)).await;
        assert_eq!((kind(&fault), fault.blame(), fault.retry()), (*name, *blame, *retry), "{status} {body}");
    }
}

#[tokio::test]
async fn a_code_is_read_by_the_same_table() {
    for (status, body, name, ..) in GRANT {
        let script = Script::says(*status, body);
        let (code, verifier) = (Secret::new("4/c"), Secret::new("v"));
        let fault =
            oauth::exchange_code(&script, &endpoints(), &client(), &code, &verifier).await.unwrap_err();
        assert_eq!(kind(&fault), *name, "{status} {body}");
    }
}

#[tokio::test]
async fn a_mailbox_is_told_from_its_service_account() {
    for (status, body, name, blame, retry) in ASSERTION {
        let fault = assert_grant(&Script::says(*status, body)).await;
        assert_eq!((kind(&fault), fault.blame(), fault.retry()), (*name, *blame, *retry), "{status} {body}");
    }
}

#[tokio::test]
async fn no_answer_says_nothing_about_the_grant() {
    let down = ExchangeError::Unreachable { host: "google.test".into(), why: "timed out".into() };
    let fault = refresh(&Script::new([Err(down)])).await;
    assert_eq!((fault.name(), fault.retry()), ("temporary", Retry::Later));
    assert!(fault.to_string().contains("timed out"), "{fault}");
    let huge = ExchangeError::TooLarge { host: "google.test".into(), limit: 65_536 };
    assert_eq!(refresh(&Script::new([Err(huge)])).await.name(), "malformed");
}

#[tokio::test]
async fn the_waiting_time_is_kept_and_bounded() {
    for (field, wait) in
        [("7", Some(7)), ("999999999", Some(3600)), ("Sun, 06 Nov 1994 08:49:37 GMT", None), ("-1", None)]
    {
        let mut busy = answer(429, "").unwrap();
        busy.headers.push(("retry-after".into(), field.into()));
        let fault = refresh(&Script::new([Ok(busy)])).await;
        let Fault::Temporary { retry_after, .. } = fault else { panic!("{fault}") };
        assert_eq!(retry_after, wait.map(Duration::from_secs), "{field}");
    }
}

#[tokio::test]
async fn googles_words_cannot_leave_their_line() {
    let body =
        "{\"error\":\"invalid_grant\",\"error_description\":\"a\\r\\nA1 OK [ALERT] \\u0001\\u001b<b>\"}";
    let text = refresh(&Script::says(400, body)).await.to_string();
    assert!(text.bytes().all(|b| matches!(b, b' '..=b'~')) && !text.contains('['), "{text}");
}

#[test]
fn the_consent_page_has_its_own_words() {
    let rows = [
        ("access_denied", "declined"),
        ("admin_policy_enforced", ClientCode::AdminPolicyEnforced.name()),
        ("org_internal", "org_internal"),
        ("invalid_scope", "invalid_scope"),
        ("invalid_request", "request_refused"),
        ("server_error", "temporary"),
        ("temporarily_unavailable", "temporary"),
        ("<script>", "temporary"),
    ];
    for (error, name) in rows {
        assert_eq!(kind(&Fault::from_consent_page(error)), name, "{error}");
    }
}
