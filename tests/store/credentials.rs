//! Clients, grants, access tokens, CRM tokens, consents.

use futures_util::future::join_all;
use postern::store::access_tokens::{self, AccessToken};
use postern::store::{Store, clients, consents, crm_tokens, grants, service_accounts};
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use postern_core::model::token::Protocols;

use super::rows::{self, HOUR, event};
use crate::support::databases::{Database, START, on_both};

on_both!(
    one_client_is_current,
    one_client_is_current_when_two_are_set_at_once,
    a_grant_replaces_and_rotates,
    the_later_of_two_consents_stays,
    an_access_token_replaces_its_forerunner,
    crm_tokens_are_found_by_hash_and_revoked_once,
    a_consent_is_taken_once,
    consent_links_are_used_up,
    service_accounts_serve_their_domains,
);

async fn set_client(store: &Store, id: &str, secret: &str) -> postern_core::model::id::ClientId {
    let mut act = rows::act(store).await;
    let client = clients::set(&mut act, id, &Secret::new(secret)).await.unwrap();
    act.commit(event("anna@example.com")).await.unwrap();
    client
}

async fn one_client_is_current(database: &Database) {
    let store = database.open("main").await;
    let old = set_client(&store, "old", "1").await;
    let new = set_client(&store, "new", "2").await;
    let mut read = store.read().await.unwrap();
    let current = clients::current(&store, &mut read).await.unwrap().unwrap();
    assert_eq!((current.id, current.client_id.as_str(), current.secret.reveal()), (new, "new", "2"));
    let mut batch = store.batch().await.unwrap();
    clients::fault(&mut batch, old, Some("invalid_client")).await.unwrap();
    batch.commit().await.unwrap();
    let retired = clients::by_id(&store, &mut read, old).await.unwrap().unwrap();
    assert_eq!(retired.fault.as_deref(), Some("invalid_client"));

    // A known id keeps its identity, gets its new secret and a clean slate.
    assert_eq!(set_client(&store, "old", "3").await, old);
    let current = clients::current(&store, &mut read).await.unwrap().unwrap();
    assert_eq!((current.id, current.secret.reveal(), current.fault), (old, "3", None));
}

async fn one_client_is_current_when_two_are_set_at_once(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    let mut raw = database.raw().await;
    for round in 0..10 {
        let ids: Vec<String> = (0..4).map(|n| format!("client {round}.{n}")).collect();
        let setting =
            ids.iter().enumerate().map(|(n, id)| set_client(if n % 2 == 0 { &one } else { &two }, id, ""));
        join_all(setting).await;
        assert_eq!(raw.number("SELECT count(*) FROM clients WHERE current = TRUE").await, 1);
    }
}

async fn a_grant_replaces_and_rotates(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::everything(&store, "anna@example.com", 1).await;
    let other = set_client(&store, "other", "2").await;
    let mut read = store.read().await.unwrap();
    assert_eq!(grants::foreign(&mut read, other).await.unwrap(), [anna]);
    let first = grants::of(&store, &mut read, anna).await.unwrap().unwrap();
    let mut act = rows::act(&store).await;
    let scopes = ScopeSet::consent(&[Product::Gmail]);
    let second = grants::replace(&mut act, anna, other, &scopes, &Secret::new("second")).await.unwrap();
    act.commit(event("anna@example.com")).await.unwrap();
    assert!(grants::foreign(&mut read, other).await.unwrap().is_empty());

    for (grant, token) in [(first.id, "too late"), (second, "rotated")] {
        let mut batch = store.batch().await.unwrap();
        grants::rotate(&mut batch, anna, grant, &Secret::new(token)).await.unwrap();
        batch.commit().await.unwrap();
    }
    let grant = grants::of(&store, &mut read, anna).await.unwrap().unwrap();
    assert_eq!((grant.id, grant.client, &grant.scopes), (second, other, &scopes));
    assert_eq!(grant.refresh_token.reveal(), "rotated");
}

async fn the_later_of_two_consents_stays(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    let anna = rows::everything(&one, "anna@example.com", 1).await;
    let client = set_client(&one, "client", "").await;
    let consent = async |store: &Store, token: &str| {
        let mut act = rows::act(store).await;
        let scopes = ScopeSet::mail();
        let id = grants::replace(&mut act, anna, client, &scopes, &Secret::new(token)).await.unwrap();
        act.commit(event("anna@example.com")).await.unwrap();
        (id, token.to_owned())
    };
    for _ in 0..10 {
        let (first, second) = tokio::join!(consent(&one, "first"), consent(&two, "second"));
        let grant = grants::of(&one, &mut one.read().await.unwrap(), anna).await.unwrap().unwrap();
        let stored = (grant.id, grant.refresh_token.reveal().to_owned());
        assert!(stored == first || stored == second);
    }
}

async fn an_access_token_replaces_its_forerunner(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::account(&store, "anna@example.com").await;
    let (mail, all) = (ScopeSet::mail(), ScopeSet::consent(&[Product::Gmail]));
    for (scopes, token) in [(&mail, "first"), (&all, "wide"), (&mail, "second")] {
        let mut batch = store.batch().await.unwrap();
        let token = AccessToken { token: Secret::new(token), expires_at: START + HOUR };
        access_tokens::put(&mut batch, anna, scopes, &token).await.unwrap();
        batch.commit().await.unwrap();
    }
    let mut read = store.read().await.unwrap();
    for (scopes, wanted) in [(&mail, "second"), (&all, "wide")] {
        let token = access_tokens::of(&store, &mut read, anna, scopes).await.unwrap().unwrap();
        assert_eq!((token.token.reveal(), token.expires_at), (wanted, START + HOUR));
    }
    let mut act = rows::act(&store).await;
    access_tokens::forget(&mut act, anna).await.unwrap();
    act.commit(event("anna@example.com")).await.unwrap();
    assert_eq!(access_tokens::of(&store, &mut read, anna, &mail).await.unwrap(), None);
}

