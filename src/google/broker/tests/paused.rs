//! What is not asked again at once, and who asks all the same.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::change::Change;
use postern_core::model::id::AccountId;
use postern_core::model::refusal::Cause;
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use serde_json::json;
use url::Url;

use super::{event, set_state};
use crate::clock::{Clock, micros};
use crate::google::broker::metrics::Metrics;
use crate::google::broker::{Broker, ENOUGH, NoToken};
use crate::google::trial::endpoints;
use crate::metrics::Registry;
use crate::net::exchange::{Answer, Exchange, Request, Response};
use crate::store::access_tokens::{self, AccessToken};
use crate::store::{Store, accounts, clients, grants, trial};
use crate::tasks::Tasks;

/// Answers all with the same status and body.
struct Google {
    answer: Mutex<(u16, String)>,
    asked: AtomicUsize,
    // Told to the broker while it waits for the answer.
    meanwhile: Mutex<Option<(Broker, Change)>>,
}

impl Exchange for Google {
    fn send(&self, _request: Request) -> Answer<'_> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if let Some((broker, change)) = self.meanwhile.lock().unwrap().take() {
            broker.changed(change);
        }
        let (status, body) = self.answer.lock().unwrap().clone();
        Box::pin(async move { Ok(Response { status, headers: Vec::new(), body: body.into_bytes().into() }) })
    }
}

struct Stage {
    broker: Broker,
    google: Arc<Google>,
    store: Store,
    accounts: Vec<AccountId>,
    _folder: tempfile::TempDir,
}

fn fine() -> (u16, String) {
    let body = json!({ "access_token": "ya29.fresh", "expires_in": 3599, "token_type": "Bearer",
        "scope": "https://mail.google.com/" });
    (200, body.to_string())
}

async fn expire(store: &Store, account: AccountId) {
    let mut act = store.act(&Actor::Gateway, "").await.unwrap();
    access_tokens::forget(&mut act, account).await.unwrap();
    act.commit(event(account)).await.unwrap();
}

impl Stage {
    async fn new(count: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = trial::store(folder.path(), Clock::manual(1_700_000_000_000_000)).await;
        let mut act = store.act(&Actor::Gateway, "").await.unwrap();
        let client = clients::set(&mut act, "1-a", &Secret::new("s")).await.unwrap();
        let mut all = Vec::new();
        for number in 0..count {
            let address = Address::parse(&format!("a{number}@acme.cz")).unwrap();
            let id = accounts::insert(&mut act, &address, None, State::Active).await.unwrap().id;
            grants::replace(
                &mut act,
                id,
                client,
                &ScopeSet::consent(&[Product::Gmail]),
                &Secret::new("1//r"),
            )
            .await
            .unwrap();
            all.push(id);
        }
        act.commit(event(all[0])).await.unwrap();
        let google = Arc::new(Google {
            answer: Mutex::new(fine()),
            asked: AtomicUsize::new(0),
            meanwhile: Mutex::default(),
        });
        let uri = Url::parse("https://crm.example.com/oauth/google/callback").unwrap();
        let metrics = Metrics::register(&Registry::default());
        let broker = Broker::new(store.clone(), google.clone(), endpoints(), uri, Tasks::default(), metrics);
        Self { broker, google, store, accounts: all, _folder: folder }
    }

    fn answers(&self, status: u16, body: &str) {
        *self.google.answer.lock().unwrap() = (status, body.to_owned());
    }

    async fn token(&self, number: usize) -> Result<String, NoToken> {
        let token = self.broker.token(self.accounts[number], &ScopeSet::mail()).await;
        token.map(|token| token.token.reveal().to_owned())
    }

    async fn state(&self, number: usize) -> State {
        let mut read = self.store.read().await.unwrap();
        accounts::by_id(&mut read, self.accounts[number]).await.unwrap().unwrap().state
    }

    fn asked(&self) -> usize {
        self.google.asked.load(Ordering::SeqCst)
    }

    fn pass(&self, seconds: u64) {
        self.store.clock().advance(Duration::from_secs(seconds));
    }
}

#[tokio::test]
async fn an_hour_without_google_costs_a_bounded_number_of_requests() {
    let stage = Stage::new(40).await;
    stage.answers(503, "upstream connect error");
    // One account has a token that still lives a little.
    let expires_at = stage.store.clock().now() + micros(ENOUGH - Duration::from_secs(10));
    let token = AccessToken { token: Secret::new("ya29.old"), expires_at };
    let mut batch = stage.store.batch().await.unwrap();
    access_tokens::put(&mut batch, stage.accounts[0], &ScopeSet::mail(), &token).await.unwrap();
    batch.commit().await.unwrap();

    for minute in 0..60 {
        for number in 0..40 {
            let answer = stage.token(number).await;
            if number == 0 && minute <= 3 {
                assert_eq!(answer.as_deref(), Ok("ya29.old"), "minute {minute}");
            } else {
                assert_eq!(answer.map_err(|no| no.cause()), Err(Cause::Unavailable), "minute {minute}");
            }
        }
        stage.pass(60);
    }
    let asked = stage.asked();
    assert!((30..=130).contains(&asked), "{asked} requests for 2,400 logins");
    assert_eq!(stage.state(1).await, State::Active);

    // It is back: within a minute everybody is served.
    *stage.google.answer.lock().unwrap() = fine();
    stage.pass(60);
    for number in 0..40 {
        assert_eq!(stage.token(number).await.as_deref(), Ok("ya29.fresh"), "account {number}");
    }
}

