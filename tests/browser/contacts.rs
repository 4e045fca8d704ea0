//! An owner chooses a group of contacts, pushes records of the CRM into it, says who
//! somebody is, and reads what waits: between a stand-in Google and a stand-in CRM that a
//! served gateway keeps in step.

use std::time::Duration;

use postern::store::accounts;
use postern::store::contacts::{books, links};
use postern::store::sync::{dead_letters, holds, runs};
use postern_core::model::address::Address;
use postern_core::model::id::BookId;
use postern_core::model::role::Role;
use postern_core::plan::link::Side;
use postern_sandbox::{Crm, CrmOptions};
use serde_json::json;

use super::gallery::pictures;
use super::house::{House, Way};
use crate::calendar::world::{ANNA, ANNA_ID};

/// More than are made at once, so that somebody can watch: the rest waits for Google's pace.
const MANY: usize = 260;
const LONG: &str = "Bartholomew-Maximilian von und zu Hohenzollern-Sigmaringen";

#[tokio::test(flavor = "multi_thread")]
async fn contacts_from_the_first_choice_to_an_answer() {
    for (way, pictures) in [(Way::Straight, String::new()), (Way::ThroughNginx, pictures())] {
        told(way, &pictures).await;
    }
}

struct Two {
    house: House,
    crm: Crm,
    pictures: String,
}

async fn told(way: Way, pictures: &str) {
    let two = Two::founded(way, pictures).await;
    let (link, admin) = (two.connecting().await, two.house.invited("jan", Role::Admin).await);
    two.chapter("chosen", &[("LINK", &link)]).await;
    let few: Vec<String> = ["Eva", "Dan", LONG].iter().map(|name| two.contact(name)).collect();
    let few = [few.as_slice(), &["00000000000000fff".to_owned()]].concat().join("\n");
    let many: Vec<String> = (0..MANY).map(|number| two.contact(&format!("Person{number}"))).collect();
    two.chapter("pushed", &[("FEW", &few), ("MANY", &many.join(", "))]).await;
    let people = two.people();
    assert!(
        people.iter().any(|name| name == "Eva") && people.len() < MANY,
        "the rest was given up: {people:?}"
    );

    let google = two.house.gateway.sandbox.google();
    for name in ["Newcomer <b>Nora</b>", "Stranger"] {
        let person = json!({ "names": [{ "givenName": name, "familyName": "Nova" }] });
        let person = google.put_person(ANNA, &person).unwrap();
        google.join_group(ANNA, &two.group(), &person).unwrap();
    }
    two.chapter("reviewed", &[]).await;
    two.waits_for("Nora").await;

    two.rests().await;
    two.fill().await;
    two.chapter("waiting", &[("LINK", &admin)]).await;
    two.house.close().await;
}

impl Two {
    async fn founded(way: Way, pictures: &str) -> Self {
        let crm = Crm::start_with(CrmOptions::default()).await.unwrap();
        crm.add_person(ANNA_ID, ("Anna", "Nova"), &[ANNA]);
        let crms = format!("[crm]\nurl = \"{}\"\napi_key = \"{}\"\n", crm.url(), crm.key());
        let sections = format!("{crms}[sync]\ncontacts_per_minute = 250\n");
        let products = [("POSTERN__GOOGLE__PRODUCTS", "[\"gmail\", \"calendar\", \"contacts\"]")];
        let house = House::with(way, &products, &sections).await;
        let google = house.gateway.sandbox.google();
        google.add_user(ANNA);
        google.set_contacts_policy(|policy| {
            policy.critical_reads_minute = 1_000;
            policy.critical_writes_minute = 1_000;
        });
        google.add_group(ANNA, "Friends <b>and</b> family").unwrap();
        Self { house, crm, pictures: pictures.to_owned() }
    }

    /// The link by which the owner connects.
    async fn connecting(&self) -> String {
        let told = self.house.command(&["account", "add", ANNA, "--crm-user", ANNA_ID]).await;
        let start = self.house.url("/oauth");
        let link = told.split_whitespace().find(|word| word.starts_with(&start));
        link.unwrap_or_else(|| panic!("no link in {told}")).to_owned()
    }

    async fn chapter(&self, name: &str, more: &[(&str, &str)]) {
        let all = [("CHAPTER", name), ("ANNA", ANNA), ("PICTURES", self.pictures.as_str())];
        self.house.tell("contacts.js", &[&all[..], more].concat()).await;
    }

    /// A contact of Anna's in the CRM.
    fn contact(&self, name: &str) -> String {
        let record = json!({ "firstName": name, "lastName": "Nova" });
        self.crm.as_user(ANNA_ID).create("Contact", &record).unwrap()
    }

    /// The group that was made, by its name at Google.
    fn group(&self) -> String {
        let all = self.house.gateway.sandbox.google().groups(ANNA);
        let found = all.iter().find(|group| group["name"] == "Customers").expect("the new group");
        found["resourceName"].as_str().unwrap().to_owned()
    }

    /// The given names of those who are in it.
    fn people(&self) -> Vec<String> {
        let google = self.house.gateway.sandbox.google();
        let named =
            |name: String| google.person(ANNA, &name)?["names"][0]["givenName"].as_str().map(str::to_owned);
        google.group_members(ANNA, &self.group()).into_iter().filter_map(named).collect()
    }

    /// Waits for a contact of that name in the CRM.
    async fn waits_for(&self, name: &str) {
        for _ in 0..300 {
            let all = self.crm.records("Contact");
            if all.iter().any(|it| it["firstName"].as_str().is_some_and(|first| first.contains(name))) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{name} does not come: {:?}", self.crm.records("Contact").len());
    }

    /// Waits until no run is due or under way: one takes back what does not wait any more.
    async fn rests(&self) {
        let store = &self.house.gateway.parts.store;
        let anna = Address::parse(ANNA).unwrap();
        for _ in 0..300 {
            let mut read = store.read().await.unwrap();
            let account = accounts::by_address(&mut read, &anna).await.unwrap().unwrap();
            let book = books::of(store, &mut read, account.id).await.unwrap().unwrap();
            let last = runs::last(&mut read, book.id, 1).await.unwrap();
            drop(read);
            if book.next_at > store.clock().now() && last.iter().all(|run| run.status != "running") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("it does not come to rest");
    }

    /// Something could not be done, and something wants a word.
    async fn fill(&self) {
        let store = &self.house.gateway.parts.store;
        let mut batch = store.batch().await.unwrap();
        let anna = accounts::by_address(&mut batch, &Address::parse(ANNA).unwrap()).await.unwrap().unwrap();
        let book: BookId = books::of(store, &mut batch, anna.id).await.unwrap().unwrap().id;
        let linked = links::page(store, &mut batch, book, (3, 0)).await.unwrap();
        let key = format!("Contact/{}", linked[0].record.as_deref().unwrap());
        let why = "invalid: the number <i>is</i> no number";
        dead_letters::put(&mut batch, book, anna.id, &key, Side::Crm, why, "{}").await.unwrap();
        for class in ["delete", "halved"] {
            let meant = |id: String| json!({ "hash": "x", "rule": "removal-deletes", "about": id });
            let all = linked.iter().map(|link| meant(format!("pair {}", link.id)));
            let all: Vec<_> = all.chain([meant("contactGroups/g".to_owned())]).collect();
            holds::open(&mut batch, book, anna.id, class, 12, &json!(all).to_string()).await.unwrap();
        }
        batch.commit().await.unwrap();
    }
}
