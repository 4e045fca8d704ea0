//! Access tokens under load and under fire: one refresh however many wait,
//! in one process and in two; a process killed in the middle loses no grant.

use std::net::SocketAddr;
use std::time::Duration;

use postern::store::access_tokens::{self, AccessToken};
use postern_core::model::account::State;
use postern_core::model::id::AccountId;
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;
use postern_sandbox::{Rotation, TokenFault};
use tokio::task::JoinSet;

use crate::support::databases::{Database, Kind};
use crate::support::gateway::{Gateway, Setup, configuration};
use crate::support::line::Lines;
use crate::support::process::Process;

/// For a thousand logins to one mailbox.
const BUDGET: &str = "[limits]\naccount_sessions = 1000\n";

/// Logs in once; says how it was answered.
async fn log_in(addr: SocketAddr, user: &str, token: &str) -> String {
    let mut imap = Lines::connect(addr).await;
    imap.line().await;
    let answer = imap.ask(&format!("a LOGIN {user} {token}"), "a ").await;
    answer.last().cloned().unwrap_or_default()
}

async fn storm(addrs: &[SocketAddr], logins: usize, user: &str, token: &str) -> Vec<String> {
    let mut all = JoinSet::new();
    for n in 0..logins {
        let (addr, user, token) = (addrs[n % addrs.len()], user.to_owned(), token.to_owned());
        all.spawn(async move { log_in(addr, &user, &token).await });
    }
    all.join_all().await.into_iter().filter(|answer| !answer.starts_with("a OK")).collect()
}

async fn expire(gateway: &Gateway, account: AccountId) {
    put(gateway, account, AccessToken { token: Secret::new("ya29.expired"), expires_at: 1 }).await;
}

