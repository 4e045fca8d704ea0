//! Contacts for programs: groups read from Google, made and chosen, and what waits for a person.

use axum::http::StatusCode;
use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, PairId};
use postern_core::model::key_scope::KeyScope;
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::plan::contacts::card::Entity;
use postern_core::plan::link::{Base, Side, State as LinkState};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Program, domain};
use crate::http::tests::{House, Told};
use crate::store::accounts;
use crate::store::contacts::books::{self, Book};
use crate::store::contacts::links::{self, Link};
use crate::store::contacts::reviews;
use crate::store::contacts::seen::{self, From, Seen};
use crate::store::sync::runs::{self, Counts};
use crate::store::sync::{dead_letters, holds};

pub const USER: &str = "66ab0123456789abc";

pub fn at(account: AccountId) -> String {
    format!("/api/v1/ExternalAccount/{account}/contacts")
}

impl House {
    /// Anna is connected, is that user of the CRM, and has two groups, of which none is chosen.
    pub async fn with_groups(&self) {
        self.stage.groups(&[("contactGroups/crm", "CRM"), ("contactGroups/tennis", "Tennis <b>club</b>")]);
        self.stage.fields(json!({ "scope": ScopeSet::consent(&Product::ALL).to_string() }));
        match self.stage.account(self.stage.account).await.state {
            State::Active => drop(self.connected_again().await),
            _ => drop(self.connected().await),
        }
        self.belongs_to(USER).await;
    }

    /// The same, and the first one is chosen.
    pub async fn with_group(&self) {
        self.with_groups().await;
        let (program, at) = (self.program(&[KeyScope::AccountLink]).await, at(self.stage.account));
        program.post(&format!("{at}/refresh"), &json!({})).await;
        let version = program.get(&at).await.json()["version"].clone();
        let wish = json!({ "version": version, "choices": { "group": "contactGroups/crm" } });
        let (status, told) = program.put(&at, &wish).await;
        assert_eq!(status, StatusCode::OK, "{told}");
    }

    /// Anna's mailbox is that user's in the CRM.
    pub async fn belongs_to(&self, user: &str) {
        let mut act = self.stage.store().act(&Actor::Gateway, "").await.unwrap();
        accounts::set_crm_user(&mut act, self.stage.account, Some(user)).await.unwrap();
        let address = self.stage.account(self.stage.account).await.address;
        let (account, crm_user) = (self.stage.account, user.to_owned());
        act.commit(Event::CrmUserSet { account, address, from: None, crm_user }).await.unwrap();
    }

    async fn whole_book(&self) -> Book {
        let store = self.stage.store();
        books::of(store, &mut store.read().await.unwrap(), self.stage.account).await.unwrap().unwrap()
    }

    /// A person and a record that are one.
    pub async fn people_pair(&self, record: &str) -> PairId {
        let (store, book) = (self.stage.store(), self.whole_book().await);
        let id = PairId(store.dice().id(store.clock()).unwrap());
        let link = Link {
            id,
            account: self.stage.account,
            book: book.id,
            resource: Some(format!("people/c{record}")),
            source: None,
            entity: Entity::Contact,
            record: Some(record.to_owned()),
            origin: Side::Crm,
            state: LinkState::Active,
            visible: true,
            dirty: false,
            soils: 0,
            base: Base::default(),
        };
        let person = Seen {
            resource: format!("people/c{record}"),
            live: true,
            whole: true,
            epoch: 1,
            hash: vec![1],
            changed_at: 0,
            content: Some(json!({ "etag": "%EgUB", "names": [{ "familyName": "Secret" }] }).to_string()),
        };
        let mut batch = store.batch().await.unwrap();
        assert!(links::add(&mut batch, &link).await.unwrap());
        seen::put(&mut batch, book.id, &[person], From::Ourselves).await.unwrap();
        batch.commit().await.unwrap();
        id
    }

