//! People with an address book at Google and records in the CRM, and a worker between.
//!
//! Both sides and the worker go by one clock, which a test turns; the worker's stands between runs.

use std::sync::Arc;
use std::time::Duration;

use postern::clock::Clock;
use postern::crm::client::Client;
use postern::dice::Dice;
use postern::google::broker::{self, Broker};
use postern::google::people::{self, People};
use postern::google::quota::{Quota, Rates};
use postern::metrics::Registry;
use postern::net::http;
use postern::seal::Ring;
use postern::store::contacts::books;
use postern::store::{Opening, Store, accounts, clients, grants};
use postern::sync::{Contacts, Roads};
use postern::tasks::Tasks;
use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use postern_core::plan::contacts::choices::Choices;
use postern_sandbox::{Crm, CrmOptions, Google, Options, Sandbox};

use super::wire::{End, Wire};
use crate::support::databases::{Database, Kind, Raw};
use crate::support::gateway::{CLIENT, Gateway, Setup};

pub const ANNA: &str = "anna@example.com";
pub const ANNA_ID: &str = "0000000000000a22a";
pub const BEN: &str = "ben@example.com";
pub const BEN_ID: &str = "0000000000000b33b";
pub const SCOPES: [&str; 3] = ["openid", "email", "https://www.googleapis.com/auth/contacts"];
/// A run that takes longer will never end, on a busy machine neither.
const PATIENCE: Duration = Duration::from_secs(240);
/// So many requests that nobody waits for Google's pace.
const RATES: Rates = Rates { account: 1_000_000, project: 1_000_000 };

/// Somebody who is connected, the group that is kept in step, and one that is monitored beside it.
#[derive(Debug, Clone)]
pub struct Owner {
    pub account: AccountId,
    pub address: &'static str,
    pub user: &'static str,
    pub group: String,
    pub further: Option<String>,
}

pub struct World {
    pub gateway: Gateway,
    pub crm: Arc<Crm>,
    pub clock: Clock,
    pub store: Store,
    pub contacts: Contacts,
    pub wire: Arc<Wire>,
    rates: Rates,
    // The address of its database, if that is not in a file.
    postgres: Option<String>,
}

impl World {
    /// Nobody is there yet.
    pub async fn new() -> Self {
        Self::with(RATES, None).await
    }

    /// With a database in PostgreSQL.
    pub async fn in_postgres() -> Self {
        let database = Database::migrated(Kind::Postgres).await;
        Self::with(RATES, Some(database.url)).await
    }

    /// With a budget.
    pub async fn with(rates: Rates, postgres: Option<String>) -> Self {
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        let clock = sandbox.google().clock().clone();
        let crm = Arc::new(Crm::start_with(CrmOptions { clock, ..CrmOptions::default() }).await.unwrap());
        sandbox.google().set_contacts_policy(|policy| {
            policy.critical_reads_minute = 100_000;
            policy.critical_writes_minute = 100_000;
            policy.reads_minute = 100_000;
            policy.writes_minute = 100_000;
            policy.full_syncs_minute = 1_000;
        });
        let more = format!("[crm]\nurl = \"{}\"\napi_key = \"{}\"\n", crm.url(), crm.key());
        let database_url = postgres.clone();
        let setup = Setup { sandbox: Some(sandbox), more, idle: true, database_url, ..Setup::default() };
        let gateway = Gateway::with(setup).await;
        let clock = Clock::manual(i64::try_from(gateway.sandbox.google().clock().now().as_micros()).unwrap());
        let (store, contacts, wire) = worker(&gateway, &crm, &clock, rates, postgres.as_deref()).await;
        Self { gateway, crm, clock, store, contacts, wire, rates, postgres }
    }

    /// Another process takes over.
    pub async fn restart(&mut self) {
        let database = self.postgres.clone();
        let (store, contacts, wire) =
            worker(&self.gateway, &self.crm, &self.clock, self.rates, database.as_deref()).await;
        (self.store, self.contacts, self.wire) = (store, contacts, wire);
        // What a dead process holds runs out by itself, after minutes that nobody waits here.
        self.raw().await.run("UPDATE leases SET expires_at = 0").await;
    }

    /// Somebody in both, with a group that is kept in step.
    pub async fn owner(&self, address: &'static str, user: &'static str, first: &str) -> Owner {
        self.crm.add_person(user, (first, "Nova"), &[address]);
        self.google().add_user(address);
        let refresh = self.google().issue_refresh_token(address, CLIENT, &SCOPES).unwrap();
        let mut act = self.gateway.act().await;
        let mailbox = Address::parse(address).unwrap();
        let account = accounts::insert(&mut act, &mailbox, Some(user), State::Active).await.unwrap().id;
        let client = clients::current(&self.gateway.parts.store, &mut act).await.unwrap().unwrap();
        let granted = ScopeSet::consent(&[Product::Contacts]);
        grants::replace(&mut act, account, client.id, &granted, &Secret::new(refresh)).await.unwrap();
        act.commit(Event::AccountImported { account, address: mailbox, scopes: granted.to_string() })
            .await
            .unwrap();
        let group = self.google().add_group(address, "CRM").unwrap();
        let owner = Owner { account, address, user, group: group.clone(), further: None };
        self.choose(&owner, |choices| choices.group = Some(group)).await;
        owner
    }

    pub async fn anna(&self) -> Owner {
        self.owner(ANNA, ANNA_ID, "Anna").await
    }

    pub async fn ben(&self) -> Owner {
        self.owner(BEN, BEN_ID, "Ben").await
    }

