//! The clients of these tests: a TLS line client and a one-shot HTTP client.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use postern_sandbox::{Options, Sandbox};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::form_urlencoded::Serializer;

pub type Outcome = Result<(), Box<dyn Error>>;

pub const ANNA: &str = "anna@example.com";
pub const BEN: &str = "ben@example.com";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const PATIENCE: Duration = Duration::from_secs(10);

/// A sandbox with Anna and Ben.
pub async fn sandbox() -> io::Result<Sandbox> {
    let sandbox = Sandbox::start(Options::default()).await?;
    sandbox.google().add_user(ANNA);
    sandbox.google().add_user(BEN);
    Ok(sandbox)
}

pub fn xoauth2(user: &str, token: &str) -> String {
    STANDARD.encode(format!("user={user}\u{1}auth=Bearer {token}\u{1}\u{1}"))
}

/// A TLS connection read line by line.
pub struct Lines {
    stream: TlsStream<TcpStream>,
    input: Vec<u8>,
}

impl Lines {
    pub async fn connect(sandbox: &Sandbox, addr: SocketAddr) -> Result<Self, Box<dyn Error>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(sandbox.ca_pem().as_bytes())?)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let tcp = dial(addr).await?;
        let name = ServerName::try_from("localhost")?;
        let stream = TlsConnector::from(Arc::new(config)).connect(name, tcp).await?;
        let input = Vec::new();
        Ok(Self { stream, input })
    }

    /// Sends octets as they are.
    pub async fn raw(&mut self, octets: &[u8]) -> io::Result<()> {
        self.stream.write_all(octets).await?;
        self.stream.flush().await
    }

    /// Sends a line.
    pub async fn line(&mut self, line: &str) -> io::Result<()> {
        self.raw(format!("{line}\r\n").as_bytes()).await
    }

    /// Reads one line; an error at the end of the stream.
    pub async fn read(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.input.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.input.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            let read = self.stream.read_buf(&mut self.input);
            if timeout(PATIENCE, read).await?? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Whether the other side has closed, with nothing left to read.
    pub async fn ended(&mut self) -> bool {
        matches!(self.read().await, Err(error) if error.kind() == io::ErrorKind::UnexpectedEof)
    }

    /// Whether nothing comes for a while.
    pub async fn silent(&mut self) -> bool {
        let quiet = Duration::from_millis(150);
        timeout(quiet, self.read()).await.is_err()
    }

    /// Reads up to the line that starts so; all of it, lines joined by `\n`.
    pub async fn until(&mut self, start: &str) -> Result<String, Box<dyn Error>> {
        let mut text = String::new();
        loop {
            let line = self.read().await?;
            text.push_str(&line);
            if line.starts_with(start) {
                return Ok(text);
            }
            text.push('\n');
        }
    }

    /// Sends a command and reads to its tagged answer.
    pub async fn command(&mut self, tag: &str, command: &str) -> Result<String, Box<dyn Error>> {
        self.line(&format!("{tag} {command}")).await?;
        self.until(&format!("{tag} ")).await
    }

    /// Sends an SMTP command and reads its whole reply.
    pub async fn reply(&mut self, command: &str) -> Result<String, Box<dyn Error>> {
        self.line(command).await?;
        self.whole_reply().await
    }

    /// Reads a whole SMTP reply.
    pub async fn whole_reply(&mut self) -> Result<String, Box<dyn Error>> {
        let mut text = String::new();
        loop {
            let line = self.read().await?;
            text.push_str(&line);
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(text);
            }
            text.push('\n');
        }
    }
}

/// An HTTP answer.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Page {
    pub fn json(&self) -> Result<Value, Box<dyn Error>> {
        Ok(serde_json::from_str(&self.body)?)
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "the sandbox's own client; it may not use Postern's dialling")]
async fn dial(addr: SocketAddr) -> io::Result<TcpStream> {
    TcpStream::connect(addr).await
}

pub async fn get(url: &str) -> Result<Page, Box<dyn Error>> {
    request("GET", url, FORM, "").await
}

pub async fn post(url: &str, form: &[(&str, &str)]) -> Result<Page, Box<dyn Error>> {
    let body = Serializer::new(String::new()).extend_pairs(form).finish();
    request("POST", url, FORM, &body).await
}

/// Sends a request with these header lines, each with its line end.
pub async fn request(method: &str, url: &str, headers: &str, body: &str) -> Result<Page, Box<dyn Error>> {
    let rest = url.strip_prefix("http://").ok_or("not http")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut tcp = dial(host.parse()?).await?;
    let length = body.len();
    let head = format!(
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         {headers}Content-Length: {length}\r\n\r\n"
    );
    tcp.write_all(head.as_bytes()).await?;
    tcp.write_all(body.as_bytes()).await?;
    let mut answer = String::new();
    timeout(PATIENCE, tcp.read_to_string(&mut answer)).await??;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no HTTP answer")?;
    let status = head.split(' ').nth(1).ok_or("no status")?.parse()?;
    Ok(Page { status, head: head.to_owned(), body: body.to_owned() })
}
