//! A process that is killed, frozen and started again under the same name.

use std::fs::OpenOptions;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use crate::support::process::{binary, with_ports};

/// Longest start: a name in PostgreSQL that a dead process left is free after a minute.
const START: Duration = Duration::from_secs(100);

/// A node. Killed when dropped.
pub struct Node {
    child: Option<Child>,
    binary: String,
    config: PathBuf,
    namespace: Option<String>,
    /// Its IMAP listener in clear.
    pub imap: SocketAddr,
    /// Its SMTP listener in clear.
    pub smtp: SocketAddr,
}

impl Node {
    /// On this machine itself: `text` asks for its listeners with port 0.
    pub async fn here(text: &str, config: &Path) -> Self {
        Self::of(binary(), text, config).await
    }

    /// As [`Node::here`], of another binary.
    pub async fn of(binary: String, text: &str, config: &Path) -> Self {
        let (text, addrs) = with_ports(text);
        std::fs::write(config, text).expect("the configuration is written");
        let (config, namespace) = (config.to_owned(), None);
        let mut node = Self { child: None, binary, config, namespace, imap: addrs[1], smtp: addrs[5] };
        node.again().await;
        node
    }

    /// In a network of its own, where `addrs` are its IMAP and SMTP listeners.
    pub async fn inside(namespace: &str, text: &str, config: &Path, addrs: (SocketAddr, SocketAddr)) -> Self {
        std::fs::write(config, with_ports(text).0).expect("the configuration is written");
        let (config, namespace) = (config.to_owned(), Some(namespace.to_owned()));
        let mut node =
            Self { child: None, binary: binary(), config, namespace, imap: addrs.0, smtp: addrs.1 };
        node.again().await;
        node
    }

    /// Starts it and waits until it listens.
    pub async fn again(&mut self) {
        let until = Instant::now() + START;
        self.begin();
        while std::net::TcpStream::connect_timeout(&self.imap, Duration::from_millis(200)).is_err() {
            let ended = self.child.as_mut().is_none_or(|child| !matches!(child.try_wait(), Ok(None)));
            // A child that another test has just forked holds the lock on a database until it executes.
            if ended && self.log().lines().last().is_some_and(|line| line.contains("another `postern serve`"))
            {
                self.begin();
            } else {
                assert!(!ended && Instant::now() < until, "serve does not listen:\n{}", self.log());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Starts it and waits for nothing.
    pub fn begin(&mut self) {
        let log = OpenOptions::new().create(true).append(true).open(self.config.with_extension("log"));
        let mut command = match &self.namespace {
            None => Command::new(&self.binary),
            // It becomes the program: the process is the node itself.
            Some(name) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", name, &self.binary]);
                command
            }
        };
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").kill_on_drop(true);
        command.arg("--config").arg(&self.config).arg("serve").stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.stderr(log.expect("a log file")).spawn().expect("the binary starts");
        self.child = Some(child);
    }

    /// SIGKILL: no chance to finish anything.
    pub async fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().await.expect("killed");
        }
    }

    /// Stops it where it is.
    pub fn freeze(&self) {
        kill_process(self.pid(), Signal::STOP).expect("stopped");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        kill_process(self.pid(), Signal::CONT).expect("woken");
    }

    /// Whether it has ended by itself.
    pub fn ended(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None)))
    }

    fn pid(&self) -> Pid {
        let id = self.child.as_ref().and_then(Child::id).expect("it runs");
        Pid::from_raw(id.cast_signed()).expect("a process")
    }

    /// Resident memory in KiB, as the kernel says.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid().as_raw_nonzero()));
        let status = status.expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Its configuration file.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// What it has logged since its first start.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.config.with_extension("log")).unwrap_or_default()
    }
}
