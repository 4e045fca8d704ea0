//! A crowd of sessions that wait, beside clients that drip and one that guesses tokens: memory does not
//! grow, nobody is lost, and who has a token gets in at once.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::client::{HERE, Line, log_in};
use super::node::Node;
use super::size::{self, ms, percentile, seconds, tell};
use super::traffic::Mailbox;
use super::world::World;

/// Sessions of one mailbox: its budget.
const EACH: usize = 10;
/// Hands that open the sessions and see to them.
const HANDS: usize = 16;
/// Open files that are left for everything else.
const REST: u64 = 800;
const DRIPS: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 8));
const GUESSES: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 9));
/// A login, in the long form of an optimised build, and anywhere.
const QUICK: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(3));

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_waits_while_others_drip_and_guess() {
    let asked = size::number("SESSIONS", 200, 10_000);
    let (lasts, warm) = (seconds("IDLE_SECONDS", 12, 3_600), seconds("WARM_SECONDS", 4, 120));
    let count = usize::try_from(asked.min(open_files() / 2)).expect("few");
    let world = World::new(None, count.div_ceil(EACH) + 1, 0).await;
    let limits = "[limits]\nconnections_per_address = 1000000\nconnections = 30000\n";
    let config = world.gateway.dir.path().join("main.toml");
    let node = Node::here(&world.text("main", limits), &config).await;
    let (probed, boxes) = world.mailboxes.split_last().expect("a mailbox");
    let crowd = Crowd::open(node.imap, boxes, count).await;
    let others = Others::begin(node.imap, probed);
    sleep(warm).await;
    let cycle = if size::long() { Duration::from_secs(300) } else { lasts / 3 };
    let seen = crowd.seen_to(cycle);
    let (memory, times) = watched(&node, probed, lasts).await;
    let (dripped, guessed) = others.end().await;
    let (kept, lost) = seen.end().await;
    let third = memory.len() / 3;
    let (first, last) = (mean(&memory[..third]), mean(&memory[memory.len() - third..]));
    let growth = 100.0 * (last - first) / first;
    let optimised = size::long() && std::env::var_os("POSTERN_TEST_BINARY").is_some();
    let figures = [
        ("asked", asked.to_string()),
        ("sessions", count.to_string()),
        ("kept", kept.to_string()),
        ("lasted", ms(lasts)),
        ("rss_first_kib", format!("{first:.0}")),
        ("rss_last_kib", format!("{last:.0}")),
        ("growth_percent", format!("{growth:.2}")),
        ("logins", times.len().to_string()),
        ("login_p50", ms(percentile(&times, 50))),
        ("login_p99", ms(percentile(&times, 99))),
        ("login_max", ms(percentile(&times, 100))),
        ("dripping_ended", dripped.to_string()),
        ("guesses", guessed.to_string()),
        ("binary", if optimised { "given" } else { "of the tests" }.to_owned()),
    ];
    tell("idle", &figures);
    let ended: String = node.log().lines().filter(|line| line.contains("session ended")).take(5).collect();
    assert_eq!(kept, count, "sessions that are still there; lost: {lost:?}\n{ended}");
    assert!(growth < 5.0, "resident memory grew by {growth:.2} %");
    let quick = if optimised { QUICK.0 } else { QUICK.1 };
    assert!(percentile(&times, 99) < quick, "{times:?}");
    assert!(guessed > 0);
}

/// As many files as the system grants, here and in the node, without those for everything else.
fn open_files() -> u64 {
    let granted = getrlimit(Resource::Nofile);
    let all = Rlimit { current: granted.maximum, maximum: granted.maximum };
    setrlimit(Resource::Nofile, all).expect("up to the limit");
    granted.maximum.unwrap_or(1_000_000).saturating_sub(REST)
}

fn mean(numbers: &[u64]) -> f64 {
    numbers.iter().sum::<u64>() as f64 / numbers.len().max(1) as f64
}

/// Resident memory each second, and how long a login took each second; none fails.
async fn watched(node: &Node, probed: &Mailbox, lasts: Duration) -> (Vec<u64>, Vec<Duration>) {
    let (began, mut memory, mut times) = (Instant::now(), Vec::new(), Vec::new());
    let mut beat = tokio::time::interval(Duration::from_secs(1));
    while began.elapsed() < lasts {
        beat.tick().await;
        memory.push(node.memory());
        let asked = Instant::now();
        let told = log_in(HERE, node.imap, &probed.address, &probed.token).await;
        times.push(asked.elapsed());
        match told {
            Ok(mut session) => drop(session.ask("z LOGOUT", "z ").await),
            Err(told) => panic!("after {:?}: {told}\n{}", began.elapsed(), node.log()),
        }
    }
    (memory, times)
}

