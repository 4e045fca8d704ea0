//! One address with many mailboxes, some of them dead, and one that guesses.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, TokenId};
use postern_core::model::refusal::Cause;
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;
use postern_core::model::token::{Protocol, Protocols, compose};
use tokio::io::{DuplexStream, duplex};
use url::Url;

use super::admit::{Gate, Visitor};
use super::budget::Budget;
use super::metrics::Metrics;
use super::refuse::Refused;
use super::sessions::Sessions;
use super::tarpit::Tarpit;
use super::upstream::{Dial, Failed, Handshake};
use crate::audit;
use crate::auth::hash;
use crate::auth::mail::Verifier;
use crate::auth::throttle::{Rules, Throttle};
use crate::clock::{Clock, micros};
use crate::config::Config;
use crate::dice::Dice;
use crate::google::broker::{self, Broker};
use crate::google::trial::endpoints;
use crate::metrics::Registry;
use crate::net::exchange::{Answer, Exchange, ExchangeError, Request};
use crate::node::settings::Live;
use crate::store::access_tokens::{self, AccessToken};
use crate::store::{Store, accounts, crm_tokens, trial};
use crate::tasks::Tasks;

const MINUTE: Duration = Duration::from_secs(60);
const CRM: &str = "198.51.100.7";
const GUESSER: &str = "203.0.113.66";

/// Gmail takes everybody.
struct Open;

impl Dial for Open {
    type Stream = DuplexStream;

    async fn dial(&self, _protocol: Protocol) -> Result<DuplexStream, Failed> {
        Ok(duplex(64).0)
    }
}

impl Handshake<DuplexStream> for Open {
    type Session = ();

    async fn shake(&self, _: &mut DuplexStream, _: &Address, _: &Secret) -> Result<(), Failed> {
        Ok(())
    }
}

struct Nobody;

impl Exchange for Nobody {
    fn send(&self, _request: Request) -> Answer<'_> {
        Box::pin(async { Err(ExchangeError::Unreachable { host: "google.test".into(), why: "down".into() }) })
    }
}

struct Mailbox {
    address: String,
    secret: Secret,
    dead: bool,
}

struct Stage {
    gate: Gate<Open>,
    clock: Clock,
    mailboxes: Vec<Mailbox>,
    journal: tokio::sync::mpsc::Receiver<audit::Note>,
    _folder: tempfile::TempDir,
}

async fn mailbox(store: &Store, n: usize, dead: bool) -> Mailbox {
    let address = Address::parse(&format!("user{n}@acme.cz")).unwrap();
    let secret = compose(&store.dice().bytes().unwrap());
    let mut act = store.act(&Actor::Gateway, "").await.unwrap();
    let account = accounts::insert(&mut act, &address, None, State::Active).await.unwrap().id;
    let token = token(&mut act, account, &secret).await;
    if dead {
        crm_tokens::revoke(&mut act, token).await.unwrap();
    }
    let expires_at = store.clock().now() + micros(MINUTE * 60);
    let access = AccessToken { token: Secret::new("ya29.a"), expires_at };
    access_tokens::put(&mut act, account, &ScopeSet::mail(), &access).await.unwrap();
    act.commit(Event::AccountApproved { account, address: address.clone() }).await.unwrap();
    Mailbox { address: address.to_string(), secret, dead }
}

async fn token(act: &mut crate::store::Act, account: AccountId, secret: &Secret) -> TokenId {
    let hash = hash::of(secret.reveal());
    crm_tokens::insert(act, account, &hash, "crm", Protocols::Both, None).await.unwrap()
}

