//! One of a session's two connections, with what it said and nobody has used.

use std::future::poll_fn;
use std::io;
use std::task::{Poll, ready};
use std::time::Duration;

use postern_core::wire::smtp::READ_BUFFER;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use crate::relay::scratch;

/// One connection of the two.
pub(super) struct Side<S> {
    /// `None` when it is closed.
    pub(super) stream: Option<S>,
    pub(super) unread: Vec<u8>,
    /// Written so far.
    pub(super) octets: u64,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Side<S> {
    pub(super) fn new(stream: S, unread: Vec<u8>) -> Self {
        Self { stream: Some(stream), unread, octets: 0 }
    }

    pub(super) async fn write(&mut self, bytes: &[u8], flush: bool) -> io::Result<()> {
        let stream = self.stream.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        self.octets += bytes.len() as u64;
        stream.write_all(bytes).await?;
        if flush { stream.flush().await } else { Ok(()) }
    }

    pub(super) async fn flush(&mut self) -> io::Result<()> {
        self.stream.as_mut().ok_or(io::ErrorKind::NotConnected)?.flush().await
    }

    /// Reads more; never ends when the connection is closed, so that it can
    /// stand beside another in a select.
    pub(super) async fn read(&mut self, more: bool) -> io::Result<()> {
        let (Some(stream), true) = (self.stream.as_mut(), more) else {
            return std::future::pending().await;
        };
        let unread = &mut self.unread;
        // Read at once or not at all: a session that waits holds no buffer.
        let read = poll_fn(|cx| {
            scratch::with(|space| {
                let space = space.get_mut(..READ_BUFFER).unwrap_or_default();
                let octets = ready!(scratch::poll_read(stream, cx, space))?;
                unread.extend_from_slice(space.get(..octets).unwrap_or_default());
                Poll::Ready(io::Result::Ok(octets))
            })
        });
        if read.await? > 0 { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    pub(super) async fn close(&mut self) {
        if let Some(mut stream) = self.stream.take() {
            let _last = tokio::time::timeout(Duration::from_secs(1), stream.shutdown()).await;
        }
        self.unread = Vec::new();
    }
}
