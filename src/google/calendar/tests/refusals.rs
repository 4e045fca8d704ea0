//! Every error row of the Calendar API, as a table.

use std::time::Duration;

use postern_core::model::refusal::{Blame, Retry};
use serde_json::{Value, json};

use super::super::event::SendUpdates;
use super::super::events::Ask;
use super::super::fault::Fault;
use super::super::reason::{Asked, refusal};
use super::{Stage, error};
use crate::google::broker::NoToken;
use crate::google::effect::Effect;
use crate::google::quota::Share;
use crate::google::tests::api::{answer, map, raw};
use crate::net::exchange::{ExchangeError, Response};

fn told(status: u16, reason: &str, asked: Asked) -> Fault {
    refusal(&error(status, reason, "Some words.", None).unwrap(), asked)
}

fn slow(share: Share) -> Fault {
    Fault::RateLimited { share, retry_after: None }
}

#[test]
fn every_reason_has_its_kind() {
    for (status, reason, fault) in [
        (400, "badRequest", Fault::Invalid("badRequest")),
        (400, "timeRangeEmpty", Fault::Invalid("timeRangeEmpty")),
        (400, "eventTypeRestriction", Fault::Invalid("eventTypeRestriction")),
        (400, "<script>alert(1)</script>", Fault::Invalid("other")),
        (401, "authError", Fault::Unauthorized),
        (403, "rateLimitExceeded", slow(Share::Project)),
        (403, "userRateLimitExceeded", slow(Share::User)),
        (403, "dailyLimitExceeded", slow(Share::Project)),
        (429, "rateLimitExceeded", slow(Share::Project)),
        (403, "quotaExceeded", Fault::QuotaExceeded),
        (429, "quotaExceeded", Fault::QuotaExceeded),
        (403, "forbidden", Fault::Forbidden("forbidden")),
        (403, "requiredAccessLevel", Fault::Forbidden("requiredAccessLevel")),
        (403, "accessNotConfigured", Fault::Forbidden("accessNotConfigured")),
        (403, "new and unheard of", Fault::Forbidden("other")),
        (403, "forbiddenForNonOrganizer", Fault::NotOrganizer),
        (403, "insufficientPermissions", Fault::MissingScope),
        (404, "notFound", Fault::NotFound),
        (409, "duplicate", Fault::Duplicate),
        (409, "conflict", Fault::Conflict),
        (410, "deleted", Fault::Deleted),
        (410, "fullSyncRequired", Fault::CursorExpired),
        (410, "updatedMinTooLongAgo", Fault::CursorExpired),
        (412, "conditionNotMet", Fault::Precondition),
        (500, "backendError", Fault::Backend(500)),
        (503, "backendError", Fault::Backend(503)),
    ] {
        assert_eq!(told(status, reason, Asked::Other), fault, "{status} {reason}");
    }
}

#[test]
fn the_same_answer_means_another_thing_for_another_question() {
    for (status, reason, asked, fault) in [
        (400, "badRequest", Asked::Since, Fault::CursorExpired),
        (400, "invalid", Asked::Since, Fault::CursorExpired),
        (410, "gone", Asked::Since, Fault::CursorExpired),
        (
            400,
            "pushNotSupportedForRequestedResource",
            Asked::Watch,
            refused("pushNotSupportedForRequestedResource"),
        ),
        (400, "channelIdNotUnique", Asked::Watch, refused("channelIdNotUnique")),
        (400, "push.webhookUrlNotHttps", Asked::Watch, refused("webhookUrlNotHttps")),
        (401, "push.webhookUrlUnauthorized", Asked::Watch, refused("webhookUrlUnauthorized")),
        (401, "authError", Asked::Watch, Fault::Unauthorized),
        (403, "rateLimitExceeded", Asked::Watch, slow(Share::Project)),
        (403, "forbidden", Asked::Watch, refused("forbidden")),
    ] {
        assert_eq!(told(status, reason, asked), fault, "{status} {reason} {asked:?}");
    }
    let place = |location| refusal(&error(400, "invalid", "", Some(location)).unwrap(), Asked::Since);
    assert_eq!(place("syncToken"), Fault::CursorExpired);
    assert_eq!(place("pageToken"), Fault::Invalid("invalid"), "the cursor is as good as before");
    let gone = told(410, "gone", Asked::Other);
    assert!(matches!(gone, Fault::Malformed(_)), "no event ends by it: {gone}");
}

fn refused(reason: &'static str) -> Fault {
    Fault::PushRefused(reason)
}

fn newer(status: u16, body: &Value) -> Fault {
    refusal(&answer(status, &json!({ "error": body })).unwrap(), Asked::Other)
}

