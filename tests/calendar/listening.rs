//! Both sides tell of their changes: what they tell of is there long before the
//! interval, and whatever becomes of their calls, all comes to the same end.

use std::time::Duration;

use postern::actions::hooks::google::{Call, called};
use postern::auth::hash;
use postern::store::sync::hints::{self, About};
use postern::store::sync::{calendar_users, channels};
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_sandbox::{CalendarFault, CalendarTrouble, CrmTrouble, Delivery};
use serde_json::json;
use uuid::Uuid;

use super::world::{ANNA, ANNA_ID, World};

const TEN: (&str, &str) = ("2037-03-02 10:00:00", "2037-03-02 11:00:00");
/// The pause between two readings because of hints, and what two of them take.
const SOON: Duration = Duration::from_secs(40);

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let seen = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    assert!(tokio::time::timeout(SOON, seen).await.is_ok(), "{what}");
}

impl World {
    fn names(&self) -> Vec<String> {
        let records = self.crm.records("Meeting");
        let mut names: Vec<_> =
            records.iter().map(|meeting| meeting["name"].as_str().unwrap_or_default().to_owned()).collect();
        names.sort();
        names
    }

    fn titles(&self) -> Vec<String> {
        let events = self.google().live_events(ANNA);
        let mut titles: Vec<_> =
            events.iter().map(|event| event["summary"].as_str().unwrap_or_default().to_owned()).collect();
        titles.sort();
        titles
    }

