//! An act is whole or nothing, and never without its audit row.

use postern::store::{StoreError, accounts, changes};
use postern_core::model::account::State;
use postern_core::model::change::Change;

use super::rows::{self, address, event};
use crate::support::databases::{Database, on_both};

on_both!(
    a_dropped_act_leaves_nothing,
    a_failed_act_leaves_nothing,
    a_committed_act_is_audited_and_told,
    a_dropped_batch_leaves_nothing,
    an_act_tells_a_change_once,
);

async fn counts(database: &Database) -> (i64, i64, i64, i64) {
    let mut raw = database.raw().await;
    let (accounts, audit) = (raw.count("accounts").await, raw.count("audit").await);
    (accounts, audit, raw.count("changes").await, raw.number("SELECT seq FROM change_seq").await)
}

async fn a_dropped_act_leaves_nothing(database: &Database) {
    let store = database.open("main").await;
    let mut act = rows::act(&store).await;
    accounts::insert(&mut act, &address("anna@example.com"), None, State::New).await.unwrap();
    act.also(event("anna@example.com"));
    drop(act);
    assert_eq!(counts(database).await, (0, 0, 0, 0));
    rows::account(&store, "anna@example.com").await;
    assert_eq!(counts(database).await, (1, 1, 1, 1));
}

async fn a_failed_act_leaves_nothing(database: &Database) {
    let store = database.open("main").await;
    rows::account(&store, "anna@example.com").await;
    let mut act = rows::act(&store).await;
    accounts::insert(&mut act, &address("bert@example.com"), None, State::New).await.unwrap();
    let twice = accounts::insert(&mut act, &address("anna@example.com"), None, State::New).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
    drop(act);
    assert_eq!(counts(database).await, (1, 1, 1, 1));
}

async fn a_committed_act_is_audited_and_told(database: &Database) {
    let store = database.open("main").await;
    let seen = changes::position(&mut store.read().await.unwrap()).await.unwrap();
    let mut act = rows::act(&store).await;
    let anna =
        accounts::insert(&mut act, &address("anna@example.com"), Some("crm-1"), State::New).await.unwrap();
    act.tell(Change::Client);
    act.also(event("bert@example.com"));
    act.commit(event("anna@example.com")).await.unwrap();

    let mut read = store.read().await.unwrap();
    assert_eq!(accounts::by_id(&mut read, anna.id).await.unwrap(), Some(anna.clone()));
    let told = changes::after(&mut read, seen).await.unwrap();
    assert_eq!(told, (seen + 2, vec![Change::Account(anna.id), Change::Client]));
    assert_eq!(changes::after(&mut read, seen + 2).await.unwrap(), (seen + 2, Vec::new()));

    let chain = super::chain::verified(&store, "main").await;
    assert_eq!(chain.len(), 2);
    for row in &chain {
        assert_eq!((row.actor.as_str(), row.request.as_str()), ("cli:root", "ref"));
        assert_eq!(row.event, "consent_link_issued");
        assert_eq!(row.at, store.clock().now());
    }
}

async fn a_dropped_batch_leaves_nothing(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::account(&store, "anna@example.com").await;
    let mut batch = store.batch().await.unwrap();
    accounts::note(&mut batch, anna, Some("too many")).await.unwrap();
    drop(batch);
    let read = async || accounts::by_id(&mut store.read().await.unwrap(), anna).await.unwrap().unwrap();
    assert_eq!(read().await.noted, None);
    let mut batch = store.batch().await.unwrap();
    accounts::note(&mut batch, anna, Some("too many")).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(read().await.noted.as_deref(), Some("too many"));
}

async fn an_act_tells_a_change_once(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::account(&store, "anna@example.com").await;
    let before = changes::position(&mut store.read().await.unwrap()).await.unwrap();
    let mut act = rows::act(&store).await;
    accounts::set_state(&mut act, anna, State::Active).await.unwrap();
    accounts::set_sub(&mut act, anna, "sub").await.unwrap();
    act.commit(event("anna@example.com")).await.unwrap();
    let mut read = store.read().await.unwrap();
    let told = changes::after(&mut read, before).await.unwrap();
    assert_eq!(told, (before + 1, vec![Change::Account(anna)]));
}
