//! A series of Google's is one meeting of the CRM for each of its occurrences.

use postern::store::sync::{dead_letters, holds};
use serde_json::{Value, json};

use super::world::{ANNA, ANNA_ID, World};

/// A day that many days from now, as Google writes it.
fn day(world: &World, days: u64) -> jiff::civil::Date {
    let seconds = world.google().clock().now().as_secs() + days * 24 * 3_600;
    let now = jiff::Timestamp::from_second(i64::try_from(seconds).unwrap()).unwrap();
    now.to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn id(series: &str, day: jiff::civil::Date) -> String {
    format!("{series}_{}T100000Z", day.strftime("%Y%m%d"))
}

fn times(day: jiff::civil::Date) -> (Value, Value) {
    let at = |time: &str| json!({ "dateTime": format!("{day}T{time}:00:00Z"), "timeZone": "UTC" });
    (at("10"), at("11"))
}

/// A series of Anna's that begins tomorrow at ten.
fn series(world: &World, rule: &str) -> String {
    let (start, end) = times(day(world, 1));
    let event = json!({ "summary": "Jour fixe", "start": start, "end": end, "recurrence": [rule] });
    world.google().put_event(ANNA, ANNA, event).unwrap()
}

/// Identities of the meetings by their starts.
fn meetings(world: &World) -> Vec<(String, String, String)> {
    let mut all: Vec<_> = world
        .crm
        .records("Meeting")
        .iter()
        .map(|meeting| {
            let text = |key: &str| meeting[key].as_str().unwrap().to_owned();
            (text("dateStart"), text("name"), text("id"))
        })
        .collect();
    all.sort();
    all
}

fn nobody_was_told(world: &World) {
    let counters = world.google().calendar_counters();
    assert_eq!((counters.guest_mails, counters.guest_calendars), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_1_each_occurrence_is_a_meeting_and_its_edits_go_both_ways() {
    let world = World::new().await;
    world.anna().await;
    let series = series(&world, "RRULE:FREQ=WEEKLY;COUNT=4");
    assert_eq!(world.rest().await, 1);
    let made = meetings(&world);
    assert_eq!(made.len(), 4);
    assert!(made.iter().all(|(start, name, _)| start.ends_with("10:00:00") && name == "Jour fixe"));
    let second = id(&series, day(&world, 8));
    world.crm.as_user(ANNA_ID).edit("Meeting", &made[1].2, &json!({ "name": "With Eva" })).unwrap();
    assert_eq!(world.rest().await, 1);
    let changed = world.google().event(ANNA, &second).unwrap();
    assert_eq!((&changed["summary"], &changed["recurringEventId"]), (&json!("With Eva"), &json!(series)));
    assert_eq!(world.google().event(ANNA, &series).unwrap()["summary"], "Jour fixe");
    world.google().edit_event(ANNA, ANNA, &series, json!({ "summary": "Weekly" })).unwrap();
    assert_eq!(world.rest().await, 1);
    let names: Vec<_> = meetings(&world).into_iter().map(|(_, name, _)| name).collect();
    assert_eq!(names, ["Weekly", "With Eva", "Weekly", "Weekly"]);
    let third = id(&series, day(&world, 15));
    let (start, end) = times(day(&world, 16));
    world.google().edit_event(ANNA, ANNA, &third, json!({ "start": start, "end": end })).unwrap();
    world.google().delete_event(ANNA, ANNA, &second).unwrap();
    assert_eq!(world.rest().await, 1);
    let left = meetings(&world);
    let ids: Vec<_> = left.iter().map(|(.., id)| id).collect();
    assert_eq!(ids, [&made[0].2, &made[2].2, &made[3].2]);
    assert_eq!(left[1].0, format!("{} 10:00:00", day(&world, 16)));
    nobody_was_told(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn this_and_the_following_ones_keep_their_meetings() {
    let world = World::new().await;
    world.anna().await;
    let series = series(&world, "RRULE:FREQ=WEEKLY;COUNT=6");
    world.rest().await;
    let before = meetings(&world);
    let stamp = format!("{}T100000Z", day(&world, 15).strftime("%Y%m%d"));
    let patch = json!({ "summary": "Moved on" });
    world.google().split_series(ANNA, ANNA, &series, &stamp, patch).unwrap();
    world.crm.forget_requests();
    assert_eq!(world.rest().await, 1);
    let after = meetings(&world);
    let ids = |all: &[(String, String, String)]| all.iter().map(|(.., id)| id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&after), ids(&before));
    let names: Vec<_> = after.iter().map(|(_, name, _)| name.as_str()).collect();
    assert_eq!(names, ["Jour fixe", "Jour fixe", "Moved on", "Moved on", "Moved on", "Moved on"]);
    assert_eq!((world.crm.requests("POST", "Meeting"), world.crm.requests("DELETE", "Meeting")), (0, 0));
    nobody_was_told(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_5_an_event_that_becomes_a_series_keeps_its_meeting_for_the_first_occurrence() {
    let world = World::new().await;
    world.anna().await;
    let start = format!("{} 10:00:00", day(&world, 1));
    let meeting = world.meeting("Kickoff", &start, &start.replace("10:00", "11:00"));
    world.rest().await;
    let event = world.only_event()["id"].as_str().unwrap().to_owned();
    let (from, to) = times(day(&world, 1));
    let weekly = json!({ "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"], "start": from, "end": to });
    world.google().edit_event(ANNA, ANNA, &event, weekly).unwrap();
    assert_eq!(world.rest().await, 1);
    let all = meetings(&world);
    assert_eq!((all.len(), &all[0].2), (3, &meeting));
    world.google().edit_event(ANNA, ANNA, &event, json!({ "recurrence": null })).unwrap();
    assert_eq!(world.rest().await, 1);
    assert_eq!(world.only_meeting()["id"].as_str(), Some(meeting.as_str()));
    assert_eq!(world.only_meeting()["status"], "Planned");
    nobody_was_told(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_that_is_deleted_takes_its_meetings_along_and_a_long_one_waits() {
    let world = World::new().await;
    let (_, main) = world.anna().await;
    let short = series(&world, "RRULE:FREQ=WEEKLY;COUNT=3");
    let long = series(&world, "RRULE:FREQ=DAILY;COUNT=20");
    world.rest().await;
    assert_eq!(meetings(&world).len(), 23);
    world.google().delete_event(ANNA, ANNA, &short).unwrap();
    world.rest().await;
    assert_eq!(meetings(&world).len(), 20);
    world.google().delete_event(ANNA, ANNA, &long).unwrap();
    world.rest().await;
    assert_eq!(meetings(&world).len(), 20, "twenty deletions wait for a person");
    let store = &world.gateway.parts.store;
    let pending = holds::pending(store, &mut store.read().await.unwrap(), 10).await;
    assert_eq!(pending.unwrap().iter().filter(|hold| hold.calendar() == main).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn g_1_a_series_without_end_is_withheld_and_shown() {
    let world = World::new().await;
    let (account, _) = world.anna().await;
    let often = series(&world, "RRULE:FREQ=DAILY");
    let dates: Vec<_> = (0..150)
        .map(|n| format!("{}T{:02}0000Z", day(&world, n % 75).strftime("%Y%m%d"), 12 + n / 75))
        .collect();
    let lines = json!({ "recurrence": ["RRULE:FREQ=DAILY", format!("RDATE:{}", dates.join(","))] });
    world.google().edit_event(ANNA, ANNA, &often, lines).unwrap();
    world.event("Dentist", "2037-03-02T10:00:00Z", "2037-03-02T10:30:00Z");
    world.rest().await;
    assert_eq!(world.only_meeting()["name"], "Dentist");
    let store = &world.gateway.parts.store;
    let letters = async || {
        dead_letters::of_account(store, &mut store.read().await.unwrap(), account, 10).await.unwrap()
    };
    assert_eq!(letters().await[0].key, often);
    let daily = json!({ "recurrence": ["RRULE:FREQ=DAILY;COUNT=2"] });
    world.google().edit_event(ANNA, ANNA, &often, daily).unwrap();
    world.rest().await;
    assert_eq!(meetings(&world).len(), 3);
    assert!(letters().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn computed_occurrences_cost_google_no_request() {
    let world = World::new().await;
    world.anna().await;
    series(&world, "RRULE:FREQ=DAILY");
    world.rest().await;
    let made = meetings(&world).len();
    assert!((88..=92).contains(&made), "{made} within the horizon");
    world.google().clear_calendar_counters();
    world.run().await;
    let google = |world: &World| world.google().calendar_counters().requests.values().sum::<u64>();
    assert_eq!(google(&world), 1);
    world.google().expire_sync_tokens(ANNA);
    world.google().clear_calendar_counters();
    world.run().await;
    assert_eq!(google(&world), 2, "a token that is too old and a full list");
    assert_eq!(meetings(&world).len(), made);
}
