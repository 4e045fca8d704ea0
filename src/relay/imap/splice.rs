//! The relay after login: one future, both directions, no buffer while idle.
//!
//! Each poll reads into a scratch buffer of its worker thread, shows the bytes
//! to the core and writes what leaves at once. Only what could not be written,
//! or what the core does not take yet (the literal gate), is kept in the
//! session, bounded, and given back to the allocator when it is empty.
//!
//! While the gate is closed everything the client has sent is read before
//! anything of the server is shown to the core: whether a byte had arrived
//! decides what it is. After the end of one side the other has ten seconds.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use postern_core::wire::imap::relay::{Fault, Flow, Relay};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

const SCRATCH: usize = 64 * 1024;
// Bytes of a client that the core does not take yet.
const HELD: usize = 64 * 1024;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; SCRATCH]);
}

/// Time limits of a relay.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Without a byte on either side.
    pub idle: Duration,
    /// For one side after the end of the other.
    pub linger: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self { idle: Duration::from_secs(31 * 60), linger: Duration::from_secs(10) }
    }
}

/// Why a relay ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The client closed.
    Client,
    /// Gmail closed.
    Upstream,
    /// Nothing was said for too long.
    Idle,
    /// A side did not finish in time after the end of the other.
    Linger,
    /// A side's bytes are no IMAP.
    Fault(Fault),
    /// A connection broke.
    Broken,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client => f.write_str("the client closed"),
            Self::Upstream => f.write_str("Gmail closed"),
            Self::Idle => f.write_str("idle for too long"),
            Self::Linger => f.write_str("one side did not end after the other"),
            Self::Fault(fault) => write!(f, "protocol fault: {fault}"),
            Self::Broken => f.write_str("a connection broke"),
        }
    }
}

/// What a relay did.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    /// Why it ended.
    pub why: Why,
    /// Octets to Gmail.
    pub up: u64,
    /// Octets to the client.
    pub down: u64,
    /// Gmail said BYE.
    pub bye: bool,
}

/// Relays until both sides are done. The two byte strings were read before the
/// hand-over and go first.
pub fn splice<C, U>(
    client: C,
    upstream: U,
    relay: Relay,
    from_client: Vec<u8>,
    from_upstream: Vec<u8>,
    times: Times,
) -> impl Future<Output = Ended>
where
    C: AsyncRead + AsyncWrite + Unpin,
    U: AsyncRead + AsyncWrite + Unpin,
{
    Splice {
        client: Side { unread: from_client, ..Side::new(client) },
        upstream: Side { unread: from_upstream, ..Side::new(upstream) },
        relay,
        times,
        last: Instant::now(),
        timer: Box::pin(tokio::time::sleep(times.idle)),
    }
}

