//! What others do wrong: versions that change by themselves, tokens that die, lists that lag.

use std::time::Duration;

use postern_core::plan::policy::Direction;
use postern_sandbox::{ContactsFault, ContactsRefusal};
use serde_json::{Value, json};

use super::hands::{called, named};
use super::world::{Owner, World};

const MINUTE: Duration = Duration::from_secs(60);

/// Anna with Eva, kept in step both ways.
async fn eva(world: &World) -> (Owner, String, String) {
    let anna = world.anna().await;
    world.choose(&anna, |choices| choices.direction = Direction::Both).await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["made"]);
    assert_eq!(world.rest().await, 0);
    let person = named(&world.only_person(&anna)).to_owned();
    (anna, eva, person)
}

fn family(name: &str) -> Value {
    json!({ "names": [{ "givenName": "Eva", "familyName": name }] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_google_changed_by_itself_stops_no_write() {
    let world = World::new().await;
    let (anna, eva, person) = eva(&world).await;
    let requests = |kind: &str| world.google().contacts_counters().of(kind);
    for (number, refused) in [false, true].into_iter().enumerate() {
        world.google().set_contacts_policy(|policy| policy.etags_of_lists_refused = refused);
        world.google().phantom_change(anna.address, &person).unwrap();
        let stale: ContactsFault =
            ContactsFault::on("PATCH", "updateContact", ContactsRefusal::stale_etag().into());
        world.google().contacts_faults().next(stale);
        let before = requests("people.updateContact");
        world.edit(&eva, &json!({ "lastName": format!("Rock{number}") }));
        world.rest().await;
        assert_eq!(called(&world.only_person(&anna)), format!("Eva Rock{number}"));
        assert!(requests("people.updateContact") > before);
        assert!(world.letters(&anna).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_between_the_look_and_the_write_is_not_written_over() {
    let world = World::new().await;
    let (anna, eva, person) = eva(&world).await;
    // Lists do not show it yet.
    world
        .google()
        .set_contacts_policy(|policy| (policy.least_delay, policy.most_delay) = (10 * MINUTE, 10 * MINUTE));
    let note = json!({ "phoneNumbers": [{ "value": "+420601123456", "type": "mobile" }] });
    world.google().edit_person(anna.address, &person, &note).unwrap();
    world.edit(&eva, &json!({ "lastName": "Rock" }));
    world.rest().await;
    let shown = world.only_person(&anna);
    assert_eq!(
        (called(&shown).as_str(), &shown["phoneNumbers"][0]["value"]),
        ("Eva Rock", &json!("+420601123456"))
    );
    assert_eq!(world.only_contact()["phoneNumber"], "+420601123456");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_list_shows_late_is_no_edit() {
    let world = World::new().await;
    let (anna, eva, _) = eva(&world).await;
    world
        .google()
        .set_contacts_policy(|policy| (policy.least_delay, policy.most_delay) = (10 * MINUTE, 10 * MINUTE));
    for name in ["Rock", "Pebble", "Sand"] {
        world.edit(&eva, &json!({ "lastName": name }));
        world.run().await;
        assert_eq!(called(&world.only_person(&anna)), format!("Eva {name}"));
        world.pass(4 * MINUTE);
    }
    for _ in 0..6 {
        world.pass(2 * MINUTE);
        world.run().await;
        assert_eq!(world.only_contact()["lastName"], "Sand", "an older look is no edit");
    }
    assert_eq!(called(&world.only_person(&anna)), "Eva Sand");
    assert_eq!(world.rest().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_a_list_does_not_show_in_the_group_yet_has_not_left_it() {
    let world = World::new().await;
    let anna = world.anna().await;
    let person = world.friend(&anna, ("Eva", "Stone"), "eva@outside.test", false);
    world.run().await;
    world
        .google()
        .set_contacts_policy(|policy| (policy.least_delay, policy.most_delay) = (10 * MINUTE, 10 * MINUTE));
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["linked"]);
    world.google().expire_contacts_sync_tokens(anna.address);
    for _ in 0..4 {
        world.run().await;
        assert_eq!((world.states(&anna).await, world.members(&anna)), (vec!["active"], vec![person.clone()]));
        world.pass(4 * MINUTE);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_token_costs_a_list_and_doubles_nobody() {
    for invalid in [false, true] {
        let world = World::new().await;
        let (anna, eva, person) = eva(&world).await;
        world.google().set_contacts_policy(|policy| policy.expired_is_invalid_argument = invalid);
        world.google().set_contacts_policy(|policy| policy.short_pages = true);
        let tom = world.contact(("Tom", "Wood"), "tom@outside.test");
        world.pushed(&anna, &[&tom]).await;
        let toms =
            world.people(&anna).iter().find(|of| called(of) == "Tom Wood").map(|of| named(of).to_owned());
        world.google().expire_contacts_sync_tokens(anna.address);
        world.google().edit_person(anna.address, &person, &family("Rock")).unwrap();
        world.google().delete_person(anna.address, &toms.unwrap()).unwrap();
        world.rest().await;
        assert_eq!(called(&world.only_person(&anna)), "Eva Rock");
        assert_eq!(world.crm.record("Contact", &eva).unwrap()["lastName"], "Rock");
        assert_eq!(world.crm.records("Contact").len(), 2);
        // Within a week a list of everybody is read before the token dies.
        let before = world.google().contacts_counters().over_quota;
        world.pass(7 * 24 * 60 * MINUTE);
        assert_eq!(world.rest().await, 0);
        assert_eq!(world.google().contacts_counters().over_quota, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_nothing_write_nothing() {
    let world = World::new().await;
    let (anna, eva, person) = eva(&world).await;
    world.google().set_contacts_policy(|policy| policy.shuffled = true);
    let before = world.writes();
    for _ in 0..4 {
        world.google().phantom_change(anna.address, &person).unwrap();
        world.run().await;
    }
    assert_eq!(world.writes(), before);
    // In the CRM likewise.
    let crm = world.crm.requests("PUT", "");
    world.edit(&eva, &json!({ "doNotCall": true }));
    world.run().await;
    assert_eq!((world.writes(), world.crm.requests("PUT", "")), (before, crm));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_here_knows_survives_every_write() {
    let world = World::new().await;
    let (anna, eva, person) = eva(&world).await;
    let more = json!({
        "nicknames": [{ "value": "Evi" }],
        "birthdays": [{ "date": { "year": 1980, "month": 5, "day": 17 } }],
        "events": [{ "date": { "month": 6, "day": 1 }, "type": "anniversary" }],
        "relations": [{ "person": "Tom", "type": "spouse" }],
        "userDefined": [{ "key": "Shoe", "value": "38" }],
        "names": [{ "givenName": "Eva", "familyName": "Stone", "phoneticGivenName": "Ee-va" }],
        "emailAddresses": [{ "value": "eva@outside.test", "type": "work", "displayName": "E. S." }, { "value": "eva@home.test", "type": "Cottage" }],
        "organizations": [{ "name": "Quarry", "department": "Gravel", "symbol": "QRY" }, { "name": "Choir" }],
        "addresses": [{ "city": "Brno", "extendedAddress": "3rd floor", "poBox": "17" }],
        "clientData": [
            { "key": "other", "value": "program" },
            world.only_person(&anna)["clientData"][0].clone(),
        ],
    });
    world.google().edit_person(anna.address, &person, &more).unwrap();
    world.rest().await;
    let mut expected = world.only_person(&anna);
    world.edit(&eva, &json!({ "lastName": "Rock", "addressStreet": "Long 5" }));
    assert_eq!(world.rest().await, 1);
    let mut now = world.only_person(&anna);
    expected["names"][0]["familyName"] = json!("Rock");
    expected["addresses"][0]["streetAddress"] = json!("Long 5");
    for person in [&mut expected, &mut now] {
        strip(person);
    }
    assert_eq!(now, expected);
    assert_eq!(now["names"][0]["phoneticGivenName"], "Ee-va");
}

// Without what every write changes, or Google computes.
fn strip(person: &mut Value) {
    match person {
        Value::Object(map) => {
            for key in [
                "etag",
                "updateTime",
                "displayName",
                "displayNameLastFirst",
                "unstructuredName",
                "formattedValue",
            ] {
                if key != "displayName" || !map.contains_key("value") {
                    map.remove(key);
                }
            }
            map.values_mut().for_each(strip);
        }
        Value::Array(all) => all.iter_mut().for_each(strip),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_cannot_be_written_stops_no_other() {
    let world = World::new().await;
    let (anna, eva, _) = eva(&world).await;
    let tom = world.contact(("Tom", "Wood"), "tom@outside.test");
    world.pushed(&anna, &[&tom]).await;
    world.google().set_contacts_policy(|policy| policy.refused = Some("Forbidden".to_owned()));
    world.edit(&eva, &json!({ "lastName": "Forbidden" }));
    world.edit(&tom, &json!({ "lastName": "Forest" }));
    assert_eq!(world.rest().await, 1, "it is tried once");
    let names: Vec<_> = world.people(&anna).iter().map(called).collect();
    assert!(names.contains(&"Eva Stone".to_owned()) && names.contains(&"Tom Forest".to_owned()), "{names:?}");
    assert_eq!(
        world.letters(&anna).await.iter().map(|(about, _)| about.clone()).collect::<Vec<_>>(),
        [format!("Contact/{eva}")]
    );
    world.edit(&eva, &json!({ "lastName": "Allowed" }));
    world.rest().await;
    assert!(world.people(&anna).iter().any(|person| called(person) == "Eva Allowed"));
    assert!(world.letters(&anna).await.is_empty());
}
