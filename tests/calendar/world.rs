//! People with a calendar on either side, and a gateway between.

use std::sync::Arc;
use std::time::Duration;

use postern::app;
use postern::store::sync::holds::{self, Hold};
use postern::store::sync::{calendar_users, calendars, choices, crm_cursors};
use postern::store::{Write as _, accounts, clients, grants};
use postern::sync::Sync;
use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, CalendarId};
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use postern_core::plan::calendar::choices::Choices;
use postern_sandbox::{Crm, CrmOptions, Options, Sandbox, Version};
use serde_json::{Value, json};

use crate::support::databases::{Database, Kind, Raw};
use crate::support::gateway::{CLIENT, Gateway, Setup};
use crate::support::ports;

pub const ANNA: &str = "anna@example.com";
pub const ANNA_ID: &str = "0000000000000a22a";
pub const BEN: &str = "ben@example.com";
pub const BEN_ID: &str = "0000000000000b33b";

/// What a grant for calendars opens.
pub const SCOPES: [&str; 4] = [
    "openid",
    "email",
    "https://www.googleapis.com/auth/calendar.events",
    "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
];

pub struct World {
    pub gateway: Gateway,
    pub crm: Arc<Crm>,
    pub sync: Sync,
    // The address of its database, if that is not in a file.
    postgres: Option<String>,
}

impl World {
    /// Nobody is there yet.
    pub async fn new() -> Self {
        Self::with("").await
    }

    pub async fn with(more: &str) -> Self {
        Self::on(Version::V10_0_0, more).await
    }

    /// With a CRM of that release.
    pub async fn on(version: Version, more: &str) -> Self {
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        let clock = sandbox.google().clock().clone();
        let crm = Crm::start_with(CrmOptions { version, clock, ..CrmOptions::default() }).await.unwrap();
        Self::between(sandbox, Arc::new(crm), more, None).await
    }

    /// With a CRM whose clock is so far behind Google's.
    pub async fn behind(by: Duration) -> Self {
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        sandbox.google().clock().advance(by);
        let crm = Crm::start_with(CrmOptions::default()).await.unwrap();
        Self::between(sandbox, Arc::new(crm), "", None).await
    }

    /// With a CRM of that release and a database in PostgreSQL.
    pub async fn in_postgres(version: Version) -> Self {
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        let clock = sandbox.google().clock().clone();
        let crm = Crm::start_with(CrmOptions { version, clock, ..CrmOptions::default() }).await.unwrap();
        let database = Database::migrated(Kind::Postgres).await;
        Self::between(sandbox, Arc::new(crm), "", Some(database.url)).await
    }

    /// The same two sides, and a gateway that knows nothing of them: its database was lost.
    pub async fn anew(self) -> Self {
        let Self { gateway, crm, .. } = self;
        let (sandbox, _lost) = gateway.stop().await;
        Self::between(sandbox, crm, "", None).await
    }

    async fn between(sandbox: Sandbox, crm: Arc<Crm>, more: &str, postgres: Option<String>) -> Self {
        // A run that no test asked for would be counted.
        let seldom = "[sync]\ncalendar_interval = \"24h\"\n";
        let more = format!("{seldom}[crm]\nurl = \"{}\"\napi_key = \"{}\"\n{more}", crm.url(), crm.key());
        let database_url = postgres.clone();
        let setup = Setup { sandbox: Some(sandbox), more, idle: true, database_url, ..Setup::default() };
        let gateway = Gateway::with(setup).await;
        let sync = app::calendars(&gateway.parts);
        Self { gateway, crm, sync, postgres }
    }

