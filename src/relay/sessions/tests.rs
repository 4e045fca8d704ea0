use std::collections::BTreeMap;
use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::change::Change;
use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, SessionId};
use postern_core::model::scope::Product;
use postern_core::model::token::{Protocol, Protocols};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::{Drain, Sessions};
use crate::clock::{Clock, Micros, micros};
use crate::config::Config;
use crate::dice::Dice;
use crate::node::settings::Live;
use crate::relay::order::{Ending, Order, Running};
use crate::store::crm_tokens::{self, CrmToken};
use crate::store::mail_sessions::{self, MailSession};
use crate::store::told::Told;
use crate::store::{Store, accounts, switched_off, trial};
use crate::tasks::{Phase, Tasks};

const NOW: Micros = 1_800_000_000_000_000;

/// A store with one account, a register over it, and the feed by hand.
struct Stage {
    store: Store,
    clock: Clock,
    account: AccountId,
    sessions: Sessions,
    changes: Told,
    _folder: TempDir,
}

impl Stage {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(NOW);
        let store = trial::store(folder.path(), clock.clone()).await;
        let mut act = store.act(&Actor::Gateway, "").await.unwrap();
        let anna = Address::parse("anna@acme.cz").unwrap();
        let account = accounts::insert(&mut act, &anna, None, State::Active).await.unwrap().id;
        act.commit(event(account)).await.unwrap();
        let (sessions, changes) = (Sessions::default(), Told::default());
        let watch = sessions.clone().watch(store.clone(), changes.follow(), CancellationToken::new());
        Tasks::default().spawn(Phase::Work, watch);
        Self { store, clock, account, sessions, changes, _folder: folder }
    }

    async fn token(&self, expires_at: Option<Micros>) -> CrmToken {
        let mut act = self.store.act(&Actor::Gateway, "").await.unwrap();
        let hash = self.store.dice().bytes().unwrap();
        let id = crm_tokens::insert(&mut act, self.account, &hash, "x", Protocols::Both, expires_at)
            .await
            .unwrap();
        act.commit(event(self.account)).await.unwrap();
        crm_tokens::by_id(&mut self.store.read().await.unwrap(), id).await.unwrap().unwrap()
    }

    async fn revoke(&self, token: &CrmToken) {
        let mut act = self.store.act(&Actor::Gateway, "").await.unwrap();
        crm_tokens::revoke(&mut act, token.id).await.unwrap();
        act.commit(event(self.account)).await.unwrap();
    }

    async fn set_state(&self, state: State) {
        let mut act = self.store.act(&Actor::Gateway, "").await.unwrap();
        accounts::set_state(&mut act, self.account, state).await.unwrap();
        act.commit(event(self.account)).await.unwrap();
    }
}

fn event(account: AccountId) -> Event {
    Event::AccountApproved { account, address: Address::parse("anna@acme.cz").unwrap() }
}

/// The order that comes within two seconds.
async fn told(running: &mut Running) -> Option<Order> {
    tokio::time::timeout(Duration::from_secs(2), running.order()).await.ok()
}

