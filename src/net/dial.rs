//! Dialling Google and the admin's mail server: name, connection, proxy where there is one, TLS, within one
//! time limit.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use postern_core::model::refusal::Blame;
use postern_core::wire::tunnel::Denied;
use rustls::ClientConfig;
use rustls::client::UnbufferedClientConnection;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::fault::TlsFault;
use super::keepalive;
use super::proxy::ProxyFault;
use super::route::Route;
use super::secured::Secured;
use super::target::Target;
use super::trust::Trust;

/// The verified TLS stream to Gmail, boxed so that its holder stays small.
pub type UpstreamStream = Box<Secured<TcpStream, UnbufferedClientConnection>>;

/// Time for a whole dial.
pub const LIMIT: Duration = Duration::from_secs(5);

/// What a dial was doing when its time was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Asking for addresses.
    Resolving,
    /// Waiting for a connection.
    Connecting,
    /// Waiting for the proxy's answer.
    Asking,
    /// In the TLS handshake.
    Handshaking,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolving => "its name was not resolved in time",
            Self::Connecting => "no connection in time",
            Self::Asking => "no answer of the proxy in time",
            Self::Handshaking => "no TLS session in time",
        })
    }
}

/// Why there is no connection. Nothing in it was said by the peer, except an
/// unknown authority's name, cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DialError {
    /// The name has no address, or the resolver is down.
    Resolve {
        /// What was dialled.
        target: Target,
    },
    /// No address took the connection.
    Refused {
        /// What was dialled.
        target: Target,
        /// The last attempt's fault.
        why: &'static str,
    },
    /// The time was over.
    Timeout {
        /// What was dialled.
        target: Target,
        /// What took so long.
        stage: Stage,
    },
    /// The proxy gave no connection.
    Proxy {
        /// What was dialled.
        target: Target,
        /// The proxy that was asked.
        proxy: Target,
        /// Why.
        fault: ProxyFault,
    },
    /// The TLS session did not come up.
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
            Self::Proxy { fault, .. } => fault.name(),
            Self::Tls { .. } => "tls",
        }
    }

    /// Who has to act: the network around this gateway is the gateway's admin's.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Proxy { fault: ProxyFault::Denied(Denied::Upstream), .. } => Blame::Upstream,
            Self::Resolve { .. } | Self::Proxy { .. } => Blame::Gateway,
            Self::Tls { fault: TlsFault::Untrusted(_) | TlsFault::NotYetValid, .. } => Blame::Gateway,
            Self::Refused { .. } | Self::Timeout { .. } | Self::Tls { .. } => Blame::Upstream,
        }
    }

    /// What was dialled.
    #[must_use]
    pub fn target(&self) -> &Target {
        match self {
            Self::Resolve { target }
            | Self::Refused { target, .. }
            | Self::Timeout { target, .. }
            | Self::Proxy { target, .. }
            | Self::Tls { target, .. } => target,
        }
    }

    /// The sentence without what was dialled.
    #[must_use]
    pub fn why(&self) -> String {
        match self {
            Self::Resolve { .. } => "its name does not resolve".to_owned(),
            Self::Refused { why, .. } => (*why).to_owned(),
            Self::Timeout { stage, .. } => stage.to_string(),
            Self::Proxy { proxy, fault, .. } => format!("the proxy {proxy} {fault}"),
            Self::Tls { fault, .. } => fault.to_string(),
        }
    }
}

impl fmt::Display for DialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be reached: {}", self.target(), self.why())
    }
}

impl std::error::Error for DialError {}

/// Dials with one set of roots. Cheap to clone; clones share the sessions that
/// can be resumed.
#[derive(Debug, Clone)]
pub struct Dialer {
    config: Arc<ClientConfig>,
    route: Route,
    limit: Duration,
}

impl Dialer {
    /// A dialer that trusts `trust` and gives each dial `limit` ([`LIMIT`]).
    #[must_use]
    pub fn new(trust: &Trust, limit: Duration) -> Self {
        Self { config: trust.client_config(&[]), route: Route::default(), limit }
    }

    /// The same on this way.
    #[must_use]
    pub fn on(self, route: Route) -> Self {
        Self { route, ..self }
    }

    /// The same for TLS sessions that name a protocol.
    #[must_use]
    pub(super) fn speaking(self, trust: &Trust, alpn: &[&[u8]]) -> Self {
        Self { config: trust.client_config(alpn), ..self }
    }

