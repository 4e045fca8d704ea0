//! What happens to sessions, logins and grants while the database is away, or
//! the machine's clock is a day off.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use postern::audit::verify::verify;
use postern::store::grants;
use postern_core::model::account::State;
use postern_core::model::id::AccountId;
use postern_sandbox::{Rotation, TokenFault};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use tokio::task::JoinHandle;

use crate::support::cluster::Cluster;
use crate::support::databases::Raw;
use crate::support::gateway::{Gateway, Setup, configuration};
use crate::support::line::Lines;
use crate::support::process::Process;
use crate::support::program::part;

const ANNA: &str = "anna@example.com";
const BERT: &str = "bert@example.com";
const CARL: &str = "carl@example.com";
/// A login's whole time.
const LIMIT: Duration = Duration::from_secs(25);

/// A gateway process beside its database, and three mailboxes: Anna's session
/// runs, Bert's first access token is asked for when the database goes away,
/// Carl's token was never shown.
struct World {
    gateway: Gateway,
    process: Process,
    accounts: [AccountId; 3],
    tokens: [String; 3],
}

impl World {
    async fn new(database_url: Option<String>) -> Self {
        Self::under(database_url, &[]).await
    }

    /// With these variables in the process's environment.
    async fn under(database_url: Option<String>, environment: &[(&str, &str)]) -> Self {
        let setup = || Setup { idle: true, database_url: database_url.clone(), ..Setup::default() };
        let gateway = Gateway::with(setup()).await;
        gateway.sandbox.google().set_rotation(Rotation::Lenient);
        let mut accounts = Vec::new();
        let mut tokens = Vec::new();
        for address in [ANNA, BERT, CARL] {
            let account = gateway.connect(address, &[]).await;
            tokens.push(gateway.token(account).await);
            accounts.push(account);
        }
        let url = database_url
            .unwrap_or_else(|| format!("sqlite://{}", gateway.dir.path().join("postern.db").display()));
        let setup = Setup { database_url: Some(url), ..Setup::default() };
        let text = configuration(&gateway.sandbox, &gateway.dir, &setup) + "[node]\nname = \"one\"\n";
        let process = Process::under(&text, &gateway.dir.path().join("one.toml"), environment).await;
        let accounts = accounts.try_into().expect("three");
        Self { gateway, process, accounts, tokens: tokens.try_into().expect("three") }
    }

    /// Logs in; the answer came in time.
    async fn log_in(&self, user: &str, token: &str) -> (Lines, String) {
        let start = Instant::now();
        let mut imap = Lines::connect(self.process.imap[0]).await;
        imap.line().await;
        let answer = imap.ask(&format!("a LOGIN {user} {token}"), "a ").await.pop().unwrap_or_default();
        assert!(start.elapsed() < LIMIT + Duration::from_secs(3), "{user}: {:?}", start.elapsed());
        (imap, answer)
    }

    async fn refresh_token(&self, account: AccountId) -> String {
        let store = &self.gateway.parts.store;
        let mut read = store.read().await.expect("a connection");
        let grant = grants::of(store, &mut read, account).await.expect("read").expect("a grant");
        grant.refresh_token.reveal().to_owned()
    }

    #[expect(clippy::disallowed_methods, reason = "a client beside the test")]
    fn bert_logs_in(&self) -> JoinHandle<(Duration, String)> {
        let (addr, token) = (self.process.imap[0], self.tokens[1].clone());
        tokio::spawn(async move {
            let start = Instant::now();
            let mut imap = Lines::connect(addr).await;
            imap.line().await;
            let answer = imap.ask(&format!("a LOGIN {BERT} {token}"), "a ").await;
            (start.elapsed(), answer.last().cloned().unwrap_or_default())
        })
    }

