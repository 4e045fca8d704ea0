//! Taking a run back on the pages and by programs: told first, done as it was
//! shown, and by nobody else.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use postern_core::model::actor::Actor;
use postern_core::model::id::RunId;
use postern_core::model::key_scope::KeyScope;
use postern_core::model::role::Role;
use postern_core::plan::calendar::choices::Choices;
use serde_json::json;

use super::House;
use super::api::domain;
use crate::actions::By;
use crate::actions::calendars::choose::{Wanted, choose};
use crate::actions::calendars::teams::Teams;
use crate::actions::calendars::trial::{renaming, too_late};
use crate::store::sync::{calendar_users, calendars};

const PAGE: &str = "/postern/me/calendar";

impl House {
    /// A run of Anna's main calendar that can be taken back.
    pub async fn renaming_run(&self) -> RunId {
        let store = self.stage.store();
        let mut batch = store.batch().await.unwrap();
        let calendar = calendars::put(&mut batch, "main@acme.cz", "Main", "UTC").await.unwrap();
        calendar_users::put(&mut batch, self.stage.account, calendar, "owner").await.unwrap();
        batch.commit().await.unwrap();
        let by = By::new(Actor::Gateway, store.dice()).unwrap();
        let wanted = Wanted {
            main: Some(calendar),
            monitored: BTreeSet::new(),
            choices: Choices::default(),
            defaults: None,
        };
        choose(store, (&by, &Teams::default()), self.stage.account, &wanted, 0).await.unwrap();
        renaming(store, (self.stage.account, calendar), "Doctor").await
    }
}

#[tokio::test]
async fn the_owner_sees_what_would_be_taken_back_and_confirms_it() {
    let house = House::build().await;
    let unequal = house.unequal().await;
    let run = renaming(house.stage.store(), unequal.at, "Doctor <b>").await;
    let page = house.see(&unequal.owner, PAGE).await.text;
    let path = format!("{PAGE}/run/{run}/undo");
    assert!(page.contains("What the last runs changed") && page.contains(&path), "{page}");
    let preview = house.see(&unequal.owner, &path).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.text);
    for words in
        ["What is taken back", "Doctor &#60;b&#62;", "Title: Before instead of Doctor", "Google mails nobody"]
    {
        assert!(preview.text.contains(words), "{words}: {}", preview.text);
    }
    let wish = format!("calendar/run/{run}/undo");
    let told = house.wish_with(&unequal.owner, &wish, &[("mark", "other")]).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(told.text.contains("different by now") && told.text.contains(&path), "{}", told.text);
    let mark = preview.text.split("name=\"mark\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let told = house.wish_with(&unequal.owner, &wish, &[("mark", mark)]).await;
    assert_eq!(told.header("location"), format!("{PAGE}?done=undoing"), "{}", told.text);
    assert_eq!(house.stage.events().await.last().unwrap(), "run_undo_asked");
    let page = house.see(&unequal.owner, &format!("{PAGE}?done=undoing")).await.text;
    assert!(page.contains("taken back by the next run") && page.contains("It is being taken back"), "{page}");
    let again = house.see(&unequal.owner, &path).await.text;
    assert!(!again.contains("name=\"mark\"") && again.contains("0 of 1 changes"), "{again}");
    let told = house.wish_with(&unequal.owner, &wish, &[("mark", mark)]).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(told.text.contains("being taken back already"), "{}", told.text);
    too_late(house.stage.store()).await;
    let fields = [("cookie", unequal.owner.cookie.as_str()), ("accept-language", "cs")];
    let czech = house.ask("GET", &path, &fields, "").await.text;
    assert!(czech.contains("Co se vrátí") && czech.contains("nevrátilo do jednoho dne"), "{czech}");
}

#[tokio::test]
async fn another_mailboxs_run_is_not_there() {
    let house = House::build().await;
    let unequal = house.unequal().await;
    let ben = house.stage.register("ben@acme.cz", &[]).await;
    let foreign = renaming(house.stage.store(), (ben, unequal.at.1), "Secret").await;
    let page = house.see(&unequal.owner, PAGE).await.text;
    assert!(!page.contains(&foreign.to_string()), "{page}");
    for run in [foreign.to_string(), uuid::Uuid::nil().to_string(), "x".to_owned()] {
        let told = house.see(&unequal.owner, &format!("{PAGE}/run/{run}/undo")).await;
        assert_eq!(told.status, StatusCode::NOT_FOUND, "{run}");
        assert!(!told.text.contains("Secret"), "{}", told.text);
        let wish = format!("calendar/run/{run}/undo");
        let told = house.wish_with(&unequal.owner, &wish, &[("mark", "x")]).await;
        assert_eq!(told.status, StatusCode::NOT_FOUND, "{run}");
    }
}

