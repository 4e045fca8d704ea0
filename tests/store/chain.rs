//! The audit chain: never forked, and green after a person was erased.

use std::collections::BTreeSet;

use postern::seal::chain::START;
use postern::store::audit::{self, Entry, Row};
use postern::store::{Store, StoreError};
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;

use super::rows::{self, address, event};
use crate::support::databases::{Database, on_both};

on_both!(
    two_processes_never_fork_a_chain,
    nodes_have_chains_of_their_own,
    people_in_any_order_lock_nobody_out,
    a_changed_row_breaks_the_chain,
    a_person_keeps_one_pseudonym,
    an_erased_person_leaves_the_chain_whole,
    the_newest_rows_come_first,
);

async fn walked(store: &Store, node: &str) -> Vec<Row> {
    let mut read = store.read().await.unwrap();
    let mut rows: Vec<Row> = Vec::new();
    loop {
        let seq = rows.last().map_or(0, |row| row.seq);
        let page = audit::chain(&mut read, node, seq).await.unwrap();
        if page.is_empty() {
            return rows;
        }
        rows.extend(page);
    }
}

/// The number of the first row that does not follow the one before it.
fn broken(store: &Store, rows: &[Row]) -> Option<i64> {
    let mut previous = START.to_vec();
    for (row, seq) in rows.iter().zip(1..) {
        if row.seq != seq || !store.ring().links(&previous, &row.covered(), &row.mac) {
            return Some(seq);
        }
        previous.clone_from(&row.mac);
    }
    None
}

/// All rows of a chain, which must be whole and end at its head.
pub async fn verified(store: &Store, node: &str) -> Vec<Row> {
    let rows = walked(store, node).await;
    assert_eq!(broken(store, &rows), None);
    let heads = audit::heads(&mut store.read().await.unwrap()).await.unwrap();
    let head = heads.into_iter().find(|head| head.node == node).unwrap();
    let last = rows.last().unwrap();
    assert_eq!((head.seq, head.mac), (last.seq, last.mac.clone()));
    rows
}

async fn append(store: &Store, acts: usize, event: &Event) -> Result<(), StoreError> {
    for _ in 0..acts {
        rows::act(store).await.commit(event.clone()).await?;
        rows::pause().await;
    }
    Ok(())
}

async fn two_processes_never_fork_a_chain(database: &Database) {
    let (one, two) = (database.open("main").await, database.open("main").await);
    let anna = event("anna@example.com");
    let (first, second) = tokio::join!(append(&one, 50, &anna), append(&two, 50, &anna));
    first.and(second).unwrap();
    assert_eq!(verified(&one, "main").await.len(), 100);
}

async fn nodes_have_chains_of_their_own(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    let anna = event("anna@example.com");
    let (first, second) = tokio::join!(append(&one, 10, &anna), append(&two, 7, &anna));
    first.and(second).unwrap();
    assert_eq!(verified(&one, "one").await.len(), 10);
    assert_eq!(verified(&one, "two").await.len(), 7);
}

async fn people_in_any_order_lock_nobody_out(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    let renamed = |from: &str, to: &str| Event::AccountRenamed {
        account: AccountId(uuid::Uuid::nil()),
        address: address(from),
        new_address: address(to),
    };
    let there = renamed("anna@example.com", "bert@example.com");
    let back = renamed("bert@example.com", "anna@example.com");
    let (first, second) = tokio::join!(append(&one, 40, &there), append(&two, 40, &back));
    first.unwrap();
    second.unwrap();

    // Nor does it in a batch of rows, whose people come as they come.
    let batch = async |store: &Store, events: [Event; 2]| {
        for _ in 0..40 {
            let mut batch = store.batch().await?;
            let entries = events.each_ref().map(|event| Entry { at: 1, actor: "owner", request: "", event });
            audit::append(&mut batch, store, &entries).await?;
            batch.commit().await?;
            rows::pause().await;
        }
        Ok::<(), StoreError>(())
    };
    let (anna, bert) = (event("anna@example.com"), event("bert@example.com"));
    let (first, second) = tokio::join!(batch(&one, [anna.clone(), bert.clone()]), batch(&two, [bert, anna]));
    first.unwrap();
    second.unwrap();
    assert_eq!(verified(&one, "one").await.len(), 120);
    assert_eq!(verified(&one, "two").await.len(), 120);
}

async fn a_changed_row_breaks_the_chain(database: &Database) {
    let store = database.open("main").await;
    append(&store, 5, &event("anna@example.com")).await.unwrap();
    let mut raw = database.raw().await;
    raw.run("UPDATE audit SET actor = 'gateway' WHERE seq = 3").await;
    assert_eq!(broken(&store, &walked(&store, "main").await), Some(3));
    raw.run("UPDATE audit SET actor = 'cli:root' WHERE seq = 3").await;
    assert_eq!(broken(&store, &walked(&store, "main").await), None);
    raw.run("DELETE FROM audit WHERE seq = 4").await;
    assert_eq!(broken(&store, &walked(&store, "main").await), Some(4));
}

async fn a_person_keeps_one_pseudonym(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    append(&one, 2, &event("anna@example.com")).await.unwrap();
    append(&two, 1, &event("anna@example.com")).await.unwrap();
    append(&one, 1, &event("bert@example.com")).await.unwrap();
    let people = audit::people(&mut one.read().await.unwrap()).await.unwrap();
    let names: BTreeSet<&str> = people.values().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(["anna@example.com", "bert@example.com"]));

    let rows = [verified(&one, "one").await, verified(&one, "two").await].concat();
    let told = |name: &str| {
        let (pseudonym, _) = people.iter().find(|(_, person)| *person == name).unwrap();
        rows.iter().filter(|row| row.detail.contains(pseudonym)).count()
    };
    assert_eq!((told("anna@example.com"), told("bert@example.com")), (3, 1));
    assert!(rows.iter().all(|row| !row.detail.contains("example.com")));
}

async fn an_erased_person_leaves_the_chain_whole(database: &Database) {
    let store = database.open("main").await;
    append(&store, 2, &event("anna@example.com")).await.unwrap();
    let before = audit::people(&mut store.read().await.unwrap()).await.unwrap();
    database.raw().await.run("DELETE FROM audit_people WHERE name = 'anna@example.com'").await;
    assert_eq!(verified(&store, "main").await.len(), 2);
    assert!(audit::people(&mut store.read().await.unwrap()).await.unwrap().is_empty());

    // Who comes back is somebody else.
    append(&store, 1, &event("anna@example.com")).await.unwrap();
    let after = audit::people(&mut store.read().await.unwrap()).await.unwrap();
    assert_eq!(after.len(), 1);
    assert_ne!(before, after);
    assert_eq!(verified(&store, "main").await.len(), 3);
}

async fn the_newest_rows_come_first(database: &Database) {
    let store = database.open("main").await;
    let start = store.clock().now();
    for _ in 0..3 {
        store.clock().advance(std::time::Duration::from_secs(1));
        append(&store, 1, &event("anna@example.com")).await.unwrap();
    }
    let mut read = store.read().await.unwrap();
    let seqs = async |read: &mut _, since, limit| -> Vec<i64> {
        audit::newest(read, since, limit).await.unwrap().iter().map(|row| row.seq).collect()
    };
    assert_eq!(seqs(&mut read, start, 10).await, [3, 2, 1]);
    assert_eq!(seqs(&mut read, start, 2).await, [3, 2]);
    assert_eq!(seqs(&mut read, start + 2_000_000, 10).await, [3, 2]);
}
