//! How a session ends: what was said arrives, and nobody waits for ever.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf, duplex,
};
use tokio::time::Instant;

use super::script::session;
use crate::relay::imap::ended::{Ended, Why};
use crate::relay::imap::splice::splice;

const BYE: &str = "L1 OK\r\n* BYE Session expired, please login again.\r\n";

fn plain(client: DuplexStream, upstream: impl AsyncRead + AsyncWrite + Unpin) -> impl Future<Output = Ended> {
    splice(client, upstream, session(b"", b""))
}

#[tokio::test(start_paused = true)]
async fn unread_bytes_of_both_sides_go_first() {
    let (near_client, mut client) = duplex(4096);
    let (near_server, mut server) = duplex(4096);
    let unread = (b"a NOOP\r\nb NO".to_vec(), b"L1 OK\r\na O".to_vec());
    let relaying = splice(near_client, near_server, session(&unread.0, &unread.1));
    let peers = async {
        client.write_all(b"OP\r\n").await.expect("sent");
        server.write_all(b"K\r\nb OK\r\n").await.expect("sent");
        client.shutdown().await.expect("shut");
        let mut heard = Vec::new();
        server.read_to_end(&mut heard).await.expect("read");
        drop(server);
        let mut told = Vec::new();
        client.read_to_end(&mut told).await.expect("read");
        (heard, told)
    };
    let (ended, (heard, told)) = tokio::join!(relaying, peers);
    assert_eq!(
        (heard.as_slice(), told.as_slice()),
        (&b"a NOOP\r\nb NOOP\r\n"[..], &b"L1 OK\r\na OK\r\nb OK\r\n"[..])
    );
    assert_eq!((ended.up, ended.down), (16, 19));
}