    async fn use_none(&self, account: AccountId) {
        let mut act = self.gateway.act().await;
        assert!(calendar_users::choose(&mut act, account, None, &[]).await.unwrap());
        let address = Address::parse(ANNA).unwrap();
        act.commit(Event::AccountImported { account, address, scopes: String::new() }).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_in_google_arrives_by_its_call_and_not_by_the_interval() {
    let world = World::served().await;
    world.anna().await;
    let event = world.event("Dentist", "2037-03-02T10:00:00Z", "2037-03-02T10:30:00Z");
    until("the first run makes the record", || world.names() == ["Dentist"]).await;
    world.listen().await;
    assert_eq!(world.google().live_channels(), 1);
    world.google().edit_event(ANNA, ANNA, &event, json!({ "summary": "Dentist at last" })).unwrap();
    until("the edit arrives", || world.names() == ["Dentist at last"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_5_2_a_meeting_that_is_deleted_in_the_crm_goes_by_its_webhook_and_not_by_the_sweep() {
    let world = World::served().await;
    world.anna().await;
    let meeting = world.meeting("Kickoff", TEN.0, TEN.1);
    world.meeting("Stays", TEN.0, TEN.1);
    until("the first run makes the events", || world.titles() == ["Kickoff", "Stays"]).await;
    world.listen().await;
    world.crm.as_user(ANNA_ID).delete("Meeting", &meeting).unwrap();
    assert_eq!(world.crm.cron().await, 1);
    until("the event goes", || world.titles() == ["Stays"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_that_come_twice_and_in_another_order_come_to_the_same_end() {
    let world = World::served().await;
    world.anna().await;
    let meetings: Vec<_> = (0..6).map(|n| world.meeting(&format!("Plan {n}"), TEN.0, TEN.1)).collect();
    until("the first run makes the events", || world.titles().len() == 6).await;
    world.listen().await;
    world.crm.set_delivery(Delivery { twice: true, reversed: true, ..Delivery::default() });
    let hand = world.crm.as_user(ANNA_ID);
    hand.edit("Meeting", &meetings[0], &json!({ "name": "Plan 0 at last" })).unwrap();
    hand.edit("Meeting", &meetings[1], &json!({ "name": "Soon gone" })).unwrap();
    hand.delete("Meeting", &meetings[1]).unwrap();
    world.meeting("Plan 9", TEN.0, TEN.1);
    assert!(world.crm.cron().await >= 3);
    let expected = ["Plan 0 at last", "Plan 2", "Plan 3", "Plan 4", "Plan 5", "Plan 9"];
    until("all of it arrives", || world.titles() == expected).await;
    assert_eq!(world.names(), expected);
    // What is lost, the interval and the sweep find.
    world.crm.set_delivery(Delivery { lost: 2, ..Delivery::default() });
    hand.edit("Meeting", &meetings[2], &json!({ "name": "Plan 2 at last" })).unwrap();
    hand.delete("Meeting", &meetings[3]).unwrap();
    assert_eq!(world.crm.cron().await, 0);
    world.sweep().await;
    let expected = ["Plan 0 at last", "Plan 2 at last", "Plan 4", "Plan 5", "Plan 9"];
    until("the sweep finds it", || world.titles() == expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_deliveries_in_a_second_are_one_reading_of_the_crm() {
    let world = World::served().await;
    world.anna().await;
    let meeting = world.meeting("Kickoff", TEN.0, TEN.1);
    until("the first run makes the event", || world.titles() == ["Kickoff"]).await;
    world.listen().await;
    world.crm.forget_requests();
    for n in 0..10 {
        world
            .crm
            .as_user(ANNA_ID)
            .edit("Meeting", &meeting, &json!({ "name": format!("Kickoff {n}") }))
            .unwrap();
        assert_eq!(world.crm.cron().await, 1);
    }
    // One list of calls is one reading.
    until("the first hint is taken at once", || world.crm.requests("GET", "Call") > 0).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(world.crm.requests("GET", "Call"), 1);
    until("the others are one more", || world.titles() == ["Kickoff 9"]).await;
    assert!(world.crm.requests("GET", "Call") <= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_while_the_crm_is_down_is_taken_up_again() {
    let world = World::new().await;
    world.anna().await;
    world.rest().await;
    let store = &world.gateway.parts.store;
    let waits = async || hints::waits(&mut store.read().await.unwrap(), About::Crm).await.unwrap();
    for (down, again) in [(true, true), (false, false)] {
        let mut batch = store.batch().await.unwrap();
        hints::give(&mut batch, About::Crm).await.unwrap();
        batch.commit().await.unwrap();
        if down {
            world.crm.faults().next(CrmTrouble::Answer(503).at("GET", "Meeting"));
        }
        let now = store.clock().now();
        world.sync.drain().await.unwrap();
        assert_eq!(waits().await.is_some_and(|at| at >= now + 60_000_000), again);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l_1_fifty_calls_in_a_second_are_one_run() {
    let world = World::new().await;
    let (account, calendar) = world.anna().await;
    world.rest().await;
    let store = &world.gateway.parts.store;
    let (id, token_hash, address) =
        (Uuid::from_u128(7), hash::of("t1"), "http://localhost:8025/hooks/google");
    let meant =
        channels::Meant { id, calendar, account, token_hash, address, life: Duration::from_secs(3_600) };
    let mut batch = store.batch().await.unwrap();
    channels::mean(&mut batch, &meant, 0).await.unwrap();
    channels::opened(&mut batch, id, "r1", i64::MAX, i64::MAX).await.unwrap();
    batch.commit().await.unwrap();
    let call = Call { channel: &id.to_string(), token: "t1", resource: "r1", state: "exists" };
    world.google().clear_calendar_counters();
    for _ in 0..50 {
        assert!(called(store, call).await.unwrap());
    }
    assert_eq!(world.sync.drain().await.unwrap(), 1);
    for _ in 0..50 {
        assert!(called(store, call).await.unwrap());
    }
    assert_eq!(world.sync.drain().await.unwrap(), 0, "another one has to wait");
    assert_eq!(world.google().calendar_counters().total(), 1);
    let waits = hints::waits(&mut store.read().await.unwrap(), About::Calendar(calendar)).await.unwrap();
    assert!(waits.is_some_and(|at| at > store.clock().now()), "and will come");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_renewed_before_its_end_and_the_earlier_one_is_stopped_after() {
    let world = World::new().await;
    world.anna().await;
    world.listen().await;
    world.listen().await;
    assert_eq!(world.google().live_channels(), 1, "one is enough");
    let mut raw = world.raw().await;
    let first = raw.words("SELECT hex(id) FROM channels").await;
    let late = "UPDATE channels SET renew_at = 1";
    let due = "UPDATE calendars SET watch_at = 0";
    raw.run(late).await;
    raw.run(due).await;
    let down = CalendarTrouble::server_error(503);
    world.google().calendar_faults().next(CalendarFault::on("POST", "/watch", down));
    world.listen().await;
    assert_eq!(world.google().live_channels(), 1, "none is stopped before there is another one");
    assert_eq!(raw.words("SELECT hex(id) FROM channels").await, first);
    raw.run(due).await;
    let down = CalendarTrouble::server_error(503);
    world.google().calendar_faults().next(CalendarFault::on("POST", "/stop", down));
    world.listen().await;
    assert_eq!((world.google().live_channels(), raw.count("channels").await), (2, 2), "they overlap");
    world.listen().await;
    assert_eq!((world.google().live_channels(), raw.count("channels").await), (1, 1));
    assert_ne!(raw.words("SELECT hex(id) FROM channels").await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_that_nobody_uses_any_more_is_watched_no_more() {
    let world = World::new().await;
    let (account, _) = world.anna().await;
    world.listen().await;
    assert_eq!(world.google().live_channels(), 1);
    world.use_none(account).await;
    world.listen().await;
    assert_eq!((world.google().live_channels(), world.raw().await.count("channels").await), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_that_google_does_not_watch_is_read_by_the_interval() {
    let world = World::new().await;
    world.anna().await;
    world.google().refuse_watching(ANNA);
    world.event("Dentist", "2037-03-02T10:00:00Z", "2037-03-02T10:30:00Z");
    world.listen().await;
    let asked = || world.google().calendar_counters().total();
    let before = asked();
    world.listen().await;
    assert_eq!(asked(), before, "it is not asked again for a week");
    assert_eq!(world.raw().await.count("channels").await, 0);
    world.rest().await;
    assert_eq!(world.names(), ["Dentist"]);
}

fn hooks(world: &World) -> Vec<String> {
    let mut events: Vec<_> =
        world.crm.records("Webhook").iter().map(|hook| hook["event"].as_str().unwrap().to_owned()).collect();
    events.sort();
    events
}

const EVENTS: [&str; 6] =
    ["Call.create", "Call.delete", "Call.update", "Meeting.create", "Meeting.delete", "Meeting.update"];

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_made_once_and_anew_when_they_are_gone() {
    let world = World::new().await;
    world.crm.allow_webhooks_to("localhost:8025");
    world.listen().await;
    assert!(hooks(&world).is_empty(), "nobody uses a calendar");
    world.anna().await;
    world.listen().await;
    assert_eq!(hooks(&world), EVENTS);
    let first = world.crm.records("Webhook");
    world.listen().await;
    assert_eq!(world.crm.records("Webhook"), first, "what is right is left");
    let url = first[0]["url"].as_str().unwrap();
    assert_eq!(url, "http://localhost:8025/postern/hooks/crm");
    // One is gone in the CRM, of another the secret is lost here.
    world.crm.as_user(world.crm.api_user()).delete("Webhook", first[0]["id"].as_str().unwrap()).unwrap();
    let lost = first[1]["id"].as_str().unwrap();
    world.raw().await.run(&format!("DELETE FROM crm_hooks WHERE hook_id = '{lost}'")).await;
    world.listen().await;
    assert_eq!(hooks(&world), EVENTS);
    let now: Vec<_> = world.crm.records("Webhook").iter().map(|hook| hook["id"].clone()).collect();
    assert!(!now.contains(&first[0]["id"]) && !now.contains(&first[1]["id"]), "{now:?}");
    assert_eq!(world.raw().await.count("crm_hooks").await, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crm_that_makes_no_webhooks_is_read_by_the_interval() {
    let world = World::new().await;
    world.anna().await;
    let listening = postern::app::listening(&world.gateway.parts);
    listening.look().await.unwrap();
    assert!(hooks(&world).is_empty(), "the address is not allowed");
    world.crm.forget_requests();
    listening.look().await.unwrap();
    assert_eq!(world.crm.requests("", ""), 0, "it is asked again after a day");
    world.crm.allow_webhooks_to("localhost:8025");
    world.crm.set_role("Webhook", false);
    world.listen().await;
    assert!(hooks(&world).is_empty(), "the role does not allow it");
    world.meeting("Kickoff", TEN.0, TEN.1);
    world.rest().await;
    assert_eq!(world.titles(), ["Kickoff"]);
}
