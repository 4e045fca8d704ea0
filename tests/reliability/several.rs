//! Two and three nodes behind a balancer, and what goes wrong with one of them or with all: the others
//! go on, nothing is lost, and nothing is done twice.

use std::sync::Arc;
use std::time::{Duration, Instant};

use postern_sandbox::{CalendarFault, CalendarTrouble};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::lab::Cable;
use super::people::Desk;
use super::site::Site;
use super::size::{self, ms, tell};
use super::traffic::Memory;

/// Budget of a mailbox: sessions at Gmail over all nodes.
const BUDGET: usize = 10;
/// Service has to be back so soon after what was wrong has gone.
const BACK: Duration = Duration::from_secs(100);
const ALL: [Fault; 5] = [Fault::Killed, Fault::Frozen, Fault::NoDatabase, Fault::Restarted, Fault::NoGoogle];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// A node is killed, and started again.
    Killed,
    /// A node stands still past its leases in the middle of a run, and wakes.
    Frozen,
    /// A node's cable to the database is pulled.
    NoDatabase,
    /// The database is cut off as by a power cut, and started again.
    Restarted,
    /// A node's cable to Google and the CRM is pulled.
    NoGoogle,
}

impl Fault {
    // How long it lasts: at length, until the node is given up and its leases have ended.
    fn lasts(self) -> Duration {
        let (short, long) = match self {
            Self::Killed => (3, 5),
            Self::Frozen => (3, 200),
            Self::NoDatabase => (4, 75),
            Self::Restarted => (3, 30),
            Self::NoGoogle => (3, 60),
        };
        Duration::from_secs(if size::long() { long } else { short })
    }

    async fn begins(self, site: &mut Site, victim: usize) {
        match self {
            Self::Killed => site.nodes[victim].kill().await,
            Self::Frozen => in_a_run(site, victim).await,
            Self::NoDatabase => site.lab.plugged(Cable::Database, victim, false),
            Self::Restarted => site.cluster.cut(),
            Self::NoGoogle => site.lab.plugged(Cable::Google, victim, false),
        }
    }

    async fn ends(self, site: &mut Site, victim: usize) {
        match self {
            Self::Killed => site.nodes[victim].again().await,
            Self::Frozen => site.nodes[victim].thaw(),
            Self::NoDatabase => site.lab.plugged(Cable::Database, victim, true),
            Self::Restarted => site.cluster.up(),
            Self::NoGoogle => site.lab.plugged(Cable::Google, victim, true),
        }
    }
}