async fn put(gateway: &Gateway, account: AccountId, token: AccessToken) {
    let mut batch = gateway.parts.store.batch().await.unwrap();
    access_tokens::put(&mut batch, account, &ScopeSet::mail(), &token).await.unwrap();
    batch.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_logins_on_an_expired_token_ask_google_once() {
    let gateway = Gateway::with(Setup { more: BUDGET.to_owned(), ..Setup::default() }).await;
    let google = gateway.sandbox.google();
    google.set_most_imap_sessions(2_000);
    let anna = gateway.connect("anna@example.com", &[]).await;
    let token = gateway.token(anna).await;
    expire(&gateway, anna).await;
    google.token_faults().next(TokenFault::Delay(Duration::from_millis(500)));

    let failed = storm(&gateway.imap[..1], 1_000, "anna@example.com", &token).await;
    assert!(failed.is_empty(), "{} failed, the first: {}", failed.len(), failed[0]);
    assert_eq!(google.token_request_count(None), 1);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_on_one_postgres_ask_google_once() {
    let database = Database::migrated(Kind::Postgres).await;
    let gateway = Gateway::with(Setup { database_url: Some(database.url.clone()), ..Setup::default() }).await;
    let google = gateway.sandbox.google();
    google.set_most_imap_sessions(2_000);
    let anna = gateway.connect("anna@example.com", &[]).await;
    let token = gateway.token(anna).await;
    expire(&gateway, anna).await;

    let more = BUDGET.to_owned();
    let setup = Setup { database_url: Some(database.url.clone()), more, ..Setup::default() };
    let mut nodes = Vec::new();
    for name in ["one", "two"] {
        let text =
            configuration(&gateway.sandbox, &gateway.dir, &setup) + &format!("[node]\nname = \"{name}\"\n");
        nodes.push(Process::start(&text, &gateway.dir.path().join(format!("{name}.toml"))).await);
    }
    google.token_faults().next(TokenFault::Delay(Duration::from_millis(500)));
    let addrs = [nodes[0].imap[0], nodes[1].imap[0]];
    let failed = storm(&addrs, 1_000, "anna@example.com", &token).await;
    assert!(failed.is_empty(), "{} failed, the first: {}", failed.len(), failed[0]);
    assert_eq!(google.token_request_count(None), 1);
    drop(nodes);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_gets_in_though_its_nodes_token_and_that_of_another_node_ended_early() {
    let gateway = Gateway::start().await;
    let google = gateway.sandbox.google();
    let anna = gateway.connect("anna@example.com", &[]).await;
    let token = gateway.token(anna).await;
    let first = log_in(gateway.imap[0], "anna@example.com", &token).await;
    assert!(first.starts_with("a OK"), "{first}");

    google.drop_access_tokens("anna@example.com");
    let expires_at = gateway.parts.store.clock().now() + 3_600_000_000;
    put(&gateway, anna, AccessToken { token: Secret::new("ya29.elsewhere"), expires_at }).await;
    let asked = google.token_request_count(None);
    let second = log_in(gateway.imap[0], "anna@example.com", &token).await;
    assert!(second.starts_with("a OK"), "{second}");
    assert_eq!(google.token_request_count(None), asked + 1);
    gateway.stop().await;
}

/// Kills a process while it waits for Google's answer to a refresh, starts it
/// again. Says how many refresh tokens lived at Google when it was killed.
async fn killed_in_a_refresh(rotation: Rotation, fault: TokenFault) -> usize {
    let gateway = Gateway::with(Setup { idle: true, ..Setup::default() }).await;
    let anna = gateway.connect("anna@example.com", &[]).await;
    let token = gateway.token(anna).await;
    let google = gateway.sandbox.google().clone();
    google.set_rotation(rotation);
    let text = configuration(&gateway.sandbox, &gateway.dir, &Setup::default());
    let process = Process::start(&text, &gateway.dir.path().join("killed.toml")).await;

    google.token_faults().next(fault);
    let addr = process.imap[0];
    let mut waiting = JoinSet::new();
    let secret = token.clone();
    waiting.spawn(async move { log_in(addr, "anna@example.com", &secret).await });
    for _ in 0..200 {
        if google.token_request_count(None) > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(google.token_request_count(None), 1, "the refresh is under way");
    let (config, imap) = process.kill().await;
    waiting.abort_all();
    let alive = google.live_refresh_tokens("anna@example.com").len();

    let process = Process::again(&config, imap).await;
    let answer = log_in(process.imap[0], "anna@example.com", &token).await;
    assert!(answer.starts_with("a OK"), "{answer}\n{}", process.log());
    assert_eq!(gateway.account(anna).await.state, State::Active);
    drop(process);
    gateway.stop().await;
    alive
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_google_worked() {
    let alive = killed_in_a_refresh(Rotation::Off, TokenFault::Delay(Duration::from_secs(20))).await;
    assert_eq!(alive, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_google_rotated_the_refresh_token() {
    let alive = killed_in_a_refresh(Rotation::Lenient, TokenFault::TellLate(Duration::from_secs(20))).await;
    assert_eq!(alive, 2, "Google had given a new one that nobody heard of");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_refresh_token_is_kept() {
    let gateway = Gateway::start().await;
    let google = gateway.sandbox.google();
    google.set_rotation(Rotation::Lenient);
    let anna = gateway.connect("anna@example.com", &[]).await;
    let token = gateway.token(anna).await;
    for _ in 0..3 {
        expire(&gateway, anna).await;
        // Memory would still hold the token of the last round.
        google.clock().advance(Duration::from_secs(3_700));
        google.drop_access_tokens("anna@example.com");
        let answer = log_in(gateway.imap[0], "anna@example.com", &token).await;
        assert!(answer.starts_with("a OK"), "{answer}");
    }
    let used: Vec<_> = google.token_requests().into_iter().filter_map(|r| r.refresh_token).collect();
    let mut distinct = used.clone();
    distinct.dedup();
    assert_eq!(used.len(), distinct.len(), "each refresh used the token of the one before");
    gateway.stop().await;
}
