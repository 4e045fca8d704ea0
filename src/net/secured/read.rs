//! Reading: from the socket through the thread's scratch buffer to the reader.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::session::{Session, Stage, invalid, step};
use super::{ARRIVING, FLIGHT, RECORD, Secured, cut_off};

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; FLIGHT + 2 * ARRIVING]);
}

impl<S, C: Session> Secured<S, C>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    /// Decrypts into `buf` what is kept; when that is nothing, what the socket has.
    fn poll_records(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
        scratch: &mut [u8],
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let mut end = self.arrived.len();
        scratch.get_mut(..end).unwrap_or_default().copy_from_slice(&self.arrived);
        self.arrived = Vec::new();
        let mut at = 0;
        let outcome = loop {
            match self.decrypt(scratch.get_mut(at..end).unwrap_or_default(), buf) {
                Ok(taken) => at += taken,
                Err(error) => break Poll::Ready(Err(error)),
            }
            if self.ended || buf.filled().len() > before {
                break Poll::Ready(Ok(()));
            }
            scratch.copy_within(at..end, 0);
            (at, end) = (0, end - at);
            let most = end + buf.remaining().clamp(RECORD, ARRIVING);
            let Some(room) = scratch.get_mut(end..most) else {
                break Poll::Ready(Err(invalid("a message of a handshake without an end")));
            };
            let mut fresh = ReadBuf::new(room);
            match Pin::new(&mut self.stream).poll_read(cx, &mut fresh) {
                Poll::Ready(Ok(())) if fresh.filled().is_empty() => break Poll::Ready(Err(cut_off())),
                Poll::Ready(Ok(())) => end += fresh.filled().len(),
                other => break other,
            }
        };
        if at < end {
            self.arrived = scratch.get(at..end).unwrap_or_default().to_vec();
        }
        outcome
    }

    /// All whole records, or as many as `buf` has room for; says how many
    /// octets they were.
    fn decrypt(&mut self, arrived: &mut [u8], buf: &mut ReadBuf<'_>) -> io::Result<usize> {
        let Self { session, plain, leaving, .. } = self;
        let mut at = 0;
        while buf.remaining() > 0 {
            let mut give = |octets: &[u8]| {
                let (fits, more) = octets.split_at(octets.len().min(buf.remaining()));
                buf.put_slice(fits);
                plain.extend_from_slice(more);
            };
            let rest = arrived.get_mut(at..).unwrap_or_default();
            let (taken, stage) = step(session, rest, leaving, &mut give, &mut |_| Ok(()));
            at += taken;
            match stage? {
                Stage::Again => {}
                Stage::Open | Stage::Handshaking => break,
                Stage::Ended => {
                    self.ended = true;
                    break;
                }
            }
        }
        Ok(at)
    }
}

impl<S, C: Session> AsyncRead for Secured<S, C>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let waiting = this.plain.get(this.plain_at..).unwrap_or_default();
        if !waiting.is_empty() {
            let take = waiting.len().min(buf.remaining());
            buf.put_slice(waiting.get(..take).unwrap_or_default());
            this.plain_at += take;
            if this.plain_at == this.plain.len() {
                (this.plain, this.plain_at) = (Vec::new(), 0);
            }
            return Poll::Ready(Ok(()));
        }
        if this.ended || buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        let outcome = SCRATCH.with_borrow_mut(|scratch| this.poll_records(cx, buf, scratch));
        // What the library says by itself, an alert among it, goes its way; no reader waits for it.
        let _later = this.poll_left(cx);
        outcome
    }
}
