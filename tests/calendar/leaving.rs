//! Somebody leaves: what was kept in step with their calendar goes to a successor, or sleeps.

use std::sync::Arc;

use postern::actions::account::absent;
use postern::crm::client::Client;
use postern::net::http;
use postern_core::model::secret::Secret;
use postern_sandbox::EventField;
use serde_json::json;

use super::world::{ANNA, ANNA_ID, BEN, BEN_ID, World};

const TEN: (&str, &str) = ("2037-03-02 10:00:00", "2037-03-02 11:00:00");
const NINE: (&str, &str) = ("2037-03-03T09:00:00Z", "2037-03-03T09:30:00Z");

impl World {
    /// The titles in somebody's calendar.
    fn titled(&self, of: &str) -> Vec<String> {
        let events = self.google().live_events(of);
        let mut titles: Vec<_> =
            events.iter().map(|event| event["summary"].as_str().unwrap().to_owned()).collect();
        titles.sort();
        titles
    }

    /// The API user's own way to the CRM.
    fn client(&self) -> Client {
        let exchange = Arc::new(http::Client::new(&self.gateway.parts.trust));
        Client::new(exchange, self.crm.url().parse().unwrap(), Secret::new(self.crm.key()))
    }
}

/// Anna with a meeting of the CRM and an event of Google's in step, and Ben.
async fn both() -> (World, String) {
    with(EventField::Absent).await
}

async fn with(field: EventField) -> (World, String) {
    let world = World::new().await;
    world.crm.set_event_field(field);
    world.anna().await;
    world.ben().await;
    let plan = world.meeting("Plan", TEN.0, TEN.1);
    world.event("Dentist", NINE.0, NINE.1);
    world.rest().await;
    assert_eq!(world.titled(ANNA), ["Dentist", "Plan"]);
    (world, plan)
}

