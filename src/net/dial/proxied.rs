//! Dials through proxies that answer by script.

use std::net::SocketAddr;
use std::time::Duration;

use postern_core::model::refusal::Blame;
use postern_core::model::secret::Secret;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::{DialError, Dialer, LIMIT, UpstreamStream};
use crate::clock::Clock;
use crate::net::dev_pair::Issued;
use crate::net::proxy::{Kind, Proxy};
use crate::net::route::Route;
use crate::net::target::Target;
use crate::net::tls::ServerTls;
use crate::net::trial;
use crate::net::trust::Trust;

/// A name that nobody resolves.
const HOST: &str = "imap.google.test";

fn issued() -> Issued {
    Issued::new(&[HOST], &Clock::system()).unwrap()
}

fn dialer(ca: &str, kind: Kind, at: SocketAddr, limit: Duration) -> Dialer {
    let login = Some(("me".to_owned(), Secret::new("hunter2")));
    let proxy = Proxy { kind, at: Target { host: at.ip().to_string(), port: at.port() }, login };
    Dialer::new(&Trust::with_pem(ca.as_bytes()).unwrap(), limit).on(Route::through(proxy, Vec::new()))
}

fn target() -> Target {
    Target { host: HOST.to_owned(), port: 993 }
}

/// Answers each thing it hears with the next line of the script, then serves
/// TLS if there is any; what it heard comes out.
async fn scripted(
    script: Vec<Vec<u8>>,
    tls: Option<ServerTls>,
) -> (SocketAddr, mpsc::UnboundedReceiver<Vec<u8>>) {
    let (listener, address) = trial::listener().await;
    let (heard, hearing) = mpsc::unbounded_channel();
    trial::beside(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        for answer in script {
            let mut octets = vec![0; 4096];
            let length = tcp.read(&mut octets).await.unwrap_or(0);
            octets.truncate(length);
            let _over = heard.send(octets);
            let _gone = tcp.write_all(&answer).await;
        }
        if let Some(tls) = tls {
            greet(tcp, &tls).await;
        }
    });
    (address, hearing)
}

async fn greet(tcp: TcpStream, tls: &ServerTls) {
    if let Ok(mut stream) = tls.accept(tcp).await {
        let _gone = stream.write_all(b"* OK\r\n").await;
        let _gone = stream.read(&mut [0; 16]).await;
    }
}

fn name<T>(dialled: Result<T, DialError>) -> (&'static str, Blame, String) {
    let error = dialled.err().expect("no connection was due");
    let told = format!("{error} {error:?}");
    assert!(!told.contains("hunter2") && !told.contains("aHVudGVyMg"), "{told}");
    (error.name(), error.blame(), error.to_string())
}

async fn greeted(dialled: Result<UpstreamStream, DialError>) {
    let mut got = [0; 6];
    dialled.unwrap().read_exact(&mut got).await.unwrap();
    assert_eq!(&got, b"* OK\r\n");
}

