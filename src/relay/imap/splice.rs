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
//!
//! A session that is ended from outside, or idled for too long, says BYE at the
//! next line boundary; whether or not it came to that, it is closed when the
//! time for it has passed.

mod pump;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use postern_core::model::refusal::{Blame, Reference};
use postern_core::wire::imap::relay::{Fault, Relay};
use postern_core::wire::imap::reply::Farewell;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::coop;
use tokio::time::{Instant, Sleep};

use super::ended::{Ended, Times, Why, farewell};
use super::side::Side;
use crate::relay::order::{Ending, Order, Running};

/// A session behind its login.
pub struct Session {
    /// Follows what passes.
    pub relay: Relay,
    /// Read of the client before the hand-over; goes first.
    pub from_client: Vec<u8>,
    /// The same of Gmail.
    pub from_upstream: Vec<u8>,
    /// Time limits.
    pub times: Times,
    /// Where it is told to end.
    pub running: Running,
    /// Names it to whoever is told why it ends.
    pub reference: Reference,
}

/// Relays until both sides are done.
pub fn splice<C, U>(client: C, upstream: U, session: Session) -> impl Future<Output = Ended>
where
    C: AsyncRead + AsyncWrite + Unpin,
    U: AsyncRead + AsyncWrite + Unpin,
{
    Splice {
        client: Side::new(client, session.from_client),
        upstream: Side::new(upstream, session.from_upstream),
        relay: session.relay,
        times: session.times,
        last: Instant::now(),
        timer: Box::pin(tokio::time::sleep(session.times.idle)),
        ending: None,
        login_unanswered: true,
        leaving: false,
        running: session.running,
        reference: session.reference,
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
    /// To end at the next command boundary.
    leaving: bool,
    running: Running,
    reference: Reference,
}

impl<C, U> Future for Splice<C, U>
where
    C: AsyncRead + AsyncWrite + Unpin,
    U: AsyncRead + AsyncWrite + Unpin,
{
    type Output = Ended;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended> {
        let this = self.get_mut();
        let cut = this.hear(cx);
        let over = cut.or_else(|| {
            this.turn(cx).unwrap_or_else(|fault| {
                this.give_up(fault);
                cx.waker().wake_by_ref();
                None
            })
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
    /// Takes orders; says when nothing more is to be done.
    fn hear(&mut self, cx: &mut Context<'_>) -> Option<Why> {
        while let Poll::Ready(order) = self.running.poll_order(cx) {
            match order {
                Order::Leave => self.leaving = true,
                Order::End(ending) => self.dismiss(Why::Ended(ending), farewell(ending)),
                Order::Close => {
                    self.hang_up(cx);
                    return Some(Why::Cut);
                }
            }
        }
        None
    }

    /// Moves bytes until neither side can go on. Says when all is done.
    fn turn(&mut self, cx: &mut Context<'_>) -> Result<Option<Why>, Fault> {
        // The answer to the login goes before anything the client sent behind it is answered.
        while self.login_unanswered && !self.upstream.unread.is_empty() && self.pump_upstream(cx)? {}
        self.login_unanswered &= !self.upstream.unread.is_empty();
        // A bulk transfer must let the other sessions of this thread run.
        for _ in 0..8 {
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
            moved |= self.part();
            if moved {
                self.last = Instant::now();
                continue;
            }
            return Ok(self.settle(cx));
        }
        cx.waker().wake_by_ref();
        Ok(None)
    }

    /// Ends Gmail's side once our BYE left, and begins the end of a session
    /// that is to leave and has nothing under way.
    fn part(&mut self) -> bool {
        if self.relay.has_parted() && !self.upstream.is_done() {
            self.upstream.ended = true;
            self.upstream.unread = Vec::new();
            return true;
        }
        let at_rest = self.relay.at_command_boundary() && self.relay.server_at_line_boundary();
        let leaves = self.leaving && at_rest && self.ending.is_none();
        if leaves {
            self.dismiss(Why::Ended(Ending::Shutdown), Farewell::Shutdown);
        }
        leaves
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

    /// Says BYE as soon as a line can stand, and ends within the time for that.
    fn dismiss(&mut self, why: Why, farewell: Farewell) {
        self.relay.bye(&farewell.line_of(&self.reference));
        self.ending = Some(why);
        self.timer.as_mut().reset(Instant::now() + self.times.farewell);
    }

    fn is_dismissed(&self) -> bool {
        matches!(self.ending, Some(Why::Ended(_) | Why::Idle))
    }

    /// Ends both sides as far as that takes no time.
    fn hang_up(&mut self, cx: &mut Context<'_>) {
        let _up = self.upstream.poll_settled(cx, true);
        let _down = self.client.poll_settled(cx, true);
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
                let told = self.client.shut || self.is_dismissed();
                self.hang_up(cx);
                return Some(if told { why } else { Why::Linger });
            }
            let until = self.last + self.times.idle;
            if until <= Instant::now() {
                self.dismiss(Why::Idle, Farewell::Idle);
                cx.waker().wake_by_ref();
                return None;
            }
            self.timer.as_mut().reset(until);
        }
        None
    }
}
