//! Mail clients that log in, read and send all the while, and remember what they were told.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use postern_sandbox::Google;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::client::{HERE, Sent, log_in, send};

/// A mailbox with its CRM token.
#[derive(Debug, Clone)]
pub struct Mailbox {
    pub address: String,
    pub token: String,
}

/// A login that was tried, again and again, whatever happened.
#[derive(Debug, Clone, Copy)]
pub struct Probe {
    pub began: Instant,
    pub took: Duration,
    pub ok: bool,
}

/// What the clients remember.
#[derive(Default)]
pub struct Memory {
    sent: Mutex<BTreeMap<String, Sent>>,
    probes: Mutex<Vec<Probe>>,
    refused: Mutex<BTreeMap<String, usize>>,
    reads: AtomicUsize,
    most_sessions: AtomicUsize,
}

/// The clients. They end with their owner.
pub struct Traffic {
    stop: CancellationToken,
    tasks: JoinSet<()>,
    pub memory: Arc<Memory>,
}

/// Between two logins that only see who gets in.
const PROBE: Duration = Duration::from_millis(250);
const PAUSE: Duration = Duration::from_millis(80);

impl Traffic {
    /// Clients of the busy mailboxes at these listeners, and logins to the probed ones.
    pub fn start(
        (imap, smtp): (SocketAddr, SocketAddr),
        busy: &[Mailbox],
        probed: &[Mailbox],
        google: &Arc<Google>,
    ) -> Self {
        let (stop, memory) = (CancellationToken::new(), Arc::new(Memory::default()));
        let mut tasks = JoinSet::new();
        for (number, mailbox) in busy.iter().enumerate() {
            let client = || (mailbox.clone(), Arc::clone(&memory), stop.clone());
            tasks.spawn(reads(imap, client()));
            tasks.spawn(sends(smtp, client(), number));
        }
        tasks.spawn(probes(imap, probed.to_vec(), Arc::clone(&memory), stop.clone()));
        let mailboxes = busy.iter().chain(probed);
        let all = mailboxes.map(|of| of.address.clone()).collect();
        tasks.spawn(watches(Arc::clone(google), all, Arc::clone(&memory), stop.clone()));
        Self { stop, tasks, memory }
    }

    /// Lets every client finish what it does.
    pub async fn end(self) -> Arc<Memory> {
        self.stop.cancel();
        self.tasks.join_all().await;
        self.memory
    }
}

type Client = (Mailbox, Arc<Memory>, CancellationToken);

async fn reads(imap: SocketAddr, (mailbox, memory, stop): Client) {
    while !stop.is_cancelled() {
        match log_in(HERE, imap, &mailbox.address, &mailbox.token).await {
            Ok(mut session) => {
                let read = async {
                    session.ask("b SELECT INBOX", "b ").await?;
                    session.ask("c FETCH 1 BODY[]", "c ").await
                };
                if read.await.is_ok_and(|told| told.starts_with("c OK")) {
                    memory.reads.fetch_add(1, Ordering::Relaxed);
                }
                let _ended = session.ask("d LOGOUT", "d ").await;
            }
            Err(told) => memory.refuse(&told),
        }
        sleep(PAUSE).await;
    }
}

async fn sends(smtp: SocketAddr, (mailbox, memory, stop): Client, number: usize) {
    for count in 0.. {
        if stop.is_cancelled() {
            return;
        }
        let id = format!("{number}.{count}@crm.example.com");
        let sent = send(smtp, &mailbox.address, &mailbox.token, &id).await;
        memory.sent.lock().expect("one at a time").insert(id, sent);
        sleep(PAUSE).await;
    }
}

// At a steady beat, whatever became of the earlier ones: one that hangs hides nothing.
async fn probes(imap: SocketAddr, mailboxes: Vec<Mailbox>, memory: Arc<Memory>, stop: CancellationToken) {
    let (mut beat, mut open) = (tokio::time::interval(PROBE), JoinSet::new());
    for mailbox in mailboxes.iter().cycle() {
        beat.tick().await;
        if stop.is_cancelled() {
            break;
        }
        open.spawn(probe(imap, mailbox.clone(), Arc::clone(&memory)));
        while open.try_join_next().is_some() {}
    }
    open.join_all().await;
}

async fn probe(imap: SocketAddr, mailbox: Mailbox, memory: Arc<Memory>) {
    let began = Instant::now();
    let told = log_in(HERE, imap, &mailbox.address, &mailbox.token).await;
    let probe = Probe { began, took: began.elapsed(), ok: told.is_ok() };
    if let Err(told) = told {
        memory.refuse(&told);
    }
    memory.probes.lock().expect("one at a time").push(probe);
}

