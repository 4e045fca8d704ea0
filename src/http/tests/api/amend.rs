//! Changing, disconnecting and removing mailboxes.

use axum::http::StatusCode;
use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::key_scope::KeyScope;
use postern_core::model::secret::Secret;
use serde_json::{Value, json};

use super::{Program, domain};
use crate::actions::account::{approve, switch};
use crate::actions::consent::trial::{Tokens, key_file};
use crate::actions::service_account;
use crate::http::tests::House;
use crate::store::api_keys::Reach;

const ACCOUNTS: &str = "/api/v1/ExternalAccount";

impl Program<'_> {
    async fn patch(&self, id: &str, body: &Value) -> (StatusCode, Value) {
        let told = self.ask("PATCH", &format!("{ACCOUNTS}/{id}"), &[], &body.to_string()).await;
        if !told.status.is_success() {
            told.reason();
        }
        (told.status, told.json())
    }

    async fn register(&self, body: &Value) -> Value {
        let told = self.post(ACCOUNTS, body).await;
        assert_eq!(told.status, StatusCode::CREATED, "{}", told.text);
        told.json()
    }
}

fn anna() -> Address {
    Address::parse("anna@acme.cz").unwrap()
}

#[tokio::test]
async fn only_what_is_named_changes_and_each_change_is_recorded() {
    let house = House::build().await;
    let program = house.program(&[KeyScope::AccountLink]).await;
    let id = house.stage.account.to_string();
    for method in ["PUT", "PATCH"] {
        let told = program.ask(method, &format!("{ACCOUNTS}/{id}"), &[], "{}").await;
        assert_eq!(told.status, StatusCode::OK, "{method}: {}", told.text);
        assert_eq!(told.json()["emailAddressAliases"], json!(["office@acme.cz"]));
    }
    let before = house.stage.events().await.len();
    let (status, told) = program.patch(&id, &json!({ "emailAddressAliases": ["info@acme.cz"] })).await;
    assert_eq!((status, &told["emailAddressAliases"]), (StatusCode::OK, &json!(["info@acme.cz"])));
    assert_eq!((&told["userId"], &told["enabled"]), (&Value::Null, &json!(true)));
    let (_, told) = program.patch(&id, &json!({ "enabled": false })).await;
    assert_eq!((&told["state"], &told["enabled"]), (&json!("disabled"), &json!(false)));
    let (_, told) = program.patch(&id, &json!({ "enabled": true, "emailAddressAliases": [] })).await;
    assert_eq!((&told["state"], &told["emailAddressAliases"]), (&json!("new"), &json!([])));
    let (_, told) = program.patch(&id, &json!({ "enabled": true, "emailAddressAliases": null })).await;
    assert_eq!(told["state"], "new");
    let rows = house.stage.audit().await;
    let names: Vec<&str> = rows.iter().skip(before).map(|(event, _)| event.as_str()).collect();
    assert_eq!(
        names,
        ["alias_removed", "alias_added", "account_disabled", "alias_removed", "account_enabled"]
    );
}

#[tokio::test]
async fn what_makes_no_sense_changes_nothing() {
    let house = House::build().await;
    house.stage.register("ben@acme.cz", &["b@acme.cz"]).await;
    let program = house.limited(KeyScope::ALL, domain("acme.cz"), 600).await;
    let id = house.stage.account.to_string();
    let before = house.stage.events().await.len();
    for (body, status) in [
        (json!({ "state": "active" }), 400),
        (json!({ "emailAddress": "ota@acme.cz" }), 400),
        (json!({ "enabled": "yes" }), 400),
        (json!({ "userId": "x y" }), 400),
        (json!({ "userId": 7 }), 400),
        (json!({ "emailAddressAliases": "x@acme.cz" }), 400),
        (json!({ "emailAddressAliases": ["nobody"] }), 400),
        (json!({ "enabled": false, "emailAddressAliases": ["b@acme.cz"] }), 409),
        (json!({ "enabled": false, "emailAddressAliases": ["ben@acme.cz"] }), 409),
        (json!({ "enabled": false, "emailAddressAliases": ["x@other.cz"] }), 403),
    ] {
        let (told, text) = program.patch(&id, &body).await;
        assert_eq!(told.as_u16(), status, "{body}: {text}");
    }
    assert_eq!(house.stage.events().await.len(), before);
    assert_eq!(house.stage.account(house.stage.account).await.state, State::New);
    let single = Reach { domains: Vec::new(), accounts: vec![house.stage.account] };
    let single = house.limited(KeyScope::ALL, single, 600).await;
    let (status, _) = single.patch(&id, &json!({ "emailAddressAliases": ["office@acme.cz"] })).await;
    assert_eq!(status, StatusCode::OK, "what is there may stay");
    let (status, _) = single.patch(&id, &json!({ "emailAddressAliases": ["info@acme.cz"] })).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_an_admin_has_disabled_no_program_touches() {
    let house = House::build().await;
    let program = house.program(KeyScope::ALL).await;
    let (store, by, id) = (house.stage.store(), house.by(), house.stage.account.to_string());
    program.patch(&id, &json!({ "enabled": false })).await;
    assert!(switch::disable(store, &by, &anna()).await.unwrap().changed, "it is the admin's now");
    assert!(!switch::disable(store, &by, &anna()).await.unwrap().changed);
    let before = house.stage.events().await.len();
    for body in
        [json!({ "enabled": true }), json!({ "emailAddressAliases": [] }), json!({ "userId": "5f3a" })]
    {
        let (status, told) = program.patch(&id, &body).await;
        assert_eq!((status, &told["reason"]), (StatusCode::CONFLICT, &json!("disabled")), "{body}");
    }
    let told = program.ask("DELETE", &format!("{ACCOUNTS}/{id}"), &[], "").await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::CONFLICT, "disabled"));
    assert_eq!(house.stage.events().await.len(), before);
    switch::enable(store, &by, &anna()).await.unwrap();
    assert_eq!(program.patch(&id, &json!({ "enabled": false })).await.1["state"], "disabled");
    let told = program.ask("DELETE", &format!("{ACCOUNTS}/{id}"), &[], "").await;
    assert_eq!(told.status, StatusCode::OK, "what the program disabled it may remove: {}", told.text);
}

