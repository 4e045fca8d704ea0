//! What one does while another is at it: a run that waits for an answer, and the reading of the CRM
//! that serves all runs.

use std::time::Duration;

use postern::net::exchange::{Method, Request};
use postern_core::plan::policy::Direction;
use serde_json::json;

use super::hands::{called, named};
use super::world::{Owner, World};

/// Anna with Eva, whom she has pushed; what happened so far is at rest.
async fn pushed() -> (World, Owner, String) {
    let world = World::new().await;
    let anna = world.anna().await;
    world.choose(&anna, |choices| choices.direction = Direction::Both).await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["made"]);
    world.rest().await;
    (world, anna, eva)
}

fn updates_a_person(request: &Request) -> bool {
    request.url.path().ends_with(":updateContact")
}

fn reads_a_record(request: &Request) -> bool {
    request.method == Method::Get && request.url.path().contains("/Contact/")
}

async fn soils(world: &World) -> i64 {
    world.raw().await.number("SELECT max(soils) FROM people_links").await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_is_read_while_a_run_writes_is_planned_for() {
    let (world, anna, eva) = pushed().await;
    world.edit(&eva, &json!({ "lastName": "Rock" }));
    world.wire.hold(updates_a_person);
    let meanwhile = async {
        world.wire.held.notified().await;
        let before = soils(&world).await;
        world.pass(Duration::from_secs(2));
        world.edit(&eva, &json!({ "lastName": "Pebble" }));
        let read = async {
            while soils(&world).await == before {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            () = read => {}
            () = world.drain() => panic!("the run has not ended"),
        }
        world.wire.go.notify_one();
    };
    tokio::join!(world.try_run(), meanwhile);
    world.rest().await;
    assert_eq!(called(&world.only_person(&anna)), "Eva Pebble");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_before_a_run_writes_and_stored_after_it_is_nobodys_edit() {
    let (world, anna, eva) = pushed().await;
    let person = named(&world.only_person(&anna)).to_owned();
    let phone = json!({ "phoneNumbers": [{ "value": "+420601123456", "type": "mobile" }] });
    world.wire.hold(reads_a_record);
    let meanwhile = async {
        world.wire.held.notified().await;
        world.pass(Duration::from_secs(2));
        world.google().edit_person(anna.address, &person, &phone).unwrap();
        world.run().await;
        assert_eq!(world.crm.record("Contact", &eva).unwrap()["phoneNumber"], "+420601123456");
        world.wire.go.notify_one();
    };
    tokio::join!(world.drain(), meanwhile);
    let written = world.writes();
    world.rest().await;
    assert_eq!(world.writes(), written, "nobody has edited anything");
    assert_eq!(world.crm.record("Contact", &eva).unwrap()["phoneNumber"], "+420601123456");
}
