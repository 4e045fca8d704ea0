//! Google as a script: access tokens in order, and the Calendar API's answers.

mod channels;
mod lists;
mod refusals;
mod requests;
mod writes;

use std::collections::VecDeque;
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

use super::client::Calendar;
use super::metrics::Metrics;
use super::quota::{Quota, Rates};
use crate::clock::Clock;
use crate::dice::Dice;
use crate::google::trial::{broker, pem};
use crate::metrics::Registry;
use crate::net::exchange::{Answer, Exchange, ExchangeError, Request, Response};
use crate::store::{accounts, clients, grants, service_accounts, trial};

type Answered = Result<Response, ExchangeError>;

struct Google {
    tokens: AtomicUsize,
    answers: Mutex<VecDeque<Answered>>,
    asked: Mutex<Vec<Request>>,
}

impl Exchange for Google {
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

/// How the account came to its calendar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leave {
    Grant(&'static str),
    Delegation,
}

const BOTH: Leave = Leave::Grant(
    "https://www.googleapis.com/auth/calendar.events \
     https://www.googleapis.com/auth/calendar.calendarlist.readonly",
);

struct Stage {
    calendar: Calendar,
    metrics: Metrics,
    google: Arc<Google>,
    account: AccountId,
    _folder: tempfile::TempDir,
}

impl Stage {
    /// An account with a grant for its calendar.
    async fn says(answers: impl IntoIterator<Item = Answered>) -> Self {
        Self::by(BOTH, answers).await
    }

    async fn by(leave: Leave, answers: impl IntoIterator<Item = Answered>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = trial::store(folder.path(), Clock::system()).await;
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
        let google = Arc::new(Google {
            tokens: AtomicUsize::new(0),
            answers: Mutex::new(answers.into_iter().collect()),
            asked: Mutex::default(),
        });
        let uri = Url::parse("https://crm.example.com/oauth/google/callback").unwrap();
        let broker = broker(store, google.clone(), uri);
        let metrics = Metrics::register(&Registry::default());
        let quota = Quota::new(Clock::system(), Dice::default(), Rates::default());
        let base = Url::parse("https://google.test/calendar/v3/").unwrap();
        let calendar = Calendar::new(google.clone(), base, broker, quota, metrics.clone());
        Self { calendar, metrics, google, account, _folder: folder }
    }

    fn asked(&self) -> Vec<Request> {
        self.google.asked.lock().unwrap().clone()
    }

    /// Path and query of the one request that was made.
    fn line(&self) -> String {
        let asked = self.asked();
        assert_eq!(asked.len(), 1);
        let url = &asked[0].url;
        format!("{}?{}", url.path(), url.query().unwrap_or_default())
    }
}

fn header(request: &Request, name: &str) -> Option<String> {
    request.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
}

fn answer(status: u16, body: &Value) -> Answered {
    raw(status, &body.to_string())
}

fn raw(status: u16, body: &str) -> Answered {
    Ok(Response { status, headers: Vec::new(), body: body.as_bytes().to_vec().into() })
}

/// An error as the Calendar API words it.
fn error(status: u16, reason: &str, message: &str, location: Option<&str>) -> Answered {
    let mut entry = json!({ "domain": "calendar", "reason": reason, "message": message });
    if let Some(location) = location {
        entry["location"] = json!(location);
        entry["locationType"] = json!("parameter");
    }
    answer(status, &json!({ "error": { "errors": [entry], "code": status, "message": message } }))
}

fn map(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else { panic!("no object") };
    map
}
