//! Holders of a lease that sleep past its end, or die at any step, with a
//! Google that rotates refresh tokens.

use std::collections::{HashMap, HashSet, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::id::AccountId;
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use serde_json::json;
use tokio::sync::oneshot;
use url::Url;

use super::event;
use crate::clock::Clock;
use crate::google::broker::errand::Errand;
use crate::google::broker::metrics::Metrics;
use crate::google::broker::{Broker, refresh};
use crate::google::trial::endpoints;
use crate::metrics::Registry;
use crate::net::exchange::{Answer, Exchange, Request, Response};
use crate::store::access_tokens::{self, AccessToken};
use crate::store::{Store, accounts, clients, grants, leases, trial};
use crate::tasks::{Phase, Tasks};

/// Rotates: the old refresh token lives until the new one is first used or,
/// where it is strict, dies at once.
#[derive(Default)]
struct Rotating {
    strict: bool,
    state: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    alive: HashSet<String>,
    before: HashMap<String, String>,
    asked: usize,
    // The answers to the next requests wait for these.
    held: VecDeque<oneshot::Receiver<()>>,
}

impl Rotating {
    fn rotate(&self, used: &str) -> serde_json::Value {
        let mut state = self.state.lock().unwrap();
        state.asked += 1;
        if !state.alive.contains(used) {
            return json!({ "error": "invalid_grant", "error_description": "Bad Request" });
        }
        if let Some(before) = state.before.remove(used) {
            state.alive.remove(&before);
        }
        let new = format!("r{}", state.asked);
        state.alive.insert(new.clone());
        if self.strict {
            state.alive.remove(used);
        } else {
            state.before.insert(new.clone(), used.to_owned());
        }
        json!({ "access_token": format!("ya29.{new}"), "expires_in": 3599, "token_type": "Bearer",
            "scope": "https://mail.google.com/", "refresh_token": new })
    }

    /// Holds back the answer to the next request that has none held back yet.
    fn hold(&self) -> oneshot::Sender<()> {
        let (release, held) = oneshot::channel();
        self.state.lock().unwrap().held.push_back(held);
        release
    }

    fn asked(&self) -> usize {
        self.state.lock().unwrap().asked
    }

    async fn until_asked(&self, times: usize) {
        while self.asked() < times {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Exchange for Rotating {
    fn send(&self, request: Request) -> Answer<'_> {
        let form = url::form_urlencoded::parse(&request.body);
        let used = form.into_iter().find(|(name, _)| name == "refresh_token").unwrap().1.into_owned();
        let body = self.rotate(&used);
        let held = self.state.lock().unwrap().held.pop_front();
        Box::pin(async move {
            if let Some(held) = held {
                held.await.unwrap();
            }
            tokio::task::yield_now().await;
            let status = if body.get("error").is_some() { 400 } else { 200 };
            Ok(Response { status, headers: Vec::new(), body: body.to_string().into_bytes().into() })
        })
    }
}

/// Two nodes on one database, and one account.
struct Stage {
    google: Arc<Rotating>,
    stores: [Store; 2],
    account: AccountId,
    _folder: tempfile::TempDir,
}

impl Stage {
    async fn new(strict: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = trial::store(folder.path(), Clock::system()).await;
        let other = trial::again(folder.path(), Clock::system()).await;
        let google = Arc::new(Rotating { strict, ..Rotating::default() });
        google.state.lock().unwrap().alive.insert("r0".to_owned());
        let mut act = store.act(&Actor::Gateway, "").await.unwrap();
        let anna = Address::parse("anna@acme.cz").unwrap();
        let account = accounts::insert(&mut act, &anna, None, State::Active).await.unwrap().id;
        let client = clients::set(&mut act, "1-a", &Secret::new("s")).await.unwrap();
        grants::replace(&mut act, account, client, &ScopeSet::consent(&[Product::Gmail]), &Secret::new("r0"))
            .await
            .unwrap();
        act.commit(event(account)).await.unwrap();
        Self { google, stores: [store, other], account, _folder: folder }
    }

    /// A process: its memory is empty.
    fn broker(&self, node: usize) -> Broker {
        let uri = Url::parse("https://crm.example.com/oauth/google/callback").unwrap();
        let metrics = Metrics::register(&Registry::default());
        let store = self.stores[node].clone();
        Broker::new(store, self.google.clone(), endpoints(), uri, Tasks::default(), metrics)
    }

    fn fetch(&self, node: usize) -> impl Future<Output = String> + Send + use<> {
        let (broker, account) = (self.broker(node), self.account);
        async move {
            let token = broker.token(account, &ScopeSet::mail()).await;
            token.map_or_else(|no| no.to_string(), |token| token.token.reveal().to_owned())
        }
    }

    async fn refresh_token(&self) -> String {
        let mut read = self.stores[0].read().await.unwrap();
        let grant = grants::of(&self.stores[0], &mut read, self.account).await.unwrap().unwrap();
        grant.refresh_token.reveal().to_owned()
    }

    async fn state(&self) -> State {
        let mut read = self.stores[0].read().await.unwrap();
        accounts::by_id(&mut read, self.account).await.unwrap().unwrap().state
    }

    fn lives(&self, token: &str) -> bool {
        self.google.state.lock().unwrap().alive.contains(token)
    }

    async fn expire(&self) {
        let token = AccessToken { token: Secret::new("ya29.old"), expires_at: 1 };
        let mut batch = self.stores[0].batch().await.unwrap();
        access_tokens::put(&mut batch, self.account, &ScopeSet::mail(), &token).await.unwrap();
        batch.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_holder_that_wakes_after_another_has_refreshed_writes_nothing() {
    let stage = Stage::new(false).await;
    let release = stage.google.hold();
    let asleep = Tasks::default().spawn(Phase::Work, stage.fetch(0));
    stage.google.until_asked(1).await;
    trial::end_leases(&stage.stores[1]).await;
    assert_eq!(stage.fetch(1).await, "ya29.r2");
    assert_eq!(stage.refresh_token().await, "r2");
    release.send(()).unwrap();
    assert_eq!(asleep.await.unwrap(), "ya29.r2", "it takes what the other has stored");
    assert_eq!(stage.refresh_token().await, "r2");
    assert!(stage.lives("r2"));
    assert_eq!(stage.google.asked(), 2);
}

#[tokio::test]
async fn the_only_refresh_token_that_lives_is_kept_by_whoever_has_it() {
    // The other one was refused first: the account had fallen.
    let stage = Stage::new(true).await;
    let release = stage.google.hold();
    let asleep = Tasks::default().spawn(Phase::Work, stage.fetch(0));
    stage.google.until_asked(1).await;
    trial::end_leases(&stage.stores[1]).await;
    assert_eq!(stage.fetch(1).await, "the mailbox is not connected to Google");
    assert_eq!(stage.state().await, State::NeedsConsent);
    release.send(()).unwrap();
    assert_eq!(asleep.await.unwrap(), "ya29.r3");
    assert_eq!((stage.state().await, stage.refresh_token().await.as_str()), (State::Active, "r3"));
    assert!(stage.lives("r3"));
}

#[tokio::test]
async fn a_refusal_of_a_token_that_was_replaced_meanwhile_means_nothing() {
    let stage = Stage::new(true).await;
    let (first, second) = (stage.google.hold(), stage.google.hold());
    let asleep = Tasks::default().spawn(Phase::Work, stage.fetch(0));
    stage.google.until_asked(1).await;
    trial::end_leases(&stage.stores[1]).await;
    let taker = Tasks::default().spawn(Phase::Work, stage.fetch(1));
    stage.google.until_asked(2).await;
    first.send(()).unwrap();
    while stage.refresh_token().await != "r1" {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    second.send(()).unwrap();
    assert_eq!(taker.await.unwrap(), "ya29.r3");
    assert_eq!(asleep.await.unwrap(), "ya29.r3");
    assert_eq!((stage.state().await, stage.refresh_token().await.as_str()), (State::Active, "r3"));
}

/// Polls a future so often, and then drops it.
struct Steps<F> {
    future: Pin<Box<F>>,
    left: usize,
}

impl<F: Future> Future for Steps<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        self.future.as_mut().poll(context).map(Some)
    }
}

/// Kills a refresh after more and more steps, until one is whole. Adds what
/// had happened by then: whether the lease was held, Google asked, the answer
/// stored.
async fn dies_at_every_step(stage: &Stage, seen: &mut HashSet<(bool, bool, bool)>) {
    let key = (stage.account, ScopeSet::mail());
    for steps in 0.. {
        let asked = stage.google.asked();
        let before = stage.refresh_token().await;
        let broker = stage.broker(0);
        let errand = Errand::Session(Vec::new());
        let fly = refresh::fly(&broker.0, &key, &errand, refresh::PATIENCE);
        let done = Steps { future: Box::pin(fly), left: steps }.await;
        let whole = done.map(|outcome| outcome.map(|given| given.token.token.reveal().to_owned()));
        drop(broker);
        let asked = stage.google.asked() > asked;
        let stored = stage.refresh_token().await != before;
        let name = format!("refresh/{}/{}", key.0, key.1);
        let held = leases::take(&stage.stores[1], &name, Duration::from_secs(15)).await.unwrap().is_none();
        seen.insert((held, asked, stored));
        // Its lease ends, and another process comes.
        trial::end_leases(&stage.stores[1]).await;
        let found = stage.fetch(1).await;
        assert!(found.starts_with("ya29.r"), "killed at step {steps}: {found}");
        assert_eq!(stage.state().await, State::Active, "killed at step {steps}");
        let stored = stage.refresh_token().await;
        assert!(stage.lives(&stored), "killed at step {steps}: {stored} is dead");
        stage.expire().await;
        if let Some(whole) = whole {
            assert!(whole.is_ok(), "{whole:?}");
            return;
        }
    }
}

#[tokio::test]
async fn i_1_a_refresh_that_dies_at_any_step_loses_no_grant() {
    let stage = Stage::new(false).await;
    // Before the lease; with it; after Google's answer and before the store; after the store.
    let moments = [(false, false, false), (true, false, false), (true, true, false), (false, true, true)];
    let mut seen = HashSet::new();
    // How far one step goes is the scheduler's choice.
    for _ in 0..60 {
        dies_at_every_step(&stage, &mut seen).await;
        if moments.iter().all(|moment| seen.contains(moment)) {
            return;
        }
    }
    panic!("of (lease held, asked, stored) only {seen:?} were seen");
}
