//! Events with guests: copies, answers, who may change what, and what it costs.

use postern_sandbox::Sandbox;
use serde_json::{Value, json};

use super::api::{Api, anna, daily, hour, path, refused};
use crate::client::{ANNA, BEN, Outcome, sandbox};

const OUTSIDE: &str = "guest@elsewhere.org";

fn invitation() -> Value {
    let mut event = hour("Kick-off");
    event["attendees"] = json!([{"email": BEN}, {"email": OUTSIDE}]);
    event
}

/// Ben's copy of an event.
fn bens(sandbox: &Sandbox, event: &Value) -> Option<Value> {
    sandbox.google().event(BEN, event["id"].as_str()?)
}

fn answer_of<'a>(event: &'a Value, who: &str) -> Option<&'a str> {
    event["attendees"].as_array()?.iter().find(|it| it["email"] == who)?["responseStatus"].as_str()
}

/// E-mails and guests' calendars.
fn cost(sandbox: &Sandbox) -> (u64, u64) {
    let counters = sandbox.google().calendar_counters();
    sandbox.google().clear_calendar_counters();
    (counters.guest_mails, counters.guest_calendars)
}

#[tokio::test]
async fn an_invitation_is_an_event_of_the_same_id_on_the_guests_calendar() -> Outcome {
    let sandbox = sandbox().await?;
    let made = anna(&sandbox).made(invitation()).await?;
    let copy = bens(&sandbox, &made).ok_or("no copy")?;
    assert_eq!((&copy["iCalUID"], &copy["summary"]), (&made["iCalUID"], &json!("Kick-off")));
    assert_eq!(copy["organizer"], json!({"email": ANNA}));
    assert_eq!((&copy["attendees"][0]["self"], &made["attendees"][0]["self"]), (&json!(true), &Value::Null));
    assert_eq!(cost(&sandbox), (0, 1));
    let (list, _) = Api::of(&sandbox, BEN).drain("calendars/primary/events", "").await?;
    assert_eq!(list.len(), 1);
    Ok(())
}

#[tokio::test]
async fn mail_goes_to_whom_the_call_says() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    for (query, mails) in [
        ("", 0),
        ("?sendUpdates=none", 0),
        ("?sendUpdates=externalOnly", 1),
        ("?sendUpdates=all", 2),
        ("?sendNotifications=true", 2),
    ] {
        let made = api.post(&format!("calendars/primary/events{query}"), invitation()).await?.json()?;
        assert_eq!(cost(&sandbox), (mails, 1), "insert{query}");
        let later = json!({"end": {"dateTime": "2026-12-01T12:00:00+01:00"}});
        api.patch(&format!("{}{query}", path(&made)), later).await?;
        assert_eq!(cost(&sandbox), (mails, 1), "patch{query}");
        api.delete(&format!("{}{query}", path(&made))).await?;
        assert_eq!(cost(&sandbox), (mails, 1), "delete{query}");
    }
    refused(
        &api.post("calendars/primary/events?sendUpdates=some", invitation()).await?,
        400,
        "invalidParameter",
    );
    assert!(sandbox.google().live_events(BEN).is_empty());
    Ok(())
}

#[tokio::test]
async fn people_in_googles_pages_cost_a_client_nothing() -> Outcome {
    let sandbox = sandbox().await?;
    let google = sandbox.google();
    let id = google.put_event(ANNA, ANNA, invitation())?;
    google.respond(BEN, &id, "accepted")?;
    google.edit_event(ANNA, ANNA, &id, json!({"location": "Room 2"}))?;
    assert_eq!(google.event(BEN, &id).ok_or("no copy")?["location"], "Room 2");
    google.delete_event(ANNA, ANNA, &id)?;
    assert_eq!(google.event(BEN, &id).ok_or("no copy")?["status"], "cancelled");
    assert_eq!(google.calendar_counters(), postern_sandbox::CalendarCounters::default());
    Ok(())
}

#[tokio::test]
async fn a_change_reaches_the_copies_and_leaves_what_is_personal() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, ben) = (anna(&sandbox), Api::of(&sandbox, BEN));
    let made = api.made(invitation()).await?;
    let own = json!({"colorId": "3", "extendedProperties": {"private": {"mine": "1"}},
        "reminders": {"useDefault": false, "overrides": [{"method": "popup", "minutes": 3}]}});
    assert_eq!(ben.patch(&path(&made), own).await?.status, 200);
    let marks = json!({"private": {"hers": "1"}, "shared": {"ours": "1"}});
    let change = json!({"summary": "Start", "colorId": "7", "extendedProperties": marks});
    api.patch(&path(&made), change).await?;
    let copy = bens(&sandbox, &made).ok_or("no copy")?;
    assert_eq!((&copy["summary"], &copy["colorId"]), (&json!("Start"), &json!("3")));
    assert_eq!(copy["extendedProperties"], json!({"private": {"mine": "1"}, "shared": {"ours": "1"}}));
    assert_eq!(copy["reminders"]["overrides"][0]["minutes"], 3);
    Ok(())
}

#[tokio::test]
async fn a_guest_changes_their_answer_and_nothing_else() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, ben) = (anna(&sandbox), Api::of(&sandbox, BEN));
    let made = api.made(invitation()).await?;
    let at = path(&made);
    refused(&ben.patch(&at, json!({"summary": "Mine"})).await?, 403, "forbiddenForNonOrganizer");
    refused(&ben.put(&at, hour("Kick-off")).await?, 403, "forbiddenForNonOrganizer");
    let others = json!({"attendees": [{"email": BEN}, {"email": OUTSIDE, "responseStatus": "accepted"}]});
    refused(&ben.patch(&at, others).await?, 403, "forbiddenForNonOrganizer");
    let answer = json!({"attendees": [{"email": BEN, "responseStatus": "accepted"}, {"email": OUTSIDE}]});
    assert_eq!(ben.patch(&format!("{at}?sendUpdates=all"), answer).await?.status, 200);
    let hers = api.get(&at).await?.json()?;
    assert_eq!((answer_of(&hers, BEN), answer_of(&hers, OUTSIDE)), (Some("accepted"), Some("needsAction")));
    assert_eq!(cost(&sandbox), (1, 2), "an invitation, and an answer with its e-mail to the organizer");
    Ok(())
}

