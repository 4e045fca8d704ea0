//! The page about keys of the REST API.

use axum::http::StatusCode;
use postern_core::model::role::Role;

use super::House;
use super::admin::{Desk, PASSWORD};
use crate::auth::visit::FRESH;

const PAGE: &str = "/admin/keys";

async fn made(desk: &Desk<'_>, fields: &[(&str, &str)]) -> String {
    let told = desk.post(PAGE, fields).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert_eq!(told.header("cache-control"), "no-store");
    told.text
        .split("id=\"key\"")
        .nth(1)
        .unwrap()
        .split("value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .into()
}

#[tokio::test]
async fn a_key_is_shown_once_opens_what_was_ticked_and_is_revoked() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    assert!(jan.get(PAGE).await.text.contains("There is no key yet."));
    let fields =
        [("name", "crm"), ("account:read", "yes"), ("reach", "acme.cz\r\n Other.CZ"), ("rate", "60")];
    let key = made(&jan, &fields).await;
    let ask = async |path: &str| {
        let told = house.ask("GET", &format!("/postern/api/v1/{path}"), &[("x-api-key", &key)], "").await;
        told.status
    };
    assert_eq!(ask("ExternalAccount").await, StatusCode::OK);
    assert_eq!(ask("Job").await, StatusCode::FORBIDDEN, "it was not ticked");
    let page = jan.get(PAGE).await.text;
    assert!(page.contains("acme.cz, other.cz") && page.contains("account:read") && !page.contains(&key));
    let id = page.split("/admin/keys/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    assert_eq!(jan.post(&format!("{PAGE}/{id}/revoke"), &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(ask("ExternalAccount").await, StatusCode::UNAUTHORIZED);
    let page = jan.get(PAGE).await.text;
    assert!(page.contains("revoked 2026-") && !page.contains(&format!("{id}/revoke")));
    let events = house.stage.events().await;
    assert!(events.ends_with(&["api_key_created".to_owned(), "api_key_revoked".to_owned()]), "{events:?}");
}

#[tokio::test]
async fn tokens_are_never_ticked_by_themselves_and_the_page_says_what_they_mean() {
    let house = House::build().await;
    let page = house.signed_in("jan", Role::Admin).await.get(PAGE).await.text;
    let ticked = |scope: &str| {
        let field = page.split(&format!("name=\"{scope}\"")).nth(1).unwrap();
        field.split('>').next().unwrap().contains("checked")
    };
    assert!(ticked("account:read") && ticked("account:link"));
    for scope in ["token:issue", "sync:run", "audit:read"] {
        assert!(!ticked(scope), "{scope}");
    }
    assert!(page.contains("read all its mail and send as its owner"));
    let eva = house.signed_in("eva", Role::Auditor).await;
    assert!(!eva.get("/admin").await.text.contains("/admin/keys"));
}

#[tokio::test]
async fn what_makes_no_sense_is_told_and_the_form_keeps_what_was_entered() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    let good = [("name", "siem"), ("audit:read", "yes"), ("reach", ""), ("rate", "60")];
    for (name, value, why) in [
        ("name", "a b", "This name does not fit"),
        ("audit:read", "", "Tick what the program may do."),
        ("reach", "acme", "This is no domain such as example.com: acme"),
        ("rate", "many", "The rate is a number"),
        ("rate", "0", "The rate is a number"),
    ] {
        let fields: Vec<_> = good.iter().map(|(n, v)| (*n, if *n == name { value } else { v })).collect();
        let told = jan.post(PAGE, &fields).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{value}");
        assert!(told.text.contains(why), "{value}: {}", told.text);
        assert!(name == "name" || told.text.contains("value=\"siem\""));
    }
    house.stage.clock.advance(FRESH);
    assert_eq!(jan.post(PAGE, &good).await.status, StatusCode::FORBIDDEN, "the password is asked again");
    let fresh = [good.as_slice(), &[("password", PASSWORD)]].concat();
    assert_eq!(jan.post(PAGE, &fresh).await.status, StatusCode::OK);
    let unknown = format!("{PAGE}/00000000-0000-7000-8000-000000000000/revoke");
    let told = jan.post(&unknown, &[]).await;
    assert!(told.text.contains("no such key any more"), "{}", told.text);
}
