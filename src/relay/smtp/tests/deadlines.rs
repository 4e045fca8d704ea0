//! Every time limit, to the second.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, sleep};

use super::bench::{Bench, TIMES};

const SILENT: &str = "421 4.4.2 Timeout, closing\r\n";
const LOST: &str = "421 4.4.2 Connection to Gmail lost, try again\r\n";
const UNKNOWN: &str = "451 4.4.2 delivery unknown, look in Sent before sending again (ref k3x9)\r\n";

/// The last words, and when they came.
async fn ends(mut bench: Bench, after: Duration, words: &str, outcomes: &[&str]) {
    let began = Instant::now();
    assert_eq!(bench.last_words().await, words);
    let took = began.elapsed();
    assert!(took >= after && took < after + Duration::from_secs(2), "{took:?} in place of {after:?}");
    assert_eq!(bench.outcomes(), outcomes);
    bench.session.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_that_says_nothing() {
    ends(Bench::new(), TIMES.command, SILENT, &[]).await;
    let mut bench = Bench::new();
    bench.exchange("MAIL FROM:<anna@example.com>\r\n", "250 2.1.0 OK\r\n").await;
    ends(bench, TIMES.command, SILENT, &["abandoned"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_command_that_trickles_has_one_limit() {
    let mut bench = Bench::new();
    let began = Instant::now();
    for octet in b"NOOP" {
        bench.client.write_all(&[*octet]).await.unwrap();
        sleep(Duration::from_secs(60)).await;
    }
    let left = TIMES.command - began.elapsed();
    ends(bench, left, SILENT, &[]).await;
}

#[tokio::test(start_paused = true)]
async fn a_gmail_that_answers_nothing() {
    let mut bench = Bench::new();
    bench.client.write_all(b"MAIL FROM:<anna@example.com>\r\n").await.unwrap();
    bench.gmail_hears("MAIL FROM:<anna@example.com>\r\n").await;
    ends(bench, TIMES.command, LOST, &[]).await;
}

#[tokio::test(start_paused = true)]
async fn a_message_may_trickle_but_not_stop() {
    let mut bench = Bench::new();
    bench.open_message().await;
    for _ in 0..10 {
        sleep(TIMES.data - Duration::from_secs(1)).await;
        bench.client.write_all(b"x\r\n").await.unwrap();
        bench.gmail_hears("x\r\n").await;
    }
    ends(bench, TIMES.data, SILENT, &["abandoned"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_gmail_that_was_slow_costs_the_client_nothing() {
    let mut bench = Bench::new();
    bench.open_message().await;
    // More than the stream to Gmail holds: the session waits while it writes.
    let piece = [b'x'; 1024];
    for _ in 0..70 {
        bench.client.write_all(&piece).await.unwrap();
    }
    sleep(TIMES.data - Duration::from_secs(1)).await;
    for _ in 0..70 {
        bench.gmail_hears(&"x".repeat(1024)).await;
    }
    sleep(TIMES.data - Duration::from_secs(1)).await;
    bench.client.write_all(b"\r\n.\r\n").await.unwrap();
    bench.gmail_hears("\r\n.\r\n").await;
}

#[tokio::test(start_paused = true)]
async fn a_verdict_that_never_comes() {
    for (waits, words) in [(1, "221 2.0.0 Bye\r\n"), (9, "221 2.0.0 Bye\r\n"), (11, SILENT)] {
        let mut bench = Bench::new();
        bench.open_message().await;
        bench.client.write_all(b".\r\n").await.unwrap();
        bench.gmail_hears(".\r\n").await;
        let began = Instant::now();
        bench.client_hears(UNKNOWN).await;
        let took = began.elapsed();
        assert!(took >= TIMES.verdict && took < TIMES.verdict + Duration::from_secs(2), "{took:?}");
        assert_eq!(bench.outcomes(), ["unknown"]);
        sleep(Duration::from_secs(waits)).await;
        let _gone = bench.client.write_all(b"QUIT\r\n").await;
        assert_eq!(bench.last_words().await, words, "{waits} s behind its answer");
    }
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_a_refused_message() {
    let mut bench = Bench::new();
    bench.open_message().await;
    bench.client.write_all(b"x\r\n").await.unwrap();
    sleep(TIMES.data - Duration::from_secs(1)).await;
    bench.client.write_all(b"a\nb\r\n").await.unwrap();
    for _ in 0..5 {
        sleep(TIMES.drain - Duration::from_secs(1)).await;
        bench.client.write_all(b"more\r\n").await.unwrap();
    }
    let words = "550 5.6.0 Message holds a bare LF, lines must end in CRLF; not sent\r\n";
    ends(bench, TIMES.drain, words, &["refused"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_gmail_lost_after_a_long_silence_leaves_time_to_end_the_message() {
    let mut bench = Bench::new();
    bench.open_message().await;
    sleep(TIMES.data - Duration::from_secs(1)).await;
    drop(bench.gmail);
    sleep(Duration::from_secs(5)).await;
    bench.client.write_all(b"x\r\n.\r\n").await.unwrap();
    let words = "451 4.4.2 Connection to Gmail lost before the message was complete; not sent, try again\r\n";
    let mut told = vec![0; words.len()];
    tokio::io::AsyncReadExt::read_exact(&mut bench.client, &mut told).await.unwrap();
    assert_eq!(String::from_utf8(told).unwrap(), words);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_reads() {
    let mut bench = Bench::new();
    let began = Instant::now();
    let line = b"HELP\r\n".repeat(10_000);
    let _gone = bench.client.write_all(&line).await;
    bench.session.await.unwrap();
    assert!(began.elapsed() >= TIMES.data && began.elapsed() < TIMES.data + Duration::from_secs(5));
}
