//! Old rows go from the beginning, and only they.

use std::time::Duration;

use postern::audit::retention::prune;
use postern::store::Store;
use postern::store::audit::{self, Entry, chain};
use postern_core::model::event::Event;

use super::{append, head, one_break, verified};
use crate::support::databases::{Database, on_both};

on_both!(
    old_rows_go_and_the_rest_holds,
    a_forged_or_dropped_checkpoint_is_found,
    what_does_not_hold_stays,
    a_chain_may_lose_all_its_rows,
    two_processes_prune_at_once,
);

const DAY: Duration = Duration::from_secs(86_400);

async fn seqs(store: &Store, node: &str) -> Vec<i64> {
    let rows = chain(&mut store.read().await.unwrap(), node, 0).await.unwrap();
    rows.into_iter().map(|row| row.seq).collect()
}

/// Three rows, a day, three rows; all of the first three are old.
async fn six(database: &Database) -> (Store, i64) {
    let store = database.open("main").await;
    append(&store, 3).await;
    store.clock().advance(DAY);
    let before = store.clock().now();
    append(&store, 3).await;
    (store, before)
}

async fn old_rows_go_and_the_rest_holds(database: &Database) {
    let (store, before) = six(database).await;
    let known = head(&store, "main").await;
    assert_eq!(prune(&store, before).await.unwrap(), 3);
    assert_eq!(seqs(&store, "main").await, [4, 5, 6, 7]);
    let told = chain(&mut store.read().await.unwrap(), "main", 6).await.unwrap().remove(0);
    assert_eq!(told.event, "audit_pruned");
    assert!(told.detail.contains("\"rows\":3") && told.detail.contains("\"last\":3"), "{}", told.detail);
    let report = verified(&store, &[known]).await;
    assert!(report.broken.is_empty() && report.remarks.is_empty(), "{report:?}");

    assert_eq!(prune(&store, before).await.unwrap(), 0, "nothing more is old");
    assert_eq!(seqs(&store, "main").await, [4, 5, 6, 7]);
    // An old row behind a young one stays: only a beginning goes.
    store.clock().advance(DAY);
    let later = store.clock().now();
    append(&store, 1).await;
    let old = Event::AuditPruned { chain: "main".into(), rows: 0, last: 0 };
    let mut batch = store.batch().await.unwrap();
    let entry = Entry { at: before - 1, actor: "gateway", request: "", event: &old };
    audit::append(&mut batch, &store, &[entry]).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(prune(&store, later).await.unwrap(), 4);
    assert_eq!(seqs(&store, "main").await, [8, 9, 10]);
    assert!(verified(&store, &[]).await.broken.is_empty());
}

async fn a_forged_or_dropped_checkpoint_is_found(database: &Database) {
    let (store, before) = six(database).await;
    let mut raw = database.raw().await;
    let first = head(&store, "main").await;
    prune(&store, before).await.unwrap();
    let gone = postern::store::audit::Head { seq: 2, ..first };
    let report = verified(&store, &[gone]).await;
    assert!(report.broken.is_empty(), "{report:?}");
    assert!(report.remarks[0].contains("cannot be compared"), "{report:?}");

    // Somebody removes one row more and lets the checkpoint say so.
    raw.run("UPDATE audit_checkpoints SET seq = 4, mac = (SELECT mac FROM audit WHERE seq = 4)").await;
    raw.run("DELETE FROM audit WHERE seq = 4").await;
    one_break(&verified(&store, &[]).await, "its checkpoint at row 4 was forged");
    assert_eq!(prune(&store, before + 1).await.unwrap(), 0, "evidence is not removed");
    raw.run("DELETE FROM audit_checkpoints").await;
    one_break(&verified(&store, &[]).await, "row 1 is missing");
    assert_eq!(prune(&store, before + 1).await.unwrap(), 0);
}

async fn what_does_not_hold_stays(database: &Database) {
    let (store, before) = six(database).await;
    database.raw().await.run("UPDATE audit SET actor = 'nobody' WHERE seq = 2").await;
    assert_eq!(prune(&store, before).await.unwrap(), 1);
    assert_eq!(seqs(&store, "main").await, [2, 3, 4, 5, 6, 7]);
    one_break(&verified(&store, &[]).await, "row 2 was changed");
}

async fn a_chain_may_lose_all_its_rows(database: &Database) {
    let (store, before) = six(database).await;
    let other = database.open("other").await;
    assert_eq!(prune(&other, before + 1).await.unwrap(), 6);
    assert!(seqs(&store, "main").await.is_empty());
    assert_eq!(seqs(&store, "other").await, [1]);
    assert!(verified(&store, &[head(&store, "main").await]).await.broken.is_empty());
    append(&store, 1).await;
    assert_eq!(seqs(&store, "main").await, [7]);
    assert!(verified(&store, &[]).await.broken.is_empty());
}

async fn two_processes_prune_at_once(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    append(&one, 20).await;
    one.clock().advance(DAY);
    let before = one.clock().now();
    let (first, second) = tokio::join!(prune(&one, before), prune(&two, before));
    assert_eq!(first.unwrap() + second.unwrap(), 20);
    assert!(verified(&one, &[]).await.broken.is_empty());
}
