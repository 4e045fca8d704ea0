//! A Google and a CRM with people in both, an installation between, and what has to hold at rest.

use std::sync::Arc;
use std::time::{Duration, Instant};

use postern::audit::verify::verify;
use postern::store::contacts::books;
use postern::store::sync::{calendar_users, calendars};
use postern::store::{accounts, clients, grants};
use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use postern_core::plan::contacts::choices::{Choices, Strangers};
use postern_core::plan::policy::Direction;
use postern_sandbox::{Crm, CrmOptions, Google, Options, Rotation, Sandbox};
use tokio::time::sleep;

use super::people::{Desk, Person};
use super::traffic::Mailbox;
use crate::support::databases::Raw;
use crate::support::gateway::{CLIENT, Gateway, Setup, configuration};

const SCOPES: [&str; 5] = [
    "openid",
    "email",
    "https://www.googleapis.com/auth/calendar.events",
    "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
    "https://www.googleapis.com/auth/contacts",
];
/// Runs of each calendar and book that find nothing to write before all is taken to be at rest.
const STILL: usize = 2;

// Two runs of one calendar that both say they have ended well, and ran at the same time.
const OVERLAPS: &str = "SELECT count(*) FROM sync_runs a JOIN sync_runs b ON a.calendar_id = b.calendar_id \
                        AND a.id < b.id AND a.status = 'ok' AND b.status = 'ok' \
                        AND a.started_at < b.ended_at AND b.started_at < a.ended_at";
const STANDING: [&str; 5] = [
    "SELECT status || ' ' || coalesce(fault, '') FROM calendars",
    "SELECT status || ' ' || coalesce(fault, '') FROM address_books",
    "SELECT kind FROM intents UNION ALL SELECT kind FROM people_intents",
    "SELECT class FROM holds",
    "SELECT reason FROM dead_letters",
];

/// Both sides and the installation, which no process serves yet.
pub struct World {
    pub gateway: Gateway,
    pub crm: Arc<Crm>,
    pub mailboxes: Vec<Mailbox>,
    pub desk: Arc<Desk>,
    database: String,
    more: String,
}

impl World {
    /// With so many mailboxes and people with calendar and contacts, on SQLite or at that address.
    pub async fn new(database: Option<String>, mailboxes: usize, people: usize) -> Self {
        let sandbox = Sandbox::start(Options::default()).await.expect("the sandbox starts");
        let clock = sandbox.google().clock().clone();
        let crm =
            Crm::start_with(CrmOptions { clock, ..CrmOptions::default() }).await.expect("the CRM starts");
        let google = Arc::clone(sandbox.google());
        google.set_rotation(Rotation::Lenient);
        // Gmail ends a session with its access token, which the crowd that waits for an hour is not about.
        google.set_token_lifetime(Duration::from_secs(2 * 3_600));
        google.set_calendar_policy(|policy| policy.per_user_minute = 1_000_000);
        google.set_contacts_policy(|policy| {
            (policy.critical_reads_minute, policy.critical_writes_minute) = (1_000_000, 1_000_000);
            (policy.reads_minute, policy.writes_minute, policy.full_syncs_minute) =
                (1_000_000, 1_000_000, 1_000_000);
        });
        let more = format!(
            "[sync]\ncalendar_interval = \"1s\"\ncontacts_interval = \"2s\"\ncontacts_delay = \"1s\"\n\
             contacts_per_minute = 10000\n[crm]\nurl = \"{}\"\napi_key = \"{}\"\n",
            crm.url(),
            crm.key()
        );
        let setup = Setup {
            sandbox: Some(sandbox),
            database_url: database.clone(),
            more: more.clone(),
            idle: true,
            ..Setup::default()
        };
        let gateway = Gateway::with(setup).await;
        let file = gateway.dir.path().join("postern.db");
        let database = database.unwrap_or_else(|| format!("sqlite://{}", file.display()));
        let (mut boxes, mut all) = (Vec::new(), Vec::new());
        for number in 0..mailboxes {
            boxes.push(mailbox(&gateway, number).await);
        }
        for number in 0..people {
            all.push(person(&gateway, &crm, number).await);
        }
        let crm = Arc::new(crm);
        let desk = Arc::new(Desk::new(google, Arc::clone(&crm), all));
        Self { gateway, crm, mailboxes: boxes, desk, database, more }
    }

