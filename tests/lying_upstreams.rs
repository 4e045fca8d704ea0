//! Mail servers that hang, drip, break off and lie, between connect and login:
//! the client is told to try later, in time, and memory is bounded.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use postern::clock::Clock;
use postern::net::dev_pair::{Issued, LOOPBACK};
use postern::net::identity::Identity;
use postern::net::tls::ServerTls;
use socket2::SockRef;
use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::imap_client::clear;
use crate::smtp_client::{ANNA, Client, b64};
use crate::support::gateway::{Gateway, Setup};

/// Shorter than the defaults of 5 s and 25 s; the order is the same.
const LIMITS: &str = "[limits]\ndial = \"1s\"\nlogin = \"3s\"\n";
/// What a login may take, with both and a slow machine.
const IN_TIME: Duration = Duration::from_secs(15);
/// What leaves a liar before nobody takes more: buffers of the system and ours.
const BOUND: usize = 16 * 1024 * 1024;

#[derive(Debug, Clone, Copy)]
enum Lie {
    /// Accepts, and is silent.
    Silent,
    /// Resets in the handshake.
    Resets,
    /// Ends TLS cleanly before any word.
    Leaves,
    /// A greeting without an end.
    Novel,
    /// A greeting at one octet a second.
    Drips,
    /// Lines without an end in number.
    Lines,
    /// What no mail server says.
    Garbage,
    /// Greets well, then answers the first command with an endless line.
    NovelAtLogin,
    /// Greets well, then drips.
    DripsAtLogin,
}

const LIES: [Lie; 9] = [
    Lie::Silent,
    Lie::Resets,
    Lie::Leaves,
    Lie::Novel,
    Lie::Drips,
    Lie::Lines,
    Lie::Garbage,
    Lie::NovelAtLogin,
    Lie::DripsAtLogin,
];

#[derive(Clone)]
struct Liar {
    lie: Lie,
    greeting: &'static [u8],
    tls: ServerTls,
    said: Arc<AtomicUsize>,
}

impl Liar {
    async fn start(
        lie: Lie,
        greeting: &'static [u8],
        tls: ServerTls,
        tasks: &mut JoinSet<()>,
    ) -> (SocketAddr, Self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let liar = Self { lie, greeting, tls, said: Arc::default() };
        let clerk = liar.clone();
        tasks.spawn(async move {
            let mut lies = JoinSet::new();
            while let Ok((tcp, _)) = listener.accept().await {
                let clerk = clerk.clone();
                lies.spawn(async move {
                    let _over = clerk.serve(tcp).await;
                });
            }
        });
        (addr, liar)
    }

    async fn serve(&self, mut tcp: TcpStream) -> io::Result<()> {
        match self.lie {
            Lie::Silent => {
                sleep(Duration::from_secs(60)).await;
                return Ok(());
            }
            Lie::Resets => {
                tcp.read_exact(&mut [0; 16]).await?;
                return SockRef::from(&tcp).set_linger(Some(Duration::ZERO));
            }
            _ => {}
        }
        let mut out = self.tls.accept(tcp).await?;
        match self.lie {
            Lie::Silent | Lie::Resets => Ok(()),
            Lie::Leaves => out.shutdown().await,
            Lie::Novel => self.flood(&mut out, &[b'x'; 8192]).await,
            Lie::Drips => self.drip(&mut out).await,
            Lie::Lines => self.flood(&mut out, &b"* OK more\r\n220-more\r\n".repeat(400)).await,
            Lie::Garbage => {
                out.write_all(&(0..=255).collect::<Vec<u8>>()).await?;
                self.flood(&mut out, b"\0\r\r\n\n{99999999999}\r\n").await
            }
            Lie::NovelAtLogin | Lie::DripsAtLogin => {
                out.write_all(self.greeting).await?;
                let _command = out.read(&mut [0; 4096]).await?;
                match self.lie {
                    Lie::NovelAtLogin => self.flood(&mut out, &[b'*'; 8192]).await,
                    _ => self.drip(&mut out).await,
                }
            }
        }
    }

    async fn flood(&self, out: &mut (impl AsyncWrite + Unpin), words: &[u8]) -> io::Result<()> {
        while self.said.fetch_add(words.len(), Ordering::Relaxed) < 4 * BOUND {
            out.write_all(words).await?;
        }
        Ok(())
    }

