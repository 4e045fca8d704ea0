//! A TLS session that holds no buffer while it rests.
//!
//! The library's own stream keeps four kilobytes from its first read on and
//! takes four kilobytes from the socket at a time. Here the library's
//! unbuffered interface works on scratch buffers of the worker thread:
//!
//! - A read takes from the socket as much as its reader has room for, so that
//!   many small records become one read; it never waits for more than there is.
//! - A write becomes full records and leaves at once. What the handshake left
//!   to say (a ticket) leaves with the first write, or before the first wait.
//! - Only what is incomplete, does not fit the reader, or could not be written
//!   is kept in the session: a read or a write of the sizes below. It is given
//!   back when it is empty.
//!
//! The end of the stream is clean only after the peer's `close_notify`.

mod read;
mod session;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

pub use self::session::Session;
use self::session::{Stage, Traffic, invalid, step};

/// Octets that one read takes from the socket at most.
const ARRIVING: usize = 68 * 1024;
/// Plain octets that one write takes at most: two full records.
const LEAVING: usize = 32 * 1024;
/// The largest record there is; a read has room for one.
const RECORD: usize = 16 * 1024 + 2048 + 5;
/// A flight of a handshake that is larger is none.
const FLIGHT: usize = 64 * 1024;

/// A connection under TLS.
pub struct Secured<S, C> {
    stream: S,
    session: C,
    /// From the peer: no whole record, or what the last reader had no room for.
    arrived: Vec<u8>,
    /// Decrypted, and not taken yet from `plain_at` on.
    plain: Vec<u8>,
    plain_at: usize,
    /// For the peer, and not written yet from `left_at` on.
    leaving: Vec<u8>,
    left_at: usize,
    /// The peer has said that nothing more comes.
    ended: bool,
    /// The peer was told so.
    closed: bool,
}

impl<S, C: Session> Secured<S, C>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    /// The handshake. It has no time limit of its own.
    ///
    /// # Errors
    /// The connection's, or the library's as `InvalidData`.
    pub async fn open(stream: S, session: C) -> io::Result<Self> {
        let mut this = Self {
            stream,
            session,
            arrived: Vec::new(),
            plain: Vec::new(),
            plain_at: 0,
            leaving: Vec::new(),
            left_at: 0,
            ended: false,
            closed: false,
        };
        let shaken = this.shake().await;
        if shaken.is_err() {
            // The alert that says why, if it can still be said.
            let _unheard = this.flush().await;
        }
        shaken.map(|()| this)
    }

    async fn shake(&mut self) -> io::Result<()> {
        loop {
            match self.advance(&mut |_| Ok(()))? {
                Stage::Again => {}
                Stage::Open if self.session.is_awaited() => return self.flush().await,
                Stage::Open => return Ok(()),
                Stage::Ended => return Err(cut_off()),
                Stage::Handshaking => {
                    self.flush().await?;
                    if self.arrived.len() > FLIGHT {
                        return Err(invalid("a handshake without an end"));
                    }
                    self.arrived.reserve(4096);
                    if self.stream.read_buf(&mut self.arrived).await? == 0 {
                        return Err(cut_off());
                    }
                }
            }
        }
    }

    /// One step of the library over what is kept.
    fn advance(&mut self, open: &mut Traffic<'_, C>) -> io::Result<Stage> {
        let Self { session, arrived, plain, leaving, .. } = self;
        let mut keep = |octets: &[u8]| plain.extend_from_slice(octets);
        let (taken, stage) = step(session, arrived, leaving, &mut keep, open);
        arrived.drain(..taken);
        if arrived.is_empty() {
            *arrived = Vec::new();
        }
        let stage = stage?;
        self.ended |= stage == Stage::Ended;
        Ok(stage)
    }

    /// The connection below.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The TLS session.
    pub fn session(&self) -> &C {
        &self.session
    }
}

impl<S: fmt::Debug, C> fmt::Debug for Secured<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secured").field("stream", &self.stream).finish_non_exhaustive()
    }
}

fn cut_off() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the peer closed without ending the TLS session")
}
