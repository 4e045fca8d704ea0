//! An IMAP client for dialogues, in clear and under TLS.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::gateway::Gateway;
use crate::support::line::PATIENCE;

/// A connection read line by line.
pub struct Imap<S>(BufReader<S>);

/// Connects in clear.
#[expect(clippy::disallowed_methods, reason = "a test client of its own")]
pub async fn clear(addr: SocketAddr) -> Imap<TcpStream> {
    let stream = TcpStream::connect(addr).await.expect("the gateway listens");
    stream.set_nodelay(true).expect("a socket option");
    Imap(BufReader::new(stream))
}

/// Connects in clear from another address of this machine.
pub async fn clear_from(source: IpAddr, addr: SocketAddr) -> Imap<TcpStream> {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((source, 0).into()).expect("an address of this machine");
    Imap(BufReader::new(socket.connect(addr).await.expect("somebody listens")))
}

/// Connects to the clear listener and logs in with LOGIN under the tag `L`.
pub async fn logged_in(gateway: &Gateway, user: &str, token: &str) -> Imap<TcpStream> {
    let mut imap = clear(gateway.imap[0]).await;
    imap.line().await;
    imap.ask(&format!("L LOGIN {user} {token}"), "L OK").await;
    imap
}

impl Imap<TcpStream> {
    /// The handshake, with the CA that the gateway made for this machine.
    pub async fn secure(self, gateway: &Gateway) -> io::Result<Imap<TlsStream<TcpStream>>> {
        self.trusting(&std::fs::read(gateway.dir.path().join("certs/dev-ca.pem"))?).await
    }

    /// The handshake with `localhost` under another authority, in PEM.
    pub async fn trusting(self, ca: &[u8]) -> io::Result<Imap<TlsStream<TcpStream>>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca).expect("a CA")).expect("a root");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        assert!(self.0.buffer().is_empty(), "nothing was said before the handshake");
        let name = ServerName::try_from("localhost").expect("a name");
        let stream = TlsConnector::from(Arc::new(config)).connect(name, self.0.into_inner());
        Ok(Imap(BufReader::new(timeout(PATIENCE, stream).await??)))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Imap<S> {
    /// Sends bytes in one write; an error when the gateway has closed.
    pub async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.0.get_mut().write_all(bytes.as_ref()).await?;
        self.0.get_mut().flush().await
    }

    /// Sends bytes in one write.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).await.expect("sent");
    }

    /// Says that nothing more will be sent.
    pub async fn half_close(&mut self) {
        self.0.get_mut().shutdown().await.expect("shut");
    }

    /// The next line without its CRLF; empty at the end.
    pub async fn line(&mut self) -> String {
        let mut line = Vec::new();
        let read = self.0.read_until(b'\n', &mut line);
        timeout(PATIENCE, read).await.expect("an answer in time").expect("read");
        String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()
    }

    /// Lines up to and with the first that starts with `start`.
    pub async fn until(&mut self, start: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.line().await;
            assert!(!line.is_empty(), "the stream ended before {start:?}: {lines:?}");
            let last = line.starts_with(start);
            lines.push(line);
            if last {
                return lines;
            }
        }
    }

    /// Sends a line and reads up to the answer that starts with `start`.
    pub async fn ask(&mut self, line: &str, start: &str) -> Vec<String> {
        self.send(format!("{line}\r\n")).await;
        self.until(start).await
    }

    /// Sends a line and reads its tagged answer, whatever it is.
    pub async fn answer(&mut self, line: &str) -> String {
        let tag = line.split(' ').next().unwrap_or_default();
        self.ask(line, &format!("{tag} ")).await.pop().unwrap_or_default()
    }

    /// Exactly so many octets.
    pub async fn octets(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        timeout(PATIENCE, self.0.read_exact(&mut bytes)).await.expect("in time").expect("read");
        bytes
    }

    /// Everything to a proper end of the stream: a reset is an error.
    pub async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        let read = self.0.read_to_end(&mut rest);
        timeout(PATIENCE, read).await.expect("closed in time").expect("closed, not reset");
        String::from_utf8_lossy(&rest).into_owned()
    }

    /// Everything until the connection is gone, in whatever way.
    pub async fn bytes_to_the_end(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let _gone = timeout(PATIENCE, self.0.read_to_end(&mut rest)).await.expect("closed in time");
        rest
    }
}
