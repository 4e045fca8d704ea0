use super::{Conn, Door, DoorError, Mode, NoIdentity, SNIFF, Security, both_loopback, canonical};
use crate::net::fault::TlsFault;
use crate::net::trial;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt as _;

const ALL: [Mode; 4] = [Mode::None, Mode::Implicit, Mode::StartTls, Mode::Auto];

fn door(mode: Mode) -> (Door, String) {
    let (tls, ca) = trial::server_tls();
    (Door::new(mode, Some(tls), false).unwrap(), ca)
}

/// A client that waits for a greeting.
async fn silent(door: &Door) -> Result<Conn, DoorError> {
    let (_client, accepted) = trial::tcp_pair().await;
    let peer = accepted.peer_addr().unwrap();
    trial::spawnable(door.admit(accepted, peer)).await
}

/// A client that says `text` at once.
async fn saying(door: &Door, text: &[u8]) -> Result<Conn, DoorError> {
    let (mut client, accepted) = trial::tcp_pair().await;
    client.write_all(text).await.unwrap();
    let peer = accepted.peer_addr().unwrap();
    door.admit(accepted, peer).await
}

async fn with_tls(mode: Mode) -> (bool, Result<Security, DoorError>) {
    let (door, ca) = door(mode);
    let (client, accepted) = trial::tcp_pair().await;
    let peer = accepted.peer_addr().unwrap();
    let admit = async { door.admit(accepted, peer).await.map(|conn| conn.security) };
    let (client, admitted) = tokio::join!(trial::tls_client(client, &ca, &[]), admit);
    (client.is_ok(), admitted)
}

#[tokio::test]
async fn a_client_that_waits_for_the_greeting_is_in_the_clear_where_the_mode_says_so() {
    let begun = Instant::now();
    assert_eq!(silent(&door(Mode::None).0).await.unwrap().security, Security::Cleartext);
    assert_eq!(silent(&door(Mode::StartTls).0).await.unwrap().security, Security::StartTlsOffered);
    let auto = silent(&door(Mode::Auto).0).await.unwrap();
    assert!(begun.elapsed() >= SNIFF);
    assert_eq!(auto.security, Security::Cleartext);
    assert!(auto.security.allows_login() && !auto.security.offers_starttls());
    assert!(!auto.stream.is_tls());
    let hasty = door(Mode::Implicit).0.within(Duration::from_millis(50));
    assert_eq!(silent(&hasty).await.unwrap_err(), DoorError::Timeout);
}

#[tokio::test]
async fn a_tls_client_gets_tls_from_implicit_and_auto() {
    for mode in [Mode::Implicit, Mode::Auto] {
        assert_eq!(with_tls(mode).await, (true, Ok(Security::Tls)));
    }
}

#[tokio::test]
async fn a_client_that_begins_in_the_clear_is_told_from_tls() {
    assert_eq!(saying(&door(Mode::Auto).0, b"a1 CAP").await.unwrap().security, Security::Cleartext);
    let error = saying(&door(Mode::Implicit).0, b"a1 CAPABILITY\r\n").await.unwrap_err();
    assert_eq!(error, DoorError::Tls(TlsFault::NotTls));
}

#[tokio::test]
async fn a_client_that_leaves_is_gone() {
    let (client, accepted) = trial::tcp_pair().await;
    drop(client);
    let peer = accepted.peer_addr().unwrap();
    let error = door(Mode::Auto).0.admit(accepted, peer).await.unwrap_err();
    assert_eq!(error.name(), "gone");
}

#[test]
fn only_both_ends_on_loopback_make_a_loopback_connection() {
    let ip = |text: &str| text.parse().unwrap();
    assert!(both_loopback(ip("127.0.0.1"), ip("127.0.0.9")));
    assert!(both_loopback(ip("::1"), ip("::1")));
    assert!(both_loopback(ip("::ffff:127.0.0.1"), ip("::ffff:127.0.0.1")));
    assert!(!both_loopback(ip("127.0.0.1"), ip("10.0.0.1")));
    assert!(!both_loopback(ip("10.0.0.2"), ip("127.0.0.1")));
    assert!(!both_loopback(ip("10.0.0.2"), ip("10.0.0.1")));
    assert!(!both_loopback(ip("fd00::2"), ip("fd00::1")));
}

#[tokio::test]
async fn a_peer_from_a_network_is_refused_in_the_clear_unless_allowed() {
    let peer = "192.0.2.7:40000".parse().unwrap();
    for mode in ALL {
        let (tls, _ca) = trial::server_tls();
        for allowed in [false, true] {
            let door = Door::new(mode, Some(tls.clone()), allowed).unwrap();
            let door = door.within(Duration::from_millis(400));
            let (_client, accepted) = trial::tcp_pair().await;
            let admitted = door.admit(accepted, peer).await.map(|conn| conn.security);
            let expected = match (mode, allowed) {
                (Mode::Implicit, _) => Err(DoorError::Timeout),
                (Mode::StartTls, _) | (Mode::Auto, false) => Ok(Security::StartTlsOffered),
                (Mode::None | Mode::Auto, true) => Ok(Security::Cleartext),
                (Mode::None, false) => Err(DoorError::Cleartext),
            };
            assert_eq!(admitted, expected, "{mode:?} {allowed}");
        }
    }
}

#[test]
fn a_mode_with_tls_needs_an_identity_and_addresses_are_canonical() {
    for mode in ALL {
        let made = Door::new(mode, None, false).map(|door| door.tls().is_none());
        assert_eq!(made, if mode == Mode::None { Ok(true) } else { Err(NoIdentity) });
    }
    let mapped = "[::ffff:192.0.2.7]:1".parse().unwrap();
    assert_eq!(canonical(mapped), "192.0.2.7:1".parse().unwrap());
}
