//! Single events: making, replacing, patching, deleting, moving, importing.

use serde_json::{Value, json};

use super::api::{Api, anna, daily, hour, path, refused};
use crate::client::{ANNA, BEN, Outcome, sandbox};

#[tokio::test]
async fn an_event_comes_back_as_it_was_made_and_in_the_zone_of_its_calendar() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let mut event = hour("Review");
    event["start"] = json!({"dateTime": "2026-12-01T09:00:00Z", "timeZone": "America/New_York"});
    event["extendedProperties"] = json!({"private": {"crm": "42"}});
    let made = api.made(event).await?;
    assert_eq!(
        made["start"],
        json!({"dateTime": "2026-12-01T10:00:00+01:00", "timeZone": "America/New_York"})
    );
    assert_eq!(made["organizer"], json!({"email": ANNA, "self": true}));
    assert_eq!((&made["status"], &made["sequence"]), (&json!("confirmed"), &json!(0)));
    assert_eq!(made["reminders"], json!({"useDefault": true}));
    assert_eq!(made["extendedProperties"]["private"]["crm"], "42");
    let read = api.get(&path(&made)).await?;
    assert_eq!(read.json()?, made);
    assert_eq!(read.header("etag"), made["etag"].as_str());
    let elsewhere = api.get(&format!("{}?timeZone=UTC", path(&made))).await?.json()?;
    assert_eq!(elsewhere["start"]["dateTime"], "2026-12-01T09:00:00Z");
    Ok(())
}

#[tokio::test]
async fn a_clients_id_is_checked_and_taken_once_for_ever() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let with = |id: &str| {
        let mut event = hour("Named");
        event["id"] = json!(id);
        event
    };
    for id in ["abcd", "ABCDE", "abcdw", "abc-de", &"a".repeat(1025)] {
        refused(&api.post("calendars/primary/events", with(id)).await?, 400, "invalid");
    }
    let made = api.made(with("0123abcv")).await?;
    assert_eq!(made["iCalUID"], "0123abcv@google.com");
    refused(&api.post("calendars/primary/events", with("0123abcv")).await?, 409, "duplicate");
    assert_eq!(api.delete(&path(&made)).await?.status, 204);
    refused(&api.post("calendars/primary/events", with("0123abcv")).await?, 409, "duplicate");
    let mut both = with("0123abce");
    both["iCalUID"] = json!("x@example.org");
    refused(&api.post("calendars/primary/events", both).await?, 400, "invalid");
    Ok(())
}

#[tokio::test]
async fn put_resets_what_is_missing_and_keeps_what_it_does_not_know() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let mut event = hour("Review");
    event["location"] = json!("Room 1");
    event["colorId"] = json!("5");
    let made = api.made(event).await?;
    let mut put = hour("Review");
    put["source"] = json!({"title": "CRM", "url": "https://crm.example.com/"});
    let replaced = api.put(&path(&made), put).await?.json()?;
    assert!(replaced["location"].is_null() && replaced["colorId"].is_null(), "{replaced}");
    assert_eq!(replaced["source"]["title"], "CRM");
    for kept in ["id", "iCalUID", "created", "organizer", "sequence"] {
        assert_eq!(replaced[kept], made[kept], "{kept}");
    }
    assert_ne!(replaced["etag"], made["etag"]);
    Ok(())
}

#[tokio::test]
async fn patch_merges_objects_replaces_lists_and_clears_with_null() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let mut event = hour("Review");
    event["location"] = json!("Room 1");
    event["extendedProperties"] = json!({"private": {"a": "1", "b": "2"}});
    event["attendees"] = json!([{"email": "x@elsewhere.org"}, {"email": "y@elsewhere.org"}]);
    let made = api.made(event).await?;
    let patch = json!({"location": null, "extendedProperties": {"private": {"a": null, "c": "3"}},
        "attendees": [{"email": "y@elsewhere.org", "responseStatus": "accepted"}]});
    let patched = api.patch(&path(&made), patch).await?.json()?;
    assert!(patched["location"].is_null());
    assert_eq!(patched["extendedProperties"]["private"], json!({"b": "2", "c": "3"}));
    assert_eq!(patched["attendees"], json!([{"email": "y@elsewhere.org", "responseStatus": "accepted"}]));
    let day = json!({"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}});
    refused(&api.patch(&path(&made), day).await?, 400, "invalid");
    let day = json!({"start": {"date": "2026-12-01", "dateTime": null, "timeZone": null},
        "end": {"date": "2026-12-02", "dateTime": null, "timeZone": null}});
    let patched = api.patch(&path(&made), day).await?.json()?;
    assert_eq!(patched["start"], json!({"date": "2026-12-01"}));
    Ok(())
}

#[tokio::test]
async fn only_a_change_of_times_raises_the_sequence() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let made = api.made(hour("Review")).await?;
    let renamed = api.patch(&path(&made), json!({"summary": "Retro"})).await?.json()?;
    assert_eq!(renamed["sequence"], 0);
    let later = json!({"end": {"dateTime": "2026-12-01T12:00:00+01:00"}});
    let moved = api.patch(&path(&made), later).await?.json()?;
    assert_eq!(moved["sequence"], 1);
    let mut stale = hour("Review");
    stale["sequence"] = json!(0);
    refused(&api.put(&path(&made), stale).await?, 400, "invalid");
    Ok(())
}

