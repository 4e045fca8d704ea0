//! The server's side of TLS.

use std::io;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert, ServerSessionMemoryCache, UnbufferedServerConnection};
use rustls::sign::CertifiedKey;
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::identity::Identity;
use super::secured::Secured;
use super::trust::{VERSIONS, provider};

/// A client's connection under TLS.
pub type ServerSession = Secured<TcpStream, UnbufferedServerConnection>;

/// Sessions that can be resumed.
const RESUMABLE: usize = 256;

/// Accepts TLS sessions under an identity that can be exchanged while serving.
/// Clones, also those that speak another protocol, share the identity.
#[derive(Debug, Clone)]
pub struct ServerTls {
    slot: Arc<Slot>,
    config: Arc<ServerConfig>,
}

#[derive(Debug)]
struct Slot(watch::Sender<Arc<CertifiedKey>>);

impl ResolvesServerCert for Slot {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.borrow()))
    }
}

impl ServerTls {
    /// Serves `identity`, whatever protocol the client names.
    ///
    /// # Errors
    /// When the TLS library refuses the set-up.
    pub fn new(identity: Identity) -> Result<Self, rustls::Error> {
        let slot = Arc::new(Slot(watch::Sender::new(identity.0)));
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(VERSIONS)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&slot) as Arc<dyn ResolvesServerCert>);
        // Each ticket costs a write and memory; clients here resume once or never.
        config.send_tls13_tickets = 1;
        config.session_storage = ServerSessionMemoryCache::new(RESUMABLE);
        Ok(Self { slot, config: Arc::new(config) })
    }

    /// The same identity for one protocol (`imap`, `smtp`, `http/1.1`). A client
    /// that names no protocol is accepted, one that names only others is not:
    /// a page must not make a browser talk to the mail ports (ALPACA).
    #[must_use]
    pub fn speaking(&self, protocol: &str) -> Self {
        let mut config = ServerConfig::clone(&self.config);
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        config.session_storage = ServerSessionMemoryCache::new(RESUMABLE);
        Self { slot: Arc::clone(&self.slot), config: Arc::new(config) }
    }

    /// Serves `identity` from the next handshake on; sessions go on.
    pub fn replace(&self, identity: Identity) {
        self.slot.0.send_replace(identity.0);
    }

    /// What is presented now.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity(Arc::clone(&self.slot.0.borrow()))
    }

    /// The server's handshake on `stream`. It has no time limit of its own.
    ///
    /// # Errors
    /// The handshake's; [`TlsFault`](super::fault::TlsFault) tells its kind.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<ServerSession> {
        let session = UnbufferedServerConnection::new(Arc::clone(&self.config)).map_err(io::Error::other)?;
        Secured::open(stream, session).await
    }
}

#[cfg(test)]
mod tests {
    use super::ServerTls;
    use crate::net::fault::TlsFault;
    use crate::net::trial;
    use std::io;

    async fn handshake(server: &ServerTls, ca: &str, alpn: &[&[u8]]) -> io::Result<Option<Vec<u8>>> {
        let (client, accepted) = trial::tcp_pair().await;
        let (answer, _served) = tokio::join!(trial::tls_client(client, ca, alpn), server.accept(accepted));
        Ok(answer?.get_ref().1.alpn_protocol().map(<[u8]>::to_vec))
    }

    #[tokio::test]
    async fn one_protocol_is_spoken_none_is_accepted_others_are_not() {
        let (server, ca) = trial::server_tls();
        let server = server.speaking("imap");
        assert_eq!(handshake(&server, &ca, &[b"imap"]).await.unwrap().unwrap(), b"imap");
        assert_eq!(handshake(&server, &ca, &[]).await.unwrap(), None);
        let error = handshake(&server, &ca, &[b"h2", b"http/1.1"]).await.unwrap_err();
        assert_eq!(TlsFault::of_handshake(&error), TlsFault::RefusedByPeer);
    }

    #[tokio::test]
    async fn an_exchanged_identity_holds_for_every_protocol() {
        let (server, old) = trial::server_tls();
        let imap = server.speaking("imap");
        let issued = trial::issued();
        server.replace(trial::identity(&issued));
        let error = handshake(&imap, &old, &[]).await.unwrap_err();
        assert_eq!(TlsFault::of_handshake(&error).name(), "untrusted");
        handshake(&imap, &issued.ca, &[]).await.unwrap();
    }
}