    /// A question about a person, a question about a record, a dead letter and a hold.
    pub async fn waits_for_people(&self) {
        let (store, book, account) = (self.stage.store(), self.whole_book().await, self.stage.account);
        let mut batch = store.batch().await.unwrap();
        let others = json!([["Contact/66ac01", "Eva Stone"], ["Contact/66ac02", "Eva Stein"]]);
        let content = json!({ "about": "Eva <i>S.</i>", "others": others }).to_string();
        for (key, word) in
            [("people/c1", "ambiguous"), ("Lead/66ad01", "undecided"), ("people/c2", "duplicate")]
        {
            reviews::ask(&mut batch, (account, book.id), (key, word), &content).await.unwrap();
        }
        let why = "refused (INVALID)";
        dead_letters::put(&mut batch, book.id, account, "Contact/66ae01", Side::Google, why, "{}")
            .await
            .unwrap();
        holds::open(&mut batch, book.id, account, "delete", 12, "[\"Secret\"]").await.unwrap();
        batch.commit().await.unwrap();
    }

    /// A run of the contacts that has ended.
    pub async fn contacts_ran(&self) {
        let (store, book) = (self.stage.store(), self.whole_book().await);
        let mut batch = store.batch().await.unwrap();
        let run = runs::begin(&mut batch, book.id).await.unwrap();
        let later = store.clock().now() + 3_600_000_000;
        books::begin(&mut batch, book.id, later).await.unwrap();
        runs::end(&mut batch, book.id, run, &Counts { made: 1, ..Counts::default() }, None).await.unwrap();
        batch.commit().await.unwrap();
    }

    /// Comes by every route of contacts that changes something: the route, the row that is
    /// expected, the answer.
    pub async fn contacts_by_a_program(&self) -> Vec<(&'static str, &'static str, Told)> {
        self.with_groups().await;
        let (program, at) = (self.program(KeyScope::ALL).await, at(self.stage.account));
        let refreshed = program.ask("POST", &format!("{at}/refresh"), &[], "").await;
        let made = program.post(&format!("{at}/group"), &json!({ "name": "Partners" })).await;
        let wish = json!({ "version": program.get(&at).await.json()["version"],
            "choices": { "group": "contactGroups/crm" } });
        let chosen = program.ask("PUT", &at, &[], &wish.to_string()).await;
        self.contacts_ran().await;
        let ran = program.ask("POST", &format!("{at}/run"), &[], "").await;
        self.waits_for_people().await;
        let waiting = program.get(&format!("{at}/waiting")).await.json();
        let id = |list: &str| waiting[list][0]["id"].as_str().unwrap().to_owned();
        let review = format!("{at}/review/{}", id("questions"));
        let decided = program.post(&review, &json!({ "decision": "leave" })).await;
        let retried = program.ask("POST", &format!("{at}/retry/{}", id("deadLetters")), &[], "").await;
        let push = program.push(&json!({})).await;
        let path = format!("/api/v1/GoogleContacts/push/{}", push.json()["id"].as_str().unwrap());
        let given_up = program.ask("DELETE", &path, &[], "").await;
        vec![
            ("POST /api/v1/ExternalAccount/{id}/contacts/refresh", "contact_groups_read", refreshed),
            ("POST /api/v1/ExternalAccount/{id}/contacts/group", "contact_group_made", made),
            ("PUT /api/v1/ExternalAccount/{id}/contacts", "contact_choices_set", chosen),
            ("POST /api/v1/ExternalAccount/{id}/contacts/run", "contacts_requested", ran),
            ("POST /api/v1/ExternalAccount/{id}/contacts/review/{review}", "contact_reviewed", decided),
            ("POST /api/v1/ExternalAccount/{id}/contacts/retry/{letter}", "contact_retried", retried),
            ("POST /api/v1/GoogleContacts/action/push", "contacts_pushed", push),
            ("DELETE /api/v1/GoogleContacts/push/{id}", "push_cancelled", given_up),
        ]
    }
}