    async fn drip(&self, out: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        for octet in b"* OK 220 a word a day ".iter().cycle() {
            out.write_all(&[*octet]).await?;
            out.flush().await?;
            sleep(Duration::from_secs(1)).await;
        }
        Ok(())
    }
}

struct World {
    gateway: Gateway,
    token: String,
    liars: [Liar; 2],
    _tasks: JoinSet<()>,
}

async fn world(lie: Lie, issued: &Issued, trusted: &str) -> World {
    let identity = Identity::from_pem(issued.cert.as_bytes(), issued.key.as_bytes()).expect("a pair");
    let tls = ServerTls::new(identity).expect("TLS");
    let mut tasks = JoinSet::new();
    let (imap, one) = Liar::start(lie, b"* OK Gimap ready\r\n", tls.clone(), &mut tasks).await;
    let (smtp, two) = Liar::start(lie, b"220 smtp.gmail.com ESMTP\r\n", tls, &mut tasks).await;
    let at = |addr: SocketAddr| Some(format!("localhost:{}", addr.port()));
    let setup = Setup {
        imap: at(imap),
        smtp: at(smtp),
        ca: Some(trusted.to_owned()),
        more: LIMITS.to_owned(),
        ..Setup::default()
    };
    let gateway = Gateway::with(setup).await;
    let account = gateway.connect(ANNA, &[]).await;
    let token = gateway.token(account).await;
    World { gateway, token, liars: [one, two], _tasks: tasks }
}

impl World {
    /// Both protocols at once: the documented answer in time, and nothing changed.
    async fn tells_both(self, what: &str) {
        let begun = Instant::now();
        tokio::join!(self.imap(what), self.smtp(what));
        assert!(begun.elapsed() < IN_TIME, "{what}: {:?}", begun.elapsed());
        for liar in &self.liars {
            let said = liar.said.load(Ordering::Relaxed);
            assert!(said < BOUND, "{what}: {said} octets were taken");
        }
        self.gateway.stop().await;
    }

    async fn imap(&self, what: &str) {
        let mut imap = clear(self.gateway.imap[0]).await;
        imap.line().await;
        let told = imap.answer(&format!("a LOGIN {ANNA} {}", self.token)).await;
        assert!(told.starts_with("a NO [UNAVAILABLE] "), "{what}: {told}");
        imap.ask("b NOOP", "b OK").await;
    }

    async fn smtp(&self, what: &str) {
        let mut smtp = Client::greeted(&self.gateway).await;
        let told = smtp.ask(&format!("AUTH PLAIN {}", b64(&format!("\0{ANNA}\0{}", self.token)))).await;
        assert!(told.starts_with("454 4.7.0 "), "{what}: {told}");
        assert!(smtp.ask("NOOP").await.starts_with("250 "), "{what}");
    }
}

#[tokio::test]
async fn whatever_a_server_does_before_the_login_the_client_is_told_to_try_later() {
    let issued = Issued::new(&LOOPBACK, &Clock::system()).expect("a certificate");
    let mut worlds = Vec::new();
    for lie in LIES {
        worlds.push((lie, world(lie, &issued, &issued.ca).await));
    }
    let told = worlds.into_iter().map(|(lie, world)| async move {
        let what = format!("{lie:?}");
        world.tells_both(&what).await;
    });
    futures_util::future::join_all(told).await;
}

#[tokio::test]
async fn a_certificate_that_is_not_gmails_is_no_gmail() {
    let now = Clock::system();
    let issue = |names: &[&str], clock: &Clock| Issued::new(names, clock).expect("a certificate");
    let stranger = issue(&LOOPBACK, &now);
    let other_name = issue(&["mail.example.com"], &now);
    let expired = issue(&LOOPBACK, &Clock::manual(1_000_000_000_000_000));
    for (what, issued, trusted) in [
        ("an unknown authority", &stranger, ""),
        ("another name", &other_name, other_name.ca.as_str()),
        ("expired", &expired, expired.ca.as_str()),
    ] {
        let world = world(Lie::NovelAtLogin, issued, trusted).await;
        let liars = world.liars.clone();
        world.tells_both(what).await;
        for liar in liars {
            assert_eq!(liar.said.load(Ordering::Relaxed), 0, "{what}: not a word was heard");
        }
    }
}
