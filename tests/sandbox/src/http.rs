//! The HTTP side: one router, served connection by connection so that all end with the sandbox.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::google::Google;
use crate::oauth;

/// Put on a response to have the connection closed in its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CloseInstead;

/// Accepts until it is aborted.
pub(crate) async fn serve(listener: TcpListener, google: Arc<Google>) {
    let router = oauth::router(google);
    let mut connections = JoinSet::new();
    loop {
        let Ok((tcp, _)) = listener.accept().await else {
            continue;
        };
        let router = router.clone();
        connections.spawn(connection(tcp, router));
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(tcp: TcpStream, router: Router) {
    // Delayed segments would look like a slow Google.
    let _ = tcp.set_nodelay(true);
    let service = service_fn(move |request| answer(router.clone(), request));
    // A client that breaks off is no fault of the sandbox.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(tcp), service).await;
}

/// An error here makes hyper close the connection without a byte.
async fn answer(router: Router, request: Request<Incoming>) -> io::Result<Response> {
    let answered: Result<Response, Infallible> = router.oneshot(request).await;
    let Ok(response) = answered;
    if response.extensions().get::<CloseInstead>().is_some() {
        return Err(io::ErrorKind::ConnectionAborted.into());
    }
    Ok(response)
}
