//! What is cut off is taken up, and nothing is done twice.

use postern::google::calendar::event::SendUpdates;
use postern_sandbox::{CalendarFault, CalendarTrouble, CrmTrouble, Role};
use serde_json::json;

use super::world::{ANNA, ANNA_ID, World};

const TEN: (&str, &str) = ("2037-03-02 10:00:00", "2037-03-02 11:00:00");

#[tokio::test(flavor = "multi_thread")]
async fn an_event_whose_answer_was_lost_is_found_and_not_made_twice() {
    let world = World::new().await;
    world.anna().await;
    world.meeting("Kickoff", TEN.0, TEN.1);
    world.google().calendar_faults().next(CalendarFault::on("POST", "/events", CalendarTrouble::LoseAnswer));
    world.rest().await;
    assert_eq!(world.only_event()["summary"], "Kickoff");
    world
        .google()
        .edit_event(ANNA, ANNA, world.only_event()["id"].as_str().unwrap(), json!({ "summary": "B" }))
        .unwrap();
    world.rest().await;
    assert_eq!(world.only_meeting()["name"], "B");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_7_a_record_whose_answer_was_lost_is_found_and_not_made_twice() {
    let world = World::new().await;
    world.anna().await;
    world.event("Dentist", "2037-03-02T10:00:00Z", "2037-03-02T11:00:00Z");
    world.crm.faults().next(CrmTrouble::LoseAnswer.at("POST", "Meeting"));
    world.rest().await;
    assert_eq!(world.only_meeting()["name"], "Dentist");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_between_a_lost_answer_and_the_next_run_goes_over() {
    let world = World::new().await;
    world.anna().await;
    let meeting = world.meeting("Kickoff", TEN.0, TEN.1);
    world.google().calendar_faults().next(CalendarFault::on("POST", "/events", CalendarTrouble::LoseAnswer));
    world.run().await;
    let edit = json!({ "name": "Kickoff moved", "description": "Later" });
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &edit).unwrap();
    let event = world.event("Dentist", "2037-03-04T10:00:00Z", "2037-03-04T11:00:00Z");
    world.crm.faults().next(CrmTrouble::LoseAnswer.at("POST", "Meeting"));
    world.run().await;
    world.google().edit_event(ANNA, ANNA, &event, json!({ "description": "Bring the card" })).unwrap();
    world.rest().await;
    let (events, meetings) = (world.google().live_events(ANNA), world.crm.records("Meeting"));
    assert_eq!((events.len(), meetings.len()), (2, 2));
    let kickoff = events.iter().find(|event| event["summary"] == "Kickoff moved").unwrap();
    assert_eq!(kickoff["description"], "Later");
    let dentist = meetings.iter().find(|meeting| meeting["name"] == "Dentist").unwrap();
    assert_eq!(dentist["description"], "Bring the card");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_what_a_lost_answer_told_of_is_not_written_over() {
    let world = World::new().await;
    world.anna().await;
    world.meeting("Kickoff", TEN.0, TEN.1);
    world.google().calendar_faults().next(CalendarFault::on("POST", "/events", CalendarTrouble::LoseAnswer));
    world.run().await;
    let made = world.only_event()["id"].as_str().unwrap().to_owned();
    world.google().edit_event(ANNA, ANNA, &made, json!({ "summary": "Kickoff by Google" })).unwrap();
    let event = world.event("Dentist", "2037-03-04T10:00:00Z", "2037-03-04T11:00:00Z");
    world.crm.faults().next(CrmTrouble::LoseAnswer.at("POST", "Meeting"));
    world.run().await;
    let meetings = world.crm.records("Meeting");
    let dentist = meetings.iter().find(|meeting| meeting["name"] == "Dentist").unwrap();
    let edit = json!({ "description": "By the CRM" });
    world.crm.as_user(ANNA_ID).edit("Meeting", dentist["id"].as_str().unwrap(), &edit).unwrap();
    world.rest().await;
    let names: Vec<_> = world.crm.records("Meeting").iter().map(|meeting| meeting["name"].clone()).collect();
    assert!(names.contains(&json!("Kickoff by Google")) && names.len() == 2, "{names:?}");
    assert_eq!(world.google().event(ANNA, &event).unwrap()["description"], "By the CRM");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_moved_or_renamed_since_its_answer_was_lost_is_found_all_the_same() {
    let world = World::new().await;
    world.anna().await;
    for (day, edit) in [
        (2, json!({ "dateStart": TEN.0, "dateEnd": TEN.1 })),
        (3, json!({ "name": "Renamed" })),
        (4, json!({ "name": "Both", "dateStart": "2037-03-08 10:00:00", "dateEnd": "2037-03-08 11:00:00" })),
    ] {
        let (start, end) = (format!("2037-04-0{day}T10:00:00Z"), format!("2037-04-0{day}T11:00:00Z"));
        world.event(&format!("E{day}"), &start, &end);
        world.crm.faults().next(CrmTrouble::LoseAnswer.at("POST", "Meeting"));
        world.run().await;
        let meetings = world.crm.records("Meeting");
        let made = meetings.iter().find(|meeting| meeting["name"] == format!("E{day}")).unwrap();
        world.crm.as_user(ANNA_ID).edit("Meeting", made["id"].as_str().unwrap(), &edit).unwrap();
        world.rest().await;
        let both = (world.google().live_events(ANNA).len(), world.crm.records("Meeting").len());
        assert_eq!(both, (day - 1, day - 1), "{edit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_may_be_an_event_of_another_calendar_is_no_new_one() {
    const TEAM: &str = "team@group.calendar.google.com";
    let world = World::new().await;
    let (anna, main) = world.anna().await;
    world.google().add_calendar(ANNA, TEAM, "Team", "UTC");
    world.monitored(anna, main, TEAM).await;
    let times = ("2037-03-02T10:00:00Z", "2037-03-02T11:00:00Z");
    let event =
        json!({ "summary": "Plan", "start": { "dateTime": times.0 }, "end": { "dateTime": times.1 } });
    world.google().put_event(ANNA, TEAM, event).unwrap();
    world.crm.faults().next(CrmTrouble::LoseAnswer.at("POST", "Meeting"));
    world.run().await;
    let meeting = world.only_meeting()["id"].as_str().unwrap().to_owned();
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "description": "Mine" })).unwrap();
    world.run_only(main).await;
    assert!(world.google().live_events(ANNA).is_empty(), "nobody knows yet what the record is of");
    world.rest().await;
    assert_eq!(world.only_meeting()["id"].as_str(), Some(meeting.as_str()));
    assert_eq!((world.google().live_events(ANNA).len(), world.google().live_events(TEAM).len()), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn c_1_a_calendar_that_has_to_be_read_anew_loses_and_doubles_nothing() {
    let world = World::new().await;
    world.anna().await;
    for day in 1..9 {
        world.event(
            &format!("E{day}"),
            &format!("2037-03-0{day}T10:00:00Z"),
            &format!("2037-03-0{day}T11:00:00Z"),
        );
    }
    world.rest().await;
    let gone = world.google().live_events(ANNA)[3]["id"].as_str().unwrap().to_owned();
    world.google().delete_event(ANNA, ANNA, &gone).unwrap();
    world.google().expire_sync_tokens(ANNA);
    world.rest().await;
    assert_eq!((world.google().live_events(ANNA).len(), world.crm.records("Meeting").len()), (7, 7));
}

#[tokio::test(flavor = "multi_thread")]
async fn d_4_a_calendar_chosen_while_the_crm_is_down_makes_nothing_twice() {
    let world = World::new().await;
    world.anna().await;
    for day in 1..6 {
        let at = |hour: u8| format!("2037-03-0{day} {hour}:00:00");
        world.meeting(&format!("Plan {day}"), &at(10), &at(11));
        let at = |hour: u8| format!("2037-03-0{day}T{hour}:00:00Z");
        world.event(&format!("Plan {day}"), &at(10), &at(11));
    }
    for _ in 0..3 {
        world.crm.faults().next(CrmTrouble::Answer(503).at("GET", "Meeting"));
        world.run().await;
    }
    world.rest().await;
    assert_eq!((world.google().live_events(ANNA).len(), world.crm.records("Meeting").len()), (5, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn d_2_a_calendar_that_is_not_shared_any_more_proves_nothing_about_its_events() {
    let world = World::new().await;
    let (account, main) = world.anna().await;
    let google = world.google();
    google.add_user("boss@example.com");
    google.add_calendar("boss@example.com", "team@example.com", "Team", "UTC");
    google.share_calendar("team@example.com", ANNA, Role::Writer);
    world.monitored(account, main, "team@example.com").await;
    let event = json!({ "summary": "Shared", "start": { "dateTime": "2037-03-02T10:00:00Z" },
        "end": { "dateTime": "2037-03-02T11:00:00Z" } });
    let event = google.put_event("boss@example.com", "team@example.com", event).unwrap();
    world.rest().await;
    let meeting = world.only_meeting()["id"].as_str().unwrap().to_owned();
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "name": "Renamed" })).unwrap();
    google.unshare_calendar("team@example.com", ANNA);
    world.run().await;
    world.run().await;
    assert_eq!(world.only_meeting()["status"], "Planned", "nothing is deleted or called off");
    google.share_calendar("team@example.com", ANNA, Role::Writer);
    world.rest().await;
    assert_eq!(google.event("team@example.com", &event).unwrap()["summary"], "Renamed");
    assert_eq!(world.only_meeting()["name"], "Renamed");
}

#[tokio::test(flavor = "multi_thread")]
async fn l_2_an_event_that_moves_to_another_calendar_keeps_its_record() {
    let world = World::new().await;
    let (account, main) = world.anna().await;
    let google = world.google();
    google.add_calendar(ANNA, "second@example.com", "Second", "UTC");
    world.monitored(account, main, "second@example.com").await;
    let event = world.event("Moves", "2037-03-02T10:00:00Z", "2037-03-02T11:00:00Z");
    world.rest().await;
    let client = &world.gateway.parts.calendar;
    client.move_to(account, ANNA, &event, "second@example.com", SendUpdates::None).await.unwrap();
    world.rest().await;
    let live: Vec<_> = world.crm.records("Meeting");
    assert_eq!((live.len(), live[0]["name"].as_str()), (1, Some("Moves")));
    google.edit_event(ANNA, "second@example.com", &event, json!({ "summary": "Moved" })).unwrap();
    world.rest().await;
    assert_eq!(world.only_meeting()["name"], "Moved");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_we_wrote_ourselves_before_an_answer_was_lost_beats_no_edit() {
    let world = World::new().await;
    world.anna().await;
    let event = world.event("Dentist", "2037-03-02T10:00:00Z", "2037-03-02T11:00:00Z");
    world.rest().await;
    world.google().edit_event(ANNA, ANNA, &event, json!({ "summary": "First" })).unwrap();
    world.crm.faults().next(CrmTrouble::LoseAnswer.at("PUT", "Meeting"));
    world.run().await;
    world.google().edit_event(ANNA, ANNA, &event, json!({ "summary": "Second" })).unwrap();
    world.rest().await;
    assert_eq!(world.only_meeting()["name"], "Second");
    assert_eq!(world.only_event()["summary"], "Second");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_3_an_event_whose_answer_is_lost_twice_is_no_new_one() {
    let world = World::new().await;
    world.anna().await;
    world.meeting("Kickoff", TEN.0, TEN.1);
    for _ in 0..2 {
        let lost = CalendarFault::on("POST", "/events", CalendarTrouble::LoseAnswer);
        world.google().calendar_faults().next(lost);
        world.run().await;
    }
    world.rest().await;
    assert_eq!(world.only_event()["summary"], "Kickoff");
    assert_eq!(world.only_meeting()["name"], "Kickoff");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_3_an_event_whose_answer_was_lost_goes_with_its_record() {
    let world = World::new().await;
    world.anna().await;
    for (name, edit) in [("Kickoff", None), ("Review", Some(json!({ "description": "Bring the plan" })))] {
        let meeting = world.meeting(name, TEN.0, TEN.1);
        let lost = CalendarFault::on("POST", "/events", CalendarTrouble::LoseAnswer);
        world.google().calendar_faults().next(lost);
        world.run().await;
        let made = world.only_event()["id"].as_str().unwrap().to_owned();
        if let Some(edit) = edit {
            world.google().edit_event(ANNA, ANNA, &made, edit).unwrap();
        }
        world.crm.as_user(ANNA_ID).delete("Meeting", &meeting).unwrap();
        world.rest().await;
        let left = (world.google().live_events(ANNA).len(), world.crm.records("Meeting").len());
        assert_eq!(left, (0, 0), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_was_never_made_is_not_waited_for_when_its_record_is_gone() {
    let world = World::new().await;
    world.anna().await;
    let meeting = world.meeting("Kickoff", TEN.0, TEN.1);
    let failed = CalendarFault::on("POST", "/events", CalendarTrouble::server_error(500));
    world.google().calendar_faults().always(failed);
    world.run().await;
    assert!(world.google().live_events(ANNA).is_empty(), "it was not made");
    world.google().calendar_faults().clear();
    world.crm.as_user(ANNA_ID).delete("Meeting", &meeting).unwrap();
    world.rest().await;
    assert!(world.google().live_events(ANNA).is_empty());
    let pairs = world.raw().await.words("SELECT role FROM links").await;
    assert!(pairs.is_empty(), "nothing is left of the pair");
}

// A process that ends in the middle of that, where a test can put it.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_never_made_is_made_though_its_pair_could_not_be_forgotten_at_once() {
    let world = World::new().await;
    world.anna().await;
    world.event("Dentist", "2037-03-02T10:00:00Z", "2037-03-02T11:00:00Z");
    world.crm.faults().next(CrmTrouble::Close.at("POST", "Meeting"));
    world.run().await;
    let mut raw = world.raw().await;
    assert_eq!(raw.count("intents").await, 1, "nobody knows whether it was made");
    raw.run("CREATE TRIGGER ends BEFORE DELETE ON links BEGIN SELECT RAISE(ABORT, 'it ends here'); END")
        .await;
    world.run().await;
    raw.run("DROP TRIGGER ends").await;
    world.rest().await;
    assert_eq!(world.only_meeting()["name"], "Dentist");
}
