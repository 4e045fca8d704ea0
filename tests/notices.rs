//! Notices by real processes and real mail servers.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use postern::google::broker::NoToken;
use postern_core::model::id::AccountId;
use postern_core::model::scope::ScopeSet;
use postern_sandbox::TokenFault;
use serde_json::Value;

use crate::support::databases::{Database, Kind};
use crate::support::gateway::{Gateway, Setup, configuration};
use crate::support::process::{Process, postern};
use crate::support::sink::{Message, Sink};

const ADMIN: &str = "admin@example.com";
const ANNA: &str = "anna@example.com";
const CRM: &str = "crm@example.com";
const PATIENCE: Duration = Duration::from_secs(30);

fn idle(database: &Database) -> Setup {
    Setup { database_url: Some(database.url.clone()), idle: true, ..Setup::default() }
}

async fn node(gateway: &Gateway, database: &Database, name: &str, notices: &str) -> Process {
    let text = configuration(&gateway.sandbox, &gateway.dir, &idle(database));
    let text = format!("{text}[node]\nname = \"{name}\"\n{notices}");
    Process::start(&text, &gateway.dir.path().join(format!("{name}.toml"))).await
}

/// Google ends the grant, which the next refresh finds out.
async fn fall(gateway: &Gateway, account: AccountId) {
    let token = gateway.parts.broker.token(account, &ScopeSet::mail()).await;
    assert_eq!(token.err(), Some(NoToken::NeedsConsent));
}

async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{what} does not come");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The text, quoted-printable undone as far as ASCII goes.
fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).replace("=\r\n", "").replace("=3D", "=")
}

fn receivers(message: &Message) -> Vec<String> {
    let to = message.envelope["to"].as_array().unwrap();
    to.iter().map(|to| to.as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_nodes_one_tells_that_fifty_mailboxes_fell() {
    let database = Database::migrated(Kind::Postgres).await;
    let gateway = Gateway::with(idle(&database)).await;
    let mut accounts = Vec::new();
    for number in 0..50 {
        accounts.push(gateway.connect(&format!("user{number:02}@example.com"), &[]).await);
    }
    gateway.sandbox.google().token_faults().always(TokenFault::invalid_grant());
    join_all(accounts.iter().map(|account| fall(&gateway, *account))).await;

    let sink = Sink::start();
    let notices = format!(
        "[notices]\nto = [\"{ADMIN}\", \"second@example.com\"]\nvia = \"smtp://127.0.0.1:{}\"\ngather = \"1s\"\n",
        sink.port()
    );
    let nodes =
        [node(&gateway, &database, "one", &notices).await, node(&gateway, &database, "two", &notices).await];
    let mut raw = database.raw().await;
    until("the last message", async || {
        let sent = raw.number("SELECT count(*) FROM outbox WHERE outcome = 'sent'").await;
        (sent == 100).then_some(())
    })
    .await;
    // Both nodes look again.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let messages = sink.take();
    let (digests, owners): (Vec<&Message>, Vec<&Message>) =
        messages.iter().partition(|message| receivers(message)[0] == ADMIN);
    assert_eq!(digests.len(), 1);
    assert_eq!(receivers(digests[0]), [ADMIN, "second@example.com"]);
    let digest = text(&digests[0].octets);
    assert!(digest.contains("Subject: Postern: mailboxes to connect again: 50"), "{digest}");
    assert!(digest.contains("user49@example.com") && !digest.contains("start?link="), "{digest}");
    let mut told: Vec<String> = owners.iter().flat_map(|message| receivers(message)).collect();
    told.sort();
    let all: Vec<String> = (0..50).map(|number| format!("user{number:02}@example.com")).collect();
    assert_eq!(told, all, "each owner once");
    for message in owners {
        let text = text(&message.octets);
        assert!(text.contains("http://localhost:8025/postern/oauth/google/start?link="), "{text}");
    }
    for node in &nodes {
        assert!(!node.log().contains("link="), "{}", node.log());
    }
    drop(nodes);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_notices_the_page_is_logged_once_and_shown() {
    let database = Database::migrated(Kind::Sqlite).await;
    let gateway = Gateway::with(idle(&database)).await;
    let anna = gateway.connect(ANNA, &[]).await;
    gateway.sandbox.google().token_faults().always_for(ANNA, TokenFault::invalid_grant());
    fall(&gateway, anna).await;

    let first = node(&gateway, &database, "one", "").await;
    let start = "http://localhost:8025/postern/r/";
    let log = until("the page", async || Some(first.log()).filter(|log| log.contains(start))).await;
    let rest = log.split(start).nth(1).unwrap();
    let reference: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    let help = gateway.parts.consents().help(&reference).await.unwrap().unwrap();
    assert!(help.needs_consent && help.address.as_str() == ANNA, "{help:?}");

    let show = postern(&first.config).args(["account", "show", ANNA, "--json"]).output().await.unwrap();
    let shown: Value = serde_json::from_slice(&show.stdout).unwrap();
    assert_eq!(shown["reconnect_at"], format!("{start}{reference}"));
    assert_eq!(shown["state"], "needs_consent");
    // Twice the beat: nothing is said again.
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(first.log().matches(start).count(), 1, "{}", first.log());
    let outcomes = database.raw().await.words("SELECT outcome FROM outbox ORDER BY audience").await;
    assert_eq!(outcomes, ["unwanted", "logged"]);
    drop(first);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_sends_until_it_falls_itself() {
    let database = Database::migrated(Kind::Sqlite).await;
    let gateway = Gateway::with(Setup {
        database_url: Some(database.url.clone()),
        more: format!("[notices]\nto = [\"{ADMIN}\"]\nvia = \"{CRM}\"\ngather = \"1s\"\nlanguage = \"cs\"\n"),
        ..Setup::default()
    })
    .await;
    let google = gateway.sandbox.google().clone();
    google.add_user(ADMIN);
    gateway.connect(CRM, &[]).await;
    let anna = gateway.connect(ANNA, &[]).await;
    let ben = gateway.connect("ben@example.com", &[]).await;
    google.token_faults().always_for(ANNA, TokenFault::invalid_grant());
    fall(&gateway, anna).await;
    for mailbox in [ADMIN, ANNA] {
        let message = until(mailbox, async || google.mailbox(mailbox, "INBOX").pop()).await;
        let text = text(&message);
        assert!(text.contains(&format!("From: {CRM}")) && text.contains("=?utf-8?b?"), "{text}");
    }

    // Gmail takes its token no more, and Google gives no other one.
    google.token_faults().always(TokenFault::invalid_grant());
    google.drop_access_tokens(CRM);
    fall(&gateway, ben).await;
    let mut raw = database.raw().await;
    until("the log", async || {
        let logged = "SELECT count(*) FROM outbox WHERE outcome = 'logged' AND audience = 'owner'";
        (raw.number(logged).await == 2).then_some(())
    })
    .await;
    assert!(google.mailbox("ben@example.com", "INBOX").is_empty());
    assert_eq!(google.mailbox(ADMIN, "INBOX").len(), 1);
    gateway.stop().await;
}
