//! From an accepted socket to a connection whose security is settled: PROXY
//! header, sniff, TLS.
//!
//! A PROXY header is required from the addresses that [`Door::behind`] names
//! and looked for from no other: what a stranger sends is a client's first
//! words, and no client begins like that. What may travel in the clear is
//! settled by the ends of the socket, which nobody can claim.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use postern_core::model::network::Network;
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::crowd::{Full, Place};
use super::fault::{TlsFault, io_words};
use super::stream::ServerStream;
use super::tls::ServerTls;

mod header;

/// How a listener secures its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// In the clear for good; STARTTLS is never offered.
    None,
    /// TLS from the first octet on.
    Implicit,
    /// In the clear until STARTTLS, before which nobody can log in.
    StartTls,
    /// TLS or in the clear, as the client begins; in the clear over a network
    /// it is like `StartTls`.
    Auto,
}

/// What protects a connection when its greeting goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Security {
    /// In the clear where that is allowed: log-in yes, STARTTLS never.
    Cleartext,
    /// In the clear for now: STARTTLS yes, log-in only after it.
    StartTlsOffered,
    /// Under TLS.
    Tls,
}

impl Security {
    /// Whether a client may log in as things stand.
    #[must_use]
    pub fn allows_login(self) -> bool {
        !matches!(self, Self::StartTlsOffered)
    }

    /// Whether STARTTLS is offered.
    #[must_use]
    pub fn offers_starttls(self) -> bool {
        matches!(self, Self::StartTlsOffered)
    }
}

/// A client's connection before its greeting.
#[derive(Debug)]
pub struct Conn {
    /// Its octets.
    pub stream: ServerStream,
    /// The client: the other end of the socket, or whom a trusted proxy names.
    /// An IPv4 client of an IPv6 listener has its IPv4 address here.
    pub peer: SocketAddr,
    /// Our end of the socket, in the same form.
    pub local: SocketAddr,
    /// What protects it.
    pub security: Security,
    /// Its place among all.
    pub place: Place,
    /// When it was accepted.
    pub since: Instant,
}

/// Why a connection did not come in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DoorError {
    /// In the clear over a network.
    #[error("cleartext is taken on loopback only, unless allow_cleartext = true stands beside the listener")]
    Cleartext,
    /// A trusted proxy did not say for whom it speaks.
    #[error(
        "no PROXY header from an address in proxy_trusted: {0}; switch it on at the proxy (send-proxy-v2), \
         or take the address out of proxy_trusted"
    )]
    NoHeader(&'static str),
    /// The handshake failed.
    #[error("the client's TLS handshake failed: {0}")]
    Tls(TlsFault),
    /// The client took too long.
    #[error("the client did not finish its TLS handshake in time")]
    Timeout,
    /// The socket failed.
    #[error("the client left: {0}")]
    Gone(&'static str),
    /// There are too many already.
    #[error("there is no place for the connection: {0}")]
    Full(#[from] Full),
}

impl DoorError {
    /// Stable name for logs and metric labels.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Cleartext => "cleartext",
            Self::NoHeader(_) => "no_proxy_header",
            Self::Tls(_) => "tls",
            Self::Timeout => "timeout",
            Self::Gone(_) => "gone",
            Self::Full(full) => full.name(),
        }
    }
}

/// A mode that needs a certificate, and none is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoIdentity;

impl fmt::Display for NoIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a listener with TLS needs tls.cert and tls.key")
    }
}

impl std::error::Error for NoIdentity {}

/// Time for everything before the greeting.
pub const LIMIT: Duration = Duration::from_secs(60);
/// How long `auto` waits for a client that begins: who has not begun by then
/// waits for a greeting, and is in the clear.
const SNIFF: Duration = Duration::from_millis(200);
/// First octet of every TLS session: the handshake record.
const HANDSHAKE: u8 = 0x16;

/// What stands behind one listener. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Door {
    guard: Guard,
    allow_cleartext: bool,
    limit: Duration,
    proxies: Arc<[Network]>,
}

#[derive(Debug, Clone)]
enum Guard {
    None,
    Implicit(ServerTls),
    StartTls(ServerTls),
    Auto(ServerTls),
}

impl Door {
    /// A door of `mode`; `tls` may be absent for [`Mode::None`] only.
    ///
    /// # Errors
    /// When the mode needs `tls`.
    pub fn new(mode: Mode, tls: Option<ServerTls>, allow_cleartext: bool) -> Result<Self, NoIdentity> {
        let guard = match (mode, tls) {
            (Mode::None, _) => Guard::None,
            (Mode::Implicit, Some(tls)) => Guard::Implicit(tls),
            (Mode::StartTls, Some(tls)) => Guard::StartTls(tls),
            (Mode::Auto, Some(tls)) => Guard::Auto(tls),
            (_, None) => return Err(NoIdentity),
        };
        Ok(Self { guard, allow_cleartext, limit: LIMIT, proxies: Arc::default() })
    }

