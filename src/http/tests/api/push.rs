//! Records pushed by programs: what is taken up, who vouches for it, and how far it is.

use std::time::Duration;

use axum::http::StatusCode;
use postern_core::model::id::PushId;
use postern_core::model::key_scope::KeyScope;
use serde_json::{Value, json};
use uuid::Uuid;

use super::contacts::USER;
use super::{Program, domain};
use crate::actions::consent::trial::START;
use crate::http::tests::{House, Told};
use crate::store::contacts::pushes;

const PUSH: &str = "/api/v1/GoogleContacts/action/push";

/// So many that nobody waits for them.
fn many() -> Vec<String> {
    (0..11).map(|number| format!("66b{number:014}")).collect()
}

/// Eleven contacts into Anna's group, but for what is said otherwise; null takes a field away.
fn wish(over: &Value) -> Value {
    let mut wish = json!({ "account": "anna@acme.cz", "entityType": "Contact", "ids": many() });
    for (name, value) in over.as_object().unwrap() {
        wish[name] = value.clone();
        if value.is_null() {
            wish.as_object_mut().unwrap().remove(name);
        }
    }
    wish
}

impl Program<'_> {
    pub async fn push(&self, over: &Value) -> Told {
        self.post(PUSH, &wish(over)).await
    }
}

impl House {
    /// What the store holds of a push.
    async fn stored(&self, told: &Told) -> pushes::Push {
        let id: PushId = told.json()["id"].as_str().unwrap().parse().unwrap();
        pushes::get(&mut self.stage.store().read().await.unwrap(), id).await.unwrap().unwrap()
    }

    async fn pushes(&self) -> usize {
        self.stage.events().await.iter().filter(|event| *event == "contacts_pushed").count()
    }
}