#[tokio::test]
async fn reminders_alone_leave_the_time_of_the_last_change() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let made = api.made(hour("Review")).await?;
    sandbox.google().clock().advance(std::time::Duration::from_secs(60));
    let reminders =
        json!({"reminders": {"useDefault": false, "overrides": [{"method": "popup", "minutes": 5}]}});
    let reminded = api.patch(&path(&made), reminders).await?.json()?;
    assert_eq!(reminded["updated"], made["updated"]);
    let renamed = api.patch(&path(&made), json!({"summary": "Retro"})).await?.json()?;
    assert_ne!(renamed["updated"], made["updated"]);
    Ok(())
}

#[tokio::test]
async fn conditions_are_kept() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let made = api.made(hour("Review")).await?;
    let at = path(&made);
    let etag = made["etag"].as_str().ok_or("no etag")?;
    let unchanged = api.call("GET", &at, &format!("If-None-Match: {etag}\r\n"), &Value::Null).await?;
    assert_eq!((unchanged.status, unchanged.body.as_str()), (304, ""));
    let condition = format!("If-Match: {etag}\r\n");
    assert_eq!(api.call("PUT", &at, &condition, &hour("Retro")).await?.status, 200);
    for method in ["PUT", "PATCH", "DELETE"] {
        refused(&api.call(method, &at, &condition, &hour("Lost")).await?, 412, "conditionNotMet");
    }
    assert_eq!(
        sandbox.google().event(ANNA, made["id"].as_str().ok_or("no id")?).ok_or("gone")?["summary"],
        "Retro"
    );
    Ok(())
}

#[tokio::test]
async fn a_deleted_event_answers_and_can_be_revived() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let made = api.made(hour("Review")).await?;
    assert_eq!(api.delete(&path(&made)).await?.status, 204);
    refused(&api.delete(&path(&made)).await?, 410, "deleted");
    let gone = api.get(&path(&made)).await?.json()?;
    assert_eq!((&gone["status"], &gone["summary"]), (&json!("cancelled"), &json!("Review")));
    let mut again = hour("Review");
    again["status"] = json!("confirmed");
    let revived = api.put(&path(&made), again).await?.json()?;
    assert_eq!((&revived["status"], &revived["id"]), (&json!("confirmed"), &made["id"]));
    refused(&api.get("calendars/primary/events/nothere").await?, 404, "notFound");
    refused(&api.delete("calendars/primary/events/nothere").await?, 404, "notFound");
    Ok(())
}

#[tokio::test]
async fn what_is_no_event_is_refused() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let changed = |key: &str, value: Value| {
        let mut event = hour("Odd");
        event[key] = value;
        event
    };
    let at = |time: &str| json!({"dateTime": time});
    let cases = [
        (changed("end", Value::Null), "required"),
        (changed("start", json!({"dateTime": "2026-12-01T10:00:00"})), "required"),
        (changed("end", at("2026-12-01T09:00:00+01:00")), "timeRangeEmpty"),
        (changed("end", json!({"date": "2026-12-02"})), "invalid"),
        (changed("recurrence", json!(["RRULE:FREQ=DAILY"])), "required"),
        (changed("visibility", json!("secret")), "invalid"),
        (changed("attendees", json!([{"displayName": "Nobody"}])), "invalid"),
        (changed("eventType", json!("fromGmail")), "eventTypeRestriction"),
        (changed("eventType", json!("party")), "invalid"),
        (changed("summary", json!(7)), "invalid"),
        (changed("sequence", json!("1")), "invalid"),
        (
            changed(
                "reminders",
                json!({"useDefault": true, "overrides": [{"method": "popup", "minutes": 1}]}),
            ),
            "cannotUseDefaultRemindersAndSpecifyOverride",
        ),
        (changed("extendedProperties", json!({"private": {"long": "x".repeat(1025)}})), "invalid"),
    ];
    for (event, why) in cases {
        refused(&api.post("calendars/primary/events", event).await?, 400, why);
    }
    let day = json!({"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-01"}});
    refused(&api.post("calendars/primary/events", day).await?, 400, "timeRangeEmpty");
    let torn = api.call("POST", "calendars/primary/events", "", &Value::Null).await?;
    refused(&torn, 400, "required");
    assert!(sandbox.google().events(ANNA).is_empty());
    Ok(())
}

