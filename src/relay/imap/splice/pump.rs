//! Moving bytes from side to side through the core.
//!
//! Small records of Gmail are gathered: whatever it sent already is read, up to
//! the size of the scratch buffer, and leaves for the client in one write.
//! Nothing is waited for.

use std::task::{Context, Poll};

use postern_core::wire::imap::relay::{Fault, Flow};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Splice, Why};
use crate::relay::scratch;

// Bytes of a client that the core does not take yet.
const HELD: usize = 64 * 1024;

impl<C, U> Splice<C, U>
where
    C: AsyncRead + AsyncWrite + Unpin,
    U: AsyncRead + AsyncWrite + Unpin,
{
    pub(super) fn pump_client(&mut self, cx: &mut Context<'_>) -> Result<bool, Fault> {
        if self.is_dismissed() && !self.relay.has_parted() {
            return Ok(false);
        }
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
        scratch::with(|space| {
            let room = HELD - self.client.unread.len();
            let space = space.get_mut(..room).unwrap_or_default();
            match self.client.poll_more(cx, space) {
                Poll::Pending => Ok(false),
                Poll::Ready(Err(_) | Ok(0)) => {
                    self.end_of_client();
                    Ok(true)
                }
                Poll::Ready(Ok(n)) => {
                    let bytes = space.get(..n).unwrap_or_default();
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
        // Whoever does not read what it was told is not read either.
        if self.client.ended || !self.client.tail.is_empty() {
            return false;
        }
        match scratch::with(|space| self.client.poll_more(cx, space)) {
            Poll::Pending => return false,
            Poll::Ready(Err(_) | Ok(0)) => self.end_of_client(),
            Poll::Ready(Ok(_)) => {}
        }
        true
    }

    pub(super) fn pump_upstream(&mut self, cx: &mut Context<'_>) -> Result<bool, Fault> {
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
        // What decides the client's next bytes is shown as soon as it is there.
        let gathers = !self.relay.gate_closed();
        scratch::with(|space| {
            let read = self.upstream.poll_gathered(cx, space, gathers);
            let bytes = space.get(..read.octets).unwrap_or_default();
            let taken = self.show_upstream(cx, bytes)?;
            self.upstream.unread.extend_from_slice(bytes.get(taken..).unwrap_or_default());
            if read.ended {
                self.upstream.ended = true;
                self.begin_end(Why::Upstream);
            }
            Ok(read.octets > 0 || read.ended)
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
}
