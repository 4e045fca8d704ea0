mod ahead;
mod clocks;
mod overtaken;
mod paused;
mod tries;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::refusal::Cause;
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use serde_json::json;
use url::Url;

use super::errand::Errand;
use super::metrics::Metrics;
use super::{Broker, ENOUGH, NoToken, refresh};
use crate::clock::{Clock, micros};
use crate::google::trial::{endpoints, pem};
use crate::metrics::Registry;
use crate::net::exchange::{Answer, Exchange, ExchangeError, Request, Response};
use crate::store::access_tokens::{self, AccessToken};
use crate::store::{Store, accounts, clients, grants, leases, programs, service_accounts, trial};
use crate::tasks::{Phase, Tasks};

/// What happens while Google is asked.
#[derive(Clone, Copy)]
enum Meanwhile {
    Nothing,
    /// Google takes its time.
    Slow(Duration),
    /// An admin disables the account.
    Disabled,
    /// The network is gone.
    Down,
    /// The delegation does not hold what is asked for.
    Undelegated,
    /// The code has a fault.
    Panic,
}

struct Google {
    store: Store,
    account: AccountId,
    meanwhile: Meanwhile,
    asked: AtomicUsize,
}

impl Exchange for Google {
    fn send(&self, _request: Request) -> Answer<'_> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async {
            match self.meanwhile {
                Meanwhile::Nothing => {}
                Meanwhile::Slow(time) => tokio::time::sleep(time).await,
                Meanwhile::Disabled => set_state(&self.store, self.account, State::Disabled).await,
                Meanwhile::Down => {
                    return Err(ExchangeError::Unreachable {
                        host: "google.test".into(),
                        why: "down".into(),
                    });
                }
                Meanwhile::Undelegated => {
                    let body = json!({ "error": "unauthorized_client" }).to_string().into_bytes().into();
                    return Ok(Response { status: 401, headers: Vec::new(), body });
                }
                Meanwhile::Panic => panic!("a fault"),
            }
            let body = json!({ "access_token": "ya29.fresh", "expires_in": 3599, "token_type": "Bearer",
                "scope": "https://mail.google.com/", "refresh_token": "1//rotated" });
            Ok(Response { status: 200, headers: Vec::new(), body: body.to_string().into_bytes().into() })
        })
    }
}

fn event(account: AccountId) -> Event {
    Event::AccountApproved { account, address: Address::parse("anna@acme.cz").unwrap() }
}

async fn set_state(store: &Store, account: AccountId, state: State) {
    let mut act = store.act(&Actor::Gateway, "").await.unwrap();
    accounts::set_state(&mut act, account, state).await.unwrap();
    act.commit(event(account)).await.unwrap();
}

/// A broker with one account.
struct Stage {
    broker: Broker,
    google: Arc<Google>,
    store: Store,
    account: AccountId,
    _folder: tempfile::TempDir,
}

impl Stage {
    /// An active account with a grant.
    async fn with(meanwhile: Meanwhile) -> Self {
        Self::set(meanwhile, true).await
    }

    async fn set(meanwhile: Meanwhile, grant: bool) -> Self {
        Self::at(Clock::system(), meanwhile, grant).await
    }

    async fn at(clock: Clock, meanwhile: Meanwhile, grant: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = trial::store(folder.path(), clock).await;
        let mut act = store.act(&Actor::Gateway, "").await.unwrap();
        let anna = Address::parse("anna@acme.cz").unwrap();
        let state = if grant { State::Active } else { State::New };
        let account = accounts::insert(&mut act, &anna, None, state).await.unwrap().id;
        if grant {
            let client = clients::set(&mut act, "1-a", &Secret::new("s")).await.unwrap();
            clients::fault(&mut act, client, Some("invalid_client")).await.unwrap();
            let scopes = ScopeSet::consent(&[Product::Gmail]);
            grants::replace(&mut act, account, client, &scopes, &Secret::new("1//first")).await.unwrap();
        } else {
            let email = "crm@project.iam.gserviceaccount.com";
            let key = json!({"type": "service_account", "client_email": email, "client_id": "1",
                "private_key_id": "k1", "private_key": pem(0)});
            let key = Secret::new(key.to_string());
            service_accounts::set(&mut act, email, &key, &["acme.cz".to_owned()]).await.unwrap();
        }
        act.commit(event(account)).await.unwrap();
        let asked = AtomicUsize::new(0);
        let google = Arc::new(Google { store: store.clone(), account, meanwhile, asked });
        let uri = Url::parse("https://crm.example.com/oauth/google/callback").unwrap();
        let metrics = Metrics::register(&Registry::default());
        let broker = Broker::new(store.clone(), google.clone(), endpoints(), uri, Tasks::default(), metrics);
        Self { broker, google, store, account, _folder: folder }
    }

    async fn token(&self) -> Result<AccessToken, NoToken> {
        self.broker.token(self.account, &ScopeSet::mail()).await
    }

    async fn state(&self) -> State {
        accounts::by_id(&mut self.store.read().await.unwrap(), self.account).await.unwrap().unwrap().state
    }

    async fn refresh_token(&self) -> String {
        let mut read = self.store.read().await.unwrap();
        let grant = grants::of(&self.store, &mut read, self.account).await.unwrap().unwrap();
        grant.refresh_token.reveal().to_owned()
    }

