//! One person is one record, whatever people merge, convert and rename.

use std::time::Duration;

use postern_core::plan::contacts::card::Entity;
use postern_core::plan::policy::Direction;
use serde_json::json;

use super::hands::{addresses, called, named};
use super::world::{ANNA_ID, World};

const SWEEP: Duration = Duration::from_secs(7 * 3_600);

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_4_a_second_record_of_one_address_is_asked_about() {
    let world = World::new().await;
    let anna = world.anna().await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    let other = world.contact(("Evelyn", "Stone"), "EVA@outside.test");
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["made"]);
    assert_eq!(world.pushed(&anna, &[&other]).await, ["taken"]);
    assert_eq!(world.questions(&anna).await, [("taken".to_owned(), format!("Contact/{other}"))]);
    assert_eq!(called(&world.only_person(&anna)), "Eva Stone");
    // Two that are pushed at once likewise.
    let [tom, tim] = ["Tom", "Tim"].map(|first| world.contact((first, "Wood"), "tom@outside.test"));
    let words = world.pushed(&anna, &[&tom, &tim]).await;
    assert!(words.contains(&"made".to_owned()) && words.contains(&"second".to_owned()), "{words:?}");
    assert_eq!(world.people(&anna).len(), 2);
    world.rest().await;
    assert_eq!((world.people(&anna).len(), world.reviews(&anna).await.len()), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_4_a_lead_that_becomes_a_contact_takes_its_person_along() {
    let world = World::new().await;
    let anna = world.anna().await;
    let lead = world.record("Lead", ("Eva", "Stone"), "eva@outside.test");
    let push = world.push_records(&anna, &[(Entity::Lead, lead.clone())], false).await;
    world.run().await;
    assert_eq!(world.told(push).await, ["made"]);
    let person = named(&world.only_person(&anna)).to_owned();
    let contact = world.crm.as_user(ANNA_ID).convert(&lead).unwrap();
    world.rest().await;
    let links = world.links(&anna).await;
    assert_eq!(links.len(), 1);
    assert_eq!((links[0].entity, links[0].record.as_deref()), (Entity::Contact, Some(contact.as_str())));
    world.edit(&contact, &json!({ "lastName": "Rock" }));
    world.rest().await;
    let shown = world.only_person(&anna);
    assert_eq!((named(&shown), called(&shown).as_str()), (person.as_str(), "Eva Rock"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_4_records_that_are_merged_leave_one_person_with_the_winner() {
    let world = World::new().await;
    let anna = world.anna().await;
    world.choose(&anna, |choices| choices.deletes_persons = true).await;
    let loser = world.contact(("Eva", "Stone"), "eva@outside.test");
    world.pushed(&anna, &[&loser]).await;
    let winner = world.contact(("Eva", "Stone"), "eva.stone@work.test");
    world.crm.as_user(ANNA_ID).merge("Contact", &winner, &loser).unwrap();
    world.pass(SWEEP);
    world.rest().await;
    let links = world.links(&anna).await;
    assert_eq!((links.len(), links[0].record.as_deref()), (1, Some(winner.as_str())));
    let shown = world.only_person(&anna);
    assert_eq!(world.members(&anna), [named(&shown)]);
    let mut all = addresses(&shown);
    all.sort();
    assert_eq!(all, ["eva.stone@work.test", "eva@outside.test"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_4_people_whom_google_calls_by_another_name_are_the_same() {
    let world = World::new().await;
    let anna = world.anna().await;
    world.choose(&anna, |choices| choices.direction = Direction::Both).await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    world.pushed(&anna, &[&eva]).await;
    let before = named(&world.only_person(&anna)).to_owned();
    let now = world.google().rename_person(anna.address, &before).unwrap();
    assert_eq!(world.rest().await, 0);
    assert_eq!(world.links(&anna).await[0].resource.as_deref(), Some(now.as_str()));
    world.edit(&eva, &json!({ "lastName": "Rock" }));
    world.rest().await;
    assert_eq!(called(&world.only_person(&anna)), "Eva Rock");
    // Also where nobody sees it but in a list of everybody.
    let later = world.google().rename_person(anna.address, &now).unwrap();
    world.google().expire_contacts_sync_tokens(anna.address);
    assert_eq!(world.rest().await, 0);
    assert_eq!(world.links(&anna).await[0].resource.as_deref(), Some(later.as_str()));
    assert_eq!((world.people(&anna).len(), world.crm.records("Contact").len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_4_people_who_are_merged_at_google_keep_one_link_and_nobody_comes_back() {
    let world = World::new().await;
    let anna = world.anna().await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    world.pushed(&anna, &[&eva]).await;
    let ours = named(&world.only_person(&anna)).to_owned();
    let own = world.friend(&anna, ("Eva", "Private"), "eva@home.test", false);
    world.google().merge_people(anna.address, &own, &ours).unwrap();
    world.rest().await;
    let shown = world.only_person(&anna);
    assert_eq!(named(&shown), own);
    let links = world.links(&anna).await;
    assert_eq!(
        (links.len(), links[0].resource.as_deref(), links[0].state.name()),
        (1, Some(own.as_str()), "active")
    );
    world.edit(&eva, &json!({ "phoneNumber": "+420601123456" }));
    world.rest().await;
    assert_eq!(world.only_person(&anna)["phoneNumbers"][0]["value"], "+420601123456");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_4_two_of_ours_that_are_merged_at_google_are_asked_about() {
    let world = World::new().await;
    let anna = world.anna().await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    let tom = world.contact(("Tom", "Wood"), "tom@outside.test");
    world.pushed(&anna, &[&eva, &tom]).await;
    let people = world.people(&anna);
    let of = |name: &str| {
        people.iter().find(|person| called(person) == name).map(|person| named(person).to_owned())
    };
    world.google().merge_people(anna.address, &of("Eva Stone").unwrap(), &of("Tom Wood").unwrap()).unwrap();
    world.rest().await;
    assert_eq!(world.people(&anna).len(), 1, "nobody is made again");
    assert_eq!(world.crm.records("Contact").len(), 2);
    world.edit(&tom, &json!({ "lastName": "Forest" }));
    world.rest().await;
    assert_eq!(called(&world.only_person(&anna)), "Eva Stone");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_4_whoever_is_taken_out_of_the_group_stays_out_until_pushed_again() {
    let world = World::new().await;
    let anna = world.anna().await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    world.pushed(&anna, &[&eva]).await;
    let person = named(&world.only_person(&anna)).to_owned();
    world.google().leave_group(anna.address, &anna.group, &person).unwrap();
    world.edit(&eva, &json!({ "lastName": "Rock" }));
    world.rest().await;
    assert_eq!(world.states(&anna).await, ["detached"]);
    assert_eq!((called(&world.only_person(&anna)).as_str(), world.members(&anna).len()), ("Eva Stone", 0));
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["linked"]);
    world.rest().await;
    assert_eq!(world.members(&anna), [person.as_str()]);
    assert_eq!(
        (called(&world.only_person(&anna)).as_str(), world.states(&anna).await),
        ("Eva Rock", vec!["active"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_4_a_group_that_is_deleted_waits_for_a_word_and_deletes_nobody() {
    let world = World::new().await;
    let anna = world.anna().await;
    world
        .choose(&anna, |choices| {
            (choices.deletes_persons, choices.deletes_records) = (true, true);
            choices.direction = Direction::Both;
        })
        .await;
    let all: Vec<String> =
        (0..12).map(|n| world.contact(("Eva", &format!("No{n}")), &format!("e{n}@outside.test"))).collect();
    world.pushed(&anna, &all.iter().map(String::as_str).collect::<Vec<_>>()).await;
    world.google().remove_group(anna.address, &anna.group, false).unwrap();
    world.pass(Duration::from_secs(120));
    world.run().await;
    world.run().await;
    assert_eq!(world.holds().await.iter().map(|(class, _)| class.as_str()).collect::<Vec<_>>(), ["halved"]);
    assert!(world.states(&anna).await.iter().all(|state| *state == "active"));
    world.answer(&anna, true).await;
    world.try_run().await;
    world.try_run().await;
    assert!(world.states(&anna).await.iter().all(|state| *state == "detached"));
    assert_eq!(world.fault(&anna).await.as_deref(), Some("group_gone"));
    assert_eq!((world.people(&anna).len(), world.crm.records("Contact").len()), (12, 12));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_4_another_group_after_one_that_is_gone_takes_up_who_is_pushed() {
    let world = World::new().await;
    let mut anna = world.anna().await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    world.pushed(&anna, &[&eva]).await;
    world.google().remove_group(anna.address, &anna.group, false).unwrap();
    world.pass(Duration::from_secs(120));
    world.run().await;
    world.answer(&anna, true).await;
    world.try_run().await;
    anna.group = world.google().add_group(anna.address, "CRM again").unwrap();
    let group = anna.group.clone();
    world.choose(&anna, |choices| choices.group = Some(group)).await;
    world.pass(Duration::from_secs(120));
    world.run().await;
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["linked"]);
    assert_eq!((world.people(&anna).len(), world.members(&anna).len()), (1, 1));
    assert_eq!(world.states(&anna).await, ["active"]);
}
