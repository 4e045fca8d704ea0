//! One of a session's two connections, with what it said and nobody has used.

use std::io;
use std::time::Duration;

use postern_core::wire::smtp::READ_BUFFER;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

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
        let held = self.unread.len();
        self.unread.resize(held + READ_BUFFER, 0);
        let read = ReadInto { unread: &mut self.unread, held };
        let n = stream.read(read.unread.get_mut(held..).unwrap_or_default()).await;
        read.keep(n)
    }

    pub(super) async fn close(&mut self) {
        if let Some(mut stream) = self.stream.take() {
            let _last = tokio::time::timeout(Duration::from_secs(1), stream.shutdown()).await;
        }
        self.unread = Vec::new();
    }
}

/// Cuts the buffer back also when the read is cancelled.
struct ReadInto<'a> {
    unread: &'a mut Vec<u8>,
    held: usize,
}

impl ReadInto<'_> {
    fn keep(mut self, read: io::Result<usize>) -> io::Result<()> {
        match read? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            n => {
                self.held += n;
                Ok(())
            }
        }
    }
}

impl Drop for ReadInto<'_> {
    fn drop(&mut self) {
        self.unread.truncate(self.held);
    }
}
