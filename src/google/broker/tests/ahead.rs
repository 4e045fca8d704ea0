//! Refreshing ahead, on a clock that is moved by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::id::{AccountId, ClientId};
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use serde_json::json;
use url::Url;

use super::event;
use crate::clock::{Clock, Micros, micros};
use crate::google::broker::Broker;
use crate::google::broker::ahead::{Ahead, LEAD};
use crate::google::broker::metrics::Metrics;
use crate::google::trial::endpoints;
use crate::metrics::Registry;
use crate::net::exchange::{Answer, Exchange, Request, Response};
use crate::store::access_tokens::{self, AccessToken};
use crate::store::{Store, accounts, clients, grants, logins, trial};
use crate::tasks::Tasks;

const LIFE: Duration = Duration::from_secs(3_599);
const HOUR: Duration = Duration::from_secs(3_600);
const START: Micros = 1_700_000_000_000_000;

/// Accounts that were last used 20 hours before the day begins.
const LEFT: usize = 40;

/// Accounts that are in use all day. Each costs some 35 commits, so that all of
/// them (POSTERN_TEST_POLLED=9960) take minutes.
fn polled() -> usize {
    std::env::var("POSTERN_TEST_POLLED").map_or(60, |count| count.parse().unwrap())
}

/// Gives tokens and counts them, and how many are asked for at once.
#[derive(Default)]
struct Google {
    asked: AtomicUsize,
    at_once: AtomicUsize,
    most: AtomicUsize,
    order: std::sync::Mutex<Vec<String>>,
    slow: bool,
}

impl Exchange for Google {
    fn send(&self, request: Request) -> Answer<'_> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst);
        let at_once = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(at_once, Ordering::SeqCst);
        let text = String::from_utf8_lossy(&request.body).into_owned();
        let used = text.split("refresh_token=").nth(1).unwrap_or_default().to_owned();
        self.order.lock().unwrap().push(used.split('&').next().unwrap_or_default().to_owned());
        Box::pin(async move {
            if self.slow {
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
            self.at_once.fetch_sub(1, Ordering::SeqCst);
            let body = json!({ "access_token": format!("ya29.{number}"), "expires_in": LIFE.as_secs(),
                "token_type": "Bearer", "scope": "https://mail.google.com/" });
            Ok(Response { status: 200, headers: Vec::new(), body: body.to_string().into_bytes().into() })
        })
    }
}

struct Stage {
    store: Store,
    google: Arc<Google>,
    client: ClientId,
    folder: tempfile::TempDir,
}

impl Stage {
    async fn new(google: Google) -> Self {
        // A day of refreshes is thousands of commits; in memory, where the system has such a folder.
        let memory = std::path::Path::new("/dev/shm");
        let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let folder = tempfile::tempdir_in(place).unwrap();
        let store = trial::store(folder.path(), Clock::manual(START)).await;
        let mut act = store.act(&Actor::Gateway, "").await.unwrap();
        let client = clients::set(&mut act, "1-a", &Secret::new("s")).await.unwrap();
        act.commit(event(AccountId(uuid::Uuid::nil()))).await.unwrap();
        Self { store, google: Arc::new(google), client, folder }
    }

    /// Active accounts, each with a grant and with a token of that much life.
    async fn accounts(
        &self,
        range: std::ops::Range<usize>,
        life: impl Fn(usize) -> Micros,
    ) -> Vec<AccountId> {
        let mut act = self.store.act(&Actor::Gateway, "").await.unwrap();
        let mut all = Vec::new();
        for number in range {
            let address = Address::parse(&format!("a{number}@acme.cz")).unwrap();
            let id = accounts::insert(&mut act, &address, None, State::Active).await.unwrap().id;
            if number < polled() + LEFT {
                let refresh = Secret::new(format!("r{number}"));
                grants::replace(&mut act, id, self.client, &ScopeSet::consent(&[Product::Gmail]), &refresh)
                    .await
                    .unwrap();
            }
            let token = AccessToken { token: Secret::new("ya29.old"), expires_at: START + life(number) };
            access_tokens::put(&mut act, id, &ScopeSet::mail(), &token).await.unwrap();
            all.push(id);
        }
        act.commit(event(all[0])).await.unwrap();
        all
    }

    async fn used(&self, accounts: &[AccountId], at: Micros) {
        let mut batch = self.store.batch().await.unwrap();
        for account in accounts {
            logins::used(&mut batch, *account, at).await.unwrap();
        }
        batch.commit().await.unwrap();
    }

