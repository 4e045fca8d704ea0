//! A PostgreSQL server of a test's own, which can be stopped and frozen.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use postern::clock::Clock;
use postern::dice::Dice;
use postern::seal::Ring;
use postern::store::{Opening, Store};
use tempfile::TempDir;

use super::ports;
use super::program::part;

/// A running server. Ends with its owner.
pub struct Cluster {
    dir: TempDir,
    port: u16,
    addresses: String,
}

impl Cluster {
    /// A fresh one.
    pub fn start() -> Self {
        Self::new("127.0.0.1", "")
    }

    /// A fresh one that a network reaches as well, at an address of this machine.
    pub fn reached_at(address: IpAddr, network: &str) -> Self {
        let door = format!("host all all {network} trust\n");
        Self::new(&format!("127.0.0.1,{address}"), &door)
    }

    fn new(addresses: &str, door: &str) -> Self {
        // Not below TMPDIR: the user postgres may have no way into it.
        let dir = tempfile::Builder::new().prefix("postern-cluster.").tempdir_in("/tmp").expect("a folder");
        if root() {
            let owned = Command::new("chown").arg("postgres").arg(dir.path()).status();
            assert!(owned.expect("chown runs").success());
        }
        let cluster = Self { dir, port: ports::free(), addresses: addresses.to_owned() };
        let data = cluster.data();
        let flags = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N", "-D", &data];
        run("initdb", &flags);
        let access = format!("{data}/pg_hba.conf");
        let known = fs::read_to_string(&access).expect("who may come in");
        fs::write(&access, known + door).expect("written");
        cluster.up();
        cluster
    }

    /// Its only database.
    pub fn url(&self) -> String {
        self.url_at(Ipv4Addr::LOCALHOST.into())
    }

    /// The same from another of its addresses.
    pub fn url_at(&self, address: IpAddr) -> String {
        format!("postgres://postgres@{address}:{}/postgres", self.port)
    }

    /// Gives it the newest schema.
    pub async fn migrate(&self) {
        let store = self.store().await;
        store.migrate().await.expect("migrated");
        store.close().await;
    }

    /// Opens it, without keys.
    pub async fn store(&self) -> Store {
        let opening = Opening {
            url: self.url(),
            ring: Arc::new(Ring::blank()),
            clock: Clock::system(),
            dice: Dice::default(),
            node: "main".to_owned(),
        };
        Store::open(opening).await.expect("it opens")
    }

    /// Starts it again. What it confirms is not on the disk yet, unless a client asks for that.
    pub fn up(&self) {
        let dir = self.dir.path().display();
        let options = format!(
            "-p {} -k {dir} -c listen_addresses={} -c fsync=off -c synchronous_commit=off",
            self.port, self.addresses
        );
        let log = format!("{dir}/log");
        run("pg_ctl", &["-D", &self.data(), "-l", &log, "-w", "-o", &options, "start"]);
    }

    /// Ends it as a power cut would: connections break.
    pub fn cut(&self) {
        run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "-w", "stop"]);
    }

    /// Stops all its processes where they are: connections say nothing more.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn data(&self) -> String {
        self.dir.path().join("data").display().to_string()
    }

    fn signal(&self, name: &str) {
        let pid = fs::read_to_string(format!("{}/postmaster.pid", self.data())).expect("it runs");
        let first = pid.lines().next().expect("a process id").trim().to_owned();
        let mut all = children(&first);
        all.push(first);
        let sent = Command::new("kill").arg(name).args(&all).stderr(Stdio::null()).status();
        sent.expect("kill runs");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if Path::new(&format!("{}/postmaster.pid", self.data())).exists() {
            self.thaw();
            self.cut();
        }
    }
}

fn children(of: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").expect("proc").flatten();
    let names = processes.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|id| id.bytes().all(|b| b.is_ascii_digit()) && parent(id).as_deref() == Some(of)).collect()
}

// The name stands in parentheses before it and may hold anything.
fn parent(id: &str) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(1).map(str::to_owned)
}

fn root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

// PostgreSQL refuses to run as root.
fn run(program: &str, arguments: &[&str]) {
    let program = Path::new(&part("POSTGRES_BIN")).join(program);
    let mut command = if root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    let status =
        command.args(arguments).current_dir("/").stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.expect("PostgreSQL's programs run").success(), "{arguments:?}");
}
