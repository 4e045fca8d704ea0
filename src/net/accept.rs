//! The accept loop: nothing a peer or the system does ends it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::keepalive;

/// Pause after an error that would come back at once (no descriptors left).
const PAUSE: Duration = Duration::from_millis(100);
/// Between two warnings about such errors.
const WARN_EVERY: Duration = Duration::from_secs(60);

/// Hands every connection to `on_conn` until `stop` fires. The options that
/// all connections have are set by then.
pub async fn accept_loop(
    listener: TcpListener,
    stop: CancellationToken,
    on_conn: impl Fn(TcpStream, SocketAddr),
) {
    let here = &listener;
    let take = |stream: TcpStream, peer| {
        keepalive::tune(&stream);
        on_conn(stream, peer);
    };
    run(|| here.accept(), stop, take).await;
}

async fn run<S, F>(accept: impl Fn() -> F, stop: CancellationToken, on_conn: impl Fn(S, SocketAddr))
where
    F: Future<Output = io::Result<(S, SocketAddr)>>,
{
    let mut warned: Option<Instant> = None;
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            accepted = accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => on_conn(stream, peer),
            Err(error) if concerns_one_peer(&error) => {}
            Err(error) => {
                if warned.is_none_or(|at| at.elapsed() >= WARN_EVERY) {
                    warned = Some(Instant::now());
                    tracing::warn!(%error, "connections cannot be accepted; raise the limit of open files if it is reached");
                }
                // A stop during the pause must not wait for it.
                let _stopped = tokio::time::timeout(PAUSE, stop.cancelled()).await;
            }
        }
    }
}

/// The peer was gone before it was accepted; the next one may be fine.
fn concerns_one_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

#[cfg(test)]
mod tests {
    use super::{PAUSE, accept_loop, run};
    use crate::net::trial;
    use std::cell::{Cell, RefCell};
    use std::io;
    use tokio::time::Instant;
    use tokio_util::sync::CancellationToken;

    #[tokio::test(start_paused = true)]
    async fn errors_never_end_the_loop_and_only_lasting_ones_pause_it() {
        const EMFILE: i32 = 24;
        let script = RefCell::new(vec![
            Err(io::Error::from_raw_os_error(EMFILE)),
            Ok(1),
            Err(io::ErrorKind::ConnectionAborted.into()),
            Err(io::Error::from_raw_os_error(EMFILE)),
            Ok(2),
        ]);
        script.borrow_mut().reverse();
        let (seen, stop, start) = (Cell::new(0), CancellationToken::new(), Instant::now());
        let accept = || async {
            script.borrow_mut().pop().unwrap_or(Ok(3)).map(|n| (n, "1.1.1.1:1".parse().unwrap()))
        };
        run(accept, stop.clone(), |n, _| {
            seen.set(n);
            if n == 3 {
                stop.cancel();
            }
        })
        .await;
        assert_eq!(seen.get(), 3);
        assert_eq!(start.elapsed(), PAUSE * 2);
    }

    #[tokio::test]
    async fn connections_arrive_with_their_options_until_the_stop() {
        let (listener, address) = trial::listener().await;
        let stop = CancellationToken::new();
        let (arrived, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
        trial::beside(accept_loop(listener, stop.clone(), move |stream, peer| {
            let _gone = arrived.send((stream, peer));
        }));
        let client = trial::connect(address).await;
        let (stream, peer) = arrivals.recv().await.unwrap();
        assert_eq!(peer, client.local_addr().unwrap());
        assert!(stream.nodelay().unwrap());
        stop.cancel();
        assert!(arrivals.recv().await.is_none(), "the loop is gone");
    }
}