    /// A gateway that serves, and that both sides can call.
    pub async fn served() -> Self {
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        let clock = sandbox.google().clock().clone();
        let crm = Crm::start_with(CrmOptions { clock, ..CrmOptions::default() }).await.unwrap();
        let more = format!("[crm]\nurl = \"{}\"\napi_key = \"{}\"\n", crm.url(), crm.key());
        let port = ports::free();
        crm.allow_webhooks_to(&format!("localhost:{port}"));
        let env = [
            ("POSTERN__HTTP__LISTEN", format!("127.0.0.1:{port}")),
            ("POSTERN__HTTP__PUBLIC_URL", format!("http://localhost:{port}/postern")),
        ];
        let env = env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let gateway = Gateway::with(Setup { sandbox: Some(sandbox), more, env, ..Setup::default() }).await;
        let sync = app::calendars(&gateway.parts);
        Self { gateway, crm: Arc::new(crm), sync, postgres: None }
    }

    /// Has both sides tell of their changes, as far as they do not.
    pub async fn listen(&self) {
        app::listening(&self.gateway.parts).look().await.unwrap();
    }

    /// A person in both, whose primary calendar is the main one.
    pub async fn person(&self, address: &str, user: &str, first: &str) -> (AccountId, CalendarId) {
        self.crm.add_person(user, (first, "Nova"), &[address]);
        let google = self.gateway.sandbox.google();
        google.add_user(address);
        let refresh = google.issue_refresh_token(address, CLIENT, &SCOPES).unwrap();
        let store = &self.gateway.parts.store;
        let mut act = self.gateway.act().await;
        let mailbox = Address::parse(address).unwrap();
        let account = accounts::insert(&mut act, &mailbox, Some(user), State::Active).await.unwrap().id;
        let client = clients::current(store, &mut act).await.unwrap().unwrap();
        let granted = ScopeSet::consent(&[Product::Calendar]);
        grants::replace(&mut act, account, client.id, &granted, &Secret::new(refresh)).await.unwrap();
        let event = Event::AccountImported { account, address: mailbox, scopes: granted.to_string() };
        act.commit(event.clone()).await.unwrap();
        let mut batch = store.batch().await.unwrap();
        let calendar = calendars::put(&mut batch, address, "Main", "Europe/Prague").await.unwrap();
        calendar_users::put(&mut batch, account, calendar, "owner").await.unwrap();
        batch.commit().await.unwrap();
        let mut act = self.gateway.act().await;
        assert!(calendar_users::choose(&mut act, account, Some(calendar), &[]).await.unwrap());
        act.commit(event).await.unwrap();
        (account, calendar)
    }

    pub async fn anna(&self) -> (AccountId, CalendarId) {
        self.person(ANNA, ANNA_ID, "Anna").await
    }

    pub async fn ben(&self) -> (AccountId, CalendarId) {
        self.person(BEN, BEN_ID, "Ben").await
    }

    /// Whose mailbox it is.
    pub async fn account(&self, address: &str) -> AccountId {
        let mut read = self.gateway.parts.store.read().await.unwrap();
        accounts::by_address(&mut read, &Address::parse(address).unwrap()).await.unwrap().unwrap().id
    }

    /// Has an account keep its calendar in step in another way.
    pub async fn choose(&self, account: AccountId, change: impl FnOnce(&mut Choices)) {
        let mut act = self.gateway.act().await;
        let stored = choices::of(&mut act, account).await.unwrap();
        let mut wanted = stored
            .as_ref()
            .map_or_else(Choices::default, |stored| serde_json::from_str(&stored.content).unwrap());
        change(&mut wanted);
        wanted.check().unwrap();
        let content = serde_json::to_string(&wanted).unwrap();
        let version = stored.map_or(0, |stored| stored.version);
        assert!(choices::put(&mut act, account, &content, version, &Actor::Gateway).await.unwrap());
        let address = Address::parse(ANNA).unwrap();
        act.commit(Event::AccountImported { account, address, scopes: String::new() }).await.unwrap();
    }

    /// A connection past the store.
    pub async fn raw(&self) -> Raw {
        Raw::to(&self.database()).await
    }

    /// Where its database is.
    pub fn database(&self) -> String {
        let file = self.gateway.dir.path().join("postern.db");
        self.postgres.clone().unwrap_or_else(|| format!("sqlite://{}", file.display()))
    }

