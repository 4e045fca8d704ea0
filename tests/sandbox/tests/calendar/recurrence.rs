//! Series: masters, instances, exceptions.

use serde_json::{Value, json};

use super::api::{anna, daily, hour, path, refused};
use crate::client::{ANNA, BEN, Outcome, sandbox};

const EVENTS: &str = "calendars/primary/events";

fn starts(items: &[Value]) -> Vec<&str> {
    items.iter().filter_map(|it| it["start"]["dateTime"].as_str()).collect()
}

fn instance(master: &Value, stamp: &str) -> String {
    format!("{}_{stamp}", path(master))
}

#[tokio::test]
async fn a_list_has_the_master_or_its_instances() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let made = api.made(daily(3)).await?;
    let (masters, _) = api.drain(EVENTS, "").await?;
    assert_eq!((masters.len(), &masters[0]["recurrence"]), (1, &made["recurrence"]));
    let (singles, last) = api.drain(EVENTS, "singleEvents=true&orderBy=startTime&maxResults=2").await?;
    assert_eq!(
        starts(&singles),
        ["2026-12-01T09:00:00+01:00", "2026-12-02T09:00:00+01:00", "2026-12-03T09:00:00+01:00"]
    );
    let id = made["id"].as_str().ok_or("no id")?;
    assert_eq!(singles[1]["id"], format!("{id}_20261202T080000Z"));
    assert_eq!((&singles[1]["recurringEventId"], &singles[1]["recurrence"]), (&made["id"], &Value::Null));
    assert_eq!(singles[1]["originalStartTime"], singles[1]["start"]);
    assert!(last["nextSyncToken"].is_null());
    let (second, _) = api
        .drain(EVENTS, "singleEvents=true&timeMin=2026-12-01T12:00:00Z&timeMax=2026-12-03T00:00:00Z")
        .await?;
    assert_eq!(starts(&second), ["2026-12-02T09:00:00+01:00"]);
    Ok(())
}

#[tokio::test]
async fn a_changed_instance_becomes_an_event_of_its_own() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let made = api.made(daily(3)).await?;
    let token = api.sync_token("").await?;
    let second = instance(&made, "20261202T080000Z");
    let read = api.get(&second).await?.json()?;
    assert_eq!(read["summary"], "Stand-up");
    let at = |time: &str| json!({"dateTime": format!("2026-12-02T{time}:00+01:00")});
    let later = json!({"start": at("15:00"), "end": at("15:15")});
    let moved = api.patch(&second, later).await?.json()?;
    assert_eq!(moved["originalStartTime"]["dateTime"], "2026-12-02T09:00:00+01:00");
    let changes = api.changes(&token).await?;
    assert_eq!((changes.len(), &changes[0]["id"]), (1, &moved["id"]));
    let (all, _) = api.drain(&format!("{}/instances", path(&made)), "").await?;
    assert_eq!(
        starts(&all),
        ["2026-12-01T09:00:00+01:00", "2026-12-02T15:00:00+01:00", "2026-12-03T09:00:00+01:00"]
    );
    refused(&api.get(&instance(&made, "20261205T080000Z")).await?, 404, "notFound");
    Ok(())
}

#[tokio::test]
async fn a_deleted_instance_is_a_cancelled_exception_and_no_exdate() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let made = api.made(daily(3)).await?;
    let token = api.sync_token("").await?;
    assert_eq!(api.delete(&instance(&made, "20261202T080000Z")).await?.status, 204);
    refused(&api.delete(&instance(&made, "20261202T080000Z")).await?, 410, "deleted");
    let changes = api.changes(&token).await?;
    let gone = changes.first().ok_or("no change")?;
    assert_eq!((&gone["status"], &gone["recurringEventId"]), (&json!("cancelled"), &made["id"]));
    assert_eq!(gone["originalStartTime"]["dateTime"], "2026-12-02T09:00:00+01:00");
    assert!(gone["summary"].is_null());
    let (whole, _) = api.drain(EVENTS, "").await?;
    assert_eq!(whole.len(), 2, "the exception stays for the life of its master");
    assert_eq!(api.get(&path(&made)).await?.json()?["recurrence"], made["recurrence"]);
    assert_eq!(api.drain(&format!("{}/instances", path(&made)), "").await?.0.len(), 2);
    let with_deleted = api.drain(&format!("{}/instances", path(&made)), "showDeleted=true").await?.0;
    assert_eq!(with_deleted.len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_deleted_series_takes_its_exceptions_along() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let made = api.made(daily(3)).await?;
    api.patch(&instance(&made, "20261202T080000Z"), json!({"summary": "Long one"})).await?;
    api.delete(&path(&made)).await?;
    assert!(sandbox.google().live_events(ANNA).is_empty());
    assert!(api.drain(EVENTS, "").await?.0.is_empty());
    let third = api.get(&instance(&made, "20261203T080000Z")).await?.json()?;
    assert_eq!(third["status"], "cancelled");
    Ok(())
}

