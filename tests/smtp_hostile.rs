//! Peers that send what nobody should, or nothing, or never read: each costs a
//! bounded time and gets an answer of the protocol.

use std::time::{Duration, Instant};

use postern::tasks::Phase;
use postern_sandbox::{SmtpFault, Verb};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::smtp_client::{ANNA, Client, eventually, rows, with_anna};
use crate::support::gateway::{Gateway, Setup};

const SILENT: &str = "421 4.4.2 Timeout, closing\r\n";

async fn with_limits(limits: &str) -> (Gateway, String) {
    let more = format!("[limits]\n{limits}\n");
    with_anna(Gateway::with(Setup { more, ..Setup::default() }).await).await
}

/// No connection of a client is left, nor one to Gmail.
async fn all_gone(gateway: &Gateway) {
    eventually("every connection is closed", async || {
        let left = gateway.parts.tasks.running(Phase::Sessions);
        (left == 0 && gateway.sandbox.google().open_connections() == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn lines_that_are_none() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    let long = "x".repeat(5_000);
    let auth = format!("AUTH PLAIN {}", "A".repeat(13_000));
    let cases = [
        ("NOOP\0\r\n".to_owned(), "500 5.5.2 "),
        ("\0\0\r\n".to_owned(), "500 5.5.2 "),
        ("NOOP\n".to_owned(), "500 5.5.2 "),
        ("NO\rOP\r\n".to_owned(), "500 5.5.2 "),
        ("NOOP\tx\r\n".to_owned(), "500 5.5.2 "),
        (format!("NOOP {long}\r\n"), "500 5.5.2 Line too long"),
        ("\r\n".to_owned(), "500 5.5.1 "),
        ("\u{16}\u{3}\u{1}\r\n".to_owned(), "500 5.5.2 "),
    ];
    let mut before = Client::greeted(&gateway).await;
    let mut after = Client::logged_in(&gateway, ANNA, &token).await;
    for client in [&mut before, &mut after] {
        for (line, start) in &cases {
            client.send(line).await;
            let told = client.answer().await;
            assert!(told.starts_with(start), "{:?}: {told}", &line[..line.len().min(20)]);
        }
        client.play(&[("NOOP", "250 ")]).await;
    }
    before.play(&[(&auth, "500 5.5."), ("AUTH PLAIN", "334 "), (&auth, "500 5.5.6 ")]).await;
    assert_eq!(before.login(ANNA, &token).await, "235 2.7.0 Accepted");
    after.play(&[("MAIL FROM:<anna@example.com>", "250 2.1.0 OK")]).await;
}

#[tokio::test]
async fn who_goes_on_is_sent_away() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    let nonsense = "nonsense\r\n".repeat(30);
    let endless = "x".repeat(400_000);
    for logged_in in [false, true] {
        for sent in [&nonsense, &endless] {
            let client = match logged_in {
                true => Client::logged_in(&gateway, ANNA, &token).await,
                false => Client::greeted(&gateway).await,
            };
            let (mut hears, mut speaks) = client.halves();
            // Reads only when it has said it all, and is still told why.
            speaks.write_all(sent.as_bytes()).await.expect("heard out");
            let mut told = String::new();
            hears.read_to_string(&mut told).await.expect("no reset");
            assert!(told.ends_with("421 4.7.0 Too many errors, closing\r\n"), "{logged_in}: {told}");
        }
    }
    all_gone(&gateway).await;
}

#[tokio::test]
async fn a_client_that_does_not_log_in_in_time() {
    let (gateway, _) = with_limits("preauth = \"1s\"").await;
    let silent = async |listener: usize| {
        let began = Instant::now();
        let client = Client::connect(gateway.smtp[listener]).await;
        let told = client.rest().await;
        // The second waits for a handshake: there is nobody to tell.
        assert_eq!(told.ends_with(SILENT), listener != 1, "{listener}: {told}");
        assert!(began.elapsed() < Duration::from_secs(5), "{listener}");
    };
    tokio::join!(silent(0), silent(1), silent(2), silent(3));
    // Being busy is not logging in.
    let (mut hears, mut speaks) = Client::greeted(&gateway).await.halves();
    let began = Instant::now();
    let busy = async { while speaks.write_all(&b"NOOP\r\n".repeat(200)).await.is_ok() {} };
    let mut told = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(10), async {
        tokio::join!(busy, hears.read_to_end(&mut told))
    })
    .await
    .expect("sent away");
    assert!(String::from_utf8(told).unwrap().ends_with(SILENT));
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    all_gone(&gateway).await;
}

#[tokio::test]
async fn a_client_that_never_reads() {
    let (gateway, token) = with_limits("preauth = \"1s\"\nsmtp_data = \"1s\"").await;
    let before = Client::greeted(&gateway).await;
    let after = Client::logged_in(&gateway, ANNA, &token).await;
    let flood = async |client: Client| {
        let (hears, mut speaks) = client.halves();
        let line = b"EHLO crm\r\n".repeat(1_000);
        while speaks.write_all(&line).await.is_ok() {}
        drop(hears);
    };
    let both = async { tokio::join!(flood(before), flood(after)) };
    tokio::time::timeout(Duration::from_secs(10), both).await.expect("hung up on");
    all_gone(&gateway).await;
}

#[tokio::test]
async fn a_session_that_stands_still() {
    let (gateway, token) =
        with_limits("smtp_command = \"5s\"\nsmtp_data = \"5s\"\nsmtp_verdict = \"5s\"").await;
    let google = gateway.sandbox.google();
    let mut idle = Client::logged_in(&gateway, ANNA, &token).await;
    let mut stuck = Client::logged_in(&gateway, ANNA, &token).await;
    let mut half = Client::logged_in(&gateway, ANNA, &token).await;
    let mut whole = Client::logged_in(&gateway, ANNA, &token).await;
    idle.send("NOO").await;
    half.open_message().await;
    half.send("From: anna@example.com\r\nMessage-ID: <half@crm>\r\n\r\nhel").await;
    whole.open_message().await;
    google.smtp_faults().next(SmtpFault::Hang(Verb::Verdict));
    whole.send("Message-ID: <whole@crm>\r\n\r\n.\r\n").await;
    google.smtp_faults().next(SmtpFault::Hang(Verb::Rset));
    stuck.send("RSET\r\n").await;
    let told = tokio::join!(idle.rest(), stuck.rest(), half.rest(), whole.answer());
    assert_eq!((told.0.as_str(), told.2.as_str()), (SILENT, SILENT));
    assert_eq!(told.1, "421 4.4.2 Connection to Gmail lost, try again\r\n");
    assert!(told.3.starts_with("451 4.4.2 delivery unknown"), "{}", told.3);
    let mut ends: Vec<String> = rows(&gateway, "message_sent", 2)
        .await
        .iter()
        .map(|row| format!("{} {}", row.detail["message_id"], row.detail["outcome"]))
        .collect();
    ends.sort();
    assert_eq!(ends, ["\"half@crm\" \"abandoned\"", "\"whole@crm\" \"unknown\""]);
    drop(whole);
    all_gone(&gateway).await;
    assert!(google.transactions().iter().all(|one| !one.complete || one.message.starts_with(b"Message-ID")));
}