async fn crm_tokens_are_found_by_hash_and_revoked_once(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::account(&store, "anna@example.com").await;
    let mut act = rows::act(&store).await;
    let (hash, end) = ([1; 32], Some(START + HOUR));
    let id = crm_tokens::insert(&mut act, anna, &hash, "espo", Protocols::Imap, end).await.unwrap();
    act.commit(event("anna@example.com")).await.unwrap();
    let mut read = store.read().await.unwrap();
    let token = crm_tokens::by_hash(&mut read, &hash).await.unwrap().unwrap();
    assert_eq!((token.id, token.account, token.name.as_str()), (id, anna, "espo"));
    assert_eq!((token.protocols, token.expires_at, token.revoked_at), (Protocols::Imap, end, None));
    assert_eq!(crm_tokens::by_hash(&mut read, &[2; 32]).await.unwrap(), None);
    assert_eq!(crm_tokens::of(&mut read, anna).await.unwrap(), [token]);

    let (one, two) = (database.open("one").await, database.open("two").await);
    let revoke = async |store: &Store| {
        let mut act = rows::act(store).await;
        let done = crm_tokens::revoke(&mut act, id).await.unwrap();
        act.commit(event("anna@example.com")).await.unwrap();
        done
    };
    let (first, second) = tokio::join!(revoke(&one), revoke(&two));
    assert!(first != second, "revoked once: {first} {second}");
    let revoked = crm_tokens::by_id(&mut read, id).await.unwrap().unwrap();
    assert_eq!(revoked.revoked_at, Some(START));
    store.clock().advance(std::time::Duration::from_secs(1));
    assert!(!revoke(&one).await);
    assert_eq!(crm_tokens::by_hash(&mut read, &hash).await.unwrap(), Some(revoked));
}

async fn a_consent_is_taken_once(database: &Database) {
    let (one, two) = (database.open("one").await, database.open("two").await);
    let anna = rows::account(&one, "anna@example.com").await;
    for round in 0..10 {
        let hash = [round; 32];
        let mut act = rows::act(&one).await;
        consents::start(&mut act, &hash, &rows::started(anna)).await.unwrap();
        act.commit(event("anna@example.com")).await.unwrap();
        let take = async |store: &Store| {
            let mut batch = store.batch().await.unwrap();
            let taken = consents::take(&mut batch, &hash).await.unwrap();
            batch.commit().await.unwrap();
            taken
        };
        let (first, second) = tokio::join!(take(&one), take(&two));
        let taken: Vec<_> = [first, second, take(&one).await].into_iter().flatten().collect();
        let [started] = taken.as_slice() else { panic!("taken {} times", taken.len()) };
        assert_eq!((started.account, started.verifier.reveal()), (anna, "verifier"));
        assert_eq!((started.nonce.as_str(), started.link), ("nonce", None));
    }
}

async fn consent_links_are_used_up(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::everything(&store, "anna@example.com", 1).await;
    let bert = rows::everything(&store, "bert@example.com", 2).await;
    let mut read = store.read().await.unwrap();
    let link = consents::link(&mut read, &[1; 32]).await.unwrap().unwrap();
    assert_eq!((link.account, link.expires_at, link.used_at), (anna, START + HOUR, None));
    assert_eq!(consents::link(&mut read, &[9; 32]).await.unwrap(), None);
    let mut act = rows::act(&store).await;
    consents::use_links(&mut act, anna).await.unwrap();
    act.commit(event("anna@example.com")).await.unwrap();
    assert_eq!(consents::link(&mut read, &[1; 32]).await.unwrap().unwrap().used_at, Some(START));
    let open = consents::link(&mut read, &[2; 32]).await.unwrap().unwrap();
    assert_eq!((open.account, open.used_at), (bert, None));

    for (before, left) in [(START + HOUR, 2), (START + HOUR + 1, 0)] {
        let mut batch = store.batch().await.unwrap();
        consents::prune(&mut batch, before).await.unwrap();
        batch.commit().await.unwrap();
        let mut raw = database.raw().await;
        assert_eq!((raw.count("consent_links").await, raw.count("consent_states").await), (left, left));
    }
}

async fn service_accounts_serve_their_domains(database: &Database) {
    let store = database.open("main").await;
    for (key, domains) in [("old key", vec!["old.example"]), ("key", vec!["a.example", "b.example"])] {
        let domains: Vec<String> = domains.into_iter().map(str::to_owned).collect();
        let mut act = rows::act(&store).await;
        service_accounts::set(&mut act, "robot@x.example", &Secret::new(key), &domains).await.unwrap();
        act.commit(event("anna@example.com")).await.unwrap();
    }
    let mut read = store.read().await.unwrap();
    let robot = service_accounts::serving(&store, &mut read, "b.example").await.unwrap().unwrap();
    assert_eq!(
        (robot.email.as_str(), robot.key.reveal(), robot.fault.as_deref()),
        ("robot@x.example", "key", None)
    );
    assert!(service_accounts::serving(&store, &mut read, "old.example").await.unwrap().is_none());
    let mut batch = store.batch().await.unwrap();
    service_accounts::fault(&mut batch, robot.id, Some("unauthorized_client")).await.unwrap();
    batch.commit().await.unwrap();
    let [robot] = &service_accounts::all(&store, &mut read).await.unwrap()[..] else {
        panic!("one is stored")
    };
    assert_eq!(robot.fault.as_deref(), Some("unauthorized_client"));
}