    pub fn google(&self) -> &Arc<Google> {
        self.gateway.sandbox.google()
    }

    /// The configuration of a process of that name on this machine.
    pub fn text(&self, node: &str, more: &str) -> String {
        self.text_on(&self.database, node, more)
    }

    /// The same with the database at another address.
    pub fn text_on(&self, database: &str, node: &str, more: &str) -> String {
        let more = format!("{}{more}[node]\nname = \"{node}\"\n", self.more);
        let setup = Setup { database_url: Some(database.to_owned()), more, ..Setup::default() };
        configuration(&self.gateway.sandbox, &self.gateway.dir, &setup)
    }

    /// A connection past the store.
    pub async fn raw(&self) -> Raw {
        Raw::to(&self.database).await
    }

    /// Ends the leases of processes that are dead, as minutes do; nobody else may run meanwhile.
    pub async fn minutes_pass(&self) {
        let mut raw = self.raw().await;
        raw.run("UPDATE leases SET expires_at = 0").await;
        raw.run("UPDATE nodes SET beat_at = beat_at - 61000000").await;
    }

    /// Leases as they are held now.
    pub async fn leases(&self) -> Vec<String> {
        let held = "SELECT name || '|' || holder || '|' || fence || '|' || expires_at FROM leases \
                    WHERE expires_at > 0";
        self.raw().await.words(held).await
    }

    /// Ends those that nobody has taken or kept since, as minutes do, and makes the node silent; their
    /// names.
    pub async fn outlived(&self, held: &[String], node: &str) -> Vec<String> {
        let (still, mut raw) = (self.leases().await, self.raw().await);
        let mut names = Vec::new();
        for lease in held.iter().filter(|lease| still.contains(lease)) {
            let end = "UPDATE leases SET expires_at = 0 WHERE name || '|' || holder || '|' || fence || '|' \
                       || expires_at = ";
            raw.run(&format!("{end}'{lease}'")).await;
            names.push(lease.split('|').next().unwrap_or_default().to_owned());
        }
        raw.run(&format!("UPDATE nodes SET beat_at = beat_at - 61000000 WHERE name = '{node}'")).await;
        names
    }

    /// Ends what is still held of runs that were cut off, as two or three minutes do.
    pub async fn leases_of_the_dead_end(&self) {
        let leases = self.leases().await;
        sleep(Duration::from_secs(2)).await;
        self.outlived(&leases, "").await;
    }

    /// Whether somebody else has had each of these leases since.
    pub async fn taken(&self, before: &[String], names: &[String]) -> bool {
        let all = "SELECT name || '|' || holder || '|' || fence FROM leases";
        let now = self.raw().await.words(all).await;
        let ours = |one: &&String| names.iter().any(|name| one.starts_with(&format!("{name}|")));
        let same = |one: &&String| now.iter().any(|row| one.starts_with(&format!("{row}|")));
        !before.iter().filter(ours).any(|one| same(&one))
    }

    /// Makes every calendar and address book due, as *Run now* does.
    pub async fn wake(&self) {
        let store = &self.gateway.parts.store;
        let now = store.clock().now();
        let mut batch = store.batch().await.expect("a batch");
        calendars::wake_all(&mut batch, None, now).await.expect("woken");
        books::wake_all(&mut batch, None, now).await.expect("woken");
        batch.commit().await.expect("committed");
    }

    fn writes(&self) -> u64 {
        let crm: u64 = ["POST", "PUT", "PATCH", "DELETE"].iter().map(|m| self.crm.requests(m, "")).sum();
        let contacts: u64 = self.google().contacts_counters().writes.values().sum();
        self.google().calendar_counters().writes + contacts + crm
    }

