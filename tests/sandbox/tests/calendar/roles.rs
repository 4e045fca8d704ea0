//! Who may come in, and what they see there.

use std::time::Duration;

use postern_sandbox::Role;
use serde_json::{Value, json};

use super::api::{Api, anna, hour, path, refused};
use crate::client::{ANNA, BEN, Outcome, request, sandbox};

const EVENTS: &str = "calendars/primary/events";
const ANNAS: &str = "calendars/anna%40example.com/events";

#[tokio::test]
async fn only_a_live_token_comes_in() -> Outcome {
    let sandbox = sandbox().await?;
    let url = format!("{}{EVENTS}", sandbox.calendar_url());
    refused(&request("GET", &url, "", "").await?, 401, "required");
    let made_up = request("GET", &url, "Authorization: Bearer ya29.made-up\r\n", "").await?;
    refused(&made_up, 401, "authError");
    assert!(made_up.header("www-authenticate").is_some());
    let api = anna(&sandbox);
    sandbox.google().clock().advance(Duration::from_secs(3_600));
    refused(&api.get(EVENTS).await?, 401, "authError");
    Ok(())
}

#[tokio::test]
async fn scopes_open_what_they_name() -> Outcome {
    let sandbox = sandbox().await?;
    let google = sandbox.google();
    google.share_calendar(BEN, ANNA, Role::Writer);
    let scope = |name: &str| format!("https://www.googleapis.com/auth/{name}");
    // Scope, and whether it lists calendars, reads events, writes them, writes another's.
    for (name, list, read, write, foreign) in [
        ("calendar", true, true, true, true),
        ("calendar.readonly", true, true, false, false),
        ("calendar.events", false, true, true, true),
        ("calendar.events.readonly", false, true, false, false),
        ("calendar.events.owned", false, true, true, false),
        ("calendar.calendarlist.readonly", true, false, false, false),
        ("contacts", false, false, false, false),
    ] {
        let api = Api::with(&sandbox, ANNA, &[&scope(name)]);
        let answers = [
            (list, api.get("users/me/calendarList").await?),
            (read, api.get(EVENTS).await?),
            (write, api.post(EVENTS, hour("Mine")).await?),
            (foreign, api.post("calendars/ben%40example.com/events", hour("His")).await?),
        ];
        for (open, answer) in answers {
            match open {
                true => assert_eq!(answer.status, 200, "{name}: {}", answer.body),
                false => refused(&answer, 403, "insufficientPermissions"),
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn each_role_sees_and_does_its_part() -> Outcome {
    let sandbox = sandbox().await?;
    let google = sandbox.google();
    let (open, ben) = (anna(&sandbox).made(hour("Open")).await?, Api::of(&sandbox, BEN));
    let mut secret = hour("Secret");
    secret["visibility"] = json!("private");
    let secret = anna(&sandbox).made(secret).await?;
    let at = |event: &Value| format!("{ANNAS}/{}", event["id"].as_str().unwrap_or_default());
    refused(&ben.get(ANNAS).await?, 404, "notFound");
    for (role, sees_open, sees_secret, writes) in [
        (Role::FreeBusyReader, false, false, false),
        (Role::Reader, true, false, false),
        (Role::WriterWithoutPrivateAccess, true, false, true),
        (Role::Writer, true, true, true),
    ] {
        google.share_calendar(ANNA, BEN, role);
        for (event, sees) in [(&open, sees_open), (&secret, sees_secret)] {
            let seen = ben.get(&at(event)).await?.json()?;
            assert_eq!(seen["summary"].is_string(), sees, "{role:?}: {seen}");
            assert_eq!(seen["start"], event["start"]);
            assert!(
                sees || (seen["visibility"] == "private" && seen["organizer"].is_null()),
                "{role:?}: {seen}"
            );
        }
        let renamed = ben.patch(&at(&open), json!({"location": format!("{role:?}")})).await?;
        match writes {
            true => assert_eq!(renamed.status, 200, "{role:?}: {}", renamed.body),
            false => refused(&renamed, 403, "requiredAccessLevel"),
        }
        let (list, last) = ben.drain(ANNAS, "").await?;
        let named = list.iter().filter(|it| it["summary"].is_string()).count();
        assert_eq!(named, usize::from(sees_open) + usize::from(sees_secret), "{role:?}");
        assert!(last["accessRole"].is_string());
    }
    google.share_calendar(ANNA, BEN, Role::WriterWithoutPrivateAccess);
    refused(&ben.patch(&at(&secret), json!({"summary": "Seen"})).await?, 403, "forbidden");
    refused(&ben.delete(&at(&secret)).await?, 403, "forbidden");
    google.unshare_calendar(ANNA, BEN);
    refused(&ben.get(&at(&open)).await?, 404, "notFound");
    Ok(())
}

#[tokio::test]
async fn a_person_with_a_new_address_keeps_the_calendar() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let made = api.made(hour("Mine")).await?;
    sandbox.google().rename_user(ANNA, "anna.new@example.com");
    let read = api.get(&path(&made)).await?.json()?;
    assert_eq!(read["organizer"], json!({"email": "anna.new@example.com", "self": true}));
    assert_eq!(api.get("users/me/calendarList").await?.json()?["items"][0]["id"], "anna.new@example.com");
    Ok(())
}
