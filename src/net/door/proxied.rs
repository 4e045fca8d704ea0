//! Connections through a proxy that names its clients.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Conn, Door, DoorError, Mode, Security, header};
use crate::net::trial;

const FAR: &[u8] = b"PROXY TCP4 203.0.113.7 10.0.0.1 40000 993\r\n";
const HERE: &[u8] = b"PROXY TCP4 127.0.0.1 127.0.0.1 40000 993\r\n";

/// A door that trusts the proxy on loopback, and what its clients trust.
fn door(mode: Mode) -> (Door, String) {
    let (tls, ca) = trial::server_tls();
    let door = Door::new(mode, Some(tls), false).unwrap();
    (door.behind(&["127.0.0.0/8".parse().unwrap()]), ca)
}

async fn saying(door: &Door, octets: &[u8]) -> (TcpStream, Result<Conn, DoorError>) {
    let (mut client, accepted) = trial::tcp_pair().await;
    client.write_all(octets).await.unwrap();
    let peer = accepted.peer_addr().unwrap();
    (client, trial::spawnable(door.admit(accepted, peer)).await)
}

fn far() -> SocketAddr {
    "203.0.113.7:40000".parse().unwrap()
}

#[tokio::test]
async fn the_header_names_the_client_and_nothing_behind_it_is_taken() {
    let (door, _ca) = door(Mode::None);
    for words in [&b"a1 NOOP\r\n"[..], b"PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r\n", b"\r\n\r\n\0\r\nQUIT\n"] {
        let (_client, conn) = saying(&door, &[FAR, words].concat()).await;
        let mut conn = conn.unwrap();
        assert_eq!((conn.peer, conn.security), (far(), Security::Cleartext));
        let mut got = vec![0; words.len()];
        conn.stream.read_exact(&mut got).await.unwrap();
        assert_eq!(got, words);
    }
}

#[tokio::test]
async fn a_header_in_pieces_is_waited_for() {
    let (door, _ca) = door(Mode::None);
    let (mut client, accepted) = trial::tcp_pair().await;
    let peer = accepted.peer_addr().unwrap();
    let write = async {
        for octet in FAR {
            client.write_all(&[*octet]).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    let ((), conn) = tokio::join!(write, door.admit(accepted, peer));
    assert_eq!(conn.unwrap().peer, far());
}

#[tokio::test]
async fn the_header_comes_before_tls() {
    for mode in [Mode::Implicit, Mode::Auto] {
        let (door, ca) = door(mode);
        let (mut client, accepted) = trial::tcp_pair().await;
        let peer = accepted.peer_addr().unwrap();
        client.write_all(FAR).await.unwrap();
        let (client, conn) = tokio::join!(trial::tls_client(client, &ca, &[]), door.admit(accepted, peer));
        let conn = conn.unwrap();
        assert!(client.is_ok());
        assert_eq!((conn.peer, conn.security), (far(), Security::Tls));
    }
}

#[tokio::test]
async fn a_proxy_that_speaks_for_itself_keeps_its_address() {
    let (door, _ca) = door(Mode::None);
    for octets in [&b"PROXY UNKNOWN\r\n"[..], b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"] {
        let (client, conn) = saying(&door, octets).await;
        assert_eq!(conn.unwrap().peer, client.local_addr().unwrap());
    }
}

#[tokio::test]
async fn without_a_header_a_trusted_proxy_is_refused() {
    let (door, _ca) = door(Mode::None);
    let begun = Instant::now();
    let (_client, conn) = saying(&door, b"a1 NOOP\r\n").await;
    assert_eq!(conn.unwrap_err().name(), "no_proxy_header");
    assert!(begun.elapsed() < header::LIMIT, "an answer at the first wrong octet");
    let (mut client, accepted) = trial::tcp_pair().await;
    client.write_all(b"PROX").await.unwrap();
    client.shutdown().await.unwrap();
    let peer = accepted.peer_addr().unwrap();
    assert_eq!(door.admit(accepted, peer).await.unwrap_err().name(), "gone");
}

#[tokio::test(start_paused = true)]
async fn a_header_that_never_ends_is_waited_for_three_seconds() {
    let (door, _ca) = door(Mode::None);
    let begun = tokio::time::Instant::now();
    let (_client, conn) = saying(&door, b"PROXY TCP4").await;
    assert_eq!(conn.unwrap_err(), DoorError::NoHeader("nothing whole came in time"));
    assert!(begun.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn nobody_else_can_name_a_client() {
    let (tls, _ca) = trial::server_tls();
    let door = Door::new(Mode::None, Some(tls), false).unwrap();
    let strict = door.clone().behind(&["192.0.2.0/24".parse().unwrap()]);
    for door in [door, strict] {
        let (client, conn) = saying(&door, FAR).await;
        let mut conn = conn.unwrap();
        assert_eq!(conn.peer, client.local_addr().unwrap());
        let mut got = vec![0; FAR.len()];
        conn.stream.read_exact(&mut got).await.unwrap();
        assert_eq!(got, FAR, "a client's first words");
    }
}

// The socket decides: a header can close what the socket opens, never open
// what the socket closes.
#[tokio::test]
async fn no_header_opens_cleartext_to_a_network() {
    let remote: SocketAddr = "192.0.2.7:40000".parse().unwrap();
    for (mode, from, header, expected) in [
        (Mode::None, None, FAR, Ok(Security::Cleartext)),
        (Mode::None, None, HERE, Ok(Security::Cleartext)),
        (Mode::None, Some(remote), HERE, Err(DoorError::Cleartext)),
        (Mode::None, Some(remote), FAR, Err(DoorError::Cleartext)),
        (Mode::Auto, None, HERE, Ok(Security::Cleartext)),
        (Mode::Auto, None, b"PROXY UNKNOWN\r\n", Ok(Security::Cleartext)),
        (Mode::Auto, None, FAR, Ok(Security::StartTlsOffered)),
        (Mode::Auto, Some(remote), HERE, Ok(Security::StartTlsOffered)),
        (Mode::StartTls, None, HERE, Ok(Security::StartTlsOffered)),
    ] {
        let (tls, _ca) = trial::server_tls();
        let door = Door::new(mode, Some(tls), false).unwrap();
        let door = door.behind(&["127.0.0.0/8".parse().unwrap(), "192.0.2.7".parse().unwrap()]);
        let (mut client, accepted) = trial::tcp_pair().await;
        client.write_all(&[header, b"a1 NOOP\r\n"].concat()).await.unwrap();
        let peer = from.unwrap_or(accepted.peer_addr().unwrap());
        let got = door.admit(accepted, peer).await.map(|conn| conn.security);
        assert_eq!(got, expected, "{mode:?} {from:?}");
    }
}