async fn list(program: &Program<'_>, query: &str) -> Value {
    let told = program.get(&format!("/api/v1/{query}")).await;
    assert_eq!(told.status, StatusCode::OK, "{query}: {}", told.text);
    told.json()
}

fn is(attribute: &str, value: &str) -> String {
    format!("where[0][type]=equals&where[0][attribute]={attribute}&where[0][value]={value}")
}

#[tokio::test]
async fn a_program_reads_the_groups_makes_one_chooses_it_and_finds_it_listed() {
    let house = House::build().await;
    house.with_groups().await;
    let (program, at) = (house.program(KeyScope::ALL).await, at(house.stage.account));
    let told = program.post(&format!("{at}/refresh"), &json!({})).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    let record = told.json();
    assert_eq!((&record["version"], &record["choices"]["group"]), (&json!(0), &Value::Null));
    assert_eq!((&record["choices"]["direction"], &record["nextSync"]), (&json!("to_google"), &Value::Null));
    assert_eq!(record["groups"].as_array().unwrap().len(), 2);

    let made = program.post(&format!("{at}/group"), &json!({ "name": " Partners " })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let made = made.json();
    assert_eq!(
        (&made["name"], &made["type"], &made["own"]),
        (&json!("Partners"), &json!("offered"), &json!(true))
    );
    let again = program.post(&format!("{at}/group"), &json!({ "name": "Partners" })).await;
    assert_eq!((again.status, again.reason().as_str()), (StatusCode::CONFLICT, "duplicate"));

    let wish = json!({ "version": 0, "choices": { "group": made["resourceName"], "direction": "both", "country": "CZ" } });
    let (status, record) = program.put(&at, &wish).await;
    assert_eq!((status, &record["version"]), (StatusCode::OK, &json!(1)), "{record}");
    assert_eq!(
        (&record["choices"]["group"], &record["choices"]["strangers"]),
        (&made["resourceName"], &json!("ignore"))
    );
    assert!(record["nextSync"].is_string());
    assert_eq!(record, program.get(&at).await.json());
    assert_eq!(house.stage.events().await.last().unwrap(), "contact_choices_set");

    let all = list(&program, "GoogleContactsGroup?orderBy=resourceName").await;
    assert_eq!((&all["total"], &all["list"][1]["name"]), (&json!(3), &json!("Partners")));
    assert_eq!(list(&program, "GoogleContactsUser").await["total"], 3);
    let used = program.only(&format!("GoogleContactsUser?{}", is("type", "main"))).await;
    let shown = ["googleContactsGroupId", "userId", "active", "status", "lastSync"].map(|name| &used[name]);
    assert_eq!(json!(shown), json!([made["id"], USER, true, "new", null]));
    assert_eq!(list(&program, &format!("GoogleContactsUser?{}", is("type", "offered"))).await["total"], 2);
    house.contacts_ran().await;
    let told = program.post(&format!("{at}/run"), &json!({})).await;
    assert_eq!((told.status, &told.json()["lastRun"]["made"]), (StatusCode::OK, &json!(1)), "{}", told.text);
    assert_eq!(house.stage.events().await.last().unwrap(), "contacts_requested");
}

#[tokio::test]
async fn googles_own_groups_are_listed_and_only_those_that_take_people_are_offered() {
    let house = House::build().await;
    house.stage.groups(&[("contactGroups/crm", "CRM")]);
    house.stage.system_groups(&["contactGroups/starred", "contactGroups/blocked"]);
    house.stage.fields(json!({ "scope": ScopeSet::consent(&Product::ALL).to_string() }));
    house.connected().await;
    let (program, at) = (house.program(KeyScope::ALL).await, at(house.stage.account));
    let record = program.post(&format!("{at}/refresh"), &json!({})).await.json();
    let kinds = record["groups"].as_array().unwrap().iter();
    let kinds: std::collections::BTreeMap<_, _> =
        kinds.map(|group| (group["resourceName"].as_str().unwrap(), &group["type"])).collect();
    assert_eq!(kinds["contactGroups/blocked"], &Value::Null);
    assert_eq!(kinds["contactGroups/starred"], &json!("offered"));
    assert_eq!(list(&program, "GoogleContactsGroup").await["total"], 3);
    assert_eq!(list(&program, "GoogleContactsUser").await["total"], 2);
    let (status, told) =
        program.put(&at, &json!({ "version": 0, "choices": { "group": "contactGroups/blocked" } })).await;
    assert_eq!((status, &told["reason"]), (StatusCode::BAD_REQUEST, &json!("validationFailure")));
}

#[tokio::test]
async fn a_further_group_is_monitored_and_listed_as_such() {
    let house = House::build().await;
    house.with_groups().await;
    let (program, at) = (house.program(KeyScope::ALL).await, at(house.stage.account));
    program.post(&format!("{at}/refresh"), &json!({})).await;
    // The main one need not be left out by whoever names all.
    let all = json!(["contactGroups/crm", "contactGroups/tennis"]);
    let wish = json!({ "version": 0, "choices": { "group": "contactGroups/crm", "monitored": all } });
    let (status, record) = program.put(&at, &wish).await;
    assert_eq!(status, StatusCode::OK, "{record}");
    assert_eq!(record["choices"]["monitored"], json!(["contactGroups/tennis"]));
    let users = list(&program, &format!("GoogleContactsUser?{}", is("type", "monitored"))).await;
    assert_eq!(
        (&users["total"], &users["list"][0]["resourceName"]),
        (&json!(1), &json!("contactGroups/tennis"))
    );
    assert_eq!(users["list"][0]["status"], "new");
    let kinds = record["groups"].as_array().unwrap().iter();
    let kinds: Vec<_> = kinds.map(|group| (&group["resourceName"], &group["type"])).collect();
    assert!(kinds.contains(&(&json!("contactGroups/tennis"), &json!("monitored"))), "{kinds:?}");
    // Only what is named changes, and nothing is said to have changed that has not.
    let (_, record) = program.put(&at, &json!({ "version": 1, "choices": { "winner": "crm" } })).await;
    assert_eq!(record["choices"]["monitored"], json!(["contactGroups/tennis"]));
    let (_, record) = program.put(&at, &json!({ "version": 2, "choices": { "monitored": [] } })).await;
    assert_eq!((&record["version"], &record["choices"]["monitored"]), (&json!(3), &json!([])));
    assert_eq!(list(&program, &format!("GoogleContactsUser?{}", is("type", "monitored"))).await["total"], 0);
}

#[tokio::test]
async fn whoever_was_slower_and_whatever_makes_no_sense_is_refused() {
    let house = House::build().await;
    house.with_groups().await;
    let (program, at) = (house.program(&[KeyScope::AccountLink]).await, at(house.stage.account));
    program.post(&format!("{at}/refresh"), &json!({})).await;
    let before = house.stage.events().await.len();
    for (body, status, reason) in [
        (json!({}), 400, "validationFailure"),
        (json!({ "version": 1 }), 409, "stale"),
        (json!({ "version": 0, "choices": { "group": "contactGroups/unknown" } }), 400, "validationFailure"),
        (json!({ "version": 0, "choices": { "group": "people/c1" } }), 400, "validationFailure"),
        (
            json!({ "version": 0, "choices": { "monitored": ["contactGroups/crm"] } }),
            400,
            "validationFailure",
        ),
        (json!({ "version": 0, "choices": { "kinds": [] } }), 400, "validationFailure"),
        (json!({ "version": 0, "choices": { "fields": ["when"] } }), 400, "validationFailure"),
        (json!({ "version": 0, "choices": { "country": "Atlantis" } }), 400, "validationFailure"),
        (json!({ "version": 0, "choices": { "direktion": "both" } }), 400, "validationFailure"),
    ] {
        let (told, problem) = program.put(&at, &body).await;
        assert_eq!((told.as_u16(), problem["reason"].as_str().unwrap()), (status, reason), "{body}");
    }
    for name in ["", "  ", "a\u{7}b", &"x".repeat(101)] {
        let told = program.post(&format!("{at}/group"), &json!({ "name": name })).await;
        assert_eq!(
            (told.status, told.reason().as_str()),
            (StatusCode::BAD_REQUEST, "validationFailure"),
            "{name}"
        );
    }
    assert_eq!(house.stage.events().await.len(), before, "nothing was done");
    house.stage.groups_down();
    let told = program.post(&format!("{at}/refresh"), &json!({})).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "googleUnavailable"));
}

