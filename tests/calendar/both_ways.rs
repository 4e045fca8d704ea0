//! What people do on one side is seen on the other, once, and then all is quiet.

use std::collections::BTreeSet;
use std::time::Duration;

use postern::actions::By;
use postern::actions::calendars::choose::{Wanted, choose};
use postern::actions::calendars::teams::Teams;
use postern::store::sync::{calendars, google_seen, holds};
use postern_core::model::actor::Actor;
use postern_core::plan::calendar::choices::Choices;
use postern_core::plan::policy::Direction;
use postern_sandbox::{CalendarFault, CalendarTrouble, CrmTrouble, EventField};
use serde_json::json;

use super::world::{ANNA, ANNA_ID, BEN, BEN_ID, World};

const TEN: (&str, &str) = ("2037-03-02 10:00:00", "2037-03-02 11:00:00");

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_of_the_crm_is_an_event_and_its_edits_come_back() {
    let world = World::new().await;
    world.anna().await;
    let meeting = world.meeting("Kickoff", TEN.0, TEN.1);
    assert_eq!(world.rest().await, 1);
    let event = world.only_event();
    assert_eq!(event["summary"], "Kickoff");
    let id = event["id"].as_str().unwrap();
    world
        .google()
        .edit_event(ANNA, ANNA, id, json!({ "summary": "Kickoff at last", "location": "Room 1" }))
        .unwrap();
    assert_eq!(world.rest().await, 1);
    assert_eq!(world.crm.record("Meeting", &meeting).unwrap()["name"], "Kickoff at last");
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "description": "Bring slides" })).unwrap();
    assert_eq!(world.rest().await, 1);
    let event = world.only_event();
    assert_eq!(
        (event["description"].as_str(), event["location"].as_str()),
        (Some("Bring slides"), Some("Room 1"))
    );
    assert_eq!(world.google().calendar_counters().guest_mails, 0);
    assert_eq!(world.google().calendar_counters().guest_calendars, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_google_is_a_meeting_and_its_edits_come_back() {
    let world = World::new().await;
    world.anna().await;
    let event = world.event("Dentist", "2037-03-02T10:00:00+01:00", "2037-03-02T10:30:00+01:00");
    assert_eq!(world.rest().await, 1);
    let meeting = world.only_meeting();
    assert_eq!(meeting["name"], "Dentist");
    assert_eq!(
        (meeting["dateStart"].as_str(), meeting["assignedUserId"].as_str()),
        (Some("2037-03-02 09:00:00"), Some(ANNA_ID))
    );
    let id = meeting["id"].as_str().unwrap();
    world.crm.as_user(ANNA_ID).edit("Meeting", id, &json!({ "dateStart": TEN.0, "dateEnd": TEN.1 })).unwrap();
    assert_eq!(world.rest().await, 1);
    let moved = world.google().event(ANNA, &event).unwrap();
    let start = moved["start"]["dateTime"].as_str().unwrap();
    assert!(
        start.starts_with("2037-03-02T11:00:00+01:00") || start.starts_with("2037-03-02T10:00:00Z"),
        "{start}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn d_5_what_is_deleted_where_it_was_made_goes_on_the_other_side_too() {
    let world = World::new().await;
    world.anna().await;
    let meeting = world.meeting("Made here", TEN.0, TEN.1);
    let event = world.event("Made there", "2037-03-03T10:00:00Z", "2037-03-03T11:00:00Z");
    assert_eq!(world.rest().await, 1);
    assert_eq!(world.google().live_events(ANNA).len(), 2);
    assert_eq!(world.crm.records("Meeting").len(), 2);
    world.google().delete_event(ANNA, ANNA, &event).unwrap();
    assert_eq!(world.rest().await, 1);
    assert_eq!(world.only_meeting()["id"].as_str(), Some(meeting.as_str()));
    let only = world.only_event();
    world.google().delete_event(ANNA, ANNA, only["id"].as_str().unwrap()).unwrap();
    assert_eq!(world.rest().await, 1);
    assert_eq!(world.only_meeting()["status"], "Not Held", "made in the CRM: called off, not deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_brought_back_is_a_meeting_again_and_one_that_was_called_off_stays_so() {
    let world = World::new().await;
    world.anna().await;
    let meeting = world.meeting("Made here", TEN.0, TEN.1);
    let event = world.event("Made there", "2037-03-03T10:00:00Z", "2037-03-03T11:00:00Z");
    world.rest().await;
    for event in world.google().live_events(ANNA) {
        world.google().delete_event(ANNA, ANNA, event["id"].as_str().unwrap()).unwrap();
    }
    world.rest().await;
    assert_eq!(world.only_meeting()["id"].as_str(), Some(meeting.as_str()));
    world.google().edit_event(ANNA, ANNA, &event, json!({ "status": "confirmed" })).unwrap();
    world.rest().await;
    let names: Vec<_> = world.crm.records("Meeting").iter().map(|meeting| meeting["name"].clone()).collect();
    assert_eq!((names.len(), names.contains(&json!("Made there"))), (2, true), "{names:?}");
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "description": "Later" })).unwrap();
    world.rest().await;
    assert_eq!(world.only_event()["id"].as_str(), Some(event.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_1_a_first_run_on_both_sides_full_adopts_and_makes_nothing_twice() {
    let world = World::new().await;
    world.anna().await;
    for n in 10..40 {
        let (start, end) =
            (format!("2037-03-{:02} 10:00:00", n % 28 + 1), format!("2037-03-{:02} 11:00:00", n % 28 + 1));
        world.meeting(&format!("Plan {n}"), &start, &end);
        let (start, end) = (start.replace(' ', "T") + "Z", end.replace(' ', "T") + "Z");
        world.event(&format!("Plan {n}"), &start, &end);
    }
    let before = world.writes();
    world.run().await;
    assert_eq!(world.writes(), before, "adoption writes nothing");
    assert_eq!((world.google().live_events(ANNA).len(), world.crm.records("Meeting").len()), (30, 30));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_at_rest_costs_one_request_of_google_and_two_of_the_crm() {
    let world = World::new().await;
    world.anna().await;
    world.meeting("Kickoff", TEN.0, TEN.1);
    world.event("Dentist", "2037-03-03T10:00:00Z", "2037-03-03T11:00:00Z");
    world.rest().await;
    world.google().clear_calendar_counters();
    world.crm.forget_requests();
    world.run().await;
    let google: u64 = world.google().calendar_counters().requests.values().sum();
    assert_eq!(google, 1, "{:?}", world.google().calendar_counters().requests);
    assert_eq!((world.crm.requests("GET", "Meeting"), world.crm.requests("GET", "Call")), (1, 1));
    assert_eq!(world.crm.requests("", ""), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn k_1_a_private_event_is_not_copied_and_its_words_are_stored_nowhere() {
    let world = World::new().await;
    let (_, calendar) = world.anna().await;
    let event = json!({
        "summary": "Verysecrettitle", "description": "Verysecretwords", "visibility": "private",
        "start": { "dateTime": "2037-03-02T10:00:00Z" }, "end": { "dateTime": "2037-03-02T11:00:00Z" },
    });
    let event = world.google().put_event(ANNA, ANNA, event).unwrap();
    world.rest().await;
    assert!(world.crm.records("Meeting").is_empty());
    let store = &world.gateway.parts.store;
    let seen = google_seen::get(store, &mut store.read().await.unwrap(), calendar, &event).await.unwrap();
    let seen = seen.unwrap().content.unwrap();
    assert!(seen.contains(&event) && !seen.contains("Verysecret"), "{seen}");
    for file in std::fs::read_dir(world.gateway.dir.path()).unwrap().map(|file| file.unwrap().path()) {
        let octets = if file.is_file() { std::fs::read(&file).unwrap() } else { Vec::new() };
        let told = octets.windows(10).any(|window| window == b"Verysecret");
        assert!(!told, "{} holds it", file.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_4_both_edited_the_later_one_wins_and_other_fields_are_kept() {
    let world = World::new().await;
    world.anna().await;
    let meeting = world.meeting("Kickoff", TEN.0, TEN.1);
    world.rest().await;
    let event = world.only_event()["id"].as_str().unwrap().to_owned();
    let hand = world.crm.as_user(ANNA_ID);
    hand.edit("Meeting", &meeting, &json!({ "name": "By the CRM", "description": "Kept" })).unwrap();
    world.google().clock().advance(std::time::Duration::from_secs(600));
    world.google().edit_event(ANNA, ANNA, &event, json!({ "summary": "By Google" })).unwrap();
    world.rest().await;
    let (event, meeting) = (world.only_event(), world.only_meeting());
    assert_eq!((event["summary"].as_str(), meeting["name"].as_str()), (Some("By Google"), Some("By Google")));
    assert_eq!(
        (event["description"].as_str(), meeting["description"].as_str()),
        (Some("Kept"), Some("Kept"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn d_1_rule_6_1_many_deletions_wait_for_a_person_and_an_approval_is_good_for_them_alone() {
    let world = World::new().await;
    world.anna().await;
    let day = |n: usize| (format!("2037-03-{n:02} 10:00:00"), format!("2037-03-{n:02} 11:00:00"));
    let plan = |n: usize| world.meeting(&format!("Plan {n}"), &day(n).0, &day(n).1);
    let meetings: Vec<_> = (1..=24).map(plan).collect();
    world.rest().await;
    let remove = |meetings: &[String]| {
        meetings.iter().for_each(|id| world.crm.as_user(ANNA_ID).delete("Meeting", id).unwrap());
    };
    let left = || world.google().live_events(ANNA).len();
    remove(&meetings[..11]);
    world.sweep().await;
    assert_eq!(left(), 24, "eleven at once are held");
    let store = &world.gateway.parts.store;
    let pending = async || holds::pending(store, &mut store.read().await.unwrap(), 10).await.unwrap();
    let held = pending().await;
    assert_eq!((held.len(), held[0].class.as_str(), held[0].count), (1, "delete", 11));
    let by = By::new(Actor::CommandLine("anna".to_owned()), store.dice()).unwrap();
    assert!(postern::actions::holds::approve(store, &by, held[0].id).await.is_ok());
    remove(&meetings[11..22]);
    world.sweep().await;
    assert_eq!(left(), 13, "those that were approved are done, the others are another plan");
    assert_eq!(pending().await[0].count, 11);
    world.run().await;
    assert_eq!(left(), 13, "an approval is good once");
    let rejected = pending().await[0].id;
    assert!(postern::actions::holds::reject(store, &by, rejected).await.is_ok());
    world.run().await;
    assert_eq!((left(), pending().await.len()), (13, 0), "what was rejected is not asked again");
    let edit = json!({ "summary": "Edited since" });
    for event in world.google().live_events(ANNA) {
        world.google().edit_event(ANNA, ANNA, event["id"].as_str().unwrap(), edit.clone()).unwrap();
    }
    world.sweep().await;
    assert_eq!((left(), pending().await.len()), (13, 0), "nor when its event changes");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_6_1_where_a_side_has_lost_more_than_half_a_person_is_asked_for_each_deletion() {
    let world = World::new().await;
    world.anna().await;
    let at =
        |n: usize, hour: u8| (format!("2037-03-{n:02} {hour}:00:00"), format!("2037-03-{n:02} {hour}:30:00"));
    let meetings: Vec<_> =
        (1..=4).map(|n| world.meeting(&format!("Here {n}"), &at(n, 10).0, &at(n, 10).1)).collect();
    for n in 1..=12 {
        world.event(
            &format!("There {n}"),
            &format!("2037-03-{n:02}T12:00:00Z"),
            &format!("2037-03-{n:02}T12:30:00Z"),
        );
    }
    world.rest().await;
    let made_there = world.crm.records("Meeting").into_iter().map(|it| it["id"].as_str().unwrap().to_owned());
    let made_there: Vec<_> = made_there.filter(|id| !meetings.contains(id)).collect();
    // Three deletions at Google would be far below every cap; eight events would be left alone.
    for id in meetings[..3].iter().chain(&made_there[..8]) {
        world.crm.as_user(ANNA_ID).delete("Meeting", id).unwrap();
    }
    world.sweep().await;
    let store = &world.gateway.parts.store;
    let pending = async || holds::pending(store, &mut store.read().await.unwrap(), 10).await.unwrap();
    let left = || world.google().live_events(ANNA).len();
    for _ in 0..2 {
        let held = pending().await;
        let of = |held: &holds::Hold| (held.class.clone(), held.count);
        assert_eq!(held.iter().map(of).collect::<Vec<_>>(), [("halved".to_owned(), 11)]);
        assert_eq!(left(), 16, "nothing was deleted");
        world.run().await;
    }
    let by = By::new(Actor::CommandLine("anna".to_owned()), store.dice()).unwrap();
    assert!(postern::actions::holds::approve(store, &by, pending().await[0].id).await.is_ok());
    world.rest().await;
    assert_eq!((left(), pending().await.len()), (13, 0), "three deleted, what was made in Google stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_3_9_what_was_made_in_the_crm_follows_its_user_and_what_was_made_in_google_stays() {
    let world = World::new().await;
    world.anna().await;
    world.ben().await;
    let made_here = world.meeting("Made here", TEN.0, TEN.1);
    world.event("Made there", "2037-03-03T10:00:00Z", "2037-03-03T11:00:00Z");
    world.rest().await;
    let assign = |user: &str| {
        for meeting in world.crm.records("Meeting") {
            let change = json!({ "assignedUserId": user });
            world.crm.as_user(ANNA_ID).edit("Meeting", meeting["id"].as_str().unwrap(), &change).unwrap();
        }
    };
    let titles = |calendar: &str| {
        let events = world.google().live_events(calendar).into_iter();
        let mut titles: Vec<_> = events.map(|event| event["summary"].as_str().unwrap().to_owned()).collect();
        titles.sort();
        titles
    };
    assign(BEN_ID);
    // A new event before the old one goes: the order of the writes.
    world.google().calendar_faults().next(CalendarFault::on("POST", "/events", CalendarTrouble::LoseAnswer));
    world.run().await;
    assert_eq!(
        (titles(ANNA), titles(BEN)),
        (vec!["Made here".into(), "Made there".into()], vec!["Made here".into()])
    );
    world.rest().await;
    assert_eq!((titles(ANNA), titles(BEN)), (vec!["Made there".to_owned()], vec!["Made here".to_owned()]));
    let edit = json!({ "name": "Moved", "description": "Kept in step" });
    world.crm.as_user(BEN_ID).edit("Meeting", &made_here, &edit).unwrap();
    world.rest().await;
    assert_eq!(titles(BEN), ["Moved"]);
    assign(ANNA_ID);
    world.rest().await;
    assert_eq!((titles(ANNA).len(), titles(BEN).len(), world.crm.records("Meeting").len()), (2, 0, 2));
    let counters = world.google().calendar_counters();
    assert_eq!((counters.guest_mails, counters.guest_calendars), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_3_9_a_record_that_moves_back_before_its_first_event_is_gone_has_one() {
    let world = World::new().await;
    world.anna().await;
    world.ben().await;
    let meeting = world.meeting("There and back", TEN.0, TEN.1);
    world.rest().await;
    let assign = |user: &str| {
        world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "assignedUserId": user })).unwrap();
    };
    let left = |calendar: &str| world.google().live_events(calendar).len();
    let silent = |method: &str, whose: &str| {
        let faults = world.google().calendar_faults();
        faults.clear();
        faults.always_for(whose, CalendarFault::on(method, "/events", CalendarTrouble::Close));
    };
    assign(BEN_ID);
    silent("POST", BEN);
    world.run().await;
    // The second event is made, and the first one is not gone yet.
    silent("GET", ANNA);
    world.run().await;
    assert_eq!((left(ANNA), left(BEN)), (1, 1));
    assign(ANNA_ID);
    world.run().await;
    world.google().calendar_faults().clear();
    world.rest().await;
    assert_eq!((left(ANNA), left(BEN), world.crm.records("Meeting").len()), (1, 0, 1));
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_5_4_two_synchronisations_of_one_user_do_not_double_everything() {
    let world = World::new().await;
    world.crm.set_event_field(EventField::Module);
    let (_, calendar) = world.anna().await;
    let meeting = world.meeting("Kickoff", TEN.0, TEN.1);
    world.rest().await;
    let named = world.crm.record("Meeting", &meeting).unwrap()["googleCalendarEventId"].clone();
    assert_eq!(named, world.only_event()["id"]);
    let twin = world.event("Kickoff", "2037-03-02T10:00:00Z", "2037-03-02T11:00:00Z");
    let names = json!({ "googleCalendarEventId": twin });
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &names).unwrap();
    let before = world.writes();
    world.run().await;
    let store = &world.gateway.parts.store;
    let fault = async || {
        let calendar = calendars::get(store, &mut store.read().await.unwrap(), calendar).await.unwrap();
        calendar.unwrap().fault
    };
    assert_eq!((fault().await.as_deref(), world.writes()), (Some("crm_syncs_too"), before));
    world.google().delete_event(ANNA, ANNA, &twin).unwrap();
    world.run().await;
    assert_eq!((fault().await, world.crm.records("Meeting").len()), (None, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_5_4_a_record_that_was_copied_is_no_other_synchronisation_whatever_the_clocks_say() {
    let world = World::behind(Duration::from_secs(600)).await;
    world.crm.set_event_field(EventField::Module);
    let (_, calendar) = world.anna().await;
    let meeting = world.meeting("Kickoff", TEN.0, TEN.1);
    world.rest().await;
    // Of what is private nothing is kept, our own mark neither.
    let first = world.only_event()["id"].as_str().unwrap().to_owned();
    world.google().edit_event(ANNA, ANNA, &first, json!({ "visibility": "private" })).unwrap();
    world.rest().await;
    let hand = world.crm.as_user(ANNA_ID);
    let copy = hand.copy("Meeting", &meeting).unwrap();
    hand.edit("Meeting", &copy, &json!({ "name": "Copy" })).unwrap();
    world.crm.faults().next(CrmTrouble::Answer(500).at("PUT", "Meeting"));
    world.run().await;
    assert_eq!(world.crm.record("Meeting", &copy).unwrap()["googleCalendarEventId"], first);
    let events = world.google().live_events(ANNA);
    let second = events.iter().find(|event| event["summary"] == "Copy").unwrap();
    let edit = json!({ "description": "Edited" });
    world.google().edit_event(ANNA, ANNA, second["id"].as_str().unwrap(), edit).unwrap();
    world.rest().await;
    let store = &world.gateway.parts.store;
    let calendar = calendars::get(store, &mut store.read().await.unwrap(), calendar).await.unwrap();
    assert_eq!(calendar.unwrap().fault, None);
    assert_eq!(world.crm.record("Meeting", &copy).unwrap()["description"], "Edited");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_2_an_event_of_two_connected_people_is_written_where_it_is_organized() {
    let world = World::new().await;
    let (_, annas) = world.anna().await;
    world.ben().await;
    let event = json!({
        "summary": "Review", "attendees": [{ "email": ANNA }],
        "start": { "dateTime": "2037-03-02T10:00:00Z" }, "end": { "dateTime": "2037-03-02T11:00:00Z" },
    });
    let id = world.google().put_event(BEN, BEN, event).unwrap();
    world.run_only(annas).await;
    let meeting = world.only_meeting()["id"].as_str().unwrap().to_owned();
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "name": "Review at last" })).unwrap();
    world.rest().await;
    assert_eq!(world.google().event(BEN, &id).unwrap()["summary"], "Review at last");
    assert_eq!(world.google().event(ANNA, &id).unwrap()["summary"], "Review at last");
    assert_eq!(world.only_meeting()["id"].as_str(), Some(meeting.as_str()));
    assert_eq!(world.google().calendar_counters().guest_mails, 0);
}

// The copy names the event that its original has, and is assigned to the one who organizes it.
#[tokio::test(flavor = "multi_thread")]
async fn a_2_a_copied_record_does_not_keep_an_event_from_where_it_is_organized() {
    let world = World::new().await;
    world.crm.set_event_field(EventField::Module);
    let (_, annas) = world.anna().await;
    world.ben().await;
    world.rest().await;
    let event = json!({
        "summary": "Review", "attendees": [{ "email": ANNA }],
        "start": { "dateTime": "2037-03-02T10:00:00Z" }, "end": { "dateTime": "2037-03-02T11:00:00Z" },
    });
    let id = world.google().put_event(BEN, BEN, event).unwrap();
    world.run_only(annas).await;
    let meeting = world.only_meeting()["id"].as_str().unwrap().to_owned();
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "name": "Review at last" })).unwrap();
    let copy = world.crm.as_user(ANNA_ID).copy("Meeting", &meeting).unwrap();
    world.crm.as_user(ANNA_ID).edit("Meeting", &copy, &json!({ "name": "Another" })).unwrap();
    world.crm.as_user(ANNA_ID).edit("Meeting", &copy, &json!({ "assignedUserId": BEN_ID })).unwrap();
    world.rest().await;
    for who in [ANNA, BEN] {
        assert_eq!(world.google().event(who, &id).unwrap()["summary"], "Review at last");
    }
    assert_eq!(world.crm.record("Meeting", &copy).unwrap()["name"], "Another");
    assert_eq!(world.google().calendar_counters().guest_mails, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_4_other_choices_hold_for_what_is_there_and_much_of_it_waits_for_a_person() {
    let world = World::new().await;
    let (anna, main) = world.anna().await;
    let store = &world.gateway.parts.store;
    let by = By::new(Actor::CommandLine("anna".to_owned()), store.dice()).unwrap();
    let chosen = async |direction: Direction, version: i64| {
        let choices = Choices { direction, ..Choices::default() };
        let wanted = Wanted { main: Some(main), monitored: BTreeSet::new(), choices, defaults: None };
        assert!(choose(store, (&by, &Teams::default()), anna, &wanted, version).await.unwrap());
    };
    chosen(Direction::ToCrm, 0).await;
    let day = |n: usize| (format!("2037-03-{n:02} 10:00:00"), format!("2037-03-{n:02} 11:00:00"));
    for n in 1..=4 {
        world.meeting(&format!("Few {n}"), &day(n).0, &day(n).1);
    }
    world.rest().await;
    assert!(world.google().live_events(ANNA).is_empty());
    chosen(Direction::Both, 1).await;
    world.rest().await;
    assert_eq!(world.google().live_events(ANNA).len(), 4, "a few go over at once");
    chosen(Direction::ToCrm, 2).await;
    for n in 11..=25 {
        world.meeting(&format!("Many {n}"), &day(n).0, &day(n).1);
    }
    world.rest().await;
    chosen(Direction::Both, 3).await;
    let fresh = world.meeting("Made since", &day(26).0, &day(26).1);
    world.rest().await;
    assert_eq!(world.google().live_events(ANNA).len(), 5, "and of many only what was made since");
    let held = holds::pending(store, &mut store.read().await.unwrap(), 10).await.unwrap();
    assert_eq!((held.len(), held[0].class.as_str(), held[0].count), (1, "replan", 15));
    assert!(postern::actions::holds::approve(store, &by, held[0].id).await.is_ok());
    world.rest().await;
    assert_eq!((world.google().live_events(ANNA).len(), world.crm.records("Meeting").len()), (20, 20));
    assert!(world.crm.record("Meeting", &fresh).is_some());
}
