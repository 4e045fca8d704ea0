//! Mail accounts in the CRM, on their page and for programs.

use axum::http::StatusCode;
use postern_core::model::key_scope::KeyScope;
use postern_core::model::role::Role;
use serde_json::json;

use super::admin::Desk;
use super::{House, PUBLIC, pages};
use crate::actions::provision::Provision;
use crate::http::router;

pub const PAGE: &str = "/admin/accounts/crm";

impl Desk<'_> {
    /// The page once nothing is in progress.
    async fn settled(&self) -> String {
        for _ in 0..500 {
            let page = self.get(PAGE).await.text;
            if !page.contains("This goes on by itself") {
                return page;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("it does not end");
    }

    /// Chooses the mailbox of the stage, presses, and waits for the end.
    pub async fn written(&self, deed: &str) -> (super::Told, String) {
        let account = self.house.stage.account.to_string();
        let told = self.post(PAGE, &[("account", &account), ("do", deed), ("q", ""), ("page", "1")]).await;
        (told, self.settled().await)
    }
}

#[tokio::test]
async fn a_mailbox_is_chosen_looked_at_written_and_taken_back() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    assert!(jan.get("/admin/accounts").await.text.contains("/admin/accounts/crm"));
    let page = jan.get(PAGE).await.text;
    assert!(page.contains("nothing written") && page.contains("Choose anna@acme.cz"), "{page}");
    assert_eq!(jan.post(PAGE, &[("do", "write")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let (told, page) = jan.written("write").await;
    assert_eq!(told.header("location"), "/postern/admin/accounts/crm?q=&page=1");
    assert!(page.contains("not done") && page.contains("The mailbox is not connected"), "{page}");
    house.stage.connect().await.unwrap();
    let (told, page) = jan.written("check").await;
    assert!(
        told.status == StatusCode::OK && told.text.contains("A new account would be made."),
        "{}",
        told.text
    );
    assert!(told.text.contains("name=\"account\"") && told.text.contains(" checked"), "it stays chosen");
    assert!(page.contains("not done"), "looking changes nothing");
    let (_, page) = jan.written("write").await;
    assert!(page.contains("class=\"good\">written") && !page.contains("pst_"), "{page}");
    let (told, _) = jan.written("check").await;
    assert!(told.text.contains("would be written over"), "{}", told.text);
    let (_, page) = jan.written("undo").await;
    assert!(page.contains("taken back") && page.contains("The account was deleted."), "{page}");
    let events = house.stage.events().await;
    let ours: Vec<_> = events.iter().filter(|event| event.starts_with("crm_mail")).collect();
    assert_eq!(ours, ["crm_mail_failed", "crm_mail_written", "crm_mail_undone"]);
    let eva = house.signed_in("eva", Role::Helpdesk).await;
    assert_eq!(eva.get(PAGE).await.status, StatusCode::FORBIDDEN);
    assert!(!eva.get("/admin/accounts").await.text.contains("/admin/accounts/crm"));
}

#[tokio::test]
async fn without_a_crm_the_page_and_the_program_are_told_what_to_set() {
    let mut house = House::build().await;
    house.router =
        router(super::Pages { provision: Provision::default(), ..pages(&house.stage, PUBLIC, false) });
    let jan = house.signed_in("jan", Role::Admin).await;
    let (told, _) = jan.written("write").await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.text.contains("crm.admin_password_file"), "{}", told.text);
    let program = house.program(&[KeyScope::TokenIssue]).await;
    let ids = json!({ "ids": [house.stage.account] });
    let told = program.post("/api/v1/ExternalAccount/action/writeToCrm", &ids).await;
    assert_eq!((told.status, told.reason().as_str()), (StatusCode::CONFLICT, "crmNotSetUp"));
}