#[tokio::test]
async fn http_connect_carries_tls_to_a_name_that_only_the_proxy_knows() {
    let issued = issued();
    let tls = ServerTls::new(trial::identity(&issued)).unwrap();
    let answer = b"HTTP/1.1 200 OK\r\nproxy-agent: x\r\n\r\n".to_vec();
    let (at, mut heard) = scripted(vec![answer], Some(tls)).await;
    let dialer = dialer(&issued.ca, Kind::Http, at, LIMIT);
    assert!(!dialer.goes_straight(&target()) && dialer.goes_straight(&"localhost:993".parse().unwrap()));
    greeted(trial::spawnable(dialer.dial(&target())).await).await;
    let asked = String::from_utf8(heard.recv().await.unwrap()).unwrap();
    assert!(asked.starts_with("CONNECT imap.google.test:993 HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("Proxy-Authorization: Basic bWU6aHVudGVyMg==\r\n"), "{asked}");
}

#[tokio::test]
async fn socks_does_the_same() {
    let issued = issued();
    let tls = ServerTls::new(trial::identity(&issued)).unwrap();
    let answers = vec![vec![5, 2], vec![1, 0], vec![5, 0, 0, 1, 0, 0, 0, 0, 0, 0]];
    let (at, mut heard) = scripted(answers, Some(tls)).await;
    greeted(dialer(&issued.ca, Kind::Socks5, at, LIMIT).dial(&target()).await).await;
    assert_eq!(heard.recv().await.unwrap(), [5, 2, 0, 2]);
    assert_eq!(heard.recv().await.unwrap(), b"\x01\x02me\x07hunter2");
    assert_eq!(heard.recv().await.unwrap(), [&[5, 1, 0, 3, 16], HOST.as_bytes(), &[3, 0xe1]].concat());
}

#[tokio::test]
async fn what_a_proxy_refuses_is_told_apart() {
    let ca = issued().ca;
    for (kind, answer, expected, blame, words) in [
        (
            Kind::Http,
            &b"HTTP/1.1 407 Log in\r\n\r\n"[..],
            "proxy_credentials",
            Blame::Gateway,
            "wants a user",
        ),
        (Kind::Http, b"HTTP/1.1 403 No\r\n\r\n", "proxy_forbidden", Blame::Gateway, "forbids it"),
        (Kind::Http, b"HTTP/1.1 502 Bad\r\n\r\n", "proxy_upstream", Blame::Upstream, "could not reach it"),
        (Kind::Http, b"HTTP/1.1 301 Moved\r\n\r\n", "proxy_refused", Blame::Gateway, "refuses it"),
        (Kind::Http, b"\x05\xff", "proxy_not_spoken", Blame::Gateway, "scheme of google.proxy"),
        (Kind::Http, b"HTTP/1.1 200 OK\r\n", "proxy_gone", Blame::Gateway, "left before it answered"),
        (Kind::Http, b"", "proxy_gone", Blame::Gateway, "left before it answered"),
        (Kind::Socks5, b"\x05\xff", "proxy_credentials", Blame::Gateway, "wants a user"),
        (Kind::Socks5, b"HTTP/1.1 400", "proxy_not_spoken", Blame::Gateway, "scheme of google.proxy"),
        (Kind::Socks5, b"\x05", "proxy_gone", Blame::Gateway, "left before it answered"),
    ] {
        let (at, _heard) = scripted(vec![answer.to_vec()], None).await;
        let (name, whose, told) = name(dialer(&ca, kind, at, LIMIT).dial(&target()).await);
        assert_eq!((name, whose), (expected, blame), "{told}");
        let start = format!("imap.google.test:993 cannot be reached: the proxy {at} ");
        assert!(told.starts_with(&start) && told.contains(words), "{told}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_away_or_silent_is_told_from_google() {
    let ca = issued().ca;
    let (listener, at) = trial::listener().await;
    let short = Duration::from_millis(100);
    assert_eq!(name(dialer(&ca, Kind::Http, at, short).dial(&target()).await).0, "proxy_timeout");
    drop(listener);
    let (kind, _, told) = name(dialer(&ca, Kind::Http, at, LIMIT).dial(&target()).await);
    assert!(
        kind == "proxy_unreachable" && told.ends_with("takes no connection: connection refused"),
        "{told}"
    );
    let lost =
        Proxy { kind: Kind::Socks5, at: Target { host: "proxy.invalid".to_owned(), port: 1 }, login: None };
    let dialer = Dialer::new(&Trust::with_pem(ca.as_bytes()).unwrap(), Duration::from_secs(30));
    let (kind, _, told) = name(dialer.on(Route::through(lost, Vec::new())).dial(&target()).await);
    assert!(kind == "proxy_unreachable" && told.contains("proxy.invalid:1 is not found"), "{told}");
}

#[tokio::test]
async fn who_opens_tls_on_the_way_is_named() {
    let (ours, theirs) = (issued(), issued());
    let tls = ServerTls::new(trial::identity(&theirs)).unwrap();
    let (at, _heard) = scripted(vec![b"HTTP/1.1 200 OK\r\n\r\n".to_vec()], Some(tls)).await;
    let (kind, whose, told) = name(dialer(&ours.ca, Kind::Http, at, LIMIT).dial(&target()).await);
    assert_eq!((kind, whose), ("tls", Blame::Gateway));
    assert!(
        told.contains("but by \"Postern local authority\"") && told.contains("google.extra_ca_file"),
        "{told}"
    );
}

#[tokio::test]
async fn a_silent_tunnel_is_not_the_proxys_fault() {
    let (at, _heard) =
        scripted(vec![b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), Vec::new(), Vec::new()], None).await;
    let short = Duration::from_millis(300);
    let error = dialer(&issued().ca, Kind::Http, at, short).dial(&target()).await.unwrap_err();
    assert_eq!((error.name(), error.blame()), ("timeout", Blame::Upstream));
}
