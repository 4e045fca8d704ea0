//! HTTP/1.1 on our own listeners.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::peer::Connected;
use crate::net::accept::accept_loop;
use crate::net::door::{Conn, Door};
use crate::tasks::{Phase, Tasks};

/// Connections at once, over all listeners.
const MOST: usize = 512;
/// Time for the handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Time for a request's head, and between two requests.
const HEAD: Duration = Duration::from_secs(10);
/// A connection's whole life; pages need seconds.
const LIFE: Duration = Duration::from_secs(300);
/// Time for an answer that is being made when the connection has to end.
const GRACE: Duration = Duration::from_secs(5);
const HEADERS: usize = 64;
const BUFFER: usize = 16 * 1024;

/// How long routes are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Until the phase of the listeners ends; open connections end with the
    /// phase of the sessions.
    UntilDrain,
    /// To the last phase.
    ToTheEnd,
}

impl Seen {
    /// The phases of the accept loop and of the connections.
    fn phases(self) -> (Phase, Phase) {
        match self {
            Self::UntilDrain => (Phase::Listeners, Phase::Sessions),
            Self::ToTheEnd => (Phase::Node, Phase::Node),
        }
    }
}

/// Answers on `listeners` for as long as `seen` says.
pub fn serve(listeners: Vec<TcpListener>, door: Door, router: &Router, tasks: &Tasks, seen: Seen) {
    let (accepting, answering) = seen.phases();
    let (door, free) = (door.within(HANDSHAKE), Arc::new(Semaphore::new(MOST)));
    for listener in listeners {
        let (door, router, free, own) = (door.clone(), router.clone(), Arc::clone(&free), tasks.clone());
        let on_conn = move |stream, peer| {
            // Who comes too much is turned away at once: the others finish in seconds.
            let Ok(place) = Arc::clone(&free).try_acquire_owned() else { return };
            let (door, router, stop) = (door.clone(), router.clone(), own.stop(answering));
            own.spawn(answering, async move {
                let admitted = tokio::select! {
                    admitted = door.admit(stream, peer) => admitted,
                    () = stop.cancelled() => return,
                };
                match admitted {
                    Ok(conn) => converse(conn, router, &stop).await,
                    Err(error) => tracing::debug!(%peer, kind = error.name(), %error, "no HTTP connection"),
                }
                drop(place);
            });
        };
        tasks.spawn(accepting, accept_loop(listener, tasks.stop(accepting), on_conn));
    }
}

async fn converse(conn: Conn, router: Router, stop: &CancellationToken) {
    let peer = conn.peer;
    let service = TowerToHyperService::new(tower::service_fn(move |mut request: hyper::Request<_>| {
        request.extensions_mut().insert(Connected(peer.ip()));
        router.clone().oneshot(request)
    }));
    let mut served = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_headers(HEADERS)
            .max_buf_size(BUFFER)
            .serve_connection(TokioIo::new(conn.stream), service)
    );
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = async { tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(LIFE) => {} } } => {
            served.as_mut().graceful_shutdown();
            tokio::time::timeout(GRACE, served).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "an HTTP connection ended early");
    }
}
