//! Google as a script for tests: access tokens in order, and an API's answers.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;
use serde_json::{Map, Value, json};
use url::Url;

use crate::clock::Clock;
use crate::google::broker::Broker;
use crate::google::trial::{broker, pem};
use crate::net::exchange::{Answer, Exchange, ExchangeError, Request, Response};
use crate::store::{accounts, clients, grants, service_accounts, trial};

pub type Answered = Result<Response, ExchangeError>;

/// What Google says, and what it was asked.
pub struct Script {
    tokens: AtomicUsize,
    answers: Mutex<VecDeque<Answered>>,
    asked: Mutex<Vec<Request>>,
}

impl Exchange for Script {
    fn send(&self, request: Request) -> Answer<'_> {
        let answer = if request.url.path() == "/token" {
            let number = self.tokens.fetch_add(1, Ordering::SeqCst) + 1;
            let token = format!("ya29.{number}");
            answer(200, &json!({ "access_token": token, "expires_in": 3599, "token_type": "Bearer" }))
        } else {
            self.asked.lock().unwrap().push(request);
            self.answers.lock().unwrap().pop_front().expect("a request that the test did not expect")
        };
        Box::pin(async move { answer })
    }
}

impl Script {
    pub fn new(answers: impl IntoIterator<Item = Answered>) -> Arc<Self> {
        Arc::new(Self {
            tokens: AtomicUsize::new(0),
            answers: Mutex::new(answers.into_iter().collect()),
            asked: Mutex::default(),
        })
    }

    pub fn tokens(&self) -> usize {
        self.tokens.load(Ordering::SeqCst)
    }

    pub fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    /// Path and query of the one request that was made.
    pub fn line(&self) -> String {
        let asked = self.asked();
        assert_eq!(asked.len(), 1);
        let url = &asked[0].url;
        format!("{}?{}", url.path(), url.query().unwrap_or_default())
    }
}

/// How the account came to what it may.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    Grant(&'static str),
    Delegation,
}

/// An account with that leave, and a broker for it.
pub async fn account(folder: &Path, leave: Leave, google: Arc<Script>) -> (AccountId, Broker) {
    let store = trial::store(folder, Clock::system()).await;
    let mut act = store.act(&Actor::Gateway, "").await.unwrap();
    let anna = Address::parse("anna@acme.cz").unwrap();
    let account = accounts::insert(&mut act, &anna, None, State::Active).await.unwrap().id;
    if let Leave::Grant(scopes) = leave {
        let client = clients::set(&mut act, "1-a", &Secret::new("s")).await.unwrap();
        let scopes = ScopeSet::parse(scopes);
        grants::replace(&mut act, account, client, &scopes, &Secret::new("1//r")).await.unwrap();
    } else {
        let email = "crm@project.iam.gserviceaccount.com";
        let key = json!({"type": "service_account", "client_email": email, "client_id": "1",
            "private_key_id": "k1", "private_key": pem(0)});
        let key = Secret::new(key.to_string());
        service_accounts::set(&mut act, email, &key, &["acme.cz".to_owned()]).await.unwrap();
    }
    act.commit(Event::AccountApproved { account, address: anna }).await.unwrap();
    let uri = Url::parse("https://crm.example.com/oauth/google/callback").unwrap();
    (account, broker(store, google, uri))
}

pub fn header(request: &Request, name: &str) -> Option<String> {
    request.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
}

pub fn answer(status: u16, body: &Value) -> Answered {
    raw(status, &body.to_string())
}

pub fn raw(status: u16, body: &str) -> Answered {
    Ok(Response { status, headers: Vec::new(), body: body.as_bytes().to_vec().into() })
}

pub fn map(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else { panic!("no object") };
    map
}
