//! The relay after login: one future, both directions, no buffer while idle.
//!
//! Each poll reads into a scratch buffer of its worker thread, shows the bytes
//! to the core and writes what leaves at once. Only what could not be written,
//! or what the core does not take yet (the literal gate), is kept in the
//! session, bounded, and given back to the allocator when it is empty.
//!
//! While the gate is closed everything the client has sent is read before
//! anything of the server is shown to the core: whether a byte had arrived
//! decides what it is.
//!
//! After the end of one side the other has ten seconds. What a side had said
//! before it ended still arrives, also when it can be told nothing any more;
//! a client is read until it closes, because closing a socket over unread
//! bytes resets it and may cost the client our last words.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use postern_core::wire::imap::relay::{Fault, Flow, Relay};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::coop;
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

/// Why a relay ended: what happened first.
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
        ending: None,
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
    /// Nothing more comes from it.
    ended: bool,
    /// It takes nothing any more; what is for it is dropped.
    deaf: bool,
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
            deaf: false,
            shut: false,
        }
    }

    /// Nothing more will come of it.
    fn is_done(&self) -> bool {
        self.ended && self.unread.is_empty()
    }

    /// Writes at once what can be written and keeps the rest.
    fn put(&mut self, cx: &mut Context<'_>, mut bytes: &[u8]) {
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
    fn poll_drained(&mut self, cx: &mut Context<'_>) -> Poll<()> {
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
    fn poll_settled(&mut self, cx: &mut Context<'_>, finish: bool) -> Poll<()> {
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

    fn poll_more(&mut self, cx: &mut Context<'_>, scratch: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(scratch);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().len()))
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

struct Splice<C, U> {
    client: Side<C>,
    upstream: Side<U>,
    relay: Relay,
    times: Times,
    last: Instant,
    timer: Pin<Box<Sleep>>,
    /// What began the end, once it has begun.
    ending: Option<Why>,
}

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
            // Without budget a socket says "nothing there", whatever is there.
            if self.relay.gate_closed() && !coop::has_budget_remaining() {
                break;
            }
            moved |= self.pump_upstream(cx)?;
            if moved {
                self.last = Instant::now();
                continue;
            }
            return Ok(self.settle(cx));
        }
        cx.waker().wake_by_ref();
        Ok(None)
    }

    fn settle(&mut self, cx: &mut Context<'_>) -> Option<Why> {
        let (client_done, upstream_done) = (self.client.is_done(), self.upstream.is_done());
        let up = self.upstream.poll_settled(cx, client_done);
        let down = self.client.poll_settled(cx, upstream_done);
        if self.client.deaf || self.upstream.deaf {
            self.begin_end(Why::Broken);
        }
        let over = client_done && upstream_done && up.is_ready() && down.is_ready();
        over.then(|| self.ending.unwrap_or(Why::Broken))
    }

    fn pump_client(&mut self, cx: &mut Context<'_>) -> Result<bool, Why> {
        if self.upstream.is_done() {
            return Ok(self.drop_client(cx));
        }
        if self.upstream.poll_drained(cx).is_pending() {
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
                    self.end_of_client();
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

    /// Reads what nobody will hear.
    fn drop_client(&mut self, cx: &mut Context<'_>) -> bool {
        self.client.unread = Vec::new();
        if self.client.ended {
            return false;
        }
        match BUFFER.with_borrow_mut(|scratch| self.client.poll_more(cx, scratch)) {
            Poll::Pending => return false,
            Poll::Ready(Err(_) | Ok(0)) => self.end_of_client(),
            Poll::Ready(Ok(_)) => {}
        }
        true
    }

    fn pump_upstream(&mut self, cx: &mut Context<'_>) -> Result<bool, Why> {
        if self.client.poll_drained(cx).is_pending() {
            return Ok(false);
        }
        if let Some(own) = self.relay.to_client() {
            self.client.put(cx, &own);
            return Ok(true);
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
                self.upstream.ended = true;
                self.begin_end(Why::Upstream);
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
                    self.upstream.put(cx, rest.get(..n).unwrap_or(rest));
                    at += n;
                }
                Flow::Replace(n, instead) => {
                    self.upstream.put(cx, &instead);
                    at += n;
                }
            }
            // Answers to a client that does not read them stay in the core, which is bounded.
            if self.client.tail.is_empty()
                && let Some(own) = self.relay.to_client()
            {
                self.client.put(cx, &own);
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
                    self.client.put(cx, rest.get(..n).unwrap_or(rest));
                    at += n;
                }
                Flow::Replace(n, instead) => {
                    self.client.put(cx, &instead);
                    at += n;
                }
            }
            if !self.client.unread.is_empty() {
                break;
            }
        }
        Ok(at)
    }

    fn end_of_client(&mut self) {
        self.client.ended = true;
        self.begin_end(Why::Client);
    }

    fn begin_end(&mut self, why: Why) {
        if self.ending.is_none() {
            self.ending = Some(why);
            self.timer.as_mut().reset(Instant::now() + self.times.linger);
        }
    }

    fn poll_time(&mut self, cx: &mut Context<'_>) -> Poll<Why> {
        loop {
            ready!(self.timer.as_mut().poll(cx));
            if let Some(why) = self.ending {
                // A client that was told everything may take its time to close.
                return Poll::Ready(if self.client.shut { why } else { Why::Linger });
            }
            let until = self.last + self.times.idle;
            if until <= Instant::now() {
                return Poll::Ready(Why::Idle);
            }
            self.timer.as_mut().reset(until);
        }
    }
}
