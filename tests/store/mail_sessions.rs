//! Session rows: what several nodes count for one account.

use std::time::Duration;

use futures_util::future::join_all;
use postern::store::mail_sessions::{self, Claimed, MailSession};
use postern::store::nodes::{self, Card, Over};
use postern::store::{Store, accounts};
use postern_core::model::id::{AccountId, SessionId, TokenId};
use postern_core::model::token::Protocol;

use super::rows;
use crate::support::databases::{Database, START, on_both};

on_both!(
    sessions_elsewhere_count_while_their_node_lives,
    a_claim_for_many_stores_what_fits,
    gmails_word_to_another_node_bars_a_claim,
    rows_of_nodes_that_are_gone_are_removed,
);

async fn node(store: &Store, incarnation: &str) {
    let card = Card {
        name: format!("node-{incarnation}"),
        incarnation: incarnation.to_owned(),
        host: "host.example.com".to_owned(),
        version: "1.2.3".to_owned(),
        schema_known: 3,
        keys: Vec::new(),
    };
    let mut batch = store.batch().await.unwrap();
    nodes::claim(&mut batch, &card, Over::Silent).await.unwrap();
    batch.commit().await.unwrap();
}

fn session(store: &Store, account: AccountId, node: &str) -> MailSession {
    MailSession {
        id: SessionId(store.dice().id(store.clock()).unwrap()),
        account,
        token: TokenId(uuid::Uuid::nil()),
        protocol: Protocol::Imap,
        peer: "192.0.2.1".to_owned(),
        node: node.to_owned(),
        began_at: START,
    }
}

async fn claim(store: &Store, rows: &[MailSession], most: usize) -> Claimed {
    let mut batch = store.batch().await.unwrap();
    let claimed = mail_sessions::claim(&mut batch, rows, most).await.unwrap();
    batch.commit().await.unwrap();
    claimed
}

async fn claim_one(store: &Store, account: AccountId, node: &str, most: usize) -> bool {
    claim(store, &[session(store, account, node)], most).await == Claimed::Some(1)
}

async fn sessions_elsewhere_count_while_their_node_lives(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::account(&store, "anna@example.com").await;
    let bert = rows::account(&store, "bert@example.com").await;
    node(&store, "one").await;
    node(&store, "two").await;
    for _ in 0..2 {
        assert!(claim_one(&store, anna, "one", 2).await);
    }
    assert!(!claim_one(&store, anna, "two", 2).await, "both are open at the other");
    assert!(claim_one(&store, bert, "two", 2).await, "another account");
    let smtp = MailSession { protocol: Protocol::Smtp, ..session(&store, anna, "two") };
    assert_eq!(claim(&store, &[smtp], 1).await, Claimed::Some(1), "another protocol");
    assert!(claim_one(&store, anna, "one", 1).await, "what is its own a node counts itself");

    database.raw().await.run("UPDATE nodes SET beat_at = beat_at - 59000000 WHERE incarnation = 'one'").await;
    assert!(!claim_one(&store, anna, "two", 2).await, "it may live");
    database.raw().await.run("UPDATE nodes SET beat_at = beat_at - 2000000 WHERE incarnation = 'one'").await;
    assert!(claim_one(&store, anna, "two", 2).await);
    let open = mail_sessions::open(&mut store.read().await.unwrap()).await.unwrap();
    assert!(open.iter().all(|row| row.node == "two") && open.len() == 3, "{open:?}");
    assert_eq!(open[0].peer, "192.0.2.1");
}

async fn a_claim_for_many_stores_what_fits(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::account(&store, "anna@example.com").await;
    for name in ["one", "two", "three", "four"] {
        node(&store, name).await;
    }
    // Each node asks for eight at the same time, and has none of its own.
    let asks = ["one", "two", "three", "four"].map(|name| {
        let (store, rows) = (store.clone(), Vec::from_iter((0..8).map(|_| session(&store, anna, name))));
        async move { claim(&store, &rows, 10).await }
    });
    let granted = join_all(asks).await.into_iter().map(|claimed| match claimed {
        Claimed::Some(count) => count,
        Claimed::Throttled(_) => 0,
    });
    assert_eq!(granted.sum::<usize>(), 10);
    assert_eq!(database.raw().await.count("mail_sessions").await, 10);
    assert_eq!(claim(&store, &[], 10).await, Claimed::Some(0));
}

async fn gmails_word_to_another_node_bars_a_claim(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::account(&store, "anna@example.com").await;
    node(&store, "one").await;
    let until = START + 60_000_000;
    let mut batch = store.batch().await.unwrap();
    accounts::throttle(&mut batch, anna, until).await.unwrap();
    batch.commit().await.unwrap();
    let rows = [session(&store, anna, "one")];
    assert_eq!(claim(&store, &rows, 10).await, Claimed::Throttled(until));
    database.clock.advance(Duration::from_secs(60));
    assert_eq!(claim(&store, &rows, 10).await, Claimed::Some(1));
}

async fn rows_of_nodes_that_are_gone_are_removed(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::account(&store, "anna@example.com").await;
    for name in ["one", "two", "three"] {
        node(&store, name).await;
        assert!(claim_one(&store, anna, name, 10).await);
    }
    // The first is silent for long, the second ends, the third lives, the fourth never began.
    let mut raw = database.raw().await;
    raw.run("UPDATE nodes SET beat_at = beat_at - 601000000 WHERE incarnation = 'one'").await;
    let mut batch = store.batch().await.unwrap();
    mail_sessions::put(&mut batch, &session(&store, anna, "four")).await.unwrap();
    mail_sessions::leave(&mut batch, "two").await.unwrap();
    mail_sessions::prune(&mut batch).await.unwrap();
    // An account that is gone meanwhile is no fault.
    let nobody = AccountId(uuid::Uuid::nil());
    mail_sessions::put(&mut batch, &session(&store, nobody, "three")).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(raw.words("SELECT node FROM mail_sessions").await, ["three"]);
}