#[tokio::test]
async fn special_events_keep_their_kind_and_refuse_marks() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let birthday = json!({"eventType": "birthday", "summary": "Ben", "start": {"date": "2026-12-01"},
        "end": {"date": "2026-12-02"}, "recurrence": ["RRULE:FREQ=YEARLY"]});
    let birthday = api.made(birthday).await?;
    let marked = json!({"extendedProperties": {"private": {"crm": "1"}}});
    refused(&api.patch(&path(&birthday), marked).await?, 400, "eventTypeRestriction");
    let plain = json!({"eventType": "default"});
    refused(&api.patch(&path(&birthday), plain).await?, 400, "eventTypeRestriction");
    google.add_calendar(ANNA, "team@group.calendar.google.com", "Team", "UTC");
    let to = format!("{}/move?destination=team@group.calendar.google.com", path(&birthday));
    refused(&api.post(&to, Value::Null).await?, 400, "eventTypeRestriction");
    let mut flight = hour("Flight");
    flight["eventType"] = json!("fromGmail");
    let flight = google.put_event(ANNA, ANNA, flight)?;
    let renamed = api.patch(&format!("calendars/primary/events/{flight}"), json!({"summary": "x"})).await?;
    refused(&renamed, 400, "eventTypeRestriction");
    Ok(())
}

#[tokio::test]
async fn a_moved_event_keeps_its_id_and_leaves_a_tombstone() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    google.add_calendar(ANNA, "team", "Team", "UTC");
    let made = api.made(hour("Review")).await?;
    let token = api.sync_token("").await?;
    let moved = api.post(&format!("{}/move?destination=team", path(&made)), Value::Null).await?.json()?;
    assert_eq!((&moved["id"], &moved["iCalUID"]), (&made["id"], &made["iCalUID"]));
    assert_eq!(moved["organizer"], json!({"email": "team", "displayName": "Team", "self": true}));
    let changes = api.changes(&token).await?;
    assert_eq!(changes.len(), 1);
    assert_eq!((&changes[0]["id"], &changes[0]["status"]), (&made["id"], &json!("cancelled")));
    refused(&api.post(&format!("{}/move?destination=ben", path(&made)), Value::Null).await?, 404, "notFound");
    assert_eq!(google.calendar_counters().guest_mails, 0);
    Ok(())
}

#[tokio::test]
async fn an_imported_event_keeps_its_organizer_and_tells_nobody() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let mut event = hour("Elsewhere");
    event["organizer"] = json!({"email": "o@elsewhere.org"});
    event["attendees"] = json!([{"email": ANNA}, {"email": BEN}]);
    refused(&api.post("calendars/primary/events/import", event.clone()).await?, 400, "required");
    event["iCalUID"] = json!("uid-1@elsewhere.org");
    let imported =
        api.post("calendars/primary/events/import?sendUpdates=all", event.clone()).await?.json()?;
    assert_eq!(imported["organizer"], json!({"email": "o@elsewhere.org"}));
    let again = api.post("calendars/primary/events/import", event).await?.json()?;
    assert_eq!(again["id"], imported["id"]);
    assert!(google.events(BEN).is_empty());
    assert_eq!(google.calendar_counters().guest_mails, 0);
    refused(&api.patch(&path(&imported), json!({"summary": "Mine"})).await?, 403, "forbiddenForNonOrganizer");
    Ok(())
}

#[tokio::test]
async fn what_was_read_can_be_written_back_by_organizer_and_guest() -> Outcome {
    let sandbox = sandbox().await?;
    let mut event = daily(3);
    event["attendees"] = json!([{"email": BEN}, {"email": ANNA, "responseStatus": "accepted"}]);
    event["conferenceData"] = json!({"conferenceId": "abc", "notes": "By phone"});
    event["visibility"] = json!("private");
    let made =
        anna(&sandbox).post("calendars/primary/events?conferenceDataVersion=1", event).await?.json()?;
    assert_eq!(made["conferenceData"]["conferenceId"], "abc");
    for user in [ANNA, BEN] {
        let api = Api::of(&sandbox, user);
        for at in [path(&made), format!("{}_20261202T080000Z", path(&made))] {
            let read = api.get(&at).await?.json()?;
            let condition = format!("If-Match: {}\r\n", read["etag"].as_str().ok_or("no etag")?);
            let written = api.call("PUT", &at, &condition, &read).await?;
            assert_eq!(written.status, 200, "{user}: {}", written.body);
            let mut written = written.json()?;
            for key in ["etag", "updated"] {
                written[key] = read[key].clone();
            }
            assert_eq!(written, read, "{user}");
        }
    }
    Ok(())
}
