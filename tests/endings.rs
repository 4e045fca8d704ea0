//! Sessions that are ended from outside: by a command in another process, by
//! time, and by the end of their own process.

use std::time::{Duration, Instant};

use postern::actions::token::Standing;
use postern::actions::{By, sessions, token};
use postern_core::model::actor::Actor;
use postern_core::model::id::AccountId;
use postern_core::model::token::Protocols;
use postern_sandbox::SmtpFault;

use crate::smtp_client::{ANNA, Client};
use crate::support::databases::{Database, Kind};
use crate::support::gateway::{Gateway, Setup, configuration};
use crate::support::line::Lines;
use crate::support::process::{Process, postern};

const HERE: &str = "[limits]\ndrain = \"20s\"\n";
/// What a change has to hold in, everywhere.
const SOON: Duration = Duration::from_secs(5);

/// An installation with one mailbox, served by another process.
struct Stage {
    gateway: Gateway,
    anna: AccountId,
    process: Process,
}

impl Stage {
    async fn on(database_url: Option<String>, more: &str) -> Self {
        let setup = || Setup {
            database_url: database_url.clone(),
            more: more.to_owned(),
            idle: true,
            ..Setup::default()
        };
        let gateway = Gateway::with(setup()).await;
        let anna = gateway.connect(ANNA, &[]).await;
        let text = configuration(&gateway.sandbox, &gateway.dir, &setup());
        let process = Process::start(&text, &gateway.dir.path().join("serve.toml")).await;
        Self { gateway, anna, process }
    }

    async fn imap(&self, token: &str) -> Lines {
        let mut imap = Lines::connect(self.process.imap[0]).await;
        imap.line().await;
        let answer = imap.ask(&format!("a LOGIN {ANNA} {token}"), "a ").await;
        assert!(answer.last().is_some_and(|last| last.starts_with("a OK")), "{answer:?}");
        imap
    }

    async fn idling(&self, token: &str) -> Lines {
        let mut imap = self.imap(token).await;
        imap.ask("b SELECT INBOX", "b OK").await;
        imap.ask("c IDLE", "+").await;
        imap
    }

    async fn smtp(&self, token: &str) -> Client {
        let mut smtp = Client::connect(self.process.smtp[0]).await;
        assert!(smtp.answer().await.starts_with("220 "));
        smtp.ask("EHLO crm.example.com").await;
        assert_eq!(smtp.login(ANNA, token).await, "235 2.7.0 Accepted");
        smtp
    }