#[test]
fn the_newer_form_of_an_error_is_read_too() {
    let scope = json!({ "code": 403, "status": "PERMISSION_DENIED",
        "message": "Request had insufficient authentication scopes.",
        "details": [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT" }] });
    assert_eq!(newer(403, &scope), Fault::MissingScope);
    let fast = json!({ "code": 429, "status": "RESOURCE_EXHAUSTED",
        "message": "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user'",
        "details": [{ "reason": "RATE_LIMIT_EXCEEDED" }] });
    assert_eq!(newer(429, &fast), slow(Share::User));
    assert_eq!(newer(404, &json!({ "code": 404, "status": "NOT_FOUND" })), Fault::NotFound);
}

#[test]
fn an_answer_that_is_not_googles_ends_no_event_and_no_cursor() {
    for status in [302, 400, 403, 404, 409, 410, 412] {
        for body in ["", "<html>not found</html>", "{}", "{\"error\":\"not found\"}"] {
            let fault = refusal(&raw(status, body).unwrap(), Asked::Since);
            assert!(matches!(fault, Fault::Malformed(_)), "{status} {body}: {fault}");
        }
    }
    for (status, fault) in [(401, Fault::Unauthorized), (429, slow(Share::User)), (502, Fault::Backend(502))]
    {
        assert_eq!(refusal(&raw(status, "<html>").unwrap(), Asked::Other), fault);
    }
}

#[test]
fn a_wait_is_taken_from_google_up_to_an_hour() {
    for (said, wait) in [("7", Some(7)), ("86400", Some(3_600)), ("Wed, 21 Oct 2026 07:28:00 GMT", None)] {
        let Response { status, body, .. } = error(429, "rateLimitExceeded", "", None).unwrap();
        let answer = Response { status, headers: vec![("retry-after".into(), said.into())], body };
        let Fault::RateLimited { retry_after, .. } = refusal(&answer, Asked::Other) else { panic!("{said}") };
        assert_eq!(retry_after, wait.map(Duration::from_secs), "{said}");
    }
}

#[test]
fn every_kind_says_who_acts_what_waiting_helps_and_what_may_have_happened() {
    let rows: Vec<(Fault, Blame, Retry, Effect)> = vec![
        (Fault::NoToken(NoToken::NeedsConsent), Blame::Account, Retry::No, Effect::None),
        (Fault::NoToken(NoToken::Temporary("down".into())), Blame::Upstream, Retry::Later, Effect::None),
        (Fault::Unauthorized, Blame::Account, Retry::No, Effect::None),
        (Fault::NotOrganizer, Blame::Account, Retry::No, Effect::None),
        (Fault::Forbidden("other"), Blame::Account, Retry::No, Effect::None),
        (Fault::MissingScope, Blame::Account, Retry::No, Effect::None),
        (slow(Share::User), Blame::Upstream, Retry::Later, Effect::None),
        (slow(Share::Project), Blame::Upstream, Retry::Later, Effect::None),
        (Fault::QuotaExceeded, Blame::Upstream, Retry::Later, Effect::None),
        (Fault::NotFound, Blame::Upstream, Retry::No, Effect::None),
        (Fault::Deleted, Blame::Upstream, Retry::No, Effect::None),
        (Fault::CursorExpired, Blame::Upstream, Retry::No, Effect::None),
        (Fault::Precondition, Blame::Gateway, Retry::No, Effect::None),
        (Fault::Duplicate, Blame::Gateway, Retry::No, Effect::None),
        (Fault::Conflict, Blame::Upstream, Retry::Later, Effect::None),
        (Fault::Invalid("other"), Blame::Gateway, Retry::No, Effect::None),
        (Fault::PushRefused("other"), Blame::Upstream, Retry::No, Effect::None),
        (Fault::Backend(503), Blame::Upstream, Retry::Later, Effect::Unknown),
        (Fault::Unknown("no answer in time".into()), Blame::Upstream, Retry::Later, Effect::Unknown),
        (Fault::TooLarge, Blame::Upstream, Retry::No, Effect::Unknown),
        (Fault::Malformed("x"), Blame::Upstream, Retry::Later, Effect::Unknown),
        (Fault::Parked { until: 1 }, Blame::Gateway, Retry::Later, Effect::None),
    ];
    let mut names: Vec<&str> = rows.iter().map(|(fault, ..)| fault.name()).collect();
    for (fault, blame, retry, effect) in &rows {
        assert_eq!((fault.blame(), fault.retry(), fault.effect()), (*blame, *retry, *effect), "{fault}");
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), rows.len() - 1, "one name for each kind");
}

#[tokio::test]
async fn what_was_not_answered_may_have_happened() {
    let lost =
        || Err(ExchangeError::Unreachable { host: "google.test".into(), why: "no answer in time".into() });
    let stage = Stage::says([lost()]).await;
    let body = map(json!({ "summary": "a" }));
    let fault = stage.calendar.insert(stage.account, "c", &body, SendUpdates::None).await.unwrap_err();
    assert_eq!((fault.effect(), fault.retry()), (Effect::Unknown, Retry::Later));
    assert_eq!(stage.asked().len(), 1, "nothing is written twice");
    assert_eq!(stage.metrics.count("insert", "unknown"), 1);
}

#[tokio::test]
async fn an_account_without_the_scopes_is_not_asked_for() {
    let mail = super::Leave::Grant("https://mail.google.com/");
    let stage = Stage::by(mail, []).await;
    let fault = stage.calendar.list(stage.account, "c", Ask::Full { page: None }).await.unwrap_err();
    assert_eq!(fault, Fault::NoToken(NoToken::ProductMissing));
    assert_eq!(stage.metrics.count("list", "no_token"), 1);
}
