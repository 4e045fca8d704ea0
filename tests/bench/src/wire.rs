//! A connection that is read by lines; its buffer is given back at rest.

use anyhow::bail;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

const CHUNK: usize = 32 * 1024;

/// A connection with what was read of it.
pub struct Wire<S> {
    stream: S,
    buffer: Vec<u8>,
    at: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// A fresh connection.
    pub fn new(stream: S) -> Self {
        Self { stream, buffer: Vec::new(), at: 0 }
    }

    /// Sends and flushes.
    pub async fn send(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.stream.write_all(bytes).await?;
        Ok(self.stream.flush().await?)
    }

    /// Sends in pieces of at most `piece` octets: each becomes a TLS record.
    pub async fn send_in(&mut self, bytes: &[u8], piece: usize) -> anyhow::Result<()> {
        for part in bytes.chunks(piece) {
            self.stream.write_all(part).await?;
        }
        Ok(self.stream.flush().await?)
    }

    /// The next line without its end; `None` when the peer has closed.
    pub async fn line(&mut self) -> anyhow::Result<Option<String>> {
        let mut seen = self.at;
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.buffer[seen..]) {
                let line = String::from_utf8_lossy(&self.buffer[self.at..seen + end]);
                let line = line.trim_end_matches('\r').to_owned();
                self.at = seen + end + 1;
                return Ok(Some(line));
            }
            let kept = self.buffer.len() - self.at;
            if kept > 64 * 1024 {
                bail!("a line without an end");
            }
            if self.more().await? == 0 {
                return Ok(None);
            }
            seen = self.at + kept;
        }
    }

    /// The next line of a peer that must not close.
    pub async fn heard(&mut self) -> anyhow::Result<String> {
        match self.line().await? {
            Some(line) => Ok(line),
            None => bail!("the server closed"),
        }
    }

    /// Reads over `octets`.
    pub async fn skip(&mut self, mut octets: usize) -> anyhow::Result<()> {
        loop {
            let there = (self.buffer.len() - self.at).min(octets);
            self.at += there;
            octets -= there;
            if octets == 0 {
                return Ok(());
            }
            if self.more().await? == 0 {
                bail!("the peer closed in the middle");
            }
        }
    }

    /// The next `octets`.
    pub async fn text(&mut self, octets: usize) -> anyhow::Result<String> {
        while self.buffer.len() - self.at < octets {
            if self.more().await? == 0 {
                bail!("the peer closed in the middle");
            }
        }
        let text = String::from_utf8_lossy(&self.buffer[self.at..self.at + octets]).into_owned();
        self.at += octets;
        Ok(text)
    }

    /// Reads to the end of a message, CRLF.CRLF; says how many octets it had.
    pub async fn message(&mut self) -> anyhow::Result<usize> {
        const END: &[u8] = b"\r\n.\r\n";
        let mut octets = 0;
        loop {
            let rest = &self.buffer[self.at..];
            if let Some(end) = memchr::memmem::find(rest, END) {
                self.at += end + END.len();
                return Ok(octets + end);
            }
            let passed = rest.len().saturating_sub(END.len() - 1);
            self.at += passed;
            octets += passed;
            if self.more().await? == 0 {
                bail!("the peer closed within a message");
            }
        }
    }

    /// Gives the buffer back until something comes.
    pub fn rest(&mut self) {
        if self.at == self.buffer.len() {
            self.buffer = Vec::new();
            self.at = 0;
        }
    }

    /// Waits for the peer's end.
    pub async fn closed(mut self) {
        let _gone = self.stream.shutdown().await;
        while matches!(self.more().await, Ok(1..)) {
            self.at = self.buffer.len();
        }
    }

    async fn more(&mut self) -> anyhow::Result<usize> {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.buffer.reserve(CHUNK);
        Ok(self.stream.read_buf(&mut self.buffer).await?)
    }
}
