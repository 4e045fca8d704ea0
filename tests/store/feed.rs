//! The change feed: no reader misses an entry.

use std::time::Duration;

use postern::store::changes;
use postern_core::model::change::Change;

use super::rows::{self, event};
use crate::support::databases::{Database, on_both};

on_both!(
    a_long_gap_is_read_in_pages,
    pruned_entries_read_as_everything,
    a_restored_database_reads_as_everything,
);

async fn a_long_gap_is_read_in_pages(database: &Database) {
    let store = database.open("main").await;
    let fill = "INSERT INTO changes (seq, kind, subject, at) \
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) \
                SELECT i, 'client', '', 0 FROM n";
    let mut raw = database.raw().await;
    raw.run(fill).await;
    raw.run("UPDATE change_seq SET seq = 1200").await;
    let mut read = store.read().await.unwrap();
    let (mut seen, mut pages) = (0, Vec::new());
    while seen < 1200 {
        let (position, told) = changes::after(&mut read, seen).await.unwrap();
        assert!(told.iter().all(|change| *change == Change::Client));
        pages.push(told.len());
        seen = position;
    }
    assert_eq!(pages, [500, 500, 200]);
}

async fn pruned_entries_read_as_everything(database: &Database) {
    let store = database.open("main").await;
    let (old, _) = (rows::account(&store, "anna@example.com").await, ());
    store.clock().advance(Duration::from_secs(60));
    let new = rows::account(&store, "bert@example.com").await;
    let mut batch = store.batch().await.unwrap();
    changes::prune(&mut batch, store.clock().now()).await.unwrap();
    batch.commit().await.unwrap();
    let mut read = store.read().await.unwrap();
    assert_eq!(changes::after(&mut read, 0).await.unwrap(), (2, vec![Change::Everything]));
    assert_eq!(changes::after(&mut read, 1).await.unwrap(), (2, vec![Change::Account(new)]));
    assert_eq!(changes::after(&mut read, 2).await.unwrap(), (2, Vec::new()));
    assert_ne!(old, new);

    let mut batch = store.batch().await.unwrap();
    changes::prune(&mut batch, store.clock().now() + 1).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(changes::after(&mut read, 1).await.unwrap(), (2, vec![Change::Everything]));
    assert_eq!(changes::after(&mut read, 2).await.unwrap(), (2, Vec::new()));

    let mut act = rows::act(&store).await;
    act.tell(Change::Client);
    act.commit(event("anna@example.com")).await.unwrap();
    assert_eq!(changes::after(&mut read, 2).await.unwrap(), (3, vec![Change::Client]));
}

async fn a_restored_database_reads_as_everything(database: &Database) {
    let store = database.open("main").await;
    rows::account(&store, "anna@example.com").await;
    let mut read = store.read().await.unwrap();
    assert_eq!(changes::after(&mut read, 40).await.unwrap(), (1, vec![Change::Everything]));
}