    /// Has somebody choose otherwise.
    pub async fn choose(&self, owner: &Owner, change: impl FnOnce(&mut Choices)) {
        self.tick();
        let mut act = self.act().await;
        let stored = books::of(&self.store, &mut act, owner.account).await.unwrap();
        let version = stored.as_ref().map_or(0, |book| book.version);
        let mut choices = stored.map(|book| book.choices).unwrap_or_default();
        change(&mut choices);
        choices.check().unwrap();
        let by = postern_core::model::actor::Actor::Gateway;
        assert!(books::choose(&mut act, owner.account, &choices, version, &by).await.unwrap());
        self.commit(act, owner).await;
    }

    /// Has somebody monitor a further group.
    pub async fn monitor(&self, owner: &mut Owner) {
        let further = self.google().add_group(owner.address, "Tennis").unwrap();
        self.choose(owner, |choices| choices.monitored.extend([further.clone()])).await;
        owner.further = Some(further);
    }

    /// An open act of the test.
    pub async fn act(&self) -> postern::store::Act {
        let by = postern_core::model::actor::Actor::CommandLine("test".to_owned());
        self.store.act(&by, "").await.unwrap()
    }

    pub async fn commit(&self, act: postern::store::Act, owner: &Owner) {
        let address = Address::parse(owner.address).unwrap();
        let event = Event::AccountImported { account: owner.account, address, scopes: String::new() };
        act.commit(event).await.unwrap();
    }

    pub fn google(&self) -> &Arc<Google> {
        self.gateway.sandbox.google()
    }

    /// A connection past the store.
    pub async fn raw(&self) -> Raw {
        Raw::to(&database(&self.gateway, self.postgres.as_deref())).await
    }

    /// Turns the clock of everybody.
    pub fn pass(&self, time: Duration) {
        self.google().clock().advance(time);
        self.tick();
    }

    /// The worker's clock stands until it is brought up to that of both sides.
    pub fn tick(&self) {
        let now = i64::try_from(self.google().clock().now().as_micros()).unwrap();
        let behind = (now - self.clock.now()).max(0).unsigned_abs();
        self.clock.advance(Duration::from_micros(behind));
    }

    /// Everybody's run, once, whatever comes of it.
    pub async fn try_run(&self) {
        self.tick();
        let mut batch = self.store.batch().await.unwrap();
        books::wake_all(&mut batch, None, self.clock.now()).await.unwrap();
        batch.commit().await.unwrap();
        self.drain().await;
    }

    /// What is due.
    pub async fn drain(&self) {
        let drained = tokio::time::timeout(PATIENCE, self.contacts.drain()).await;
        drained.expect("a run ends").unwrap();
    }

    /// Everybody's run, once, which succeeds.
    pub async fn run(&self) {
        self.try_run().await;
        let waiting = self.crm.faults().pending() + self.google().contacts_faults().pending();
        assert_eq!(waiting, 0, "a fault that met no request proves nothing");
        for book in books::all(&self.store, &mut self.store.read().await.unwrap()).await.unwrap() {
            assert_eq!((book.status.as_str(), book.fault), ("ok", None));
        }
    }

    /// A run that ends at a write; whether it came so far.
    pub async fn cut_off(&mut self, end: End) -> bool {
        self.wire.arm(Some(end));
        let wire = Arc::clone(&self.wire);
        let ended = tokio::select! {
            biased;
            () = wire.end.notified() => true,
            () = self.try_run() => false,
        };
        wire.arm(None);
        if ended {
            self.restart().await;
        }
        ended
    }

    /// Runs until nothing is written any more; how often.
    pub async fn rest(&self) -> usize {
        for times in 0..10 {
            let before = self.writes();
            self.run().await;
            if self.writes() == before {
                return times;
            }
        }
        panic!("it does not come to rest");
    }

    /// Writes that came to either side.
    pub fn writes(&self) -> (u64, u64) {
        let crm = ["POST", "PUT", "PATCH", "DELETE"].iter().map(|m| self.crm.requests(m, "")).sum();
        (self.google().contacts_counters().writes.values().sum(), crm)
    }
}

fn database(gateway: &Gateway, postgres: Option<&str>) -> String {
    let file = gateway.dir.path().join("postern.db");
    postgres.map_or_else(|| format!("sqlite://{}", file.display()), str::to_owned)
}

async fn worker(
    gateway: &Gateway,
    crm: &Crm,
    clock: &Clock,
    rates: Rates,
    postgres: Option<&str>,
) -> (Store, Contacts, Arc<Wire>) {
    let parts = &gateway.parts;
    let opening = Opening {
        url: database(gateway, postgres),
        ring: Arc::new(Ring::load(&gateway.dir.path().join("postern.key"), false).unwrap()),
        clock: clock.clone(),
        dice: Dice::default(),
        node: "main".to_owned(),
    };
    let store = Store::open(opening).await.unwrap();
    let wire = Arc::new(Wire::new(http::Client::new(&parts.trust)));
    let (tasks, metrics) = (Tasks::default(), Registry::default());
    let broker = Broker::new(
        store.clone(),
        wire.clone(),
        parts.endpoints.clone(),
        parts.redirect_uri.clone(),
        tasks.clone(),
        broker::metrics::Metrics::register(&metrics),
    );
    let google = People::new(
        wire.clone(),
        parts.config.google.people_url.clone(),
        broker,
        Quota::new(clock.clone(), Dice::default(), rates),
        people::metrics::Metrics::register(&metrics),
    );
    let site = crm.url().parse().unwrap();
    let crm = Some(Client::new(wire.clone(), site, Secret::new(crm.key())));
    let sync = &parts.config.sync;
    let roads = Roads { google, crm, interval: sync.contacts_interval, delay: sync.contacts_delay };
    (store.clone(), Contacts::new(store, roads, tasks), wire)
}