async fn watches(google: Arc<Google>, all: Vec<String>, memory: Arc<Memory>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let now = all.iter().map(|address| google.open_imap_sessions(address)).max().unwrap_or_default();
        memory.most_sessions.fetch_max(now, Ordering::Relaxed);
        sleep(Duration::from_millis(25)).await;
    }
}

impl Memory {
    // What was told, without what differs each time.
    fn refuse(&self, told: &str) {
        let words = told.split(" (ref ").next().unwrap_or_default().to_owned();
        *self.refused.lock().expect("one at a time").entry(words).or_default() += 1;
    }

    /// What logins were told instead of OK, and how often.
    pub fn refusals(&self) -> BTreeMap<String, usize> {
        self.refused.lock().expect("one at a time").clone()
    }

    /// Mailboxes that were read.
    pub fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }

    /// Most sessions that one mailbox had at Gmail at once.
    pub fn most_sessions(&self) -> usize {
        self.most_sessions.load(Ordering::Relaxed)
    }

    /// Logins that began between the two, or have not come to their end.
    fn between(&self, since: Instant, until: Instant) -> Vec<Probe> {
        let all = self.probes.lock().expect("one at a time");
        all.iter().filter(|probe| probe.began >= since && probe.began < until).copied().collect()
    }

    /// How many logins began between the two, and how many of them failed.
    pub fn tried(&self, since: Instant, until: Instant) -> (usize, usize) {
        let tried = self.between(since, until);
        (tried.len(), tried.iter().filter(|probe| !probe.ok).count())
    }

    /// The longest time in which nobody got in, between the two.
    pub fn gap(&self, since: Instant, until: Instant) -> Duration {
        let all = self.probes.lock().expect("one at a time");
        let mut ends: Vec<_> =
            all.iter().filter(|probe| probe.ok).map(|probe| probe.began + probe.took).collect();
        drop(all);
        ends.retain(|end| (since..until).contains(end));
        ends.extend([since, until]);
        ends.sort();
        ends.windows(2).map(|two| two[1] - two[0]).max().unwrap_or_default()
    }

    /// Waits until every login of the last `calm` has succeeded.
    pub async fn served(&self, calm: Duration, within: Duration) -> bool {
        let begin = Instant::now();
        while begin.elapsed() < within {
            let now = Instant::now();
            let recent = self.between(now.checked_sub(calm).unwrap_or(begin), now);
            if begin.elapsed() > calm && recent.len() > 2 && recent.iter().all(|probe| probe.ok) {
                return true;
            }
            sleep(Duration::from_millis(50)).await;
        }
        false
    }

    /// Messages: accepted, without a verdict. Each that was accepted is at Gmail exactly once, and none
    /// is there twice or though it was refused.
    pub fn judge(&self, google: &Google) -> (usize, usize) {
        let mut there: BTreeMap<String, usize> = BTreeMap::new();
        for taken in google.transactions().iter().filter(|it| it.complete && it.verdict.starts_with("250")) {
            *there.entry(subject(&taken.message)).or_default() += 1;
        }
        let sent = self.sent.lock().expect("one at a time");
        let (mut accepted, mut unknown) = (BTreeSet::new(), 0);
        for (id, what) in sent.iter() {
            let count = there.get(id).copied().unwrap_or_default();
            match what {
                Sent::Accepted => {
                    assert_eq!(count, 1, "{id} was accepted");
                    accepted.insert(id);
                }
                Sent::Refused(told) => assert_eq!(count, 0, "{id} was refused: {told}"),
                Sent::Unknown(told) => {
                    assert!(count <= 1, "{id} went out twice: {told}");
                    unknown += 1;
                }
            }
        }
        (accepted.len(), unknown)
    }
}

fn subject(message: &[u8]) -> String {
    let text = String::from_utf8_lossy(message);
    let line = text.lines().find_map(|line| line.strip_prefix("Subject: "));
    line.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Memory, Probe};

    #[test]
    fn the_longest_time_without_a_login_is_found() {
        let (began, took, memory) = (Instant::now(), Duration::from_millis(10), Memory::default());
        let second = |second: u64| began + Duration::from_secs(second);
        let at = |began: u64, ok: bool| Probe { began: second(began), took, ok };
        memory.probes.lock().unwrap().extend([
            at(1, true),
            at(2, false),
            at(3, false),
            at(5, true),
            at(6, true),
        ]);
        assert_eq!(memory.gap(began, second(7)), Duration::from_secs(4));
        assert_eq!(memory.gap(second(2), second(4)), Duration::from_secs(2), "nobody at all");
        assert_eq!(memory.tried(second(2), second(6)), (3, 2));
    }
}
