//! A line protocol on a TLS stream: buffered reading, and writing in the manner asked for.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_rustls::server::TlsStream;

pub(crate) type Secured = TlsStream<TcpStream>;

/// Where a client that never ends its line is cut off.
const MOST_BUFFERED: usize = 64 * 1024 * 1024;

/// How answers are written.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Manner {
    pub(crate) latency: Option<Duration>,
    pub(crate) byte_by_byte: bool,
}

/// One connection.
pub(crate) struct Wire {
    stream: Secured,
    pub(crate) input: Vec<u8>,
    pub(crate) manner: Manner,
}

impl Wire {
    pub(crate) fn new(stream: Secured) -> Self {
        Self { stream, input: Vec::new(), manner: Manner::default() }
    }

    /// Reads what has come; `false` at the end of the stream. Safe to cancel.
    pub(crate) async fn fill(&mut self) -> io::Result<bool> {
        if self.input.len() > MOST_BUFFERED {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        Ok(self.stream.read_buf(&mut self.input).await? > 0)
    }

    /// Takes a line out of what has been read, without its ending.
    pub(crate) fn line(&mut self) -> Option<Vec<u8>> {
        let end = self.input.iter().position(|byte| *byte == b'\n')?;
        let mut line: Vec<u8> = self.input.drain(..=end).collect();
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Some(line)
    }

    /// Writes one answer and sees it off.
    pub(crate) async fn send(&mut self, answer: &[u8]) -> io::Result<()> {
        if let Some(latency) = self.manner.latency {
            sleep(latency).await;
        }
        if !self.manner.byte_by_byte {
            self.stream.write_all(answer).await?;
            return self.stream.flush().await;
        }
        for byte in answer {
            self.stream.write_all(&[*byte]).await?;
            self.stream.flush().await?;
        }
        Ok(())
    }

    /// Ends the stream in good order.
    pub(crate) async fn close(&mut self) -> io::Result<()> {
        self.stream.shutdown().await
    }
}