#[tokio::test]
async fn disconnecting_ends_the_grant_at_google() {
    let house = House::build().await;
    let program = house.program(&[KeyScope::AccountLink]).await;
    house.stage.connect().await.unwrap();
    let path = format!("{ACCOUNTS}/{}/disconnect", house.stage.account);
    house.stage.answers(Tokens::Down);
    let told = program.ask("POST", &path, &[], "").await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "googleUnavailable"));
    assert_eq!(house.stage.account(house.stage.account).await.state, State::Active);
    house.stage.answers(Tokens::Says(200, "{}"));
    let told = program.ask("POST", &path, &[], "").await;
    assert_eq!((told.status, &told.json()["connectedBy"]), (StatusCode::OK, &json!("none")));
    assert!(house.stage.google.asked().last().unwrap().contains("token=1%2F%2Ffresh"));
    assert_eq!(house.stage.events().await.last().unwrap(), "account_disconnected");
}

#[tokio::test]
async fn removing_ends_the_grant_and_a_key_of_that_mailbox_reaches_none() {
    let house = House::build().await;
    let single = Reach { domains: Vec::new(), accounts: vec![house.stage.account] };
    let program = house.limited(KeyScope::ALL, single, 600).await;
    let ben = house.stage.register("ben@acme.cz", &[]).await;
    house.stage.connect().await.unwrap();
    let path = format!("{ACCOUNTS}/{}", house.stage.account);
    house.stage.answers(Tokens::Down);
    let told = program.ask("DELETE", &path, &[], "").await;
    assert_eq!(told.reason(), "googleUnavailable");
    house.stage.answers(Tokens::Says(200, "{}"));
    assert_eq!(program.ask("DELETE", &format!("{ACCOUNTS}/{ben}"), &[], "").await.reason(), "notFound");
    let told = program.ask("DELETE", &path, &[], "").await;
    assert_eq!((told.status, told.json()), (StatusCode::OK, json!(true)));
    assert_eq!(house.stage.events().await.last().unwrap(), "account_removed");
    assert_eq!(program.ask("DELETE", &path, &[], "").await.reason(), "notFound");
    assert_eq!(
        program.get(ACCOUNTS).await.json()["total"],
        0,
        "its one mailbox is gone, the others are not its"
    );
}

async fn import(house: &House) {
    let domains = ["acme.cz".to_owned()];
    let key = Secret::new(key_file());
    service_account::import(house.stage.store(), &house.by(), &key, &domains, &[]).await.unwrap();
}

#[tokio::test]
async fn a_service_account_opens_what_a_program_registered_only_by_an_admins_leave() {
    let house = House::build().await;
    let program = house.program(KeyScope::ALL).await;
    let eva = program.register(&json!({ "emailAddress": "eva@acme.cz" })).await;
    assert_eq!(eva["state"], "new");
    let eva = eva["id"].as_str().unwrap();
    import(&house).await;
    let state = async || program.get(&format!("{ACCOUNTS}/{eva}")).await.json()["state"].clone();
    assert_eq!(state().await, "awaiting_approval");
    assert_eq!(house.stage.account(house.stage.account).await.state, State::New, "an admin registered anna");
    let events = house.stage.events().await;
    assert_eq!(events[events.len() - 2..], ["service_account_imported", "state_changed"]);

    let (status, told) = program.patch(eva, &json!({ "enabled": false })).await;
    assert_eq!((status, &told["reason"]), (StatusCode::CONFLICT, &json!("awaitingApproval")));
    let (store, by) = (house.stage.store(), house.by());
    let address = Address::parse("eva@acme.cz").unwrap();
    switch::disable(store, &by, &address).await.unwrap();
    switch::enable(store, &by, &address).await.unwrap();
    assert_eq!(state().await, "awaiting_approval", "enabling is no approval");
    approve::approve(store, &by, &address).await.unwrap();
    assert_eq!(state().await, "new");
    program.patch(eva, &json!({ "enabled": false })).await;
    assert_eq!(
        program.patch(eva, &json!({ "enabled": true })).await.1["state"],
        "new",
        "approved is approved"
    );
}

#[tokio::test]
async fn who_disconnects_a_mailbox_does_not_hand_it_to_a_service_account() {
    let house = House::build().await;
    let program = house.program(KeyScope::ALL).await;
    let eva = program.register(&json!({ "emailAddress": "eva@acme.cz" })).await;
    let eva = eva["id"].as_str().unwrap().to_owned();
    let word = house.stage.invite(eva.parse().unwrap()).await;
    house.stage.claims(json!({ "sub": "2", "email": "eva@acme.cz" }));
    let started = house.stage.consents.start(&word, None).await.unwrap();
    house.stage.visit(&started.url);
    house.stage.finish(&started).await.unwrap();
    import(&house).await;
    house.stage.answers(Tokens::Says(200, "{}"));
    let told = program.ask("POST", &format!("{ACCOUNTS}/{eva}/disconnect"), &[], "").await;
    assert_eq!((told.status, &told.json()["state"]), (StatusCode::OK, &json!("awaiting_approval")));
}
