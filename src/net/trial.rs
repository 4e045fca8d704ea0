//! What the tests of this room share.

use std::io;
use std::net::SocketAddr;
use std::sync::LazyLock;

use rustls::pki_types::ServerName;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::dev_pair::{Issued, LOOPBACK};
use super::identity::Identity;
use super::tls::ServerTls;
use super::trust::Trust;
use crate::clock::Clock;
use crate::tasks::{Phase, Tasks};

/// Tasks of all tests: they end with the test's runtime.
pub static TASKS: LazyLock<Tasks> = LazyLock::new(Tasks::default);

/// Runs `future` beside the test.
pub fn beside(future: impl Future<Output = ()> + Send + 'static) {
    TASKS.spawn(Phase::Sessions, future);
}

/// Holds a future to what `Tasks` asks of it.
pub fn spawnable<F: Future + Send>(future: F) -> F {
    future
}

/// A fresh authority with a leaf for loopback.
pub fn issued() -> Issued {
    Issued::new(&LOOPBACK, &Clock::system()).unwrap()
}

/// The server's identity in `issued`.
pub fn identity(issued: &Issued) -> Identity {
    Identity::from_pem(issued.cert.as_bytes(), issued.key.as_bytes()).unwrap()
}

/// A server for loopback and the authority that vouches for it.
pub fn server_tls() -> (ServerTls, String) {
    let issued = issued();
    (ServerTls::new(identity(&issued)).unwrap(), issued.ca)
}

/// A listener on IPv4 loopback.
pub async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Connects without the options that are under test.
#[expect(clippy::disallowed_methods, reason = "a test's client, inside net/")]
pub async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

/// Both ends of one connection, the client's first.
pub async fn tcp_pair() -> (TcpStream, TcpStream) {
    let (listener, address) = listener().await;
    let (client, accepted) = tokio::join!(connect(address), listener.accept());
    (client, accepted.unwrap().0)
}

/// A client's handshake with `localhost`, trusting `ca`.
pub async fn tls_client(stream: TcpStream, ca: &str, alpn: &[&[u8]]) -> io::Result<TlsStream<TcpStream>> {
    let config = Trust::with_pem(ca.as_bytes()).unwrap().client_config(alpn);
    TlsConnector::from(config).connect(ServerName::try_from("localhost").unwrap(), stream).await
}