    async fn command(&self, words: &[&str]) -> String {
        let run = postern(&self.process.config).args(words).output().await.expect("the binary runs");
        assert!(run.status.success(), "{words:?}: {}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).expect("UTF-8")
    }

    // As the button does it, in another process than the one that has the session.
    async fn end_newest_session(&self) {
        let store = &self.gateway.parts.store;
        let by = By::new(Actor::CommandLine("test".to_owned()), store.dice()).expect("an author");
        let end = Instant::now() + SOON;
        let newest = loop {
            let open = sessions::open(store, self.anna).await.expect("read");
            if open.len() == 3 {
                break open.into_iter().max_by_key(|session| session.began_at).expect("three");
            }
            assert!(Instant::now() < end, "{open:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert!(sessions::end(store, &by, self.anna, newest.id).await.expect("ended"));
        let again = sessions::end(store, &by, self.anna, newest.id).await.expect("asked");
        assert!(!again, "it was asked to end before");
    }

    async fn newest_token(&self) -> String {
        let list = self.command(&["token", "list", ANNA, "--json"]).await;
        let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
        let ids = list.as_array().expect("a list").iter().map(|one| one["id"].as_str().expect("an id"));
        ids.max().expect("a token").to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_its_own_node_has_revoked_opens_nothing_from_then_on() {
    let gateway = Gateway::start().await;
    let anna = gateway.connect(ANNA, &[]).await;
    let store = &gateway.parts.store;
    let by = By::new(Actor::CommandLine("test".to_owned()), store.dice()).expect("an author");
    for _ in 0..20 {
        let secret = gateway.token(anna).await;
        let log_in = async || {
            let mut imap = Lines::connect(gateway.imap[0]).await;
            imap.line().await;
            imap.ask(&format!("a LOGIN {ANNA} {secret}"), "a ").await.last().cloned().expect("an answer")
        };
        assert!(log_in().await.starts_with("a OK"));
        let all = token::list(store, None).await.expect("a list");
        let live = all.iter().find(|it| it.standing == Standing::Live).expect("it lives");
        token::revoke(store, &by, live.id).await.expect("it is revoked");
        let told = log_in().await;
        assert!(told.starts_with("a NO"), "{told}");
    }
    gateway.stop().await;
}

/// Revoke, disable, remove and expiry, each with an IMAP session in IDLE and an
/// SMTP session, while sessions of another token go on.
async fn everything_that_bars_a_token_ends_its_sessions(database_url: Option<String>) {
    let stage = Stage::on(database_url, "").await;
    let spared = stage.gateway.token(stage.anna).await;
    let (mut other_imap, mut other_smtp) = (stage.idling(&spared).await, stage.smtp(&spared).await);

    // The process is told of nothing: it has to look.
    let now = stage.gateway.parts.store.clock().now();
    let brief = stage.gateway.token_for(stage.anna, Protocols::Both, Some(now + 15_000_000)).await;
    let (mut imap, smtp) = (stage.idling(&brief).await, stage.smtp(&brief).await);
    let began = Instant::now();
    let told = imap.rest().await;
    assert!(told.contains("* BYE This CRM token has expired, ask your admin"), "{told}");
    assert!(smtp.rest().await.starts_with("421 4.7.0 This CRM token has expired"));
    assert!(began.elapsed() < Duration::from_secs(15) + SOON, "{:?}", began.elapsed());

    let token = stage.gateway.token(stage.anna).await;
    let (mut imap, smtp) = (stage.idling(&token).await, stage.smtp(&token).await);
    stage.command(&["token", "revoke", &stage.newest_token().await]).await;
    let began = Instant::now();
    let told = imap.rest().await;
    assert!(told.contains("* BYE This CRM token was revoked, ask your admin for a new one (ref "), "{told}");
    let told = smtp.rest().await;
    assert!(told.starts_with("421 4.7.0 This CRM token was revoked"), "{told}");
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    other_imap.send("DONE\r\n").await;
    other_imap.until("c OK").await;
    assert!(other_smtp.ask("NOOP").await.starts_with("250 "), "another token's session goes on");

    // An admin ends one session at the pages; the others of the same token go on.
    let mut imap = stage.idling(&spared).await;
    stage.end_newest_session().await;
    let began = Instant::now();
    let told = imap.rest().await;
    assert!(told.contains("* BYE An admin ended this session, please connect again (ref "), "{told}");
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert!(other_smtp.ask("NOOP").await.starts_with("250 "), "the same token's other session goes on");

    other_imap.ask("d IDLE", "+").await;
    stage.command(&["account", "disable", ANNA]).await;
    let began = Instant::now();
    let told = other_imap.rest().await;
    assert!(told.contains("* BYE This mailbox was disabled, ask your admin (ref "), "{told}");
    assert!(other_smtp.rest().await.starts_with("421 4.7.0 This mailbox was disabled"));
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());

    stage.command(&["account", "enable", ANNA]).await;
    let token = stage.gateway.token(stage.anna).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (mut imap, smtp) = (stage.idling(&token).await, stage.smtp(&token).await);
    stage.command(&["account", "remove", ANNA, "--yes"]).await;
    let began = Instant::now();
    let told = imap.rest().await;
    assert!(told.contains("* BYE This mailbox was removed from the gateway"), "{told}");
    assert!(smtp.rest().await.starts_with("421 4.7.0 This mailbox was removed"));
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_beside_serve_ends_sessions_on_sqlite() {
    everything_that_bars_a_token_ends_its_sessions(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_beside_serve_ends_sessions_on_postgres() {
    let database = Database::migrated(Kind::Postgres).await;
    everything_that_bars_a_token_ends_its_sessions(Some(database.url.clone())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_is_out_within_seconds_and_nothing_opens_the_mailbox_any_more() {
    let stage = Stage::on(None, "").await;
    let token = stage.gateway.token(stage.anna).await;
    let (mut imap, smtp) = (stage.idling(&token).await, stage.smtp(&token).await);
    stage.command(&["account", "offboard", ANNA, "--yes"]).await;
    let began = Instant::now();
    let told = imap.rest().await;
    assert!(told.contains("* BYE ") && smtp.rest().await.starts_with("421 4.7.0 "), "{told}");
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert!(stage.gateway.sandbox.google().live_refresh_tokens(ANNA).is_empty());
    let mut imap = Lines::connect(stage.process.imap[0]).await;
    imap.line().await;
    let answer = imap.ask(&format!("a LOGIN {ANNA} {token}"), "a ").await;
    assert!(answer.last().is_some_and(|last| last.starts_with("a NO")), "{answer:?}");
    let list = stage.command(&["token", "list", ANNA, "--json"]).await;
    assert!(!list.contains("\"live\""), "{list}");
}

/// Larger than what all buffers on the way hold.
const LARGE: usize = 24 << 20;

fn large_message() -> Vec<u8> {
    let mut message = b"From: x@example.net\r\nSubject: large\r\n\r\n".to_vec();
    while message.len() < LARGE {
        message.extend_from_slice(
            b"* BYE is not said in here, nor a OK, nor c OK; all of this is a literal.\r\n",
        );
    }
    message
}

/// A session that has asked for a large message and read only the start of it.
async fn fetching(stage: &Stage, token: &str) -> (Lines, usize) {
    let mut imap = stage.imap(token).await;
    imap.ask("b SELECT INBOX", "b OK").await;
    let found = imap.ask("c UID SEARCH SUBJECT large", "c OK").await;
    let uid = found[0].rsplit(' ').next().expect("a message").to_owned();
    imap.send(format!("d UID FETCH {uid} BODY.PEEK[]\r\n")).await;
    let line = imap.line().await;
    let octets = line.trim_end_matches('}').rsplit('{').next().and_then(|n| n.parse().ok());
    (imap, octets.unwrap_or_else(|| panic!("{line}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_large_literal_the_bye_waits_for_its_end() {
    let stage = Stage::on(None, "").await;
    let message = large_message();
    assert!(stage.gateway.sandbox.google().deliver(ANNA, &message));
    let token = stage.gateway.token(stage.anna).await;
    let (mut imap, octets) = fetching(&stage, &token).await;
    let mut idle = stage.idling(&token).await;
    stage.command(&["token", "revoke", &stage.newest_token().await]).await;
    // Once the other one was told, this one was told too.
    assert!(idle.rest().await.contains("* BYE "));
    let rest = imap.rest().await;
    assert_eq!(octets, message.len());
    let behind = rest.get(octets..).expect("the whole literal");
    let (fetched, bye) = behind.split_once("\r\n").expect("a line");
    assert!(fetched.ends_with(')'), "{fetched}");
    assert!(bye.starts_with("* BYE This CRM token was revoked"), "{bye}");
    assert_eq!(bye.lines().count(), 1, "nothing behind it");
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_lets_everybody_finish() {
    let stage = Stage::on(None, HERE).await;
    let google = stage.gateway.sandbox.google();
    assert!(google.deliver(ANNA, &large_message()));
    let token = stage.gateway.token(stage.anna).await;
    let mut idle = stage.idling(&token).await;
    let (mut busy, octets) = fetching(&stage, &token).await;
    let mut waiting = Lines::connect(stage.process.imap[0]).await;
    waiting.line().await;
    let mut outside = stage.smtp(&token).await;
    assert!(outside.ask("NOOP").await.starts_with("250 "));
    google.smtp_faults().next_for(ANNA, SmtpFault::Latency(Duration::from_millis(700)));
    let mut sending = stage.smtp(&token).await;
    sending.open_message().await;
    sending.send("From: anna@example.com\r\n\r\nhello\r\n.\r\n").await;
    tokio::time::sleep(Duration::from_millis(200)).await;

    let mut process = stage.process;
    process.signal("TERM");
    let began = Instant::now();
    assert!(waiting.rest().await.starts_with("* BYE [UNAVAILABLE] Postern is restarting"), "before login");
    let verdict = sending.rest().await;
    assert!(verdict.starts_with("250 2.0.0 OK") && verdict.contains("\r\n421 4.3.2 "), "{verdict}");
    assert!(idle.rest().await.contains("* BYE [UNAVAILABLE] Postern is restarting"));
    assert!(outside.rest().await.starts_with("421 4.3.2 Service shutting down"));
    assert!(began.elapsed() < Duration::from_secs(15), "asked in the first half: {:?}", began.elapsed());
    assert!(std::net::TcpStream::connect(process.imap[0]).is_err(), "nobody is let in any more");
    let rest = busy.rest().await;
    let behind = rest.get(octets..).expect("the whole literal");
    let (_, behind) = behind.split_once("\r\n").expect("a line");
    assert!(behind.starts_with("d OK "), "the command is answered: {behind}");
    assert!(behind.contains("\r\n* BYE [UNAVAILABLE] Postern is restarting"), "{behind}");
    drop((busy, idle, waiting));
    assert!(process.ended(Duration::from_secs(30)).await, "exit code 0");
    assert!(process.log().contains("stopped"), "{}", process.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_sigterm_ends_at_once() {
    let stage = Stage::on(None, "[limits]\ndrain = \"5m\"\n").await;
    assert!(stage.gateway.sandbox.google().deliver(ANNA, &large_message()));
    let token = stage.gateway.token(stage.anna).await;
    let (_busy, _) = fetching(&stage, &token).await;
    let mut message = stage.smtp(&token).await;
    message.open_message().await;
    let mut process = stage.process;
    process.signal("TERM");
    tokio::time::sleep(Duration::from_millis(500)).await;
    let began = Instant::now();
    process.signal("TERM");
    assert!(process.ended(Duration::from_secs(10)).await, "exit code 0");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn with_no_session_sigterm_ends_at_once() {
    let stage = Stage::on(None, "[limits]\ndrain = \"5m\"\n").await;
    let mut process = stage.process;
    let began = Instant::now();
    process.signal("TERM");
    assert!(process.ended(Duration::from_secs(10)).await, "exit code 0");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}
