//! One world of a simulation: people, both sides, and two workers on one database,
//! all of them on one clock.

use std::sync::Arc;
use std::time::Duration;

use postern::actions::By;
use postern::clock::Clock;
use postern::crm::client::Client;
use postern::dice::Dice;
use postern::google::broker::{self, Broker};
use postern::google::calendar::{self, Calendar};
use postern::google::quota::{Caller, Quota, Rates};
use postern::metrics::Registry;
use postern::net::http;
use postern::seal::Ring;
use postern::store::sync::{calendar_users, calendars, holds};
use postern::store::{Opening, Store, accounts, clients, grants};
use postern::sync::{Sync, Ways};
use postern::tasks::Tasks;
use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, CalendarId};
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use postern_sandbox::{CalendarFault, CalendarTrouble, CrmTrouble, Role};
use tokio::task::JoinSet;

use super::history::{Deed, History, Side, Step, Trouble, Twist, Who};
use super::people::{CARA, HOLIDAYS, People, TEAM, ZOE};
use super::wire::{Act, Armed, Wire};
use crate::calendar::world::{ANNA, BEN, SCOPES, World};
use crate::support::databases::Raw;
use crate::support::gateway::CLIENT;

/// A worker that takes longer for one run than this will never end, on a busy machine neither.
const PATIENCE: Duration = Duration::from_secs(120);

/// A worker: its own store, its own way out.
struct Worker {
    store: Store,
    wire: Arc<Wire>,
    sync: Sync,
}

/// The world.
pub struct Stage {
    pub world: World,
    pub people: Arc<People>,
    pub clock: Clock,
    /// Every calendar that somebody connected.
    pub calendars: Vec<CalendarId>,
    workers: Vec<Worker>,
    joined: bool,
}

impl Stage {
    /// Anna and Ben are connected, Cara is in the CRM only.
    pub async fn new(history: &History) -> Self {
        let world = match (history.postgres, std::env::var_os("POSTERN_TEST_POSTGRES")) {
            (true, Some(_)) => World::in_postgres(history.version).await,
            _ => World::on(history.version, "").await,
        };
        world.crm.set_event_field(history.field);
        let google = Arc::clone(world.gateway.sandbox.google());
        google.set_calendar_policy(|policy| policy.short_pages = history.short_pages);
        let now = i64::try_from(google.clock().now().as_micros()).unwrap();
        let clock = Clock::manual(now);
        let (anna, main) = world.person(ANNA, Who::Anna.user(), "Anna").await;
        let (ben, bens) = world.person(BEN, Who::Ben.user(), "Ben").await;
        world.crm.add_person(Who::Cara.user(), ("Cara", "Nova"), &[CARA]);
        google.add_user(CARA);
        google.add_user(ZOE);
        google.add_calendar(ANNA, TEAM, "Team", "Europe/Prague");
        google.share_calendar(TEAM, BEN, Role::Writer);
        google.add_calendar(ZOE, HOLIDAYS, "Holidays", "UTC");
        google.share_calendar(HOLIDAYS, ANNA, Role::Reader);
        let people = Arc::new(People::new(google, Arc::clone(&world.crm)));
        people.books().chosen = history.chosen;
        for (account, chosen) in [anna, ben].into_iter().zip(history.chosen) {
            world.choose(account, |choices| chosen.enter(choices)).await;
        }
        let mut stage =
            Self { world, people, clock, calendars: vec![main, bens], workers: Vec::new(), joined: false };
        let team = stage.calendar(TEAM, &[(anna, "owner"), (ben, "writer")]).await;
        let holidays = stage.calendar(HOLIDAYS, &[(anna, "reader")]).await;
        stage.calendars.extend([team, holidays]);
        stage.choose(anna, main, &[team, holidays]).await;
        stage.choose(ben, bens, &[team]).await;
        for _ in 0..2 {
            let worker = stage.worker().await;
            stage.workers.push(worker);
        }
        stage
    }

    async fn calendar(&self, google_id: &str, users: &[(AccountId, &str)]) -> CalendarId {
        let mut batch = self.world.gateway.parts.store.batch().await.unwrap();
        let id = calendars::put(&mut batch, google_id, "Shared", "Europe/Prague").await.unwrap();
        for (account, role) in users {
            calendar_users::put(&mut batch, *account, id, role).await.unwrap();
        }
        batch.commit().await.unwrap();
        id
    }

