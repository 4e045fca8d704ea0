//! A dialogue with both peers in one hand, cut into pieces anywhere.

use std::sync::Arc;
use std::time::Duration;

use postern_core::wire::imap::relay::Relay;
use postern_core::wire::imap::tag::Tag;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

use postern_core::model::refusal::Reference;

use crate::relay::imap::ended::{Ended, Times};
use crate::relay::imap::splice::{Session, splice};
use crate::relay::order::{Bell, Running};

/// One step of a dialogue.
#[derive(Debug, Clone, Copy)]
pub enum Move {
    /// The client sends.
    Client(&'static str),
    /// Gmail sends.
    Server(&'static str),
    /// Gmail has received this, and nothing else since the last such step.
    Up(&'static str),
    /// The client has received this, and nothing else since the last such step.
    Down(&'static str),
}

/// Where what one side sends is cut into two writes.
#[derive(Debug, Clone, Copy)]
pub enum Cut {
    /// Nowhere.
    Whole,
    /// Before this octet of all it sends.
    At(usize),
    /// Everywhere.
    Everywhere,
}

/// A relay that begins behind a login under the tag `L1`.
pub fn relay() -> Relay {
    Relay::new(Tag::parse(b"L1").expect("a tag"))
}

/// A session behind that login, with what was read of client and Gmail, that
/// nobody tells to end.
pub fn session(from_client: &[u8], from_upstream: &[u8]) -> Session {
    with_bell(from_client, from_upstream).0
}

/// The same, and where it is told to end.
pub fn with_bell(from_client: &[u8], from_upstream: &[u8]) -> (Session, Arc<Bell>) {
    let bell = Arc::<Bell>::default();
    let session = Session {
        relay: relay(),
        from_client: from_client.to_vec(),
        from_upstream: from_upstream.to_vec(),
        times: Times::default(),
        running: Running::new(bell.clone(), None),
        reference: Reference::new("k3x9"),
    };
    (session, bell)
}

/// How many octets each side sends in a dialogue.
pub fn sent(moves: &[Move]) -> (usize, usize) {
    moves.iter().fold((0, 0), |(client, server), step| match step {
        Move::Client(text) => (client + text.len(), server),
        Move::Server(text) => (client, server + text.len()),
        Move::Up(_) | Move::Down(_) => (client, server),
    })
}

/// A peer's end of a pipe.
pub struct Peer {
    pub stream: DuplexStream,
    cut: Cut,
    sent: usize,
}

impl Peer {
    fn new(stream: DuplexStream, cut: Cut) -> Self {
        Self { stream, cut, sent: 0 }
    }

    async fn send(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let pieces: Vec<&[u8]> = match self.cut {
            Cut::At(at) if (self.sent..self.sent + bytes.len()).contains(&at) => {
                let (one, two) = bytes.split_at(at - self.sent);
                vec![one, two]
            }
            Cut::Whole | Cut::At(_) => vec![bytes],
            Cut::Everywhere => bytes.chunks(1).collect(),
        };
        self.sent += bytes.len();
        for piece in pieces {
            self.stream.write_all(piece).await.expect("sent");
            // Virtual time passes only when the relay has nothing left to do.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn has_received(&mut self, text: &str, context: &str) {
        let mut got = vec![0; 4 * text.len() + 64];
        tokio::time::sleep(Duration::from_millis(1)).await;
        let mut length = 0;
        let read = async {
            while let Ok(n @ 1..) = self.stream.read(&mut got[length..]).await {
                length += n;
            }
        };
        let _quiet = tokio::time::timeout(Duration::from_millis(1), read).await;
        assert_eq!(String::from_utf8_lossy(&got[..length]), text, "{context}");
    }
}

/// Plays a dialogue; then the client hangs up and Gmail follows.
pub async fn play(moves: &[Move], client: Cut, server: Cut) -> Ended {
    let (near_client, far_client) = duplex(1 << 16);
    let (near_server, far_server) = duplex(1 << 16);
    let relaying = splice(near_client, near_server, session(b"", b""));
    let (mut c, mut s) = (Peer::new(far_client, client), Peer::new(far_server, server));
    let script = async {
        for (at, step) in moves.iter().enumerate() {
            let context = format!("step {at} of {client:?}, {server:?}");
            match step {
                Move::Client(text) => c.send(text).await,
                Move::Server(text) => s.send(text).await,
                Move::Up(text) => s.has_received(text, &context).await,
                Move::Down(text) => c.has_received(text, &context).await,
            }
        }
        c.stream.shutdown().await.expect("shut");
        s.has_received("", "at the end").await;
        drop((c, s));
    };
    tokio::join!(relaying, script).0
}
