//! What a slow, silent or hostile client costs: an answer, and an end.

use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use crate::imap_client::{Imap, clear, logged_in};
use crate::support::gateway::{Gateway, Setup};

const ANNA: &str = "anna@example.com";
const PROTOCOL: &str = "* BYE Protocol error, lines must end in CRLF and keep the limits\r\n";
// What the sockets of this machine may hold on both ways.
const SOCKETS: usize = 64 << 20;

async fn gateway(limits: &str) -> (Gateway, String) {
    let more = format!("[limits]\n{limits}\n");
    let gateway = Gateway::with(Setup { more, ..Setup::default() }).await;
    let account = gateway.connect(ANNA, &[]).await;
    let token = gateway.token(account).await;
    (gateway, token)
}

#[tokio::test]
async fn a_client_that_says_nothing_is_sent_away() {
    let (gateway, _) = gateway("preauth = \"1s\"").await;
    let began = Instant::now();
    let mut silent = clear(gateway.imap[0]).await;
    let mut before_tls = clear(gateway.imap[1]).await;
    let mut within_tls = clear(gateway.imap[2]).await;
    within_tls.line().await;
    within_tls.ask("a STARTTLS", "a OK").await;
    silent.line().await;
    assert_eq!(silent.rest().await, "* BYE Too slow, closing\r\n");
    assert_eq!(before_tls.bytes_to_the_end().await, b"");
    assert_eq!(within_tls.bytes_to_the_end().await, b"");
    assert!((1..5).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_client_that_drips_is_sent_away() {
    let (gateway, token) = gateway("preauth = \"1s\"").await;
    let mut imap = clear(gateway.imap[0]).await;
    imap.line().await;
    let began = Instant::now();
    for byte in format!("a LOGIN {ANNA} {token}").bytes().cycle() {
        if imap.try_send([byte]).await.is_err() || began.elapsed() > Duration::from_secs(3) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(imap.bytes_to_the_end().await.starts_with(b"* BYE Too slow"), "in time, whatever it drips");
    assert!(gateway.sandbox.google().sessions().is_empty());
}

/// How much of an endless pipeline is taken from a client that never reads.
async fn pipelined<S: AsyncRead + AsyncWrite + Unpin>(imap: &mut Imap<S>, line: &str) -> (usize, bool) {
    let block = format!("{line}\r\n").repeat(1000);
    let mut sent = 0;
    while sent < 2 * SOCKETS {
        match timeout(Duration::from_secs(15), imap.try_send(&block)).await {
            Ok(Ok(())) => sent += block.len(),
            Ok(Err(_)) => return (sent, true),
            Err(_) => return (sent, false),
        }
    }
    (sent, false)
}

#[tokio::test]
async fn a_client_that_never_reads_is_left() {
    let (gateway, token) = gateway("preauth = \"1s\"\nimap_idle = \"1s\"").await;
    let mut early = clear(gateway.imap[0]).await;
    let mut logged = logged_in(&gateway, ANNA, &token).await;
    let mut compress = logged_in(&gateway, ANNA, &token).await;
    let (one, two, three) = tokio::join!(
        pipelined(&mut early, "a NOOP"),
        pipelined(&mut logged, "a NOOP"),
        pipelined(&mut compress, "a COMPRESS DEFLATE"),
    );
    for (sent, ended) in [one, two, three] {
        assert!(ended && sent < SOCKETS, "ended: {ended} after {sent} octets");
    }
    let google = gateway.sandbox.google();
    for _ in 0..100 {
        if google.open_connections() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("sessions at Gmail are left open");
}

#[tokio::test]
async fn too_long_is_told_before_login() {
    let (gateway, _) = gateway("").await;
    let toobig = format!("a BAD [TOOBIG] Command or literal too long\r\n{PROTOCOL}");
    let rows: [(Vec<u8>, &str); 8] = [
        (b"a ".repeat(5000), PROTOCOL),
        (b"x".repeat(1 << 20), PROTOCOL),
        (b"a LOGIN x {5000}\r\n".to_vec(), &toobig),
        ([&b"a LOGIN x {16777216+}\r\n"[..], &b"y".repeat(16 << 20)].concat(), &toobig),
        (b"a LOGIN x {99999999999999999999999}\r\n".to_vec(), &toobig),
        (b"a NOOP\nb NOOP\r\n".to_vec(), PROTOCOL),
        (b"a NO\rOP\r\n".to_vec(), PROTOCOL),
        (b"a NO\0OP\r\n".to_vec(), PROTOCOL),
    ];
    for (bytes, told) in rows {
        let mut imap = clear(gateway.imap[0]).await;
        imap.line().await;
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(24)]).into_owned();
        imap.send(bytes).await;
        assert_eq!(imap.rest().await, told, "{head:?}");
    }
    assert!(gateway.sandbox.google().sessions().is_empty());
}

#[tokio::test]
async fn too_long_is_told_after_login() {
    let (gateway, token) = gateway("").await;
    let rows: [Vec<u8>; 4] = [
        format!("a UID FETCH {}\r\nb NOOP\r\n", "1,".repeat(40_000)).into_bytes(),
        b"a APPEND INBOX {99999999999999999999999}\r\n".to_vec(),
        b"a NOOP\nb NOOP\r\n".to_vec(),
        b"a NO\0OP\r\n".to_vec(),
    ];
    for bytes in rows {
        let mut imap = logged_in(&gateway, ANNA, &token).await;
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(24)]).into_owned();
        imap.send(bytes).await;
        assert_eq!(imap.rest().await, PROTOCOL, "{head:?}");
    }
    let sessions = gateway.sandbox.google().sessions();
    assert!(sessions.iter().all(|it| it.lines.len() == 1), "nothing of it went on: {sessions:?}");
}

#[tokio::test]
async fn five_refusals_are_enough() {
    let (gateway, token) = gateway("").await;
    let mut imap = clear(gateway.imap[0]).await;
    imap.line().await;
    for _ in 0..4 {
        let told = imap.answer("a LOGIN anna@example.com wrong").await;
        assert!(told.starts_with("a NO [AUTHENTICATIONFAILED]"), "{told}");
    }
    // What waits behind the fifth is not heard any more.
    imap.send(format!("b LOGIN {ANNA} wrong\r\nc LOGIN {ANNA} {token}\r\n")).await;
    let rest = imap.rest().await;
    assert!(rest.starts_with("b NO [AUTHENTICATIONFAILED]"), "{rest}");
    assert!(rest.ends_with("\r\n* BYE Too many failed logins\r\n") && rest.lines().count() == 2, "{rest}");
    assert!(gateway.sandbox.google().sessions().is_empty());
}
