//! A session that is told to end: where its BYE stands, and how long it takes.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::time::{Instant, sleep};

use super::script::with_bell;
use crate::relay::imap::ended::{Ended, Why};
use crate::relay::imap::splice::splice;
use crate::relay::order::{Ending, Order};

const REVOKED: &str = "* BYE This CRM token was revoked, ask your admin for a new one (ref k3x9)\r\n";
const SHUTDOWN: &str = "* BYE [UNAVAILABLE] Postern is restarting, please connect again (ref k3x9)\r\n";
const END: Order = Order::End(Ending::Revoked);

/// Gmail sends this, and 100 ms later the rest; the order comes in between.
struct Case {
    client: &'static str,
    before: &'static str,
    order: Order,
    behind: &'static str,
}

/// What the client got, what Gmail got, how it ended and when.
async fn play(case: &Case) -> (String, String, Ended, Duration) {
    let (near_client, mut client) = duplex(1 << 16);
    let (near_server, mut server) = duplex(1 << 16);
    let (session, bell) = with_bell(b"", b"L1 OK\r\n");
    let began = Instant::now();
    let relaying = async {
        let ended = splice(near_client, near_server, session).await;
        (ended, began.elapsed())
    };
    let peers = async {
        client.write_all(case.client.as_bytes()).await.expect("sent");
        sleep(Duration::from_millis(1)).await;
        server.write_all(case.before.as_bytes()).await.expect("sent");
        sleep(Duration::from_millis(99)).await;
        bell.ring(case.order);
        sleep(Duration::from_millis(100)).await;
        let _gone = client.write_all(b"z NOOP\r\n").await;
        let _gone = server.write_all(case.behind.as_bytes()).await;
        let (mut told, mut heard) = (String::new(), String::new());
        let (one, two) = tokio::join!(closing(&mut client, &mut told), server.read_to_string(&mut heard));
        one.expect("read");
        two.expect("read");
        (told, heard)
    };
    let ((ended, took), (told, heard)) = tokio::join!(relaying, peers);
    (told, heard, ended, took)
}

/// A client that closes when it was told all.
async fn closing(client: &mut DuplexStream, told: &mut String) -> std::io::Result<()> {
    client.read_to_string(told).await?;
    client.shutdown().await
}

