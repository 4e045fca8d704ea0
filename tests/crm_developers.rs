//! The PHP of docs/crm-developers.md, taken out of the document and run against
//! a gateway.

use std::path::Path;

use postern::actions::{By, api_key};
use postern::store::api_keys::{Reach, Terms};
use postern_core::model::actor::Actor;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::gateway::Gateway;
use crate::support::line::Lines;
use crate::support::program::{Told, part, run};

const ANNA: &str = "anna@example.com";
const USER: &str = "65f0c1a2b3d4e5f60";

/// Writes each block of the document to the file that its first line names.
fn unpack(folder: &Path) -> usize {
    let document = include_str!("../docs/crm-developers.md");
    let blocks = document.split("```php\n").skip(1).map(|rest| rest.split("\n```").next().unwrap());
    let mut count = 0;
    for block in blocks {
        let name = block.strip_prefix("<?php // ").expect("a file's name").split([':', '\n']).next().unwrap();
        std::fs::write(folder.join(name), block).expect("written");
        count += 1;
    }
    count
}

/// A gateway, its key, and the files of the document.
struct Crm {
    gateway: Gateway,
    key: String,
    folder: tempfile::TempDir,
}

impl Crm {
    async fn open() -> Self {
        let gateway = Gateway::start().await;
        let store = &gateway.parts.store;
        let by = By::new(Actor::CommandLine("test".to_owned()), store.dice()).expect("random");
        let terms = Terms {
            name: "crm".to_owned(),
            scopes: "account:read account:link token:issue".parse().expect("scopes"),
            reach: Reach { domains: vec!["example.com".to_owned()], accounts: Vec::new() },
            signs: false,
            per_minute: 600,
        };
        let key = api_key::create(store, &by, &terms).await.expect("a key").key.reveal().to_owned();
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(unpack(folder.path()), 4, "files of the document");
        Self { gateway, key, folder }
    }

    async fn php(&self, script: &str, args: &[&str]) -> Told {
        let mut command = Command::new(part("PHP"));
        command
            .args(["-d", "error_reporting=E_ALL", "-d", "display_errors=stderr"])
            .arg(self.folder.path().join(script))
            .args(args)
            .env("POSTERN_URL", format!("http://{}/postern", self.gateway.http))
            .env("POSTERN_KEY", &self.key);
        run(command).await
    }

    /// What a request of the frame is answered.
    async fn frame(&self, request: &str, bearer: &str, body: &str) -> Value {
        let mut web = Lines::connect(self.gateway.http).await;
        let length = body.len();
        let head = format!(
            "{request} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer {bearer}\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        web.send(&head).await;
        let answer = web.rest().await;
        serde_json::from_str(answer.split_once("\r\n\r\n").expect("a body").1).expect("JSON")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_php_of_the_document_registers_a_mailbox_and_shows_its_panel() {
    let crm = Crm::open().await;
    let told = crm.php("register.php", &[ANNA, USER]).await;
    assert!(told.ok && told.err.is_empty(), "{told:?}");
    let lines: Vec<&str> = told.out.lines().collect();
    assert!(lines[0].ends_with(" new"), "{told:?}");
    assert!(lines[1].starts_with("http://localhost:8025/postern/oauth/google/start?link="), "{told:?}");
    let again = crm.php("register.php", &[ANNA, USER]).await;
    assert_eq!(again.out.lines().next(), Some(lines[0]), "a repeated wish registers once: {again:?}");
    let other = crm.php("register.php", &[ANNA, "another"]).await;
    assert!(!other.ok && other.err.contains("not registered: duplicate: "), "{other:?}");
    let foreign = crm.php("register.php", &["eva@other.test", USER]).await;
    assert!(!foreign.ok && foreign.err.contains("domainNotAllowed"), "{foreign:?}");

    let hidden = crm.php("record.php", &[ANNA, USER, "imap.other.test"]).await;
    assert!(hidden.ok && hidden.out.starts_with("<!-- Gmail panel: neither host"), "{hidden:?}");
    let shown = crm.php("record.php", &[ANNA, USER, "imap.gmail.com"]).await;
    assert!(shown.ok && shown.err.is_empty(), "{shown:?}");
    let ticket = shown.out.split("src=\"http://localhost:8025/postern/panel#").nth(1).expect("a frame");
    let ticket = ticket.split('"').next().expect("its end");
    let session =
        crm.frame("POST /postern/panel/session", "", &json!({ "ticket": ticket }).to_string()).await;
    let bearer = session["bearer"].as_str().expect("a bearer");
    let state = crm.frame("GET /postern/panel/state", bearer, "").await;
    assert_eq!(state["title"], ANNA, "{state}");
    crm.gateway.stop().await;
}
