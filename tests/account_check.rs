//! `postern account check` as a process of its own, beside a running gateway.

use std::path::PathBuf;

use postern::store::{accounts, service_accounts};
use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::secret::Secret;
use postern_sandbox::{ImapFault, SmtpFault, TokenFault};
use serde_json::Value;

use crate::support::gateway::{Gateway, Setup, configuration};
use crate::support::process::postern;

const ANNA: &str = "anna@example.com";
const BEN: &str = "ben@example.com";

/// Writes the gateway's configuration for another process.
fn written(gateway: &Gateway) -> PathBuf {
    let path = gateway.dir.path().join("postern.toml");
    std::fs::write(&path, configuration(&gateway.sandbox, &gateway.dir, &Setup::default())).unwrap();
    path
}

/// Exit code and findings.
async fn check(gateway: &Gateway, address: &str, more: &[&str]) -> (i32, Vec<Value>) {
    let mut command = postern(&written(gateway));
    let output = command.args(["account", "check", address, "--json"]).args(more).output().await.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let findings = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{errors}"));
    (output.status.code().unwrap_or(-1), findings)
}

fn ids(findings: &[Value]) -> Vec<&str> {
    findings.iter().map(|finding| finding["id"].as_str().unwrap()).collect()
}

/// The only fault, its text and its remedy.
fn fault(findings: &[Value]) -> (&str, &str, &str) {
    let faults: Vec<&Value> = findings.iter().filter(|it| it["severity"] == "fault").collect();
    assert_eq!(faults.len(), 1, "{findings:#?}");
    let text = |key: &str| faults[0][key].as_str().unwrap();
    (text("id"), text("seen"), text("remedy"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_mailbox_is_shown_step_by_step_and_sends_a_message() {
    let gateway = Gateway::start().await;
    gateway.connect(ANNA, &[]).await;
    gateway.sandbox.google().add_user(BEN);
    let (code, findings) = check(&gateway, ANNA, &["--send-test-to", BEN]).await;
    assert_eq!(code, 0, "{findings:#?}");
    let steps = [
        "account.state",
        "account.token",
        "imap.connect",
        "imap.login",
        "imap.folders",
        "imap.quota",
        "smtp.connect",
        "smtp.login",
        "smtp.send",
    ];
    assert_eq!(ids(&findings), steps);
    assert!(findings.iter().all(|finding| finding["severity"] == "ok"));
    assert!(findings.iter().skip(1).all(|finding| finding["took_ms"].is_u64()));
    let folders = findings[4]["seen"].as_str().unwrap();
    assert!(folders.contains("sent is [Gmail]/Sent Mail"), "{folders}");
    let inbox = gateway.sandbox.google().mailbox(BEN, "INBOX");
    assert!(String::from_utf8_lossy(&inbox[0]).contains("From: anna@example.com"), "{inbox:?}");

    let text = postern(&written(&gateway)).args(["account", "check", ANNA]).output().await.unwrap();
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.lines().count() == 6 && text.lines().all(|line| line.starts_with("ok ")), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_account_with_its_long_token_opens_and_sends() {
    const ROBOT: &str = "robot@project.iam.gserviceaccount.com";
    let gateway = Gateway::start().await;
    let google = gateway.sandbox.google();
    google.add_user("eva@example.org");
    google.add_user(BEN);
    let key = google.add_service_account(ROBOT, &["example.org"], &["https://mail.google.com/"]);
    let mut act = gateway.act().await;
    let domains = ["example.org".to_owned()];
    service_accounts::set(&mut act, ROBOT, &Secret::new(key), &domains).await.unwrap();
    let address = Address::parse("eva@example.org").unwrap();
    let eva = accounts::insert(&mut act, &address, None, State::New).await.unwrap().id;
    act.commit(Event::AccountAdded { account: eva, address, state: State::New }).await.unwrap();
    let (code, findings) = check(&gateway, "eva@example.org", &["--send-test-to", BEN]).await;
    assert_eq!(code, 0, "{findings:#?}");
    assert_eq!(google.mailbox(BEN, "INBOX").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_way_is_named_with_its_remedy() {
    let gateway = Gateway::start().await;
    let google = gateway.sandbox.google().clone();
    let id = gateway.connect(ANNA, &[]).await;

    google.imap_faults().always_for(ANNA, ImapFault::imap_disabled());
    let (code, findings) = check(&gateway, ANNA, &[]).await;
    assert_eq!(code, 1);
    let (step, seen, remedy) = fault(&findings);
    assert_eq!(step, "imap.login");
    assert!(seen.contains("not enabled for IMAP") && remedy.contains("enables IMAP"), "{seen}\n{remedy}");
    google.imap_faults().clear();

    google.add_user(BEN);
    google.smtp_faults().next(SmtpFault::daily_limit());
    let (_, findings) = check(&gateway, ANNA, &["--send-test-to", BEN]).await;
    let (step, seen, remedy) = fault(&findings);
    assert_eq!(step, "smtp.send");
    assert!(seen.contains("Daily user sending limit") && remedy.contains("tomorrow"), "{seen}\n{remedy}");

    // A token that Gmail does not take any more is replaced before anything is said.
    google.drop_access_tokens(ANNA);
    let (code, findings) = check(&gateway, ANNA, &[]).await;
    assert_eq!(code, 0, "{findings:#?}");

    let mut act = gateway.act().await;
    accounts::set_state(&mut act, id, State::NeedsConsent).await.unwrap();
    act.commit(Event::AccountEnabled { account: id, address: Address::parse(ANNA).unwrap() }).await.unwrap();
    gateway.sandbox.google().token_faults().always_for(ANNA, TokenFault::invalid_grant());
    let (code, findings) = check(&gateway, ANNA, &[]).await;
    assert_eq!(code, 1);
    let (step, _, remedy) = fault(&findings);
    assert_eq!(step, "account.state");
    assert!(remedy.contains("postern account add anna@example.com"), "{remedy}");
    assert_eq!(gateway.account(id).await.state, State::NeedsConsent);

    // A check asks Google even so, and a token brings the account back.
    gateway.sandbox.google().token_faults().clear();
    let (code, findings) = check(&gateway, ANNA, &[]).await;
    assert_eq!(code, 0, "{findings:#?}");
    assert_eq!(gateway.account(id).await.state, State::Active);

    let unknown = postern(&written(&gateway)).args(["account", "check", BEN]).output().await.unwrap();
    assert_eq!(unknown.status.code(), Some(1));
}
