//! `postern serve` as a process of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use super::ports;

/// The binary under test.
pub const POSTERN: &str = env!("CARGO_BIN_EXE_postern");

/// The binary under test, or the one that `POSTERN_TEST_BINARY` names: for figures, which one that was
/// built without optimisation does not give.
pub fn binary() -> String {
    std::env::var("POSTERN_TEST_BINARY").unwrap_or_else(|_| POSTERN.to_owned())
}

/// A running `postern serve`; killed when dropped.
pub struct Process {
    child: Child,
    /// Its configuration file.
    pub config: PathBuf,
    /// IMAP listeners in the order of the configuration.
    pub imap: Vec<SocketAddr>,
    /// SMTP listeners; none are known after a start with an old configuration.
    pub smtp: Vec<SocketAddr>,
}

/// A command of the binary with an empty environment.
pub fn postern(config: &Path) -> Command {
    let mut command = Command::new(binary());
    command.env_clear().arg("--config").arg(config).kill_on_drop(true);
    command
}

/// What a command said.
pub struct Said {
    /// Its exit code.
    pub code: i32,
    /// Data.
    pub out: String,
    /// Words.
    pub err: String,
}

/// Runs a command of the binary to its end.
pub async fn said(config: &Path, arguments: &[&str]) -> Said {
    let output = postern(config).args(arguments).output().await.expect("the binary runs");
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Gives every listener of a configuration that asks for port 0 a free one.
pub fn with_ports(text: &str) -> (String, Vec<SocketAddr>) {
    let mut out = String::new();
    let mut addrs = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("127.0.0.1:0") {
        let addr = SocketAddr::from(([127, 0, 0, 1], ports::free()));
        out.push_str(&rest[..at]);
        out.push_str(&addr.to_string());
        addrs.push(addr);
        rest = &rest[at + "127.0.0.1:0".len()..];
    }
    out.push_str(rest);
    (out, addrs)
}

impl Process {
    /// Starts `serve` with this configuration (ports 0 are replaced) and waits
    /// until it listens.
    pub async fn start(text: &str, config: &Path) -> Self {
        Self::under(text, config, &[]).await
    }

    /// [`Process::start`] with an environment that is not empty.
    pub async fn under(text: &str, config: &Path, environment: &[(&str, &str)]) -> Self {
        let (text, addrs) = with_ports(text);
        std::fs::write(config, text).expect("the configuration is written");
        let imap = addrs.iter().copied().skip(1).take(4).collect();
        let process = Self::spawned(config, imap, environment).await;
        Self { smtp: addrs.into_iter().skip(5).collect(), ..process }
    }

    /// Starts `serve` with a configuration that was written before.
    pub async fn again(config: &Path, imap: Vec<SocketAddr>) -> Self {
        Self::spawned(config, imap, &[]).await
    }

    // A child that another test has just forked holds this process's files until it executes, and
    // with them the lock on a database that this process has already closed.
    async fn spawned(config: &Path, imap: Vec<SocketAddr>, environment: &[(&str, &str)]) -> Self {
        for _ in 0..20 {
            let mut process = Self::spawn(config, imap.clone(), environment);
            if process.listens().await {
                return process;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("another process serves {}", config.display());
    }

    fn spawn(config: &Path, imap: Vec<SocketAddr>, environment: &[(&str, &str)]) -> Self {
        let log = std::fs::File::create(config.with_extension("log")).expect("a log file");
        // A test that limits the size of its files wants an error, not a signal.
        let mut command = Command::new("/bin/sh");
        command.env_clear().kill_on_drop(true).args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", &binary()]);
        let child = command
            .envs(environment.iter().copied())
            .arg("--config")
            .arg(config)
            .arg("serve")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the binary starts");
        Self { child, config: config.to_owned(), imap, smtp: Vec::new() }
    }

    // False when the database is still locked.
    async fn listens(&mut self) -> bool {
        for _ in 0..200 {
            if let Ok(Some(status)) = self.child.try_wait() {
                if self.log().contains("another `postern serve`") {
                    return false;
                }
                panic!("serve ended with {status}:\n{}", self.log());
            }
            if std::net::TcpStream::connect(self.imap[0]).is_ok() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("serve does not listen:\n{}", self.log());
    }

    /// What it logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.config.with_extension("log")).unwrap_or_default()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Sends it a signal by name: `STOP`, `CONT`, `TERM`.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().expect("it runs").to_string();
        let sent = std::process::Command::new("kill").args([format!("-{name}"), id]).status();
        assert!(sent.expect("kill runs").success(), "{name} was sent");
    }

    /// Waits for its end; says whether it ended with success.
    pub async fn ended(&mut self, within: Duration) -> bool {
        let ended = tokio::time::timeout(within, self.child.wait()).await;
        let ended = ended.unwrap_or_else(|_| panic!("serve does not end:\n{}", self.log()));
        ended.expect("waited for").success()
    }

    /// SIGKILL: no chance to finish anything.
    pub async fn kill(mut self) -> (PathBuf, Vec<SocketAddr>) {
        self.child.kill().await.expect("killed");
        (self.config.clone(), self.imap.clone())
    }
}