    /// One node; its clock is everybody's.
    fn node(&self, store: &Store) -> Ahead {
        let uri = Url::parse("https://crm.example.com/oauth/google/callback").unwrap();
        let metrics = Metrics::register(&Registry::default());
        let google = self.google.clone();
        Ahead::new(Broker::new(store.clone(), google, endpoints(), uri, Tasks::default(), metrics))
    }

    fn asked(&self) -> usize {
        self.google.asked.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn ten_thousand_accounts_for_a_day_cost_what_was_predicted() {
    let polled = polled();
    let stage = Stage::new(Google::default()).await;
    let minute = Duration::from_secs(60);
    // Those in use have tokens that end one after the other; the others' have all kinds of ends.
    let ends = |number: usize| micros(minute) * i64::try_from(number % 60).unwrap();
    let all = stage.accounts(0..10_000, ends).await;
    let (used, left) = (&all[..polled], &all[polled..polled + LEFT]);
    // These were logged in to 20 hours ago for the last time.
    stage.used(left, START - 20 * micros(HOUR)).await;
    let mut node = stage.node(&stage.store);
    for passed in 0..24 * 60 {
        if passed % 60 == 0 {
            stage.used(used, stage.store.clock().now()).await;
        }
        node.tick().await.unwrap();
        stage.store.clock().advance(minute);
    }
    // The lead varies by two minutes, and a tick comes half a minute late on average.
    let period = (LIFE - LEAD + minute + minute / 2).as_secs_f64();
    let day = 24.0 * 3_600.0 / period;
    // A day after the last login, and the hour to which it is known.
    let rest = 5.0 * 3_600.0 / period;
    let predicted = polled as f64 * day + LEFT as f64 * rest;
    let asked = stage.asked() as f64;
    assert!((asked / predicted - 1.0).abs() < 0.1, "{asked} refreshes, {predicted} were predicted");
    // Those in use were never without; nobody else was touched.
    let mut read = stage.store.read().await.unwrap();
    let now = stage.store.clock().now();
    for (number, account) in all.iter().enumerate() {
        let token = access_tokens::of(&stage.store, &mut read, *account, &ScopeSet::mail()).await.unwrap();
        let end = token.unwrap().expires_at;
        if number < polled {
            assert!(end - now > micros(LEAD) - 4 * micros(minute), "account {number}");
        } else if number < polled + LEFT {
            assert!(end < now, "account {number}");
        } else {
            assert_eq!(end, START + ends(number), "account {number}");
        }
    }
}

#[tokio::test]
async fn the_soonest_end_goes_first_and_ten_at_once() {
    let stage = Stage::new(Google { slow: true, ..Google::default() }).await;
    let ends = |number: usize| 1_000_000 * i64::try_from(60 - number).unwrap();
    let all = stage.accounts(0..60, ends).await;
    stage.used(&all, START).await;
    assert_eq!(stage.node(&stage.store).tick().await.unwrap(), 60);
    assert_eq!(stage.google.most.load(Ordering::SeqCst), 10);
    let order = stage.google.order.lock().unwrap().clone();
    let of = |token: &str| order.iter().position(|it| it == token).unwrap();
    assert!(of("r59") < 10 && of("r50") < 20 && of("r0") > 40, "{order:?}");
}

#[tokio::test]
async fn i_2_over_two_nodes_each_token_is_refreshed_once() {
    let stage = Stage::new(Google { slow: true, ..Google::default() }).await;
    let all = stage.accounts(0..40, |_| 1_000_000).await;
    stage.used(&all, START).await;
    let other = trial::again(stage.folder.path(), stage.store.clock().clone()).await;
    let (mut one, mut two) = (stage.node(&stage.store), stage.node(&other));
    let (a, b) = tokio::join!(one.tick(), two.tick());
    a.unwrap();
    b.unwrap();
    assert_eq!(stage.asked(), 40);
    // What each has looked at is not due again.
    assert_eq!((one.tick().await.unwrap(), two.tick().await.unwrap(), stage.asked()), (0, 0, 40));
}

#[tokio::test]
async fn only_active_accounts_in_use_are_refreshed() {
    let stage = Stage::new(Google::default()).await;
    let all = stage.accounts(0..6, |_| 1_000_000).await;
    stage.used(&all[..5], START).await;
    let mut act = stage.store.act(&Actor::Gateway, "").await.unwrap();
    let states = [State::NeedsConsent, State::NeedsSignIn, State::Disabled, State::AwaitingApproval];
    for (account, state) in all.iter().zip(states) {
        accounts::set_state(&mut act, *account, state).await.unwrap();
    }
    act.commit(event(all[0])).await.unwrap();
    assert_eq!(stage.node(&stage.store).tick().await.unwrap(), 1);
    assert_eq!(*stage.google.order.lock().unwrap(), ["r4"]);
}
