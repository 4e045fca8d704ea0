//! A client that speaks lines, for dialogues written out by hand.

use std::time::Duration;

use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::{TcpStream, ToSocketAddrs};

/// Longest wait for an answer.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A connection; in clear unless it was opened elsewhere.
pub struct Lines<S = TcpStream>(BufReader<S>);

impl Lines {
    /// Connects.
    #[expect(clippy::disallowed_methods, reason = "a test client of its own")]
    pub async fn connect(addr: impl ToSocketAddrs) -> Self {
        let stream = TcpStream::connect(addr).await.expect("the gateway listens");
        stream.set_nodelay(true).expect("a socket option");
        Self::over(stream)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Lines<S> {
    /// Speaks on a connection that is open.
    pub fn over(stream: S) -> Self {
        Self(BufReader::new(stream))
    }

    /// Sends bytes as they are, in one write.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.get_mut().write_all(bytes.as_ref()).await.expect("sent");
        self.0.get_mut().flush().await.expect("flushed");
    }

    /// The next line without its CRLF; empty at the end of the stream.
    pub async fn line(&mut self) -> String {
        let mut line = Vec::new();
        let read = self.0.read_until(b'\n', &mut line);
        tokio::time::timeout(PATIENCE, read).await.expect("an answer in time").expect("read");
        String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()
    }

    /// Lines up to and with the first that starts with `start`.
    pub async fn until(&mut self, start: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.line().await;
            assert!(!line.is_empty() || start.is_empty(), "the stream ended before {start:?}: {lines:?}");
            let last = line.starts_with(start);
            lines.push(line);
            if last {
                return lines;
            }
        }
    }

    /// Everything up to the end of the stream.
    pub async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        let read = self.0.read_to_end(&mut rest);
        tokio::time::timeout(PATIENCE, read).await.expect("an end in time").expect("read");
        String::from_utf8_lossy(&rest).into_owned()
    }

    /// Logs in with the tag `a`: the tagged answer, or nothing when the session
    /// ended first. A login that came just before a change may be let in and
    /// sent away before it is answered.
    pub async fn log_in(&mut self, user: &str, token: &str) -> String {
        self.send(format!("a LOGIN {user} {token}\r\n")).await;
        loop {
            let line = self.line().await;
            if line.is_empty() || line.starts_with("a ") {
                return line;
            }
        }
    }

    /// Sends a line and reads up to the answer that starts with `start`.
    pub async fn ask(&mut self, line: &str, start: &str) -> Vec<String> {
        self.send(format!("{line}\r\n")).await;
        self.until(start).await
    }
}
