//! What is counted hour by hour: it outlives a restart and counts nothing twice.

use std::collections::BTreeMap;

use postern::store::{hourly, jobs};

use crate::smtp_client::eventually;
use crate::support::gateway::{Gateway, Setup};
use crate::support::line::Lines;

const ANNA: &str = "anna@example.com";

async fn figures(gateway: &Gateway) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for it in hourly::since(&mut gateway.parts.store.read().await.unwrap(), 0).await.unwrap() {
        *sums.entry(it.name).or_insert(0) += it.count;
    }
    sums
}

async fn logs_in(gateway: &Gateway, token: &str) -> String {
    let mut imap = Lines::connect(gateway.imap[0]).await;
    imap.until("* OK").await;
    let told = imap.log_in(ANNA, token).await;
    imap.send("b LOGOUT\r\n").await;
    imap.rest().await;
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_survive_a_restart_and_count_nothing_twice() {
    let gateway = Gateway::start().await;
    let anna = gateway.connect(ANNA, &[]).await;
    let token = gateway.token(anna).await;
    assert!(logs_in(&gateway, &token).await.starts_with("a OK"));
    assert!(logs_in(&gateway, &format!("{}~", &token[..token.len() - 1])).await.starts_with("a NO"));
    let database = format!("sqlite://{}", gateway.dir.path().join("postern.db").display());
    let key = gateway.dir.path().join("postern.key").display().to_string();
    let (mut sandbox, dir) = gateway.stop().await;
    for restart in 1..=2 {
        let again = Gateway::with(Setup {
            sandbox: Some(sandbox),
            database_url: Some(database.clone()),
            env: BTreeMap::from([("POSTERN__SECRETS__KEY_FILE".to_owned(), key.clone())]),
            ..Setup::default()
        })
        .await;
        let counted = figures(&again).await;
        assert_eq!((counted["logins"], counted["refusals"]), (restart, 1), "{counted:?}");
        assert_eq!(counted["refreshes"], 1, "the access token outlives a restart");
        assert!(counted["bytes"] > 20, "{counted:?}");
        assert!(logs_in(&again, &token).await.starts_with("a OK"));
        sandbox = again.stop().await.0;
    }
    drop(dir);
}

#[tokio::test(flavor = "multi_thread")]
async fn recurring_work_runs_in_a_gateway_and_is_listed() {
    let gateway = Gateway::start().await;
    let store = &gateway.parts.store;
    let done = eventually("both jobs have run", async || {
        let all = jobs::all(&mut store.read().await.unwrap()).await.unwrap();
        (all.len() == 2 && all.iter().all(|job| job.status == "ok")).then_some(all)
    })
    .await;
    let names: Vec<_> = done.iter().map(|job| job.name.as_str()).collect();
    assert_eq!(names, ["AuditRetention", "CleanUp"]);
    gateway.stop().await;
}
