//! What Google keeps of an event is more than what is kept in step: all of it
//! survives an edit in the CRM, and so does what Google has not invented yet.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::world::{ANNA, ANNA_ID, World};

/// What Google itself writes, or what a plain event does not have: no client changes it by an update.
const NOT_WRITABLE: [&str; 17] = [
    "kind",
    "etag",
    "id",
    "created",
    "updated",
    "creator",
    "organizer",
    "htmlLink",
    "hangoutLink",
    "iCalUID",
    "recurringEventId",
    "originalStartTime",
    "eventType",
    "locked",
    "privateCopy",
    "endTimeUnspecified",
    "sequence",
];
/// Of events that are no plain ones; those are not taken over, or each occurrence is by itself.
const OF_OTHER_KINDS: [&str; 7] = [
    "recurrence",
    "attendeesOmitted",
    "birthdayProperties",
    "focusTimeProperties",
    "outOfOfficeProperties",
    "workingLocationProperties",
    "gadget",
];

/// Every field that a client may write of a plain event, and one that nobody knows.
fn everything() -> Map<String, Value> {
    let event = json!({
        "summary": "Plan",
        "description": "<b>Bring</b> slides",
        "location": "Room 1",
        "start": { "dateTime": "2037-03-02T10:00:00+01:00", "timeZone": "Europe/Prague" },
        "end": { "dateTime": "2037-03-02T11:00:00+01:00", "timeZone": "Europe/Prague" },
        "status": "tentative",
        "visibility": "public",
        "transparency": "transparent",
        "colorId": "7",
        "eventLabelId": "label-1",
        "anyoneCanAddSelf": true,
        "guestsCanInviteOthers": false,
        "guestsCanModify": true,
        "guestsCanSeeOtherGuests": false,
        "attendees": [{
            "email": "eva@outside.test", "displayName": "Eva", "responseStatus": "accepted", "comment": "Gladly",
            "additionalGuests": 2, "optional": true, "asyncOperation": "", "notYetKnown": true,
        }],
        "attachments": [{
            "fileUrl": "https://drive.google.com/open?id=1", "fileId": "1", "title": "Slides",
            "mimeType": "application/pdf", "iconLink": "https://drive.google.com/icon",
        }],
        "conferenceData": {
            "conferenceId": "abc-defg-hij", "signature": "s", "notes": "n",
            "conferenceSolution": { "key": { "type": "hangoutsMeet" }, "name": "Google Meet" },
            "entryPoints": [{ "entryPointType": "video", "uri": "https://meet.google.com/abc-defg-hij" }],
        },
        "extendedProperties": { "private": { "other": "program" }, "shared": { "team": "red" } },
        "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 3 }] },
        "source": { "title": "Page", "url": "https://example.com/page" },
        "notYetInvented": { "deep": [1, { "two": null }, "three"] },
    });
    match event {
        Value::Object(event) => event,
        other => panic!("{other}"),
    }
}

/// The fields of an event, as Google documents them for programs.
fn documented() -> BTreeSet<String> {
    let packages = std::env::var("POSTERN_TEST_PYTHON_PACKAGES")
        .expect("POSTERN_TEST_PYTHON_PACKAGES names Google's client; start the tests with ./tests/run");
    let file = PathBuf::from(packages).join("googleapiclient/discovery_cache/documents/calendar.v3.json");
    let document: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    document["schemas"]["Event"]["properties"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn no_field_of_an_event_is_forgotten_here() {
    let known = everything().into_iter().map(|(key, _)| key).filter(|key| key != "notYetInvented");
    let others = NOT_WRITABLE.into_iter().chain(OF_OTHER_KINDS).map(str::to_owned);
    let known: BTreeSet<_> = known.chain(others).collect();
    assert_eq!(known, documented());
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_2_every_field_of_an_event_survives_edits_in_the_crm() {
    let world = World::new().await;
    world.anna().await;
    let event = world.google().put_event(ANNA, ANNA, Value::Object(everything())).unwrap();
    let shown = |world: &World| match world.google().event(ANNA, &event).unwrap() {
        Value::Object(shown) => shown,
        other => panic!("{other}"),
    };
    let mut expected = shown(&world);
    for (key, _) in everything() {
        assert!(expected.contains_key(&key), "this Google drops {key}");
    }
    world.rest().await;
    let meeting = world.only_meeting()["id"].as_str().unwrap().to_owned();
    let hand = world.crm.as_user(ANNA_ID);
    hand.edit("Meeting", &meeting, &json!({ "name": "Plan B" })).unwrap();
    assert_eq!(world.rest().await, 1);
    hand.edit("Meeting", &meeting, &json!({ "description": "Bring slides and tea" })).unwrap();
    assert_eq!(world.rest().await, 1);
    let mut now = shown(&world);
    expected.insert("summary".to_owned(), json!("Plan B"));
    expected.insert("description".to_owned(), json!("Bring slides and tea"));
    // What every change changes.
    for key in ["etag", "updated"] {
        assert_ne!(now.remove(key), expected.remove(key), "{key}");
    }
    assert_eq!(now, expected);
    world.nobody_was_told();
}
