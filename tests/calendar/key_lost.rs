//! After the loss of the key: links are kept, and what both sides agreed on is forgotten.

use postern::actions::{By, holds};
use postern::store::sync::dead_letters;
use postern_core::model::actor::Actor;
use postern_core::model::scope::Product;
use serde_json::json;

use super::world::{ANNA, ANNA_ID, SCOPES, World};

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_found_again_and_nothing_is_made_deleted_or_overwritten() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    let kept = world.meeting("Kept", "2037-03-02 10:00:00", "2037-03-02 11:00:00");
    let gone = world.event("Gone", "2037-03-03T10:00:00+01:00", "2037-03-03T11:00:00+01:00");
    let left = world.event("Left", "2037-03-04T10:00:00+01:00", "2037-03-04T11:00:00+01:00");
    world.rest().await;
    assert_eq!((world.crm.records("Meeting").len(), world.google().live_events(ANNA).len()), (3, 3));
    // While nobody looked, one was edited on both sides, one was deleted in Google, one in the CRM.
    let titled = |title: &str| {
        let all = world.google().live_events(ANNA);
        let found = all.into_iter().find(|event| event["summary"] == title).unwrap();
        found["id"].as_str().unwrap().to_owned()
    };
    let event = titled("Kept");
    world.google().edit_event(ANNA, ANNA, &event, json!({ "location": "Room 1" })).unwrap();
    world.crm.as_user(ANNA_ID).edit("Meeting", &kept, &json!({ "description": "Slides" })).unwrap();
    world.google().delete_event(ANNA, ANNA, &gone).unwrap();
    let meeting = |name: &str| {
        let all = world.crm.records("Meeting");
        let found = all.into_iter().find(|meeting| meeting["name"] == name).unwrap();
        found["id"].as_str().unwrap().to_owned()
    };
    world.crm.as_user(ANNA_ID).delete("Meeting", &meeting("Left")).unwrap();
    world.gateway.lose_key(anna, ANNA, (Product::Calendar, &SCOPES)).await;
    let before = world.writes();
    world.sweep().await;
    world.rest().await;
    assert_eq!(world.writes(), before, "both stand as they are");
    assert!(world.pending().await.is_empty());
    assert!(world.google().event(ANNA, &left).is_some() && !meeting("Gone").is_empty());
    let mut raw = world.raw().await;
    let states = raw.words("SELECT state FROM links WHERE role = 'owner' ORDER BY state").await;
    assert_eq!(states, ["active", "detached", "ignored"]);
    // What is let go stays so, whatever its side says then.
    world.google().edit_event(ANNA, ANNA, &left, json!({ "summary": "Left over" })).unwrap();
    world.rest().await;
    assert_eq!(world.crm.records("Meeting").len(), 2);
    // From here on everything goes its way again.
    world.google().edit_event(ANNA, ANNA, &event, json!({ "summary": "Kept at last" })).unwrap();
    world.rest().await;
    assert_eq!(world.crm.record("Meeting", &kept).unwrap()["name"], "Kept at last");
    assert_eq!((world.crm.records("Meeting").len(), world.google().live_events(ANNA).len()), (2, 2));
    let store = &world.gateway.parts.store;
    let letters = dead_letters::of_account(store, &mut store.read().await.unwrap(), anna, 10).await.unwrap();
    assert!(letters.is_empty(), "{letters:?}");
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_has_refused_is_not_made() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    world.rest().await;
    for n in 0..201 {
        world.event(&format!("Event {n}"), "2037-03-02T10:00:00+01:00", "2037-03-02T11:00:00+01:00");
    }
    world.run().await;
    let store = &world.gateway.parts.store;
    let hold = world.pending().await.remove(0);
    let by = By::new(Actor::CommandLine("anna".to_owned()), store.dice()).unwrap();
    holds::reject(store, &by, hold.id).await.unwrap();
    world.rest().await;
    assert!(world.pending().await.is_empty());
    world.gateway.lose_key(anna, ANNA, (Product::Calendar, &SCOPES)).await;
    world.rest().await;
    assert_eq!((world.crm.records("Meeting").len(), world.google().live_events(ANNA).len()), (0, 201));
}
