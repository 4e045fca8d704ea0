//! A session that is told to end, at each point of a transaction.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, sleep};

use super::bench::Bench;
use crate::relay::order::{Ending, Order};

const END: Order = Order::End(Ending::Revoked);
const REVOKED: &str = "421 4.7.0 This CRM token was revoked, ask your admin for a new one (ref k3x9)\r\n";
const SHUTDOWN: &str = "421 4.3.2 Service shutting down, try again\r\n";
const UNKNOWN: &str = "451 4.4.2 delivery unknown, look in Sent before sending again (ref k3x9)\r\n";
const MOMENT: Duration = Duration::from_millis(10);

/// The session's last words to client and Gmail, and how its messages ended.
async fn ends(mut bench: Bench, words: &str, gmail_heard: &str, outcomes: &[&str]) {
    assert_eq!(bench.last_words().await, words);
    let mut heard = String::new();
    bench.gmail.read_to_string(&mut heard).await.unwrap();
    assert_eq!(heard, gmail_heard);
    assert_eq!(bench.outcomes(), outcomes);
    drop(bench.client);
    bench.session.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn outside_a_transaction_both_orders_end_at_once() {
    for (order, words, last) in [(END, REVOKED, ""), (Order::Leave, SHUTDOWN, "QUIT\r\n")] {
        let bench = Bench::new();
        sleep(MOMENT).await;
        bench.bell.ring(order);
        let began = Instant::now();
        ends(bench, words, last, &[]).await;
        assert!(began.elapsed() < Duration::from_secs(1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_revoked_message_never_gets_its_dot() {
    let mut bench = Bench::new();
    bench.open_message().await;
    bench.client.write_all(b"From: anna@example.com\r\n\r\nhal").await.unwrap();
    bench.gmail_hears("From: anna@example.com\r\n\r\nhal").await;
    bench.bell.ring(END);
    sleep(MOMENT).await;
    let _gone = bench.client.write_all(b"f\r\n.\r\n").await;
    let began = Instant::now();
    ends(bench, REVOKED, "", &["abandoned"]).await;
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_verdict_is_waited_for() {
    for (order, words, last) in [(END, REVOKED, "QUIT\r\n"), (Order::Leave, SHUTDOWN, "QUIT\r\n")] {
        let mut bench = Bench::new();
        bench.open_message().await;
        bench.client.write_all(b"x\r\n.\r\n").await.unwrap();
        bench.gmail_hears("x\r\n.\r\n").await;
        bench.bell.ring(order);
        sleep(Duration::from_secs(20)).await;
        bench.gmail.write_all(b"250 2.0.0 OK\r\n").await.unwrap();
        ends(bench, &format!("250 2.0.0 OK\r\n{words}"), last, &["accepted"]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_verdict_is_not_waited_for_for_ever() {
    for (order, least, most) in [(END, 30, 31), (Order::End(Ending::Shutdown), 1, 3), (Order::Close, 0, 1)] {
        let mut bench = Bench::new();
        bench.open_message().await;
        bench.client.write_all(b"x\r\n.\r\n").await.unwrap();
        bench.gmail_hears("x\r\n.\r\n").await;
        bench.bell.ring(order);
        let began = Instant::now();
        ends(bench, UNKNOWN, "", &["unknown"]).await;
        let took = began.elapsed().as_secs();
        assert!((least..=most).contains(&took), "{order:?}: {took} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_transaction_may_finish_when_the_node_stops() {
    let mut bench = Bench::new();
    bench.open_message().await;
    bench.bell.ring(Order::Leave);
    sleep(Duration::from_secs(20)).await;
    bench.client.write_all(b"x\r\n.\r\nMAIL FROM:<anna@example.com>\r\n").await.unwrap();
    bench.gmail_hears("x\r\n.\r\n").await;
    bench.gmail.write_all(b"250 2.0.0 OK\r\n").await.unwrap();
    ends(bench, &format!("250 2.0.0 OK\r\n{SHUTDOWN}"), "QUIT\r\n", &["accepted"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_transaction_that_does_not_finish_is_ended_at_the_deadline() {
    let mut bench = Bench::new();
    bench.open_message().await;
    bench.bell.ring(Order::Leave);
    sleep(Duration::from_secs(20)).await;
    bench.bell.ring(Order::End(Ending::Shutdown));
    ends(bench, SHUTDOWN, "", &["abandoned"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_holds_nothing_open() {
    let mut bench = Bench::new();
    let line = b"HELP\r\n".repeat(5_000);
    // More answers than the pipe to the client holds.
    let _full = tokio::time::timeout(Duration::from_secs(1), bench.client.write_all(&line)).await;
    bench.bell.ring(END);
    let began = Instant::now();
    let mut heard = String::new();
    bench.gmail.read_to_string(&mut heard).await.unwrap();
    bench.session.await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_gmail_that_does_not_read_holds_nothing_open() {
    let mut bench = Bench::new();
    bench.open_message().await;
    let piece = vec![b'x'; 1 << 20];
    let _full = tokio::time::timeout(Duration::from_secs(1), bench.client.write_all(&piece)).await;
    bench.bell.ring(END);
    let began = Instant::now();
    assert!(bench.last_words().await.starts_with("4"));
    drop(bench.client);
    bench.session.await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
