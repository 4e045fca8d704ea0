//! Messages that are too large, and sides that are lost while one is on its way.

use std::time::{Duration, Instant};

use postern_sandbox::{SmtpFault, Verb};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::smtp_client::{ANNA, Client, MESSAGE, eventually, rows, with_anna};
use crate::support::gateway::{Gateway, Setup};

const LIMIT: usize = 65_536;
const HEADER: &str = "From: anna@example.com\r\nMessage-ID: <big@crm>\r\n\r\n";

/// A message of so many octets, its final dot not counted.
fn message(octets: usize) -> Vec<u8> {
    let mut text = HEADER.as_bytes().to_vec();
    let mut line = 0_u32;
    while text.len() + 80 <= octets {
        line += 1;
        text.extend_from_slice(format!("{line:>76}\r\n").as_bytes());
    }
    text.resize(octets - 2, b'x');
    text.extend_from_slice(b"\r\n");
    text
}

async fn complete(gateway: &Gateway) -> usize {
    let google = gateway.sandbox.google();
    eventually("Gmail has seen the end", async || (google.open_connections() == 0).then_some(())).await;
    google.transactions().iter().filter(|one| one.complete).count()
}

#[tokio::test]
async fn a_message_that_is_too_large() {
    let more = format!("[limits]\nmessage_size = {LIMIT}\n");
    let (gateway, token) = with_anna(Gateway::with(Setup { more, ..Setup::default() }).await).await;
    let mut client = Client::logged_in(&gateway, ANNA, &token).await;
    let announced = format!("MAIL FROM:<anna@example.com> SIZE={}", LIMIT + 1);
    client
        .play(&[(&announced, "552 5.3.4 "), ("MAIL FROM:<a@x> SIZE=999999999999999999999", "552 5.3.4 ")])
        .await;

    for (octets, start) in
        [(LIMIT, "250 2.0.0 OK"), (LIMIT + 1, "552 5.3.4 "), (2 * LIMIT - 10, "552 5.3.4 ")]
    {
        client.open_message().await;
        client.send([message(octets).as_slice(), b".\r\n"].concat()).await;
        let told = client.answer().await;
        assert!(told.starts_with(start), "{octets}: {told}");
        if !told.starts_with("250") {
            client.play(&[("RSET", "421 4.3.0 ")]).await;
            client = Client::logged_in(&gateway, ANNA, &token).await;
        }
    }
    client.ask("QUIT").await;
    assert_eq!(complete(&gateway).await, 1);
    let told = rows(&gateway, "message_sent", 3).await;
    assert_eq!(told[0].detail["size"], LIMIT);
    assert_eq!(
        (&told[1].detail["outcome"], &told[1].detail["message_id"]),
        (&"refused".into(), &"big@crm".into())
    );
}

#[tokio::test]
async fn a_client_that_never_ends_its_message_reads_why_it_is_sent_away() {
    let more = format!("[limits]\nmessage_size = {LIMIT}\n");
    let (gateway, token) = with_anna(Gateway::with(Setup { more, ..Setup::default() }).await).await;
    let mut client = Client::logged_in(&gateway, ANNA, &token).await;
    client.open_message().await;
    let (mut read, mut write) = client.halves();
    let push = async {
        let piece = message(LIMIT);
        while write.write_all(&piece).await.is_ok() {}
    };
    let mut told = Vec::new();
    let (_, heard) = tokio::join!(push, read.read_to_end(&mut told));
    let told = String::from_utf8(told).unwrap();
    assert!(told.starts_with("552 5.3.4 "), "{told} {heard:?}");
    assert_eq!(complete(&gateway).await, 0);
}

#[tokio::test]
async fn gmail_is_lost_before_the_final_dot() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    let google = gateway.sandbox.google();
    for octets in [0, 1_000, 300_000] {
        google.smtp_faults().next_for(ANNA, SmtpFault::CloseInMessage(octets));
        let mut client = Client::logged_in(&gateway, ANNA, &token).await;
        client.open_message().await;
        client.send(message(octets + 1_000)).await;
        eventually("Gmail hangs up", async || (google.open_connections() == 0).then_some(())).await;
        client.send("the rest\r\n.\r\n").await;
        let told = client.answer().await;
        assert!(told.starts_with("451 4.4.2 Connection to Gmail lost before"), "{octets}: {told}");
        client.play(&[("QUIT", "221 ")]).await;
    }
    assert_eq!(complete(&gateway).await, 0);
    for row in rows(&gateway, "message_sent", 3).await {
        assert_eq!(row.detail["outcome"], "abandoned");
    }
}

#[tokio::test]
async fn gmail_is_lost_behind_the_final_dot() {
    let more = "[limits]\nsmtp_verdict = \"300ms\"\n".to_owned();
    let (gateway, token) = with_anna(Gateway::with(Setup { more, ..Setup::default() }).await).await;
    let half = SmtpFault::Reply(Verb::Verdict, "250-2.0.0 half an answer\r\n999 and nonsense".into());
    let ways =
        [SmtpFault::CloseAfterTaking, SmtpFault::Close(Verb::Verdict), SmtpFault::Hang(Verb::Verdict), half];
    for way in &ways {
        gateway.sandbox.google().smtp_faults().next_for(ANNA, way.clone());
        let mut client = Client::logged_in(&gateway, ANNA, &token).await;
        client.open_message().await;
        client.send(MESSAGE).await;
        let told = client.answer().await;
        let sentence = "451 4.4.2 delivery unknown, look in Sent before sending again (ref ";
        assert!(told.starts_with(sentence), "{way:?}: {told}");
        client.play(&[("RSET", "421 4.3.0 ")]).await;
    }
    for row in rows(&gateway, "message_sent", ways.len()).await {
        assert_eq!((&row.detail["outcome"], &row.detail["message_id"]), (&"unknown".into(), &"1@crm".into()));
    }
}

#[tokio::test]
async fn the_client_is_lost() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    let google = gateway.sandbox.google();
    for part in ["", "From: anna@example.com\r\n", "From: anna@example.com\r\n\r\nhello\r\n.", "x\r\n.\r"] {
        let mut client = Client::logged_in(&gateway, ANNA, &token).await;
        client.open_message().await;
        client.send(part).await;
    }
    assert_eq!(complete(&gateway).await, 0, "a message that the client did not end");
    for row in rows(&gateway, "message_sent", 4).await {
        assert_eq!(row.detail["outcome"], "abandoned");
    }

    google.smtp_faults().next_for(ANNA, SmtpFault::Latency(Duration::from_millis(100)));
    let mut client = Client::logged_in(&gateway, ANNA, &token).await;
    client.open_message().await;
    client.send(MESSAGE).await;
    drop(client);
    let last = rows(&gateway, "message_sent", 5).await.pop().unwrap();
    assert_eq!(last.detail["outcome"], "accepted", "the verdict is still worth a row");
}

#[tokio::test]
async fn a_message_of_25_mb_passes_as_it_is() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    let text = message(25 << 20);
    let mut client = Client::logged_in(&gateway, ANNA, &token).await;
    client.open_message().await;
    let began = Instant::now();
    client.send(&text).await;
    client.send(".\r\n").await;
    assert!(client.answer().await.starts_with("250 2.0.0 OK"));
    eprintln!("25 MiB passed in {} ms", began.elapsed().as_millis());
    let sent = gateway.sandbox.google().transactions();
    assert!(sent[0].complete && sent[0].raw == text, "byte-identical");
}