    /// The same with another limit.
    #[must_use]
    pub fn within(&self, limit: Duration) -> Self {
        Self { limit, ..self.clone() }
    }

    /// Whether no proxy is asked for `target`.
    #[must_use]
    pub fn goes_straight(&self, target: &Target) -> bool {
        self.route.proxy(target).is_none()
    }

    /// A verified TLS stream to `target`.
    ///
    /// # Errors
    /// All mean that the target cannot be reached now; none says anything
    /// about an account.
    pub async fn dial(&self, target: &Target) -> Result<UpstreamStream, DialError> {
        self.timed(target, async |stage| {
            let (name, tcp) = self.opened(target, stage).await?;
            let session = UnbufferedClientConnection::new(Arc::clone(&self.config), name);
            let session = session.map_err(|error| unshaken(target, &io::Error::other(error)))?;
            Secured::open(tcp, session).await.map(Box::new).map_err(|error| unshaken(target, &error))
        })
        .await
    }

    /// The same in the library's own stream: for connections that are few, so
    /// that their buffers do not count.
    ///
    /// # Errors
    /// Those of [`Dialer::dial`].
    pub(super) async fn dial_buffered(
        &self,
        target: &Target,
    ) -> Result<Box<TlsStream<TcpStream>>, DialError> {
        self.timed(target, async |stage| {
            let (name, tcp) = self.opened(target, stage).await?;
            let shaken = TlsConnector::from(Arc::clone(&self.config)).connect(name, tcp).await;
            shaken.map(Box::new).map_err(|error| unshaken(target, &error))
        })
        .await
    }

    async fn opened(
        &self,
        target: &Target,
        stage: &watch::Sender<Stage>,
    ) -> Result<(ServerName<'static>, TcpStream), DialError> {
        let tcp = self.route.open(target, stage).await?;
        stage.send_replace(Stage::Handshaking);
        let name = target.server_name().ok_or_else(|| DialError::Resolve { target: target.clone() })?;
        Ok((name, tcp))
    }

    /// A connection in the clear to `target`, which is on this machine, or is to
    /// be put under TLS by [`Dialer::upgrade`] before anything of worth is said.
    ///
    /// # Errors
    /// See [`Dialer::dial`].
    pub async fn bare(&self, target: &Target) -> Result<TcpStream, DialError> {
        self.timed(target, async |stage| self.route.open(target, stage).await).await
    }

    /// STARTTLS: the handshake on a connection to `target` that was in the clear.
    /// Who calls this must have given up if any octet followed the answer to
    /// the command.
    ///
    /// # Errors
    /// See [`Dialer::dial`].
    pub async fn upgrade(
        &self,
        target: &Target,
        tcp: TcpStream,
    ) -> Result<Box<TlsStream<TcpStream>>, DialError> {
        self.timed(target, async |stage| {
            stage.send_replace(Stage::Handshaking);
            let name = target.server_name().ok_or_else(|| DialError::Resolve { target: target.clone() })?;
            let shaken = TlsConnector::from(Arc::clone(&self.config)).connect(name, tcp).await;
            shaken.map(Box::new).map_err(|error| unshaken(target, &error))
        })
        .await
    }

    async fn timed<T>(
        &self,
        target: &Target,
        steps: impl AsyncFnOnce(&watch::Sender<Stage>) -> Result<T, DialError>,
    ) -> Result<T, DialError> {
        debug_assert!(!crate::tasks::holds(), "the network is asked while a transaction is open");
        let stage = watch::Sender::new(Stage::Resolving);
        match tokio::time::timeout(self.limit, steps(&stage)).await {
            Ok(done) => done,
            Err(_) => Err(self.late(target, *stage.borrow())),
        }
    }

    fn late(&self, target: &Target, stage: Stage) -> DialError {
        let target = target.clone();
        match (self.route.proxy(&target), stage) {
            (Some(proxy), Stage::Resolving | Stage::Connecting | Stage::Asking) => {
                let proxy = proxy.at.clone();
                DialError::Proxy { target, proxy, fault: ProxyFault::Silent }
            }
            _ => DialError::Timeout { target, stage },
        }
    }
}

fn unshaken(target: &Target, error: &io::Error) -> DialError {
    DialError::Tls { target: target.clone(), fault: TlsFault::of_handshake(error) }
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
mod proxied;
#[cfg(test)]
mod tests;
