//! The process as the service manager sees it: a socket of its own, signals,
//! and a reload under a running session.

use std::path::{Path, PathBuf};
use std::time::Duration;

use postern_sandbox::Sandbox;
use tempfile::TempDir;
use tokio::net::UnixDatagram;
use tokio::process::{Child, Command};

use crate::support::gateway::{Gateway, Setup, configuration};
use crate::support::line::{Lines, PATIENCE};
use crate::support::process::{postern, with_ports};

/// A service manager that hears everything.
struct Manager {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Manager {
    fn new(folder: &Path) -> Self {
        let path = folder.join("notify");
        Self { socket: UnixDatagram::bind(&path).unwrap(), path }
    }

    async fn message(&self) -> String {
        let mut message = [0; 512];
        let heard = tokio::time::timeout(PATIENCE, self.socket.recv(&mut message));
        let length = heard.await.expect("the manager is told something").unwrap();
        String::from_utf8_lossy(&message[..length]).into_owned()
    }

    /// Reads up to the first message that begins so; all of them.
    async fn until(&self, start: &str) -> Vec<String> {
        let mut heard = Vec::new();
        loop {
            heard.push(self.message().await);
            if heard.last().unwrap().starts_with(start) {
                return heard;
            }
        }
    }
}

/// `postern serve` under a manager.
struct Service {
    child: Child,
    manager: Manager,
    config: PathBuf,
    text: String,
    imap: std::net::SocketAddr,
}

impl Service {
    async fn start(gateway: &(Sandbox, TempDir), limits: &str) -> Self {
        let (sandbox, dir) = gateway;
        let (text, addrs) = with_ports(&configuration(sandbox, dir, &Setup::default()));
        let manager = Manager::new(dir.path());
        let config = dir.path().join("postern.toml");
        std::fs::write(&config, format!("{text}{limits}")).unwrap();
        let child = postern(&config)
            .arg("serve")
            .env("NOTIFY_SOCKET", &manager.path)
            .env("WATCHDOG_USEC", "1000000")
            .stdout(std::process::Stdio::null())
            .stderr(std::fs::File::create(config.with_extension("log")).unwrap())
            .spawn()
            .unwrap();
        Self { child, manager, config, text, imap: addrs[1] }
    }

    async fn signal(&self, name: &str) {
        let id = self.child.id().expect("it runs").to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().await.unwrap();
        assert!(sent.success());
    }

    /// Writes other limits and has them read; what the log says of it.
    async fn reload(&self, more: &str) -> String {
        let before = self.log().len();
        std::fs::write(&self.config, format!("{}{more}", self.text)).unwrap();
        self.signal("HUP").await;
        let heard = self.manager.until("RELOADING=1\nMONOTONIC_USEC=").await;
        assert!(!heard.iter().any(|message| message == "READY=1"), "{heard:?}");
        self.manager.until("READY=1").await;
        self.log().split_off(before)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.config.with_extension("log")).unwrap()
    }
}

// An installation with one mailbox, made by a gateway that has ended.
async fn installation() -> ((Sandbox, TempDir), String) {
    let gateway = Gateway::start().await;
    let anna = gateway.connect("anna@example.com", &[]).await;
    let token = gateway.token(anna).await;
    (gateway.stop().await, token)
}

#[tokio::test]
async fn the_manager_is_told_of_start_reload_and_end() {
    let (gateway, token) = installation().await;
    let mut service = Service::start(&gateway, "[limits]\npreauth = \"40s\"\n").await;
    service.manager.until("READY=1").await;
    // It was told only after the listeners were bound.
    let mut session = Lines::connect(service.imap).await;
    session.until("* OK").await;
    session.ask(&format!("a LOGIN anna@example.com {token}"), "a OK").await;
    let heard = service.manager.until("STATUS=up: 1 IMAP and 0 SMTP sessions").await;
    assert!(heard.iter().any(|message| message == "WATCHDOG=1"), "{heard:?}");

    let said = service.reload("[limits]\npreauth = \"1s\"\n[node]\nname = \"other\"\n").await;
    assert!(said.contains("[limits]") && said.contains("[node]"), "{said}");
    // The new time is for new connections; the session goes on.
    let mut idle = Lines::connect(service.imap).await;
    idle.until("* OK").await;
    assert!(idle.line().await.starts_with("* BYE"));
    session.ask("b NOOP", "b OK").await;

    let said = service.reload("[limits]\npreauth = \"soon\"\nimap_idel = \"1m\"\n").await;
    assert!(said.contains("limits.preauth") && said.contains("limits.imap_idel"), "{said}");
    let mut idle = Lines::connect(service.imap).await;
    idle.until("* OK").await;
    assert!(idle.line().await.starts_with("* BYE"), "the old second still holds");

    service.signal("TERM").await;
    service.manager.until("STOPPING=1").await;
    drop(session);
    let ended = tokio::time::timeout(Duration::from_secs(20), service.child.wait()).await;
    assert!(ended.expect("it ends").unwrap().success());
}
