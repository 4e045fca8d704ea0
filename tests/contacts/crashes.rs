//! A process that dies at any of its writes, before it is sent or before its answer is heard: the
//! next one takes up what was meant, and does nothing twice.

use std::time::Duration;

use postern_core::plan::contacts::choices::{Choices, Strangers};
use postern_core::plan::policy::Direction;
use postern_sandbox::{ContactsFault, ContactsTrouble, CrmTrouble};
use serde_json::json;

use super::hands::{addresses, called, named};
use super::wire::End;
use super::world::{ANNA_ID, Owner, World};

const MINUTE: Duration = Duration::from_secs(60);

/// Anna, who wants everything both ways, with Eva and Tom, whom she has pushed, and with Ada, whom
/// the CRM has of her.
struct Scene {
    world: World,
    anna: Owner,
    eva: String,
    tom: String,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let anna = world.anna().await;
        world
            .choose(&anna, |choices| {
                (choices.direction, choices.strangers) = (Direction::Both, Strangers::Contact);
                (choices.deletes_persons, choices.deletes_records) = (true, true);
            })
            .await;
        world.friend(&anna, ("Ada", "Brook"), "ada@outside.test", true);
        let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
        let tom = world.contact(("Tom", "Wood"), "tom@outside.test");
        world.pushed(&anna, &[&eva, &tom]).await;
        world.rest().await;
        assert_eq!((world.people(&anna).len(), world.crm.records("Contact").len()), (3, 3));
        Self { world, anna, eva, tom }
    }

    fn person(&self, name: &str) -> String {
        let people = self.world.people(&self.anna);
        named(people.iter().find(|person| called(person) == name).unwrap()).to_owned()
    }

    /// Everything that a run does at once: who is made on either side, what is written, who goes.
    async fn deeds(&self) {
        let (world, anna) = (&self.world, &self.anna);
        let new = [("Kim", "Lake"), ("Ned", "Hill")]
            .map(|name| world.contact(name, &format!("{}@outside.test", name.0)));
        world.push(anna, &new.iter().map(String::as_str).collect::<Vec<_>>()).await;
        world.friend(anna, ("Zoe", "Field"), "zoe@outside.test", true);
        world.edit(&self.eva, &json!({ "lastName": "Rock" }));
        let change = json!({ "phoneNumbers": [{ "value": "+420601123456", "type": "mobile" }] });
        world.google().edit_person(anna.address, &self.person("Eva Stone"), &change).unwrap();
        world.crm.as_user(ANNA_ID).delete("Contact", &self.tom).unwrap();
        world.google().delete_person(anna.address, &self.person("Ada Brook")).unwrap();
        // Deletions are seen by a sweep.
        world.pass(7 * 60 * MINUTE);
    }

    /// What has to be, and nothing else.
    async fn converged(&self, when: &str) {
        let (world, anna) = (&self.world, &self.anna);
        world.pass(16 * MINUTE);
        world.run().await;
        world.pass(16 * MINUTE);
        world.rest().await;
        let mut people: Vec<_> = world.people(anna).iter().map(called).collect();
        let mut records: Vec<_> =
            world.crm.records("Contact").iter().map(|of| of["name"].as_str().unwrap().to_owned()).collect();
        people.sort();
        records.sort();
        let all = ["Eva Rock", "Kim Lake", "Ned Hill", "Zoe Field"];
        assert_eq!(
            (people, records),
            (all.map(str::to_owned).to_vec(), all.map(str::to_owned).to_vec()),
            "{when}"
        );
        let eva = world.crm.record("Contact", &self.eva).unwrap();
        assert_eq!(eva["phoneNumber"], "+420601123456", "{when}");
        assert_eq!(world.members(anna).len(), 4, "{when}");
        assert!(world.reviews(anna).await.is_empty() && world.holds().await.is_empty(), "{when}");
        assert_eq!(world.rest().await, 0, "{when}");
    }
}

