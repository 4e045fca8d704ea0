//! Writing: sealed in the thread's scratch buffer, from there to the socket.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};

use super::session::{Session, Stage, Traffic, invalid};
use super::{LEAVING, Secured};

/// What has to leave before a write leaves with it when it is no more than this.
const FEW: usize = 2 * 1024;
/// Records and their seals are a little more than what is in them.
const SEALED: usize = LEAVING + 4 * 1024;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; FEW + SEALED]);
}

impl<S, C: Session> Secured<S, C>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    /// Writes what waits.
    pub(super) fn poll_left(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.leaving.is_empty() {
            return Poll::Ready(Ok(()));
        }
        while let Some(rest) = self.leaving.get(self.left_at..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut self.stream).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                n => self.left_at += n,
            }
        }
        (self.leaving, self.left_at) = (Vec::new(), 0);
        Poll::Ready(Ok(()))
    }

    /// Does `open` as soon as the library lets data pass.
    fn traffic(&mut self, open: &mut Traffic<'_, C>) -> io::Result<()> {
        loop {
            match self.advance(open)? {
                Stage::Again => {}
                // Our side may go on after the peer's end, but not after both.
                Stage::Ended if !self.closed => {}
                Stage::Open => return Ok(()),
                Stage::Handshaking | Stage::Ended => return Err(io::ErrorKind::NotConnected.into()),
            }
        }
    }

    /// Seals `octets`, and writes them behind what has to leave before them.
    fn write_sealed(&mut self, cx: &mut Context<'_>, octets: &[u8], scratch: &mut [u8]) -> io::Result<()> {
        let mut end = FEW;
        self.traffic(&mut |mut traffic| {
            let room = scratch.get_mut(FEW..).unwrap_or_default();
            end += traffic.encrypt(octets, room).map_err(|error| invalid(&error.to_string()))?;
            Ok(())
        })?;
        let first = self.leaving.split_off(self.left_at);
        (self.leaving, self.left_at) = (Vec::new(), 0);
        let Some(mut at) = FEW.checked_sub(first.len()) else {
            self.leaving = first;
            self.leaving.extend_from_slice(scratch.get(FEW..end).unwrap_or_default());
            return Ok(());
        };
        scratch.get_mut(at..FEW).unwrap_or_default().copy_from_slice(&first);
        while let Some(rest) = scratch.get(at..end).filter(|rest| !rest.is_empty()) {
            match Pin::new(&mut self.stream).poll_write(cx, rest)? {
                Poll::Ready(0) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(n) => at += n,
                Poll::Pending => {
                    self.leaving = rest.to_vec();
                    break;
                }
            }
        }
        Ok(())
    }

    /// Tells the peer that nothing more comes.
    fn close(&mut self) -> io::Result<()> {
        let mut farewell = [0; 256];
        let mut end = 0;
        self.traffic(&mut |mut traffic| {
            end = traffic.queue_close_notify(&mut farewell).map_err(|error| invalid(&error.to_string()))?;
            Ok(())
        })?;
        self.leaving.extend_from_slice(farewell.get(..end).unwrap_or_default());
        self.closed = true;
        Ok(())
    }
}

impl<S, C: Session> AsyncWrite for Secured<S, C>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.leaving.len() - this.left_at > FEW {
            ready!(this.poll_left(cx))?;
        }
        if this.closed {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let octets = octets.get(..LEAVING).unwrap_or(octets);
        if octets.is_empty() {
            return Poll::Ready(Ok(0));
        }
        SCRATCH.with_borrow_mut(|scratch| this.write_sealed(cx, octets, scratch))?;
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_left(cx))?;
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.closed {
            this.close()?;
        }
        ready!(this.poll_left(cx))?;
        Pin::new(&mut this.stream).poll_shutdown(cx)
    }
}