    /// Waits until both sides are as people have left them, nothing is meant to be done any more, and
    /// runs write nothing.
    pub async fn rest(&self, within: Duration) -> Duration {
        let (began, mut still, mut before) = (Instant::now(), 0, 0);
        while still < STILL {
            self.wake().await;
            sleep(Duration::from_millis(1_200)).await;
            let (writes, wrong) = (self.writes(), self.desk.differences());
            let mut raw = self.raw().await;
            let meant = raw.count("intents").await + raw.count("people_intents").await;
            still = if wrong.is_empty() && meant == 0 && writes == before { still + 1 } else { 0 };
            before = writes;
            if began.elapsed() > within {
                self.complain(&wrong).await;
            }
        }
        began.elapsed()
    }

    async fn complain(&self, wrong: &[String]) -> ! {
        let mut told = format!("{} differences: {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
        for question in STANDING {
            told += &format!("\n{:?}", self.raw().await.words(question).await);
        }
        panic!("it does not come to rest: {told}\ncontacts: {:?}", self.desk.names());
    }

    /// No grant was lost, no two runs of a calendar went well at once, and the chains are whole.
    pub async fn judge(&self) {
        let mut read = self.gateway.parts.store.read().await.expect("a connection");
        for account in accounts::all(&mut read).await.expect("read") {
            assert_eq!(account.state, State::Active, "{}", account.address);
        }
        drop(read);
        assert_eq!(self.raw().await.number(OVERLAPS).await, 0, "two runs of one calendar at once");
        let report = verify(&self.gateway.parts.store, &[]).await.expect("the chains are read");
        assert!(report.broken.is_empty(), "{report:?}");
        let counters = self.google().calendar_counters();
        assert_eq!((counters.guest_mails, counters.guest_calendars), (0, 0), "nobody was written to");
    }

    /// Ends every access token of every account at Google.
    pub fn expire(&self) {
        for mailbox in &self.mailboxes {
            self.google().drop_access_tokens(&mailbox.address);
        }
        for person in self.desk.people() {
            self.google().drop_access_tokens(&person.address);
        }
    }
}

async fn mailbox(gateway: &Gateway, number: usize) -> Mailbox {
    let address = format!("box{number}@example.com");
    let account = gateway.connect(&address, &[]).await;
    let token = gateway.token(account).await;
    assert!(
        gateway.sandbox.google().deliver(&address, b"From: x@example.net\r\nSubject: hi\r\n\r\nhello\r\n")
    );
    Mailbox { address, token }
}

async fn person(gateway: &Gateway, crm: &Crm, number: usize) -> Person {
    let (address, user) = (format!("person{number}@example.com"), format!("00000000000000a{number:02}"));
    crm.add_person(&user, (&format!("Person{number}"), "Nova"), &[&address]);
    let google = gateway.sandbox.google();
    google.add_user(&address);
    let group = google.add_group(&address, "CRM").expect("a group");
    let refresh = google.issue_refresh_token(&address, CLIENT, &SCOPES).expect("a user");
    let store = &gateway.parts.store;
    let mailbox = Address::parse(&address).expect("an address");
    let mut act = gateway.act().await;
    let account = accounts::insert(&mut act, &mailbox, Some(&user), State::Active).await.expect("stored").id;
    let client = clients::current(store, &mut act).await.expect("read").expect("a client");
    let granted = ScopeSet::consent(&[Product::Calendar, Product::Contacts]);
    grants::replace(&mut act, account, client.id, &granted, &Secret::new(refresh)).await.expect("stored");
    let choices = Choices {
        group: Some(group.clone()),
        direction: Direction::Both,
        strangers: Strangers::Contact,
        ..Choices::default()
    };
    assert!(books::choose(&mut act, account, &choices, 0, &Actor::Gateway).await.expect("stored"));
    let event = Event::AccountImported { account, address: mailbox, scopes: granted.to_string() };
    act.commit(event.clone()).await.expect("committed");
    let mut batch = store.batch().await.expect("a batch");
    let calendar = calendars::put(&mut batch, &address, "Main", "Europe/Prague").await.expect("stored");
    calendar_users::put(&mut batch, account, calendar, "owner").await.expect("stored");
    batch.commit().await.expect("committed");
    let mut act = gateway.act().await;
    assert!(calendar_users::choose(&mut act, account, Some(calendar), &[]).await.expect("stored"));
    act.commit(event).await.expect("committed");
    Person { address, user, group }
}
