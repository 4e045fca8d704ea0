//! Dovecot's own ways: what it lists, and the longest line it takes.

use postern::store::{accounts, service_accounts};
use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::secret::Secret;
use tokio::process::Command;

use super::rig::{Login, Protocol, Rig, Run, Security, message};
use crate::support::program::{self, part};

#[tokio::test]
async fn curl_lists_the_mailboxes() {
    let rig = Rig::start().await;
    let login = rig.mailbox("anna").await;
    let mut curl = Command::new(part("CURL"));
    curl.args(["--silent", "--show-error", "--user", &format!("{}:{}", login.address, login.token)]);
    curl.arg(format!("imap://{}/", rig.gateway.imap[0]));
    let told = program::run(curl).await;
    assert!(told.ok && told.out.contains("\"/\" INBOX\r\n"), "{told:?}");
    assert!(told.out.contains("\\All) \"/\" \"[Gmail]/All Mail\"\r\n"), "{told:?}");
    rig.gateway.stop().await;
}

/// A delegated token has 1,024 characters, and Dovecot refuses an AUTH line of
/// more than 512 octets: the token must come after the 334.
#[tokio::test]
async fn a_delegated_token_is_sent_in_two_steps() {
    let rig = Rig::start().await;
    let login = delegated(&rig).await;
    rig.file("small.eml", &message(&login.address, 500));
    rig.file("large.eml", &message(&login.address, 70_000));
    let clients =
        [("python_smtp.py", Protocol::Smtp, "plain"), ("python_imap.py", Protocol::Imap, "command")];
    for (script, protocol, auth) in clients {
        let told = rig.run(Run { script, protocol, tls: Security::None, auth }, &login).await;
        assert!(told.ok, "{script}: {told:?}");
    }
    assert_eq!(rig.sink.take().len(), 2);
    let asked = rig.gateway.sandbox.google().token_requests();
    assert!(asked.iter().all(|it| it.grant_type.ends_with("jwt-bearer")), "{asked:?}");
    let refused = rig.direct().await.ask(&format!("AUTH XOAUTH2 {}", "A".repeat(1_400)), "5").await;
    assert!(refused[0].contains("too long"), "one step would have done: {refused:?}");
    rig.gateway.stop().await;
}

async fn delegated(rig: &Rig) -> Login {
    const ROBOT: &str = "robot@project.iam.gserviceaccount.com";
    let (gateway, google) = (&rig.gateway, rig.gateway.sandbox.google());
    let scopes = [postern_sandbox::MAIL_SCOPE, "openid", "email"];
    let key = Secret::new(google.add_service_account(ROBOT, &["example.org"], &scopes));
    let domains = vec!["example.org".to_owned()];
    let mut act = gateway.act().await;
    service_accounts::set(&mut act, ROBOT, &key, &domains).await.expect("stored");
    act.commit(Event::ServiceAccountImported { email: ROBOT.to_owned(), domains }).await.expect("committed");
    let address = Address::parse("bob@example.org").expect("an address");
    google.add_user(address.as_str());
    let mut act = gateway.act().await;
    let account = accounts::insert(&mut act, &address, None, State::New).await.expect("stored").id;
    let event = Event::AccountAdded { account, address: address.clone(), state: State::New };
    act.commit(event).await.expect("committed");
    Login { address: address.to_string(), token: gateway.token(account).await }
}
