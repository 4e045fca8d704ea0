//! The page that closes the mailbox of somebody who leaves.

use axum::http::StatusCode;
use postern_core::model::actor::Actor;
use postern_core::model::role::Role;

use super::House;
use crate::actions::consent::trial::Tokens;
use crate::auth::visit::FRESH;
use crate::store::crm_absent::{self, Why};
use crate::store::{accounts, offboarded};

const CONFIRM: (&str, &str) = ("confirm", "anna@acme.cz");

#[tokio::test]
async fn the_page_tells_what_ends_and_who_goes_on_and_then_closes_the_mailbox() {
    let house = House::build().await;
    house.stage.connect().await.unwrap();
    let jan = house.signed_in("jan", Role::Admin).await;
    let mailbox = format!("/admin/accounts/{}", house.stage.account);
    let path = format!("{mailbox}/offboard");
    assert!(jan.get(&mailbox).await.text.contains(&format!("{path}\">The owner has left</a>")));
    let page = jan.get(&path).await.text;
    assert!(page.contains("Nobody takes anything over") && page.contains("drops everything"), "{page}");
    let page = jan.get(&format!("{path}?successor=%22%3E%3Cscript%3E")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.text.contains("cannot be the successor") && !page.text.contains("<script>"),
        "{}",
        page.text
    );
    for (fields, words) in [
        (&[("confirm", "eva@acme.cz")][..], "role=\"alert\""),
        (&[CONFIRM, ("successor", "anna@acme.cz")], "cannot be the successor"),
        (&[CONFIRM, ("successor", "nobody@acme.cz")], "cannot be the successor"),
    ] {
        let told = jan.post(&path, fields).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        assert!(told.text.contains(words), "{fields:?}: {}", told.text);
    }
    let told = jan.post(&path, &[CONFIRM, ("silently", "yes")]).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    let page = jan.get(&mailbox).await.text;
    assert!(page.contains("The owner left on") && page.contains("The mailbox is removed on"), "{page}");
    let rows = house.stage.audit().await;
    let told =
        |(event, detail): &(String, String)| event == "account_offboarded" && detail.contains("\"tokens\":");
    assert!(rows.iter().any(told), "{rows:?}");
}

#[tokio::test]
async fn it_wants_the_password_again_and_leaves_all_as_it_is_while_google_is_silent() {
    let house = House::build().await;
    house.stage.connect().await.unwrap();
    let jan = house.signed_in("jan", Role::Admin).await;
    let path = format!("/admin/accounts/{}/offboard", house.stage.account);
    house.stage.answers(Tokens::Down);
    let told = jan.post(&path, &[CONFIRM]).await;
    assert_eq!(told.status, StatusCode::BAD_GATEWAY);
    assert!(told.text.contains("name=\"silently\""), "{}", told.text);
    let store = house.stage.store();
    let since = offboarded::since(&mut store.read().await.unwrap(), house.stage.account).await.unwrap();
    assert_eq!(since, None);
    house.stage.clock.advance(FRESH);
    assert_eq!(jan.post(&path, &[CONFIRM]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn whom_the_crm_has_no_more_is_told_on_the_overview_and_leads_here() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    let id = house.stage.account;
    assert!(!jan.get("/admin").await.text.contains("does not have any more"));
    let mut act = house.stage.store().act(&Actor::Gateway, "").await.unwrap();
    assert!(crm_absent::put(&mut act, id, Why::Deactivated).await.unwrap());
    let account = accounts::by_id(&mut act, id).await.unwrap().unwrap();
    let event = postern_core::model::event::Event::CrmUserGone {
        account: id,
        address: account.address,
        crm_user: "a1".to_owned(),
        why: "deactivated",
    };
    act.commit(event).await.unwrap();
    let page = jan.get("/admin").await.text;
    assert!(page.contains("does not have any more: 1") && page.contains("anna@acme.cz"), "{page}");
    let page = jan.get(&format!("/admin/accounts/{id}")).await.text;
    assert!(page.contains("Has the owner left?") && page.contains(&format!("{id}/offboard")), "{page}");
}

#[tokio::test]
async fn a_person_is_taken_out_as_a_file_and_forgotten_with_the_mailbox() {
    let house = House::build().await;
    house.stage.connect().await.unwrap();
    let jan = house.signed_in("jan", Role::Admin).await;
    let mailbox = format!("/admin/accounts/{}", house.stage.account);
    let told = jan.post(&format!("{mailbox}/person"), &[]).await;
    assert_eq!((told.status, told.header("content-type")), (StatusCode::OK, "application/x-ndjson"));
    let lines: Vec<serde_json::Value> =
        told.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["kind"], &lines[0]["person"]), (&"about".into(), &"anna@acme.cz".into()));
    assert!(lines.iter().any(|line| line["kind"] == "journal"), "{}", told.text);
    assert!(!told.text.contains("1//"), "{}", told.text);
    assert_eq!(house.stage.events().await.last().unwrap(), "person_exported");
    house.stage.answers(Tokens::Says(200, "{}"));
    let told = jan.post(&format!("{mailbox}/remove"), &[CONFIRM, ("forget", "yes")]).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert!(told.text.contains("Names forgotten: 1"), "{}", told.text);
    let journal = jan.get("/admin/journal").await.text;
    assert!(!journal.contains("anna@acme.cz"), "{journal}");
}
