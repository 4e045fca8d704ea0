//! Against the library's own stream, which must not notice.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustls::ServerConfig;
use rustls::client::UnbufferedClientConnection;
use rustls::pki_types::ServerName;
use rustls::server::UnbufferedServerConnection;
use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf, duplex,
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::{Secured, Session};
use crate::net::trial;
use crate::net::trust::{Trust, provider};

type Version = &'static rustls::SupportedProtocolVersion;
const VERSIONS: [Version; 2] = [&rustls::version::TLS13, &rustls::version::TLS12];

fn server(version: Version, identity: &super::super::identity::Identity) -> Arc<ServerConfig> {
    let resolver = rustls::sign::SingleCertAndKey::from(identity.0.clone());
    let config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(resolver));
    Arc::new(config)
}

fn name() -> ServerName<'static> {
    ServerName::try_from("localhost").unwrap()
}

/// A connection that moves at most so many octets at a time.
struct Dribble(DuplexStream, usize);

impl AsyncRead for Dribble {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let mut space = vec![0; buf.remaining().min(this.1)];
        let mut part = ReadBuf::new(&mut space);
        ready!(Pin::new(&mut this.0).poll_read(cx, &mut part))?;
        buf.put_slice(part.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Dribble {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let part = &octets[..octets.len().min(this.1)];
        Pin::new(&mut this.0).poll_write(cx, part)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_shutdown(cx)
    }
}

type Ours<C> = Secured<Dribble, C>;

/// Wide enough for what a handshake leaves behind.
const PIPE: usize = 5_000;
const LARGE: usize = 1 << 20;

/// Our server and the library's client; ours moves at most `most` octets at a time.
async fn as_server(
    version: Version,
    pipe: usize,
    most: usize,
) -> (Ours<UnbufferedServerConnection>, tokio_rustls::client::TlsStream<DuplexStream>) {
    let issued = trial::issued();
    let session = UnbufferedServerConnection::new(server(version, &trial::identity(&issued))).unwrap();
    let client = TlsConnector::from(Trust::with_pem(issued.ca.as_bytes()).unwrap().client_config(&[]));
    let (one, two) = duplex(pipe);
    let (ours, theirs) =
        tokio::join!(Secured::open(Dribble(one, most), session), client.connect(name(), two));
    (ours.unwrap(), theirs.unwrap())
}

/// Our client and the library's server.
async fn as_client(
    version: Version,
    pipe: usize,
    most: usize,
) -> (Ours<UnbufferedClientConnection>, tokio_rustls::server::TlsStream<DuplexStream>) {
    let issued = trial::issued();
    let acceptor = TlsAcceptor::from(server(version, &trial::identity(&issued)));
    let trust = Trust::with_pem(issued.ca.as_bytes()).unwrap().client_config(&[]);
    let session = UnbufferedClientConnection::new(trust, name()).unwrap();
    let (one, two) = duplex(pipe);
    let (ours, theirs) = tokio::join!(Secured::open(Dribble(one, most), session), acceptor.accept(two));
    (ours.unwrap(), theirs.unwrap())
}

fn octets(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n * 31 % 251) as u8).collect()
}

async fn said<S: AsyncWrite + Unpin>(stream: &mut S, text: &[u8], piece: usize) {
    for part in text.chunks(piece) {
        stream.write_all(part).await.unwrap();
    }
    stream.shutdown().await.unwrap();
}

async fn heard<S: AsyncRead + Unpin>(stream: &mut S, room: usize) -> Vec<u8> {
    let (mut all, mut space) = (Vec::new(), vec![0; room]);
    loop {
        match stream.read(&mut space).await.unwrap() {
            0 => return all,
            n => all.extend_from_slice(&space[..n]),
        }
    }
}

impl<S, C> Secured<S, C> {
    fn kept(&self) -> usize {
        self.arrived.capacity() + self.plain.capacity() + self.leaving.capacity()
    }
}

async fn carries<C: Session>(
    mut ours: Ours<C>,
    mut theirs: impl AsyncRead + AsyncWrite + Unpin,
    room: usize,
) {
    let text = octets(60_000);
    let ((), all) = tokio::join!(said(&mut theirs, &text, 4096), heard(&mut ours, room));
    assert!(all == text, "{} octets of {} came", all.len(), text.len());
    let ((), all) = tokio::join!(said(&mut ours, &text, 40_000), heard(&mut theirs, 7_000));
    assert!(all == text, "{} octets of {} left", all.len(), text.len());
    assert_eq!(ours.kept(), 0);
}

#[tokio::test]
async fn both_sides_carry_octets_both_ways_whatever_the_pieces_and_the_version() {
    for version in VERSIONS {
        for (most, room) in [(7, 65_536), (97, 1_000), (5_000, 30), (LARGE, 65_536), (LARGE, 100)] {
            for pipe in [PIPE, LARGE] {
                let (ours, theirs) = as_server(version, pipe, most).await;
                carries(ours, theirs, room).await;
                let (ours, theirs) = as_client(version, pipe, most).await;
                carries(ours, theirs, room).await;
            }
        }
    }
}

#[tokio::test]
async fn small_records_that_wait_are_one_read_and_nothing_is_kept_at_rest() {
    let (mut ours, mut theirs) = as_client(VERSIONS[0], LARGE, LARGE).await;
    for part in octets(40_000).chunks(1_000) {
        theirs.write_all(part).await.unwrap();
    }
    let mut space = vec![0; 65_536];
    assert_eq!(ours.read(&mut space).await.unwrap(), 40_000);
    let quiet = tokio::time::timeout(std::time::Duration::from_millis(20), ours.read(&mut space)).await;
    assert!(quiet.is_err());
    assert_eq!(ours.kept(), 0);
}

#[tokio::test]
async fn what_is_written_is_full_records_and_a_peer_that_reads_nothing_costs_one_write() {
    let (mut ours, _theirs) = as_server(VERSIONS[0], PIPE, LARGE).await;
    let text = octets(100_000);
    assert_eq!(ours.write(&text).await.unwrap(), super::LEAVING);
    let quiet = tokio::time::timeout(std::time::Duration::from_millis(20), ours.write(&text)).await;
    assert!(quiet.is_err());
    assert!(ours.kept() < super::LEAVING + 1_000, "{} octets are kept", ours.kept());
}

#[tokio::test]
async fn an_end_without_a_farewell_is_told_from_one_with() {
    let (mut ours, theirs) = as_server(VERSIONS[0], LARGE, LARGE).await;
    drop(theirs);
    assert_eq!(ours.read(&mut [0; 8]).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    let (mut ours, mut theirs) = as_server(VERSIONS[0], LARGE, LARGE).await;
    theirs.shutdown().await.unwrap();
    assert_eq!(ours.read(&mut [0; 8]).await.unwrap(), 0);
    // The other direction goes on.
    ours.write_all(b"still here").await.unwrap();
    let mut got = [0; 10];
    theirs.read_exact(&mut got).await.unwrap();
    assert_eq!(&got, b"still here");
}

#[tokio::test]
async fn what_is_no_tls_ends_the_handshake_and_the_peer_is_told() {
    let issued = trial::issued();
    let session = UnbufferedServerConnection::new(server(VERSIONS[0], &trial::identity(&issued))).unwrap();
    let (one, mut raw) = duplex(65_536);
    raw.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let error = Secured::open(one, session).await.unwrap_err();
    assert!(error.get_ref().unwrap().is::<rustls::Error>(), "{error}");
    let mut alert = Vec::new();
    raw.read_to_end(&mut alert).await.unwrap();
    assert_eq!(alert.first(), Some(&0x15), "{alert:?}");
}
