//! Google under names of its own: TLS for `*.google.test` in front of a
//! sandbox. Nobody resolves those names but a proxy that is told of them.

use std::net::SocketAddr;

use postern::clock::Clock;
use postern::net::dev_pair::Issued;
use postern::net::identity::Identity;
use postern::net::tls::ServerTls;
use postern_sandbox::Sandbox;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::tunnel::{Backend, carry};

/// Names of Google's hosts behind the edge.
pub const IMAP: &str = "imap.google.test:993";
pub const SMTP: &str = "smtp.google.test:465";
pub const OAUTH: &str = "oauth2.google.test:443";

/// A running edge.
pub struct Edge {
    /// Where IMAP, SMTP and OAuth (in this order) listen.
    pub addrs: [SocketAddr; 3],
    /// What its clients must trust.
    pub ca: String,
    _tasks: JoinSet<()>,
}

/// A certificate for all names, and for the address that stands for this
/// machine without being called loopback.
pub fn certificate() -> (ServerTls, String) {
    let names = ["imap.google.test", "smtp.google.test", "oauth2.google.test", "0.0.0.0"];
    let issued = Issued::new(&names, &Clock::system()).expect("a certificate");
    let identity = Identity::from_pem(issued.cert.as_bytes(), issued.key.as_bytes()).expect("a pair");
    (ServerTls::new(identity).expect("TLS"), issued.ca)
}

impl Edge {
    /// Starts it in front of `sandbox`.
    pub async fn start(sandbox: &Sandbox) -> Self {
        let (tls, ca) = certificate();
        let mut tasks = JoinSet::new();
        let mut addrs = Vec::new();
        for backend in Backend::of(sandbox) {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            addrs.push(listener.local_addr().expect("an address"));
            tasks.spawn(listen(listener, tls.clone(), backend));
        }
        Self { addrs: addrs.try_into().expect("three"), ca, _tasks: tasks }
    }
}

async fn listen(listener: TcpListener, tls: ServerTls, backend: Backend) {
    let mut connections = JoinSet::new();
    while let Ok((tcp, _)) = listener.accept().await {
        connections.spawn(carry(tcp, tls.clone(), backend.clone()));
    }
}

/// Octets to and fro until either side ends.
pub async fn splice(mut one: TcpStream, mut other: TcpStream) {
    let _over = copy_bidirectional(&mut one, &mut other).await;
}