    async fn goes_through(
        self,
        away: impl AsyncFnOnce(&World),
        back: impl AsyncFnOnce(&World),
        least: Duration,
    ) {
        let google = self.gateway.sandbox.google().clone();
        // A process that has just begun takes everything for changed once.
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        let (mut running, answer) = self.log_in(ANNA, &self.tokens[0]).await;
        assert!(answer.starts_with("a OK"), "{answer}");
        let first = self.refresh_token(self.accounts[1]).await;

        // Google works on Bert's refresh when the database goes away.
        let asked = google.token_request_count(None);
        google.token_faults().next(TokenFault::Delay(Duration::from_millis(1_500)));
        let bert = self.bert_logs_in();
        while google.token_request_count(None) == asked {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let began = Instant::now();
        away(&self).await;

        self.whoever_comes_meanwhile_gets_in().await;
        let (_, answer) = self.log_in(ANNA, &self.tokens[0]).await;
        assert!(answer.starts_with("a OK"), "a cached token: {answer}\n{}", self.process.log());
        running.ask("b NOOP", "b OK").await;
        let (_, answer) = self.log_in(CARL, &self.tokens[2]).await;
        let temporary = answer.starts_with("a NO [UNAVAILABLE]");
        assert!(temporary || answer.starts_with("a OK"), "{answer}");
        let (time, answer) = bert.await.expect("a login");
        assert!(
            answer.starts_with("a OK"),
            "the access token is there: {answer} after {time:?}\n{}",
            self.process.log()
        );
        assert!(time < LIMIT, "{time:?}");
        running.ask("c NOOP", "c OK").await;
        tokio::time::sleep(least.saturating_sub(began.elapsed())).await;
        back(&self).await;

        running.ask("d NOOP", "d OK").await;
        self.nothing_was_lost(&first).await;
        self.gateway.stop().await;
    }

    // At any moment of somebody else's wait for the database.
    async fn whoever_comes_meanwhile_gets_in(&self) {
        let logins = (0..6_u64).map(async |number| {
            tokio::time::sleep(Duration::from_millis(350 * number)).await;
            self.log_in(ANNA, &self.tokens[0]).await.1
        });
        for answer in join_all(logins).await {
            assert!(answer.starts_with("a OK"), "{answer}\n{}", self.process.log());
        }
    }

    /// Within seconds.
    async fn nothing_was_lost(&self, first: &str) {
        let end = Instant::now() + Duration::from_secs(30);
        while self.refresh_token(self.accounts[1]).await == first {
            assert!(Instant::now() < end, "the rotated refresh token is not stored\n{}", self.process.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        for (account, token) in self.accounts.iter().zip(&self.tokens) {
            let row = self.gateway.account(*account).await;
            assert_eq!(row.state, State::Active, "{}", row.address);
            loop {
                let (_, answer) = self.log_in(row.address.as_str(), token).await;
                if answer.starts_with("a OK") {
                    break;
                }
                assert!(Instant::now() < end, "{answer}\n{}", self.process.log());
            }
        }
        let report = verify(&self.gateway.parts.store, &[]).await.expect("the chains are read");
        assert!(report.broken.is_empty(), "{report:?}");
        assert!(!self.process.log().contains("audit rows could not be stored before the end"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_frozen() {
    // A server of its own, so that no other test is hit.
    let cluster = Cluster::start();
    cluster.migrate().await;
    let world = World::new(Some(cluster.url())).await;
    let away = async |_: &World| cluster.freeze();
    let back = async |_: &World| cluster.thaw();
    world.goes_through(away, back, Duration::from_secs(60)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_cut_off() {
    let cluster = Cluster::start();
    cluster.migrate().await;
    let world = World::new(Some(cluster.url())).await;
    let away = async |_: &World| cluster.cut();
    let back = async |_: &World| cluster.up();
    world.goes_through(away, back, Duration::from_secs(60)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_locked_by_somebody_else() {
    let world = World::new(None).await;
    let url = format!("sqlite://{}", world.gateway.dir.path().join("postern.db").display());
    let raw = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.expect("opened");
    let lock = tokio::sync::Mutex::new(Raw::Sqlite(raw));
    let away = async |_: &World| {
        lock.lock().await.run("BEGIN EXCLUSIVE").await;
    };
    let back = async |_: &World| {
        lock.lock().await.run("ROLLBACK").await;
    };
    world.goes_through(away, back, Duration::from_secs(30)).await;
}

// No file may grow: what a full disk is to SQLite.
#[tokio::test(flavor = "multi_thread")]
async fn sqlite_on_a_full_disk() {
    let world = World::new(None).await;
    let away = async |world: &World| limited(world.process.id(), Some(1));
    let back = async |world: &World| limited(world.process.id(), None);
    world.goes_through(away, back, Duration::from_secs(30)).await;
}

fn limited(process: u32, octets: Option<u64>) {
    let pid = Pid::from_raw(process.cast_signed());
    prlimit(pid, Resource::Fsize, Rlimit { current: octets, maximum: None }).expect("a limit is set");
}

// libfaketime stands between the process and the system's wall clock; what counts time-outs runs on.
async fn clock_jumps(by: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let offset = folder.path().join("offset");
    std::fs::write(&offset, "+0").expect("written");
    let environment = [
        ("LD_PRELOAD", part("FAKETIME")),
        ("FAKETIME_TIMESTAMP_FILE", offset.display().to_string()),
        ("FAKETIME_NO_CACHE", "1".to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ("NO_FAKE_STAT", "1".to_owned()),
    ];
    let world =
        World::under(None, &environment.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    let mut running = Vec::new();
    for (address, token) in [ANNA, BERT, CARL].into_iter().zip(&world.tokens) {
        let (imap, answer) = world.log_in(address, token).await;
        assert!(answer.starts_with("a OK"), "{answer}");
        running.push(imap);
    }
    for offset_now in [by, "+0"] {
        std::fs::write(&offset, offset_now).expect("written");
        // Heartbeat, changes and the refresh-ahead meet the new time.
        tokio::time::sleep(Duration::from_secs(17)).await;
        for (address, token) in [ANNA, BERT, CARL].into_iter().zip(&world.tokens) {
            let (_, answer) = world.log_in(address, token).await;
            assert!(answer.starts_with("a OK"), "{offset_now}: {answer}\n{}", world.process.log());
        }
        for (imap, tag) in running.iter_mut().zip(["b", "c", "d"]) {
            imap.ask(&format!("{tag} NOOP"), &format!("{tag} OK")).await;
        }
        for account in world.accounts {
            assert_eq!(world.gateway.account(account).await.state, State::Active, "{offset_now}");
        }
    }
    assert!(world.process.log().contains(&a_day_off(by)), "the clock did jump\n{}", world.process.log());
    let report = verify(&world.gateway.parts.store, &[]).await.expect("the chains are read");
    assert!(report.broken.is_empty(), "{report:?}");
    world.gateway.stop().await;
}

// The date that the log writes while the clock is off.
fn a_day_off(by: &str) -> String {
    let day = if by.starts_with('+') { "1 day" } else { "1 day ago" };
    let date = std::process::Command::new("date").args(["-u", "-d", day, "+%Y-%m-%dT"]).output();
    String::from_utf8(date.expect("date runs").stdout).expect("ASCII").trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_goes_a_day_ahead_and_back() {
    clock_jumps("+1d").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_goes_a_day_behind_and_back() {
    clock_jumps("-1d").await;
}
