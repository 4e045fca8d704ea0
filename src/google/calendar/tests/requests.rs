//! What leaves for Google: whose bearer, which path, how often.

use std::time::Duration;

use serde_json::json;

use super::super::fault::Fault;
use super::{BOTH, Stage, error};
use crate::google::quota::Caller;
use crate::google::tests::api::{Leave, answer, header, raw};

const WHOLE: Leave = Leave::Grant("https://www.googleapis.com/auth/calendar openid");

fn event() -> serde_json::Value {
    json!({ "id": "e1", "etag": "\"1\"", "status": "confirmed", "iCalUID": "e1@google.com",
        "updated": "2026-11-28T10:00:00.000Z", "x-unknown": { "kept": [1, 2.5, null] } })
}

#[tokio::test]
async fn an_event_keeps_what_nobody_here_knows() {
    let stage = Stage::by(WHOLE, [answer(200, &event())]).await;
    let read = stage.calendar.get(stage.account, "anna@acme.cz", "e1").await.unwrap();
    let told = (read.id(), read.etag(), read.status(), read.ical_uid(), read.updated());
    let time = "2026-11-28T10:00:00.000Z";
    assert_eq!(told, ("e1", Some("\"1\""), Some("confirmed"), Some("e1@google.com"), Some(time)));
    assert_eq!(serde_json::Value::Object(read.into_map()), event());
    let asked = &stage.asked()[0];
    assert_eq!(header(asked, "authorization").as_deref(), Some("Bearer ya29.1"));
    assert_eq!((asked.timeout, asked.limit), (Duration::from_secs(20), 1024 * 1024));
    assert_eq!(stage.metrics.count("get", "ok"), 1);
}

#[tokio::test]
async fn an_identity_of_google_leads_to_no_other_path() {
    let stage = Stage::says([answer(200, &event())]).await;
    let calendar = "cs.czech#holiday@group.v.calendar.google.com/../x?y=%2e é";
    stage.calendar.get(stage.account, calendar, "a/b").await.unwrap();
    let path = "/calendar/v3/calendars/cs.czech%23holiday@group.v.calendar.google.com%2F..%2Fx%3Fy=%252e%20%C3%A9\
                /events/a%2Fb?";
    assert_eq!(stage.line(), path);
    let long = "a".repeat(1_101);
    for id in ["", ".", "..", "a\tb", "a\nb", long.as_str()] {
        let refused = stage.calendar.get(stage.account, "c", id).await;
        assert_eq!(refused, Err(Fault::Invalid("id")), "{id:?}");
        let refused = stage.calendar.get(stage.account, id, "e").await;
        assert_eq!(refused, Err(Fault::Invalid("id")), "{id:?}");
    }
}

#[tokio::test]
async fn a_refused_access_token_is_replaced_once() {
    let refused = || error(401, "authError", "Invalid Credentials", None);
    let stage = Stage::says([refused(), answer(200, &event())]).await;
    stage.calendar.get(stage.account, "c", "e1").await.unwrap();
    let bearers: Vec<_> = stage.asked().iter().filter_map(|asked| header(asked, "authorization")).collect();
    assert_eq!(bearers, ["Bearer ya29.1", "Bearer ya29.2"]);
    let stage = Stage::says([refused(), refused()]).await;
    let fault = stage.calendar.get(stage.account, "c", "e1").await.unwrap_err();
    assert_eq!(fault, Fault::Unauthorized);
    assert_eq!(stage.metrics.count("get", "unauthorized"), 1);
}

#[tokio::test]
async fn users_of_a_service_account_are_told_apart() {
    let stage = Stage::by(Leave::Delegation, [answer(200, &event())]).await;
    stage.calendar.get(stage.account, "c", "e1").await.unwrap();
    let line = stage.line();
    let (_, user) = line.split_once("?quotaUser=").unwrap();
    assert!(user.len() == 32 && user.bytes().all(|octet| octet.is_ascii_hexdigit()), "{user}");
    assert!(!line.contains(&stage.account.to_string()));
    let stage = Stage::by(BOTH, [answer(200, &event())]).await;
    stage.calendar.get(stage.account, "c", "e1").await.unwrap();
    assert!(!stage.line().contains("quotaUser"), "a user's own grant tells who it is");
}

#[tokio::test]
async fn requests_are_counted_by_what_they_are_for_also_those_that_fail() {
    let stage =
        Stage::says([answer(200, &event()), raw(503, ""), error(401, "authError", "", None), raw(503, "")])
            .await;
    let write = stage.calendar.counted_as(Caller::Write, Duration::ZERO);
    stage.calendar.get(stage.account, "c", "e1").await.unwrap();
    write.get(stage.account, "c", "e1").await.unwrap_err();
    write.get(stage.account, "c", "e1").await.unwrap_err();
    let counts = stage.calendar.quota().take_counts();
    assert_eq!(counts, [(stage.account, Caller::Poll, 1), (stage.account, Caller::Write, 3)]);
    assert_eq!(stage.calendar.quota().take_counts(), []);
}

#[tokio::test]
async fn who_was_too_fast_is_held_back_here() {
    let stage = Stage::says([error(403, "quotaExceeded", "Calendar usage limits exceeded.", None)]).await;
    let calendar = stage.calendar.counted_as(Caller::Write, Duration::from_secs(5));
    assert_eq!(calendar.get(stage.account, "c", "e1").await, Err(Fault::QuotaExceeded));
    let parked = calendar.get(stage.account, "c", "e1").await;
    assert!(matches!(parked, Err(Fault::Parked { .. })), "{parked:?}");
    assert_eq!(stage.asked().len(), 1);
}
