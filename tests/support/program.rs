//! Programs that are no part of Postern: the servers behind it and the mail
//! clients before it.

use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use tokio::process::Command;

/// Longest run of a client.
const LIMIT: Duration = Duration::from_secs(300);
/// Longest start or end of a server.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What `tests/interop/with` says of a part: `part("PHP")` is where PHP is.
pub fn part(name: &str) -> String {
    let variable = format!("POSTERN_TEST_{name}");
    std::env::var(&variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: run ./tests/run, which installs and starts what this test needs")
    })
}

/// A file of `tests/interop`.
pub fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/interop").join(name)
}

/// How a program ended.
#[derive(Debug)]
pub struct Told {
    /// With success.
    pub ok: bool,
    /// What it printed.
    pub out: String,
    /// What it complained about.
    pub err: String,
}

/// Runs a program to its end.
pub async fn run(mut command: Command) -> Told {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(LIMIT, output)
        .await
        .unwrap_or_else(|_| panic!("{command:?} does not end"))
        .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Told { ok: output.status.success(), out: text(output.stdout), err: text(output.stderr) }
}

/// A server that ends with its owner.
pub struct Server {
    child: Child,
}

impl Server {
    /// Takes charge of a child.
    pub fn new(child: Child) -> Self {
        Self { child }
    }

    /// The child.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Whether it has ended.
    pub fn ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Server {
    // A plain kill would leave Dovecot's own children behind for a while.
    fn drop(&mut self) {
        if self.ended() {
            return;
        }
        let id = self.child.id().to_string();
        let _asked = std::process::Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id]).status();
        let until = Instant::now() + PATIENCE;
        while !self.ended() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}
