//! Settings that an admin changes while the gateway runs: each holds within
//! seconds, here and on another node, and the file wins.

use std::collections::BTreeMap;
use std::time::Duration;

use postern::actions::By;
use postern::actions::consent::LinkFault;
use postern::actions::settings::{Wish, change};
use postern::store::settings;
use postern_core::model::actor::Actor;

use crate::smtp_client::eventually;
use crate::support::gateway::{Gateway, Setup};
use crate::support::line::Lines;

const ANNA: &str = "anna@example.com";
const FILE: &str = "[limits]\naccount_smtp_sessions = 4\n[notices]\nvia = \"smtp://localhost:25\"\n";

async fn set(gateway: &Gateway, name: &str, value: &str) {
    let store = &gateway.parts.store;
    let by = By::new(Actor::CommandLine("test".to_owned()), store.dice()).unwrap();
    let row = settings::one(&mut store.read().await.unwrap(), name).await.unwrap();
    let wish = Wish { name, version: row.map_or(0, |row| row.version), value: Some(value) };
    change(store, &by, &gateway.parts.tuning.base(), wish)
        .await
        .unwrap_or_else(|why| panic!("{name}: {why}"));
}

async fn gateway() -> (Gateway, String) {
    let gateway = Gateway::with(Setup { more: FILE.to_owned(), ..Setup::default() }).await;
    let anna = gateway.connect(ANNA, &[]).await;
    let token = gateway.token(anna).await;
    (gateway, token)
}

async fn greeted(gateway: &Gateway) -> Lines {
    let mut imap = Lines::connect(gateway.imap[0]).await;
    imap.until("* ").await;
    imap
}

#[tokio::test(flavor = "multi_thread")]
async fn each_setting_holds_for_the_next_session() {
    let (gateway, token) = gateway().await;
    let live = |name: &'static str, holds: Box<dyn Fn() -> bool>| async move {
        eventually(name, async || holds().then_some(())).await;
    };
    let limits = gateway.parts.tuning.limits();

    set(&gateway, "limits.account_sessions", "1").await;
    let now = limits.clone();
    live("one session", Box::new(move || now.now().account_sessions == 1)).await;
    let mut first = greeted(&gateway).await;
    assert!(first.log_in(ANNA, &token).await.starts_with("a OK"));
    let told = greeted(&gateway).await.log_in(ANNA, &token).await;
    assert!(told.starts_with("a NO [LIMIT]"), "{told}");
    set(&gateway, "limits.account_sessions", "2").await;
    eventually("a second session", async || {
        greeted(&gateway).await.log_in(ANNA, &token).await.starts_with("a OK").then_some(())
    })
    .await;

    set(&gateway, "limits.message_size", "70000").await;
    eventually("the size is told", async || {
        let mut smtp = Lines::connect(gateway.smtp[0]).await;
        smtp.until("220 ").await;
        let told = smtp.ask("EHLO me", "250 ").await;
        told.iter().any(|line| line.ends_with("SIZE 70000")).then_some(())
    })
    .await;

    set(&gateway, "limits.imap_idle", "1s").await;
    let now = limits.clone();
    live("one second of silence", Box::new(move || now.now().imap_idle == Duration::from_secs(1))).await;
    drop(first);
    let mut idle = greeted(&gateway).await;
    assert!(idle.log_in(ANNA, &token).await.starts_with("a OK"));
    assert!(idle.rest().await.contains("* BYE"));

    set(&gateway, "limits.login_throttle", "1").await;
    set(&gateway, "limits.login_throttle_window", "1m").await;
    set(&gateway, "limits.login_throttle_delay", "20ms").await;
    let now = limits.clone();
    live("the delay", Box::new(move || now.now().login_throttle_delay == Duration::from_millis(20))).await;
    let mut wrong = greeted(&gateway).await;
    let secret = format!("{}~", &token[..token.len() - 1]);
    wrong.ask(&format!("a LOGIN {ANNA} {secret}"), "a NO").await;
    assert!(wrong.rest().await.contains("* BYE"), "the first wrong one shuts out, and the connection ends");

    set(&gateway, "limits.connections_per_address", "1").await;
    let now = limits.clone();
    live("one connection", Box::new(move || now.now().connections_per_address == 1)).await;
    let _one = greeted(&gateway).await;
    eventually("the second is turned away", async || {
        let mut two = Lines::connect(gateway.imap[0]).await;
        two.line().await.starts_with("* BYE [LIMIT]").then_some(())
    })
    .await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_holds_after_a_start_and_the_file_wins() {
    let (gateway, _token) = gateway().await;
    set(&gateway, "audit.retention", "30d").await;
    set(&gateway, "notices.to", "it@example.com").await;
    set(&gateway, "limits.login_throttle", "7").await;
    let by = By::new(Actor::CommandLine("test".to_owned()), gateway.parts.store.dice()).unwrap();
    let wish = Wish { name: "limits.account_smtp_sessions", version: 0, value: Some("9") };
    let refused = change(&gateway.parts.store, &by, &gateway.parts.tuning.base(), wish).await.unwrap_err();
    assert!(refused.to_string().contains("configuration:"), "{refused}");
    let database = format!("sqlite://{}", gateway.dir.path().join("postern.db").display());
    let key = gateway.dir.path().join("postern.key").display().to_string();
    let (sandbox, dir) = gateway.stop().await;
    let env = [
        ("POSTERN__SECRETS__KEY_FILE", key.as_str()),
        ("POSTERN__LIMITS__LOGIN_THROTTLE", "9"),
        ("POSTERN__LIMITS__ACCOUNT_SESSIONS", "3"),
    ];
    let env: BTreeMap<_, _> =
        env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let setup = Setup {
        sandbox: Some(sandbox),
        database_url: Some(database),
        more: FILE.to_owned(),
        env,
        ..Setup::default()
    };
    let again = Gateway::with(setup).await;
    let tuning = &again.parts.tuning;
    assert_eq!(tuning.audit().now().retention, Duration::from_secs(30 * 86_400));
    assert_eq!(tuning.notices().now().to[0].as_str(), "it@example.com");
    let limits = tuning.limits().now();
    assert_eq!((limits.login_throttle, limits.account_sessions, limits.account_smtp_sessions), (9, 3, 4));
    again.stop().await;
    drop(dir);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_says_who_may_connect_and_whether_anybody_may() {
    let gateway = Gateway::with(Setup::default()).await;
    let anna = gateway.connect(ANNA, &[]).await;
    let consents = gateway.parts.consents();
    let started = async || consents.start_by_admin(&Actor::Gateway, anna, None).await;
    let restricted = async || started().await.is_ok_and(|it| it.url.as_str().contains("hd=example.com"));
    assert!(started().await.is_ok() && !restricted().await);
    set(&gateway, "google.connect", "false").await;
    eventually("no consent starts", async || matches!(started().await, Err(LinkFault::Closed)).then_some(()))
        .await;
    let token = gateway.token(anna).await;
    assert!(
        greeted(&gateway).await.log_in(ANNA, &token).await.starts_with("a OK"),
        "what is connected goes on"
    );
    set(&gateway, "google.connect", "true").await;
    set(&gateway, "google.allowed_domains", "Example.com, other.example").await;
    eventually("Google is asked for that domain", async || restricted().await.then_some(())).await;
    assert_eq!(consents.google.now().allowed_domains, ["example.com", "other.example"]);
    gateway.stop().await;
}
