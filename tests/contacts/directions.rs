//! Which way edits, new people and deletions go, by the choices of the user.

use std::time::Duration;

use postern_core::plan::contacts::choices::{Choices, Strangers};
use postern_core::plan::policy::{Direction, Winner};
use serde_json::{Value, json};

use super::hands::{addresses, called, named};
use super::world::{ANNA_ID, Owner, World};

const SWEEP: Duration = Duration::from_secs(7 * 3_600);

/// Anna with Eva, whom she has pushed.
async fn eva(world: &World, change: impl FnOnce(&mut Choices)) -> (Owner, String, String) {
    let anna = world.anna().await;
    world.choose(&anna, change).await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["made"]);
    let person = named(&world.only_person(&anna)).to_owned();
    (anna, eva, person)
}

fn family(name: &str) -> Value {
    json!({ "names": [{ "givenName": "Eva", "familyName": name }] })
}

#[tokio::test(flavor = "multi_thread")]
async fn by_default_edits_at_google_stay_there() {
    let world = World::new().await;
    let (anna, eva, person) = eva(&world, |_| {}).await;
    world.google().edit_person(anna.address, &person, &family("Rock")).unwrap();
    assert_eq!(world.rest().await, 0);
    assert_eq!(
        (called(&world.only_person(&anna)).as_str(), &world.only_contact()["lastName"]),
        ("Eva Rock", &json!("Stone"))
    );
    // They are kept until the field changes in the CRM.
    world.edit(&eva, &json!({ "firstName": "Evelyn" }));
    world.rest().await;
    assert_eq!(called(&world.only_person(&anna)), "Evelyn Rock");
    world.edit(&eva, &json!({ "lastName": "Pebble" }));
    world.rest().await;
    assert_eq!(called(&world.only_person(&anna)), "Evelyn Pebble");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ways_edits_of_both_sides_meet_field_by_field() {
    let world = World::new().await;
    let (anna, eva, person) = eva(&world, |choices| {
        (choices.direction, choices.winner) = (Direction::Both, Winner::Google);
    })
    .await;
    world.google().edit_person(anna.address, &person, &family("Rock")).unwrap();
    world.edit(&eva, &json!({ "lastName": "Pebble", "phoneNumber": "+420601123456" }));
    world.rest().await;
    let (shown, record) = (world.only_person(&anna), world.only_contact());
    assert_eq!((called(&shown).as_str(), &record["lastName"]), ("Eva Rock", &json!("Rock")));
    assert_eq!(
        (&shown["phoneNumbers"][0]["value"], &record["phoneNumber"]),
        (&json!("+420601123456"), &json!("+420601123456"))
    );
    world.choose(&anna, |choices| choices.winner = Winner::Crm).await;
    world.google().edit_person(anna.address, &person, &family("Sand")).unwrap();
    world.edit(&eva, &json!({ "lastName": "Clay" }));
    world.rest().await;
    assert_eq!(
        (called(&world.only_person(&anna)).as_str(), &world.only_contact()["lastName"]),
        ("Eva Clay", &json!("Clay"))
    );
}

// The list by which the record is found tells none of its addresses but the first.
#[tokio::test(flavor = "multi_thread")]
async fn both_ways_an_address_changes_with_somebody_who_was_found_on_both_sides() {
    let world = World::new().await;
    let anna = world.anna().await;
    world.choose(&anna, |choices| choices.direction = Direction::Both).await;
    world.contact(("Eva", "Stone"), "eva@outside.test");
    let person = world.friend(&anna, ("Eva", "Stone"), "eva@outside.test", true);
    world.run().await;
    assert_eq!(world.states(&anna).await, ["active"]);
    let change = json!({ "emailAddresses": [{ "value": "eva@new.test" }] });
    world.google().edit_person(anna.address, &person, &change).unwrap();
    world.rest().await;
    assert_eq!(world.only_contact()["emailAddress"], "eva@new.test");
    assert_eq!(addresses(&world.only_person(&anna)), ["eva@new.test"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_whom_the_crm_does_not_know_become_what_the_user_wants() {
    for (strangers, made) in [
        (Strangers::Ignore, None),
        (Strangers::Review, None),
        (Strangers::Contact, Some("Contact")),
        (Strangers::Lead, Some("Lead")),
    ] {
        let world = World::new().await;
        let anna = world.anna().await;
        world
            .choose(&anna, |choices| (choices.direction, choices.strangers) = (Direction::Both, strangers))
            .await;
        let person = world.friend(&anna, ("Tom", "Wood"), "tom@outside.test", true);
        world.friend(&anna, ("Not", "Meant"), "not@outside.test", false);
        world.rest().await;
        let all = |entity: &str| world.crm.records(entity).len();
        assert_eq!(all("Contact") + all("Lead"), usize::from(made.is_some()), "{strangers:?}");
        let asked = world.questions(&anna).await;
        assert_eq!(asked.is_empty(), strangers != Strangers::Review, "{asked:?}");
        if let Some(entity) = made {
            let record = world.crm.records(entity).remove(0);
            assert_eq!((&record["name"], &record["assignedUserId"]), (&json!("Tom Wood"), &json!(ANNA_ID)));
            world
                .google()
                .edit_person(
                    anna.address,
                    &person,
                    &json!({ "names": [{ "givenName": "Tim", "familyName": "Wood" }] }),
                )
                .unwrap();
            world.rest().await;
            assert_eq!(world.crm.records(entity)[0]["name"], "Tim Wood");
        }
        if strangers == Strangers::Review {
            assert_eq!(asked, [("undecided".to_owned(), person.clone())]);
            world.decide(&anna, "new", Some("Lead")).await;
            world.rest().await;
            assert_eq!(all("Lead"), 1);
        }
        assert_eq!(world.people(&anna).len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_crm_calls_a_duplicate_is_asked_about_and_not_made() {
    let world = World::new().await;
    let anna = world.anna().await;
    world
        .choose(&anna, |choices| {
            (choices.direction, choices.strangers) = (Direction::Both, Strangers::Contact);
        })
        .await;
    // The same name, and nothing by which they would be known again.
    let tom = world.contact(("Tom", "Wood"), "tom@work.test");
    let person = world.friend(&anna, ("Tom", "Wood"), "tom@home.test", true);
    world.rest().await;
    assert_eq!(world.crm.records("Contact").len(), 1);
    assert_eq!(world.questions(&anna).await, [("duplicate".to_owned(), person.clone())]);
    assert!(world.reviews(&anna).await[0].content.contains(&tom));
    world.decide(&anna, "same", Some(&format!("Contact/{tom}"))).await;
    world.rest().await;
    let links = world.links(&anna).await;
    assert_eq!(
        (links.len(), links[0].record.as_deref(), links[0].resource.as_deref()),
        (1, Some(tom.as_str()), Some(person.as_str()))
    );
    assert!(world.reviews(&anna).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_that_the_user_may_not_see_is_not_told() {
    let world = World::new().await;
    let (_, ben) = (world.anna().await, world.ben().await);
    world
        .choose(&ben, |choices| {
            (choices.direction, choices.strangers) = (Direction::Both, Strangers::Contact);
        })
        .await;
    let tom = world.contact(("Tom", "Wood"), "tom.secret@work.test");
    world.friend(&ben, ("Tom", "Wood"), "tom@home.test", true);
    world.rest().await;
    let question = world.reviews(&ben).await.remove(0);
    assert_eq!(question.word, "duplicate");
    assert!(!question.content.contains(&tom) && !question.content.contains("secret"), "{}", question.content);
}

#[tokio::test(flavor = "multi_thread")]
async fn by_default_nobody_is_deleted_on_either_side() {
    let world = World::new().await;
    let (anna, eva, _) = eva(&world, |choices| choices.direction = Direction::Both).await;
    let tom = world.contact(("Tom", "Wood"), "tom@outside.test");
    world.pushed(&anna, &[&tom]).await;
    world.crm.as_user(ANNA_ID).delete("Contact", &eva).unwrap();
    let toms = world.people(&anna).iter().find(|of| called(of) == "Tom Wood").map(|of| named(of).to_owned());
    world.google().delete_person(anna.address, &toms.unwrap()).unwrap();
    world.pass(SWEEP);
    world.rest().await;
    assert_eq!(called(&world.only_person(&anna)), "Eva Stone");
    assert_eq!(world.only_contact()["name"], "Tom Wood");
    // Nor do they come back, but when they are pushed again.
    world.edit(&tom, &json!({ "lastName": "Forest" }));
    world.rest().await;
    assert_eq!(world.people(&anna).len(), 1);
    assert_eq!(world.pushed(&anna, &[&tom]).await, ["made"]);
    assert_eq!(world.people(&anna).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_deleted_with_its_original_where_the_user_wants_it() {
    let world = World::new().await;
    let (anna, eva, _) = eva(&world, |choices| {
        choices.direction = Direction::Both;
        choices.strangers = Strangers::Contact;
        (choices.deletes_persons, choices.deletes_records) = (true, true);
    })
    .await;
    let tom = world.friend(&anna, ("Tom", "Wood"), "tom@outside.test", true);
    let tim = world.friend(&anna, ("Tim", "Field"), "tim@outside.test", true);
    world.rest().await;
    assert_eq!(world.crm.records("Contact").len(), 3);
    // A record that was made of a person goes with it, unless somebody has edited it since.
    let tims =
        world.crm.records("Contact").iter().find(|of| of["name"] == "Tim Field").unwrap()["id"].clone();
    world.google().delete_person(anna.address, &tom).unwrap();
    world.google().delete_person(anna.address, &tim).unwrap();
    world.edit(tims.as_str().unwrap(), &json!({ "description": "Our best customer" }));
    world.crm.as_user(ANNA_ID).delete("Contact", &eva).unwrap();
    world.pass(SWEEP);
    world.rest().await;
    assert!(world.people(&anna).is_empty());
    assert_eq!(world.only_contact()["name"], "Tim Field");
}