#[tokio::test]
async fn only_admins_who_may_act_on_mailboxes_take_runs_back() {
    let house = House::build().await;
    let unequal = house.unequal().await;
    let run = renaming(house.stage.store(), unequal.at, "Doctor").await;
    let sheet = format!("/admin/accounts/{}/calendar", house.stage.account);
    let path = format!("{sheet}/run/{run}/undo");
    for role in [Role::Auditor, Role::Helpdesk] {
        let desk = house.signed_in(role.name(), role).await;
        assert!(!desk.get(&sheet).await.text.contains(&path), "{role:?}");
        assert_eq!(desk.get(&path).await.status, StatusCode::FORBIDDEN, "{role:?}");
        assert_eq!(desk.post(&path, &[("mark", "x")]).await.status, StatusCode::FORBIDDEN, "{role:?}");
    }
    let desk = house.signed_in("eva", Role::Admin).await;
    assert!(desk.get(&sheet).await.text.contains(&path));
    let preview = desk.get(&path).await.text;
    let mark = preview.split("name=\"mark\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let told = desk.post(&path, &[("mark", mark)]).await;
    assert_eq!(told.header("location"), format!("/postern{sheet}?done=undoing"), "{}", told.text);
    let page = desk.get(&format!("{sheet}?done=undoing")).await.text;
    assert!(page.contains("It is being taken back"), "{page}");
}

#[tokio::test]
async fn a_program_lists_runs_looks_at_one_and_has_it_taken_back() {
    let house = House::build().await;
    let unequal = house.unequal().await;
    let run = renaming(house.stage.store(), unequal.at, "Doctor").await;
    let program = house.program(&[KeyScope::AccountLink]).await;
    let at = format!("/api/v1/ExternalAccount/{}/calendar/run", house.stage.account);
    let list = program.get(&at).await.json();
    let all = list["list"].as_array().unwrap();
    let place = all.iter().position(|one| one["id"] == json!(run)).unwrap();
    let listed = &all[place];
    assert_eq!((&list["total"], &listed["people"], &listed["written"]), (&json!(2), &json!(0), &json!(1)));
    let second = program.get(&format!("{at}?maxSize=1&offset=1")).await.json();
    assert_eq!((second["list"].as_array().unwrap().len(), &second["list"][0]), (1, &list["list"][1]));
    assert!(listed["undo"].is_null());
    let path = format!("{at}/{run}/undo");
    let told = program.get(&path).await.json();
    assert_eq!((&told["id"], &told["acts"], &told["left"]), (&json!(run), &json!(1), &json!(0)));
    let act = json!({
        "kind": "restore", "side": "google",
        "fields": [{ "field": "title", "shows": "Doctor", "becomes": "Before" }],
    });
    assert_eq!(told["pairs"][0]["acts"], json!([act]));
    for body in [json!({}), json!({ "confirm": "" }), json!({ "confirm": "x".repeat(65) })] {
        let told = program.post(&path, &body).await;
        assert_eq!(told.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let other = program.post(&path, &json!({ "confirm": "other" })).await;
    assert_eq!((other.status, other.reason().as_str()), (StatusCode::CONFLICT, "different"));
    let confirm = json!({ "confirm": told["confirm"] });
    let done = program.post(&path, &confirm).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let asked = &done.json()["asked"][0];
    assert_eq!((&asked["state"], &asked["acts"], &asked["done"]), (&json!("waiting"), &json!(1), &json!(0)));
    assert!(asked["askedBy"].as_str().unwrap().starts_with("key:"), "{asked}");
    let again = program.post(&path, &confirm).await;
    assert_eq!((again.status, again.reason().as_str()), (StatusCode::CONFLICT, "undoing"));
    assert_eq!(program.get(&at).await.json()["list"][place]["undo"]["state"], "waiting");
    for run in ["x".to_owned(), uuid::Uuid::nil().to_string()] {
        assert_eq!(program.get(&format!("{at}/{run}/undo")).await.status, StatusCode::NOT_FOUND, "{run}");
    }
    let elsewhere = house.limited(KeyScope::ALL, domain("other.cz"), 600).await;
    assert_eq!(elsewhere.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(elsewhere.post(&path, &confirm).await.status, StatusCode::NOT_FOUND);
}