#[tokio::test(start_paused = true)]
async fn a_bye_of_gmail_reaches_the_client_and_both_are_closed() {
    let (near_client, mut client) = duplex(4096);
    let (near_server, mut server) = duplex(4096);
    let peers = async {
        server.write_all(BYE.as_bytes()).await.expect("sent");
        drop(server);
        let mut told = String::new();
        client.read_to_string(&mut told).await.expect("read");
        drop(client);
        told
    };
    let began = Instant::now();
    let (ended, told) = tokio::join!(plain(near_client, near_server), peers);
    assert_eq!(told, BYE);
    assert!(ended.bye && ended.why == Why::Upstream, "{ended:?}");
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn after_the_end_of_one_side_the_other_has_ten_seconds() {
    for (client_ends, why) in [(true, Why::Linger), (false, Why::Upstream)] {
        let (near_client, mut client) = duplex(4096);
        let (near_server, mut server) = duplex(4096);
        let ending = if client_ends { &mut client } else { &mut server };
        ending.shutdown().await.expect("shut");
        let began = Instant::now();
        let ended = plain(near_client, near_server).await;
        assert_eq!(ended.why, why, "{client_ends}");
        assert_eq!(began.elapsed().as_secs(), 10, "{client_ends}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_half_closes_gets_its_answers() {
    let (near_client, mut client) = duplex(4096);
    let (near_server, mut server) = duplex(4096);
    let peers = async {
        client.write_all(b"a LOGOUT\r\n").await.expect("sent");
        client.shutdown().await.expect("shut");
        let mut heard = String::new();
        server.read_to_string(&mut heard).await.expect("read");
        tokio::time::sleep(Duration::from_secs(9)).await;
        server.write_all(b"L1 OK\r\n* BYE\r\na OK\r\n").await.expect("sent");
        drop(server);
        let mut told = String::new();
        client.read_to_string(&mut told).await.expect("read");
        (heard, told)
    };
    let (ended, (heard, told)) = tokio::join!(plain(near_client, near_server), peers);
    assert_eq!((heard.as_str(), told.as_str()), ("a LOGOUT\r\n", "L1 OK\r\n* BYE\r\na OK\r\n"));
    assert_eq!(ended.why, Why::Client);
}

#[tokio::test(start_paused = true)]
async fn what_a_client_says_after_gmails_end_is_read_and_dropped() {
    // A socket closed over unread bytes is reset, and the BYE may be lost with it.
    let (near_client, mut client) = duplex(4096);
    let (near_server, mut server) = duplex(4096);
    let peers = async {
        client.write_all(b"a APPEND s {9}\r\nheld").await.expect("sent");
        server.write_all(BYE.as_bytes()).await.expect("sent");
        server.shutdown().await.expect("shut");
        let mut told = String::new();
        client.read_to_string(&mut told).await.expect("read");
        let late = b"z NOOP\r\n".repeat(4096);
        client.write_all(&late).await.expect("somebody still reads");
        drop(client);
        told
    };
    let (ended, told) = tokio::join!(plain(near_client, near_server), peers);
    assert_eq!((told.as_str(), ended.why), (BYE, Why::Upstream));
}

/// Gmail's end of a connection that was reset: what it said can be read, but
/// nothing can be written any more.
struct Deaf(&'static [u8]);

impl AsyncRead for Deaf {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (now, later) = self.0.split_at(self.0.len().min(8));
        buf.put_slice(now);
        self.0 = later;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Deaf {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_bye_is_passed_on_even_where_gmail_no_longer_listens() {
    let (near_client, mut client) = duplex(4096);
    client.write_all(b"a NOOP\r\n").await.expect("sent");
    let peer = async {
        let mut told = String::new();
        client.read_to_string(&mut told).await.expect("read");
        drop(client);
        told
    };
    let (ended, told) = tokio::join!(plain(near_client, Deaf(BYE.as_bytes())), peer);
    assert_eq!(told, BYE);
    assert!(ended.bye, "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn what_a_client_sent_before_it_vanished_reaches_gmail() {
    // EspoCRM closes right behind LOGOUT, with the answer unread.
    let (near_client, mut client) = duplex(4096);
    let (near_server, mut server) = duplex(16);
    client.write_all(b"a STORE 1 +FLAGS (\\Seen)\r\nb LOGOUT\r\n").await.expect("sent");
    drop(client);
    let gmail = async {
        server.write_all(b"L1 OK\r\n").await.expect("sent");
        let mut heard = String::new();
        server.read_to_string(&mut heard).await.expect("read");
        heard
    };
    let (_, heard) = tokio::join!(plain(near_client, near_server), gmail);
    assert_eq!(heard, "a STORE 1 +FLAGS (\\Seen)\r\nb LOGOUT\r\n");
}

#[tokio::test(start_paused = true)]
async fn a_fault_is_told_only_where_a_line_can_stand() {
    let told_before = "L1 OK\r\n* 1 FETCH (BODY[] {9}\r\n";
    let bye = "* BYE Protocol error, lines must end in CRLF and keep the limits\r\n";
    for (gmail_said, told) in
        [("L1 OK\r\n", format!("L1 OK\r\n{bye}")), (told_before, told_before.to_owned())]
    {
        let (near_client, mut client) = duplex(4096);
        let (near_server, mut server) = duplex(4096);
        let peers = async {
            server.write_all(gmail_said.as_bytes()).await.expect("sent");
            tokio::time::sleep(Duration::from_millis(1)).await;
            client.write_all(b"a NOOP\r\nb NO\0OP\r\nc NOOP\r\n").await.expect("sent");
            let mut heard = String::new();
            server.read_to_string(&mut heard).await.expect("Gmail's side is closed at once");
            let mut told = String::new();
            client.read_to_string(&mut told).await.expect("read");
            drop(client);
            (heard, told)
        };
        let (ended, (heard, told_now)) = tokio::join!(plain(near_client, near_server), peers);
        assert_eq!((heard.as_str(), told_now), ("a NOOP\r\n", told));
        assert!(matches!(ended.why, Why::Fault(_)), "{ended:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_login_is_answered_before_what_was_sent_behind_it() {
    let (near_client, mut client) = duplex(4096);
    let (near_server, _server) = duplex(4096);
    let unread =
        (b"a COMPRESS DEFLATE\r\n".to_vec(), b"* CAPABILITY COMPRESS=DEFLATE A\r\nL1 OK\r\n".to_vec());
    let relaying = splice(near_client, near_server, session(&unread.0, &unread.1));
    let expected = "* CAPABILITY A\r\nL1 OK\r\na NO [CANNOT] COMPRESS is not offered here\r\n";
    let mut told = vec![0; expected.len()];
    tokio::select! {
        ended = relaying => panic!("{ended:?}"),
        read = client.read_exact(&mut told) => read.expect("read"),
    };
    assert_eq!(String::from_utf8_lossy(&told), expected);
}
