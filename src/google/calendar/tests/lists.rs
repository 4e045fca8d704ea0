//! Lists of events and of calendars.

use serde_json::{Value, json};

use super::super::access::AccessRole;
use super::super::events::{Ask, Next};
use super::super::fault::Fault;
use super::{Stage, error};
use crate::google::tests::api::{answer, raw};
use crate::net::exchange::ExchangeError;

const SAME: &str = "singleEvents=false&eventTypes=default&maxResults=2500&showDeleted=true";

fn page(extra: Value) -> Value {
    let mut page = json!({ "kind": "calendar#events", "timeZone": "Europe/Prague", "accessRole": "owner",
        "defaultReminders": [{ "method": "popup", "minutes": 10 }], "items": [] });
    let Value::Object(extra) = extra else { panic!("no object") };
    page.as_object_mut().unwrap().extend(extra);
    page
}

#[tokio::test]
async fn a_list_goes_on_by_page_and_ends_with_a_sync_token() {
    let first = page(json!({ "nextPageToken": "p 2" }));
    let last = page(
        json!({ "nextSyncToken": "s1", "items": [{ "id": "e1" }, { "id": "e2", "status": "cancelled" }] }),
    );
    let stage = Stage::says([answer(200, &first), answer(200, &last)]).await;
    let short = stage.calendar.list(stage.account, "c", Ask::Full { page: None }).await.unwrap();
    assert!(short.events.is_empty(), "an empty page is not the last for that");
    let Next::Page(token) = short.next else { panic!("{:?}", short.next) };
    let whole = stage.calendar.list(stage.account, "c", Ask::Full { page: Some(&token) }).await.unwrap();
    let ids: Vec<_> = whole.events.iter().map(|event| (event.id(), event.status())).collect();
    assert_eq!(ids, [("e1", None), ("e2", Some("cancelled"))]);
    assert_eq!((whole.next, whole.access_role), (Next::Sync("s1".into()), AccessRole::Owner));
    assert_eq!((whole.time_zone.as_str(), whole.default_reminders.len()), ("Europe/Prague", 1));
    let asked = stage.asked();
    let queries: Vec<_> = asked.iter().map(|request| request.url.query().unwrap()).collect();
    assert_eq!(queries, [SAME.to_owned(), format!("{SAME}&pageToken=p+2")]);
    assert_eq!(asked[0].limit, 8 * 1024 * 1024);
}

#[tokio::test]
async fn what_has_changed_is_asked_for_with_the_same_parameters() {
    let stage = Stage::says([answer(200, &page(json!({ "nextSyncToken": "s2" })))]).await;
    let ask = Ask::Since { sync_token: "s1=", page: Some("p") };
    stage.calendar.list(stage.account, "c", ask).await.unwrap();
    assert_eq!(stage.line(), format!("/calendar/v3/calendars/c/events?{SAME}&syncToken=s1%3D&pageToken=p"));
}

#[tokio::test]
async fn a_cursor_that_google_does_not_take_any_more_is_told_as_such() {
    let words = "Sync token is no longer valid, a full sync is required.";
    for refusal in [
        error(410, "fullSyncRequired", words, Some("syncToken")),
        error(
            410,
            "updatedMinTooLongAgo",
            "The requested minimum modification time lies too far in the past.",
            Some("updatedMin"),
        ),
        error(400, "badRequest", "Bad Request", None),
    ] {
        let stage = Stage::says([refusal]).await;
        let ask = Ask::Since { sync_token: "s1", page: None };
        assert_eq!(stage.calendar.list(stage.account, "c", ask).await, Err(Fault::CursorExpired));
    }
}

#[tokio::test]
async fn c_1_a_list_that_cannot_be_whole_is_not_taken() {
    let long = "t".repeat(4_097);
    for body in [
        page(json!({})),
        page(json!({ "nextPageToken": "", "nextSyncToken": "" })),
        page(json!({ "nextSyncToken": long })),
        page(json!({ "nextSyncToken": "s", "items": [{ "status": "confirmed" }] })),
        page(json!({ "nextSyncToken": "s", "items": [{ "id": "" }] })),
        page(json!({ "nextSyncToken": "s", "items": [7] })),
        json!({}),
        json!([]),
    ] {
        let stage = Stage::says([answer(200, &body)]).await;
        let read = stage.calendar.list(stage.account, "c", Ask::Full { page: None }).await;
        assert!(matches!(read, Err(Fault::Malformed(_))), "{body}: {read:?}");
    }
    let stage = Stage::says([raw(200, "<html>")]).await;
    let read = stage.calendar.list(stage.account, "c", Ask::Full { page: None }).await;
    assert!(matches!(read, Err(Fault::Malformed(_))), "{read:?}");
}

#[tokio::test]
async fn a_page_that_is_too_large_is_asked_for_in_smaller_ones() {
    let large = || Err(ExchangeError::TooLarge { host: "google.test".into(), limit: 1 });
    let stage = Stage::says([large(), answer(200, &page(json!({ "nextPageToken": "p" })))]).await;
    stage.calendar.list(stage.account, "c", Ask::Full { page: None }).await.unwrap();
    assert!(stage.asked()[1].url.query().unwrap().contains("&maxResults=250&"));
    let stage = Stage::says([large(), large()]).await;
    let read = stage.calendar.list(stage.account, "c", Ask::Full { page: None }).await;
    assert_eq!(read, Err(Fault::TooLarge));
}

#[tokio::test]
async fn every_calendar_is_listed_with_what_the_user_may_do() {
    let first = json!({ "items": [{ "id": "anna@acme.cz", "summary": "anna@acme.cz", "summaryOverride": "Anna",
        "primary": true, "accessRole": "owner", "timeZone": "Europe/Prague" }], "nextPageToken": "2" });
    let second = json!({ "items": [{ "id": "h#1", "accessRole": "freeBusyReader", "hidden": true }] });
    let stage = Stage::says([answer(200, &first), answer(200, &second)]).await;
    let all = stage.calendar.calendars(stage.account).await.unwrap();
    let told: Vec<_> = all.iter().map(|c| (c.summary.as_str(), c.primary, c.access_role, c.hidden)).collect();
    assert_eq!(
        told,
        [("Anna", true, AccessRole::Owner, false), ("", false, AccessRole::FreeBusyReader, true)]
    );
    assert_eq!(all[0].title, "anna@acme.cz", "to others it is called otherwise");
    let asked = stage.asked();
    assert_eq!(asked[0].url.path(), "/calendar/v3/users/me/calendarList");
    assert_eq!(asked[1].url.query(), Some("maxResults=250&showHidden=true&pageToken=2"));
}

#[tokio::test]
async fn a_list_of_calendars_without_end_is_given_up() {
    let more = json!({ "items": [], "nextPageToken": "again" });
    let stage = Stage::says((0..20).map(|_| answer(200, &more))).await;
    assert_eq!(stage.calendar.calendars(stage.account).await, Err(Fault::TooLarge));
}
