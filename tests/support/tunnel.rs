//! A company's way out: a CONNECT proxy that writes down what it is asked for,
//! and that may open TLS on the way.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use postern::net::dial::{Dialer, LIMIT};
use postern::net::target::Target;
use postern::net::tls::ServerTls;
use postern::net::trust::Trust;
use postern_sandbox::Sandbox;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

use super::edge::{Edge, IMAP, OAUTH, SMTP, certificate, splice};

/// A host of the sandbox behind somebody's TLS.
#[derive(Clone)]
pub struct Backend {
    addr: SocketAddr,
    tls: Option<Dialer>,
}

impl Backend {
    /// IMAP, SMTP and OAuth of a sandbox.
    pub fn of(sandbox: &Sandbox) -> [Self; 3] {
        let dialer = Dialer::new(&Trust::with_pem(sandbox.ca_pem().as_bytes()).expect("a CA"), LIMIT);
        let oauth = sandbox.oauth_url();
        let oauth = oauth.trim_start_matches("http://").parse().expect("an address");
        let mail = |addr| Self { addr, tls: Some(dialer.clone()) };
        [mail(sandbox.imap_addr()), mail(sandbox.smtp_addr()), Self { addr: oauth, tls: None }]
    }
}

/// Ends the client's TLS and speaks to the backend as it likes it.
pub async fn carry(tcp: TcpStream, tls: ServerTls, backend: Backend) {
    let Ok(mut client) = tls.accept(tcp).await else { return };
    match &backend.tls {
        Some(dialer) => {
            let target = Target { host: "localhost".to_owned(), port: backend.addr.port() };
            let Ok(mut server) = dialer.dial(&target).await else { return };
            let _over = copy_bidirectional(&mut client, &mut server).await;
        }
        None => {
            let Some(mut server) = connect(backend.addr).await else { return };
            let _over = copy_bidirectional(&mut client, &mut server).await;
        }
    }
}

async fn connect(addr: SocketAddr) -> Option<TcpStream> {
    TcpSocket::new_v4().ok()?.connect(addr).await.ok()
}

/// What the proxy was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// `host:port`.
    pub host: String,
    /// The login that came with it, as it stood in the header.
    pub login: Option<String>,
}

/// How a proxy deals with what it is asked for.
#[derive(Clone, Default)]
pub struct Manners {
    /// The `Proxy-Authorization` it wants.
    pub login: Option<&'static str>,
    /// Hosts that it forbids.
    pub forbidden: Vec<&'static str>,
    /// Opens TLS on the way, under an authority of its own.
    pub opens: bool,
}

/// A running proxy.
pub struct Tunnel {
    /// Where it listens.
    pub addr: SocketAddr,
    /// The authority under which it opens TLS.
    pub ca: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    _tasks: JoinSet<()>,
}

#[derive(Clone)]
struct Clerk {
    manners: Manners,
    tls: ServerTls,
    backends: [Backend; 3],
    edges: [SocketAddr; 3],
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Tunnel {
    /// Starts it in front of `edge`, which stands in front of `sandbox`.
    pub async fn start(sandbox: &Sandbox, edge: &Edge, manners: Manners) -> Self {
        let (tls, ca) = certificate();
        let asked = Arc::default();
        let clerk = Clerk {
            manners,
            tls,
            backends: Backend::of(sandbox),
            edges: edge.addrs,
            asked: Arc::clone(&asked),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((tcp, _)) = listener.accept().await {
                connections.spawn(clerk.clone().serve(tcp));
            }
        });
        Self { addr, ca, asked, _tasks: tasks }
    }

    /// Everything it was asked for, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("sound").clone()
    }

    /// The hosts among it, each once, sorted.
    pub fn hosts(&self) -> Vec<String> {
        let mut hosts: Vec<_> = self.asked().into_iter().map(|asked| asked.host).collect();
        hosts.sort();
        hosts.dedup();
        hosts
    }
}

impl Clerk {
    async fn serve(self, tcp: TcpStream) {
        let mut tcp = BufReader::new(tcp);
        let Some(asked) = request(&mut tcp).await else { return };
        let (host, login) = (asked.host.clone(), asked.login.clone());
        self.asked.lock().expect("sound").push(asked);
        let place = [IMAP, SMTP, OAUTH].iter().position(|known| *known == host);
        let (status, place) = match place {
            _ if self.manners.login.is_some() && self.manners.login != login.as_deref() => {
                ("407 Log in", None)
            }
            _ if self.manners.forbidden.contains(&host.as_str()) => ("403 Forbidden", None),
            None => ("502 Unknown host", None),
            Some(place) => ("200 Connection established", Some(place)),
        };
        let answer = format!("HTTP/1.1 {status}\r\nProxy-Agent: test\r\n\r\n");
        if tcp.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
        let Some(place) = place else { return };
        assert!(tcp.buffer().is_empty(), "the gateway spoke before the proxy's answer");
        let tcp = tcp.into_inner();
        if self.manners.opens {
            carry(tcp, self.tls, self.backends[place].clone()).await;
        } else if let Some(edge) = connect(self.edges[place]).await {
            splice(tcp, edge).await;
        }
    }
}

async fn request(tcp: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        tcp.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
        if line == "\r\n" {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    let host = lines.first()?.strip_prefix("CONNECT ")?.strip_suffix(" HTTP/1.1")?.to_owned();
    let login = lines.iter().find_map(|line| line.strip_prefix("Proxy-Authorization: ")).map(str::to_owned);
    Some(Asked { host, login })
}