/// Whether none has come once what was told was looked after.
async fn spared(stage: &Stage, running: &mut Running) -> bool {
    for _ in 0..200 {
        if stage.sessions.0.register().due().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::timeout(Duration::from_millis(10), running.order()).await.is_err()
}

#[tokio::test]
async fn a_revoked_token_ends_its_own_sessions() {
    let stage = Stage::new().await;
    let (one, other) = (stage.token(None).await, stage.token(None).await);
    let mut sessions = [stage.sessions.enter(&one), stage.sessions.enter(&one), stage.sessions.enter(&other)];
    stage.revoke(&one).await;
    stage.changes.tell(Change::Token(one.id));
    assert_eq!(told(&mut sessions[0]).await, Some(Order::End(Ending::Revoked)));
    assert_eq!(told(&mut sessions[1]).await, Some(Order::End(Ending::Revoked)));
    // What the other one's rows say is looked at, and says nothing.
    stage.changes.tell(Change::Everything);
    assert!(spared(&stage, &mut sessions[2]).await);
    assert_eq!(stage.sessions.running(), 3);
    drop(sessions);
    assert_eq!(stage.sessions.running(), 0);
}

#[tokio::test]
async fn an_admin_ends_one_session_even_when_the_word_of_it_was_missed() {
    let stage = Stage::new().await;
    let token = stage.token(None).await;
    let id = |number: u128| SessionId(uuid::Uuid::from_u128(number));
    let mut sessions =
        [stage.sessions.enter(&token), stage.sessions.enter(&token), stage.sessions.enter(&token)];
    for (running, number) in sessions.iter().zip(1..) {
        running.known_as(id(number));
    }
    stage.changes.tell(Change::Session(id(1)));
    assert_eq!(told(&mut sessions[0]).await, Some(Order::End(Ending::Kicked)));
    assert!(spared(&stage, &mut sessions[1]).await);

    let row = MailSession {
        id: id(2),
        account: stage.account,
        token: token.id,
        protocol: Protocol::Imap,
        peer: "192.0.2.1".to_owned(),
        node: "incarnation".to_owned(),
        began_at: NOW,
    };
    let mut batch = stage.store.batch().await.unwrap();
    mail_sessions::put(&mut batch, &row).await.unwrap();
    batch.commit().await.unwrap();
    let mut act = stage.store.act(&Actor::Gateway, "").await.unwrap();
    assert!(mail_sessions::request_end(&mut act, id(2)).await.unwrap());
    act.commit(event(stage.account)).await.unwrap();
    stage.changes.tell(Change::Everything);
    assert_eq!(told(&mut sessions[1]).await, Some(Order::End(Ending::Kicked)));
    assert!(spared(&stage, &mut sessions[2]).await);
}

#[tokio::test]
async fn only_an_admin_who_bars_an_account_ends_its_sessions() {
    let rows = [
        (State::Disabled, Some(Ending::Disabled)),
        (State::AwaitingApproval, Some(Ending::Disabled)),
        // Another client id must not end every session of the company at once.
        (State::NeedsConsent, None),
        (State::NeedsSignIn, None),
        (State::Active, None),
    ];
    for (state, ending) in rows {
        let stage = Stage::new().await;
        let mut running = stage.sessions.enter(&stage.token(None).await);
        stage.set_state(state).await;
        stage.changes.tell(Change::Account(stage.account));
        match ending {
            Some(ending) => assert_eq!(told(&mut running).await, Some(Order::End(ending))),
            None => assert!(spared(&stage, &mut running).await),
        }
    }
}

#[tokio::test]
async fn an_owner_who_switches_mail_off_ends_the_sessions() {
    let stage = Stage::new().await;
    let mut running = stage.sessions.enter(&stage.token(None).await);
    for (on, ending) in [(true, None), (false, Some(Order::End(Ending::SwitchedOff)))] {
        let mut act = stage.store.act(&Actor::Gateway, "").await.unwrap();
        switched_off::set(&mut act, stage.account, Product::Gmail, on).await.unwrap();
        act.commit(event(stage.account)).await.unwrap();
        stage.changes.tell(Change::Account(stage.account));
        match ending {
            Some(ending) => assert_eq!(told(&mut running).await, Some(ending)),
            None => assert!(spared(&stage, &mut running).await),
        }
    }
}

#[tokio::test]
async fn a_removed_account_ends_its_sessions() {
    let stage = Stage::new().await;
    let mut running = stage.sessions.enter(&stage.token(None).await);
    let mut act = stage.store.act(&Actor::Gateway, "").await.unwrap();
    accounts::remove(&mut act, stage.account).await.unwrap();
    act.commit(event(stage.account)).await.unwrap();
    stage.changes.tell(Change::Account(stage.account));
    assert_eq!(told(&mut running).await, Some(Order::End(Ending::Removed)));
}

#[tokio::test]
async fn a_login_verified_before_and_entered_behind_the_change_is_ended() {
    let stage = Stage::new().await;
    let token = stage.token(None).await;
    stage.revoke(&token).await;
    stage.changes.tell(Change::Token(token.id));
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut late = stage.sessions.enter(&token);
    assert_eq!(told(&mut late).await, Some(Order::End(Ending::Revoked)));
}

#[tokio::test]
async fn expiry_needs_no_change() {
    let stage = Stage::new().await;
    let minute = micros(Duration::from_secs(60));
    let mut first = stage.sessions.enter(&stage.token(Some(NOW + minute)).await);
    let mut second = stage.sessions.enter(&stage.token(Some(NOW + 2 * minute)).await);
    let mut never = stage.sessions.enter(&stage.token(None).await);
    stage.clock.advance(Duration::from_secs(60));
    assert_eq!(told(&mut first).await, Some(Order::End(Ending::Expired)));
    assert!(spared(&stage, &mut second).await);
    stage.clock.advance(Duration::from_secs(60));
    assert_eq!(told(&mut second).await, Some(Order::End(Ending::Expired)));
    assert!(spared(&stage, &mut never).await);
}

#[tokio::test]
async fn with_the_database_away_sessions_go_on_and_the_check_is_repeated() {
    let stage = Stage::new().await;
    let token = stage.token(None).await;
    let mut running = stage.sessions.enter(&token);
    let away = Stage::new().await;
    away.store.close().await;
    assert!(away.sessions.check(&away.store).await.is_ok(), "nothing is due");
    let mut others = away.sessions.enter(&token);
    away.changes.tell(Change::Everything);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert!(tokio::time::timeout(Duration::from_millis(1), others.order()).await.is_err());
    assert_eq!(away.sessions.0.register().due().len(), 1, "still to be checked");
    stage.revoke(&token).await;
    away.sessions.check(&stage.store).await.unwrap();
    assert_eq!(told(&mut others).await, Some(Order::End(Ending::Revoked)));
    stage.changes.tell(Change::Token(token.id));
    assert_eq!(told(&mut running).await, Some(Order::End(Ending::Revoked)));
}

#[tokio::test]
async fn too_many_changes_concern_everybody() {
    let stage = Stage::new().await;
    let token = stage.token(None).await;
    stage.revoke(&token).await;
    {
        let mut register = stage.sessions.0.register();
        register.remember(Change::Token(token.id));
        for _ in 0..1_000 {
            register.remember(Change::Client);
        }
        assert!(register.recent.len() <= super::RECENT_MOST);
    }
    let mut late = stage.sessions.enter(&token);
    assert_eq!(told(&mut late).await, Some(Order::End(Ending::Revoked)));
}

fn some_token() -> CrmToken {
    CrmToken {
        id: postern_core::model::id::TokenId(uuid::Uuid::nil()),
        account: AccountId(uuid::Uuid::nil()),
        name: String::new(),
        protocols: Protocols::Both,
        created_at: 0,
        expires_at: None,
        revoked_at: None,
    }
}

fn drain(tasks: &Tasks) -> Drain {
    Drain {
        begin: tasks.stop(Phase::Sessions),
        hurry: tasks.hurried(),
        over: tasks.stop(Phase::Work),
        limits: Live::fixed(Config::from_str("", &BTreeMap::new()).unwrap().limits),
    }
}

#[tokio::test(start_paused = true)]
async fn a_drain_spreads_over_its_first_half_and_ends_at_the_limit() {
    let (sessions, tasks) = (Sessions::default(), Tasks::default());
    let running: Vec<Running> = (0..200).map(|_| sessions.enter(&some_token())).collect();
    tasks.spawn(Phase::Work, sessions.clone().drain(drain(&tasks), Dice::default()));
    tokio::time::sleep(Duration::from_secs(60)).await;
    tasks.end(Phase::Sessions, Duration::ZERO).await;
    let began = tokio::time::Instant::now();
    let mut asked = Vec::new();
    for (at, mut one) in running.into_iter().enumerate() {
        // Half of them stay until they are ended.
        let sessions = async move {
            assert_eq!(one.order().await, Order::Leave);
            let left = began.elapsed();
            if at.is_multiple_of(2) {
                assert_eq!(one.order().await, Order::End(Ending::Shutdown));
                assert_eq!(began.elapsed().as_secs(), 30);
            }
            left
        };
        asked.push(tasks.spawn(Phase::Work, sessions));
    }
    let mut thirds = [0; 3];
    for asked in asked {
        let third = usize::try_from(asked.await.unwrap().as_millis() / 5_001).unwrap();
        thirds[third] += 1;
    }
    assert!(thirds.iter().all(|count| *count > 20), "spread over 15 s: {thirds:?}");
    let mut late = sessions.enter(&some_token());
    assert_eq!(late.order().await, Order::Leave);
}

#[tokio::test(start_paused = true)]
async fn a_second_signal_closes_at_once() {
    let (sessions, tasks) = (Sessions::default(), Tasks::default());
    let mut running = sessions.enter(&some_token());
    tasks.spawn(Phase::Work, sessions.clone().drain(drain(&tasks), Dice::default()));
    tasks.end(Phase::Sessions, Duration::ZERO).await;
    tasks.hurry();
    let began = tokio::time::Instant::now();
    while running.order().await != Order::Close {}
    assert!(began.elapsed() < Duration::from_secs(1));
}