    async fn choose(&self, account: AccountId, main: CalendarId, monitored: &[CalendarId]) {
        let mut act = self.world.gateway.act().await;
        assert!(calendar_users::choose(&mut act, account, Some(main), monitored).await.unwrap());
        act.commit(Event::AccountImported {
            account,
            address: Address::parse(ANNA).unwrap(),
            scopes: String::new(),
        })
        .await
        .unwrap();
    }

    async fn worker(&self) -> Worker {
        let parts = &self.world.gateway.parts;
        let opening = Opening {
            url: self.world.database(),
            ring: Arc::new(Ring::load(&self.world.gateway.dir.path().join("postern.key"), false).unwrap()),
            clock: self.clock.clone(),
            dice: Dice::default(),
            node: "main".to_owned(),
        };
        let store = Store::open(opening).await.unwrap();
        let wire = Arc::new(Wire::new(http::Client::new(&parts.trust), self.world.crm.url()));
        let (tasks, metrics) = (Tasks::default(), Registry::default());
        let broker = Broker::new(
            store.clone(),
            wire.clone(),
            parts.endpoints.clone(),
            parts.redirect_uri.clone(),
            tasks.clone(),
            broker::metrics::Metrics::register(&metrics),
        );
        let rates = Rates { account: 1_000_000, project: 1_000_000 };
        let google = Calendar::new(
            wire.clone(),
            parts.config.google.calendar_url.clone(),
            broker,
            Quota::new(self.clock.clone(), Dice::default(), rates),
            calendar::metrics::Metrics::register(&metrics),
        )
        // The clock stands: whoever waits for Google waits in vain.
        .counted_as(Caller::Poll, Duration::from_millis(20));
        let site = self.world.crm.url().parse().unwrap();
        let crm = Some(Client::new(wire.clone(), site, Secret::new(self.world.crm.key())));
        let interval = parts.config.sync.calendar_interval;
        let sync = Sync::new(store.clone(), Ways { google, crm, interval }, tasks);
        Worker { store, wire, sync }
    }

    /// A connection past the store.
    pub async fn raw(&self) -> Raw {
        self.world.raw().await
    }

    /// The store of a worker.
    pub fn store(&self) -> &Store {
        &self.workers[0].store
    }

    /// One step of a history.
    pub async fn step(&mut self, step: &Step) {
        self.tick();
        match step.deed {
            Deed::Forward { minutes } => self.forward(minutes),
            Deed::Run { worker, twist } => self.run(worker, twist.map(|twist| (step.number, twist))).await,
            Deed::Both => self.both().await,
            Deed::Revoke { who } => self.people.google.revoke(who.address()),
            Deed::Reconnect { who } => self.reconnect(who).await,
            Deed::Join => self.join().await,
            Deed::ExpireTokens { who } => self.people.google.expire_sync_tokens(who.address()),
            ref deed => self.people.act(step.number, deed),
        }
        self.learn();
    }

    /// Turns the clock of everybody.
    pub fn forward(&self, minutes: u64) {
        self.people.google.clock().advance(Duration::from_secs(minutes * 60));
        self.tick();
    }

    // The workers' clock stands until it is brought up to that of both sides.
    fn tick(&self) {
        let now = i64::try_from(self.people.google.clock().now().as_micros()).unwrap();
        let behind = (now - self.clock.now()).max(0).unsigned_abs();
        self.clock.advance(Duration::from_micros(behind));
    }

    async fn wake(&self) {
        let mut batch = self.store().batch().await.unwrap();
        calendars::wake_all(&mut batch, None, self.clock.now()).await.unwrap();
        batch.commit().await.unwrap();
    }

    /// Everybody's run, once, by one worker.
    pub async fn run(&mut self, worker: usize, twist: Option<(usize, Twist)>) {
        self.wake().await;
        let Worker { sync, wire, .. } = &self.workers[worker];
        let (sync, wire) = (sync.clone(), Arc::clone(wire));
        if let Some((number, twist)) = twist {
            wire.arm(self.armed(number, twist));
        }
        let ended = tokio::select! {
            biased;
            () = wire.end.notified() => true,
            done = sync.drain() => { done.unwrap(); false }
            () = tokio::time::sleep(PATIENCE) => panic!("a run does not end"),
        };
        wire.disarm();
        self.people.google.calendar_faults().clear();
        self.world.crm.faults().clear();
        if ended {
            self.workers[worker] = self.worker().await;
            // What a dead process holds runs out by itself, after two minutes that nobody waits here.
            self.raw().await.run("UPDATE leases SET expires_at = 0").await;
        }
    }