#[tokio::test]
async fn a_list_of_attendees_without_answers_asks_everybody_anew() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let made = api.made(invitation()).await?;
    google.respond(BEN, made["id"].as_str().ok_or("no id")?, "accepted")?;
    api.patch(&path(&made), json!({"attendees": [{"email": BEN}]})).await?;
    assert_eq!(answer_of(&bens(&sandbox, &made).ok_or("no copy")?, BEN), Some("needsAction"));
    Ok(())
}

#[tokio::test]
async fn guests_who_may_change_it_change_it_for_all() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, ben) = (anna(&sandbox), Api::of(&sandbox, BEN));
    let mut event = invitation();
    event["guestsCanModify"] = json!(true);
    let made = api.made(event).await?;
    assert_eq!(ben.patch(&path(&made), json!({"summary": "Ours"})).await?.status, 200);
    assert_eq!(api.get(&path(&made)).await?.json()?["summary"], "Ours");
    Ok(())
}

#[tokio::test]
async fn who_removes_an_invitation_declines_it() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, ben) = (anna(&sandbox), Api::of(&sandbox, BEN));
    let made = api.made(invitation()).await?;
    assert_eq!(ben.delete(&path(&made)).await?.status, 204);
    let hers = api.get(&path(&made)).await?.json()?;
    assert_eq!((&hers["status"], answer_of(&hers, BEN)), (&json!("confirmed"), Some("declined")));
    api.patch(&path(&made), json!({"summary": "Without Ben"})).await?;
    assert_eq!(bens(&sandbox, &made).ok_or("no copy")?["status"], "cancelled");
    let mut again = hour("Kick-off");
    again["status"] = json!("confirmed");
    refused(&ben.put(&path(&made), again).await?, 403, "forbiddenForNonOrganizer");
    Ok(())
}

#[tokio::test]
async fn a_guest_taken_off_the_list_loses_the_copy() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let made = api.made(invitation()).await?;
    cost(&sandbox);
    let fewer = json!({"attendees": [{"email": OUTSIDE}]});
    api.patch(&format!("{}?sendUpdates=all", path(&made)), fewer).await?;
    assert_eq!(bens(&sandbox, &made).ok_or("no copy")?["status"], "cancelled");
    assert_eq!(cost(&sandbox), (2, 1));
    Ok(())
}

#[tokio::test]
async fn an_instance_has_guests_of_its_own() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let mut event = daily(3);
    event["attendees"] = json!([{"email": BEN}]);
    let made = api.made(event).await?;
    let id = format!("{}_20261202T080000Z", made["id"].as_str().ok_or("no id")?);
    google.respond(BEN, &id, "declined")?;
    let hers = google.event(ANNA, &id).ok_or("no instance")?;
    assert_eq!(answer_of(&hers, BEN), Some("declined"));
    assert_eq!(answer_of(&api.get(&path(&made)).await?.json()?, BEN), Some("needsAction"));
    api.delete(&format!("calendars/primary/events/{id}")).await?;
    assert_eq!(google.event(BEN, &id).ok_or("no instance")?["status"], "cancelled");
    assert_eq!(bens(&sandbox, &made).ok_or("no copy")?["status"], "confirmed");
    Ok(())
}

#[tokio::test]
async fn a_part_of_a_long_guest_list_is_no_whole_one() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let made = api.made(invitation()).await?;
    let ben = Api::of(&sandbox, BEN);
    let part = ben.get(&format!("{}?maxAttendees=1", path(&made))).await?.json()?;
    assert_eq!(
        (part["attendees"].as_array().map(Vec::len), &part["attendeesOmitted"]),
        (Some(1), &json!(true))
    );
    let answer =
        json!({"attendeesOmitted": true, "attendees": [{"email": BEN, "responseStatus": "tentative"}]});
    assert_eq!(ben.patch(&path(&made), answer).await?.status, 200);
    let hers = api.get(&path(&made)).await?.json()?;
    assert_eq!((answer_of(&hers, BEN), answer_of(&hers, OUTSIDE)), (Some("tentative"), Some("needsAction")));
    Ok(())
}

#[tokio::test]
async fn an_invitation_from_elsewhere_has_no_copy_to_tell() -> Outcome {
    let sandbox = sandbox().await?;
    let google = sandbox.google();
    let mut event = hour("Pitch");
    event["iCalUID"] = json!("pitch@elsewhere.org");
    event["organizer"] = json!({"email": OUTSIDE});
    event["attendees"] = json!([{"email": BEN}, {"email": OUTSIDE}]);
    let id = google.invite(BEN, event)?;
    let copy = google.event(BEN, &id).ok_or("no copy")?;
    assert_eq!(
        (&copy["attendees"][0]["self"], &copy["attendees"][1]["organizer"]),
        (&json!(true), &json!(true))
    );
    google.respond(BEN, &id, "accepted")?;
    let ben = Api::of(&sandbox, BEN);
    let at = format!("calendars/primary/events/{id}");
    refused(&ben.patch(&at, json!({"summary": "Mine"})).await?, 403, "forbiddenForNonOrganizer");
    Ok(())
}
