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
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use postern_core::model::refusal::Blame;
use postern_core::wire::imap::relay::{Fault, Flow, Relay};
use postern_core::wire::imap::reply::Farewell;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::coop;
use tokio::time::{Instant, Sleep};

use super::side::Side;

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
        client: Side::new(client, from_client),
        upstream: Side::new(upstream, from_upstream),
        relay,
        times,
        last: Instant::now(),
        timer: Box::pin(tokio::time::sleep(times.idle)),
        ending: None,
        login_unanswered: true,
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
    login_unanswered: bool,
}

impl<C, U> Future for Splice<C, U>
where
    C: AsyncRead + AsyncWrite + Unpin,
    U: AsyncRead + AsyncWrite + Unpin,
{
    type Output = Ended;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended> {
        let this = self.get_mut();
        let over = this.turn(cx).unwrap_or_else(|fault| {
            this.give_up(fault);
            cx.waker().wake_by_ref();
            None
        });
        let Some(why) = over.or_else(|| this.past_time(cx)) else { return Poll::Pending };
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
    fn turn(&mut self, cx: &mut Context<'_>) -> Result<Option<Why>, Fault> {
        // The answer to the login goes before anything the client sent behind it is answered.
        while self.login_unanswered && !self.upstream.unread.is_empty() && self.pump_upstream(cx)? {}
        self.login_unanswered &= !self.upstream.unread.is_empty();
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
        let up = self.upstream.poll_settled(cx, client_done || upstream_done);
        let down = self.client.poll_settled(cx, upstream_done);
        if self.client.deaf || self.upstream.deaf {
            self.begin_end(Why::Broken);
        }
        let over = client_done && upstream_done && up.is_ready() && down.is_ready();
        over.then(|| self.ending.unwrap_or(Why::Broken))
    }

    fn pump_client(&mut self, cx: &mut Context<'_>) -> Result<bool, Fault> {
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

    fn pump_upstream(&mut self, cx: &mut Context<'_>) -> Result<bool, Fault> {
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
    fn show_client(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Result<usize, Fault> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            match self.relay.client(rest)? {
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
    fn show_upstream(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Result<usize, Fault> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            match self.relay.server(rest)? {
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

    /// Nothing of the faulty bytes goes on; the client is told, where a line can stand.
    fn give_up(&mut self, fault: Fault) {
        let farewell = match fault.blame() {
            Blame::Client | Blame::Account => Farewell::Protocol,
            Blame::Upstream | Blame::Gateway => Farewell::UpstreamLost,
        };
        self.relay.bye(&farewell.line());
        self.upstream.ended = true;
        self.upstream.unread = Vec::new();
        self.ending = None;
        self.begin_end(Why::Fault(fault));
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

    /// Whether time has run out.
    fn past_time(&mut self, cx: &mut Context<'_>) -> Option<Why> {
        while self.timer.as_mut().poll(cx).is_ready() {
            if let Some(why) = self.ending {
                // A client that was told everything may take its time to close.
                return Some(if self.client.shut { why } else { Why::Linger });
            }
            let until = self.last + self.times.idle;
            if until <= Instant::now() {
                return Some(Why::Idle);
            }
            self.timer.as_mut().reset(until);
        }
        None
    }
}
