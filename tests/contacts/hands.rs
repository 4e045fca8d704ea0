//! What people do on either side, what they push and decide, and what is told them.

use postern::store::contacts::links::{self, Link};
use postern::store::contacts::reviews::{self, Review};
use postern::store::contacts::{books, pushes};
use postern::store::sync::dead_letters;
use postern::store::sync::holds::{self, Hold};
use postern_core::model::actor::Actor;
use postern_core::model::id::PushId;
use postern_core::plan::contacts::card::Entity;
use serde_json::{Value, json};

use super::world::{ANNA_ID, Owner, World};

impl World {
    /// A contact that Anna makes in the CRM.
    pub fn contact(&self, (first, last): (&str, &str), email: &str) -> String {
        self.record("Contact", (first, last), email)
    }

    /// A record that Anna makes in the CRM.
    pub fn record(&self, entity: &str, (first, last): (&str, &str), email: &str) -> String {
        let mut record = json!({ "firstName": first, "lastName": last });
        if !email.is_empty() {
            record["emailAddress"] = json!(email);
        }
        self.crm.as_user(ANNA_ID).create(entity, &record).unwrap()
    }

    /// Anna edits a record.
    pub fn edit(&self, id: &str, change: &Value) {
        self.crm.as_user(ANNA_ID).edit("Contact", id, change).unwrap();
    }

    /// Pushes contacts.
    pub async fn push(&self, owner: &Owner, contacts: &[&str]) -> PushId {
        self.push_as(owner, contacts, false).await
    }

    /// Pushes contacts of which the CRM has said that the user may see them.
    pub async fn push_vouched(&self, owner: &Owner, contacts: &[&str]) -> PushId {
        self.push_as(owner, contacts, true).await
    }

    async fn push_as(&self, owner: &Owner, contacts: &[&str], vouched: bool) -> PushId {
        let records: Vec<_> = contacts.iter().map(|id| (Entity::Contact, (*id).to_owned())).collect();
        self.push_records(owner, &records, vouched).await
    }

    pub async fn push_records(&self, owner: &Owner, records: &[(Entity, String)], vouched: bool) -> PushId {
        self.tick();
        let mut act = self.act().await;
        let id = pushes::add(&mut act, owner.account, records, vouched, &Actor::Gateway).await.unwrap();
        self.commit(act, owner).await;
        id
    }

    /// What came of each record of a push; nothing while it waits.
    pub async fn told(&self, push: PushId) -> Vec<String> {
        let lines = pushes::lines(&mut self.store.read().await.unwrap(), push, (5_000, 0)).await.unwrap();
        lines.into_iter().map(|line| line.word.unwrap_or_default()).collect()
    }

    /// Pushes contacts and runs; what came of each.
    pub async fn pushed(&self, owner: &Owner, contacts: &[&str]) -> Vec<String> {
        let push = self.push(owner, contacts).await;
        self.run().await;
        self.told(push).await
    }

    /// What waits for a word of somebody's.
    pub async fn reviews(&self, owner: &Owner) -> Vec<Review> {
        let mut read = self.store.read().await.unwrap();
        reviews::of_account(&self.store, &mut read, owner.account, 100).await.unwrap()
    }

    /// Why somebody is asked, and about whom.
    pub async fn questions(&self, owner: &Owner) -> Vec<(String, String)> {
        self.reviews(owner).await.into_iter().map(|review| (review.word, review.key)).collect()
    }

    /// Answers the only question.
    pub async fn decide(&self, owner: &Owner, decision: &str, other: Option<&str>) {
        self.tick();
        let waiting = self.reviews(owner).await;
        assert_eq!(waiting.len(), 1, "{waiting:?}");
        let mut act = self.act().await;
        assert!(reviews::decide(&mut act, &waiting[0], decision, other, &Actor::Gateway).await.unwrap());
        self.commit(act, owner).await;
    }

