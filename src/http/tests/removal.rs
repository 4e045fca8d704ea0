//! Removing everything that was made for a mailbox, on the pages and by programs:
//! told first, done as it was shown, and by nobody else.

use axum::http::StatusCode;
use postern_core::model::actor::Actor;
use postern_core::model::id::{AccountId, CalendarId};
use postern_core::model::key_scope::KeyScope;
use postern_core::model::role::Role;
use postern_core::model::scope::Product;
use serde_json::json;

use super::House;
use super::api::domain;
use crate::actions::By;
use crate::actions::account::product::switch;
use crate::actions::calendars::trial::{made, too_late};
use crate::store::sync::calendar_users::{self, Kind};

const PAGE: &str = "/postern/me/calendar/removal";

impl House {
    async fn kind(&self, (account, calendar): (AccountId, CalendarId)) -> Kind {
        let mut read = self.stage.store().read().await.unwrap();
        let users = calendar_users::of_account(&mut read, account).await.unwrap();
        users.into_iter().find(|user| user.calendar == calendar).unwrap().kind
    }
}

fn mark(page: &str) -> &str {
    page.split("name=\"mark\" value=\"").nth(1).unwrap_or_else(|| panic!("{page}")).split('"').next().unwrap()
}

#[tokio::test]
async fn the_owner_sees_what_would_be_removed_and_confirms_it() {
    let house = House::build().await;
    let unequal = house.unequal().await;
    made(house.stage.store(), unequal.at, "Kickoff <b>").await;
    let sheet = house.see(&unequal.owner, "/postern/me/calendar").await.text;
    assert!(sheet.contains(&format!("href=\"{PAGE}\"")), "{sheet}");
    let preview = house.see(&unequal.owner, PAGE).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.text);
    for words in
        ["What is removed", "Kickoff &#60;b&#62;", "The event in Google is deleted", "not used any more"]
    {
        assert!(preview.text.contains(words), "{words}: {}", preview.text);
    }
    let told = house.wish_with(&unequal.owner, "calendar/removal", &[("mark", "other")]).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(told.text.contains("different by now") && told.text.contains(PAGE), "{}", told.text);
    let fields = [("mark", mark(&preview.text))];
    let told = house.wish_with(&unequal.owner, "calendar/removal", &fields).await;
    assert_eq!(told.header("location"), "/postern/me/calendar?done=removing", "{}", told.text);
    let events = house.stage.events().await;
    assert_eq!(events[events.len() - 2..], ["removal_asked", "calendars_chosen"]);
    assert_eq!(house.kind(unequal.at).await, Kind::Leaving);
    let page = house.see(&unequal.owner, "/postern/me/calendar?done=removing").await.text;
    assert!(page.contains("is removed by the next runs") && page.contains("is being removed"), "{page}");
    let again = house.see(&unequal.owner, PAGE).await.text;
    assert!(!again.contains("name=\"mark\"") && again.contains("0 of 1 changes"), "{again}");
    let told = house.wish_with(&unequal.owner, "calendar/removal", &fields).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(told.text.contains("being taken back already"), "{}", told.text);
    let off = By::new(Actor::Gateway, house.stage.store().dice()).unwrap();
    switch(house.stage.store(), &off, unequal.at.0, Product::Calendar, false).await.unwrap();
    let told = house.see(&unequal.owner, PAGE).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(told.text.contains("Connect it first"), "{}", told.text);
}

#[tokio::test]
async fn only_admins_who_may_act_on_mailboxes_have_everything_removed() {
    let house = House::build().await;
    let unequal = house.unequal().await;
    made(house.stage.store(), unequal.at, "Kickoff").await;
    let sheet = format!("/admin/accounts/{}/calendar", house.stage.account);
    let path = format!("{sheet}/removal");
    for role in [Role::Auditor, Role::Helpdesk] {
        let desk = house.signed_in(role.name(), role).await;
        assert!(!desk.get(&sheet).await.text.contains(&path), "{role:?}");
        assert_eq!(desk.get(&path).await.status, StatusCode::FORBIDDEN, "{role:?}");
        assert_eq!(desk.post(&path, &[("mark", "x")]).await.status, StatusCode::FORBIDDEN, "{role:?}");
    }
    let desk = house.signed_in("eva", Role::Admin).await;
    assert!(desk.get(&sheet).await.text.contains(&path));
    let preview = desk.get(&path).await.text;
    let told = desk.post(&path, &[("mark", mark(&preview))]).await;
    assert_eq!(told.header("location"), format!("/postern{sheet}?done=removing"), "{}", told.text);
    assert_eq!(house.kind(unequal.at).await, Kind::Leaving);
}

#[tokio::test]
async fn a_program_looks_at_what_would_be_removed_and_has_it_removed() {
    let house = House::build().await;
    let unequal = house.unequal().await;
    let pair = made(house.stage.store(), unequal.at, "Kickoff").await;
    let program = house.program(&[KeyScope::AccountLink]).await;
    let path = format!("/api/v1/ExternalAccount/{}/calendar/removal", house.stage.account);
    let told = program.get(&path).await.json();
    let one = json!({ "field": "title", "shows": "Kickoff", "becomes": null });
    assert_eq!((&told["id"], &told["acts"], &told["more"]), (&json!(null), &json!(1), &json!(false)));
    let act = &told["pairs"][0]["acts"][0];
    assert_eq!((&told["pairs"][0]["pairId"], &act["fields"][0]), (&json!(pair), &one));
    assert_eq!((&act["kind"], &act["side"]), (&json!("remove"), &json!("google")));
    let confirm = json!({ "confirm": told["confirm"] });
    let other = program.post(&path, &json!({ "confirm": "other" })).await;
    assert_eq!((other.status, other.reason().as_str()), (StatusCode::CONFLICT, "different"));
    let elsewhere = house.limited(KeyScope::ALL, domain("other.cz"), 600).await;
    assert_eq!(elsewhere.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(elsewhere.post(&path, &confirm).await.status, StatusCode::NOT_FOUND);
    let done = program.post(&path, &confirm).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let asked = &done.json()["asked"][0];
    assert_eq!((&asked["state"], &asked["googleCalendarId"]), (&json!("waiting"), &json!(unequal.at.1)));
    let again = program.post(&path, &confirm).await;
    assert_eq!((again.status, again.reason().as_str()), (StatusCode::CONFLICT, "undoing"));
    too_late(house.stage.store()).await;
    let off = By::new(Actor::Gateway, house.stage.store().dice()).unwrap();
    switch(house.stage.store(), &off, unequal.at.0, Product::Calendar, false).await.unwrap();
    let off = program.get(&path).await;
    assert_eq!((off.status, off.reason().as_str()), (StatusCode::CONFLICT, "calendarNotConnected"));
}