    async fn both(&mut self) {
        self.wake().await;
        let mut runs = JoinSet::new();
        for worker in &self.workers {
            let sync = worker.sync.clone();
            runs.spawn(async move { sync.drain().await });
        }
        let ended = tokio::time::timeout(PATIENCE, runs.join_all()).await.expect("the runs end");
        for run in ended {
            run.unwrap();
        }
    }

    fn armed(&self, number: usize, twist: Twist) -> Armed {
        let people = Arc::clone(&self.people);
        let fault = |google: CalendarTrouble, crm: CrmTrouble| {
            let people = Arc::clone(&people);
            Act::Outside(Box::new(move |_, to_crm| match to_crm {
                true => people.crm.faults().next(crm.into()),
                false => people.google.calendar_faults().next(CalendarFault::any(google)),
            }))
        };
        let act = match twist.trouble {
            Trouble::EndBefore => Act::EndBefore,
            Trouble::EndAfter => Act::EndAfter,
            Trouble::LoseAnswer => fault(CalendarTrouble::LoseAnswer, CrmTrouble::LoseAnswer),
            Trouble::Close => fault(CalendarTrouble::Close, CrmTrouble::Close),
            Trouble::Expired => fault(CalendarTrouble::full_sync_required(), CrmTrouble::Answer(503)),
            Trouble::Status(status) => {
                let google = match status {
                    403 => CalendarTrouble::rate_limited("userRateLimitExceeded"),
                    429 => CalendarTrouble::too_many(30),
                    status => CalendarTrouble::server_error(status),
                };
                fault(google, CrmTrouble::Answer(if status == 403 { 503 } else { status }))
            }
            Trouble::Meanwhile(thing, side, field) => Act::Outside(Box::new(move |request, to_crm| {
                people.act(number, &Deed::Edit { thing, side, field });
                if to_crm && side == Side::Crm && people.writes(request, thing) {
                    people.books().raced(thing, field);
                }
            })),
        };
        Armed { write: twist.write, at: twist.at, act }
    }

    async fn reconnect(&self, who: Who) {
        let google = &self.people.google;
        let address = Address::parse(who.address()).unwrap();
        let refresh = google.issue_refresh_token(who.address(), CLIENT, &SCOPES).unwrap();
        let mut act = self.world.gateway.act().await;
        let Some(account) = accounts::by_address(&mut act, &address).await.unwrap() else { return };
        let client = clients::current(&self.world.gateway.parts.store, &mut act).await.unwrap().unwrap();
        let granted = ScopeSet::consent(&[Product::Calendar]);
        grants::replace(&mut act, account.id, client.id, &granted, &Secret::new(refresh)).await.unwrap();
        accounts::set_state(&mut act, account.id, State::Active).await.unwrap();
        let scopes = granted.to_string();
        act.commit(Event::AccountImported { account: account.id, address, scopes }).await.unwrap();
    }

    async fn join(&mut self) {
        if !std::mem::replace(&mut self.joined, true) {
            let (_, calendar) = self.world.person(CARA, Who::Cara.user(), "Cara").await;
            self.calendars.push(calendar);
        }
    }

    /// Enters into the books what is shown now.
    pub fn learn(&self) {
        let scene = self.people.scene();
        self.people.books().learn(&scene);
    }

    /// Writes that came to either side.
    pub fn writes(&self) -> u64 {
        self.world.writes()
    }

    /// Whoever was away for long looks at what came together, and approves it.
    pub async fn decide(&self) {
        let store = &self.world.gateway.parts.store;
        let by = By::new(Actor::CommandLine("anna".to_owned()), store.dice()).unwrap();
        let pending = holds::pending(store, &mut store.read().await.unwrap(), 100).await.unwrap();
        for hold in pending.iter().filter(|hold| hold.class == "returned") {
            assert!(postern::actions::holds::approve(store, &by, hold.id).await.unwrap());
        }
    }

    /// Whatever was taken away is given back.
    pub async fn mend(&mut self) {
        for who in [Who::Anna, Who::Ben] {
            self.reconnect(who).await;
        }
    }
}