/// Freezes the node while it runs a calendar, whose answers come late. In the short form not inside a
/// transaction: what that has locked, PostgreSQL sets free after a minute.
async fn in_a_run(site: &Site, victim: usize) {
    let slow = CalendarFault::any(CalendarTrouble::TellLate(Duration::from_millis(400)));
    site.world.google().calendar_faults().always(slow);
    let mut raw = site.world.raw().await;
    let name = Site::name(victim);
    let open = format!("SELECT count(*) FROM sync_runs WHERE node = '{name}' AND status = 'running'");
    let locks = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' \
                 AND xact_start < clock_timestamp() - interval '200 milliseconds'";
    for _ in 0..400 {
        if raw.number(&open).await > 0 {
            site.nodes[victim].freeze();
            sleep(Duration::from_millis(300)).await;
            if size::long() || raw.number(locks).await == 0 {
                break;
            }
            site.nodes[victim].thaw();
        }
        sleep(Duration::from_millis(20)).await;
    }
    site.world.google().calendar_faults().clear();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_of_which_one_is_killed_or_frozen() {
    several(2, if size::long() { &ALL } else { &[Fault::Killed, Fault::Frozen] }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_that_lose_the_database_or_google() {
    let short = [Fault::NoDatabase, Fault::Restarted, Fault::NoGoogle];
    several(3, if size::long() { &ALL } else { &short }).await;
}

async fn several(nodes: usize, faults: &[Fault]) {
    let mut site = Site::with(nodes).await;
    // At length not so often that what is there becomes the load.
    let pause = Duration::from_millis(if size::long() { 1_000 } else { 150 });
    let (traffic, edits) = (site.traffic(), Edits::begin(&site.world.desk, pause));
    for round in 0..size::number("ROUNDS", 1, 1) {
        for (number, fault) in faults.iter().enumerate() {
            let victim = (number + usize::try_from(round).expect("few")) % nodes;
            goes_through(&mut site, &traffic.memory, *fault, victim).await;
        }
    }
    edits.end().await;
    let memory = traffic.end().await;
    site.world.expire();
    if !size::long() {
        site.world.leases_of_the_dead_end().await;
    }
    let rested = site.world.rest(Duration::from_secs(if size::long() { 400 } else { 60 })).await;
    site.world.judge().await;
    let (accepted, unknown) = memory.judge(site.world.google());
    assert!(accepted > 0 && memory.reads() > 0, "{:?}", memory.refusals());
    assert!(memory.most_sessions() <= BUDGET, "{} sessions of one mailbox at once", memory.most_sessions());
    let figures = [
        ("nodes", nodes.to_string()),
        ("accepted", accepted.to_string()),
        ("unknown", unknown.to_string()),
        ("reads", memory.reads().to_string()),
        ("things", site.world.desk.things().to_string()),
        ("most_sessions", memory.most_sessions().to_string()),
        ("rest", ms(rested)),
        ("refused", format!("{:?}", memory.refusals())),
    ];
    tell("several.all", &figures);
}

async fn goes_through(site: &mut Site, memory: &Memory, fault: Fault, victim: usize) {
    one_refresh_each(site, "before").await;
    let mut held = site.held().await;
    let began = Instant::now();
    fault.begins(site, victim).await;
    let since = Instant::now();
    let storm = site.storm(4);
    let left = lasts(site, fault, victim).await;
    sleep(fault.lasts().saturating_sub(began.elapsed())).await;
    for (number, session) in held.iter_mut().enumerate() {
        assert!(number == victim || session.lives().await, "{fault:?}: a session of node {number}");
    }
    let healed = Instant::now();
    fault.ends(site, victim).await;
    let node_back = site.lets_in(victim, BACK).await;
    let back = memory.served(Duration::from_secs(1), BACK).await;
    assert!(node_back.is_some() && back, "{fault:?}: {:?}\n{}", memory.refusals(), site.nodes[victim].log());
    // Who dies or is cut off while it asks, leaves one refresh to be done again.
    let (refreshes, failed) = storm.over().await;
    assert!(refreshes.iter().all(|count| *count <= 2), "{fault:?}: {refreshes:?}");
    one_refresh_each(site, "after").await;
    let (served, (tried, missed)) = (Instant::now(), memory.tried(since, healed));
    let lives = held[victim].lives().await;
    assert!(lives || matches!(fault, Fault::Killed | Fault::NoGoogle), "{fault:?}: the node's own session");
    assert!(!site.nodes[victim].ended(), "{}", site.nodes[victim].log());
    let overtaken = site.overtaken(victim).await;
    let in_a_run = fault == Fault::Frozen && left.iter().any(|lease| lease.starts_with("sync calendar"));
    assert!(overtaken > 0 || !in_a_run, "it woke up as if nobody had its lease: {left:?}");
    let figures = [
        ("nodes", site.nodes.len().to_string()),
        ("fault", format!("{fault:?}")),
        ("lasted", ms(healed - since)),
        ("logins", tried.to_string()),
        ("failed", missed.to_string()),
        ("gap", ms(memory.gap(since, healed))),
        ("gap_after", ms(memory.gap(healed, served))),
        ("node_back", ms(node_back.unwrap_or_default())),
        ("storm_refreshes", format!("{refreshes:?}")),
        ("storm_failed", failed.len().to_string()),
        ("leases_left", left.len().to_string()),
        ("runs_overtaken", overtaken.to_string()),
    ];
    tell("several.fault", &figures);
}

/// In the short form, what minutes do to the leases of a node that stands still or is gone; which
/// these were.
async fn lasts(site: &Site, fault: Fault, victim: usize) -> Vec<String> {
    if size::long() || !matches!(fault, Fault::Killed | Fault::Frozen) {
        return Vec::new();
    }
    let leases = site.world.leases().await;
    sleep(Duration::from_millis(1_500)).await;
    let left = site.world.outlived(&leases, &Site::name(victim)).await;
    // Somebody else takes what is due, and does what was to be done.
    let began = Instant::now();
    while !site.world.taken(&leases, &left).await && began.elapsed() < Duration::from_secs(5) {
        site.world.wake().await;
        sleep(Duration::from_millis(200)).await;
    }
    left
}

/// Every mailbox's access token ends, clients come at once to all nodes, and Google is asked once.
///
/// Once more, where a refresh was under way when the token ended: what it brings has ended, too, so there
/// are two.
async fn one_refresh_each(site: &Site, when: &str) {
    let right =
        |refreshes: &[usize], failed: &[String]| failed.is_empty() && refreshes.iter().all(|it| *it == 1);
    let (refreshes, failed) = site.storm(4).over().await;
    if right(&refreshes, &failed) {
        return;
    }
    let (again, failed_again) = site.storm(4).over().await;
    assert!(
        right(&again, &failed_again),
        "{when}: {refreshes:?} {failed:?}, then {again:?} {failed_again:?}"
    );
}

/// People at work on both sides, until they are asked to stop.
pub struct Edits {
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Edits {
    /// One deed after each pause.
    pub fn begin(desk: &Arc<Desk>, pause: Duration) -> Self {
        let (stop, desk) = (CancellationToken::new(), Arc::clone(desk));
        let (mut tasks, stopped) = (JoinSet::new(), stop.clone());
        tasks.spawn(async move {
            for n in 0.. {
                if stopped.is_cancelled() {
                    return;
                }
                desk.act(n);
                sleep(pause).await;
            }
        });
        Self { stop, tasks }
    }

    pub async fn end(self) {
        self.stop.cancel();
        self.tasks.join_all().await;
    }
}
