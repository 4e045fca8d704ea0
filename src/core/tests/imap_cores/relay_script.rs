//! Transcripts of a relayed session, and how they are replayed.
//!
//! `C: ` a line of the client and `S: ` a line of the server, which must reach
//! the other side unchanged; `C- ` and `S- ` a line that must not; `=C ` and
//! `=S ` a line that this side receives though nobody sent it like that. `C+ `
//! and `S+ ` are octets without a line end. Order is time: a client that waits
//! has its literal below the server's answer, one that does not, above.

use postern_core::wire::imap::relay::{Fault, Flow, Relay};
use postern_core::wire::imap::tag::Tag;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    Client(Vec<u8>),
    Server(Vec<u8>),
}

/// A driver in miniature, which also keeps the promises of the reference.
pub struct Driver {
    pub relay: Relay,
    kept: Vec<u8>,
    pub to_server: Vec<u8>,
    pub to_client: Vec<u8>,
    /// Octets that were copied by the core.
    pub copied: usize,
}

impl Driver {
    pub fn new(login: &str) -> Self {
        let tag = Tag::parse(login.as_bytes()).expect("a tag");
        let relay = Relay::new(tag);
        Self { relay, kept: Vec::new(), to_server: Vec::new(), to_client: Vec::new(), copied: 0 }
    }

    pub fn client(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.kept.extend_from_slice(bytes);
        self.pump()
    }

    pub fn server(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            match self.relay.server(bytes)? {
                Flow::Forward(run) => {
                    assert!(run > 0, "progress");
                    self.to_client.extend_from_slice(&bytes[..run]);
                    bytes = &bytes[run..];
                }
                Flow::Replace(run, instead) => {
                    assert!(run > 0 || !instead.is_empty(), "progress");
                    self.copied += instead.len();
                    self.to_client.extend_from_slice(&instead);
                    bytes = &bytes[run..];
                }
                Flow::Wait => panic!("the server never waits"),
            }
            self.pump()?;
        }
        Ok(())
    }

    fn pump(&mut self) -> Result<(), Fault> {
        loop {
            if let Some(own) = self.relay.to_client() {
                assert!(self.relay.server_at_line_boundary());
                self.to_client.extend_from_slice(&own);
            }
            if self.kept.is_empty() {
                return Ok(());
            }
            match self.relay.client(&self.kept)? {
                Flow::Forward(run) => {
                    assert!(run > 0, "progress");
                    self.to_server.extend(self.kept.drain(..run));
                }
                Flow::Replace(run, instead) => {
                    assert!(run > 0, "progress");
                    self.copied += instead.len();
                    self.to_server.extend_from_slice(&instead);
                    self.kept.drain(..run);
                }
                Flow::Wait => {
                    assert!(self.relay.client_paused());
                    return Ok(());
                }
            }
        }
    }
}

/// Plays what was sent, each piece cut to `size` octets.
pub fn play(login: &str, sent: &[Sent], size: usize) -> (Driver, Result<(), Fault>) {
    let mut driver = Driver::new(login);
    for one in sent {
        let (Sent::Client(bytes) | Sent::Server(bytes)) = one;
        for piece in bytes.chunks(size) {
            let result = match one {
                Sent::Client(_) => driver.client(piece),
                Sent::Server(_) => driver.server(piece),
            };
            if result.is_err() {
                return (driver, result);
            }
        }
    }
    (driver, Ok(()))
}

/// Joins what one side sent in a row.
pub fn merged(sent: &[Sent]) -> Vec<Sent> {
    let mut joined: Vec<Sent> = Vec::new();
    for one in sent {
        match (joined.last_mut(), one) {
            (Some(Sent::Client(before)), Sent::Client(more))
            | (Some(Sent::Server(before)), Sent::Server(more)) => {
                before.extend_from_slice(more);
            }
            _ => joined.push(one.clone()),
        }
    }
    joined
}

/// Replays a transcript in every chunking and compares both sides.
pub fn holds(text: &str) -> Driver {
    let (mut sent, mut server, mut client) = (Vec::new(), Vec::new(), Vec::new());
    for line in text.lines().map(|line| line.trim_start().replace('·', " ")).filter(|line| !line.is_empty())
    {
        let (mark, rest) = line.split_at(line.len().min(3));
        let bytes = if mark.contains('+') { rest.to_owned() } else { format!("{rest}\r\n") }.into_bytes();
        match mark {
            "C: " | "C+ " | "C:" => {
                server.extend_from_slice(&bytes);
                sent.push(Sent::Client(bytes));
            }
            "S: " | "S+ " => {
                client.extend_from_slice(&bytes);
                sent.push(Sent::Server(bytes));
            }
            "C- " | "C-" => sent.push(Sent::Client(bytes)),
            "S- " => sent.push(Sent::Server(bytes)),
            "=C " => client.extend_from_slice(&bytes),
            "=S " => server.extend_from_slice(&bytes),
            _ => panic!("unknown line {line}"),
        }
    }
    let joined = merged(&sent);
    for (pieces, size) in [(&sent, usize::MAX), (&sent, 1), (&joined, usize::MAX), (&joined, 3), (&joined, 1)]
    {
        let (driver, result) = play("L1", pieces, size);
        assert_eq!(result, Ok(()), "{text}");
        let show = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(show(&driver.to_server), show(&server), "to the server, pieces of {size}\n{text}");
        assert_eq!(show(&driver.to_client), show(&client), "to the client, pieces of {size}\n{text}");
        assert!(driver.kept.is_empty(), "{text}");
    }
    play("L1", &sent, usize::MAX).0
}
