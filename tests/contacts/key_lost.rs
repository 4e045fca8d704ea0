//! After the loss of the key: links are kept, and what both sides agreed on is forgotten.

use std::time::Duration;

use postern_core::model::scope::Product;
use postern_core::plan::policy::Direction;
use serde_json::json;

use super::hands::called;
use super::world::{SCOPES, World};

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_again_and_nobody_is_made_deleted_or_overwritten() {
    let world = World::new().await;
    let anna = world.anna().await;
    world
        .choose(&anna, |choices| {
            choices.direction = Direction::Both;
            (choices.deletes_persons, choices.deletes_records) = (true, true);
        })
        .await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    let tom = world.contact(("Tom", "Wood"), "tom@outside.test");
    world.pushed(&anna, &[&eva, &tom]).await;
    world.rest().await;
    let person = |name: &str| {
        let all = world.people(&anna);
        let found = all.into_iter().find(|person| called(person) == name).unwrap();
        found["resourceName"].as_str().unwrap().to_owned()
    };
    let (eva_there, tom_there) = (person("Eva Stone"), person("Tom Wood"));
    let rock = json!({ "names": [{ "givenName": "Eva", "familyName": "Rock" }] });
    world.google().edit_person(anna.address, &eva_there, &rock).unwrap();
    world.edit(&eva, &json!({ "description": "A note" }));
    world.google().delete_person(anna.address, &tom_there).unwrap();
    world.gateway.lose_key(anna.account, anna.address, (Product::Contacts, &SCOPES)).await;
    let before = world.writes();
    world.pass(Duration::from_secs(7 * 3_600));
    world.rest().await;
    assert_eq!(world.writes(), before, "both stand as they are");
    assert!(world.holds().await.is_empty() && world.letters(&anna).await.is_empty());
    let mut states = world.states(&anna).await;
    states.sort_unstable();
    assert_eq!((world.crm.records("Contact").len(), states), (2, vec!["active", "detached"]));
    // From here on everything goes its way again.
    world.edit(&eva, &json!({ "lastName": "Pebble" }));
    world.rest().await;
    assert_eq!(called(&world.only_person(&anna)), "Eva Pebble");
}
