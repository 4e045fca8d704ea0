//! The budget of an account: so many sessions at Gmail over all nodes, the
//! rest a clean answer; a place is free soon after its session ended, in
//! whatever way.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use postern_core::model::id::AccountId;
use tokio::task::JoinSet;

use crate::support::databases::{Database, Kind};
use crate::support::gateway::{Gateway, Setup, configuration};
use crate::support::line::Lines;
use crate::support::process::Process;

const ANNA: &str = "anna@example.com";
const FULL: &str = "a NO [LIMIT] Too many connections to this mailbox, try again in a minute (ref ";

/// A login; the session when it is open, else what it was told.
async fn log_in(addr: SocketAddr, token: &str) -> Result<Lines, String> {
    let mut imap = Lines::connect(addr).await;
    imap.line().await;
    let told = imap.ask(&format!("a LOGIN {ANNA} {token}"), "a ").await.pop().unwrap_or_default();
    if told.starts_with("a OK") { Ok(imap) } else { Err(told) }
}

/// So many logins at once: the sessions, and what the others were told.
async fn storm(addrs: &[SocketAddr], logins: usize, token: &str) -> (Vec<Lines>, Vec<String>) {
    let mut all = JoinSet::new();
    for n in 0..logins {
        let (addr, token) = (addrs[n % addrs.len()], token.to_owned());
        all.spawn(async move { log_in(addr, &token).await });
    }
    let (mut open, mut refused) = (Vec::new(), Vec::new());
    for answer in all.join_all().await {
        match answer {
            Ok(session) => open.push(session),
            Err(told) => refused.push(told),
        }
    }
    (open, refused)
}

/// Logs in as soon as there is a place; how long that took.
async fn when_free(addr: SocketAddr, token: &str) -> (Duration, Lines) {
    let began = Instant::now();
    loop {
        match log_in(addr, token).await {
            Ok(session) => return (began.elapsed(), session),
            Err(told) => assert!(told.starts_with(FULL), "{told}"),
        }
        assert!(began.elapsed() < Duration::from_secs(20), "no place is free");
    }
}

async fn with_anna(setup: Setup) -> (Gateway, AccountId, String) {
    let gateway = Gateway::with(setup).await;
    gateway.sandbox.google().set_most_imap_sessions(2_000);
    let anna = gateway.connect(ANNA, &[]).await;
    let token = gateway.token(anna).await;
    (gateway, anna, token)
}

async fn ten_of_a_thousand(kind: Kind) {
    let database = Database::migrated(kind).await;
    let setup = Setup { database_url: Some(database.url.clone()), ..Setup::default() };
    let (gateway, anna, token) = with_anna(setup).await;
    let google = gateway.sandbox.google();
    let (mut open, refused) = storm(&gateway.imap[..1], 1_000, &token).await;
    assert_eq!((open.len(), refused.len()), (10, 990));
    assert!(
        refused.iter().all(|told| told.starts_with(FULL)),
        "{:?}",
        refused.iter().find(|t| !t.starts_with(FULL))
    );
    assert_eq!(google.sessions().len(), 10, "nobody else was sent to Gmail");
    assert_eq!(gateway.account(anna).await.throttled_until, 0, "this is no word of Gmail's");

    // A client that dies in IDLE.
    let mut idle = open.pop().unwrap();
    idle.ask("b SELECT INBOX", "b OK").await;
    idle.ask("c IDLE", "+ ").await;
    drop(idle);
    let (waited, _again) = when_free(gateway.imap[0], &token).await;
    assert!(waited < Duration::from_secs(15), "{waited:?}");
    // The rows are there to be seen.
    let mut raw = database.raw().await;
    let mut rows = 0;
    for _ in 0..100 {
        rows = raw.count("mail_sessions").await;
        if rows == 10 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(rows, 10);
    drop(open);
    gateway.stop().await;
    assert_eq!(raw.count("mail_sessions").await, 0, "a node that ends takes its rows along");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_logins_ten_get_in_on_sqlite() {
    ten_of_a_thousand(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_logins_ten_get_in_on_postgres() {
    ten_of_a_thousand(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sending_has_a_budget_of_its_own_and_says_so_in_its_own_words() {
    let more = "[limits]\naccount_smtp_sessions = 1\naccount_sessions = 1\n".to_owned();
    let (gateway, _, token) = with_anna(Setup { more, ..Setup::default() }).await;
    let _reading = log_in(gateway.imap[0], &token).await.expect("a session");
    let _sending = crate::smtp_client::Client::logged_in(&gateway, ANNA, &token).await;
    let mut late = crate::smtp_client::Client::greeted(&gateway).await;
    let told = late.login(ANNA, &token).await;
    assert!(told.starts_with("421 4.7.0 Too many connections to this mailbox"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_share_the_budget_and_a_dead_one_gives_its_part_back() {
    let database = Database::migrated(Kind::Postgres).await;
    let setup = || Setup { database_url: Some(database.url.clone()), idle: true, ..Setup::default() };
    let (gateway, _, token) = with_anna(setup()).await;
    let mut nodes = Vec::new();
    for name in ["one", "two"] {
        let text =
            configuration(&gateway.sandbox, &gateway.dir, &setup()) + &format!("[node]\nname = \"{name}\"\n");
        nodes.push(Process::start(&text, &gateway.dir.path().join(format!("{name}.toml"))).await);
    }
    let addrs = [nodes[0].imap[0], nodes[1].imap[0]];
    let (first, _) = storm(&addrs[..1], 4, &token).await;
    let (second, _) = storm(&addrs[1..], 4, &token).await;
    assert_eq!((first.len(), second.len()), (4, 4));
    let (open, refused) = storm(&addrs, 100, &token).await;
    assert_eq!((open.len(), refused.len()), (2, 98));
    assert!(refused.iter().all(|told| told.starts_with(FULL)), "{refused:?}");

    // Killed, a node's sessions end at Gmail; here they count until it is silent for a minute.
    let two = nodes.pop().unwrap();
    two.kill().await;
    let mut raw = database.raw().await;
    let of_two =
        "SELECT count(*) FROM mail_sessions s JOIN nodes n ON n.incarnation = s.node WHERE n.name = ";
    let (theirs, ours) =
        (raw.number(&format!("{of_two}'two'")).await, raw.number(&format!("{of_two}'one'")).await);
    assert!(theirs >= 4 && theirs + ours == 10, "{theirs} and {ours}");
    assert!(log_in(addrs[0], &token).await.is_err_and(|told| told.starts_with(FULL)));
    raw.run("UPDATE nodes SET beat_at = beat_at - 61000000 WHERE name = 'two'").await;
    let (again, _) = storm(&addrs[..1], 20, &token).await;
    assert_eq!(i64::try_from(again.len()).unwrap(), theirs);
    drop((first, second, open, again));
    gateway.stop().await;
}
