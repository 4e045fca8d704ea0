//! The ways in which people were told, shown or refused what nobody meant, and one
//! thing that is wrong has stopped all others.

use std::time::Duration;

use postern_core::model::account::State;
use postern_sandbox::CrmTrouble;
use serde_json::{Value, json};

use super::world::{ANNA, ANNA_ID, World};

impl World {
    /// An event of Anna's to which somebody outside is invited, and its meeting.
    async fn with_guest(&self) -> (String, String) {
        let event = json!({
            "summary": "Plan", "start": { "dateTime": "2037-03-02T10:00:00Z" }, "end": { "dateTime": "2037-03-02T11:00:00Z" },
            "attendees": [
                { "email": "eva@outside.test", "responseStatus": "accepted", "comment": "Gladly", "additionalGuests": 2 },
                { "email": "room@outside.test", "responseStatus": "tentative", "optional": true, "notYetKnown": { "deep": [1] } },
            ],
        });
        let event = self.google().put_event(ANNA, ANNA, event).unwrap();
        self.rest().await;
        let meeting = self.only_meeting()["id"].as_str().unwrap().to_owned();
        (event, meeting)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e_1_nobody_outside_is_written_to_whatever_happens_in_the_crm() {
    let world = World::new().await;
    world.anna().await;
    let (event, meeting) = world.with_guest().await;
    let crm = || world.crm.as_user(ANNA_ID);
    crm().edit("Meeting", &meeting, &json!({ "name": "Plan B" })).unwrap();
    world.rest().await;
    assert_eq!(world.google().event(ANNA, &event).unwrap()["summary"], "Plan B");
    let moved = json!({ "dateStart": "2037-03-04 10:00:00", "dateEnd": "2037-03-04 11:00:00" });
    crm().edit("Meeting", &meeting, &moved).unwrap();
    world.rest().await;
    let start = |world: &World| world.google().event(ANNA, &event).unwrap()["start"]["dateTime"].clone();
    assert!(start(&world).as_str().unwrap().starts_with("2037-03-02"), "what guests would notice waits");
    crm().edit("Meeting", &meeting, &json!({ "status": "Not Held" })).unwrap();
    world.rest().await;
    crm().delete("Meeting", &meeting).unwrap();
    world.sweep().await;
    world.rest().await;
    assert_eq!(world.google().live_events(ANNA).len(), 1);
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn e_2_guests_and_what_they_answered_survive_an_edit_in_the_crm() {
    let world = World::new().await;
    world.anna().await;
    let (event, meeting) = world.with_guest().await;
    let guests = |world: &World| world.google().event(ANNA, &event).unwrap()["attendees"].clone();
    let before = guests(&world);
    let edit = json!({ "name": "Plan B", "description": "Bring slides" });
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &edit).unwrap();
    world.rest().await;
    assert_eq!(world.google().event(ANNA, &event).unwrap()["description"], "Bring slides");
    assert_eq!((guests(&world), before[1]["notYetKnown"]["deep"][0].clone()), (before, json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn e_3_rule_2_2_an_event_of_somebody_else_is_not_written_and_not_tried_again() {
    let world = World::new().await;
    world.anna().await;
    let event = json!({
        "iCalUID": "theirs@outside.test", "summary": "Their plan", "organizer": { "email": "eva@outside.test" },
        "start": { "dateTime": "2037-03-02T10:00:00Z" }, "end": { "dateTime": "2037-03-02T11:00:00Z" },
        "attendees": [{ "email": ANNA, "responseStatus": "accepted" }],
    });
    let event = world.google().invite(ANNA, event).unwrap();
    world.rest().await;
    let meeting = world.only_meeting()["id"].as_str().unwrap().to_owned();
    let edit =
        json!({ "name": "Our plan", "dateStart": "2037-03-05 10:00:00", "dateEnd": "2037-03-05 11:00:00" });
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &edit).unwrap();
    world.google().clear_calendar_counters();
    world.sweep().await;
    world.run().await;
    world.run().await;
    assert_eq!(world.google().calendar_counters().writes, 0);
    assert_eq!(world.google().calendar_counters().total(), 3, "one list in a run");
    assert_eq!(world.google().event(ANNA, &event).unwrap()["summary"], "Their plan");
    assert_eq!(world.only_meeting()["name"], "Our plan");
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn i_3_a_grant_that_was_revoked_is_told_and_asked_for_no_more() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    world.event("Dentist", "2037-03-02T10:00:00Z", "2037-03-02T11:00:00Z");
    world.rest().await;
    world.google().revoke(ANNA);
    world.run().await;
    assert_eq!(world.gateway.account(anna).await.state, State::NeedsConsent);
    let asked =
        |world: &World| (world.google().token_requests().len(), world.google().calendar_counters().total());
    let before = asked(&world);
    world.google().clock().advance(Duration::from_secs(3_600));
    for _ in 0..3 {
        world.run().await;
    }
    assert_eq!(asked(&world), before);
    assert_eq!(world.only_meeting()["status"], "Planned");
}

#[tokio::test(flavor = "multi_thread")]
async fn j_1_one_record_that_is_refused_stops_no_other() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    for day in 1..6 {
        let (start, end) = (format!("2037-03-0{day}T10:00:00Z"), format!("2037-03-0{day}T11:00:00Z"));
        world.event(&format!("E{day}"), &start, &end);
    }
    world.crm.faults().next(CrmTrouble::Answer(400).at("POST", "Meeting"));
    world.run().await;
    assert_eq!(world.crm.records("Meeting").len(), 4);
    assert_eq!(world.waiting(anna).await.letters.len(), 1);
    world.event("E6", "2037-03-06T10:00:00Z", "2037-03-06T11:00:00Z");
    world.rest().await;
    assert_eq!(world.crm.records("Meeting").len(), 5, "and the calendar goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn k_2_guests_become_no_contacts() {
    let world = World::new().await;
    world.anna().await;
    world.with_guest().await;
    let made: Vec<Value> =
        ["Contact", "Lead", "Account"].into_iter().flat_map(|entity| world.crm.records(entity)).collect();
    assert!(made.is_empty(), "{made:?}");
    for entity in ["Contact", "Lead", "Account"] {
        assert_eq!(world.crm.requests("POST", entity), 0);
    }
}
