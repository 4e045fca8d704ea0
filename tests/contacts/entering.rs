//! A record enters a group by being pushed, by being somebody in it already, or by a saved filter.

use serde_json::json;

use super::hands::{addresses, called, named};
use super::world::{BEN_ID, World};

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_1_who_is_in_the_group_and_in_the_crm_is_the_same_without_a_write() {
    let world = World::new().await;
    let anna = world.anna().await;
    let eva = world.contact(("Eva", "Stone"), "Eva@Outside.test");
    world.contact(("Tom", "Wood"), "tom@outside.test");
    let person = world.friend(&anna, ("Eva", "Stone"), "eva@outside.test", true);
    world.friend(&anna, ("Tom", "Wood"), "tom@outside.test", false);
    let before = world.writes();
    assert_eq!(world.rest().await, 0);
    assert_eq!(world.writes(), before, "nobody is made and nothing is written");
    let links = world.links(&anna).await;
    assert_eq!(links.len(), 1, "Tom is not in the group");
    assert_eq!(
        (links[0].resource.as_deref(), links[0].record.as_deref()),
        (Some(person.as_str()), Some(eva.as_str()))
    );
    // From now on they are kept in step.
    world.edit(&eva, &json!({ "lastName": "Rock" }));
    assert_eq!(world.rest().await, 1);
    assert_eq!(called(&world.google().person(anna.address, &person).unwrap()), "Eva Rock");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_1_whoever_is_at_google_already_is_not_made_but_comes_into_the_group() {
    let world = World::new().await;
    let anna = world.anna().await;
    let person = world.friend(&anna, ("Eva", "Stone"), "eva@outside.test", false);
    world.google().edit_person(anna.address, &person, &json!({ "nicknames": [{ "value": "Evi" }] })).unwrap();
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    world.edit(&eva, &json!({ "phoneNumber": "+420601123456" }));
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["linked"]);
    world.rest().await;
    assert_eq!(world.members(&anna), [person.as_str()]);
    let shown = world.only_person(&anna);
    assert_eq!(shown["phoneNumbers"][0]["value"], "+420601123456", "it has what it lacked");
    assert_eq!(shown["nicknames"][0]["value"], "Evi");
    assert_eq!(world.states(&anna).await, ["active"]);
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["already"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_1_a_saved_filter_waits_for_a_word_where_it_would_make_many() {
    let world = World::new().await;
    let anna = world.anna().await;
    for number in 0..230 {
        world.contact(("Eva", &format!("Stone{number}")), &format!("eva{number}@outside.test"));
    }
    let bens = json!({ "firstName": "Tom", "lastName": "Wood", "assignedUserId": BEN_ID });
    world.crm.add_person(BEN_ID, ("Ben", "Nova"), &["ben@example.com"]);
    world.crm.as_user(BEN_ID).create("Contact", &bens).unwrap();
    world.run().await;
    assert!(world.people(&anna).is_empty(), "by itself nothing enters");
    world.choose(&anna, |choices| choices.filter = Some("notPortalUsers".to_owned())).await;
    world.run().await;
    world.run().await;
    assert!(world.people(&anna).is_empty());
    assert_eq!(world.holds().await, [("create".to_owned(), 230)]);
    world.answer(&anna, true).await;
    world.rest().await;
    assert_eq!(world.people(&anna).len(), 230);
    assert_eq!(world.members(&anna).len(), 230);
    assert!(world.holds().await.is_empty());
    // Whoever is taken out of the group does not come back by the filter.
    let first = named(&world.people(&anna)[0]).to_owned();
    world.google().leave_group(anna.address, &anna.group, &first).unwrap();
    world.rest().await;
    assert_eq!((world.people(&anna).len(), world.members(&anna).len()), (230, 229));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_1_what_a_filter_shows_and_a_person_has_rejected_is_not_made() {
    let world = World::new().await;
    let anna = world.anna().await;
    for number in 0..201 {
        world.contact(("Eva", &format!("Stone{number}")), &format!("eva{number}@outside.test"));
    }
    world.choose(&anna, |choices| choices.filter = Some("notPortalUsers".to_owned())).await;
    world.run().await;
    world.answer(&anna, false).await;
    world.rest().await;
    assert!(world.people(&anna).is_empty() && world.holds().await.is_empty());
    // Fewer need no word.
    world.contact(("Tom", "Wood"), "tom@outside.test");
    world.rest().await;
    assert_eq!(called(&world.only_person(&anna)), "Tom Wood");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_1_a_filter_that_the_crm_does_not_have_stops_nothing_else() {
    let world = World::new().await;
    let anna = world.anna().await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    world.choose(&anna, |choices| choices.filter = Some("mine".to_owned())).await;
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["made"]);
    assert_eq!(world.letters(&anna).await.len(), 1);
    world.choose(&anna, |choices| choices.filter = Some("actual".to_owned())).await;
    world.record("Lead", ("Tom", "Wood"), "tom@outside.test");
    world.rest().await;
    assert_eq!(world.people(&anna).len(), 2, "of contacts there is no such filter");
    assert!(world.letters(&anna).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_1_of_whom_two_may_be_meant_a_person_decides() {
    let world = World::new().await;
    let anna = world.anna().await;
    let people =
        ["Eva", "Evelyn"].map(|given| world.friend(&anna, (given, "Stone"), "eva@outside.test", false));
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["ambiguous"]);
    world.run().await;
    assert_eq!(world.questions(&anna).await, [("ambiguous".to_owned(), format!("Contact/{eva}"))]);
    let question = world.reviews(&anna).await.remove(0);
    assert!(people.iter().all(|name| question.content.contains(name.as_str())), "{}", question.content);
    assert_eq!((world.people(&anna).len(), world.members(&anna).len()), (2, 0));
    world.decide(&anna, "same", Some(&people[1])).await;
    world.rest().await;
    assert_eq!(world.members(&anna), [people[1].as_str()]);
    assert!(world.reviews(&anna).await.is_empty());
    assert_eq!(world.people(&anna).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_1_whom_a_person_calls_new_is_made_and_whom_they_leave_is_not() {
    let world = World::new().await;
    let anna = world.anna().await;
    for given in ["Eva", "Evelyn"] {
        world.friend(&anna, (given, "Stone"), "eva@outside.test", false);
    }
    let eva = world.contact(("Eva", "Pebble"), "eva@outside.test");
    world.pushed(&anna, &[&eva]).await;
    world.decide(&anna, "leave", None).await;
    world.rest().await;
    assert_eq!(world.people(&anna).len(), 2);
    assert!(world.reviews(&anna).await.is_empty(), "they are not asked again");
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["ambiguous"]);
    world.decide(&anna, "new", None).await;
    world.rest().await;
    let people = world.people(&anna);
    assert_eq!(people.len(), 3);
    let made = people.iter().find(|person| called(person) == "Eva Pebble").unwrap();
    assert_eq!(addresses(made), ["eva@outside.test"]);
    assert_eq!(world.members(&anna), [named(made)]);
}
