//! `postern key rotate` beside running nodes.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use postern::audit::verify::verify;
use postern::seal::aead::prefix;
use postern::store::{accounts, clients, grants, keys};
use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::task::JoinHandle;

use crate::support::databases::{Database, Kind, mode};
use crate::support::gateway::{CLIENT, CLIENT_SECRET, Gateway, Setup, configuration};
use crate::support::line::Lines;
use crate::support::process::{Process, Said, postern, said};

const ANNA: &str = "anna@example.com";

async fn log_in(process: &Process, token: &str) -> String {
    let mut imap = Lines::connect(process.imap[0]).await;
    imap.line().await;
    imap.ask(&format!("a LOGIN {ANNA} {token}"), "a ").await.pop().unwrap_or_default()
}

/// Logins at both nodes without a pause, until it is ended.
struct Traffic {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
    running: JoinHandle<Vec<String>>,
}

#[expect(clippy::disallowed_methods, reason = "clients beside the test")]
fn traffic(nodes: &Arc<[Process; 2]>, token: &str) -> Traffic {
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (nodes, token) = (nodes.clone(), token.to_owned());
    let (ended, count) = (stop.clone(), done.clone());
    let running = tokio::spawn(async move {
        let mut wrong = Vec::new();
        while !ended.load(Ordering::SeqCst) {
            for node in nodes.iter() {
                let answer = log_in(node, &token).await;
                count.fetch_add(1, Ordering::SeqCst);
                wrong.extend((!answer.starts_with("a OK")).then_some(answer));
            }
        }
        wrong
    });
    Traffic { stop, done, running }
}

impl Traffic {
    async fn end(self) -> usize {
        self.stop.store(true, Ordering::SeqCst);
        let wrong = self.running.await.unwrap();
        assert!(wrong.is_empty(), "{wrong:?}");
        self.done.load(Ordering::SeqCst)
    }
}

async fn rotate(config: &Path, more: &[&str]) -> Said {
    said(config, &[&["key", "rotate"], more].concat()).await
}

