//! What is pushed becomes a person of the group, once.

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
async fn rule_7_1_a_contact_that_is_pushed_becomes_a_person_on_postgresql() {
    a_contact_that_is_pushed_becomes_a_person(&World::in_postgres().await).await;
}