#[tokio::test]
async fn many_records_are_taken_up_followed_and_given_up() {
    let house = House::build().await;
    house.with_group().await;
    let program = house.program(&[KeyScope::AccountLink]).await;
    let told = program.push(&json!({ "group": "CRM" })).await;
    assert_eq!(told.status, StatusCode::ACCEPTED, "{}", told.text);
    let push = told.json();
    let shown = ["total", "done", "leastSeconds", "vouched", "list", "words"].map(|name| &push[name]);
    assert_eq!(json!(shown), json!([11, 0, null, false, [], {}]));
    let path = format!("/api/v1/GoogleContacts/push/{}", push["id"].as_str().unwrap());
    house.came(&many()[0], "made").await;
    house.came(&many()[3], "no-access").await;
    let told = program.get(&format!("{path}?maxSize=2&offset=2")).await.json();
    assert_eq!((&told["done"], &told["leastSeconds"]), (&json!(2), &json!(18)));
    assert_eq!(told["words"], json!({ "made": 1, "no-access": 1 }));
    let lines = told["list"].as_array().unwrap();
    assert_eq!((lines.len(), &lines[0]["word"], &lines[1]["word"]), (2, &Value::Null, &json!("no-access")));
    assert_eq!((&lines[1]["entityType"], &lines[1]["recordId"]), (&json!("Contact"), &json!(many()[3])));
    for _ in 0..2 {
        let told = program.ask("DELETE", &path, &[], "").await;
        assert_eq!((told.status, &told.json()["done"]), (StatusCode::OK, &json!(11)), "{}", told.text);
        assert_eq!(told.json()["words"], json!({ "cancelled": 9, "made": 1, "no-access": 1 }));
        assert!(told.json()["endedAt"].is_string() && told.json()["leastSeconds"].is_null());
    }
    assert_eq!(house.stage.events().await.iter().filter(|event| *event == "push_cancelled").count(), 1);
    for query in ["?where[0][type]=isNull", "?orderBy=word", "?maxSize=201"] {
        assert_eq!(program.get(&format!("{path}{query}")).await.status, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn of_few_records_the_answer_tells_what_came_of_each() {
    let house = House::build().await;
    house.with_group().await;
    let program = house.program(&[KeyScope::AccountLink]).await;
    let ids = json!(["66b01", "66b02", "66b01"]);
    let over = json!({ "account": house.stage.account, "ids": ids, "group": "contactGroups/crm" });
    let node = async {
        while house.pushes().await == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        house.came("66b01", "made").await;
        house.came("66b02", "refused").await;
    };
    let (told, ()) = tokio::join!(program.push(&over), node);
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    let told = told.json();
    let words: Vec<_> = told["list"].as_array().unwrap().iter().map(|line| &line["word"]).collect();
    assert_eq!((words, &told["total"]), (vec![&json!("made"), &json!("refused")], &json!(2)));
    assert!(told["endedAt"].is_string() && told["leastSeconds"].is_null());
}

#[tokio::test]
async fn what_cannot_be_pushed_is_told_and_nothing_is_taken_up() {
    let house = House::build().await;
    house.with_groups().await;
    let program = house.program(&[KeyScope::AccountLink]).await;
    assert_eq!(program.push(&json!({})).await.reason(), "noGroup");
    house.with_group().await;
    let too_many: Vec<String> = (0..2001).map(|number| format!("66b{number}")).collect();
    for (over, status, reason) in [
        (json!({ "entityType": "Account" }), 400, "validationFailure"),
        (json!({ "entityType": null }), 400, "validationFailure"),
        (json!({ "ids": null }), 400, "validationFailure"),
        (json!({ "ids": [] }), 400, "validationFailure"),
        (json!({ "ids": ["a/../b"] }), 400, "validationFailure"),
        (json!({ "ids": too_many }), 400, "validationFailure"),
        (json!({ "where": [] }), 400, "validationFailure"),
        (json!({ "account": "nobody" }), 400, "validationFailure"),
        (json!({ "account": "ben@acme.cz" }), 400, "validationFailure"),
        (json!({ "account": Uuid::nil() }), 400, "validationFailure"),
        (json!({ "vouched": true }), 400, "validationFailure"),
        (json!({ "ids": null, "where": [{ "type": "bool" }] }), 400, "validationFailure"),
        (
            json!({ "ids": null, "where": [{ "type": "isTrue", "attribute": "doNotCall" }] }),
            409,
            "crmNotSetUp",
        ),
        (json!({ "group": "Tennis <b>club</b>" }), 409, "otherGroup"),
        (json!({ "group": "contactGroups/tennis" }), 409, "otherGroup"),
        (json!({ "user": "66ab0000000000000" }), 409, "otherUser"),
    ] {
        let told = program.push(&over).await;
        assert_eq!((told.status.as_u16(), told.reason().as_str()), (status, reason), "{over}");
    }
    assert_eq!(house.pushes().await, 0);
    for path in ["7".to_owned(), Uuid::nil().to_string()] {
        for method in ["GET", "DELETE"] {
            let told = program.ask(method, &format!("/api/v1/GoogleContacts/push/{path}"), &[], "").await;
            assert_eq!(told.reason(), "notFound", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn one_word_takes_up_one_push() {
    let house = House::build().await;
    house.with_group().await;
    let program = house.program(&[KeyScope::AccountLink]).await;
    // What was refused has used no word.
    assert_eq!(program.posted(PUSH, "w", &wish(&json!({ "group": "Other" }))).await.reason(), "otherGroup");
    let first = program.posted(PUSH, "w", &wish(&json!({}))).await;
    let again = program.posted(PUSH, "w", &wish(&json!({}))).await;
    assert_eq!((first.status, again.status), (StatusCode::ACCEPTED, StatusCode::ACCEPTED), "{}", again.text);
    assert_eq!(first.json()["id"], again.json()["id"]);
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    let other = program.posted(PUSH, "w", &wish(&json!({ "entityType": "Lead" }))).await;
    assert_eq!((other.status, other.reason().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "otherRequest"));
    assert_eq!(house.pushes().await, 1);
}

#[tokio::test]
async fn rule_7_2_only_a_signed_request_that_names_user_and_records_vouches_for_them() {
    let house = House::build().await;
    house.with_group().await;
    let plain = house.program(KeyScope::ALL).await;
    for over in [json!({}), json!({ "user": USER })] {
        let told = plain.push(&over).await;
        assert_eq!(
            (house.stored(&told).await.vouched, &told.json()["vouched"]),
            (0, &json!(false)),
            "{over}"
        );
    }
    let signer = house.signer(600).await;
    let mut count = 0;
    let mut signed = async |over: &Value| {
        count += 1;
        signer
            .honest("POST", PUSH, START, &format!("nonce-of-push-{count:04}"), &wish(over).to_string())
            .await
    };
    let told = signed(&json!({})).await;
    assert_eq!(
        (told.status, house.stored(&told).await.vouched),
        (StatusCode::ACCEPTED, 0),
        "no user is named"
    );
    let told = signed(&json!({ "user": "66ab0000000000000" })).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::CONFLICT, "otherUser"));
    // Ben's mailbox gets nothing by Anna's name.
    let ben = house.stage.register("ben@acme.cz", &[]).await;
    let told = signed(&json!({ "user": USER, "account": ben })).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::CONFLICT, "noUser"));
    let told = signed(&json!({ "user": USER })).await;
    assert_eq!(told.status, StatusCode::ACCEPTED, "{}", told.text);
    assert_eq!((house.stored(&told).await.vouched, &told.json()["vouched"]), (1, &json!(true)));
    let conditions = json!([{ "type": "isTrue", "attribute": "doNotCall" }]);
    let told = signed(&json!({ "user": USER, "ids": null, "where": conditions })).await;
    assert_eq!(told.reason(), "crmNotSetUp", "conditions are asked within what the user may see");
}

#[tokio::test]
async fn a_body_that_was_not_signed_vouches_for_nothing() {
    let house = House::build().await;
    house.with_group().await;
    let signer = house.signer(600).await;
    let honest = wish(&json!({ "user": USER })).to_string();
    let evil = wish(&json!({ "user": USER, "ids": ["66b99"] })).to_string();
    let told = signer.forged("POST", PUSH, START, "nonce-of-push-0001", (&honest, &evil)).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::UNAUTHORIZED, "signatureInvalid"));
    let told = signer.bare("POST", PUSH, &honest).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::UNAUTHORIZED, "signatureIncomplete"));
    assert_eq!(house.pushes().await, 0);
}

#[tokio::test]
async fn a_key_of_some_mailboxes_pushes_into_no_other_and_sees_no_other_push() {
    let house = House::build().await;
    house.with_group().await;
    let here = house.limited(KeyScope::ALL, domain("acme.cz"), 600).await;
    let elsewhere = house.limited(KeyScope::ALL, domain("other.cz"), 600).await;
    for account in [json!("anna@acme.cz"), json!(house.stage.account)] {
        let told = elsewhere.push(&json!({ "account": account })).await;
        assert_eq!((told.status, told.reason().as_str()), (StatusCode::BAD_REQUEST, "validationFailure"));
    }
    assert_eq!(house.pushes().await, 0);
    let id = here.push(&json!({})).await.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/GoogleContacts/push/{id}");
    assert_eq!(here.get(&path).await.status, StatusCode::OK);
    for method in ["GET", "DELETE"] {
        assert_eq!(elsewhere.ask(method, &path, &[], "").await.reason(), "notFound", "{method}");
    }
    assert_eq!(here.get(&path).await.json()["done"], 0);
}
