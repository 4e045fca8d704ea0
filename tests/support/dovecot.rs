//! Dovecot as a Gmail that takes only XOAUTH2, beside a sandbox that knows its
//! access tokens.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use postern::clock::Clock;
use postern::net::dev_pair::{Issued, LOOPBACK};
use postern_sandbox::{Sandbox, Tokeninfo};
use tempfile::TempDir;

use super::ports;
use super::program::{PATIENCE, Server, file, part};
use super::sink::Sink;

/// A running Dovecot.
pub struct Dovecot {
    _server: Server,
    dir: TempDir,
    /// IMAP, implicit TLS, as host:port.
    pub imap: String,
    /// Submission, implicit TLS, as host:port.
    pub smtp: String,
    /// What its clients must trust.
    pub ca: String,
}

impl Dovecot {
    /// Starts it in front of `sink`; it asks `sandbox` whom a token belongs to.
    pub fn start(sandbox: &Sandbox, sink: &Sink) -> Self {
        let google = sandbox.google();
        google.set_tokeninfo(Tokeninfo { always_email: true, ..Tokeninfo::default() });
        let tokeninfo = format!("{}?access_token=", sandbox.tokeninfo_url());
        // Another program may take a port first; then the next ones.
        for _ in 0..5 {
            let ports = (ports::free(), ports::free());
            let dir = folder();
            let ca = configure(dir.path(), ports, sink.port(), &tokeninfo);
            if let Some(server) = started(dir.path()) {
                let at = |port| format!("localhost:{port}");
                return Self { _server: server, dir, imap: at(ports.0), smtp: at(ports.1), ca };
            }
        }
        panic!("Dovecot found no free ports");
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("Dovecot's log:\n{}", log(self.dir.path()));
        }
    }
}

// Below /tmp and open to all: Dovecot's own users must pass, and a socket's path
// ends at 107 octets.
fn folder() -> TempDir {
    let open = Permissions::from_mode(0o755);
    let dir = tempfile::Builder::new().prefix("postern-dovecot.").permissions(open).tempdir_in("/tmp");
    let dir = dir.expect("a temporary folder");
    // The mode above passes through the umask, and users share the mailboxes.
    for (name, mode) in [("", 0o755), ("mail", 0o1777)] {
        let path = dir.path().join(name);
        fs::create_dir_all(&path).expect("a folder");
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("its mode");
    }
    dir
}

fn configure(dir: &Path, ports: (u16, u16), sink: u16, tokeninfo: &str) -> String {
    let issued = Issued::new(&LOOPBACK, &Clock::system()).expect("a certificate");
    let (cert, key) = (dir.join("cert.pem"), dir.join("key.pem"));
    fs::write(&cert, &issued.cert).expect("written");
    fs::write(&key, issued.key.as_bytes()).expect("written");
    let values = [
        ("@DIR@", dir.display().to_string()),
        ("@IMAPS_PORT@", ports.0.to_string()),
        ("@SUBMISSIONS_PORT@", ports.1.to_string()),
        ("@SINK_PORT@", sink.to_string()),
        ("@TOKENINFO_URL@", tokeninfo.to_owned()),
        ("@CERT@", cert.display().to_string()),
        ("@KEY@", key.display().to_string()),
    ];
    for name in ["dovecot.conf", "oauth2.conf"] {
        let mut text = fs::read_to_string(file(&format!("{name}.in"))).expect("a template");
        for (mark, value) in &values {
            text = text.replace(mark, value);
        }
        fs::write(dir.join(name), text).expect("written");
    }
    issued.ca
}

// None when a port was taken.
fn started(dir: &Path) -> Option<Server> {
    let mut server = Command::new(part("DOVECOT"));
    server.arg("-F").arg("-c").arg(dir.join("dovecot.conf")).stdin(Stdio::null()).stderr(Stdio::null());
    let mut server = Server::new(server.spawn().expect("Dovecot starts"));
    let until = Instant::now() + PATIENCE;
    loop {
        let log = log(dir);
        // It says so once it listens.
        if log.contains("starting up for") {
            return Some(server);
        }
        if server.ended() && log.contains("Address already in use") {
            return None;
        }
        assert!(!server.ended() && Instant::now() < until, "Dovecot does not start:\n{log}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn log(dir: &Path) -> String {
    fs::read_to_string(dir.join("log")).unwrap_or_default()
}