    /// Nobody was written to, and no calendar of a guest was changed.
    pub fn nobody_was_told(&self) {
        let counters = self.google().calendar_counters();
        assert_eq!((counters.guest_mails, counters.guest_calendars), (0, 0));
    }

    /// Another calendar of Google's that an account reads and writes beside its main one.
    pub async fn monitored(&self, account: AccountId, main: CalendarId, google_id: &str) -> CalendarId {
        let mut batch = self.gateway.parts.store.batch().await.unwrap();
        let id = calendars::put(&mut batch, google_id, "Shared", "Europe/Prague").await.unwrap();
        calendar_users::put(&mut batch, account, id, "owner").await.unwrap();
        batch.commit().await.unwrap();
        let mut act = self.gateway.act().await;
        assert!(calendar_users::choose(&mut act, account, Some(main), &[id]).await.unwrap());
        let event =
            Event::AccountImported { account, address: Address::parse(ANNA).unwrap(), scopes: String::new() };
        act.commit(event).await.unwrap();
        id
    }

    /// The run of one calendar.
    pub async fn run_only(&self, calendar: CalendarId) {
        let mut batch = self.gateway.parts.store.batch().await.unwrap();
        let now = batch.store().clock().now();
        calendars::wake(&mut batch, calendar, now).await.unwrap();
        batch.commit().await.unwrap();
        self.sync.drain().await.unwrap();
    }

    /// Everybody's run, once.
    pub async fn run(&self) {
        let store = &self.gateway.parts.store;
        let mut batch = store.batch().await.unwrap();
        let now = batch.store().clock().now();
        calendars::wake_all(&mut batch, None, now).await.unwrap();
        batch.commit().await.unwrap();
        self.sync.drain().await.unwrap();
        let waiting = self.crm.faults().pending() + self.google().calendar_faults().pending();
        assert_eq!(waiting, 0, "a fault that met no request proves nothing");
    }

    /// A run in which the CRM is asked about every linked record.
    pub async fn sweep(&self) {
        let mut batch = self.gateway.parts.store.batch().await.unwrap();
        for entity in ["Meeting", "Call"] {
            crm_cursors::sweep_now(&mut batch, entity).await.unwrap();
        }
        batch.commit().await.unwrap();
        self.run().await;
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

    /// What waits for a word.
    pub async fn pending(&self) -> Vec<Hold> {
        let store = &self.gateway.parts.store;
        holds::pending(store, &mut store.read().await.unwrap(), 10).await.unwrap()
    }

    /// Writes that came to either side.
    pub fn writes(&self) -> u64 {
        let crm: u64 = ["POST", "PUT", "PATCH", "DELETE"].iter().map(|m| self.crm.requests(m, "")).sum();
        self.google().calendar_counters().writes + crm
    }

    pub fn google(&self) -> &postern_sandbox::Google {
        self.gateway.sandbox.google()
    }

    /// A meeting that Anna makes in the CRM.
    pub fn meeting(&self, name: &str, start: &str, end: &str) -> String {
        let meeting = json!({ "name": name, "status": "Planned", "dateStart": start, "dateEnd": end });
        self.crm.as_user(ANNA_ID).create("Meeting", &meeting).unwrap()
    }

    /// An event that Anna makes in Google.
    pub fn event(&self, title: &str, start: &str, end: &str) -> String {
        let event = json!({ "summary": title, "start": { "dateTime": start }, "end": { "dateTime": end } });
        self.google().put_event(ANNA, ANNA, event).unwrap()
    }

    /// The one live event of Anna's calendar.
    pub fn only_event(&self) -> Value {
        let events = self.google().live_events(ANNA);
        assert_eq!(events.len(), 1, "{events:?}");
        events[0].clone()
    }

    /// The one meeting of the CRM.
    pub fn only_meeting(&self) -> Value {
        let meetings = self.crm.records("Meeting");
        assert_eq!(meetings.len(), 1, "{meetings:?}");
        meetings[0].clone()
    }
}
