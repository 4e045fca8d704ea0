//! How much of Google's limits is used, on the page and for programs.

use axum::http::StatusCode;
use postern_core::model::key_scope::KeyScope;
use postern_core::model::role::Role;
use serde_json::json;

use super::House;
use super::api::domain;
use crate::node::requests::{BUSIEST, day};
use crate::store::hourly;
use crate::store::sync::requests;

impl House {
    async fn asked(&self, count: i64, busiest: i64) {
        let mut batch = self.stage.store().batch().await.unwrap();
        let now = self.stage.clock.now();
        requests::add(&mut batch, day(now), self.stage.account, "import", count, busiest).await.unwrap();
        requests::add(&mut batch, day(now), self.stage.account, "write", 7, 3).await.unwrap();
        requests::add(&mut batch, day(now) - 1, self.stage.account, "poll", 99_999, 9).await.unwrap();
        for process in ["one", "two"] {
            hourly::put(&mut batch, process, now, BUSIEST, 150).await.unwrap();
        }
        batch.commit().await.unwrap();
    }
}

#[tokio::test]
async fn every_admin_reads_what_is_used_today_and_whether_it_is_too_much() {
    let house = House::build().await;
    for (count, near) in [(1_000, false), (900_000, true)] {
        house.asked(count, 40).await;
        for role in [Role::Auditor, Role::Helpdesk, Role::Admin] {
            let desk = house.signed_in(&format!("{}{count}", role.name()), role).await;
            let page = desk.get("/admin/google/quota").await;
            assert_eq!(page.status, StatusCode::OK, "{role:?}");
            assert_eq!(page.text.contains("near the limit"), near, "{count}: {}", page.text);
            assert!(page.text.contains("anna@acme.cz") && page.text.contains("at most 300 of 10000"));
            assert!(!page.text.contains("99999"), "yesterday is over");
        }
    }
    let desk = house.signed_in("eva", Role::Admin).await;
    assert!(desk.get("/admin/google").await.text.contains("/admin/google/quota"));
    assert!(desk.get("/admin/google/quota").await.text.contains("901014 of 1000000"));
}

#[tokio::test]
async fn a_program_reads_the_same() {
    let house = House::build().await;
    house.asked(1_000, 40).await;
    let program = house.program(&[KeyScope::SyncRun]).await;
    let told = program.get("/api/v1/CalendarQuota").await.json();
    let limits = json!({ "userAMinute": 600, "projectAMinute": 10_000, "projectADay": 1_000_000 });
    assert_eq!((&told["used"], &told["limits"]), (&json!(1_007), &limits), "{told}");
    assert_eq!(told["busiestMinute"], 300);
    let one = json!({
        "externalAccountId": house.stage.account, "emailAddress": "anna@acme.cz", "used": 1_007,
        "busiestMinute": 43, "jobs": { "poll": 0, "import": 1_000, "write": 7 },
    });
    assert_eq!(told["accounts"], json!([one]));
    let mut batch = house.stage.store().batch().await.unwrap();
    let now = house.stage.clock.now();
    requests::add(&mut batch, day(now), house.stage.account, "poll", 400, 400).await.unwrap();
    batch.commit().await.unwrap();
    let told = program.get("/api/v1/CalendarQuota").await.json();
    assert_eq!(told["busiestMinute"], 443, "never less than one mailbox alone");
    let some = house.limited(KeyScope::ALL, domain("acme.cz"), 600).await;
    let told = some.get("/api/v1/CalendarQuota").await;
    assert_eq!(told.status, StatusCode::FORBIDDEN, "it counts for all mailboxes");
}
