//! A mail client for SMTP dialogues written out by hand, in clear or under
//! TLS, and the rows that its messages leave in the audit.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use postern::store::audit;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::io::{BufReader, split};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::support::gateway::Gateway;
use crate::support::line::PATIENCE;

/// The mailbox of most tests.
pub const ANNA: &str = "anna@example.com";
/// An envelope with one recipient, in one write.
pub const ENVELOPE: &str = "MAIL FROM:<anna@example.com>\r\nRCPT TO:<bob@elsewhere.test>\r\nDATA\r\n";
/// A message with its final dot.
pub const MESSAGE: &str =
    "From: anna@example.com\r\nMessage-ID: <1@crm>\r\nSubject: hi\r\n\r\nhello\r\n.\r\n";

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A connection.
pub struct Client(BufReader<Box<dyn Stream>>);

impl Client {
    /// Connects in clear.
    pub async fn connect(addr: SocketAddr) -> Self {
        Self(BufReader::new(Box::new(tcp(addr).await)))
    }

    /// Connects under TLS, trusting the gateway's own authority.
    pub async fn secure(gateway: &Gateway, addr: SocketAddr) -> Self {
        Self::over(gateway, tcp(addr).await).await.expect("a handshake")
    }

    /// The handshake of STARTTLS.
    pub async fn upgrade(self, gateway: &Gateway) -> std::io::Result<Self> {
        assert!(self.0.buffer().is_empty(), "the gateway spoke in clear behind its 220");
        Self::over(gateway, self.0.into_inner()).await
    }

    async fn over<S: Stream + 'static>(gateway: &Gateway, stream: S) -> std::io::Result<Self> {
        let ca = gateway.dir.path().join("certs").join("dev-ca.pem");
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(ca).expect("the gateway's authority") {
            roots.add(certificate.expect("PEM")).expect("a root");
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = versions.expect("TLS").with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from("localhost").expect("a name");
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
        Ok(Self(BufReader::new(Box::new(stream))))
    }

    /// A session behind EHLO and AUTH PLAIN.
    pub async fn logged_in(gateway: &Gateway, user: &str, token: &str) -> Self {
        let mut client = Self::greeted(gateway).await;
        let told = client.login(user, token).await;
        assert_eq!(told, "235 2.7.0 Accepted");
        client
    }

    /// A session in clear behind EHLO.
    pub async fn greeted(gateway: &Gateway) -> Self {
        let mut client = Self::connect(gateway.smtp[0]).await;
        assert!(client.answer().await.starts_with("220 "));
        client.ask("EHLO crm.example.com").await;
        client
    }

    /// AUTH PLAIN in one line.
    pub async fn login(&mut self, user: &str, token: &str) -> String {
        self.ask(&format!("AUTH PLAIN {}", b64(&format!("\0{user}\0{token}")))).await
    }

    /// Sends bytes as they are, in one write.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.expect("sent");
        self.0.flush().await.expect("flushed");
    }

    /// The next whole answer, its lines joined by a line feed; empty at the end.
    pub async fn answer(&mut self) -> String {
        let mut lines: Vec<String> = Vec::new();
        loop {
            let mut line = Vec::new();
            let read = self.0.read_until(b'\n', &mut line);
            tokio::time::timeout(PATIENCE, read).await.expect("an answer in time").expect("read");
            let text = String::from_utf8(line).expect("ASCII");
            let Some(text) = text.strip_suffix("\r\n") else {
                assert_eq!(text, "", "half a line");
                return lines.join("\n");
            };
            lines.push(text.to_owned());
            if text.as_bytes().get(3) != Some(&b'-') {
                return lines.join("\n");
            }
        }
    }

    /// Sends a line and reads the answer.
    pub async fn ask(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n")).await;
        self.answer().await
    }

    /// A whole dialogue: what is sent in each step, and how its answer starts.
    pub async fn play(&mut self, steps: &[(&str, &str)]) {
        for (line, start) in steps {
            let told = self.ask(line).await;
            assert!(told.starts_with(start), "{line}: {told}");
        }
    }

    /// An envelope with one recipient, up to the 354.
    pub async fn open_message(&mut self) {
        self.send(ENVELOPE).await;
        for start in ["250 2.1.0 ", "250 2.1.5 ", "354 "] {
            let told = self.answer().await;
            assert!(told.starts_with(start), "{told}");
        }
    }

    /// Everything up to the end of the stream; a reset ends it too.
    pub async fn rest(mut self) -> String {
        let mut rest = Vec::new();
        let read = self.0.read_to_end(&mut rest);
        let _reset = tokio::time::timeout(PATIENCE, read).await.expect("the gateway hangs up");
        String::from_utf8(rest).expect("ASCII")
    }

    /// A reader and a writer, for what must happen at the same time.
    pub fn halves(self) -> (impl AsyncRead + Unpin, impl AsyncWrite + Unpin) {
        split(self.0.into_inner())
    }
}

#[expect(clippy::disallowed_methods, reason = "a test client of its own")]
async fn tcp(addr: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(addr).await.expect("the gateway listens");
    stream.set_nodelay(true).expect("a socket option");
    stream
}

/// Base64.
pub fn b64(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// A row of the audit.
#[derive(Debug, Clone)]
pub struct Row {
    /// The reference that answer, log and row share.
    pub request: String,
    /// The event, people as pseudonyms.
    pub detail: Value,
}

/// The rows of one event, once there are so many of them.
pub async fn rows(gateway: &Gateway, event: &str, count: usize) -> Vec<Row> {
    eventually(&format!("{count} rows of {event}"), async || {
        let mut read = gateway.parts.store.read().await.expect("a connection");
        let mut found = Vec::new();
        let mut seq = 0;
        loop {
            let page = audit::chain(&mut read, gateway.parts.store.node(), seq).await.expect("read");
            let Some(last) = page.last() else { break };
            seq = last.seq;
            for row in page.into_iter().filter(|row| row.event == event) {
                let detail = serde_json::from_str(&row.detail).expect("JSON");
                found.push(Row { request: row.request, detail });
            }
        }
        (found.len() >= count).then_some(found)
    })
    .await
}

/// Asks until there is an answer.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..1500 {
        if let Some(found) = ask().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("not within half a minute: {what}");
}

/// A gateway with one mailbox, and its CRM token.
pub async fn with_anna(gateway: Gateway) -> (Gateway, String) {
    let anna = gateway.connect(ANNA, &[]).await;
    let token = gateway.token(anna).await;
    (gateway, token)
}
