//! `postern backup`, `restore` and `adopt`, as an admin types them.

use std::path::Path;

use postern::store::accounts;
use postern_core::model::account::State;
use postern_core::model::address::Address;
use serde_json::Value;

use crate::support::databases::{Database, Kind, mode};
use crate::support::gateway::{Gateway, Setup, configuration};
use crate::support::line::Lines;
use crate::support::process::{Process, said, with_ports};

const ANNA: &str = "anna@example.com";

async fn log_in(process: &Process, token: &str) -> String {
    let mut imap = Lines::connect(process.imap[0]).await;
    imap.line().await;
    imap.ask(&format!("a LOGIN {ANNA} {token}"), "a ").await.pop().unwrap_or_default()
}

fn written(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The same configuration with everything of the installation in another folder.
fn moved(text: &str, from: &Path, to: &Path, name: &str) -> std::path::PathBuf {
    let config = to.join(name);
    std::fs::write(&config, with_ports(&full(text, from, to)).0).unwrap();
    config
}

fn full(text: &str, from: &Path, to: &Path) -> String {
    text.replace(&format!("{}/postern.", from.display()), &format!("{}/postern.", to.display()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_comes_back_elsewhere_and_its_tokens_open_only_what_somebody_wants() {
    let gateway = Gateway::start().await;
    let anna = gateway.connect(ANNA, &[]).await;
    let token = gateway.token(anna).await;
    let text = configuration(&gateway.sandbox, &gateway.dir, &Setup::default());
    let config = gateway.dir.path().join("backup.toml");
    std::fs::write(&config, with_ports(&text).0).unwrap();
    let (with, without) = (gateway.dir.path().join("with"), gateway.dir.path().join("without"));
    // While it serves.
    let made = said(&config, &["backup", written(&without)]).await;
    assert!(made.code == 0 && made.out.contains("The key file is not in it"), "{}{}", made.out, made.err);
    let made = said(&config, &["backup", written(&with), "--with-key", "--json"]).await;
    assert_eq!(made.code, 0, "{}", made.err);
    let about: Value = serde_json::from_str(&made.out).unwrap();
    assert_eq!((&about["database"], &about["with_key"]), (&"postern.db".into(), &true.into()));
    assert_eq!(mode(&with), 0o700);
    for name in ["postern.db", "postern.key", "backup.json"] {
        assert_eq!(mode(&with.join(name)), 0o600, "{name}");
    }
    let again = said(&config, &["backup", written(&with)]).await;
    assert!(again.code == 1 && again.err.contains("is not empty"), "{}", again.err);

    let elsewhere = tempfile::tempdir().unwrap();
    let there = moved(&text, gateway.dir.path(), elsewhere.path(), "there.toml");
    let unasked = said(&there, &["restore", written(&with)]).await;
    assert!(unasked.code == 64 && unasked.err.contains("--tokens"), "{}", unasked.err);
    let keyless = said(&there, &["restore", written(&without), "--tokens", "keep"]).await;
    assert!(keyless.code == 1 && keyless.err.contains("put the key file there first"), "{}", keyless.err);
    assert!(!elsewhere.path().join("postern.db").exists());
    let restored = said(&there, &["restore", written(&with), "--tokens", "keep", "--json"]).await;
    assert_eq!(restored.code, 0, "{}", restored.err);
    let told: Value = serde_json::from_str(&restored.out).unwrap();
    assert_eq!((&told["key_restored"], &told["tokens_revoked"]), (&true.into(), &0.into()), "{told}");
    assert_eq!(mode(&elsewhere.path().join("postern.db")), 0o600);
    let twice = said(&there, &["restore", written(&with), "--tokens", "keep"]).await;
    assert!(twice.code == 1 && twice.err.contains("holds an installation already"), "{}", twice.err);
    let verified = said(&there, &["audit", "verify"]).await;
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);

    // Mail flows, and what writes to Google and the CRM waits.
    let process = Process::start(&full(&text, gateway.dir.path(), elsewhere.path()), &there).await;
    assert!(log_in(&process, &token).await.starts_with("a OK"), "{}", process.log());
    assert!(process.log().contains("held until `postern adopt`"), "{}", process.log());
    let unconfirmed = said(&there, &["adopt"]).await;
    assert_eq!(unconfirmed.code, 64, "{}", unconfirmed.err);
    let adopted = said(&there, &["adopt", "--yes"]).await;
    assert!(adopted.code == 0 && adopted.err.contains("restored from a backup"), "{}", adopted.err);
    let settled = said(&there, &["adopt"]).await;
    assert!(settled.code == 0 && settled.err.contains("nothing was held"), "{}", settled.err);
    drop(process);

    none_opens(&text, (gateway.dir.path(), elsewhere.path()), (&without, &token)).await;
    gateway.stop().await;
}

// The same backup, and none of its tokens is to open anything.
async fn none_opens(text: &str, (from, key_from): (&Path, &Path), (backup, token): (&Path, &str)) {
    let third = tempfile::tempdir().unwrap();
    std::fs::copy(key_from.join("postern.key"), third.path().join("postern.key")).unwrap();
    let config = moved(text, from, third.path(), "third.toml");
    let restored = said(&config, &["restore", written(backup), "--tokens", "revoke"]).await;
    assert!(
        restored.code == 0 && restored.out.contains("revoked: 1; API keys: 0"),
        "{}{}",
        restored.out,
        restored.err
    );
    let process = Process::start(&full(text, from, third.path()), &config).await;
    let refused = log_in(&process, token).await;
    assert!(refused.starts_with("a NO [AUTHENTICATIONFAILED]"), "{refused}");
    drop(process);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_does_not_belong_to_the_backup_leaves_nothing_behind() {
    let (gateway, other) = (Gateway::start().await, Gateway::start().await);
    let text = configuration(&gateway.sandbox, &gateway.dir, &Setup::default());
    let config = gateway.dir.path().join("backup.toml");
    std::fs::write(&config, with_ports(&text).0).unwrap();
    let folder = gateway.dir.path().join("saved");
    assert_eq!(said(&config, &["backup", written(&folder), "--with-key"]).await.code, 0);
    let elsewhere = tempfile::tempdir().unwrap();
    let key = elsewhere.path().join("postern.key");
    std::fs::copy(other.dir.path().join("postern.key"), &key).unwrap();
    let there = moved(&text, gateway.dir.path(), elsewhere.path(), "there.toml");
    let refused = said(&there, &["restore", written(&folder), "--tokens", "keep"]).await;
    assert!(refused.code == 1 && refused.err.contains("another key file"), "{}", refused.err);
    // The same without the key in it.
    let about = std::fs::read_to_string(folder.join("backup.json")).unwrap();
    std::fs::write(folder.join("backup.json"), about.replace("\"with_key\": true", "\"with_key\": false"))
        .unwrap();
    let refused = said(&there, &["restore", written(&folder), "--tokens", "keep"]).await;
    assert!(refused.code == 1 && refused.err.contains("does not belong to this database"), "{}", refused.err);
    let left: Vec<_> =
        std::fs::read_dir(elsewhere.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    // A log of the one that stood there before would be written into the one that comes.
    std::fs::remove_file(&key).unwrap();
    std::fs::copy(gateway.dir.path().join("postern.key"), &key).unwrap();
    let log = elsewhere.path().join("postern.db-wal");
    std::fs::write(&log, "of another one").unwrap();
    let beside = said(&there, &["restore", written(&folder), "--tokens", "keep"]).await;
    assert!(beside.code == 1 && beside.err.contains("-wal"), "{}", beside.err);
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "of another one");
    assert!(key.exists() && !left.iter().any(|name| name.to_string_lossy().ends_with(".db")), "{left:?}");
    gateway.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_is_saved_by_its_own_program_and_a_copy_of_it_is_somewhere_else() {
    let database = Database::migrated(Kind::Postgres).await;
    let setup = || Setup { database_url: Some(database.url.clone()), ..Setup::default() };
    let gateway = Gateway::with(setup()).await;
    let anna = gateway.connect(ANNA, &[]).await;
    let text = configuration(&gateway.sandbox, &gateway.dir, &setup());
    let config = gateway.dir.path().join("backup.toml");
    std::fs::write(&config, with_ports(&text).0).unwrap();
    let folder = gateway.dir.path().join("saved");
    let made = said(&config, &["backup", written(&folder)]).await;
    assert_eq!(made.code, 0, "{}", made.err);
    let full = said(&config, &["restore", written(&folder), "--tokens", "keep"]).await;
    assert!(full.code == 1 && full.err.contains("holds an installation already"), "{}", full.err);

    let empty = Database::empty(Kind::Postgres).await;
    let there = gateway.dir.path().join("there.toml");
    std::fs::write(&there, with_ports(&text.replace(&database.url, &empty.url)).0).unwrap();
    // A key file that is none is found before anything comes in.
    let (bad, key) = (gateway.dir.path().join("bad.toml"), gateway.dir.path().join("bad.key"));
    std::fs::write(&key, "nonsense").unwrap();
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let text = std::fs::read_to_string(&there).unwrap();
    std::fs::write(&bad, text.replace("/postern.key", "/bad.key")).unwrap();
    let keyless = said(&bad, &["restore", written(&folder), "--tokens", "keep"]).await;
    assert!(keyless.code == 1 && keyless.err.contains("line 1"), "{}", keyless.err);
    let restored = said(&there, &["restore", written(&folder), "--tokens", "keep"]).await;
    assert_eq!(restored.code, 0, "{}", restored.err);
    let shown = said(&there, &["account", "show", ANNA]).await;
    assert!(shown.code == 0 && shown.out.contains("active"), "{}{}", shown.out, shown.err);
    let adopted = said(&there, &["adopt", "--yes"]).await;
    assert!(adopted.code == 0 && adopted.err.contains("restored from a backup"), "{}", adopted.err);
    // Taken over there, it is a copy for whoever begins it under another address.
    let staging = gateway.dir.path().join("staging.toml");
    let text = std::fs::read_to_string(&there).unwrap();
    let text = text.replace("http://localhost:8025/postern", "http://localhost:8025/staging");
    std::fs::write(&staging, text + "[crm]\nurl = \"http://localhost:1\"\napi_key = \"k\"\n").unwrap();
    let run = said(&staging, &["sync", "run", "calendar"]).await;
    assert!(run.code == 1 && run.err.contains("nothing runs here before `postern adopt`"), "{}", run.err);
    let gone = said(&staging, &["account", "remove", ANNA, "--yes"]).await;
    assert!(gone.code == 1 && gone.err.contains("the original may live by the same consent"), "{}", gone.err);
    let asked = said(&staging, &["adopt"]).await;
    assert!(asked.err.contains("was served at http://localhost:8025/postern"), "{}", asked.err);
    let mut read = gateway.parts.store.read().await.unwrap();
    let kept = accounts::by_address(&mut read, &Address::parse(ANNA).unwrap()).await.unwrap().unwrap();
    assert_eq!((kept.id, kept.state), (anna, State::Active));
    drop(read);
    gateway.stop().await;
}
