//! What is written together, what is held back, and what is noticed at once.

use std::io;
use std::pin::Pin;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf, split};
use tokio::time::{Instant, sleep};

use super::bench::{Bench, PIPE, TIMES};

/// What the session did to its connection to Gmail.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Done {
    Write(Vec<u8>),
    Flush,
}

/// Notes what is done; can refuse to flush, as TLS does over a full socket.
struct Recorded {
    stream: DuplexStream,
    done: Arc<Mutex<Vec<Done>>>,
    flushes: Arc<AtomicBool>,
}

impl AsyncRead for Recorded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Recorded {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let Poll::Ready(Ok(octets)) = polled {
            self.done.lock().unwrap().push(Done::Write(bytes[..octets].to_vec()));
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.done.lock().unwrap().push(Done::Flush);
        if self.flushes.load(Relaxed) { Pin::new(&mut self.stream).poll_flush(cx) } else { Poll::Pending }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[tokio::test(start_paused = true)]
async fn the_final_dot_is_a_write_of_its_own() {
    let done: Arc<Mutex<Vec<Done>>> = Arc::default();
    let record = done.clone();
    let mut bench =
        Bench::with(b"", |stream| Recorded { stream, done: record, flushes: Arc::new(true.into()) });
    bench.open_message().await;
    let message = "From: anna@example.com\r\n\r\nhello\r\n";
    bench.client.write_all(format!("{message}.\r\nRSET\r\n").as_bytes()).await.unwrap();
    bench.gmail_hears(&format!("{message}.\r\n")).await;
    sleep(Duration::from_secs(1)).await;
    let dot = Done::Write(b".\r\n".to_vec());
    let before: Vec<Done> = done.lock().unwrap().clone();
    assert_eq!(before.last(), Some(&Done::Flush), "nothing goes up before the verdict");
    let at = before.iter().position(|one| *one == dot).expect("the dot alone");
    assert_eq!(before[at - 1], Done::Flush, "what belongs to the message has left before");
    bench.gmail.write_all(b"250 2.0.0 OK\r\n").await.unwrap();
    bench.gmail_hears("RSET\r\n").await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_gmail_holds_the_client_back() {
    let bench = Bench::new();
    let (mut hears, mut speaks) = split(bench.client);
    let (mut gmail_hears, mut gmail_speaks) = split(bench.gmail);
    let size = 25 << 20;
    let pushed = Mutex::new(0_usize);
    let client = async {
        speaks.write_all(b"MAIL FROM:<anna@example.com>\r\nDATA\r\n").await.unwrap();
        let line = [b'x'; 1024];
        while *pushed.lock().unwrap() < size {
            speaks.write_all(&line).await.unwrap();
            *pushed.lock().unwrap() += line.len();
        }
        speaks.write_all(b"\r\n.\r\n").await.unwrap();
    };
    let gmail = async {
        let mut buffer = vec![0; PIPE];
        for (line, answer) in [("MAIL FROM:<anna@example.com>\r\n", "250 OK\r\n"), ("DATA\r\n", "354 Go\r\n")]
        {
            gmail_hears.read_exact(&mut buffer[..line.len()]).await.unwrap();
            gmail_speaks.write_all(answer.as_bytes()).await.unwrap();
        }
        let mut heard = 0;
        let mut most = 0;
        while heard < size + 5 {
            sleep(Duration::from_secs(1)).await;
            most = most.max(pushed.lock().unwrap().saturating_sub(heard));
            heard += gmail_hears.read(&mut buffer).await.unwrap();
        }
        gmail_speaks.write_all(b"250 OK\r\n").await.unwrap();
        most
    };
    let answers = async {
        let mut told = [0; 24];
        hears.read_exact(&mut told).await.unwrap();
        assert_eq!(&told, b"250 OK\r\n354 Go\r\n250 OK\r\n");
    };
    let ((), most, ()) = tokio::join!(client, gmail, answers);
    // Both streams full, and what the session itself may hold.
    assert!(most <= 2 * PIPE + 2 * 16 * 1024, "{most} octets on the way");
}

#[tokio::test(start_paused = true)]
async fn a_gmail_that_takes_nothing_more_is_lost() {
    let mut bench = Bench::new();
    bench.open_message().await;
    let began = Instant::now();
    let (mut hears, mut speaks) = split(bench.client);
    let client = async {
        let line = [b'x'; 1024];
        for _ in 0..300 {
            speaks.write_all(&line).await.unwrap();
        }
        speaks.write_all(b"\r\n.\r\n").await.unwrap();
    };
    let mut told = [0; 41];
    let (_, heard) = tokio::join!(client, hears.read_exact(&mut told));
    heard.unwrap();
    assert_eq!(&told[..], b"451 4.4.2 Connection to Gmail lost before".as_slice());
    assert!(began.elapsed() >= TIMES.data && began.elapsed() < TIMES.data + TIMES.drain);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_cannot_flush_is_lost() {
    let flushes: Arc<AtomicBool> = Arc::new(true.into());
    let (done, still) = (Arc::default(), flushes.clone());
    let mut bench = Bench::with(b"", |stream| Recorded { stream, done, flushes: still });
    bench.open_message().await;
    flushes.store(false, Relaxed);
    bench.client.write_all(b"From: anna@example.com\r\n").await.unwrap();
    let began = Instant::now();
    sleep(TIMES.data + Duration::from_secs(5)).await;
    bench.client.write_all(b"\r\n.\r\n").await.unwrap();
    let mut told = [0; 41];
    tokio::time::timeout(TIMES.data, bench.client.read_exact(&mut told)).await.expect("an answer").unwrap();
    assert_eq!(told.as_slice(), b"451 4.4.2 Connection to Gmail lost before");
    assert!(began.elapsed() < TIMES.data + TIMES.drain);
}

#[tokio::test(start_paused = true)]
async fn no_final_dot_for_a_gmail_that_is_gone() {
    // Both are there when the session looks: what it takes first must not be chance.
    for _ in 0..32 {
        let mut bench = Bench::new();
        bench.open_message().await;
        bench.client.write_all(b"From: anna@example.com\r\n\r\n").await.unwrap();
        bench.gmail_hears("From: anna@example.com\r\n\r\n").await;
        let (gone, mut left) = split(bench.gmail);
        left.shutdown().await.unwrap();
        bench.client.write_all(b"hello\r\n.\r\n").await.unwrap();
        let mut told = vec![0; 41];
        bench.client.read_exact(&mut told).await.unwrap();
        assert_eq!(String::from_utf8(told).unwrap(), "451 4.4.2 Connection to Gmail lost before");
        drop(gone);
    }
}
