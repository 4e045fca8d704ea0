//! What is pushed becomes a person of the group, once.

use std::time::Duration;

use postern::app;
use postern::google::people::limits::RATES;
use postern_core::plan::contacts::person::{MARK, Mark};

use super::hands::{addresses, called, named};
use super::world::World;

async fn a_contact_that_is_pushed_becomes_a_person(world: &World) {
    let anna = world.anna().await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    world.contact(("Tom", "Wood"), "tom@outside.test");
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["made"]);
    let person = world.only_person(&anna);
    assert_eq!(
        (called(&person).as_str(), addresses(&person)),
        ("Eva Stone", vec!["eva@outside.test".to_owned()])
    );
    assert_eq!(world.members(&anna), [named(&person)]);
    let data = person["clientData"].as_array().unwrap();
    let mark = data.iter().find(|of| of["key"] == MARK).and_then(|of| Mark::parse(of["value"].as_str()?));
    assert_eq!(mark.unwrap().record, eva);
    // The second run has nothing to do.
    let before = world.writes();
    world.run().await;
    assert_eq!(world.writes(), before);
    assert_eq!(world.states(&anna).await, ["active"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_1_a_contact_that_is_pushed_becomes_a_person_and_nothing_is_written_twice() {
    a_contact_that_is_pushed_becomes_a_person(&World::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_itself_keeps_address_books_in_step() {
    let world = World::new().await;
    let anna = world.anna().await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    let push = world.push(&anna, &[&eva]).await;
    assert_eq!(app::contacts(&world.gateway.parts).drain().await.unwrap(), 1);
    assert_eq!(world.told(push).await, ["made"]);
    assert_eq!(called(&world.only_person(&anna)), "Eva Stone");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_3_many_who_are_pushed_come_at_googles_pace() {
    let world = World::with(RATES, None).await;
    let anna = world.anna().await;
    world.google().set_contacts_policy(|policy| {
        (policy.critical_reads_minute, policy.critical_writes_minute) = (60, 30);
        (policy.reads_minute, policy.writes_minute) = (90, 30);
    });
    let contact =
        |number: usize| world.contact(("Eva", &format!("No{number}")), &format!("e{number}@outside.test"));
    let all: Vec<String> = (0..450).map(contact).collect();
    let push = world.push(&anna, &all.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut minutes = 0;
    while world.told(push).await.contains(&String::new()) {
        // What is due, and nothing is hurried.
        world.drain().await;
        assert_eq!(world.fault(&anna).await, None, "to wait is no failure");
        world.pass(Duration::from_secs(60));
        minutes += 1;
        assert!(minutes < 120, "it does not come to an end");
    }
    // Each of two batches is paid for before the next.
    assert!(minutes >= 12, "{minutes}");
    assert_eq!((world.people(&anna).len(), world.members(&anna).len()), (450, 450));
    assert_eq!(world.google().contacts_counters().over_quota, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_1_a_contact_that_is_pushed_becomes_a_person_on_postgresql() {
    a_contact_that_is_pushed_becomes_a_person(&World::in_postgres().await).await;
}
