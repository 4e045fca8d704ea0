//! The mail server behind Dovecot: it writes down what it is given.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::program::{Server, file, part};

/// A running `sink.py`.
pub struct Sink {
    _server: Server,
    port: u16,
    dir: TempDir,
}

/// What arrived.
pub struct Message {
    /// Octet for octet, dot-stuffing undone.
    pub octets: Vec<u8>,
    /// `from`, `to`, `helo`, `parameters`, `size`.
    pub envelope: Value,
}

impl Sink {
    /// Starts it on a free port.
    pub fn start() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let child = Command::new(part("PYTHON"))
            .arg(file("sink.py"))
            .arg(dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the sink starts");
        let mut server = Server::new(child);
        let mut port = String::new();
        let out = server.child().stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut port).expect("its port");
        let port = port.trim().parse().expect("a number");
        Self { _server: server, port, dir }
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What arrived since the last call, oldest first.
    pub fn take(&self) -> Vec<Message> {
        let entries = std::fs::read_dir(self.dir.path()).expect("its folder");
        let mut names: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        // The envelope comes last: what has one is complete.
        names.retain(|name| name.extension().is_some_and(|it| it == "json"));
        names.sort();
        names.iter().map(taken).collect()
    }
}

fn taken(envelope: &PathBuf) -> Message {
    let message = envelope.with_extension("eml");
    let read = |name: &PathBuf| std::fs::read(name).expect("a whole file");
    let told = Message {
        octets: read(&message),
        envelope: serde_json::from_slice(&read(envelope)).expect("an envelope"),
    };
    for name in [envelope, &message] {
        std::fs::remove_file(name).expect("removed");
    }
    told
}
