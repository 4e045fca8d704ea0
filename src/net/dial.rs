//! Dialling Gmail: name, connection, TLS, within one time limit.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::fault::{TlsFault, io_words};
use super::keepalive;
use super::race::{interleave, race};
use super::target::Target;
use super::tls::SEND_QUEUE;
use super::trust::Trust;

/// The verified TLS stream to Gmail, boxed so that its holder stays small.
pub type UpstreamStream = Box<TlsStream<TcpStream>>;

/// Time for a whole dial.
pub const LIMIT: Duration = Duration::from_secs(5);

/// What a dial was doing when its time was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Asking for addresses.
    Resolving,
    /// Waiting for a connection.
    Connecting,
    /// In the TLS handshake.
    Handshaking,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolving => "its name was not resolved in time",
            Self::Connecting => "no connection in time",
            Self::Handshaking => "no TLS session in time",
        })
    }
}

/// Why there is no connection. Nothing in it was said by the peer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// The name has no address, or the resolver is down.
    #[error("{target} cannot be reached: its name does not resolve")]
    Resolve {
        /// What was dialled.
        target: Target,
    },
    /// No address took the connection.
    #[error("{target} cannot be reached: {why}")]
    Refused {
        /// What was dialled.
        target: Target,
        /// The last attempt's fault.
        why: &'static str,
    },
    /// The time was over.
    #[error("{target} cannot be reached: {stage}")]
    Timeout {
        /// What was dialled.
        target: Target,
        /// What took so long.
        stage: Stage,
    },
    /// The TLS session did not come up.
    #[error("{target} cannot be reached: {fault}")]
    Tls {
        /// What was dialled.
        target: Target,
        /// Why.
        fault: TlsFault,
    },
}

impl DialError {
    /// Stable name for logs and metric labels.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Resolve { .. } => "resolve",
            Self::Refused { .. } => "refused",
            Self::Timeout { .. } => "timeout",
            Self::Tls { .. } => "tls",
        }
    }
}

/// Dials with one set of roots. Cheap to clone; clones share the sessions that
/// can be resumed.
#[derive(Debug, Clone)]
pub struct Dialer {
    config: Arc<ClientConfig>,
    limit: Duration,
}

impl Dialer {
    /// A dialer that trusts `trust` and gives each dial `limit` ([`LIMIT`]).
    #[must_use]
    pub fn new(trust: &Trust, limit: Duration) -> Self {
        Self { config: trust.client_config(&[]), limit }
    }

    /// A verified TLS stream to `target`.
    ///
    /// # Errors
    /// All mean that the target cannot be reached now; none says anything
    /// about an account.
    pub async fn dial(&self, target: &Target) -> Result<UpstreamStream, DialError> {
        debug_assert!(!crate::tasks::holds(), "the network is asked while a transaction is open");
        let stage = watch::Sender::new(Stage::Resolving);
        match tokio::time::timeout(self.limit, self.steps(target, &stage)).await {
            Ok(done) => done,
            Err(_) => Err(DialError::Timeout { target: target.clone(), stage: *stage.borrow() }),
        }
    }

    async fn steps(
        &self,
        target: &Target,
        stage: &watch::Sender<Stage>,
    ) -> Result<UpstreamStream, DialError> {
        let unresolved = || DialError::Resolve { target: target.clone() };
        let name = target.server_name().ok_or_else(unresolved)?;
        let addresses = resolve(target).await.map_err(|_| unresolved())?;
        stage.send_replace(Stage::Connecting);
        let tcp = race(interleave(addresses), connect).await.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => unresolved(),
            _ => DialError::Refused { target: target.clone(), why: io_words(&error) },
        })?;
        keepalive::tune(&tcp);
        stage.send_replace(Stage::Handshaking);
        TlsConnector::from(Arc::clone(&self.config))
            .connect_with(name, tcp, |session| session.set_buffer_limit(Some(SEND_QUEUE)))
            .await
            .map(Box::new)
            .map_err(|error| DialError::Tls { target: target.clone(), fault: TlsFault::of_handshake(&error) })
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that resolves for mail")]
async fn resolve(target: &Target) -> io::Result<Vec<std::net::SocketAddr>> {
    Ok(tokio::net::lookup_host((target.host.as_str(), target.port)).await?.collect())
}

#[expect(clippy::disallowed_methods, reason = "the one place that connects for mail")]
async fn connect(address: std::net::SocketAddr) -> io::Result<TcpStream> {
    TcpStream::connect(address).await
}

