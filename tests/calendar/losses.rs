//! The ways in which things have gone that nobody deleted, or were never seen.

use postern_core::plan::calendar::admit::Private;
use postern_core::plan::calendar::choices::{Choices, Kind};
use postern_core::plan::calendar::entry::Entity;
use postern_core::plan::policy::Direction;
use postern_sandbox::{CalendarFault, CalendarTrouble, CrmTrouble};
use serde_json::json;

use super::world::{ANNA, ANNA_ID, World};

const TEN: (&str, &str) = ("2037-03-02 10:00:00", "2037-03-02 11:00:00");

impl World {
    /// What both sides show, to be compared with a later moment.
    fn shown(&self) -> Vec<String> {
        let events =
            self.google().live_events(ANNA).into_iter().map(|it| format!("{} {}", it["id"], it["summary"]));
        let records = ["Meeting", "Call"].into_iter().flat_map(|entity| self.crm.records(entity));
        let records = records.map(|it| format!("{} {} {}", it["id"], it["name"], it["status"]));
        let mut shown: Vec<_> = events.chain(records).collect();
        shown.sort();
        shown
    }

    /// So many of each, at rest.
    async fn full(&self, count: u8) -> Vec<String> {
        for day in 1..=count {
            let at = |hour: u8| format!("2037-03-{day:02} {hour}:00:00");
            self.meeting(&format!("Made here {day}"), &at(10), &at(11));
            let at = |hour: u8| format!("2037-03-{day:02}T{hour}:00:00Z");
            self.event(&format!("Made there {day}"), &at(12), &at(13));
        }
        self.rest().await;
        self.shown()
    }
}

fn list(trouble: CalendarTrouble) -> CalendarFault {
    CalendarFault::on("GET", "/events", trouble)
}

fn page(body: &serde_json::Value) -> CalendarTrouble {
    CalendarTrouble::Answer { status: 200, headers: Vec::new(), body: body.to_string() }
}

