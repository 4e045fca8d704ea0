//! Whose mailbox it is in the CRM: who says so, and who has to agree.

use std::sync::Arc;

use axum::http::StatusCode;
use postern_core::model::key_scope::KeyScope;
use postern_core::model::role::Role;
use serde_json::{Value, json};

use super::Program;
use crate::actions::binding::trial::Crm;
use crate::http::router;
use crate::http::tests::{House, PUBLIC, pages};

const ACCOUNTS: &str = "/api/v1/ExternalAccount";

async fn beside(crm: &Arc<Crm>) -> House {
    let mut house = House::build().await;
    let mut pages = pages(&house.stage, PUBLIC, false);
    pages.whose = crm.scales();
    house.router = router(pages);
    house
}

async fn named(program: &Program<'_>, user: Value) -> (Value, Value) {
    let path = format!("{ACCOUNTS}/{}", program.house.stage.account);
    let told = program.ask("PATCH", &path, &[], &json!({ "userId": user }).to_string()).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    let told = told.json();
    (told["userId"].clone(), told["proposedUserId"].clone())
}

#[tokio::test]
async fn the_crms_own_word_is_taken_and_every_other_waits() {
    let crm = Arc::new(Crm::default());
    let house = beside(&crm).await;
    let program = house.program(KeyScope::ALL).await;
    let null = Value::Null;
    assert_eq!(named(&program, json!("a1")).await, (null.clone(), json!("a1")), "the CRM is down");
    crm.knows("a1", "Anna@acme.cz");
    crm.knows("b2", "ben@acme.cz");
    crm.knows("o3", "office@acme.cz");
    assert_eq!(named(&program, json!("b2")).await, (null.clone(), json!("b2")), "another's");
    assert_eq!(named(&program, json!("a1")).await, (json!("a1"), null.clone()), "her own");
    assert_eq!(named(&program, json!("o3")).await, (json!("a1"), json!("o3")), "an alias proves nothing");
    assert_eq!(named(&program, json!("gone")).await, (json!("a1"), json!("gone")));
    assert_eq!(named(&program, json!("../Account/1")).await, (json!("a1"), json!("../Account/1")));
    let asked = crm.asked().len();
    assert_eq!(named(&program, json!("a1")).await, (json!("a1"), null.clone()), "taken back");
    assert_eq!(crm.asked().len(), asked, "nothing new to ask");
    assert_eq!(named(&program, Value::Null).await, (null.clone(), null.clone()));
    assert!(
        crm.asked().iter().all(|path| path.starts_with("/api/v1/User/") && path.matches('/').count() == 4)
    );

    let told = program.post(ACCOUNTS, &json!({ "emailAddress": "ben@acme.cz", "userId": "b2" })).await.json();
    assert_eq!((&told["userId"], &told["proposedUserId"]), (&json!("b2"), &null));
    let told = program.post(ACCOUNTS, &json!({ "emailAddress": "eva@acme.cz", "userId": "b2" })).await.json();
    assert_eq!((&told["userId"], &told["proposedUserId"]), (&null, &json!("b2")));
    let query = "where%5B0%5D%5Btype%5D=isNotNull&where%5B0%5D%5Battribute%5D=proposedUserId";
    let listed = program.get(&format!("{ACCOUNTS}?{query}")).await.json();
    assert_eq!((&listed["total"], &listed["list"][0]["proposedUserId"]), (&json!(1), &json!("b2")));

    let rows = house.stage.audit().await;
    let rows: Vec<_> = rows.iter().filter(|(event, _)| event.starts_with("crm_user")).collect();
    let words: Vec<&str> = rows.iter().map(|(event, _)| event.as_str()).collect();
    assert_eq!(
        words,
        [
            "crm_user_proposed",
            "crm_user_proposed",
            "crm_user_set",
            "crm_user_proposed",
            "crm_user_proposed",
            "crm_user_proposed",
            "crm_user_dropped",
            "crm_user_cleared",
            "crm_user_set",
            "crm_user_proposed"
        ]
    );
    let old_and_new: Value = serde_json::from_str(&rows[3].1).unwrap();
    assert_eq!((&old_and_new["from"], &old_and_new["crm_user"]), (&json!("a1"), &json!("o3")));
}

#[tokio::test]
async fn a_mailbox_that_is_somebodys_or_connected_is_not_handed_over_by_the_crm() {
    let crm = Arc::new(Crm::default());
    let house = beside(&crm).await;
    let program = house.program(KeyScope::ALL).await;
    crm.knows("a1", "anna@acme.cz");
    crm.knows("b2", "anna@acme.cz");
    assert_eq!(named(&program, json!("a1")).await.0, json!("a1"));
    assert_eq!(named(&program, json!("b2")).await, (json!("a1"), json!("b2")), "whoever has her address now");
    named(&program, Value::Null).await;
    house.stage.connect().await.unwrap();
    assert_eq!(named(&program, json!("b2")).await, (Value::Null, json!("b2")), "it is connected");
}

#[tokio::test]
async fn an_admin_decides_on_what_was_seen() {
    let house = House::build().await;
    let program = house.program(KeyScope::ALL).await;
    let null = Value::Null;
    assert_eq!(named(&program, json!("<b>5f3a")).await, (null.clone(), json!("<b>5f3a")), "without a CRM");
    let path = format!("/admin/accounts/{}", house.stage.account);
    let look = house.signed_in("eva", Role::Auditor).await;
    let page = look.get(&path).await.text;
    assert!(page.contains("&#60;b&#62;5f3a") && !page.contains("<b>5f3a"), "{page}");
    assert!(!page.contains("crm-user"), "whoever looks decides nothing");
    let jan = house.signed_in("jan", Role::Admin).await;
    let overview = jan.get("/admin").await.text;
    assert!(overview.contains("CRM users to confirm: 1") && overview.contains(&path), "{overview}");
    assert!(jan.get(&path).await.text.contains(&format!("{path}/crm-user\"")));
    let decide = async |way: &str, user: &str| {
        jan.post(&format!("{path}/crm-user{way}"), &[("user", user)]).await.status
    };
    assert_eq!(decide("", "other").await, StatusCode::CONFLICT, "not the one that waits");
    assert_eq!(decide("/reject", "other").await, StatusCode::CONFLICT);
    assert_eq!(decide("/reject", "<b>5f3a").await, StatusCode::SEE_OTHER);
    assert_eq!(house.stage.events().await.last().unwrap(), "crm_user_dropped");
    assert!(!jan.get("/admin").await.text.contains("CRM users to confirm"));
    assert_eq!(named(&program, json!("a1")).await.1, json!("a1"));
    assert_eq!(decide("", "a1").await, StatusCode::SEE_OTHER);
    assert_eq!(house.stage.events().await.last().unwrap(), "crm_user_set");
    let account = house.stage.account(house.stage.account).await;
    assert_eq!((account.crm_user.as_deref(), account.proposed_crm_user), (Some("a1"), None));
    assert_eq!(decide("", "a1").await, StatusCode::CONFLICT, "decided already");
}