/// Kills a rotation as soon as it says that.
async fn killed_when_it_says(config: &Path, words: &str) {
    let mut command = postern(config);
    let mut child = command.args(["key", "rotate"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    loop {
        let line = lines.next_line().await.unwrap().expect("it says so before it ends");
        if line.contains(words) {
            break;
        }
    }
    child.kill().await.unwrap();
}

fn replace(from: &Path, to: &Path) {
    let aside = to.with_extension("aside");
    std::fs::copy(from, &aside).unwrap();
    std::fs::rename(&aside, to).unwrap();
}

/// A node with a key file of its own.
async fn node(gateway: &Gateway, name: &str, url: &str) -> (Process, PathBuf) {
    let key = gateway.dir.path().join(format!("{name}.key"));
    std::fs::copy(gateway.dir.path().join("postern.key"), &key).unwrap();
    let setup = Setup { database_url: Some(url.to_owned()), ..Setup::default() };
    let text = configuration(&gateway.sandbox, &gateway.dir, &setup)
        .replace(&*gateway.dir.path().join("postern.key").to_string_lossy(), &key.to_string_lossy());
    let text = text + &format!("[node]\nname = \"{name}\"\n");
    (Process::start(&text, &gateway.dir.path().join(format!("{name}.toml"))).await, key)
}

async fn many_grants(gateway: &Gateway, count: usize) {
    let mut act = gateway.act().await;
    let client = clients::current(&gateway.parts.store, &mut act).await.unwrap().unwrap();
    for n in 0..count {
        let address = Address::parse(&format!("user{n}@example.com")).unwrap();
        let account = accounts::insert(&mut act, &address, None, State::Active).await.unwrap().id;
        let refresh = Secret::new(format!("1//{n}"));
        grants::replace(&mut act, account, client.id, &ScopeSet::consent(&[Product::Gmail]), &refresh)
            .await
            .unwrap();
    }
    let event = Event::ClientSet { client_id: client.client_id, accounts_to_reconnect: 0 };
    act.commit(event).await.unwrap();
}

async fn sealed_with(database: &Database, id: &str) -> i64 {
    let hex: String = prefix(id).iter().map(|octet| format!("{octet:02x}")).collect();
    let mut raw = database.raw().await;
    let mut sum = 0;
    for (table, column) in postern::store::sealed::COLUMNS {
        let text = format!("SELECT count(*) FROM {table} WHERE encode({column}, 'hex') LIKE '{hex}%'");
        sum += raw.number(&text).await;
    }
    sum
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_rotate_while_logins_go_on_killed_in_the_middle() {
    let database = Database::migrated(Kind::Postgres).await;
    let gateway = Gateway::with(Setup { database_url: Some(database.url.clone()), ..Setup::default() }).await;
    gateway.sandbox.google().set_most_imap_sessions(10_000);
    let anna = gateway.connect(ANNA, &[]).await;
    let token = gateway.token(anna).await;
    many_grants(&gateway, 350).await;
    let (one, one_key) = node(&gateway, "one", &database.url).await;
    let (two, two_key) = node(&gateway, "two", &database.url).await;
    let config = one.config.clone();
    let nodes = Arc::new([one, two]);
    let traffic = traffic(&nodes, &token);

    // The other nodes do not have the key, and nothing uses it.
    let waiting = rotate(&config, &["--wait", "1s"]).await;
    assert_eq!(waiting.code, 1, "{}", waiting.err);
    assert!(waiting.err.contains("two have not read the new keys"), "{}", waiting.err);
    assert_eq!(std::fs::read_to_string(&one_key).unwrap().matches(":seal:").count(), 2);
    assert_eq!(mode(&one_key), 0o600);
    let active = keys::active(&gateway.parts.store, &mut gateway.parts.store.read().await.unwrap()).await;
    assert_eq!(active.unwrap().seal, "k1");
    killed_when_it_says(&config, "Waiting until").await;
    let on_two = rotate(&nodes[1].config, &["--wait", "1s"]).await;
    assert!(on_two.code == 1 && on_two.err.contains("is under way"), "{}", on_two.err);

    // The admin hands the file out; the nodes read it by themselves.
    replace(&one_key, &two_key);
    replace(&one_key, &gateway.dir.path().join("postern.key"));
    killed_when_it_says(&config, "in use everywhere").await;
    let done = rotate(&nodes[1].config, &["--json"]).await;
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.err.contains("Going on with the rotation"), "{}", done.err);
    let told: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!(told["unused"], serde_json::json!(["seal/k1"]), "{told}");
    assert_eq!(told["needed"][0]["key"], "audit/k1", "{told}");
    assert_eq!(told["values_that_do_not_open"], 0);
    assert_eq!(sealed_with(&database, "k1").await, 0);
    assert_eq!(std::fs::read_to_string(&one_key).unwrap(), std::fs::read_to_string(&two_key).unwrap());

    // What was sealed with the new key opens in processes that began with the old.
    gateway.sandbox.google().drop_access_tokens(ANNA);
    database.raw().await.run("UPDATE access_tokens SET expires_at = 1").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let logins = traffic.end().await;
    assert!(logins > 20, "{logins} logins");
    for node in nodes.iter() {
        assert!(log_in(node, &token).await.starts_with("a OK"), "{}", node.log());
    }
    assert_eq!(gateway.account(anna).await.state, State::Active);
    let report = verify(&gateway.parts.store, &[]).await.unwrap();
    assert!(report.broken.is_empty(), "{report:?}");
    drop(nodes);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_others_can_read_or_nobody_may_write_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let gateway = Gateway::start().await;
    let text = configuration(&gateway.sandbox, &gateway.dir, &Setup::default());
    let config = gateway.dir.path().join("rotate.toml");
    std::fs::write(&config, crate::support::process::with_ports(&text).0).unwrap();
    let key = gateway.dir.path().join("postern.key");
    let before = std::fs::read_to_string(&key).unwrap();

    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).unwrap();
    let refused = rotate(&config, &[]).await;
    assert!(refused.code == 1 && refused.err.contains("chmod 600"), "{}", refused.err);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();

    let guarded = postern(&config)
        .env("CREDENTIALS_DIRECTORY", gateway.dir.path())
        .args(["key", "rotate"])
        .output()
        .await
        .unwrap();
    let told = String::from_utf8(guarded.stderr).unwrap();
    assert!(!guarded.status.success() && told.contains("POSTERN__SECRETS__KEY_FILE"), "{told}");
    assert_eq!(std::fs::read_to_string(&key).unwrap(), before, "nothing was written");

    // Beside a running gateway on SQLite one command does it all.
    let done = rotate(&config, &[]).await;
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.out.contains("seal/k1 is needed no more"), "{}", done.out);
    assert!(done.out.contains("audit/k1 must stay"), "{}", done.out);
    assert_eq!(mode(&key), 0o600);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_key_is_given_up_and_the_mail_goes_on_after_one_sign_in() {
    let gateway = Gateway::start().await;
    let anna = gateway.connect(ANNA, &[]).await;
    let token = gateway.token(anna).await;
    let text = configuration(&gateway.sandbox, &gateway.dir, &Setup::default());
    let config = gateway.dir.path().join("lost.toml");
    std::fs::write(&config, crate::support::process::with_ports(&text).0).unwrap();
    let give_up = async || said(&config, &["key", "lost", "--yes", "--json"]).await;
    let served = give_up().await;
    assert!(served.code == 1 && served.err.contains("another `postern serve`"), "{}", served.err);
    let (sandbox, dir) = gateway.stop().await;
    let there = give_up().await;
    assert!(there.code == 1 && there.err.contains("nothing is lost"), "{}", there.err);

    let key = dir.path().join("postern.key");
    let old = std::fs::read_to_string(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let refused = said(&config, &["serve"]).await;
    assert!(refused.code != 0 && refused.err.contains("postern key lost"), "{}", refused.err);
    assert!(!key.exists(), "serve never makes a new key for a database in use");
    let unasked = said(&config, &["key", "lost"]).await;
    assert!(unasked.code == 64 && !key.exists(), "{}", unasked.err);
    let done = give_up().await;
    assert_eq!(done.code, 0, "{}", done.err);
    let told: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!((&told["accounts_to_connect"], &told["clients"]), (&1.into(), &1.into()), "{told}");
    assert_eq!(mode(&key), 0o600);
    assert_ne!(std::fs::read_to_string(&key).unwrap(), old);
    let again = give_up().await;
    assert!(again.code == 1 && again.err.contains("nothing is lost"), "{}", again.err);
    let verified = said(&config, &["audit", "verify"]).await;
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
    assert!((verified.out + &verified.err).contains("the key that chained them was lost"));

    let secret = dir.path().join("secret");
    std::fs::write(&secret, CLIENT_SECRET).unwrap();
    let set =
        said(&config, &["client", "set", "--client-id", CLIENT, "--client-secret-file", path(&secret)]).await;
    assert_eq!(set.code, 0, "{}", set.err);
    let process = Process::start(&text, &config).await;
    let barred = log_in(&process, &token).await;
    assert!(barred.starts_with("a NO [CONTACTADMIN]"), "{barred}");
    let scopes = ["openid", "email", "https://mail.google.com/"];
    let refresh = sandbox.google().issue_refresh_token(ANNA, CLIENT, &scopes).unwrap();
    std::fs::write(&secret, refresh).unwrap();
    let imported = said(&config, &["account", "import", ANNA, "--refresh-token-file", path(&secret)]).await;
    assert_eq!(imported.code, 0, "{}", imported.err);
    // The node hears of it within seconds.
    let mut entered = String::new();
    for _ in 0..50 {
        entered = log_in(&process, &token).await;
        if entered.starts_with("a OK") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(entered.starts_with("a OK"), "the CRM's token is the same: {entered}\n{}", process.log());
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
