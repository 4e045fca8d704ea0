//! Tokio's budget: a task that has used its own is told "nothing there".

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf, duplex};
use tokio::task::coop;

use super::script::session;
use crate::relay::imap::splice::splice;

/// A connection whose decrypted bytes lie ready, as TLS has them: reading them
/// takes no budget.
#[derive(Clone, Default)]
struct Decrypted {
    ready: Arc<Mutex<Vec<u8>>>,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl AsyncRead for Decrypted {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let bytes = std::mem::take(&mut *self.ready.lock().expect("sound"));
        if bytes.is_empty() {
            return Poll::Pending;
        }
        buf.put_slice(&bytes);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Decrypted {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.heard.lock().expect("sound").extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_used_up_budget_does_not_hide_what_has_arrived() {
    let (near, mut client) = duplex(4096);
    let gmail = Decrypted::default();
    let mut session = pin!(splice(near, gmail.clone(), session(b"", b"")));
    let mut once = async |drained: bool| {
        poll_fn(|cx| {
            while drained && coop::has_budget_remaining() {
                let _spent = pin!(coop::consume_budget()).poll(cx);
            }
            assert!(session.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        tokio::task::yield_now().await;
    };
    client.write_all(b"a APPEND s {11}\r\n").await.expect("sent");
    once(false).await;
    client.write_all(b"b").await.expect("sent");
    gmail.ready.lock().expect("sound").extend_from_slice(b"L1 OK\r\na NO\r\n");
    once(true).await;
    once(false).await;
    client.write_all(b" DELETE x\n\r\nc NOOP\r\n").await.expect("sent");
    once(false).await;
    let mut told = [0; 13];
    client.read_exact(&mut told).await.expect("read");
    let heard = String::from_utf8(gmail.heard.lock().expect("sound").clone()).expect("ASCII");
    assert_eq!(heard, "a APPEND s {11}\r\nc NOOP\r\n");
}
