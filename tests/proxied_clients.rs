//! Clients behind a real HAProxy: who they are, and what a header cannot do.

use std::net::{IpAddr, SocketAddr};

use crate::imap_client::{clear, clear_from};
use crate::smtp_client::{ANNA, Client, b64, rows, with_anna};
use crate::support::gateway::{Gateway, Setup};
use crate::support::haproxy::HaProxy;
use crate::support::line::Lines;

/// Listeners that take a header from this machine: IMAP none, implicit, auto; SMTP none.
const BEHIND: usize = 4;

async fn behind_a_proxy() -> (Gateway, String) {
    let more: String = [("imap", "none"), ("imap", "implicit"), ("imap", "auto"), ("smtp", "none")]
        .map(|(protocol, tls)| {
            format!(
                "[[{protocol}.listen]]\naddr = \"127.0.0.1:0\"\ntls = \"{tls}\"\n\
                 proxy_trusted = [\"127.0.0.1\"]\n"
            )
        })
        .concat();
    with_anna(Gateway::with(Setup { more, ..Setup::default() }).await).await
}

fn source(last: u8) -> IpAddr {
    IpAddr::from([127, 0, 0, last])
}

fn refused_from(rows: &[crate::smtp_client::Row]) -> Vec<String> {
    rows.iter().map(|row| row.detail["peer"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn the_journal_names_the_client_and_not_the_proxy() {
    let (gateway, token) = behind_a_proxy().await;
    let (imap, smtp) = (gateway.imap[BEHIND], gateway.smtp[BEHIND]);
    let ways = [(imap, "send-proxy"), (imap, "send-proxy-v2"), (smtp, "send-proxy"), (smtp, "send-proxy-v2")];
    let proxy = HaProxy::start(&ways);
    for (number, addr) in (21..).zip(&proxy.addrs[..2]) {
        let mut client = clear_from(source(number), *addr).await;
        client.line().await;
        client.ask(&format!("a LOGIN {ANNA} pst_wrong"), "a NO").await;
        client.ask(&format!("b LOGIN {ANNA} {token}"), "b OK").await;
        client.ask("c SELECT INBOX", "c OK").await;
    }
    for (number, addr) in (23..).zip(&proxy.addrs[2..]) {
        let mut client = submission(source(number), *addr).await;
        client.until("220 ").await;
        client.ask("EHLO crm", "250 ").await;
        client.ask(&format!("AUTH PLAIN {}", b64(&format!("\0{ANNA}\0pst_wrong"))), "535 ").await;
        client.ask(&format!("AUTH PLAIN {}", b64(&format!("\0{ANNA}\0{token}"))), "235 ").await;
    }
    let wanted = ["127.0.0.21", "127.0.0.22", "127.0.0.23", "127.0.0.24"];
    for event in ["login_refused", "login_from_new_peer"] {
        let mut peers = refused_from(&rows(&gateway, event, 4).await);
        peers.sort();
        assert_eq!(peers, wanted, "{event}");
    }
    gateway.stop().await;
}

async fn submission(source: IpAddr, addr: SocketAddr) -> Lines {
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind((source, 0).into()).expect("an address of this machine");
    Lines::over(socket.connect(addr).await.expect("somebody listens"))
}

#[tokio::test]
async fn tls_begins_behind_the_header() {
    let (gateway, token) = behind_a_proxy().await;
    let ways = [(gateway.imap[BEHIND + 1], "send-proxy-v2"), (gateway.imap[BEHIND + 2], "send-proxy")];
    let proxy = HaProxy::start(&ways);
    for addr in &proxy.addrs {
        let mut client = clear_from(source(31), *addr).await.secure(&gateway).await.expect("a handshake");
        client.line().await;
        client.ask(&format!("a LOGIN {ANNA} {token}"), "a OK").await;
    }
    gateway.stop().await;
}

#[tokio::test]
async fn a_header_is_taken_from_nobody_else_and_missed_from_the_proxy() {
    let (gateway, token) = behind_a_proxy().await;
    // The proxy's own address, and no header.
    let mut bare = clear(gateway.imap[BEHIND]).await;
    bare.send(format!("a LOGIN {ANNA} {token}\r\n")).await;
    assert_eq!(bare.bytes_to_the_end().await, b"");
    // A header on a listener that trusts no proxy, and from an address that is none.
    let forged = "PROXY TCP4 203.0.113.7 127.0.0.1 40000 143\r\n";
    for mut client in [clear(gateway.imap[0]).await, clear_from(source(41), gateway.imap[BEHIND]).await] {
        client.send(format!("{forged}a LOGIN {ANNA} pst_wrong\r\n")).await;
        assert!(client.line().await.starts_with("* OK "), "a client like any other");
        assert!(client.line().await.starts_with("PROXY BAD "), "and a bad one");
        assert!(client.line().await.starts_with("a NO "));
    }
    let mut peers = refused_from(&rows(&gateway, "login_refused", 2).await);
    peers.sort();
    assert_eq!(peers, ["127.0.0.1", "127.0.0.41"]);
    let mut client = Client::connect(gateway.smtp[0]).await;
    client.answer().await;
    assert!(client.ask(forged.trim_end()).await.starts_with('5'));
    gateway.stop().await;
}
