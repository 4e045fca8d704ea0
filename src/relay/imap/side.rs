//! One side of a relay: its connection, and what waits on it in either
//! direction. A side that takes nothing any more is deaf, which is no error:
//! what it had said may still have to be read.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};

use crate::relay::scratch;

/// What was read at one go.
pub(super) struct Gathered {
    pub(super) octets: usize,
    /// Nothing comes behind it.
    pub(super) ended: bool,
}

/// A connection with what waits on it.
pub(super) struct Side<S> {
    stream: S,
    /// Read, not taken by the core yet.
    pub(super) unread: Vec<u8>,
    /// To be written.
    pub(super) tail: Vec<u8>,
    written: usize,
    /// Octets written.
    pub(super) octets: u64,
    dirty: bool,
    /// Nothing more comes from it.
    pub(super) ended: bool,
    /// It takes nothing any more; what is for it is dropped.
    pub(super) deaf: bool,
    /// It was told that nothing more comes.
    pub(super) shut: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Side<S> {
    /// A connection of which this was read already.
    pub(super) fn new(stream: S, unread: Vec<u8>) -> Self {
        Self {
            stream,
            unread,
            tail: Vec::new(),
            written: 0,
            octets: 0,
            dirty: false,
            ended: false,
            deaf: false,
            shut: false,
        }
    }

    /// Nothing more will come of it.
    pub(super) fn is_done(&self) -> bool {
        self.ended && self.unread.is_empty()
    }

    /// Writes at once what can be written and keeps the rest.
    pub(super) fn put(&mut self, cx: &mut Context<'_>, mut bytes: &[u8]) {
        while !self.deaf && self.tail.is_empty() && !bytes.is_empty() {
            match Pin::new(&mut self.stream).poll_write(cx, bytes) {
                Poll::Ready(Ok(n @ 1..)) => {
                    self.wrote(n);
                    bytes = bytes.get(n..).unwrap_or_default();
                }
                Poll::Ready(Ok(_) | Err(_)) => self.deafen(),
                Poll::Pending => break,
            }
        }
        if !self.deaf {
            self.tail.extend_from_slice(bytes);
        }
    }

    /// Writes what was kept; ready when nothing is left.
    pub(super) fn poll_drained(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.written < self.tail.len() {
            let rest = self.tail.get(self.written..).unwrap_or_default();
            match ready!(Pin::new(&mut self.stream).poll_write(cx, rest)) {
                Ok(n @ 1..) => {
                    self.wrote(n);
                    self.written += n;
                }
                Ok(_) | Err(_) => self.deafen(),
            }
        }
        if self.written > 0 {
            self.tail = Vec::new();
            self.written = 0;
        }
        Poll::Ready(())
    }

    /// Flushes what was written; after the other side's end also says so.
    pub(super) fn poll_settled(&mut self, cx: &mut Context<'_>, finish: bool) -> Poll<()> {
        ready!(self.poll_drained(cx));
        if self.dirty && !self.deaf {
            let flushed = ready!(Pin::new(&mut self.stream).poll_flush(cx));
            self.dirty = false;
            if flushed.is_err() {
                self.deafen();
            }
        }
        if finish && !self.shut {
            let _told = ready!(Pin::new(&mut self.stream).poll_shutdown(cx));
            self.shut = true;
        }
        Poll::Ready(())
    }

    /// Reads into `space`; 0 at the end of the stream.
    pub(super) fn poll_more(&mut self, cx: &mut Context<'_>, space: &mut [u8]) -> Poll<io::Result<usize>> {
        scratch::poll_read(&mut self.stream, cx, space)
    }

    /// Reads once, or until nothing more is there or `space` is full.
    pub(super) fn poll_gathered(&mut self, cx: &mut Context<'_>, space: &mut [u8], again: bool) -> Gathered {
        let mut octets = 0;
        while let Some(rest) = space.get_mut(octets..).filter(|rest| !rest.is_empty()) {
            match self.poll_more(cx, rest) {
                Poll::Ready(Ok(n @ 1..)) => octets += n,
                Poll::Ready(Ok(_) | Err(_)) => return Gathered { octets, ended: true },
                Poll::Pending => break,
            }
            if !again {
                break;
            }
        }
        Gathered { octets, ended: false }
    }

    fn wrote(&mut self, n: usize) {
        self.dirty = true;
        self.octets += n as u64;
    }

    fn deafen(&mut self) {
        self.deaf = true;
        self.tail = Vec::new();
        self.written = 0;
    }
}
