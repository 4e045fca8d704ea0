//! Leases: one holder, by the database's clock.

use std::time::Duration;

use futures_util::future::join_all;
use postern::store::leases::{self, Lease};
use postern::store::{Store, StoreError, accounts};

use super::rows;
use crate::support::databases::{Database, Kind, on_both};

on_both!(
    one_holder_and_a_rising_fence,
    time_is_the_databases,
    a_late_holder_writes_nothing,
    processes_contend_and_one_wins,
    held_through_a_commit_nobody_takes_it,
    a_clock_set_back_blocks_no_lease,
    what_ended_long_ago_is_swept_and_its_holder_with_it,
);

const LONG: Duration = Duration::from_secs(600);

async fn take(store: &Store, ttl: Duration) -> Option<Lease> {
    leases::take(store, "refresh", ttl).await.unwrap()
}

async fn expire(database: &Database) {
    database.raw().await.run("UPDATE leases SET expires_at = 1").await;
}

async fn one_holder_and_a_rising_fence(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    let first = take(&one, LONG).await.unwrap();
    assert_eq!(first.fence(), 1);
    assert_eq!(take(&one, LONG).await, None, "not even its holder takes it twice");
    assert_eq!(take(&two, LONG).await, None);
    assert!(leases::take(&two, "another", LONG).await.unwrap().is_some());

    leases::give_back(&one, &first).await.unwrap();
    let second = take(&two, LONG).await.unwrap();
    assert_eq!(second.fence(), 2);
    // Giving back what one has lost takes nothing from the new holder.
    leases::give_back(&one, &first).await.unwrap();
    assert_eq!(take(&one, LONG).await, None);
    expire(database).await;
    assert_eq!(take(&one, LONG).await.unwrap().fence(), 3);
}

async fn time_is_the_databases(database: &Database) {
    let store = database.open("main").await;
    let now = if database.kind == Kind::Sqlite {
        "SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER) - expires_at FROM leases"
    } else {
        "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT) - expires_at FROM leases"
    };
    take(&store, LONG).await.unwrap();
    let past = database.raw().await.number(now).await;
    assert!((-600_000_000..-540_000_000).contains(&past), "expires {past} µs ago by the database's clock");
    // The process's own clock, wherever it stands, ends no lease.
    store.clock().advance(Duration::from_secs(86_400 * 36_500));
    assert_eq!(take(&store, LONG).await, None);

    expire(database).await;
    take(&store, Duration::from_millis(1_500)).await.unwrap();
    assert_eq!(take(&store, LONG).await, None);
    tokio::time::sleep(Duration::from_millis(1_600)).await;
    assert_eq!(take(&store, LONG).await.unwrap().fence(), 3);
}

async fn a_late_holder_writes_nothing(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    let anna = rows::account(&one, "anna@example.com").await;
    let late = take(&one, LONG).await.unwrap();
    let mut batch = one.batch().await.unwrap();
    leases::hold(&mut batch, &late).await.unwrap();
    drop(batch);

    expire(database).await;
    let new = take(&two, LONG).await.unwrap();
    let mut batch = one.batch().await.unwrap();
    accounts::note(&mut batch, anna, Some("late")).await.unwrap();
    let lost = leases::hold(&mut batch, &late).await;
    assert!(matches!(lost, Err(StoreError::LeaseLost)), "{lost:?}");
    drop(batch);

    let mut batch = two.batch().await.unwrap();
    leases::hold(&mut batch, &new).await.unwrap();
    leases::release(&mut batch, &new).await.unwrap();
    batch.commit().await.unwrap();
    assert!(take(&one, LONG).await.is_some());
    let account = accounts::by_id(&mut one.read().await.unwrap(), anna).await.unwrap().unwrap();
    assert_eq!(account.noted, None);
}

async fn processes_contend_and_one_wins(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    for round in 1..=10 {
        let takers = (0..8).map(|n| take(if n % 2 == 0 { &one } else { &two }, LONG));
        let won: Vec<Lease> = join_all(takers).await.into_iter().flatten().collect();
        assert!(matches!(won.as_slice(), [lease] if lease.fence() == round), "round {round}: {won:?}");
        expire(database).await;
    }
}

// The result must not be stored by one holder while another already works.
async fn held_through_a_commit_nobody_takes_it(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    let lease = take(&one, Duration::from_millis(1)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let mut batch = one.batch().await.unwrap();
    leases::hold(&mut batch, &lease).await.unwrap();
    let mut taker = std::pin::pin!(take(&two, LONG));
    let early = tokio::time::timeout(Duration::from_millis(500), &mut taker).await;
    assert!(early.is_err(), "taken over before the commit: {early:?}");
    batch.commit().await.unwrap();
    assert_eq!(taker.await.unwrap().fence(), 2);
}

async fn a_clock_set_back_blocks_no_lease(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    let old = take(&one, LONG).await.unwrap();
    let mut raw = database.raw().await;
    // As if the database's clock had been a minute ahead: that may be a slow transaction.
    raw.run("UPDATE leases SET expires_at = expires_at + 60000000").await;
    assert_eq!(take(&two, LONG).await, None);
    raw.run("UPDATE leases SET expires_at = expires_at + 86400000000").await;
    assert_eq!(take(&two, LONG).await.unwrap().fence(), 2);
    let mut batch = one.batch().await.unwrap();
    assert!(matches!(leases::hold(&mut batch, &old).await, Err(StoreError::LeaseLost)));
}

async fn what_ended_long_ago_is_swept_and_its_holder_with_it(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    let old = take(&one, LONG).await.unwrap();
    leases::take(&one, "held", LONG).await.unwrap().unwrap();
    let mut raw = database.raw().await;
    raw.run("UPDATE leases SET expires_at = expires_at - 4300000000 WHERE name = 'refresh'").await;
    let prune = async || {
        let mut batch = two.batch().await.unwrap();
        leases::prune(&mut batch).await.unwrap();
        batch.commit().await.unwrap();
    };
    prune().await;
    assert_eq!(raw.words("SELECT name FROM leases").await, ["held"]);
    // The fences begin anew, and the one that slept has lost all the same.
    assert_eq!(take(&two, LONG).await.unwrap().fence(), old.fence());
    let mut batch = one.batch().await.unwrap();
    assert!(matches!(leases::hold(&mut batch, &old).await, Err(StoreError::LeaseLost)));
}