#[tokio::test(start_paused = true)]
async fn an_idle_session_is_told_at_once() {
    for (order, bye, why) in [(END, REVOKED, Ending::Revoked), (Order::Leave, SHUTDOWN, Ending::Shutdown)] {
        for (client, before) in [("", ""), ("a IDLE\r\n", "+ idling\r\n")] {
            let case = Case { client, before, order, behind: "* 9 EXISTS\r\n" };
            let (told, heard, ended, took) = play(&case).await;
            assert_eq!(told, format!("L1 OK\r\n{before}{bye}"));
            assert_eq!(heard, client, "nothing goes up behind the BYE");
            assert_eq!(ended.why, Why::Ended(why));
            assert!(took < Duration::from_millis(300), "{took:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn inside_a_literal_the_bye_comes_behind_its_line() {
    let before = "* 1 FETCH (BODY[] {15}\r\n* BYE";
    let case = Case {
        client: "a FETCH 1 BODY[]\r\n",
        before,
        order: END,
        behind: " x\r\na OK\r\n)\r\na OK done\r\n",
    };
    let (told, heard, ended, _) = play(&case).await;
    assert_eq!(told, format!("L1 OK\r\n{before} x\r\na OK\r\n)\r\n{REVOKED}"));
    assert_eq!(heard, "a FETCH 1 BODY[]\r\n");
    assert_eq!(ended.why, Why::Ended(Ending::Revoked));
}

#[tokio::test(start_paused = true)]
async fn a_busy_session_leaves_when_its_command_is_answered() {
    let before = "* 1 FETCH (BODY[] {9}\r\nx";
    let case = Case {
        client: "a FETCH 1 BODY[]\r\n",
        before,
        order: Order::Leave,
        behind: "23456789)\r\n* 2 EXISTS\r\na OK done\r\nz OK\r\n",
    };
    let (told, heard, ended, _) = play(&case).await;
    assert_eq!(told, format!("L1 OK\r\n{before}23456789)\r\n* 2 EXISTS\r\na OK done\r\nz OK\r\n{SHUTDOWN}"));
    assert_eq!(heard, "a FETCH 1 BODY[]\r\nz NOOP\r\n");
    assert_eq!(ended.why, Why::Ended(Ending::Shutdown));
}

#[tokio::test(start_paused = true)]
async fn a_literal_that_never_ends_is_not_waited_for() {
    let before = "* 1 FETCH (BODY[] {999999}\r\nx";
    let case = Case { client: "a FETCH 1 BODY[]\r\n", before, order: END, behind: "yz" };
    let (told, heard, ended, took) = play(&case).await;
    assert_eq!((told, heard.as_str()), (format!("L1 OK\r\n{before}yz"), "a FETCH 1 BODY[]\r\n"));
    assert_eq!(ended.why, Why::Ended(Ending::Revoked));
    assert!(took >= Duration::from_secs(3) && took < Duration::from_secs(4), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_holds_nothing_open() {
    let (near_client, client) = duplex(64);
    let (near_server, mut server) = duplex(1 << 16);
    let (session, bell) = with_bell(b"", b"L1 OK\r\n");
    let began = Instant::now();
    let gmail = async {
        server.write_all(&b"* 1 EXISTS\r\n".repeat(4000)).await.expect("sent");
        bell.ring(END);
        let mut heard = Vec::new();
        server.read_to_end(&mut heard).await.expect("read");
        assert!(heard.is_empty());
    };
    let (ended, ()) = tokio::join!(splice(near_client, near_server, session), gmail);
    assert_eq!(ended.why, Why::Ended(Ending::Revoked));
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_floods_and_does_not_read_is_not_read_either() {
    let (near_client, mut client) = duplex(64);
    let (near_server, mut server) = duplex(1 << 16);
    let (session, bell) = with_bell(b"", b"L1 OK\r\n");
    let peers = async {
        server.write_all(&b"* 1 EXISTS\r\n".repeat(100)).await.expect("sent");
        bell.ring(END);
        let mut sent = 0;
        while let Ok(octets) = client.write(b"a NOOP\r\n").await {
            sent += octets;
        }
        sent
    };
    let (ended, sent) = tokio::join!(splice(near_client, near_server, session), peers);
    assert_eq!(ended.why, Why::Ended(Ending::Revoked));
    assert!(sent < 1000, "{sent} octets were read for nothing");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_stays_is_left() {
    let (near_client, mut client) = duplex(1 << 16);
    let (near_server, _server) = duplex(1 << 16);
    let (session, bell) = with_bell(b"", b"L1 OK\r\n");
    bell.ring(END);
    let began = Instant::now();
    let ended = splice(near_client, near_server, session).await;
    assert_eq!((ended.why, began.elapsed().as_secs()), (Why::Ended(Ending::Revoked), 3));
    let mut told = String::new();
    client.read_to_string(&mut told).await.expect("read");
    assert_eq!(told, REVOKED);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_closed_says_no_word_more() {
    let before = "* 1 EXISTS\r\n";
    let (told, _, ended, took) =
        play(&Case { client: "", before, order: Order::Close, behind: "* 9 EXISTS\r\n" }).await;
    assert_eq!((told, ended.why), (format!("L1 OK\r\n{before}"), Why::Cut));
    assert!(took <= Duration::from_millis(101), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_half_sent_append_is_never_completed() {
    let client = "a APPEND Sent {20}\r\n";
    let (near_client, mut far_client) = duplex(1 << 16);
    let (near_server, mut server) = duplex(1 << 16);
    let (session, bell) = with_bell(client.as_bytes(), b"L1 OK\r\n");
    let peers = async {
        sleep(Duration::from_millis(1)).await;
        server.write_all(b"+ go\r\n").await.expect("sent");
        far_client.write_all(b"0123456789").await.expect("sent");
        sleep(Duration::from_millis(1)).await;
        bell.ring(END);
        sleep(Duration::from_millis(1)).await;
        let _gone = far_client.write_all(b"0123456789\r\nb NOOP\r\n").await;
        let mut heard = String::new();
        server.read_to_string(&mut heard).await.expect("read");
        heard
    };
    let (_, heard) = tokio::join!(splice(near_client, near_server, session), peers);
    assert_eq!(heard, format!("{client}0123456789"));
}

#[tokio::test(start_paused = true)]
async fn silence_is_told_before_the_end() {
    let (near_client, mut client) = duplex(1 << 16);
    let (near_server, _server) = duplex(1 << 16);
    let (session, _bell) = with_bell(b"", b"L1 OK\r\n");
    let peer = async {
        let mut told = String::new();
        closing(&mut client, &mut told).await.expect("read");
        told
    };
    let (ended, told) = tokio::join!(splice(near_client, near_server, session), peer);
    assert_eq!(told, "L1 OK\r\n* BYE Idle for too long, please connect again (ref k3x9)\r\n");
    assert_eq!(ended.why, Why::Idle);
}