/// Sessions in IDLE, in the hands of those who opened them.
struct Crowd(Vec<Vec<Line>>);

/// The same, each of which leaves IDLE once in a while, as clients do.
struct Seen {
    stop: CancellationToken,
    // How many each has kept, and how it lost the first of the others.
    hands: JoinSet<(usize, Option<String>)>,
}

impl Crowd {
    async fn open(imap: SocketAddr, boxes: &[Mailbox], count: usize) -> Self {
        let boxes = Arc::new(boxes.to_vec());
        let mut hands = JoinSet::new();
        for hand in 0..HANDS {
            let boxes = Arc::clone(&boxes);
            hands.spawn(async move {
                let mut open = Vec::new();
                for number in (hand..count).step_by(HANDS) {
                    let Mailbox { address, token, .. } = &boxes[number / EACH];
                    let session = log_in(HERE, imap, address, token).await;
                    let mut session = session.unwrap_or_else(|told| panic!("session {number}: {told}"));
                    assert!(session.idle().await.expect("it goes into IDLE"), "session {number}");
                    open.push(session);
                }
                open
            });
        }
        Self(hands.join_all().await)
    }

    fn seen_to(self, cycle: Duration) -> Seen {
        let (stop, mut hands, began) = (CancellationToken::new(), JoinSet::new(), Instant::now());
        let anew = async move |session: &mut Line| match session.idle_anew().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(format!("after {:?}: refused", began.elapsed())),
            Err(error) => Err(format!("after {:?}: {error}", began.elapsed())),
        };
        for mut open in self.0 {
            let stop = stop.clone();
            hands.spawn(async move {
                let pause = cycle / u32::try_from(open.len().max(1)).expect("few");
                'all: loop {
                    for session in &mut open {
                        tokio::select! { () = stop.cancelled() => break 'all, () = sleep(pause) => {} }
                        if let Err(lost) = anew(session).await {
                            return (0, Some(lost));
                        }
                    }
                }
                let (mut kept, mut lost) = (0, None);
                for session in &mut open {
                    match anew(session).await {
                        Ok(()) => kept += 1,
                        Err(why) => lost = lost.or(Some(why)),
                    }
                }
                (kept, lost)
            });
        }
        Seen { stop, hands }
    }
}

impl Seen {
    /// How many are still there, and how the first of the others were lost.
    async fn end(self) -> (usize, Vec<String>) {
        self.stop.cancel();
        let (kept, lost): (Vec<_>, Vec<_>) = self.hands.join_all().await.into_iter().unzip();
        (kept.into_iter().sum(), lost.into_iter().flatten().collect())
    }
}

/// Those whom nobody wants.
struct Others {
    stop: CancellationToken,
    tasks: JoinSet<()>,
    dripped: Arc<AtomicUsize>,
    guessed: Arc<AtomicUsize>,
}

impl Others {
    fn begin(imap: SocketAddr, victim: &Mailbox) -> Self {
        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        let (dripped, guessed) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        for _ in 0..size::number("DRIPPING", 10, 50) {
            tasks.spawn(stopped(stop.clone(), drips(imap, Arc::clone(&dripped))));
        }
        for guesser in 0..4 {
            tasks.spawn(stopped(stop.clone(), guesses(imap, victim.clone(), guesser, Arc::clone(&guessed))));
        }
        Self { stop, tasks, dripped, guessed }
    }

    /// How many dripping connections were ended, and how many tokens were guessed.
    async fn end(self) -> (usize, usize) {
        self.stop.cancel();
        self.tasks.join_all().await;
        (self.dripped.load(Ordering::Relaxed), self.guessed.load(Ordering::Relaxed))
    }
}

async fn stopped(stop: CancellationToken, work: impl Future<Output = ()>) {
    tokio::select! { () = stop.cancelled() => {}, () = work => {} }
}

async fn drips(imap: SocketAddr, ended: Arc<AtomicUsize>) {
    loop {
        if let Ok(mut line) = Line::connect(DRIPS, imap).await {
            while line.drip(b'a').await.is_ok() {
                sleep(Duration::from_millis(500)).await;
            }
            ended.fetch_add(1, Ordering::Relaxed);
        }
        sleep(Duration::from_millis(100)).await;
    }
}

async fn guesses(imap: SocketAddr, victim: Mailbox, guesser: usize, count: Arc<AtomicUsize>) {
    for n in 0.. {
        let wrong = format!("pst_{guesser}guess{n}");
        let told = log_in(GUESSES, imap, &victim.address, &wrong).await;
        assert!(told.is_err(), "a guess is right");
        count.fetch_add(1, Ordering::Relaxed);
        sleep(Duration::from_millis(200)).await;
    }
}
