//! The pages about taking back what a run of contacts did, and about removing everybody who was made.

use axum::http::StatusCode;
use postern_core::model::id::RunId;
use postern_core::model::key_scope::KeyScope;
use serde_json::json;

use super::House;
use super::admin::Desk;
use super::journaled::Ledger;
use super::owner::Owner;
use crate::actions::calendars::trial::too_late;
use crate::actions::contacts::trial;
use crate::store::contacts::books;

const PAGE: &str = "/postern/me/contacts";

impl House {
    /// A run that made somebody of that family name.
    pub async fn making_run(&self, name: &str) -> RunId {
        let (store, account) = (self.stage.store(), self.stage.account);
        let book = books::of(store, &mut store.read().await.unwrap(), account).await.unwrap().unwrap();
        trial::made(store, &book, name).await
    }

    /// An owner whose group is kept in step.
    async fn keeper(&self) -> Owner {
        self.with_group().await;
        self.owner_of(&self.connected_again().await).await
    }
}

fn mark(page: &str) -> &str {
    page.split("name=\"mark\" value=\"").nth(1).unwrap().split('"').next().unwrap()
}

#[tokio::test]
async fn the_owner_sees_whom_a_run_has_made_and_has_them_removed() {
    let house = House::build().await;
    let owner = house.keeper().await;
    let run = house.making_run("Stone <b>").await;
    let path = format!("{PAGE}/run/{run}/undo");
    let page = house.see(&owner, PAGE).await.text;
    assert!(page.contains("1 made, 0 changed, 0 removed") && page.contains(&path), "{page}");
    let preview = house.see(&owner, &path).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.text);
    for words in ["Stone &#60;b&#62;", "The person in Google is deleted", "counts as an edit"] {
        assert!(preview.text.contains(words), "{words}: {}", preview.text);
    }
    let wish = format!("contacts/run/{run}/undo");
    let told = house.wish_with(&owner, &wish, &[("mark", "other")]).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(told.text.contains("different by now") && told.text.contains(&path), "{}", told.text);
    let told = house.wish_with(&owner, &wish, &[("mark", mark(&preview.text))]).await;
    assert_eq!(told.header("location"), format!("{PAGE}?done=undoing"), "{}", told.text);
    assert_eq!(house.stage.events().await.last().unwrap(), "contacts_undo_asked");
    let page = house.see(&owner, &format!("{PAGE}?done=undoing")).await.text;
    assert!(page.contains("taken back by the next run") && page.contains("It is being taken back"), "{page}");
    let told = house.see(&owner, &format!("{PAGE}/run/{}/undo", uuid::Uuid::nil())).await;
    assert_eq!(told.status, StatusCode::NOT_FOUND);
    assert!(told.text.contains("nothing in your contacts"), "{}", told.text);
}

#[tokio::test]
async fn the_owner_sees_who_would_be_removed_and_the_group_is_let_go() {
    let house = House::build().await;
    let owner = house.keeper().await;
    let path = format!("{PAGE}/removal");
    let none = house.see(&owner, &path).await.text;
    assert!(none.contains("nothing can be removed") && !none.contains("name=\"mark\""), "{none}");
    house.making_run("Stone").await;
    let preview = house.see(&owner, &path).await.text;
    assert!(preview.contains("not kept in step any more") && preview.contains("Stone"), "{preview}");
    let told = house.wish_with(&owner, "contacts/removal", &[("mark", mark(&preview))]).await;
    assert_eq!(told.header("location"), format!("{PAGE}?done=removing"), "{}", told.text);
    let events = house.stage.events().await;
    assert_eq!(events[events.len() - 2..], ["contacts_removal_asked", "contact_choices_set"]);
    let page = house.see(&owner, &format!("{PAGE}?done=removing")).await.text;
    assert!(page.contains("It is removed by the next runs"), "{page}");
    let (store, account) = (house.stage.store(), house.stage.account);
    let book = books::of(store, &mut store.read().await.unwrap(), account).await.unwrap().unwrap();
    assert_eq!((book.choices.group, book.leaving), (None, true));
}

/// An owner, an admin and a program have runs of contacts taken back, and everybody removed.
pub async fn stories(ledger: &mut Ledger<'_>, jan: &Desk<'_>, owner: &Owner) {
    let house = ledger.house;
    let program = house.program(KeyScope::ALL).await;
    let api = format!("/api/v1/ExternalAccount/{}", house.stage.account);
    let (undo, removal) = ("contacts_undo_asked", "contacts_removal_asked");
    for (by, route, event) in [
        ("own", "POST /me/contacts/run/{id}/undo", undo),
        ("admins", "POST /admin/accounts/{id}/contacts/run/{run}/undo", undo),
        ("programs", "POST /api/v1/ExternalAccount/{id}/contacts/run/{run}/undo", undo),
        ("own", "POST /me/contacts/removal", removal),
        ("admins", "POST /admin/accounts/{id}/contacts/removal", removal),
        ("programs", "POST /api/v1/ExternalAccount/{id}/contacts/removal", removal),
    ] {
        let run = house.making_run("Stone").await;
        let path =
            if event == undo { format!("contacts/run/{run}/undo") } else { "contacts/removal".to_owned() };
        let mark = program.get(&format!("{api}/{path}")).await.json()["confirm"].clone();
        let fields = [("mark", mark.as_str().unwrap())];
        let told = match by {
            "own" => house.wish_with(owner, &path, &fields).await,
            "admins" => jan.post(&format!("{}/{path}", house.mailbox()), &fields).await,
            _ => program.post(&format!("{api}/{path}"), &json!({ "confirm": mark })).await,
        };
        ledger.did(route, event, &told).await;
        too_late(house.stage.store()).await;
    }
}
