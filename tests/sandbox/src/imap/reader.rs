//! Reading a command: lines, literals, and what may end a session meanwhile.

use std::io;
use std::time::Duration;

use tokio::time::sleep;

use super::fault::ImapFault;
use super::session::Session;
use super::words::announced;

/// Gmail's APPENDLIMIT.
pub(crate) const MOST_APPENDED: usize = 35_651_584;
/// LITERAL-: above this a client must wait for leave.
const MOST_UNASKED: usize = 4096;
const ONE_DAY: Duration = Duration::from_secs(86_400);

impl Session {
    /// The next command with its literals in place; `None` when a literal was refused.
    pub(super) async fn command(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut raw = Vec::new();
        loop {
            let line = self.line().await?;
            self.note(&line);
            raw.extend_from_slice(&line);
            let Some((size, waits)) = announced(&line) else {
                return Ok(Some(raw));
            };
            if let Some(refusal) = self.refusal(&raw, size, waits) {
                self.wire.send(refusal.as_bytes()).await?;
                if !waits {
                    // The octets are on their way and cannot be told from commands.
                    return self.end().await;
                }
                return Ok(None);
            }
            if waits {
                self.wire.send(b"+ go ahead\r\n").await?;
            }
            raw.extend_from_slice(b"\r\n");
            while self.wire.input.len() < size {
                self.wait().await?;
            }
            raw.extend(self.wire.input.drain(..size));
        }
    }

    fn refusal(&self, raw: &[u8], size: usize, waits: bool) -> Option<String> {
        let text = String::from_utf8_lossy(raw.get(..raw.len().min(200))?).into_owned();
        let mut words = text.split(' ');
        let tag = words.next().unwrap_or("*");
        let append = words.next().is_some_and(|it| it.eq_ignore_ascii_case("APPEND"));
        if size > MOST_APPENDED {
            return Some(format!("{tag} NO [TOOBIG] Message too large. (Failure)\r\n"));
        }
        if !waits && size > MOST_UNASKED {
            return Some(format!("{tag} BAD Literal too large\r\n"));
        }
        let faults = &self.google.imap_faults;
        let fits = |fault: &ImapFault| append && matches!(fault, ImapFault::RefuseAppend(_));
        match faults.take(self.email.as_deref(), fits)? {
            ImapFault::RefuseAppend(text) => Some(format!("{tag} {text}\r\n")),
            _ => None,
        }
    }

    /// The next line, without its ending.
    pub(super) async fn line(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(line) = self.wire.line() {
                return Ok(line);
            }
            self.wait().await?;
        }
    }

    /// Waits for input or for a bell. An end of the session comes out as an error.
    pub(super) async fn wait(&mut self) -> io::Result<()> {
        if self.is_over() {
            let bye = b"* BYE Session expired, please login again.\r\n";
            self.wire.send(bye).await?;
            return self.end().await;
        }
        let now = self.google.clock.now();
        let left = self.expires.map_or(ONE_DAY, |expires| expires.saturating_sub(now));
        let Self { wire, bell, turned, .. } = self;
        tokio::select! {
            filled = wire.fill() => match filled? {
                true => Ok(()),
                false => Err(io::ErrorKind::UnexpectedEof.into()),
            },
            _ = bell.changed() => Ok(()),
            _ = turned.changed() => Ok(()),
            () = sleep(left) => Ok(()),
        }
    }

    fn is_over(&self) -> bool {
        let expired = |expires: Duration| self.google.clock.now() >= expires;
        self.expires.is_some_and(expired) || self.google.sessions.kicked(self.number)
    }

    /// Closes the connection.
    pub(super) async fn end<T>(&mut self) -> io::Result<T> {
        self.wire.close().await?;
        Err(io::ErrorKind::ConnectionAborted.into())
    }

    /// Says nothing more, until the client goes.
    pub(super) async fn hang<T>(&mut self) -> io::Result<T> {
        loop {
            if !self.wire.fill().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.wire.input.clear();
        }
    }

    /// Notes a line in the transcript, without secrets.
    pub(super) fn note(&self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let words: Vec<&str> = text.split(' ').collect();
        let verb = words.get(1).map(|verb| verb.to_ascii_uppercase());
        let kept = match verb.as_deref() {
            Some("AUTHENTICATE") => 3,
            Some("LOGIN") => 2,
            _ => usize::MAX,
        };
        let mut shown: Vec<&str> = words.iter().copied().take(kept).collect();
        if shown.len() < words.len() {
            shown.push("<cut>");
        }
        self.google.sessions.heard(self.number, shown.join(" ").as_bytes());
    }
}
