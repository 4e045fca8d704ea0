//! Several users with one record, and what one side can say and the other cannot.

use postern_core::plan::policy::Direction;
use serde_json::{Value, json};

use super::hands::{addresses, called, named};
use super::world::{BEN_ID, Owner, World};

const SALES: &str = "6b035d7000000team";

/// Anna and Ben in one team, both ways, with one contact in both their groups.
async fn shared(world: &World) -> (Owner, Owner, String) {
    let (anna, ben) = (world.anna().await, world.ben().await);
    world.crm.add_team(SALES, "Sales");
    world.crm.set_teams(BEN_ID, &[SALES]);
    for owner in [&anna, &ben] {
        world.choose(owner, |choices| choices.direction = Direction::Both).await;
    }
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    world.edit(&eva, &json!({ "teamsIds": [SALES] }));
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["made"]);
    assert_eq!(world.pushed(&ben, &[&eva]).await, ["made"]);
    world.rest().await;
    (anna, ben, eva)
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_5_what_one_user_edits_arrives_at_the_other() {
    let world = World::new().await;
    let (anna, ben, eva) = shared(&world).await;
    let annas = named(&world.only_person(&anna)).to_owned();
    let change = json!({ "names": [{ "givenName": "Eva", "familyName": "Rock" }] });
    world.google().edit_person(anna.address, &annas, &change).unwrap();
    world.rest().await;
    assert_eq!(world.crm.record("Contact", &eva).unwrap()["lastName"], "Rock");
    assert_eq!(called(&world.only_person(&ben)), "Eva Rock");
    let bens = named(&world.only_person(&ben)).to_owned();
    let change = json!({ "phoneNumbers": [{ "value": "+420601123456", "type": "mobile" }] });
    world.google().edit_person(ben.address, &bens, &change).unwrap();
    world.rest().await;
    assert_eq!(world.only_person(&anna)["phoneNumbers"][0]["value"], "+420601123456");
    assert_eq!(world.crm.record("Contact", &eva).unwrap()["phoneNumber"], "+420601123456");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_5_notes_and_nicknames_of_one_user_reach_nobody() {
    let world = World::new().await;
    let (anna, ben, eva) = shared(&world).await;
    let annas = named(&world.only_person(&anna)).to_owned();
    let change = json!({
        "biographies": [{ "value": "Owes me money" }], "nicknames": [{ "value": "Shark" }],
        "names": [{ "givenName": "Eva", "familyName": "Rock" }],
    });
    world.google().edit_person(anna.address, &annas, &change).unwrap();
    world.rest().await;
    let record = world.crm.record("Contact", &eva).unwrap();
    assert_eq!((&record["lastName"], &record["description"]), (&json!("Rock"), &Value::Null));
    let bens = world.only_person(&ben).to_string();
    assert!(!bens.contains("money") && !bens.contains("Shark"), "{bens}");
    // And they stay with their user.
    world.edit(&eva, &json!({ "lastName": "Pebble" }));
    world.rest().await;
    let annas = world.only_person(&anna);
    assert_eq!(
        (called(&annas).as_str(), &annas["biographies"][0]["value"]),
        ("Eva Pebble", &json!("Owes me money"))
    );
    assert_eq!(annas["nicknames"][0]["value"], "Shark");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_5_a_number_without_a_country_stays_in_google() {
    let world = World::new().await;
    let anna = world.anna().await;
    world.choose(&anna, |choices| choices.direction = Direction::Both).await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    world.pushed(&anna, &[&eva]).await;
    let person = named(&world.only_person(&anna)).to_owned();
    let change = json!({ "phoneNumbers": [{ "value": "601 123 456" }, { "value": "+420 602 123 456" }] });
    world.google().edit_person(anna.address, &person, &change).unwrap();
    assert_eq!(world.rest().await, 1);
    assert_eq!(world.only_contact()["phoneNumberData"].as_array().unwrap().len(), 1);
    assert_eq!(world.only_contact()["phoneNumber"], "+420602123456");
    world.edit(&eva, &json!({ "phoneNumber": "+420603123456" }));
    world.rest().await;
    let shown = world.only_person(&anna);
    let numbers: Vec<_> =
        shown["phoneNumbers"].as_array().unwrap().iter().map(|of| of["value"].clone()).collect();
    assert!(
        numbers.contains(&json!("601 123 456")) && numbers.contains(&json!("+420603123456")),
        "{numbers:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_5_who_has_no_family_name_is_called_by_something_that_does_not_come_back() {
    let world = World::new().await;
    let anna = world.anna().await;
    world
        .choose(&anna, |choices| {
            choices.direction = Direction::Both;
            choices.strangers = postern_core::plan::contacts::choices::Strangers::Contact;
        })
        .await;
    world.run().await;
    let person =
        json!({ "names": [{ "givenName": "Eva" }], "emailAddresses": [{ "value": "eva@outside.test" }] });
    let person = world.google().put_person(anna.address, &person).unwrap();
    world.google().join_group(anna.address, &anna.group, &person).unwrap();
    assert_eq!(world.rest().await, 1);
    let record = world.only_contact();
    assert_eq!((&record["firstName"], &record["lastName"]), (&json!("Eva"), &json!("eva")));
    world.edit(record["id"].as_str().unwrap(), &json!({ "firstName": "Evelyn" }));
    world.rest().await;
    let shown = world.only_person(&anna);
    assert_eq!(
        (&shown["names"][0]["givenName"], shown["names"][0].get("familyName")),
        (&json!("Evelyn"), None)
    );
    world.edit(record["id"].as_str().unwrap(), &json!({ "lastName": "Stone" }));
    world.rest().await;
    assert_eq!(called(&world.only_person(&anna)), "Evelyn Stone");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_5_an_address_in_other_letters_is_the_same_one() {
    let world = World::new().await;
    let anna = world.anna().await;
    world.choose(&anna, |choices| choices.direction = Direction::Both).await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    world.friend(&anna, ("Eva", "Stone"), "EVA@Outside.TEST", true);
    assert_eq!(world.rest().await, 0);
    assert_eq!((world.people(&anna).len(), world.links(&anna).await.len()), (1, 1));
    assert_eq!(addresses(&world.only_person(&anna)), ["EVA@Outside.TEST"]);
    world.edit(&eva, &json!({ "lastName": "Rock" }));
    world.rest().await;
    assert_eq!(addresses(&world.only_person(&anna)), ["EVA@Outside.TEST"]);
    assert_eq!(world.only_contact()["emailAddress"], "eva@outside.test");
}
