//! The change feed: no reader misses an entry.

use std::time::Duration;

use futures_util::future::join_all;
use postern::store::{Store, changes};
use postern_core::model::change::Change;

use super::rows::{self, event};
use crate::support::databases::{Database, Kind, on_both};

on_both!(
    a_polling_reader_sees_all_once_and_in_order,
    a_long_gap_is_read_in_pages,
    pruned_entries_read_as_everything,
    a_restored_database_reads_as_everything,
);

const WRITERS: usize = 8;
const EACH: usize = 20;

async fn write(store: &Store, writer: usize) {
    for n in 0..EACH {
        rows::account(store, &format!("a{writer}.{n}@example.com")).await;
    }
}

async fn poll(store: &Store) -> Vec<Change> {
    let mut read = store.read().await.unwrap();
    let (mut seen, mut all) = (0, Vec::new());
    while all.len() < WRITERS * EACH {
        let (position, told) = changes::after(&mut read, seen).await.unwrap();
        assert!(!told.contains(&Change::Everything), "nothing was pruned, yet {seen} to {position} is lost");
        assert_eq!(position - seen, i64::try_from(told.len()).unwrap());
        seen = position;
        all.extend(told);
        // One that asks without a pause keeps the writers waiting.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    all
}

async fn a_polling_reader_sees_all_once_and_in_order(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    // On SQLite only the writers of one process queue for the write lock.
    let second = if database.kind == Kind::Sqlite { &one } else { &two };
    let writers = (0..WRITERS).map(|n| write(if n % 2 == 0 { &one } else { second }, n));
    let reader = tokio::time::timeout(Duration::from_secs(60), poll(&two));
    let (seen, _) = tokio::join!(reader, join_all(writers));
    let seen: Vec<String> = seen.unwrap().into_iter().map(|change| change.columns().1).collect();
    let stored = database.raw().await.words("SELECT subject FROM changes ORDER BY seq").await;
    assert_eq!(seen, stored);
}

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