impl Stage {
    async fn with(mailboxes: usize, dead: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(1_700_000_000_000_000);
        let store = trial::store(folder.path(), clock.clone()).await;
        let mut all = Vec::new();
        for n in 0..mailboxes {
            all.push(mailbox(&store, n, n < dead).await);
        }
        let uri = Url::parse("https://crm.example.com/oauth/google/callback").unwrap();
        let registry = Registry::default();
        let metrics = broker::metrics::Metrics::register(&registry);
        let broker =
            Broker::new(store.clone(), Arc::new(Nobody), endpoints(), uri, Tasks::default(), metrics);
        let (notes, journal) = audit::writer();
        let mut limits = Config::from_str("", &BTreeMap::new()).unwrap().limits;
        let budget = Budget::start(&store, "node", Live::fixed(limits.clone()), &Tasks::default());
        // Answers are held back for real, so not for long.
        limits.login_throttle_delay = Duration::from_millis(20);
        let gate = Gate {
            verifier: Verifier::new(store.clone()),
            tarpit: Tarpit::new(Throttle::new(Rules::of(&limits), [0; 32])),
            budget,
            broker,
            notes,
            metrics: Metrics::register(&registry),
            dial: Open,
            clock: clock.clone(),
            dice: Dice::default(),
            help: "https://crm.example.com/r/".to_owned(),
            limits: Live::fixed(limits),
            sessions: Sessions::default(),
            throttled: Mutex::new(HashMap::new()),
        };
        Self { gate, clock, mailboxes: all, journal, _folder: folder }
    }

    async fn log_in(&self, from: &str, user: &str, secret: &Secret) -> Result<(), Refused> {
        let peer: IpAddr = from.parse().unwrap();
        let visitor = Visitor { peer, protocol: Protocol::Imap };
        self.gate.admit(visitor, user, secret, &Open).await.map(drop)
    }

    /// One round of the CRM over all mailboxes; how the dead ones were refused.
    async fn poll(&self) -> Vec<Refused> {
        let mut refused = Vec::new();
        for mailbox in &self.mailboxes {
            match self.log_in(CRM, &mailbox.address, &mailbox.secret).await {
                Ok(()) => assert!(!mailbox.dead, "{}", mailbox.address),
                Err(no) => {
                    assert!(mailbox.dead, "{}: {no:?}", mailbox.address);
                    refused.push(no);
                }
            }
        }
        refused
    }
}

fn cause(refused: &Refused) -> Option<&Cause> {
    match refused {
        Refused::Once(refusal) | Refused::ForGood(refusal) => Some(&refusal.cause),
        Refused::Unheard => None,
    }
}

#[tokio::test]
async fn twenty_dead_tokens_at_one_address_harm_none_of_the_others() {
    let mut stage = Stage::with(200, 20).await;
    let mut shut_out = 0;
    for _ in 0..10 {
        let refused = stage.poll().await;
        assert_eq!(refused.len(), 20);
        assert!(refused.iter().all(|no| cause(no) == Some(&Cause::WrongToken)), "{refused:?}");
        shut_out += refused.iter().filter(|no| matches!(no, Refused::ForGood(_))).count();
        stage.clock.advance(MINUTE);
    }
    assert_eq!(shut_out, 1 + 9 * 20, "the address was shut out from the twentieth on");
    let mut dead = BTreeSet::new();
    let mut rows = 0;
    while let Ok(note) = stage.journal.try_recv() {
        if let audit::Note::Event { event: Event::LoginRefused { address, .. }, .. } = note {
            dead.insert(address.unwrap().to_string());
            rows += 1;
        }
    }
    assert_eq!((dead.len(), rows), (20, 20), "each dead mailbox has one row");
}

#[tokio::test]
async fn a_guesser_is_shut_out_and_a_good_token_enters_beside_him() {
    let stage = Stage::with(2, 0).await;
    let user = stage.mailboxes[0].address.clone();
    let guess = |n: u8| compose(&[n; 32]);
    for n in 0..19 {
        let no = stage.log_in(GUESSER, &user, &guess(n)).await.unwrap_err();
        assert!(matches!(no, Refused::Once(_)), "{n}: {no:?}");
    }
    for n in 19..60 {
        let no = stage.log_in(GUESSER, &user, &guess(n)).await.unwrap_err();
        assert!(matches!(no, Refused::ForGood(_)), "{n}: {no:?}");
    }
    for from in [GUESSER, CRM] {
        for mailbox in &stage.mailboxes {
            stage.log_in(from, &mailbox.address, &mailbox.secret).await.unwrap();
        }
    }
    let elsewhere = stage.log_in(CRM, &user, &guess(1)).await.unwrap_err();
    assert!(matches!(elsewhere, Refused::Once(_)), "{elsewhere:?}");
    stage.clock.advance(10 * MINUTE);
    let later = stage.log_in(GUESSER, &user, &guess(1)).await.unwrap_err();
    assert!(matches!(later, Refused::Once(_)), "{later:?}");
}
