//! Several processes on one database: who may serve, and who must stop.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::databases::{Database, Kind};
use crate::support::gateway::{Gateway, Setup, configuration};
use crate::support::line::Lines;
use crate::support::process::{Process, postern, with_ports};

/// Writes a configuration for one more process on the database of `setup`.
fn configured(gateway: &Gateway, setup: &Setup, file: &str, node: &str) -> std::path::PathBuf {
    let text = configuration(&gateway.sandbox, &gateway.dir, setup) + &format!("[node]\nname = \"{node}\"\n");
    let path = gateway.dir.path().join(file);
    std::fs::write(&path, with_ports(&text).0).unwrap();
    path
}

/// Runs `serve` where it must not start; returns its last words.
async fn refused(config: &Path) -> String {
    let run = postern(config).arg("serve").output();
    let run = tokio::time::timeout(Duration::from_secs(30), run).await.expect("it ends by itself").unwrap();
    let told = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(1), "{told}");
    told
}

async fn log_in(process: &Process, token: &str) -> String {
    let mut imap = Lines::connect(process.imap[0]).await;
    imap.line().await;
    imap.log_in("anna@example.com", token).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_serve_on_one_sqlite_file_is_refused_at_once() {
    let idle = Setup { idle: true, ..Setup::default() };
    let gateway = Gateway::with(Setup { idle: true, ..Setup::default() }).await;
    let anna = gateway.connect("anna@example.com", &[]).await;
    let token = gateway.token(anna).await;
    let text = configuration(&gateway.sandbox, &gateway.dir, &idle);
    let first = Process::start(&text, &gateway.dir.path().join("first.toml")).await;

    // Whatever it calls itself.
    for name in ["main", "other"] {
        let second = configured(&gateway, &idle, "second.toml", name);
        let began = Instant::now();
        let told = refused(&second).await;
        assert!(began.elapsed() < Duration::from_secs(5), "at once");
        assert!(told.contains("another `postern serve` (process "), "{told}");
    }
    let commands = postern(&first.config).args(["account", "list"]).output().await.unwrap();
    assert!(commands.status.success(), "commands work beside it: {commands:?}");
    assert!(log_in(&first, &token).await.starts_with("a OK"), "and the first serves on");

    // Killed, it leaves nothing that keeps the next one waiting.
    let (config, imap) = first.kill().await;
    let began = Instant::now();
    let mut again = Process::again(&config, imap).await;
    assert!(log_in(&again, &token).await.starts_with("a OK"));
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    again.signal("TERM");
    assert!(again.ended(Duration::from_secs(20)).await, "{}", again.log());
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_of_one_name_do_not_serve_side_by_side() {
    let database = Database::migrated(Kind::Postgres).await;
    let setup = || Setup { database_url: Some(database.url.clone()), idle: true, ..Setup::default() };
    let gateway = Gateway::with(setup()).await;
    let text = configuration(&gateway.sandbox, &gateway.dir, &setup());
    let mut first = Process::start(&text, &gateway.dir.path().join("first.toml")).await;
    let told = refused(&configured(&gateway, &setup(), "second.toml", "main")).await;
    assert!(told.contains("another process serves as node \"main\" on host "), "{told}");
    assert!(told.contains("last heard of "), "{told}");

    // The first one freezes, is taken for dead, and wakes.
    first.signal("STOP");
    let mut raw = database.raw().await;
    let frozen = raw.words("SELECT incarnation FROM nodes").await;
    raw.run("UPDATE nodes SET beat_at = beat_at - 60000000").await;
    let text = configuration(&gateway.sandbox, &gateway.dir, &setup());
    let mut second = Process::start(&text, &gateway.dir.path().join("third.toml")).await;
    let began = Instant::now();
    while raw.words("SELECT incarnation FROM nodes").await == frozen {
        assert!(began.elapsed() < Duration::from_secs(20), "{}", second.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    first.signal("CONT");
    assert!(!first.ended(Duration::from_secs(30)).await, "it stops, and not as if all were well");
    assert!(first.log().contains("another process has taken the name of this node"), "{}", first.log());
    assert_eq!(raw.count("nodes").await, 1, "it does not take the other's row with it");
    second.signal("TERM");
    assert!(second.ended(Duration::from_secs(20)).await, "{}", second.log());
    assert_eq!(raw.count("nodes").await, 0, "an orderly end gives the name up");
    gateway.stop().await;
}

/// Waits until a login there is answered so; a change holds everywhere within 5 s.
async fn within_five_seconds(process: &Process, token: &str, start: &str) {
    let began = Instant::now();
    loop {
        let asked = Instant::now();
        let answer = log_in(process, token).await;
        if answer.starts_with(start) {
            return;
        }
        assert!(asked - began < Duration::from_secs(5), "still {answer:?} after 5 s\n{}", process.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_changes_holds_on_every_node() {
    let database = Database::migrated(Kind::Postgres).await;
    let setup = || Setup { database_url: Some(database.url.clone()), idle: true, ..Setup::default() };
    let gateway = Gateway::with(setup()).await;
    gateway.connect("anna@example.com", &[]).await;
    let mut nodes = Vec::new();
    for name in ["one", "two"] {
        let named = format!("[node]\nname = \"{name}\"\n");
        let text = configuration(&gateway.sandbox, &gateway.dir, &setup()) + &named;
        nodes.push(Process::start(&text, &gateway.dir.path().join(format!("{name}.toml"))).await);
    }
    let command = async |args: &[&str]| {
        let run = postern(&nodes[0].config).args(args).output().await.unwrap();
        assert!(run.status.success(), "{args:?}: {run:?}");
        String::from_utf8(run.stdout).unwrap().trim().to_owned()
    };
    let both = async |token: &str, start: &str| {
        for node in &nodes {
            within_five_seconds(node, token, start).await;
        }
    };
    // Issued by a command, used at once on both; then both remember it.
    let token = command(&["token", "issue", "anna@example.com"]).await;
    both(&token, "a OK").await;
    command(&["account", "disable", "anna@example.com"]).await;
    both(&token, "a NO [CONTACTADMIN]").await;
    command(&["account", "enable", "anna@example.com"]).await;
    both(&token, "a OK").await;
    let list = command(&["token", "list", "anna@example.com", "--json"]).await;
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let id = list[0]["id"].as_str().unwrap_or_else(|| panic!("{list}"));
    command(&["token", "revoke", id]).await;
    both(&token, "a NO [AUTHENTICATIONFAILED]").await;
    drop(nodes);
    gateway.stop().await;
}
