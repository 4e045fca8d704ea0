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
        assert!(stream.get_ref().nodelay().unwrap());
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
    let TlsFault::Untrusted(issuer) = fault(&trial::issued().ca, "localhost", port).await else {
        panic!("another authority is not trusted")
    };
    assert_eq!(&*issuer, "Postern local authority");
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