/// A cleartext connection, for clients on this machine only.
///
/// # Errors
/// When `addr` is not loopback or nobody listens there.
pub async fn plain(addr: std::net::SocketAddr) -> io::Result<TcpStream> {
    if !addr.ip().is_loopback() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "cleartext is for loopback only"));
    }
    #[expect(clippy::disallowed_methods, reason = "one of the two places that connect")]
    let stream = TcpStream::connect(addr).await?;
    keepalive::tune(&stream);
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use super::{DialError, Dialer, LIMIT, Stage};
    use crate::clock::Clock;
    use crate::net::dev_pair::Issued;
    use crate::net::fault::TlsFault;
    use crate::net::target::Target;
    use crate::net::tls::ServerTls;
    use crate::net::trial;
    use crate::net::trust::Trust;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    fn dialer(ca: &str, limit: Duration) -> Dialer {
        Dialer::new(&Trust::with_pem(ca.as_bytes()).unwrap(), limit)
    }

    /// Greets each client under TLS; returns the port.
    async fn greeter(tls: ServerTls) -> u16 {
        let (listener, address) = trial::listener().await;
        trial::beside(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                if let Ok(mut stream) = tls.accept(tcp).await {
                    let _gone = stream.write_all(b"* OK\r\n").await;
                }
            }
        });
        address.port()
    }

    fn at(host: &str, port: u16) -> Target {
        Target { host: host.to_owned(), port }
    }

    #[tokio::test]
    async fn a_good_server_is_reached_by_address_and_by_a_name() {
        let (tls, ca) = trial::server_tls();
        let port = greeter(tls).await;
        let dialer = dialer(&ca, LIMIT);
        for host in ["127.0.0.1", "localhost"] {
            let mut stream = trial::spawnable(dialer.dial(&at(host, port))).await.unwrap();
            let mut got = [0; 6];
            stream.read_exact(&mut got).await.unwrap();
            assert_eq!(&got, b"* OK\r\n");
            assert!(stream.get_ref().0.nodelay().unwrap());
        }
    }

    #[tokio::test]
    async fn a_wrong_name_an_unknown_authority_and_an_old_certificate_are_told_apart() {
        let (tls, _ca) = trial::server_tls();
        let port = greeter(tls).await;
        let fault = async |ca: &str, host: &str, port| match dialer(ca, LIMIT).dial(&at(host, port)).await {
            Err(DialError::Tls { fault, .. }) => fault,
            other => panic!("{:?}", other.map(drop)),
        };
        assert_eq!(fault(&trial::issued().ca, "localhost", port).await, TlsFault::Untrusted);
        let other = Issued::new(&["elsewhere.example"], &Clock::system()).unwrap();
        let port = greeter(ServerTls::new(trial::identity(&other)).unwrap()).await;
        assert_eq!(fault(&other.ca, "localhost", port).await, TlsFault::WrongName);
        let old = Clock::manual(1_000_000_000_000_000);
        let issued = Issued::new(&["localhost"], &old).unwrap();
        let port = greeter(ServerTls::new(trial::identity(&issued)).unwrap()).await;
        assert_eq!(fault(&issued.ca, "localhost", port).await, TlsFault::Expired);
    }

    #[tokio::test]
    async fn a_server_that_hangs_or_speaks_in_the_clear_ends_the_dial() {
        let (_tls, ca) = trial::server_tls();
        let (hanging, address) = trial::listener().await;
        let short = dialer(&ca, Duration::from_millis(100));
        let error = short.dial(&at("127.0.0.1", address.port())).await.unwrap_err();
        assert!(matches!(error, DialError::Timeout { stage: Stage::Handshaking, .. }), "{error}");
        drop(hanging);
        let (clear, address) = trial::listener().await;
        trial::beside(async move {
            let (mut tcp, _) = clear.accept().await.unwrap();
            tcp.write_all(b"* OK secret words\r\n").await.unwrap();
            let _gone = tcp.read(&mut [0; 1024]).await;
        });
        let error = dialer(&ca, LIMIT).dial(&at("127.0.0.1", address.port())).await.unwrap_err();
        assert!(matches!(error, DialError::Tls { fault: TlsFault::NotTls, .. }), "{error}");
        assert!(!error.to_string().contains("secret"));
    }

    #[tokio::test]
    async fn nobody_there_is_refused_and_a_name_without_address_is_unresolved() {
        let (_tls, ca) = trial::server_tls();
        let (listener, address) = trial::listener().await;
        drop(listener);
        let error = dialer(&ca, LIMIT).dial(&at("127.0.0.1", address.port())).await.unwrap_err();
        assert!(error.to_string().ends_with("cannot be reached: connection refused"), "{error}");
        let error = dialer(&ca, Duration::from_secs(30)).dial(&at("nobody.invalid", 993)).await.unwrap_err();
        assert_eq!(error.name(), "resolve");
    }
}