    /// Behind proxies at these addresses, who begin with a PROXY header.
    #[must_use]
    pub fn behind(self, proxies: &[Network]) -> Self {
        Self { proxies: proxies.into(), ..self }
    }

    /// Another limit than [`LIMIT`] for everything before the greeting.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// What [`ServerStream::upgrade`] takes at STARTTLS; `None` when the mode
    /// has no TLS.
    #[must_use]
    pub fn tls(&self) -> Option<&ServerTls> {
        match &self.guard {
            Guard::None => None,
            Guard::Implicit(tls) | Guard::StartTls(tls) | Guard::Auto(tls) => Some(tls),
        }
    }

    /// Settles who speaks on an accepted socket and what protects it.
    ///
    /// # Errors
    /// The connection is closed then; the kind is for the log.
    pub async fn admit(&self, stream: TcpStream, peer: SocketAddr) -> Result<Conn, DoorError> {
        self.admit_counted(stream, peer, Place::default(), &[]).await
    }

    /// The same where there is a place for its address too; `sorry` is said
    /// where there is none.
    ///
    /// # Errors
    /// See [`Door::admit`].
    pub async fn admit_counted(
        &self,
        mut stream: TcpStream,
        peer: SocketAddr,
        mut place: Place,
        sorry: &[u8],
    ) -> Result<Conn, DoorError> {
        let since = Instant::now();
        let local = stream.local_addr().map_err(|error| DoorError::Gone(io_words(&error)))?;
        let (peer, local) = (canonical(peer), canonical(local));
        let near = both_loopback(peer.ip(), local.ip());
        // Boxed: few listeners have proxies, and every session would hold the room.
        let client = match self.proxies.iter().any(|proxy| proxy.holds(peer.ip())) {
            true => Box::pin(header::taken(&mut stream)).await?,
            false => None,
        };
        place.comes_from(client.unwrap_or(peer).ip()).inspect_err(|_| self.turn_away(&stream, sorry))?;
        let clear = match &self.guard {
            // A proxy here that passes on what came over a network is no client here.
            Guard::Auto(_) => near && client.is_none_or(|client| client.ip().is_loopback()),
            Guard::None | Guard::Implicit(_) | Guard::StartTls(_) => near,
        };
        let settled = timeout(self.limit, self.settle(stream, clear || self.allow_cleartext)).await;
        let (stream, security) = settled.map_err(|_| DoorError::Timeout)??;
        Ok(Conn { stream, peer: client.unwrap_or(peer), local, security, place, since })
    }

    /// Says why there is no place, where the client would understand it without
    /// a handshake and its socket takes it at once.
    pub fn turn_away(&self, stream: &TcpStream, sorry: &[u8]) {
        if matches!(self.guard, Guard::None | Guard::StartTls(_)) {
            // Past the runtime, which does not know yet that this socket takes octets.
            let _heard = SockRef::from(stream).send(sorry);
        }
    }

    async fn settle(&self, stream: TcpStream, clear: bool) -> Result<(ServerStream, Security), DoorError> {
        match &self.guard {
            Guard::StartTls(_) => Ok((ServerStream::Plain(stream), Security::StartTlsOffered)),
            Guard::Implicit(tls) => under_tls(stream, tls).await,
            Guard::Auto(tls) if begins_with_tls(&stream).await? => under_tls(stream, tls).await,
            Guard::None | Guard::Auto(_) if clear => Ok((ServerStream::Plain(stream), Security::Cleartext)),
            Guard::Auto(_) => Ok((ServerStream::Plain(stream), Security::StartTlsOffered)),
            Guard::None => Err(DoorError::Cleartext),
        }
    }
}

async fn under_tls(stream: TcpStream, tls: &ServerTls) -> Result<(ServerStream, Security), DoorError> {
    match ServerStream::Plain(stream).upgrade(tls).await {
        Ok(stream) => Ok((stream, Security::Tls)),
        Err(error) => Err(DoorError::Tls(TlsFault::of_handshake(&error))),
    }
}

async fn begins_with_tls(stream: &TcpStream) -> Result<bool, DoorError> {
    let mut first = [0];
    match timeout(SNIFF, stream.peek(&mut first)).await {
        Err(_) => Ok(false),
        Ok(Ok(0)) => Err(DoorError::Gone(io_words(&io::ErrorKind::UnexpectedEof.into()))),
        Ok(Ok(_)) => Ok(first == [HANDSHAKE]),
        Ok(Err(error)) => Err(DoorError::Gone(io_words(&error))),
    }
}

/// Whether a connection never leaves this machine. One loopback end is not
/// enough: a peer that forges `127.0.0.1` must also have reached that address.
fn both_loopback(peer: IpAddr, local: IpAddr) -> bool {
    peer.to_canonical().is_loopback() && local.to_canonical().is_loopback()
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod proxied;
#[cfg(test)]
mod tests;
