//! Login counts, first peers, references.

use futures_util::future::join_all;
use postern::store::{Store, help_refs, logins};
use postern_core::model::id::{AccountId, TokenId};

use super::rows::{self, HOUR};
use crate::support::databases::{Database, START, on_both};

on_both!(
    counts_add_up_and_close,
    an_hour_is_closed_by_one_process,
    no_login_is_lost_while_an_hour_closes,
    a_peer_is_new_once,
    a_removed_token_counts_nothing,
    references_live_until_their_end,
);

async fn count(store: &Store, token: TokenId, hour: i64, logins: i64) {
    let mut batch = store.batch().await.unwrap();
    logins::count(&mut batch, token, hour, logins).await.unwrap();
    batch.commit().await.unwrap();
}

async fn close(store: &Store, hour: i64) -> Vec<(TokenId, i64, i64)> {
    let mut batch = store.batch().await.unwrap();
    let mut closed = logins::close(&mut batch, hour).await.unwrap();
    batch.commit().await.unwrap();
    closed.sort_unstable();
    closed
}

async fn counts_add_up_and_close(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    let anna = rows::account(&one, "anna@example.com").await;
    let (token, other) = (rows::token(&one, anna, &[1; 32]).await, rows::token(&one, anna, &[2; 32]).await);
    join_all((0..10).map(|n| count(if n % 2 == 0 { &one } else { &two }, token, HOUR, n))).await;
    count(&one, other, HOUR, 1).await;
    count(&one, token, 2 * HOUR, 5).await;
    assert!(close(&one, HOUR).await.is_empty(), "an hour that runs stays open");
    let mut wanted = [(token, HOUR, 45), (other, HOUR, 1)];
    wanted.sort_unstable();
    assert_eq!(close(&one, 2 * HOUR).await, wanted);
    assert!(close(&one, 2 * HOUR).await.is_empty());
    assert_eq!(close(&one, 3 * HOUR).await, [(token, 2 * HOUR, 5)]);
}

async fn an_hour_is_closed_by_one_process(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    let anna = rows::account(&one, "anna@example.com").await;
    let token = rows::token(&one, anna, &[1; 32]).await;
    for round in 0..10 {
        count(&one, token, round, 3).await;
        let (first, second) = tokio::join!(close(&one, HOUR), close(&two, HOUR));
        assert_eq!([first, second].concat(), [(token, round, 3)]);
    }
}

async fn no_login_is_lost_while_an_hour_closes(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    let anna = rows::account(&one, "anna@example.com").await;
    let token = rows::token(&one, anna, &[1; 32]).await;
    let late = async {
        for _ in 0..50 {
            count(&one, token, 0, 1).await;
            rows::pause().await;
        }
    };
    let closing = async {
        let mut sum = 0;
        for _ in 0..25 {
            sum += close(&two, HOUR).await.iter().map(|(_, _, logins)| logins).sum::<i64>();
            rows::pause().await;
        }
        sum
    };
    let ((), sum) = tokio::join!(late, closing);
    let rest: i64 = close(&two, HOUR).await.iter().map(|(_, _, logins)| logins).sum();
    assert_eq!(sum + rest, 50);
}

async fn a_peer_is_new_once(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    let anna = rows::account(&one, "anna@example.com").await;
    let (token, other) = (rows::token(&one, anna, &[1; 32]).await, rows::token(&one, anna, &[2; 32]).await);
    let first = async |store: &Store, token, peer| {
        let mut batch = store.batch().await.unwrap();
        let new = logins::first_from(&mut batch, token, peer, START).await.unwrap();
        batch.commit().await.unwrap();
        new
    };
    let (here, there) = tokio::join!(first(&one, token, "192.0.2.1"), first(&two, token, "192.0.2.1"));
    assert!(here != there, "new to one of them: {here} {there}");
    assert!(!first(&one, token, "192.0.2.1").await);
    assert!(first(&one, token, "2001:db8::1").await);
    assert!(first(&one, other, "192.0.2.1").await);
}

async fn a_removed_token_counts_nothing(database: &Database) {
    let store = database.open("main").await;
    let gone = TokenId(uuid::Uuid::from_u128(7));
    let mut batch = store.batch().await.unwrap();
    logins::count(&mut batch, gone, 0, 1).await.unwrap();
    assert!(!logins::first_from(&mut batch, gone, "192.0.2.1", START).await.unwrap());
    help_refs::put(&mut batch, "ref", AccountId(gone.0), "disabled", START).await.unwrap();
    batch.commit().await.unwrap();
    assert!(close(&store, HOUR).await.is_empty());
}

async fn references_live_until_their_end(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::account(&store, "anna@example.com").await;
    let bert = rows::account(&store, "bert@example.com").await;
    let mut batch = store.batch().await.unwrap();
    help_refs::put(&mut batch, "abc", anna, "needs_consent", START + 10).await.unwrap();
    help_refs::put(&mut batch, "abc", bert, "disabled", START + 99).await.unwrap();
    batch.commit().await.unwrap();
    let mut read = store.read().await.unwrap();
    let held = Some((anna, "needs_consent".to_owned()));
    assert_eq!(help_refs::get(&mut read, "abc", START).await.unwrap(), held, "the first keeps the reference");
    assert_eq!(help_refs::get(&mut read, "abc", START + 10).await.unwrap(), None);
    assert_eq!(help_refs::get(&mut read, "abd", START).await.unwrap(), None);
    let mut batch = store.batch().await.unwrap();
    help_refs::prune(&mut batch, START + 11).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(database.raw().await.count("help_refs").await, 0);
}
