//! The clients of a run: as many as asked for, each a TLS 1.3 session of its own
//! that resumes nothing.

pub mod imap;
pub mod smtp;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::wire::Wire;

/// A client's connection.
pub type Connection = Wire<TlsStream<TcpStream>>;

/// How a client says who it is.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A user name and a password.
    Password(String, String),
    /// The access token itself, for servers that are not told a password.
    AccessToken(String),
}

impl Credential {
    /// The mailbox.
    pub fn user(&self) -> &str {
        match self {
            Self::Password(user, _) | Self::AccessToken(user) => user,
        }
    }
}

/// Where a server of the run listens, and whom the clients trust.
#[derive(Clone)]
pub struct Place {
    /// TLS.
    pub tls: Arc<ClientConfig>,
    /// On 127.0.0.1, TLS from the first octet on.
    pub port: u16,
}

impl Place {
    /// Connects, the handshake included.
    pub async fn connect(&self) -> anyhow::Result<Connection> {
        let dialled = async {
            let tcp = TcpStream::connect(("127.0.0.1", self.port)).await.context("connect")?;
            tcp.set_nodelay(true)?;
            let name = ServerName::try_from("localhost")?;
            let stream =
                TlsConnector::from(self.tls.clone()).connect(name, tcp).await.context("handshake")?;
            Ok(Wire::new(stream))
        };
        in_time("a connection", dialled).await
    }
}

/// A server that hangs fails the run instead of hanging it.
pub async fn in_time<T>(what: &str, work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    match tokio::time::timeout(Duration::from_secs(60), work).await {
        Ok(done) => done.with_context(|| what.to_owned()),
        Err(_) => anyhow::bail!("{what}: nothing for a minute"),
    }
}
