//! What Gmail sent in small records leaves in large ones, and no buffer stays.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::script::session;
use crate::relay::imap::splice::splice;

/// Gives one record at a read, as TLS does, and notes the size of each write.
#[derive(Clone, Default)]
struct Records {
    ready: Arc<Mutex<VecDeque<Vec<u8>>>>,
    writes: Arc<Mutex<Vec<usize>>>,
    flushes: Arc<Mutex<usize>>,
    ends: bool,
}

impl AsyncRead for Records {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut ready = self.ready.lock().expect("sound");
        let Some(mut record) = ready.pop_front() else {
            return if self.ends { Poll::Ready(Ok(())) } else { Poll::Pending };
        };
        let rest = record.split_off(record.len().min(buf.remaining()));
        buf.put_slice(&record);
        if !rest.is_empty() {
            ready.push_front(rest);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Records {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.writes.lock().expect("sound").push(bytes.len());
        Poll::Ready(Ok(bytes.len()))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        *self.flushes.lock().expect("sound") += 1;
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// The writes of a relay over a message that comes in such records.
async fn writes(sizes: &[usize], total: usize) -> Vec<usize> {
    let start = format!("L1 OK\r\n* 1 FETCH (BODY[] {{{total}}}\r\n").into_bytes();
    let mut message = start;
    message.resize(message.len() + total, b'x');
    message.extend_from_slice(b")\r\na OK\r\n");
    let mut ready = VecDeque::new();
    let mut sizes = sizes.iter().copied().cycle();
    let mut rest = message.as_slice();
    while !rest.is_empty() {
        let (record, more) = rest.split_at(sizes.next().expect("a size").min(rest.len()));
        ready.push_back(record.to_vec());
        rest = more;
    }
    let gmail = Records { ready: Arc::new(Mutex::new(ready)), ends: true, ..Records::default() };
    let client = Records::default();
    let _ended = tokio::time::timeout(
        std::time::Duration::from_secs(60),
        splice(client.clone(), gmail, session(b"", b"")),
    )
    .await;
    let writes = client.writes.lock().expect("sound").clone();
    assert_eq!(writes.iter().sum::<usize>(), message.len());
    writes
}

#[tokio::test(start_paused = true)]
async fn small_records_are_gathered() {
    let total = 1 << 20;
    for sizes in [&[4096][..], &[22, 1024], &[1], &[16_384], &[65_536]] {
        let writes = writes(sizes, total).await;
        let fewest = total.div_ceil(64 * 1024);
        assert!(writes.len() <= fewest + 3, "{} writes of records of {sizes:?}", writes.len());
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_there_is_not_waited_with() {
    let (client, gmail) = (Records::default(), Records::default());
    let mut relaying = Box::pin(splice(client.clone(), gmail.clone(), session(b"", b"")));
    for line in [&b"L1 OK\r\n"[..], b"* 1 EXISTS\r\n"] {
        gmail.ready.lock().expect("sound").push_back(line.to_vec());
        let before = client.writes.lock().expect("sound").len();
        std::future::poll_fn(|cx| {
            assert!(relaying.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        assert_eq!(client.writes.lock().expect("sound")[before..], [line.len()]);
    }
    assert_eq!(*client.flushes.lock().expect("sound"), 2);
}
