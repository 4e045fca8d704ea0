//! Rules of the synchronisation that no other test here is about.

use std::time::Duration;

use postern::store::accounts;
use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::plan::calendar::admit::Private;
use postern_sandbox::{CrmTrouble, Role};
use serde_json::{Value, json};

use super::world::{ANNA, ANNA_ID, BEN, BEN_ID, World};

const TEN: (&str, &str) = ("2037-03-02 10:00:00", "2037-03-02 11:00:00");
const TEAM: &str = "team@group.calendar.google.com";

impl World {
    /// Anna's second calendar, which she monitors, and Ben too if he is given.
    async fn team(&self) -> postern_core::model::id::CalendarId {
        let (anna, main) = self.anna().await;
        self.google().add_calendar(ANNA, TEAM, "Team", "UTC");
        self.monitored(anna, main, TEAM).await
    }

    fn titles_of(&self, calendar: &str) -> Vec<String> {
        let events = self.google().live_events(calendar).into_iter();
        events.map(|event| event["summary"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

fn timed(title: &str) -> Value {
    json!({ "summary": title, "start": { "dateTime": "2037-03-02T10:00:00Z" },
        "end": { "dateTime": "2037-03-02T11:00:00Z" } })
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_1_an_event_that_many_calendars_show_is_one_record() {
    let world = World::new().await;
    world.anna().await;
    let (_, bens) = world.ben().await;
    let mut event = timed("Review");
    event["attendees"] = json!([{ "email": BEN }]);
    let id = world.google().put_event(ANNA, ANNA, event).unwrap();
    world.rest().await;
    let meeting = world.only_meeting()["id"].clone();
    world.google().edit_event(ANNA, ANNA, &id, json!({ "summary": "Review at last" })).unwrap();
    world.run_only(bens).await;
    world.rest().await;
    assert_eq!(
        (&world.only_meeting()["id"], &world.only_meeting()["name"]),
        (&meeting, &json!("Review at last"))
    );
    world.google().expire_sync_tokens(BEN);
    world.google().expire_sync_tokens(ANNA);
    world.rest().await;
    assert_eq!(world.only_meeting()["id"], meeting);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_3_what_is_made_in_the_crm_stands_in_its_users_main_calendar_only() {
    let world = World::new().await;
    world.team().await;
    world.ben().await;
    world.meeting("Annas", TEN.0, TEN.1);
    let bens = json!({ "name": "Bens", "status": "Planned", "dateStart": TEN.0, "dateEnd": TEN.1 });
    world.crm.as_user(BEN_ID).create("Meeting", &bens).unwrap();
    world.rest().await;
    assert_eq!(
        (world.titles_of(ANNA), world.titles_of(BEN)),
        (vec!["Annas".to_owned()], vec!["Bens".to_owned()])
    );
    assert!(world.titles_of(TEAM).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_4_a_calendar_of_two_is_read_once_and_by_the_other_when_one_may_not_any_more() {
    let world = World::new().await;
    let (anna, annas) = world.anna().await;
    let (ben, bens) = world.ben().await;
    let google = world.google();
    google.add_calendar("zoe@example.com", TEAM, "Team", "UTC");
    for user in [ANNA, BEN] {
        google.share_calendar(TEAM, user, Role::Writer);
    }
    world.monitored(anna, annas, TEAM).await;
    world.monitored(ben, bens, TEAM).await;
    google.put_event("zoe@example.com", TEAM, timed("Plan")).unwrap();
    world.rest().await;
    assert_eq!(world.only_meeting()["name"], "Plan");
    let asked = |world: &World| {
        let requests = world.google().calendar_counters().requests;
        let of = |user: &str| {
            requests.iter().filter(|((by, _, at), _)| by == user && at == TEAM).map(|(_, n)| n).sum::<u64>()
        };
        (of(ANNA), of(BEN))
    };
    google.clear_calendar_counters();
    world.run().await;
    let (one, other) = asked(&world);
    assert_eq!(one + other, 1);
    let first = if one == 1 { anna } else { ben };
    let address = Address::parse(if one == 1 { ANNA } else { BEN }).unwrap();
    let mut act = world.gateway.act().await;
    accounts::set_state(&mut act, first, State::Disabled).await.unwrap();
    act.commit(Event::AccountImported { account: first, address, scopes: String::new() }).await.unwrap();
    google.clear_calendar_counters();
    world.run().await;
    world.run().await;
    let (again, others) = asked(&world);
    assert_eq!(if one == 1 { (again, others > 0) } else { (others, again > 0) }, (0, true));
    assert_eq!(world.only_meeting()["status"], "Planned");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_3_2_what_is_older_stays_where_it_is_and_what_is_linked_stays_in_step() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    let linked = world.event("Linked", "2037-03-02T10:00:00Z", "2037-03-02T11:00:00Z");
    world.rest().await;
    let tomorrow = i64::try_from(world.google().clock().now().as_secs() / 86_400).unwrap() + 1;
    let tomorrow = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(tomorrow);
    let tomorrow = serde_json::from_value(json!(tomorrow.to_string())).unwrap();
    world.choose(anna, |choices| choices.since = Some(tomorrow)).await;
    let old = world.event("Old", "2037-03-03T10:00:00Z", "2037-03-03T11:00:00Z");
    let old_meeting = world.meeting("Old record", "2037-03-04 10:00:00", "2037-03-04 11:00:00");
    world.google().edit_event(ANNA, ANNA, &linked, json!({ "summary": "Linked still" })).unwrap();
    world.rest().await;
    let mut names: Vec<_> = world.crm.records("Meeting").iter().map(|it| it["name"].clone()).collect();
    names.sort_by_key(ToString::to_string);
    assert_eq!(names, ["Linked still", "Old record"]);
    assert_eq!(world.titles_of(ANNA).len(), 2);
    world.google().clock().advance(Duration::from_secs(2 * 86_400));
    world.google().edit_event(ANNA, ANNA, &old, json!({ "summary": "Changed since" })).unwrap();
    world
        .crm
        .as_user(ANNA_ID)
        .edit("Meeting", &old_meeting, &json!({ "name": "Record changed since" }))
        .unwrap();
    world.rest().await;
    let names: Vec<_> = world.crm.records("Meeting").iter().map(|it| it["name"].clone()).collect();
    assert!(names.contains(&json!("Changed since")) && names.len() == 3, "{names:?}");
    assert!(world.titles_of(ANNA).contains(&"Record changed since".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_3_7_what_becomes_private_is_hidden_and_what_becomes_public_is_told_again() {
    for private in [Private::Skip, Private::Busy] {
        let world = World::new().await;
        let (anna, _) = world.anna().await;
        world.choose(anna, |choices| choices.private = private).await;
        let event = world.google().put_event(ANNA, ANNA, timed("Verysecrettitle")).unwrap();
        world.rest().await;
        let meeting = world.only_meeting()["id"].as_str().unwrap().to_owned();
        let edit = |patch: Value| world.google().edit_event(ANNA, ANNA, &event, patch).unwrap();
        edit(json!({ "visibility": "private", "description": "Verysecretwords" }));
        world.rest().await;
        let shown = world.only_meeting();
        assert_eq!((shown["name"].as_str(), shown["id"].as_str()), (Some("Busy"), Some(meeting.as_str())));
        assert!(!shown.to_string().contains("Verysecret"), "{shown}");
        let at = |time: &str| json!({ "dateTime": format!("2037-03-05T{time}:00Z") });
        edit(json!({ "start": at("10:00"), "end": at("11:00") }));
        world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "name": "Told to nobody" })).unwrap();
        world.rest().await;
        let day = if private == Private::Skip { "2037-03-02" } else { "2037-03-05" };
        let start = world.only_meeting()["dateStart"].as_str().unwrap().to_owned();
        assert!(start.starts_with(day), "{private:?}: {start}");
        assert_eq!(world.google().event(ANNA, &event).unwrap()["summary"], "Verysecrettitle");
        // The later edit of the title stands.
        world.google().clock().advance(Duration::from_secs(600));
        edit(json!({ "visibility": "default", "summary": "For all" }));
        world.rest().await;
        let shown = world.only_meeting();
        assert_eq!((shown["name"].as_str(), shown["id"].as_str()), (Some("For all"), Some(meeting.as_str())));
        assert_eq!(shown["dateStart"], "2037-03-05 10:00:00");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_3_7_a_later_title_of_the_crm_does_not_outlive_what_became_private() {
    let world = World::new().await;
    world.anna().await;
    let event = world.google().put_event(ANNA, ANNA, timed("Verysecrettitle")).unwrap();
    world.rest().await;
    let meeting = world.only_meeting()["id"].as_str().unwrap().to_owned();
    world.google().edit_event(ANNA, ANNA, &event, json!({ "visibility": "private" })).unwrap();
    world.google().clock().advance(Duration::from_secs(600));
    world
        .crm
        .as_user(ANNA_ID)
        .edit("Meeting", &meeting, &json!({ "name": "Verysecrettitle, late" }))
        .unwrap();
    world.rest().await;
    assert_eq!(world.only_meeting()["name"], "Busy");
    assert_eq!(world.google().event(ANNA, &event).unwrap()["summary"], "Verysecrettitle");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_3_8_another_zone_of_the_crm_writes_nothing() {
    let world = World::new().await;
    world.anna().await;
    world.meeting("Hours", TEN.0, TEN.1);
    let days = json!({ "name": "Days", "status": "Planned", "isAllDay": true,
        "dateStartDate": "2037-03-09", "dateEndDate": "2037-03-10" });
    world.crm.as_user(ANNA_ID).create("Meeting", &days).unwrap();
    let event =
        json!({ "summary": "Whole day", "start": { "date": "2037-03-12" }, "end": { "date": "2037-03-13" } });
    world.google().put_event(ANNA, ANNA, event).unwrap();
    world.rest().await;
    let before = world.writes();
    for zone in ["America/Los_Angeles", "Pacific/Kiritimati", "UTC"] {
        world.crm.set_time_zone(zone);
        world.sweep().await;
        world.google().expire_sync_tokens(ANNA);
        world.sweep().await;
    }
    assert_eq!(world.writes(), before);
    let days: Vec<_> =
        world.google().live_events(ANNA).iter().map(|it| it["start"]["date"].clone()).collect();
    assert!(days.contains(&json!("2037-03-09")) && days.contains(&json!("2037-03-12")), "{days:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_5_2_a_record_that_may_not_be_seen_any_more_is_not_gone() {
    let world = World::new().await;
    world.anna().await;
    let meeting = world.meeting("Kickoff", TEN.0, TEN.1);
    world.rest().await;
    world.crm.set_visible("Meeting", &meeting, false);
    world.sweep().await;
    let event = world.only_event()["id"].as_str().unwrap().to_owned();
    world.google().edit_event(ANNA, ANNA, &event, json!({ "location": "Room 1" })).unwrap();
    world.sweep().await;
    world.rest().await;
    assert_eq!(world.only_event()["summary"], "Kickoff");
    world.crm.as_user(ANNA_ID).delete("Meeting", &meeting).unwrap();
    world.crm.set_visible("Meeting", &meeting, true);
    world.sweep().await;
    world.rest().await;
    assert!(world.titles_of(ANNA).is_empty(), "now it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_5_3_a_key_that_the_crm_refuses_is_shown_to_it_once() {
    let world = World::new().await;
    world.anna().await;
    world.meeting("Kickoff", TEN.0, TEN.1);
    world.rest().await;
    world.crm.forget_requests();
    world.crm.faults().next(CrmTrouble::Answer(401).at("GET", "Meeting"));
    world.meeting("Second", TEN.0, TEN.1);
    world.run().await;
    assert_eq!(world.crm.requests("", ""), 0, "none but the one that was refused");
    world.rest().await;
    assert_eq!(world.titles_of(ANNA).len(), 2);
}
