//! The job that empties the queue of webhooks: batches of events, signed twice, one request each.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use url::{Host, Url};

use super::hooks::{LEAVING, Waiting};
use super::logins::hex;
use super::version::Version;
use super::world::World;
use super::{Crm, Inside};

/// Events in one request.
const BATCH: usize = 50;
/// How often one event is tried, and how many seconds lie between.
const ATTEMPTS: u32 = 4;
const BETWEEN: u64 = 600;
/// Answers after which an event is tried again; after any other it is given up.
const AGAIN: [u16; 7] = [401, 403, 404, 405, 408, 500, 503];
const PATIENCE: Duration = Duration::from_secs(10);

/// One request on its way.
pub(crate) struct Parcel {
    pub(crate) hook: String,
    pub(crate) url: Url,
    secret: String,
    events: Vec<Waiting>,
}

impl Crm {
    /// Runs the job once; how many requests were answered.
    pub async fn cron(&self) -> usize {
        self.inside.deliver().await
    }

    /// Runs the job again and again, with this pause before each run, by the machine's clock.
    pub fn cron_every(&mut self, pause: Duration) {
        let inside = Arc::clone(&self.inside);
        self.tasks.spawn(async move {
            loop {
                sleep(pause).await;
                inside.deliver().await;
            }
        });
    }
}

impl Inside {
    async fn deliver(&self) -> usize {
        let (parcels, version) = {
            let mut world = self.world.lock();
            (world.pack(), world.version)
        };
        let mut answered = 0;
        for parcel in parcels {
            let twice = self.world.lock().hooks.delivery.twice;
            let mut status = parcel.send(version).await;
            if twice && status.is_ok() {
                status = parcel.send(version).await;
            }
            answered += usize::from(status.is_ok());
            self.world.lock().settle(parcel, status.ok());
        }
        answered
    }
}

impl World {
    /// Takes what is due out of the queue.
    pub(crate) fn pack(&mut self) -> Vec<Parcel> {
        let now = self.clock.seconds();
        let hooks: Vec<(String, String, String, String)> = self
            .all("Webhook")
            .map(|hook| {
                let word = |name: &str| hook.text(name).unwrap_or_default().to_owned();
                (word("type"), hook.id.clone(), word("url"), word("secretKey"))
            })
            .collect();
        let urls = hooks.iter().filter_map(|(_, _, url, _)| Url::parse(url).ok());
        let fatal = |url: &Url| !matches!(url.host(), Some(Host::Domain(_)));
        // In this release one address without a name ends the whole job.
        if self.version == Version::V10_0_0 && urls.into_iter().any(|url| fatal(&url)) {
            return Vec::new();
        }
        let (due, later) = self.hooks.queue.drain(..).partition::<Vec<_>, _>(|waiting| waiting.due <= now);
        self.hooks.queue = later.into();
        let mut parcels = Vec::new();
        for kind in LEAVING {
            for (_, hook, url, secret) in hooks.iter().filter(|(it, ..)| it == kind) {
                let events: Vec<Waiting> = due.iter().filter(|it| it.hook == *hook).cloned().collect();
                let Ok(url) = Url::parse(url) else { continue };
                parcels.extend(events.chunks(BATCH).map(|events| Parcel {
                    hook: hook.clone(),
                    url: url.clone(),
                    secret: secret.clone(),
                    events: events.to_vec(),
                }));
            }
        }
        self.spoil(parcels)
    }

    /// What goes wrong on purpose.
    fn spoil(&mut self, mut parcels: Vec<Parcel>) -> Vec<Parcel> {
        if self.hooks.delivery.reversed {
            parcels.reverse();
            for parcel in &mut parcels {
                parcel.events.reverse();
            }
        }
        let lost = parcels.len().min(self.hooks.delivery.lost as usize);
        self.hooks.delivery.lost -= u32::try_from(lost).unwrap_or_default();
        parcels.split_off(lost)
    }

    /// The answer is taken: 410 ends the webhook, some answers bring the events back.
    pub(crate) fn settle(&mut self, parcel: Parcel, status: Option<u16>) {
        match status {
            Some(410) => {
                if let Some(hook) = self.record_mut("Webhook", &parcel.hook) {
                    hook.deleted = true;
                }
            }
            Some(status) if AGAIN.contains(&status) => {
                let due = self.clock.seconds() + BETWEEN;
                let again = parcel.events.into_iter().map(|waiting| Waiting {
                    attempts: waiting.attempts + 1,
                    due,
                    ..waiting
                });
                self.hooks.queue.extend(again.filter(|waiting| waiting.attempts < ATTEMPTS));
            }
            _ => {}
        }
    }
}

impl Parcel {
    async fn send(&self, version: Version) -> io::Result<u16> {
        let request = self.request(version, &self.body());
        timeout(PATIENCE, exchange(&self.url, &request)).await.map_err(|_| io::ErrorKind::TimedOut)?
    }

    pub(crate) fn body(&self) -> String {
        let bodies: Value = self.events.iter().map(|waiting| waiting.body.clone()).collect();
        bodies.to_string()
    }

    /// The signature of today and the one before it.
    pub(crate) fn signatures(&self, body: &str) -> [String; 2] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        let digest = hmac::sign(&key, body.as_bytes());
        let named = [self.hook.as_bytes(), b":"].concat();
        let letters = hex(digest.as_ref());
        [letters.as_bytes(), digest.as_ref()].map(|digest| STANDARD.encode([&named[..], digest].concat()))
    }

    /// The request of the release: from 10 on its client names itself.
    fn request(&self, version: Version, body: &str) -> String {
        let [signature, legacy] = self.signatures(body);
        let client = if version == Version::V10_0_0 { "User-Agent: GuzzleHttp/7" } else { "Accept: */*" };
        let mut path = self.url.path().to_owned();
        if let Some(query) = self.url.query() {
            path = format!("{path}?{query}");
        }
        format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\n{client}\r\nContent-Type: application/json\r\n\
             Signature: {signature}\r\nX-Signature: {legacy}\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            place(&self.url),
            body.len(),
        )
    }
}

fn place(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(80))
}

/// Any name is this machine: the stand-in asks no name server.
#[expect(clippy::disallowed_methods, reason = "the sandbox's own client; it may not use Postern's dialling")]
async fn exchange(url: &Url, request: &str) -> io::Result<u16> {
    let host = match url.host() {
        Some(Host::Ipv4(ip)) => ip.to_string(),
        Some(Host::Ipv6(ip)) => format!("[{ip}]"),
        _ => "127.0.0.1".to_owned(),
    };
    let port = url.port_or_known_default().unwrap_or(80);
    let mut tcp = TcpStream::connect(format!("{host}:{port}")).await?;
    tcp.write_all(request.as_bytes()).await?;
    let mut answer = vec![0; 1024];
    let mut read = 0;
    while !answer.iter().take(read).any(|octet| *octet == b'\n') && read < answer.len() {
        match tcp.read(&mut answer[read..]).await? {
            0 => break,
            more => read += more,
        }
    }
    let line = String::from_utf8_lossy(&answer[..read]).into_owned();
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| io::ErrorKind::InvalidData.into())
}
