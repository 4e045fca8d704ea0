//! What waited for a person's word, after it was given or was not needed any more.

use postern::actions::By;
use postern::store::sync::holds::{self, Hold};
use postern_core::model::actor::Actor;
use serde_json::json;

use super::world::{ANNA, World};

impl World {
    /// Eleven events of which a CRM that mails would tell people.
    async fn eleven_wait(&self) -> (Vec<String>, Hold) {
        self.crm.set_assignment_mails(true);
        self.anna().await;
        let event = |n: usize| {
            let (start, end) = (format!("2037-03-{n:02}T10:00:00Z"), format!("2037-03-{n:02}T11:00:00Z"));
            self.event(&format!("E{n}"), &start, &end)
        };
        let events = (1..=11).map(event).collect();
        self.rest().await;
        let mut held = self.pending().await;
        assert_eq!((held.len(), held[0].count), (1, 11));
        (events, held.remove(0))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_6_1_what_was_rejected_is_not_made_when_the_hold_is_forgotten() {
    let world = World::new().await;
    let (events, held) = world.eleven_wait().await;
    let store = &world.gateway.parts.store;
    let by = By::new(Actor::CommandLine("anna".to_owned()), store.dice()).unwrap();
    postern::actions::holds::reject(store, &by, held.id).await.unwrap();
    world.rest().await;
    assert_eq!(world.raw().await.run("DELETE FROM holds").await, 1);
    world.rest().await;
    assert_eq!((world.crm.records("Meeting").len(), world.pending().await.len()), (0, 0));
    world.google().edit_event(ANNA, ANNA, &events[0], json!({ "summary": "Wanted after all" })).unwrap();
    world.rest().await;
    assert_eq!(world.only_meeting()["name"], "Wanted after all");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_6_1_a_hold_whose_writes_are_gone_waits_no_more() {
    let world = World::new().await;
    let (events, held) = world.eleven_wait().await;
    for event in &events {
        world.google().delete_event(ANNA, ANNA, event).unwrap();
    }
    world.rest().await;
    assert!(world.pending().await.is_empty());
    let store = &world.gateway.parts.store;
    let ended = holds::by_id(store, &mut store.read().await.unwrap(), held.id).await.unwrap();
    assert_eq!(ended.unwrap().status, holds::Status::Gone);
    assert!(world.crm.records("Meeting").is_empty());
}
