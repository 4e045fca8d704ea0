//! A program has mail accounts written.

use postern::actions::By;
use postern::actions::api_key;
use postern::store::api_keys::{Reach, Terms};
use postern_core::model::actor::Actor;
use postern_sandbox::{Crm, Version};
use serde_json::{Value, json};

use super::world::{ANNA, INFO, give, more};
use crate::support::gateway::{Gateway, Setup};
use crate::support::line::Lines;
use crate::support::ports;

const ROUTE: &str = "/postern/api/v1/ExternalAccount/action";

struct Program {
    gateway: Gateway,
    key: String,
}

impl Program {
    async fn post(&self, action: &str, body: &Value) -> (u16, Value) {
        let mut web = Lines::connect(self.gateway.http).await;
        let body = body.to_string();
        let head = format!(
            "POST {ROUTE}/{action} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-api-key: {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.key,
            body.len()
        );
        web.send(&head).await;
        let answer = web.rest().await;
        assert!(!answer.contains("pst_"), "{answer}");
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_has_mail_accounts_written_and_taken_back() {
    let crm =
        Crm::start_with(postern_sandbox::CrmOptions { version: Version::V10_0_0, ..Default::default() })
            .await
            .unwrap();
    crm.set_mail_dials(true);
    let user = "65f0c1a2b3d4e5f60";
    crm.add_person(user, ("Anna", "Adams"), &[ANNA]);
    let (imap, smtp) = (ports::free(), ports::free());
    let gateway = Gateway::with(Setup { more: more(&crm, imap, smtp), ..Setup::default() }).await;
    let anna = gateway.connect(ANNA, &[]).await;
    let info = gateway.connect(INFO, &[]).await;
    give(&gateway, anna, user).await;
    let store = &gateway.parts.store;
    let by = By::new(Actor::CommandLine("test".to_owned()), store.dice()).unwrap();
    let terms = Terms {
        name: "crm".to_owned(),
        scopes: "token:issue".parse().unwrap(),
        reach: Reach { domains: Vec::new(), accounts: vec![anna, info] },
        signs: false,
        per_minute: 600,
    };
    let key = api_key::create(store, &by, &terms).await.unwrap().key.reveal().to_owned();
    let other = gateway.connect("other@example.com", &[]).await;
    let program = Program { gateway, key };

    let both = json!({ "ids": [anna, info] });
    let (status, told) = program.post("writeToCrm", &json!({ "ids": [anna], "check": true })).await;
    assert_eq!((status, &told["list"][0]["plan"]), (200, &json!("create")), "{told}");
    assert_eq!(told["list"][0]["warnings"][0]["reason"], "host_not_allowed");
    let (status, told) = program.post("writeToCrm", &both).await;
    assert_eq!((status, &told["list"][1]["reason"]), (200, &json!("host_not_allowed")), "{told}");
    crm.allow_mail_to(&format!("127.0.0.1:{imap}"));
    crm.allow_mail_to(&format!("127.0.0.1:{smtp}"));
    let (status, told) = program.post("writeToCrm", &both).await;
    assert_eq!((status, &told["total"]), (200, &json!(2)), "{told}");
    for (row, kind) in [(0, "EmailAccount"), (1, "InboundEmail")] {
        let row = &told["list"][row];
        assert_eq!((&row["state"], &row["recordType"]), (&json!("written"), &json!(kind)), "{told}");
        assert!(row["writtenAt"].is_string() && row["reason"].is_null());
        assert_eq!(crm.records(kind).len(), 1);
    }
    let (status, told) = program.post("undoWriteToCrm", &both).await;
    assert_eq!((status, &told["list"][0]["reason"]), (200, &json!("removed")), "{told}");
    assert!(crm.records("EmailAccount").is_empty() && crm.records("InboundEmail").is_empty());
    let (status, told) = program.post("writeToCrm", &json!({ "ids": [anna, other] })).await;
    assert_eq!((status, &told["reason"]), (404, &json!("notFound")), "a mailbox that the key does not reach");
    let many: Vec<_> = std::iter::repeat_n(anna, 21).collect();
    for wrong in [json!({ "ids": [] }), json!({ "ids": many }), json!({ "id": anna })] {
        assert_eq!(program.post("writeToCrm", &wrong).await.0, 400, "{wrong}");
    }
    program.gateway.stop().await;
}
