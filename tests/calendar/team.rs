//! The team to which records belong that are made of events.

use postern::store::sync::dead_letters;
use postern_core::model::id::AccountId;
use serde_json::{Value, json};

use super::world::{ANNA, ANNA_ID, World};

const SALES: &str = "6b035d7000000team";
const TEN: (&str, &str) = ("2037-03-02T10:00:00Z", "2037-03-02T11:00:00Z");

impl World {
    async fn in_sales(&self) -> AccountId {
        let (anna, _) = self.anna().await;
        self.crm.add_team(SALES, "Sales");
        self.crm.set_teams(ANNA_ID, &[SALES]);
        self.choose(anna, |choices| choices.default_team = Some(SALES.to_owned())).await;
        anna
    }

    fn teams(&self) -> Value {
        self.only_meeting()["teamsIds"].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_an_event_gets_the_chosen_team_once_and_for_good() {
    let world = World::new().await;
    world.in_sales().await;
    let event = world.event("Plan", TEN.0, TEN.1);
    assert_eq!(world.rest().await, 1);
    assert_eq!((world.teams(), &world.only_meeting()["name"]), (json!([SALES]), &json!("Plan")));
    // What the CRM makes of it later holds.
    let meeting = world.only_meeting()["id"].as_str().unwrap().to_owned();
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "teamsIds": [] })).unwrap();
    world.google().edit_event(ANNA, ANNA, &event, json!({ "summary": "Plan B" })).unwrap();
    world.rest().await;
    assert_eq!((world.teams(), &world.only_meeting()["name"]), (json!([]), &json!("Plan B")));
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_choice_a_record_has_no_team_and_one_of_the_crm_keeps_its_own() {
    let world = World::new().await;
    world.anna().await;
    world.event("Plan", TEN.0, TEN.1);
    world.rest().await;
    assert_eq!(world.teams(), json!([]));
    let world = World::new().await;
    world.in_sales().await;
    let meeting = world.meeting("Own", "2037-03-02 10:00:00", "2037-03-02 11:00:00");
    world.rest().await;
    let event = world.only_event()["id"].as_str().unwrap().to_owned();
    world.google().edit_event(ANNA, ANNA, &event, json!({ "summary": "Own, at last" })).unwrap();
    world.rest().await;
    let record = world.crm.record("Meeting", &meeting).unwrap();
    assert_eq!((&record["teamsIds"], &record["name"]), (&json!([]), &json!("Own, at last")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_whose_team_the_crm_refuses_waits_for_a_person_and_is_tried_once() {
    let world = World::new().await;
    let anna = world.in_sales().await;
    world.choose(anna, |choices| choices.default_team = Some("6b035d7000000gone".to_owned())).await;
    world.event("Plan", TEN.0, TEN.1);
    world.run().await;
    world.run().await;
    assert_eq!((world.crm.records("Meeting").len(), world.crm.requests("POST", "Meeting")), (0, 1));
    let store = &world.gateway.parts.store;
    let letters = dead_letters::of_account(store, &mut store.read().await.unwrap(), anna, 10).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].reason.contains("teams"), "{}", letters[0].reason);
    assert_eq!(world.only_event()["summary"], "Plan");
    // Another choice is what it waits for.
    world.choose(anna, |choices| choices.default_team = Some(SALES.to_owned())).await;
    let event = world.only_event()["id"].as_str().unwrap().to_owned();
    world.google().edit_event(ANNA, ANNA, &event, json!({ "summary": "Plan B" })).unwrap();
    world.rest().await;
    assert_eq!((world.teams(), &world.only_meeting()["name"]), (json!([SALES]), &json!("Plan B")));
}