#[tokio::test(flavor = "multi_thread")]
async fn meetings_to_come_go_to_the_successor_and_nothing_is_deleted_at_google() {
    let (world, plan) = both().await;
    let (shown, _) = world.command(&["account", "offboard", ANNA, "--successor", BEN, "--dry-run"]).await;
    assert!(shown.contains("2, 1 made in Google") && shown.contains("no contacts and leads"), "{shown}");
    assert_eq!(world.google().live_refresh_tokens(ANNA).len(), 1, "nothing was done yet");
    let (_, told) = world.command(&["account", "offboard", ANNA, "--successor", BEN, "--yes"]).await;
    assert!(told.contains("handed over: 1") && told.contains("Google dropped every scope"), "{told}");
    assert!(world.google().live_refresh_tokens(ANNA).is_empty());
    assert_eq!(world.crm.record("Meeting", &plan).unwrap()["assignedUserId"], BEN_ID);
    world.rest().await;
    assert_eq!(world.titled(BEN), ["Plan"]);
    assert_eq!(world.titled(ANNA), ["Dentist", "Plan"], "what is at Google is left alone");
    assert_eq!(world.crm.records("Meeting").len(), 2);
    // From now on it is the successor's.
    world.crm.as_user(BEN_ID).edit("Meeting", &plan, &json!({ "name": "Plan B" })).unwrap();
    world.rest().await;
    assert_eq!(world.titled(BEN), ["Plan B"]);
    world.nobody_was_told();
    let (_, told) = world.command(&["account", "offboard", ANNA, "--successor", BEN, "--yes"]).await;
    assert!(told.contains("handed over: 0") && told.contains("there was no consent"), "{told}");
    let audit = world.command(&["audit", "verify"]).await;
    assert!(!audit.0.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_names_the_leavers_event_is_handed_over_just_so() {
    for field in [EventField::Module, EventField::Custom] {
        let (world, plan) = with(field).await;
        let (_, told) = world.command(&["account", "offboard", ANNA, "--successor", BEN, "--yes"]).await;
        assert!(told.contains("handed over: 1"), "{told}");
        world.rest().await;
        assert_eq!(world.titled(BEN), ["Plan"], "{field:?}");
        assert_eq!(world.titled(ANNA), ["Dentist", "Plan"]);
        assert_eq!(world.crm.records("Meeting").len(), 2);
        world.crm.as_user(BEN_ID).edit("Meeting", &plan, &json!({ "name": "Plan B" })).unwrap();
        world.rest().await;
        assert_eq!(world.titled(BEN), ["Plan B"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_was_given_meanwhile_stays_theirs() {
    let (world, plan) = both().await;
    world.crm.add_person("0000000000000c44c", ("Carl", "Nova"), &["carl@example.com"]);
    // The CRM's admin was faster than our next look.
    world.crm.as_user(ANNA_ID).assign("Meeting", &plan, "0000000000000c44c").unwrap();
    let (_, told) = world.command(&["account", "offboard", ANNA, "--successor", BEN, "--yes"]).await;
    assert!(told.contains("handed over: 0"), "{told}");
    assert_eq!(world.crm.record("Meeting", &plan).unwrap()["assignedUserId"], "0000000000000c44c");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_given_a_record_of_a_leaver_gets_an_event_of_it() {
    let (world, plan) = both().await;
    world.command(&["account", "offboard", ANNA, "--yes"]).await;
    world.rest().await;
    world.crm.as_user(ANNA_ID).assign("Meeting", &plan, BEN_ID).unwrap();
    world.rest().await;
    assert_eq!((world.titled(BEN), world.titled(ANNA).len()), (vec!["Plan".to_owned()], 2));
    assert_eq!(world.crm.records("Meeting").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaver_who_comes_back_goes_on_with_what_nobody_else_was_given() {
    let (world, plan) = both().await;
    let anna = world.account(ANNA).await;
    world.command(&["account", "offboard", ANNA, "--yes"]).await;
    world.rest().await;
    world.crm.as_user(ANNA_ID).edit("Meeting", &plan, &json!({ "name": "Plan B" })).unwrap();
    world.rest().await;
    assert_eq!(world.titled(ANNA), ["Dentist", "Plan"]);
    world.command(&["account", "enable", ANNA]).await;
    world.connect(anna).await;
    world.rest().await;
    assert_eq!(world.titled(ANNA), ["Dentist", "Plan B"]);
    assert_eq!(world.crm.records("Meeting").len(), 2, "nothing is made twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_crm_has_no_more_nothing_is_kept_in_step_for_until_they_are_back() {
    let (world, plan) = both().await;
    let (store, crm) = (world.gateway.parts.store.clone(), world.client());
    assert_eq!(absent::look(&store, &crm).await.unwrap(), Some(0));
    world.crm.set_active(ANNA_ID, false);
    assert_eq!(absent::look(&store, &crm).await.unwrap(), Some(1));
    assert_eq!(absent::look(&store, &crm).await.unwrap(), Some(1));
    world.run().await;
    world.crm.as_user(BEN_ID).edit("Meeting", &plan, &json!({ "name": "Plan B" })).unwrap();
    let before = world.writes();
    world.run().await;
    assert_eq!(world.writes(), before, "nothing is done for who is gone");
    assert_eq!(world.google().live_refresh_tokens(ANNA).len(), 1, "and nothing is ended");
    // The admins are told, once.
    let told = "SELECT kind || ' ' || audience FROM outbox";
    assert_eq!(world.raw().await.words(told).await, ["crm_user_gone admins"]);
    world.crm.set_active(ANNA_ID, true);
    assert_eq!(absent::look(&store, &crm).await.unwrap(), Some(0));
    world.rest().await;
    assert_eq!(world.titled(ANNA), ["Dentist", "Plan B"]);
    // What the CRM does not tell, nobody takes for granted.
    world.crm.faults().next(postern_sandbox::CrmTrouble::Answer(503).into());
    assert_eq!(absent::look(&store, &crm).await.unwrap(), None);
}