    /// Holds that wait for somebody's word, by class and count.
    pub async fn holds(&self) -> Vec<(String, i64)> {
        self.pending().await.into_iter().map(|hold| (hold.class, hold.count)).collect()
    }

    async fn pending(&self) -> Vec<Hold> {
        holds::pending(&self.store, &mut self.store.read().await.unwrap(), 100).await.unwrap()
    }

    /// Approves, or rejects, the only hold.
    pub async fn answer(&self, owner: &Owner, approved: bool) {
        self.tick();
        let waiting = self.pending().await;
        assert_eq!(waiting.len(), 1, "{waiting:?}");
        let mut act = self.act().await;
        assert!(holds::decide(&mut act, waiting[0].id, approved, &Actor::Gateway).await.unwrap());
        self.commit(act, owner).await;
    }

    /// What a person has to look at: about whom, and why.
    pub async fn letters(&self, owner: &Owner) -> Vec<(String, String)> {
        let mut read = self.store.read().await.unwrap();
        let book = books::of(&self.store, &mut read, owner.account).await.unwrap().unwrap();
        let all = dead_letters::of_calendar(&self.store, &mut read, book.id, 100).await.unwrap();
        all.into_iter().map(|letter| (letter.key, letter.reason)).collect()
    }

    /// Somebody's links.
    pub async fn links(&self, owner: &Owner) -> Vec<Link> {
        let mut read = self.store.read().await.unwrap();
        let book = books::of(&self.store, &mut read, owner.account).await.unwrap().unwrap();
        links::of_book(&self.store, &mut read, book.id, true).await.unwrap()
    }

    /// How somebody's links stand.
    pub async fn states(&self, owner: &Owner) -> Vec<&'static str> {
        self.links(owner).await.into_iter().map(|link| link.state.name()).collect()
    }

    /// Why somebody's last run failed.
    pub async fn fault(&self, owner: &Owner) -> Option<String> {
        let mut read = self.store.read().await.unwrap();
        books::of(&self.store, &mut read, owner.account).await.unwrap().unwrap().fault
    }

    /// A person whom somebody adds at Google, in the group that is kept in step or not.
    pub fn friend(&self, owner: &Owner, (given, family): (&str, &str), email: &str, joins: bool) -> String {
        let mut person = json!({ "names": [{ "givenName": given, "familyName": family }] });
        if !email.is_empty() {
            person["emailAddresses"] = json!([{ "value": email }]);
        }
        let name = self.google().put_person(owner.address, &person).unwrap();
        if joins {
            self.google().join_group(owner.address, &owner.group, &name).unwrap();
        }
        name
    }

    /// Somebody's people at Google.
    pub fn people(&self, owner: &Owner) -> Vec<Value> {
        self.google().people(owner.address)
    }

    /// The only one.
    pub fn only_person(&self, owner: &Owner) -> Value {
        let people = self.people(owner);
        assert_eq!(people.len(), 1, "{people:?}");
        people[0].clone()
    }

    /// Who is in the group that is kept in step.
    pub fn members(&self, owner: &Owner) -> Vec<String> {
        self.google().group_members(owner.address, &owner.group)
    }

    /// The only contact of the CRM.
    pub fn only_contact(&self) -> Value {
        let contacts = self.crm.records("Contact");
        assert_eq!(contacts.len(), 1, "{contacts:?}");
        contacts[0].clone()
    }
}

/// A person's name at Google.
pub fn named(person: &Value) -> &str {
    person["resourceName"].as_str().unwrap()
}

/// What a person is called.
pub fn called(person: &Value) -> String {
    let part = |key: &str| person["names"][0][key].as_str().unwrap_or_default().to_owned();
    [part("givenName"), part("familyName")].join(" ").trim().to_owned()
}

/// A person's addresses.
pub fn addresses(person: &Value) -> Vec<String> {
    let all = person["emailAddresses"].as_array().cloned().unwrap_or_default();
    all.iter().filter_map(|of| of["value"].as_str()).map(str::to_owned).collect()
}
