//! Every error row of the People API, as a table.

use std::time::Duration;

use postern_core::model::refusal::Retry;
use serde_json::{Value, json};

use super::super::fault::Fault;
use super::super::reason::{Asked, refusal};
use super::{error, info};
use crate::google::effect::Effect;
use crate::google::quota::Share;
use crate::google::tests::api::raw;
use crate::net::exchange::Response;

fn told(status: u16, word: &str, message: &str, details: &Value) -> Fault {
    refusal(&error(status, word, message, details).unwrap(), Asked::Other)
}

fn slow(share: Share) -> Fault {
    Fault::RateLimited { share, retry_after: None }
}

fn limit(name: &str) -> Value {
    json!([{ "reason": "RATE_LIMIT_EXCEEDED", "metadata": { "quota_limit": name } }])
}

#[test]
fn every_word_has_its_kind() {
    let none = json!([]);
    for (status, word, details, fault) in [
        (400, "INVALID_ARGUMENT", &none, Fault::Invalid("INVALID_ARGUMENT")),
        (400, "FAILED_PRECONDITION", &none, Fault::Invalid("FAILED_PRECONDITION")),
        (400, "<script>alert(1)</script>", &none, Fault::Invalid("other")),
        (401, "UNAUTHENTICATED", &none, Fault::Unauthorized),
        (403, "PERMISSION_DENIED", &none, Fault::Forbidden("PERMISSION_DENIED")),
        (403, "PERMISSION_DENIED", &info("SERVICE_DISABLED"), Fault::Forbidden("SERVICE_DISABLED")),
        (403, "PERMISSION_DENIED", &info("ACCESS_TOKEN_SCOPE_INSUFFICIENT"), Fault::MissingScope),
        (403, "PERMISSION_DENIED", &info("RATE_LIMIT_EXCEEDED"), slow(Share::User)),
        (404, "NOT_FOUND", &none, Fault::NotFound),
        (409, "ALREADY_EXISTS", &none, Fault::Duplicate),
        (409, "ABORTED", &none, Fault::Conflict),
        (429, "RESOURCE_EXHAUSTED", &none, slow(Share::User)),
        (429, "RESOURCE_EXHAUSTED", &limit("CriticalWritesPerMinutePerProjectPerUser"), slow(Share::User)),
        (429, "RESOURCE_EXHAUSTED", &limit("DailyWritesPerDayPerProject"), slow(Share::Project)),
        (500, "INTERNAL", &none, Fault::Backend(500)),
        (503, "UNAVAILABLE", &none, Fault::Backend(503)),
    ] {
        assert_eq!(told(status, word, "Some words.", details), fault, "{status} {word} {details}");
    }
}

#[test]
fn an_etag_that_is_not_the_last_is_told_by_its_words() {
    for (status, words) in [
        (
            400,
            "Request person.etag is different than the current person.etag. Clear local cache and get the latest person.",
        ),
        (
            400,
            "Request person.metadata.sources.etag is different than the current person.metadata.sources.etag.",
        ),
        (403, "Request person.etag is different than the current person.etag."),
    ] {
        assert_eq!(told(status, "FAILED_PRECONDITION", words, &json!([])), Fault::Stale, "{status} {words}");
    }
}

#[test]
fn what_is_no_error_of_the_api_says_nothing() {
    for (status, body) in [(404, "<html>404</html>"), (403, ""), (302, "{}"), (409, "{\"error\":\"x\"}")] {
        let fault = refusal(&raw(status, body).unwrap(), Asked::Other);
        assert!(matches!(fault, Fault::Malformed(_)), "{status} {body}: {fault:?}");
        assert_eq!((fault.effect(), fault.retry()), (Effect::Unknown, Retry::Later));
    }
}

#[test]
fn google_says_how_long_to_wait_and_no_longer_than_an_hour() {
    for (told, waits) in [("30", Some(30)), ("86400", Some(3_600)), ("soon", None)] {
        let headers = vec![("retry-after".to_owned(), told.to_owned())];
        let answer = Response { headers, ..error(429, "RESOURCE_EXHAUSTED", "", &json!([])).unwrap() };
        let retry_after = waits.map(Duration::from_secs);
        assert_eq!(refusal(&answer, Asked::Other), Fault::RateLimited { share: Share::User, retry_after });
    }
}
