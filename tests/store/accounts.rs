//! Accounts and their aliases.

use postern::store::people::{self, Fate};
use postern::store::{StoreError, accounts, aliases};
use postern_core::model::account::State;

use super::rows::{self, address, event};
use crate::support::databases::{Database, START, on_both};

on_both!(
    an_account_is_found_by_what_it_has,
    changes_are_read_back,
    what_is_decided_from_a_held_account_holds,
    addresses_and_identities_are_unique,
    aliases_are_unique,
    all_are_listed_beyond_a_page,
    removal_takes_everything_along,
);

async fn an_account_is_found_by_what_it_has(database: &Database) {
    let store = database.open("main").await;
    let id = rows::everything(&store, "anna@example.com", 1).await;
    let mut act = rows::act(&store).await;
    accounts::set_sub(&mut act, id, "1234").await.unwrap();
    act.commit(event("anna@example.com")).await.unwrap();
    let mut read = store.read().await.unwrap();
    let (anna, alias) = (address("anna@example.com"), address("alias.anna@example.com"));
    let account = accounts::by_id(&mut read, id).await.unwrap();
    assert_eq!(account.as_ref().map(|a| &a.address), Some(&anna));
    assert_eq!(accounts::by_address(&mut read, &anna).await.unwrap(), account);
    assert_eq!(accounts::by_alias(&mut read, &alias).await.unwrap(), account);
    assert_eq!(accounts::by_sub(&mut read, "1234").await.unwrap(), account);
    assert_eq!(accounts::by_address(&mut read, &alias).await.unwrap(), None);
    assert_eq!(accounts::by_alias(&mut read, &anna).await.unwrap(), None);
    assert_eq!(accounts::by_sub(&mut read, "12345").await.unwrap(), None);
}

async fn changes_are_read_back(database: &Database) {
    let store = database.open("main").await;
    let id = rows::account(&store, "anna@example.com").await;
    store.clock().advance(std::time::Duration::from_secs(1));
    let mut act = rows::act(&store).await;
    accounts::set_state(&mut act, id, State::NeedsSignIn).await.unwrap();
    accounts::propose(&mut act, id, &address("new@example.com")).await.unwrap();
    act.commit(event("anna@example.com")).await.unwrap();
    let mut batch = store.batch().await.unwrap();
    accounts::note(&mut batch, id, Some("Too many connections")).await.unwrap();
    accounts::throttle(&mut batch, id, START + 60).await.unwrap();
    batch.commit().await.unwrap();
    let mut read = store.read().await.unwrap();
    let account = accounts::by_id(&mut read, id).await.unwrap().unwrap();
    assert_eq!(account.state, State::NeedsSignIn);
    assert_eq!(account.proposed_address, Some(address("new@example.com")));
    assert_eq!(
        (account.noted.as_deref(), account.throttled_until),
        (Some("Too many connections"), START + 60)
    );
    assert_eq!((account.created_at, account.changed_at), (START, START + 1_000_000));

    let mut act = rows::act(&store).await;
    accounts::rename(&mut act, id, &address("new@example.com")).await.unwrap();
    act.commit(event("new@example.com")).await.unwrap();
    let account = accounts::by_id(&mut read, id).await.unwrap().unwrap();
    assert_eq!((account.address, account.proposed_address), (address("new@example.com"), None));
}

async fn what_is_decided_from_a_held_account_holds(database: &Database) {
    let store = database.open("main").await;
    let id = rows::account(&store, "anna@example.com").await;
    let mut first = rows::act(&store).await;
    assert!(accounts::locked(&mut first, id).await.unwrap().is_some());
    let second = async {
        let mut act = rows::act(&store).await;
        accounts::locked(&mut act, id).await.unwrap().unwrap().state
    };
    let first = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        accounts::set_state(&mut first, id, State::Disabled).await.unwrap();
        first.commit(event("anna@example.com")).await.unwrap();
    };
    let (seen, ()) = tokio::join!(second, first);
    assert_eq!(seen, State::Disabled);
}

async fn addresses_and_identities_are_unique(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::account(&store, "anna@example.com").await;
    let bert = rows::account(&store, "bert@example.com").await;
    let mut act = rows::act(&store).await;
    let twice = accounts::insert(&mut act, &address("ANNA@example.com"), None, State::New).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
    drop(act);
    let mut act = rows::act(&store).await;
    let renamed = accounts::rename(&mut act, bert, &address("anna@example.com")).await;
    assert!(matches!(renamed, Err(StoreError::Conflict(_))), "{renamed:?}");
    drop(act);
    let mut act = rows::act(&store).await;
    accounts::set_sub(&mut act, anna, "1234").await.unwrap();
    let same = accounts::set_sub(&mut act, bert, "1234").await;
    assert!(matches!(same, Err(StoreError::Conflict(_))), "{same:?}");
}

async fn aliases_are_unique(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::account(&store, "anna@example.com").await;
    let bert = rows::account(&store, "bert@example.com").await;
    let (info, office) = (address("info@example.com"), address("office@example.com"));
    let mut act = rows::act(&store).await;
    aliases::insert(&mut act, anna, &office).await.unwrap();
    aliases::insert(&mut act, anna, &info).await.unwrap();
    act.commit(event("anna@example.com")).await.unwrap();
    let mut act = rows::act(&store).await;
    let taken = aliases::insert(&mut act, bert, &info).await;
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
    drop(act);

    // Another account's alias stays where it is.
    let mut act = rows::act(&store).await;
    aliases::remove(&mut act, bert, &info).await.unwrap();
    aliases::remove(&mut act, anna, &office).await.unwrap();
    act.commit(event("anna@example.com")).await.unwrap();
    let mut read = store.read().await.unwrap();
    assert_eq!(aliases::of(&mut read, anna).await.unwrap(), [info]);
    assert!(aliases::of(&mut read, bert).await.unwrap().is_empty());
}

async fn all_are_listed_beyond_a_page(database: &Database) {
    let store = database.open("main").await;
    let mut act = rows::act(&store).await;
    for n in 0..1_003 {
        accounts::insert(&mut act, &address(&format!("a{n}@example.com")), None, State::New).await.unwrap();
    }
    act.commit(event("anna@example.com")).await.unwrap();
    let all = accounts::all(&mut store.read().await.unwrap()).await.unwrap();
    let addresses: std::collections::BTreeSet<&str> = all.iter().map(|a| a.address.as_str()).collect();
    assert_eq!((all.len(), addresses.len()), (1_003, 1_003));
}

async fn removal_takes_everything_along(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::everything(&store, "anna@example.com", 1).await;
    let bert = rows::everything(&store, "bert@example.com", 2).await;
    // The name table stays until the person is erased.
    let erased: Vec<&str> = people::TABLES
        .iter()
        .filter(|(table, fate)| *fate == Fate::Erase && *table != "audit_people")
        .map(|(table, _)| *table)
        .collect();
    let mut raw = database.raw().await;
    let mut before = Vec::new();
    for table in &erased {
        before.push(raw.count(table).await);
    }
    for (account, left) in [(anna, 1), (bert, 0)] {
        let mut act = rows::act(&store).await;
        accounts::remove(&mut act, account).await.unwrap();
        act.commit(event("anna@example.com")).await.unwrap();
        for (table, before) in erased.iter().zip(&before) {
            assert!(*before > 0, "{table}: rows::everything fills every table that goes with an account");
            assert_eq!(raw.count(table).await, before / 2 * left, "{table}");
        }
    }
    assert_eq!(raw.count("clients").await, 1);
}