#[tokio::test]
async fn a_series_that_moves_drops_exceptions_it_no_longer_has() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let mut event = daily(3);
    event["attendees"] = json!([{"email": BEN}]);
    let made = api.made(event).await?;
    api.patch(&instance(&made, "20261203T080000Z"), json!({"summary": "Long one"})).await?;
    assert_eq!(sandbox.google().live_events(BEN).len(), 2);
    let shorter =
        api.patch(&path(&made), json!({"recurrence": ["RRULE:FREQ=DAILY;COUNT=2"]})).await?.json()?;
    assert_eq!(shorter["sequence"], 1);
    for user in [ANNA, BEN] {
        assert_eq!(sandbox.google().live_events(user).len(), 1, "{user}");
    }
    Ok(())
}

#[tokio::test]
async fn an_exception_follows_its_series_in_all_it_does_not_say_otherwise() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let made = api.made(daily(3)).await?;
    let second = instance(&made, "20261202T080000Z");
    api.patch(&second, json!({"summary": "Long one"})).await?;
    let guests = json!([{"email": BEN}]);
    api.patch(&path(&made), json!({"summary": "Sit-down", "location": "Room 1", "attendees": guests}))
        .await?;
    let exception = api.get(&second).await?.json()?;
    assert_eq!((&exception["summary"], &exception["location"]), (&json!("Long one"), &json!("Room 1")));
    let id = exception["id"].as_str().ok_or("no id")?;
    assert_eq!(google.event(BEN, id).ok_or("no copy")?["summary"], "Long one");
    assert_eq!(google.live_events(BEN).len(), 2);
    Ok(())
}

#[tokio::test]
async fn whole_days_recur_by_date() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let made = api
        .made(json!({"summary": "Rent", "start": {"date": "2026-01-31"}, "end": {"date": "2026-02-01"},
            "recurrence": ["RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "EXDATE;VALUE=DATE:20260228"]}))
        .await?;
    let (all, _) = api.drain(&format!("{}/instances", path(&made)), "").await?;
    let days: Vec<_> = all.iter().filter_map(|it| it["start"]["date"].as_str()).collect();
    assert_eq!(days, ["2026-01-31", "2026-03-31"]);
    let (one, _) = api.drain(&format!("{}/instances", path(&made)), "originalStart=2026-03-31").await?;
    assert_eq!(one[0]["id"], format!("{}_20260331", made["id"].as_str().ok_or("no id")?));
    Ok(())
}

#[tokio::test]
async fn an_incremental_list_of_single_events_shows_a_changed_series_as_instances() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let made = api.made(daily(3)).await?;
    let (_, last) = api.drain(EVENTS, "singleEvents=true").await?;
    let token = super::api::encoded(last["nextSyncToken"].as_str().ok_or("no token")?);
    api.made(hour("Other")).await?;
    api.delete(&path(&made)).await?;
    let (changes, _) = api.drain(EVENTS, &format!("singleEvents=true&syncToken={token}")).await?;
    assert_eq!(changes.iter().filter(|it| it["status"] == "cancelled").count(), 3);
    assert_eq!(changes.len(), 4);
    Ok(())
}

#[tokio::test]
async fn rules_that_nobody_can_read_are_refused() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    for line in ["RRULE:FREQ=SOMETIMES", "FREQ=DAILY", "DTSTART:20261201T090000Z", "EXDATE:yesterday"] {
        let mut event = daily(1);
        event["recurrence"] = json!([line]);
        refused(&api.post(EVENTS, event).await?, 400, "invalid");
    }
    Ok(())
}

#[tokio::test]
async fn this_and_the_following_ones_become_a_series_of_their_own() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let made = api.made(daily(5)).await?;
    api.patch(&instance(&made, "20261204T080000Z"), json!({"summary": "Long one"})).await?;
    let token = api.sync_token("").await?;
    let id = made["id"].as_str().ok_or("no id")?;
    let new = google.split_series(ANNA, ANNA, id, "20261203T080000Z", json!({"summary": "Sit-down"}))?;
    assert_eq!(new, format!("{id}_R20261203T080000"));
    let earlier = api.get(&path(&made)).await?.json()?;
    assert_eq!(earlier["recurrence"], json!(["RRULE:FREQ=DAILY;UNTIL=20261203T075959Z"]));
    let (first, _) = api.drain(&format!("{}/instances", path(&made)), "").await?;
    let (second, _) = api.drain(&format!("{EVENTS}/{new}/instances"), "").await?;
    assert_eq!((first.len(), second.len(), &second[0]["summary"]), (2, 3, &json!("Sit-down")));
    let changes = api.changes(&token).await?;
    let gone: Vec<_> = changes.iter().filter(|it| it["status"] == "cancelled").collect();
    assert_eq!((changes.len(), gone.len()), (3, 1));
    assert_eq!(gone[0]["id"], format!("{id}_20261204T080000Z"));
    Ok(())
}
