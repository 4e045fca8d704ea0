//! How often the CRM is asked about records that links have.

use std::time::Duration;

use serde_json::json;

use super::hands::called;
use super::world::World;

/// Time between two readings.
const WHILE: Duration = Duration::from_secs(20 * 60);

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_read_till_its_second_is_over_and_never_again() {
    let world = World::new().await;
    let anna = world.anna().await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["made"]);
    world.edit(&eva, &json!({ "lastName": "Rock" }));
    world.rest().await;
    let asked = || world.crm.requests("GET", "Contact");
    world.pass(WHILE);
    world.run().await;
    let before = asked();
    for _ in 0..3 {
        world.pass(WHILE);
        world.run().await;
    }
    assert_eq!(asked(), before + 3, "a list each time, and nobody alone who shows no change");
    world.edit(&eva, &json!({ "lastName": "Pebble" }));
    world.rest().await;
    assert_eq!(called(&world.only_person(&anna)), "Eva Pebble");
}
