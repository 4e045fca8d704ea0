//! What waits for a person's word, for programs.

use axum::http::StatusCode;
use postern_core::model::key_scope::KeyScope;

use super::House;
use super::api::domain;
use crate::store::sync::holds;
use crate::store::sync::{calendar_users, calendars};

impl House {
    /// A hold of that class in the mailbox's calendar.
    pub async fn hold(&self, class: &str) -> String {
        let mut batch = self.stage.store().batch().await.unwrap();
        let calendar = calendars::put(&mut batch, "anna@acme.cz", "Private name", "UTC").await.unwrap();
        calendar_users::put(&mut batch, self.stage.account, calendar, "owner").await.unwrap();
        let account = self.stage.account;
        let id = holds::open(&mut batch, calendar, account, class, 12, "[\"Dinner\"]").await.unwrap();
        batch.commit().await.unwrap();
        id.to_string()
    }
}

#[tokio::test]
async fn a_program_lists_approves_and_rejects_holds() {
    let house = House::build().await;
    let (gone, bars) = (house.hold("delete").await, house.hold("create").await);
    let program = house.program(&[KeyScope::SyncRun]).await;
    let list = program.get("/api/v1/Hold?orderBy=class&order=asc").await.json();
    assert_eq!((&list["total"], &list["list"][1]["id"]), (&2.into(), &gone.clone().into()));
    let hold = &list["list"][1];
    assert_eq!((&hold["status"], &hold["count"]), (&"pending".into(), &12.into()));
    assert_eq!(hold["emailAddress"], "anna@acme.cz");
    assert!(hold["decidedAt"].is_null() && hold["expiresAt"].as_str() > hold["openedAt"].as_str());
    assert!(!list.to_string().contains("Dinner"), "what others have in their calendars is not told");
    for _ in 0..2 {
        let told = program.ask("POST", &format!("/api/v1/Hold/{gone}/approve"), &[], "").await;
        assert_eq!(
            (told.status, &told.json()["status"]),
            (StatusCode::OK, &"approved".into()),
            "{}",
            told.text
        );
        assert!(told.json()["decidedBy"].as_str().unwrap().starts_with("key:crm"));
    }
    let told = program.ask("POST", &format!("/api/v1/Hold/{gone}/reject"), &[], "").await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::CONFLICT, "notPending"));
    let told = program.ask("POST", &format!("/api/v1/Hold/{bars}/reject"), &[], "").await;
    assert_eq!(told.json()["status"], "rejected");
    let waiting = "/api/v1/Hold?where[0][type]=equals&where[0][attribute]=status&where[0][value]=pending";
    assert_eq!(program.get(waiting).await.json()["total"], 0);
    let events = house.stage.events().await;
    assert!(events.ends_with(&["hold_approved", "hold_rejected"].map(str::to_owned)), "{events:?}");
}

#[tokio::test]
async fn holds_are_for_keys_of_the_whole_installation() {
    let house = House::build().await;
    let hold = house.hold("delete").await;
    let limited = house.limited(&[KeyScope::SyncRun], domain("acme.cz"), 600).await;
    let other = house.program(&[KeyScope::AccountRead, KeyScope::AccountLink]).await;
    for (program, reason) in [(&limited, "domainNotAllowed"), (&other, "scopeMissing")] {
        assert_eq!(program.get("/api/v1/Hold").await.reason(), reason);
        for word in ["approve", "reject"] {
            let told = program.ask("POST", &format!("/api/v1/Hold/{hold}/{word}"), &[], "").await;
            assert_eq!(told.reason(), reason, "{word}");
        }
    }
    let program = house.program(&[KeyScope::SyncRun]).await;
    for id in ["7", "00000000-0000-7000-8000-000000000000"] {
        let told = program.ask("POST", &format!("/api/v1/Hold/{id}/approve"), &[], "").await;
        assert_eq!(told.status, StatusCode::NOT_FOUND, "{id}");
    }
    let told =
        program.get("/api/v1/Hold?where[0][type]=equals&where[0][attribute]=content&where[0][value]=x");
    assert_eq!(told.await.status, StatusCode::BAD_REQUEST);
}
