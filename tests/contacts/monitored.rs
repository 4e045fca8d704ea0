//! Groups that are read beside the one that takes people.

use postern_core::plan::contacts::choices::Strangers;
use postern_core::plan::policy::Direction;
use serde_json::json;

use super::hands::called;
use super::world::{Owner, World};

/// Anna, who monitors a further group, both ways; people in it whom the CRM does not know become contacts.
async fn anna(world: &World) -> (Owner, String) {
    let mut anna = world.anna().await;
    world.monitor(&mut anna).await;
    world
        .choose(&anna, |choices| {
            (choices.direction, choices.strangers) = (Direction::Both, Strangers::Contact);
        })
        .await;
    let further = anna.further.clone().unwrap();
    (anna, further)
}

#[tokio::test(flavor = "multi_thread")]
async fn people_of_a_further_group_are_kept_in_step_and_stay_where_they_are() {
    let world = World::new().await;
    let (anna, further) = anna(&world).await;
    let eva = world.friend(&anna, ("Eva", "Stone"), "eva@outside.test", false);
    world.google().join_group(anna.address, &further, &eva).unwrap();
    world.friend(&anna, ("Not", "Meant"), "not@outside.test", false);
    world.rest().await;
    let record = world.only_contact();
    assert_eq!(
        (&record["name"], world.states(&anna).await.as_slice()),
        (&json!("Eva Stone"), &["active"][..])
    );
    assert!(world.members(&anna).is_empty(), "nobody is put into a group by being read");
    let id = record["id"].as_str().unwrap().to_owned();
    world.edit(&id, &json!({ "lastName": "Rock" }));
    world.rest().await;
    assert_eq!(called(&world.google().person(anna.address, &eva).unwrap()), "Eva Rock");
    // Whoever is pushed comes into the main group, and may leave either of the two.
    assert_eq!(world.pushed(&anna, &[&id]).await, ["linked"]);
    assert_eq!(world.members(&anna), [eva.as_str()]);
    world.google().leave_group(anna.address, &further, &eva).unwrap();
    world.rest().await;
    assert_eq!(world.states(&anna).await, ["active"]);
    world.google().leave_group(anna.address, &anna.group, &eva).unwrap();
    world.rest().await;
    assert_eq!(world.states(&anna).await, ["detached"]);
    assert_eq!(world.crm.records("Contact").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_4_a_further_group_that_is_deleted_takes_nobody_out_of_step() {
    let world = World::new().await;
    let (anna, further) = anna(&world).await;
    let eva = world.friend(&anna, ("Eva", "Stone"), "eva@outside.test", false);
    world.google().join_group(anna.address, &further, &eva).unwrap();
    world.rest().await;
    let id = world.only_contact()["id"].as_str().unwrap().to_owned();
    world.google().remove_group(anna.address, &further, false).unwrap();
    world.pass(std::time::Duration::from_secs(120));
    world.rest().await;
    assert_eq!(world.states(&anna).await, ["active"]);
    world.edit(&id, &json!({ "lastName": "Rock" }));
    world.rest().await;
    assert_eq!(called(&world.google().person(anna.address, &eva).unwrap()), "Eva Rock");
    // Until the user gives the group up.
    world.choose(&anna, |choices| choices.monitored.clear()).await;
    world.rest().await;
    assert_eq!(world.states(&anna).await, ["detached"]);
    assert_eq!((world.people(&anna).len(), world.crm.records("Contact").len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_seen_before_the_group_was_chosen_comes_whole() {
    let world = World::new().await;
    let mut anna = world.anna().await;
    world.choose(&anna, |choices| choices.direction = Direction::Both).await;
    let group = world.google().add_group(anna.address, "Tennis").unwrap();
    let eva = world.friend(&anna, ("Eva", "Stone"), "eva@outside.test", false);
    world.google().join_group(anna.address, &group, &eva).unwrap();
    let note = json!({ "biographies": [{ "value": "Likes tea", "contentType": "TEXT_PLAIN" }] });
    world.google().edit_person(anna.address, &eva, &note).unwrap();
    world.rest().await;
    assert!(world.crm.records("Contact").is_empty());
    world
        .choose(&anna, |choices| {
            choices.strangers = Strangers::Contact;
            choices.monitored.extend([group.clone()]);
        })
        .await;
    anna.further = Some(group);
    world.rest().await;
    assert_eq!(world.only_contact()["description"], "Likes tea");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_4_whoever_stands_in_a_further_group_stays_in_step_when_the_main_one_is_gone() {
    let world = World::new().await;
    let (anna, further) = anna(&world).await;
    let eva = world.friend(&anna, ("Eva", "Stone"), "eva@outside.test", false);
    world.google().join_group(anna.address, &further, &eva).unwrap();
    world.friend(&anna, ("Tom", "Wood"), "tom@outside.test", true);
    world.rest().await;
    assert_eq!(world.states(&anna).await, ["active", "active"]);
    world.google().remove_group(anna.address, &anna.group, false).unwrap();
    world.pass(std::time::Duration::from_secs(25 * 3_600));
    world.run().await;
    world.answer(&anna, true).await;
    world.run().await;
    let states: Vec<_> =
        world.links(&anna).await.into_iter().map(|link| (link.resource, link.state.name())).collect();
    assert!(states.contains(&(Some(eva), "active")), "{states:?}");
    assert!(states.iter().any(|(_, state)| *state == "detached"), "{states:?}");
}