/// A connection with what waits on it.
struct Side<S> {
    stream: S,
    /// Read, not taken by the core yet.
    unread: Vec<u8>,
    /// To be written.
    tail: Vec<u8>,
    written: usize,
    octets: u64,
    dirty: bool,
    ended: bool,
    shut: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Side<S> {
    fn new(stream: S) -> Self {
        Self {
            stream,
            unread: Vec::new(),
            tail: Vec::new(),
            written: 0,
            octets: 0,
            dirty: false,
            ended: false,
            shut: false,
        }
    }

    /// Writes at once what can be written and keeps the rest.
    fn put(&mut self, cx: &mut Context<'_>, mut bytes: &[u8]) -> io::Result<()> {
        while self.tail.is_empty() && !bytes.is_empty() {
            match Pin::new(&mut self.stream).poll_write(cx, bytes) {
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(n)) => {
                    self.dirty = true;
                    self.octets += n as u64;
                    bytes = bytes.get(n..).unwrap_or_default();
                }
                Poll::Ready(Err(e)) => return Err(e),
                Poll::Pending => break,
            }
        }
        self.tail.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes what was kept; ready when nothing is left.
    fn poll_drained(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.tail.len() {
            let rest = self.tail.get(self.written..).unwrap_or_default();
            let n = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            if n == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.dirty = true;
            self.octets += n as u64;
            self.written += n;
        }
        if self.written > 0 {
            self.tail = Vec::new();
            self.written = 0;
        }
        Poll::Ready(Ok(()))
    }

    /// Flushes what was written; after the other side's end also says so.
    fn poll_settled(&mut self, cx: &mut Context<'_>, finish: bool) -> Poll<io::Result<()>> {
        ready!(self.poll_drained(cx))?;
        if self.dirty {
            ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
            self.dirty = false;
        }
        if finish && !self.shut {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            self.shut = true;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_more(&mut self, cx: &mut Context<'_>, scratch: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(scratch);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }
}

struct Splice<C, U> {
    client: Side<C>,
    upstream: Side<U>,
    relay: Relay,
    times: Times,
    last: Instant,
    timer: Pin<Box<Sleep>>,
}

type Outcome = Result<bool, Why>;

impl<C, U> Future for Splice<C, U>
where
    C: AsyncRead + AsyncWrite + Unpin,
    U: AsyncRead + AsyncWrite + Unpin,
{
    type Output = Ended;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended> {
        let this = self.get_mut();
        let why = match this.turn(cx) {
            Ok(None) => match this.poll_time(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(why) => why,
            },
            Ok(Some(why)) | Err(why) => why,
        };
        Poll::Ready(Ended {
            why,
            up: this.upstream.octets,
            down: this.client.octets,
            bye: this.relay.server_said_bye(),
        })
    }
}

impl<C, U> Splice<C, U>
where
    C: AsyncRead + AsyncWrite + Unpin,
    U: AsyncRead + AsyncWrite + Unpin,
{
    /// Moves bytes until neither side can go on. Says when all is done.
    fn turn(&mut self, cx: &mut Context<'_>) -> Result<Option<Why>, Why> {
        // A bulk transfer must let the other sessions of this thread run.
        for _ in 0..32 {
            let mut moved = self.pump_client(cx)?;
            // What has arrived is read before the server's answer is shown: it decides what it is.
            while self.relay.gate_closed() && self.pump_client(cx)? {
                moved = true;
            }
            moved |= self.pump_upstream(cx)?;
            if moved {
                self.last = Instant::now();
                continue;
            }
            return self.settle(cx);
        }
        cx.waker().wake_by_ref();
        Ok(None)
    }

    fn settle(&mut self, cx: &mut Context<'_>) -> Result<Option<Why>, Why> {
        let client_done = self.client.ended && self.client.unread.is_empty();
        let upstream_done = self.upstream.ended && self.upstream.unread.is_empty();
        let up = self.upstream.poll_settled(cx, client_done);
        let down = self.client.poll_settled(cx, upstream_done);
        match (up, down) {
            // What Gmail can no longer hear is not worth a session.
            (Poll::Ready(Err(_)), _) if !self.upstream.ended => self.upstream.tail = Vec::new(),
            (Poll::Ready(Err(_)), _) => {}
            (_, Poll::Ready(Err(_))) => return Err(Why::Broken),
            (_, Poll::Ready(Ok(()))) if upstream_done => return Ok(Some(Why::Upstream)),
            (Poll::Ready(Ok(())), _) if client_done && self.upstream.ended => return Ok(Some(Why::Client)),
            _ => {}
        }
        Ok(None)
    }

    fn pump_client(&mut self, cx: &mut Context<'_>) -> Outcome {
        if self.upstream.poll_drained(cx).map_err(|_| Why::Broken)?.is_pending() {
            return Ok(false);
        }
        if !self.client.unread.is_empty() {
            let mut unread = std::mem::take(&mut self.client.unread);
            let taken = self.show_client(cx, &unread)?;
            unread.drain(..taken);
            let more = !unread.is_empty();
            self.client.unread = if more { unread } else { Vec::new() };
            if taken > 0 {
                return Ok(true);
            }
        }
        if self.client.ended || self.client.unread.len() >= HELD || !self.upstream.tail.is_empty() {
            return Ok(false);
        }
        BUFFER.with_borrow_mut(|scratch| {
            let space = HELD - self.client.unread.len();
            let scratch = scratch.get_mut(..space).unwrap_or_default();
            match self.client.poll_more(cx, scratch) {
                Poll::Pending => Ok(false),
                Poll::Ready(Err(_) | Ok(0)) => {
                    self.end_of(true);
                    Ok(true)
                }
                Poll::Ready(Ok(n)) => {
                    let bytes = scratch.get(..n).unwrap_or_default();
                    let taken = if self.client.unread.is_empty() { self.show_client(cx, bytes)? } else { 0 };
                    self.client.unread.extend_from_slice(bytes.get(taken..).unwrap_or_default());
                    Ok(true)
                }
            }
        })
    }

    fn pump_upstream(&mut self, cx: &mut Context<'_>) -> Outcome {
        if self.client.poll_drained(cx).map_err(|_| Why::Broken)?.is_pending() {
            return Ok(false);
        }
        if !self.upstream.unread.is_empty() {
            let mut unread = std::mem::take(&mut self.upstream.unread);
            let taken = self.show_upstream(cx, &unread)?;
            unread.drain(..taken);
            self.upstream.unread = if unread.is_empty() { Vec::new() } else { unread };
            return Ok(true);
        }
        if self.upstream.ended {
            return Ok(false);
        }
        BUFFER.with_borrow_mut(|scratch| match self.upstream.poll_more(cx, scratch) {
            Poll::Pending => Ok(false),
            Poll::Ready(Err(_) | Ok(0)) => {
                self.end_of(false);
                Ok(true)
            }
            Poll::Ready(Ok(n)) => {
                let bytes = scratch.get(..n).unwrap_or_default();
                let taken = self.show_upstream(cx, bytes)?;
                self.upstream.unread.extend_from_slice(bytes.get(taken..).unwrap_or_default());
                Ok(true)
            }
        })
    }

    /// Shows the core what the client sent; says how much it took.
    fn show_client(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Result<usize, Why> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            match self.relay.client(rest).map_err(Why::Fault)? {
                Flow::Forward(0) | Flow::Wait => break,
                Flow::Forward(n) => {
                    let run = rest.get(..n).unwrap_or(rest);
                    self.upstream.put(cx, run).map_err(|_| Why::Broken)?;
                    at += n;
                }
                Flow::Replace(n, instead) => {
                    self.upstream.put(cx, &instead).map_err(|_| Why::Broken)?;
                    at += n;
                }
            }
            if let Some(own) = self.relay.to_client() {
                self.client.put(cx, &own).map_err(|_| Why::Broken)?;
            }
        }
        Ok(at)
    }

    /// Shows the core what Gmail sent, piece by piece while bytes of the client
    /// are kept: those come first as soon as the core takes them.
    fn show_upstream(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Result<usize, Why> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            match self.relay.server(rest).map_err(Why::Fault)? {
                Flow::Wait => break,
                Flow::Forward(n) => {
                    self.client.put(cx, rest.get(..n).unwrap_or(rest)).map_err(|_| Why::Broken)?;
                    at += n;
                }
                Flow::Replace(n, instead) => {
                    self.client.put(cx, &instead).map_err(|_| Why::Broken)?;
                    at += n;
                }
            }
            if !self.client.unread.is_empty() {
                break;
            }
        }
        Ok(at)
    }

    fn end_of(&mut self, client: bool) {
        if client {
            self.client.ended = true;
        } else {
            self.upstream.ended = true;
        }
        self.timer.as_mut().reset(Instant::now() + self.times.linger);
    }

    fn poll_time(&mut self, cx: &mut Context<'_>) -> Poll<Why> {
        loop {
            ready!(self.timer.as_mut().poll(cx));
            if self.client.ended || self.upstream.ended {
                return Poll::Ready(Why::Linger);
            }
            let until = self.last + self.times.idle;
            if until <= Instant::now() {
                return Poll::Ready(Why::Idle);
            }
            self.timer.as_mut().reset(until);
        }
    }
}