    async fn keep(&self, life: Duration) {
        let expires_at = self.store.clock().now() + micros(life);
        let token = AccessToken { token: Secret::new("ya29.old"), expires_at };
        let mut batch = self.store.batch().await.unwrap();
        access_tokens::put(&mut batch, self.account, &ScopeSet::mail(), &token).await.unwrap();
        batch.commit().await.unwrap();
    }

    fn asked(&self) -> usize {
        self.google.asked.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn an_answer_that_comes_late_is_stored_all_the_same() {
    let stage = Stage::with(Meanwhile::Slow(Duration::from_millis(800))).await;
    let key = (stage.account, ScopeSet::mail());
    let patience = Duration::from_millis(500);
    let given = refresh::fly(&stage.broker.0, &key, &Errand::Session(Vec::new()), patience).await.unwrap();
    assert_eq!((given.token.token.reveal(), given.new), ("ya29.fresh", true));
    assert_eq!(stage.refresh_token().await, "1//rotated");
}

#[tokio::test]
async fn the_wait_for_another_process_has_an_end_and_a_stop() {
    let stage = Stage::with(Meanwhile::Nothing).await;
    let key = (stage.account, ScopeSet::mail());
    let name = format!("refresh/{}/{}", key.0, key.1);
    leases::take(&stage.store, &name, Duration::from_secs(60)).await.unwrap().unwrap();
    let outcome =
        refresh::fly(&stage.broker.0, &key, &Errand::Session(Vec::new()), Duration::from_millis(300)).await;
    assert_eq!(outcome, Err(NoToken::Temporary("no answer in time".into())));
    stage.broker.0.tasks.end(Phase::Work, Duration::ZERO).await;
    let outcome = stage.token().await;
    assert_eq!(outcome, Err(NoToken::Temporary("the gateway stops".into())));
    assert_eq!(stage.asked(), 0);
}

#[tokio::test]
async fn a_refresh_does_not_wake_an_account_that_was_disabled_meanwhile() {
    for grant in [true, false] {
        let stage = Stage::set(Meanwhile::Disabled, grant).await;
        stage.token().await.unwrap();
        assert_eq!(stage.state().await, State::Disabled, "by a grant: {grant}");
    }
    let stage = Stage::set(Meanwhile::Nothing, false).await;
    stage.token().await.unwrap();
    assert_eq!(stage.state().await, State::Active);
}

#[tokio::test]
async fn a_delegation_without_the_calendar_serves_mail_as_before() {
    let stage = Stage::set(Meanwhile::Undelegated, false).await;
    for (scopes, fault) in [(ScopeSet::calendar(), None), (ScopeSet::mail(), Some("unauthorized_client"))] {
        let refused = stage.broker.token(stage.account, &scopes).await;
        assert_eq!(refused, Err(NoToken::ClientRefused("unauthorized_client")), "{scopes}");
        let all = service_accounts::all(&stage.store, &mut stage.store.read().await.unwrap()).await.unwrap();
        assert_eq!(all[0].fault.as_deref(), fault, "{scopes}");
    }
    assert_eq!(stage.asked(), 2, "each product has a pause of its own");
}

#[tokio::test]
async fn what_no_admin_has_approved_no_service_account_opens() {
    let stage = Stage::set(Meanwhile::Nothing, false).await;
    let mut act = stage.store.act(&Actor::Gateway, "").await.unwrap();
    programs::set_unapproved(&mut act, stage.account, true).await.unwrap();
    act.commit(event(stage.account)).await.unwrap();
    assert_eq!(stage.token().await, Err(NoToken::Barred(Cause::AwaitingApproval)));
    assert_eq!(stage.asked(), 0, "Google is not asked");
}

#[tokio::test]
async fn a_refresh_that_broke_down_bars_no_later_one() {
    let stage = Stage::with(Meanwhile::Panic).await;
    assert_eq!(stage.token().await, Err(NoToken::Temporary("the refresh was interrupted".into())));
    assert!(stage.broker.0.flights.lock().unwrap().is_empty());
}

#[tokio::test]
async fn with_google_away_the_stored_token_is_used_to_its_end() {
    let stage = Stage::with(Meanwhile::Down).await;
    stage.keep(Duration::from_secs(30)).await;
    assert!(matches!(stage.token().await, Err(NoToken::Temporary(_))));
    stage.keep(ENOUGH - Duration::from_secs(10)).await;
    assert_eq!(stage.token().await.unwrap().token.reveal(), "ya29.old");
    assert_eq!(stage.asked(), 1, "not again at once");
}

#[tokio::test]
async fn what_follows_changes_ends_with_the_node() {
    let (stage, tasks) = (Stage::with(Meanwhile::Nothing).await, Tasks::default());
    let follower = stage.broker.clone().follow(stage.store.told().follow(), tasks.stop(Phase::Node));
    tasks.spawn(Phase::Node, follower);
    assert_eq!(tasks.end(Phase::Node, Duration::from_secs(5)).await, 0, "tasks that were cut off");
}

#[tokio::test]
async fn a_client_that_works_again_is_noted() {
    let stage = Stage::with(Meanwhile::Nothing).await;
    stage.token().await.unwrap();
    let mut read = stage.store.read().await.unwrap();
    assert_eq!(clients::current(&stage.store, &mut read).await.unwrap().unwrap().fault, None);
}