#[tokio::test(flavor = "multi_thread")]
async fn c_2_a_google_that_always_wants_to_be_read_anew_is_asked_twice_in_a_run() {
    let world = World::new().await;
    world.anna().await;
    let before = world.full(3).await;
    world.google().clear_calendar_counters();
    for _ in 0..2 {
        world.google().calendar_faults().next(list(CalendarTrouble::full_sync_required()));
    }
    world.run().await;
    assert_eq!(world.google().calendar_counters().total(), 2);
    assert_eq!(world.google().calendar_counters().writes, 0);
    world.rest().await;
    assert_eq!(world.shown(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn c_3_a_cursor_that_is_refused_with_400_is_given_up_too() {
    let world = World::new().await;
    world.anna().await;
    let before = world.full(3).await;
    world.google().clear_calendar_counters();
    let body = json!({ "error": { "code": 400, "message": "Bad Request",
        "errors": [{ "domain": "global", "reason": "badRequest", "message": "Bad Request" }] } });
    let refusal = CalendarTrouble::Answer { status: 400, headers: Vec::new(), body: body.to_string() };
    world.google().calendar_faults().next(list(refusal));
    world.event("Dentist", "2037-03-02T15:00:00Z", "2037-03-02T15:30:00Z");
    world.run().await;
    assert_eq!(world.google().calendar_counters().total(), 2, "refused, then read from the beginning");
    world.rest().await;
    let added: Vec<_> = world.shown().into_iter().filter(|it| !before.contains(it)).collect();
    assert_eq!(added.len(), 2, "the event that is new and its record: {added:?}");
    assert_eq!(world.shown().len(), before.len() + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn c_4_what_was_seen_is_done_though_the_run_that_saw_it_failed() {
    let world = World::new().await;
    world.anna().await;
    world.full(1).await;
    world.event("Dentist", "2037-03-02T10:00:00Z", "2037-03-02T10:30:00Z");
    world.crm.faults().next(CrmTrouble::Answer(503).at("POST", "Meeting"));
    world.run().await;
    assert_eq!(world.crm.records("Meeting").len(), 2);
    // Google's cursor is past the event by now.
    world.rest().await;
    let names: Vec<_> = world.crm.records("Meeting").iter().map(|it| it["name"].clone()).collect();
    assert!(names.contains(&json!("Dentist")) && names.len() == 3, "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn c_5_a_page_without_events_is_not_the_last_one() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    // They are seen, and nothing is made of them.
    world.choose(anna, |choices| choices.direction = Direction::ToGoogle).await;
    for n in 0..1_300 {
        world.event(&format!("E{n}"), "2037-03-02T10:00:00Z", "2037-03-02T10:30:00Z");
    }
    world.google().set_calendar_policy(|policy| policy.short_pages = true);
    world.run().await;
    let requests = world.google().calendar_counters().total();
    assert_eq!((world.raw().await.count("google_seen").await, requests), (1_300, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn d_2_what_is_chosen_otherwise_deletes_nothing() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    world.event("Call: Eva", "2037-03-09T10:00:00Z", "2037-03-09T10:30:00Z");
    let before = world.full(4).await;
    assert_eq!(before.len(), 18);
    for change in [
        |choices: &mut Choices| {
            choices.since = Some(serde_json::from_value(json!("2036-01-01")).unwrap());
        },
        |choices: &mut Choices| choices.kinds = vec![Kind { entity: Entity::Meeting, label: String::new() }],
        |choices: &mut Choices| {
            choices.kinds.push(Kind { entity: Entity::Call, label: "Telephone".to_owned() });
        },
        |choices: &mut Choices| choices.default_kind = None,
        |choices: &mut Choices| choices.direction = Direction::ToCrm,
        |choices: &mut Choices| choices.direction = Direction::ToGoogle,
        |choices: &mut Choices| choices.private = Private::Busy,
        |choices: &mut Choices| choices.unanswered = false,
    ] {
        world.choose(anna, change).await;
        world.sweep().await;
        world.google().expire_sync_tokens(ANNA);
        world.run().await;
        world.rest().await;
        assert_eq!(world.shown(), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d_3_an_event_that_moves_far_away_is_not_gone() {
    let world = World::new().await;
    world.anna().await;
    let event = world.event("Dentist", "2037-03-02T10:00:00Z", "2037-03-02T10:30:00Z");
    world.rest().await;
    let meeting = world.only_meeting()["id"].clone();
    for year in [2099, 2003] {
        let at = |time: &str| json!({ "dateTime": format!("{year}-03-02T{time}:00Z") });
        world
            .google()
            .edit_event(ANNA, ANNA, &event, json!({ "start": at("10:00"), "end": at("10:30") }))
            .unwrap();
        world.google().expire_sync_tokens(ANNA);
        world.sweep().await;
        world.rest().await;
        let shown = world.only_meeting();
        assert_eq!((&shown["id"], &shown["status"]), (&meeting, &json!("Planned")));
        assert_eq!(shown["dateStart"], format!("{year}-03-02 10:00:00"));
        assert_eq!(world.google().live_events(ANNA).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d_4_a_list_of_google_that_breaks_off_or_is_empty_proves_nothing() {
    let world = World::new().await;
    world.anna().await;
    let before = world.full(5).await;
    for trouble in [
        CalendarTrouble::malformed(),
        CalendarTrouble::Close,
        page(&json!({ "kind": "calendar#events", "items": [] })),
        page(&json!({ "kind": "calendar#events", "items": [], "nextSyncToken": "s" })),
    ] {
        world.google().calendar_faults().next(list(CalendarTrouble::full_sync_required()));
        world.google().calendar_faults().next(list(trouble.clone()));
        world.run().await;
        assert_eq!(world.shown(), before, "{trouble:?}");
        world.sweep().await;
        world.rest().await;
        assert_eq!(world.shown(), before, "{trouble:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d_4_a_crm_that_shows_nothing_for_once_proves_nothing() {
    let world = World::new().await;
    world.anna().await;
    let before = world.full(5).await;
    let nothing =
        || CrmTrouble::Page(200, json!({ "total": 0, "list": [] }).to_string()).at("GET", "Meeting");
    // The changes, and what is asked for by name.
    world.crm.faults().next(nothing());
    world.crm.faults().next(nothing());
    world.sweep().await;
    world.rest().await;
    assert_eq!(world.shown(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn d_5_a_deletion_whose_answer_was_lost_is_done_once_and_for_good() {
    let world = World::new().await;
    world.anna().await;
    let meeting = world.meeting("Made here", TEN.0, TEN.1);
    let event = world.event("Made there", "2037-03-03T10:00:00Z", "2037-03-03T11:00:00Z");
    world.rest().await;
    world.crm.as_user(ANNA_ID).delete("Meeting", &meeting).unwrap();
    world.google().calendar_faults().next(CalendarFault::on(
        "DELETE",
        "/events",
        CalendarTrouble::LoseAnswer,
    ));
    world.sweep().await;
    world.google().delete_event(ANNA, ANNA, &event).unwrap();
    world.crm.faults().next(CrmTrouble::LoseAnswer.at("DELETE", "Meeting"));
    world.run().await;
    world.sweep().await;
    world.google().expire_sync_tokens(ANNA);
    world.rest().await;
    assert_eq!(world.shown(), Vec::<String>::new());
}
