//! An account that was disconnected, and comes back.

use postern::actions::By;
use postern::actions::account::disconnect::disconnect;
use postern::actions::account::product::switch;
use postern::store::sync::calendar_users;
use postern::store::{accounts, clients, grants};
use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use postern_sandbox::{CalendarFault, CalendarTrouble};
use serde_json::json;

use super::world::{ANNA, ANNA_ID, BEN, SCOPES, World};
use crate::support::gateway::CLIENT;

const TEN: (&str, &str) = ("2037-03-02 10:00:00", "2037-03-02 11:00:00");
const BOSS: &str = "boss@example.com";
const NINE: (&str, &str) = ("2037-03-03T09:00:00Z", "2037-03-03T09:30:00Z");

impl World {
    async fn disconnect(&self, account: AccountId) {
        let parts = &self.gateway.parts;
        let by = By::new(Actor::Gateway, parts.store.dice()).unwrap();
        let gone = disconnect(&parts.store, &by, parts.exchange.as_ref(), &parts.endpoints, account).await;
        assert_ne!(gone.unwrap().state, State::Active);
        self.run().await;
    }

    pub(super) async fn connect(&self, account: AccountId) {
        let refresh = self.google().issue_refresh_token(ANNA, CLIENT, &SCOPES).unwrap();
        let mut act = self.gateway.act().await;
        let client = clients::current(&self.gateway.parts.store, &mut act).await.unwrap().unwrap();
        let granted = ScopeSet::consent(&[Product::Calendar]);
        grants::replace(&mut act, account, client.id, &granted, &Secret::new(refresh)).await.unwrap();
        accounts::set_state(&mut act, account, State::Active).await.unwrap();
        let address = Address::parse(ANNA).unwrap();
        act.commit(Event::AccountImported { account, address, scopes: granted.to_string() }).await.unwrap();
    }

    /// The states of all pairs, each once.
    async fn states(&self) -> Vec<String> {
        self.raw().await.words("SELECT DISTINCT state FROM links ORDER BY state").await
    }

    async fn away_for(&self, hours: i64) {
        let ago = hours * 3_600 * 1_000_000;
        self.raw().await.run(&format!("UPDATE calendars SET asleep_at = asleep_at - {ago}")).await;
    }

    /// One meeting and one event in step; then both are edited while nobody is connected.
    async fn edited_while_away(&self, account: AccountId, hours: i64) {
        let meeting = self.meeting("Plan", TEN.0, TEN.1);
        let event = self.event("Dentist", NINE.0, NINE.1);
        self.rest().await;
        assert_eq!(self.states().await, ["active"]);
        self.disconnect(account).await;
        assert_eq!(self.states().await, ["dormant"]);
        self.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "name": "Plan B" })).unwrap();
        self.google().edit_event(ANNA, ANNA, &event, json!({ "summary": "Surgeon" })).unwrap();
        let before = self.writes();
        self.run().await;
        assert_eq!(self.writes(), before, "nothing is done for who is not connected");
        self.away_for(hours).await;
        self.connect(account).await;
    }

    /// An event of somebody outside, who has invited Anna and Ben.
    fn pitch_of_a_boss(&self) -> String {
        self.google().add_user(BOSS);
        let event = json!({
            "summary": "Pitch", "start": { "dateTime": NINE.0 }, "end": { "dateTime": NINE.1 },
            "attendees": [{ "email": ANNA }, { "email": BEN }],
        });
        self.google().put_event(BOSS, BOSS, event).unwrap()
    }

    fn both_titles(&self) -> (Vec<String>, Vec<String>) {
        let sorted = |mut titles: Vec<String>| {
            titles.sort();
            titles
        };
        let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let events = self.google().live_events(ANNA).iter().map(|event| word(&event["summary"])).collect();
        let meetings = self.crm.records("Meeting").iter().map(|record| word(&record["name"])).collect();
        (sorted(events), sorted(meetings))
    }
}

