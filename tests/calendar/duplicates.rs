//! The ways in which things have come to be there twice, or were written without end.

use postern::app;
use postern::store::Write as _;
use postern::store::sync::calendars;
use postern_core::plan::link::State;
use postern_sandbox::EventField;
use serde_json::json;

use super::world::{ANNA, ANNA_ID, World};

const TEN: (&str, &str) = ("2037-03-02 10:00:00", "2037-03-02 11:00:00");

impl World {
    /// How many events Anna's calendar shows, and how many meetings the CRM.
    fn both(&self) -> (usize, usize) {
        (self.google().live_events(ANNA).len(), self.crm.records("Meeting").len())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_1_rule_3_3_with_our_database_lost_nothing_is_made_again() {
    for field in [EventField::Absent, EventField::Custom] {
        let world = World::new().await;
        world.crm.set_event_field(field);
        world.anna().await;
        for day in 1..7 {
            let at = |hour: u8| format!("2037-03-0{day} {hour}:00:00");
            world.meeting(&format!("Made here {day}"), &at(10), &at(11));
            let at = |hour: u8| format!("2037-03-0{day}T{hour}:00:00Z");
            world.event(&format!("Made there {day}"), &at(12), &at(13));
        }
        world.rest().await;
        assert_eq!(world.both(), (12, 12));
        let world = world.anew().await;
        world.anna().await;
        let before = world.writes();
        world.rest().await;
        assert_eq!((world.both(), world.writes()), ((12, 12), before), "{field:?}");
        let event = world.google().live_events(ANNA)[0].clone();
        let edit = json!({ "summary": "In step again" });
        world.google().edit_event(ANNA, ANNA, event["id"].as_str().unwrap(), edit).unwrap();
        world.rest().await;
        let names: Vec<_> = world.crm.records("Meeting").iter().map(|it| it["name"].clone()).collect();
        assert!(names.contains(&json!("In step again")), "{names:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d_6_what_was_made_in_google_before_our_database_was_lost_is_still_ours_to_delete() {
    let world = World::new().await;
    world.anna().await;
    world.meeting("Made here", TEN.0, TEN.1);
    world.event("Made there", "2037-03-03T10:00:00Z", "2037-03-03T11:00:00Z");
    world.rest().await;
    let world = world.anew().await;
    world.anna().await;
    world.rest().await;
    assert_eq!(world.both(), (2, 2));
    for meeting in world.crm.records("Meeting") {
        world.crm.as_user(ANNA_ID).delete("Meeting", meeting["id"].as_str().unwrap()).unwrap();
    }
    world.sweep().await;
    world.rest().await;
    assert_eq!(world.only_event()["summary"], "Made there", "ours is no orphan, and theirs stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_4_an_event_that_was_deleted_and_is_wanted_again_gets_another_identity() {
    let world = World::new().await;
    world.anna().await;
    let meeting = world.meeting("Kickoff", TEN.0, TEN.1);
    world.rest().await;
    let mut used = Vec::new();
    for n in 0..3 {
        let event = world.only_event()["id"].as_str().unwrap().to_owned();
        assert!(!used.contains(&event));
        world.google().delete_event(ANNA, ANNA, &event).unwrap();
        used.push(event);
        let edit = json!({ "name": format!("Kickoff {n}") });
        world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &edit).unwrap();
        assert_eq!(world.rest().await, 1);
        assert_eq!(world.only_event()["summary"], format!("Kickoff {n}"));
    }
    assert_eq!(world.only_meeting()["id"].as_str(), Some(meeting.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_4_a_copy_of_a_record_is_an_event_of_its_own() {
    let world = World::new().await;
    world.crm.set_event_field(EventField::Custom);
    world.anna().await;
    let meeting = world.meeting("Kickoff", TEN.0, TEN.1);
    world.rest().await;
    let copy = world.crm.as_user(ANNA_ID).copy("Meeting", &meeting).unwrap();
    world.rest().await;
    assert_eq!(world.both(), (2, 2));
    world.crm.as_user(ANNA_ID).edit("Meeting", &copy, &json!({ "name": "Second" })).unwrap();
    world.rest().await;
    let mut titles: Vec<_> =
        world.google().live_events(ANNA).iter().map(|it| it["summary"].clone()).collect();
    titles.sort_by_key(ToString::to_string);
    assert_eq!(titles, ["Kickoff", "Second"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn b_1_rule_6_3_a_pair_that_is_written_again_and_again_is_left_to_a_person() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    world.meeting("Kickoff", TEN.0, TEN.1);
    world.rest().await;
    let event = world.only_event()["id"].as_str().unwrap().to_owned();
    let before = world.writes();
    // Another program takes back whatever is written.
    for n in 0..30 {
        let edit = json!({ "summary": format!("Kickoff {n}") });
        world.google().edit_event(ANNA, ANNA, &event, edit).unwrap();
        world.run().await;
    }
    let written = world.writes() - before;
    assert!((5..=11).contains(&written), "{written} writes");
    let waiting = world.waiting(anna).await;
    let [pair] = waiting.pairs.as_slice() else { panic!("{waiting:?}") };
    assert_eq!(pair.state, State::Quarantined);
}

#[tokio::test(flavor = "multi_thread")]
async fn b_2_what_a_side_shows_in_its_own_way_is_no_edit() {
    let world = World::new().await;
    world.anna().await;
    let times = json!({ "start": { "dateTime": "2037-03-02T10:00:00.000+01:00", "timeZone": "Europe/Prague" },
        "end": { "dateTime": "2037-03-02T10:30:00+01:00", "timeZone": "Europe/Prague" } });
    for (title, text) in [
        ("  <Plan> = A & B ", "<p>one</p><p>two &amp; three</p>"),
        ("Call: Eva", "one\r\ntwo\r\n"),
        ("", ""),
        ("Č\u{301}🙂\u{200f}", "<b>bold</b> <a href=\"https://x.example/?a=1\">here</a>"),
    ] {
        let mut event = times.clone();
        event["summary"] = json!(title);
        event["description"] = json!(text);
        world.google().put_event(ANNA, ANNA, event).unwrap();
    }
    world.meeting("‹Plan›\u{a0}B", TEN.0, TEN.1);
    assert_eq!(world.rest().await, 1, "what was written comes back in other words, and is written no more");
    let before = world.writes();
    for event in world.google().live_events(ANNA) {
        world.google().touch_event(ANNA, event["id"].as_str().unwrap());
    }
    world.sweep().await;
    world.google().expire_sync_tokens(ANNA);
    world.sweep().await;
    assert_eq!(world.writes(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn m_1_two_who_run_at_the_same_time_make_nothing_twice() {
    let world = World::new().await;
    world.anna().await;
    let other = app::calendars(&world.gateway.parts);
    for day in 10..20 {
        world.meeting(
            &format!("M{day}"),
            &format!("2037-03-{day} 10:00:00"),
            &format!("2037-03-{day} 11:00:00"),
        );
        world.event(
            &format!("E{day}"),
            &format!("2037-03-{day}T12:00:00Z"),
            &format!("2037-03-{day}T13:00:00Z"),
        );
    }
    let mut batch = world.gateway.parts.store.batch().await.unwrap();
    let now = batch.store().clock().now();
    calendars::wake_all(&mut batch, None, now).await.unwrap();
    batch.commit().await.unwrap();
    let (one, two) = tokio::join!(world.sync.drain(), other.drain());
    one.unwrap();
    two.unwrap();
    world.rest().await;
    assert_eq!(world.both(), (20, 20));
}