#[tokio::test]
async fn a_pause_writes_nothing_and_ends_with_a_change() {
    let stage = Stage::new(2).await;
    stage.answers(503, "");
    assert!(stage.token(0).await.is_err());
    assert_eq!(stage.asked(), 1);
    // A lease would wait for this writer.
    let writer = stage.store.batch().await.unwrap();
    assert!(matches!(stage.token(0).await, Err(NoToken::Temporary(_))));
    assert_eq!(stage.asked(), 1, "not again at once");
    drop(writer);
    assert!(stage.token(1).await.is_err());
    assert_eq!(stage.asked(), 2, "another account is not held up");

    *stage.google.answer.lock().unwrap() = fine();
    stage.broker.changed(Change::Account(stage.accounts[1]));
    assert!(stage.token(0).await.is_err(), "its own account did not change");
    stage.broker.changed(Change::Account(stage.accounts[0]));
    assert_eq!(stage.token(0).await.as_deref(), Ok("ya29.fresh"));
}

#[tokio::test]
async fn a_refused_client_is_asked_for_once_and_again_when_it_is_set() {
    let stage = Stage::new(50).await;
    stage.answers(401, r#"{"error":"invalid_client","error_description":"Unauthorized"}"#);
    for _ in 0..3 {
        for number in 0..50 {
            assert_eq!(stage.token(number).await, Err(NoToken::ClientRefused("invalid_client")));
        }
    }
    assert_eq!(stage.asked(), 1);
    assert_eq!(stage.state(7).await, State::Active, "a state of the client, never of its accounts");
    stage.pass(3_600);
    for number in 0..50 {
        assert!(stage.token(number).await.is_err());
    }
    assert_eq!(stage.asked(), 2, "one asks for all");
    *stage.google.answer.lock().unwrap() = fine();
    stage.broker.changed(Change::Client);
    assert_eq!(stage.token(7).await.as_deref(), Ok("ya29.fresh"));
}

#[tokio::test]
async fn a_probe_asks_even_so_and_brings_the_account_back() {
    let stage = Stage::new(1).await;
    let anna = stage.accounts[0];
    for state in [State::NeedsConsent, State::NeedsSignIn] {
        stage.answers(400, r#"{"error":"invalid_grant"}"#);
        set_state(&stage.store, anna, state).await;
        expire(&stage.store, anna).await;
        stage.broker.changed(Change::Account(anna));
        let before = stage.asked();
        assert!(matches!(stage.token(0).await, Err(NoToken::Barred(_))));
        assert_eq!(stage.asked(), before, "a login never asks");
        assert_eq!(stage.broker.probe(anna, &ScopeSet::mail()).await, Err(NoToken::NeedsConsent));
        assert_eq!(stage.state(0).await, State::NeedsConsent);
        *stage.google.answer.lock().unwrap() = fine();
        let token = stage.broker.probe(anna, &ScopeSet::mail()).await.unwrap();
        assert_eq!(token.token.reveal(), "ya29.fresh");
        assert_eq!(stage.state(0).await, State::Active);
        assert_eq!(stage.token(0).await.as_deref(), Ok("ya29.fresh"));
    }
    for (state, cause) in
        [(State::Disabled, Cause::Disabled), (State::AwaitingApproval, Cause::AwaitingApproval)]
    {
        set_state(&stage.store, anna, state).await;
        let before = stage.asked();
        assert_eq!(stage.broker.probe(anna, &ScopeSet::mail()).await, Err(NoToken::Barred(cause)));
        assert_eq!((stage.asked(), stage.state(0).await), (before, state), "an admin has to act");
    }
}

#[tokio::test]
async fn a_probe_waits_for_no_pause_and_ends_it() {
    let stage = Stage::new(1).await;
    stage.answers(503, "");
    assert!(stage.token(0).await.is_err());
    *stage.google.answer.lock().unwrap() = fine();
    assert!(stage.token(0).await.is_err());
    assert!(stage.broker.probe(stage.accounts[0], &ScopeSet::mail()).await.is_ok());
    assert_eq!(stage.token(0).await.as_deref(), Ok("ya29.fresh"));
}

#[tokio::test]
async fn what_was_fetched_before_a_change_is_not_remembered_after_it() {
    let stage = Stage::new(1).await;
    let change = Change::Account(stage.accounts[0]);
    *stage.google.meanwhile.lock().unwrap() = Some((stage.broker.clone(), change));
    assert_eq!(stage.token(0).await.as_deref(), Ok("ya29.fresh"));
    // Memory would answer without the row.
    set_state(&stage.store, stage.accounts[0], State::Disabled).await;
    expire(&stage.store, stage.accounts[0]).await;
    assert_eq!(stage.token(0).await, Err(NoToken::Barred(Cause::Disabled)));
}

#[tokio::test]
async fn a_token_from_before_the_clock_was_set_back_is_not_believed() {
    let stage = Stage::new(1).await;
    let expires_at = stage.store.clock().now() + micros(Duration::from_secs(86_400 + 1_800));
    let token = AccessToken { token: Secret::new("ya29.old"), expires_at };
    let mut batch = stage.store.batch().await.unwrap();
    access_tokens::put(&mut batch, stage.accounts[0], &ScopeSet::mail(), &token).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(stage.token(0).await.as_deref(), Ok("ya29.fresh"));
}
