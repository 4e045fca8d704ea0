//! A session between a client and a Gmail that the test plays.

use std::sync::Arc;
use std::time::Duration;

use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::refusal::Reference;
use postern_core::wire::smtp::header::{Mode, Policy};
use postern_core::wire::smtp::login::Greeted;
use postern_core::wire::smtp::offers::Offers;
use postern_core::wire::smtp::relay::{Relay, Setup};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;

use super::super::session::{self, Journal, Times};
use crate::audit::{self, Note};
use crate::clock::Clock;
use crate::metrics::Registry;
use crate::relay::budget::Seat;
use crate::relay::metrics::Metrics;
use crate::relay::order::{Bell, Running};
use crate::tasks::{Phase, Tasks};

pub const TIMES: Times = Times {
    command: Duration::from_secs(300),
    data: Duration::from_secs(180),
    verdict: Duration::from_secs(600),
    drain: Duration::from_secs(10),
};
/// What a stream in memory holds before its writer waits.
pub const PIPE: usize = 64 * 1024;

pub struct Bench {
    pub client: DuplexStream,
    pub gmail: DuplexStream,
    pub notes: Receiver<Note>,
    pub session: JoinHandle<()>,
    /// Where it is told to end.
    pub bell: Arc<Bell>,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(b"", |stream| stream)
    }

    /// A session that holds `unread` of the client, its connection to Gmail in
    /// some wrapping.
    pub fn with<S>(unread: &[u8], wrap: impl FnOnce(DuplexStream) -> S) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (client, ours) = duplex(PIPE);
        let (gmail, theirs) = duplex(PIPE);
        let (notes, queue) = audit::writer();
        let anna = Address::parse("anna@example.com").unwrap();
        let relay = Relay::new(Setup {
            hostname: "gate.test".to_owned(),
            size_limit: 30_000_000,
            offers: Offers::ours(30_000_000),
            greeted: Greeted::Ehlo,
            policy: Policy { addresses: vec![anna.clone()], mode: Mode::Note },
            reference: Reference::new("k3x9"),
        });
        let journal = Journal {
            _seat: Seat::of_nobody(),
            metrics: Metrics::register(&Registry::default()),
            notes,
            clock: Clock::system(),
            account: AccountId(uuid::Uuid::nil()),
            address: anna,
            reference: Reference::new("k3x9"),
            peer: [127, 0, 0, 1].into(),
        };
        let bell = Arc::<Bell>::default();
        let begun = session::Begun {
            relay,
            from_client: unread.to_vec(),
            from_upstream: Vec::new(),
            times: TIMES,
            running: Running::new(bell.clone(), None),
            journal,
        };
        let run = session::run(ours, wrap(theirs), begun);
        let session = Tasks::default().spawn(Phase::Sessions, run);
        Self { client, gmail, notes: queue, session, bell }
    }

    /// The client says this, Gmail hears it, answers, and the client hears that.
    pub async fn exchange(&mut self, line: &str, answer: &str) {
        self.client.write_all(line.as_bytes()).await.unwrap();
        self.gmail_hears(line).await;
        self.gmail.write_all(answer.as_bytes()).await.unwrap();
        self.client_hears(answer).await;
    }

    /// Up to the 354.
    pub async fn open_message(&mut self) {
        self.exchange("MAIL FROM:<anna@example.com>\r\n", "250 2.1.0 OK\r\n").await;
        self.exchange("RCPT TO:<bob@example.net>\r\n", "250 2.1.5 OK\r\n").await;
        self.exchange("DATA\r\n", "354  Go ahead\r\n").await;
    }

    pub async fn client_hears(&mut self, line: &str) {
        assert_eq!(heard(&mut self.client, line.len()).await, line);
    }

    pub async fn gmail_hears(&mut self, line: &str) {
        assert_eq!(heard(&mut self.gmail, line.len()).await, line);
    }

    /// What the client hears from here to the end.
    pub async fn last_words(&mut self) -> String {
        let mut rest = String::new();
        self.client.read_to_string(&mut rest).await.unwrap();
        rest
    }

    /// How the messages ended that were noted so far.
    pub fn outcomes(&mut self) -> Vec<&'static str> {
        let mut all = Vec::new();
        while let Ok(note) = self.notes.try_recv() {
            if let Note::Event { event: Event::MessageSent { outcome, .. }, .. } = note {
                all.push(outcome);
            }
        }
        all
    }
}

async fn heard(stream: &mut DuplexStream, octets: usize) -> String {
    let mut bytes = vec![0; octets];
    stream.read_exact(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}