async fn cut_off_at_every_write(end: fn(u64) -> End) {
    for number in 0..40 {
        let mut scene = Scene::new().await;
        scene.deeds().await;
        let ended = scene.world.cut_off(end(number)).await;
        scene.converged(&format!("{:?}", end(number))).await;
        if !ended {
            assert!(number > 5, "{number}: it writes at least so often");
            return;
        }
    }
    panic!("a run does not end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_may_die_before_each_of_its_writes() {
    cut_off_at_every_write(End::Before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_may_die_after_each_of_its_writes() {
    cut_off_at_every_write(End::After).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_may_be_lost() {
    let google = [
        ("POST", "batchCreateContacts"),
        ("PATCH", "updateContact"),
        ("DELETE", "deleteContact"),
        ("GET", "connections"),
    ];
    for (method, path) in google {
        let scene = Scene::new().await;
        scene.deeds().await;
        let lost = ContactsFault::on(method, path, ContactsTrouble::LoseAnswer);
        scene.world.google().contacts_faults().next(lost);
        scene.world.try_run().await;
        assert_eq!(scene.world.google().contacts_faults().pending(), 0, "{path}");
        scene.converged(path).await;
    }
    for method in ["POST", "PUT", "DELETE", "GET"] {
        let scene = Scene::new().await;
        scene.deeds().await;
        scene.world.crm.faults().next(CrmTrouble::LoseAnswer.at(method, "Contact"));
        scene.world.try_run().await;
        assert_eq!(scene.world.crm.faults().pending(), 0, "{method}");
        scene.converged(method).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_between_a_lost_answer_and_the_next_run_is_kept() {
    let scene = Scene::new().await;
    let (world, anna) = (&scene.world, &scene.anna);
    let kim = world.contact(("Kim", "Lake"), "kim@outside.test");
    world.push(anna, &[&kim]).await;
    let lost = || ContactsFault::on("POST", "batchCreateContacts", ContactsTrouble::LoseAnswer);
    world.google().contacts_faults().next(lost());
    world.try_run().await;
    let change = json!({ "names": [{ "givenName": "Kim", "familyName": "Pond" }] });
    world.google().edit_person(anna.address, &scene.person("Kim Lake"), &change).unwrap();
    world.edit(&kim, &json!({ "phoneNumber": "+420601123456" }));
    world.pass(16 * MINUTE);
    world.rest().await;
    assert_eq!(world.crm.record("Contact", &kim).unwrap()["name"], "Kim Pond");
    let kims = world.google().person(anna.address, &scene.person("Kim Pond")).unwrap();
    assert_eq!(kims["phoneNumbers"][0]["value"], "+420601123456");
    assert_eq!(addresses(&kims), ["kim@outside.test"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_before_an_answer_was_lost_beats_no_edit() {
    let scene = Scene::new().await;
    let (world, anna) = (&scene.world, &scene.anna);
    let person = scene.person("Eva Stone");
    let change = |name: &str| json!({ "names": [{ "givenName": "Eva", "familyName": name }] });
    world.google().edit_person(anna.address, &person, &change("First")).unwrap();
    world.crm.faults().next(CrmTrouble::LoseAnswer.at("PUT", "Contact"));
    world.try_run().await;
    world.google().edit_person(anna.address, &person, &change("Second")).unwrap();
    world.rest().await;
    assert_eq!(world.crm.record("Contact", &scene.eva).unwrap()["lastName"], "Second");
    world.edit(&scene.eva, &json!({ "lastName": "Third" }));
    world.google().contacts_faults().next(ContactsFault::on(
        "PATCH",
        "updateContact",
        ContactsTrouble::LoseAnswer,
    ));
    world.try_run().await;
    world.edit(&scene.eva, &json!({ "lastName": "Fourth" }));
    world.rest().await;
    assert_eq!(called(&world.google().person(anna.address, &person).unwrap()), "Eva Fourth");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_between_a_record_of_which_nobody_heard_and_the_next_run_goes_over() {
    let mut world = World::new().await;
    let anna = world.anna().await;
    let both = |choices: &mut Choices| {
        (choices.direction, choices.strangers) = (Direction::Both, Strangers::Contact);
    };
    world.choose(&anna, both).await;
    let ada = world.friend(&anna, ("Ada", "Brook"), "ada@outside.test", true);
    assert!(world.cut_off(End::After(0)).await, "the record was made");
    assert_eq!(world.only_contact()["emailAddress"], "ada@outside.test");
    let change = json!({
        "phoneNumbers": [{ "value": "+420601123456", "type": "mobile" }],
        "emailAddresses": [{ "value": "ada@new.test" }],
    });
    world.google().edit_person(anna.address, &ada, &change).unwrap();
    world.rest().await;
    let record = world.only_contact();
    assert_eq!(
        (&record["phoneNumber"], &record["emailAddress"]),
        (&json!("+420601123456"), &json!("ada@new.test"))
    );
    assert_eq!(addresses(&world.only_person(&anna)), ["ada@new.test"]);
}