fn both(titles: [&str; 2]) -> (Vec<String>, Vec<String>) {
    let titles = titles.map(str::to_owned).to_vec();
    (titles.clone(), titles)
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_5_a_disconnected_accounts_pairs_sleep_and_go_on_when_it_is_back_within_a_day() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    world.edited_while_away(anna, 23).await;
    // The reconnection itself makes the calendar due, whatever pause its failures made.
    world.sync.drain().await.unwrap();
    assert_eq!(world.both_titles(), both(["Plan B", "Surgeon"]));
    assert_eq!((world.states().await, world.pending().await.len()), (vec!["active".to_owned()], 0));
    let before = world.writes();
    world.run().await;
    assert_eq!(world.writes(), before);
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_5_after_more_than_a_day_what_came_together_is_shown_first() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    world.edited_while_away(anna, 25).await;
    let before = world.writes();
    world.rest().await;
    assert_eq!((world.writes(), world.states().await), (before, vec!["active".to_owned()]));
    let held = world.pending().await;
    assert_eq!((held.len(), held[0].class.as_str(), held[0].count), (1, "returned", 2));
    // What is made meanwhile waits as well: the preview is of everything.
    world.event("Lunch", "2037-03-04T12:00:00Z", "2037-03-04T13:00:00Z");
    world.rest().await;
    let held = world.pending().await;
    assert_eq!((held.len(), held[0].count), (1, 3));
    let store = &world.gateway.parts.store;
    let by = By::new(Actor::CommandLine("anna".to_owned()), store.dice()).unwrap();
    postern::actions::holds::approve(store, &by, held[0].id).await.unwrap();
    world.sync.drain().await.unwrap();
    let (events, meetings) = world.both_titles();
    assert_eq!((&events, events.len()), (&meetings, 3), "{events:?}");
    // From here on it is as before.
    world.rest().await;
    world.event("Dinner", "2037-03-04T19:00:00Z", "2037-03-04T20:00:00Z");
    world.rest().await;
    assert_eq!((world.crm.records("Meeting").len(), world.pending().await.len()), (4, 0));
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_5_a_return_that_changes_nothing_asks_nobody() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    world.meeting("Plan", TEN.0, TEN.1);
    world.rest().await;
    world.disconnect(anna).await;
    world.away_for(100).await;
    world.connect(anna).await;
    world.rest().await;
    assert!(world.pending().await.is_empty());
    world.event("Lunch", "2037-03-04T12:00:00Z", "2037-03-04T13:00:00Z");
    world.rest().await;
    assert_eq!((world.crm.records("Meeting").len(), world.pending().await.len()), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_2_a_record_stays_while_a_sleeping_calendar_shows_its_event() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    world.ben().await;
    let event = world.pitch_of_a_boss();
    world.rest().await;
    assert_eq!(world.crm.records("Meeting").len(), 1);
    let owner = world.raw().await.words("SELECT hex(account_id) FROM links WHERE role = 'owner'").await;
    let annas = owner == [anna.0.simple().to_string().to_uppercase()];
    assert!(annas, "the first one owns it");
    let ben = {
        let mut act = world.gateway.act().await;
        accounts::by_address(&mut act, &Address::parse(BEN).unwrap()).await.unwrap().unwrap().id
    };
    world.disconnect(ben).await;
    world.google().delete_event(ANNA, ANNA, &event).unwrap();
    world.rest().await;
    world.sweep().await;
    assert_eq!(world.crm.records("Meeting").len(), 1, "the other guest has it");
    assert_eq!(world.only_meeting()["status"], "Planned");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_5_an_absence_that_no_run_saw_is_one() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    world.meeting("Plan", TEN.0, TEN.1);
    world.rest().await;
    // The node was down for days; meanwhile she disconnected and came back.
    let ago = 25_i64 * 3_600 * 1_000_000;
    world.raw().await.run(&format!("UPDATE calendars SET last_ok_at = last_ok_at - {ago}")).await;
    world.connect(anna).await;
    world.event("Lunch", "2037-03-04T12:00:00Z", "2037-03-04T13:00:00Z");
    world.rest().await;
    let held = world.pending().await;
    assert_eq!((held.len(), held[0].class.as_str(), held[0].count), (1, "returned", 1));
    assert_eq!(world.crm.records("Meeting").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_2_when_an_owner_is_away_whoever_else_shows_the_event_keeps_the_record_in_step() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    world.ben().await;
    let event = world.pitch_of_a_boss();
    world.rest().await;
    let before = world.writes();
    world.disconnect(anna).await;
    world.rest().await;
    assert_eq!(world.writes(), before, "it passes without a write");
    let owner = "SELECT hex(account_id) FROM links WHERE role = 'owner' AND state = 'active'";
    let owners = world.raw().await.words(owner).await;
    assert!(owners.len() == 1 && owners != [anna.0.simple().to_string().to_uppercase()], "{owners:?}");
    world.google().edit_event(BOSS, BOSS, &event, json!({ "summary": "Pitch, moved" })).unwrap();
    world.rest().await;
    assert_eq!(world.only_meeting()["name"], "Pitch, moved");
    world.connect(anna).await;
    world.rest().await;
    assert_eq!(world.only_meeting()["name"], "Pitch, moved");
    assert_eq!(world.raw().await.words("SELECT role FROM links ORDER BY role").await, ["owner", "view"]);
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_2_whoever_organizes_an_event_owns_it_again_on_their_return() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    world.ben().await;
    let event = json!({
        "summary": "Plan", "start": { "dateTime": NINE.0 }, "end": { "dateTime": NINE.1 },
        "attendees": [{ "email": BEN }],
    });
    let event = world.google().put_event(ANNA, ANNA, event).unwrap();
    world.rest().await;
    world.disconnect(anna).await;
    world.rest().await;
    let meeting = world.only_meeting()["id"].as_str().unwrap().to_owned();
    let edit = json!({ "name": "Plan B" });
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &edit).unwrap();
    world.rest().await;
    assert_eq!(world.google().event(ANNA, &event).unwrap()["summary"], "Plan", "Ben may not write it");
    world.connect(anna).await;
    world.rest().await;
    assert_eq!(world.google().event(ANNA, &event).unwrap()["summary"], "Plan B");
    let owner = "SELECT hex(account_id) FROM links WHERE role = 'owner' AND state = 'active'";
    assert_eq!(world.raw().await.words(owner).await, [anna.0.simple().to_string().to_uppercase()]);
    assert_eq!(world.google().calendar_counters().guest_mails, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_after_an_absence_is_the_first_one() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    world.rest().await;
    world.disconnect(anna).await;
    world.run().await;
    world.run().await;
    let failures = "SELECT failures FROM calendars";
    assert_eq!(world.raw().await.number(failures).await, 3);
    world.connect(anna).await;
    let refused = CalendarTrouble::Answer { status: 500, headers: Vec::new(), body: String::new() };
    world.google().calendar_faults().next(CalendarFault::any(refused));
    world.run().await;
    assert_eq!(world.raw().await.number(failures).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_switched_the_calendar_off_is_not_connected() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    let store = &world.gateway.parts.store;
    let connected = async || calendar_users::connected(&mut store.read().await.unwrap()).await.unwrap().len();
    assert_eq!(connected().await, 1);
    let by = By::new(Actor::Gateway, store.dice()).unwrap();
    assert!(switch(store, &by, anna, Product::Calendar, false).await.unwrap());
    assert_eq!(connected().await, 0);
}