#[tokio::test]
async fn a_mailbox_without_contacts_and_one_that_an_admin_disabled_say_so() {
    let house = House::build().await;
    let (program, at) = (house.program(&[KeyScope::AccountLink]).await, at(house.stage.account));
    let told = program.post(&format!("{at}/refresh"), &json!({})).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::CONFLICT, "contactsNotConnected"));
    house.stage.enter(State::Disabled).await;
    let (status, told) = program.put(&at, &json!({ "version": 0, "choices": { "direction": "both" } })).await;
    assert_eq!((status, &told["reason"]), (StatusCode::CONFLICT, &json!("disabled")));
    let told = program.post(&format!("{at}/run"), &json!({})).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::CONFLICT, "disabled"));
}

#[tokio::test]
async fn what_waits_is_told_decided_and_tried_again() {
    let house = House::build().await;
    house.with_group().await;
    house.waits_for_people().await;
    let (program, at) = (house.program(&[KeyScope::AccountLink]).await, at(house.stage.account));
    let told = program.get(&format!("{at}/waiting")).await.json();
    assert!(!told.to_string().contains("Secret"), "what a hold would do is told on the pages only: {told}");
    assert_eq!((&told["holds"][0]["class"], &told["holds"][0]["count"]), (&json!("delete"), &json!(12)));
    let find = |told: &Value, key: &str| {
        let all = told["questions"].as_array().unwrap();
        all.iter().find(|question| question["key"] == key).cloned()
    };
    let person = find(&told, "people/c1").unwrap();
    assert_eq!((&person["name"], &person["reason"]), (&json!("Eva <i>S.</i>"), &json!("ambiguous")));
    assert_eq!(person["others"][0], json!({ "key": "Contact/66ac01", "name": "Eva Stone" }));
    let answer = |key: &str| format!("{at}/review/{}", find(&told, key).unwrap()["id"].as_str().unwrap());
    for (key, body) in [
        ("people/c1", json!({})),
        ("people/c1", json!({ "decision": "perhaps" })),
        ("people/c1", json!({ "decision": "same" })),
        ("people/c1", json!({ "decision": "same", "with": "Contact/other" })),
        ("people/c1", json!({ "decision": "new" })),
        ("people/c1", json!({ "decision": "new", "with": "Account" })),
        ("people/c1", json!({ "decision": "leave", "with": "Contact" })),
        ("people/c2", json!({ "decision": "new", "with": "Contact" })),
        ("Lead/66ad01", json!({ "decision": "new", "with": "Contact" })),
    ] {
        let told = program.post(&answer(key), &body).await;
        assert_eq!(
            (told.status, told.reason().as_str()),
            (StatusCode::BAD_REQUEST, "validationFailure"),
            "{body}"
        );
    }
    for (key, body) in [
        ("people/c1", json!({ "decision": "same", "with": "Contact/66ac02" })),
        ("Lead/66ad01", json!({ "decision": "new" })),
        ("people/c2", json!({ "decision": "leave" })),
    ] {
        let told = program.post(&answer(key), &body).await;
        assert_eq!((told.status, find(&told.json(), key)), (StatusCode::OK, None), "{}", told.text);
        assert_eq!(program.post(&answer(key), &body).await.reason(), "notFound", "it is decided once");
    }
    let retry = format!("{at}/retry/{}", told["deadLetters"][0]["id"].as_str().unwrap());
    assert_eq!(told["deadLetters"][0]["reason"], "refused (INVALID)");
    assert_eq!(program.post(&retry, &json!({})).await.json()["deadLetters"], json!([]));
    assert_eq!(program.post(&retry, &json!({})).await.reason(), "notFound");
    for path in ["review/7", "retry/7", &format!("review/{}", Uuid::nil()), &format!("retry/{}", Uuid::nil())]
    {
        let told = program.post(&format!("{at}/{path}"), &json!({ "decision": "leave" })).await;
        assert_ne!(told.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn pairs_are_listed_and_found_by_either_side() {
    let house = House::build().await;
    house.with_group().await;
    let (eva, tom) = (house.people_pair("66af01").await, house.people_pair("66af02").await);
    let program = house.program(&[KeyScope::AccountRead]).await;
    assert_eq!(list(&program, "GoogleContactsPair").await["total"], 2);
    let pair = program.only(&format!("GoogleContactsPair?{}", is("parentId", "66af01"))).await;
    let expected = json!({
        "id": eva, "externalAccountId": house.stage.account, "emailAddress": "anna@acme.cz",
        "parentType": "Contact", "parentId": "66af01", "resourceName": "people/c66af01", "etag": "%EgUB",
        "origin": "crm", "state": "active", "visible": true, "createdAt": pair["createdAt"],
        "modifiedAt": pair["modifiedAt"],
    });
    assert_eq!(pair, expected);
    let told = program.only(&format!("GoogleContactsPair?{}", is("resourceName", "people/c66af02"))).await;
    assert_eq!(told["id"], json!(tom));
    assert_eq!(program.get(&format!("/api/v1/GoogleContactsPair/{eva}")).await.json(), pair);
    for id in ["7", &Uuid::nil().to_string()] {
        assert_eq!(program.get(&format!("/api/v1/GoogleContactsPair/{id}")).await.reason(), "notFound");
    }
    let told = program.get("/api/v1/GoogleContactsPair?orderBy=etag").await;
    assert_eq!(told.status, StatusCode::BAD_REQUEST, "it is sealed");
}

#[tokio::test]
async fn a_key_of_some_mailboxes_sees_their_contacts_only() {
    let house = House::build().await;
    house.with_group().await;
    let pair = house.people_pair("66af01").await;
    house.waits_for_people().await;
    let here = house.limited(KeyScope::ALL, domain("acme.cz"), 600).await;
    let elsewhere = house.limited(KeyScope::ALL, domain("other.cz"), 600).await;
    for (name, total) in [("GoogleContactsGroup", 2), ("GoogleContactsUser", 2), ("GoogleContactsPair", 1)] {
        assert_eq!(list(&here, name).await["total"], total, "{name}");
        assert_eq!(list(&elsewhere, name).await["total"], 0, "{name}");
    }
    let at = at(house.stage.account);
    let waiting = here.get(&format!("{at}/waiting")).await.json();
    let id = |list: &str| waiting[list][0]["id"].as_str().unwrap().to_owned();
    for (method, path, body) in [
        ("GET", format!("/api/v1/GoogleContactsPair/{pair}"), json!({})),
        ("GET", at.clone(), json!({})),
        ("PUT", at.clone(), json!({ "version": 1 })),
        ("POST", format!("{at}/refresh"), json!({})),
        ("POST", format!("{at}/group"), json!({ "name": "Partners" })),
        ("POST", format!("{at}/run"), json!({})),
        ("GET", format!("{at}/waiting"), json!({})),
        ("POST", format!("{at}/review/{}", id("questions")), json!({ "decision": "leave" })),
        ("POST", format!("{at}/retry/{}", id("deadLetters")), json!({})),
    ] {
        let told = elsewhere.ask(method, &path, &[], &body.to_string()).await;
        assert_eq!(
            (told.status, told.reason().as_str()),
            (StatusCode::NOT_FOUND, "notFound"),
            "{method} {path}"
        );
    }
}
