//! The HTTP side: one router, served connection by connection so that all end with the sandbox.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::header::{DATE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::google::Google;
use crate::mail::date;
use crate::{calendar, contacts, oauth};

/// Put on a response to have the connection closed in its place. Who drives the router
/// without a socket finds it among the response's extensions: no answer has come.
#[derive(Debug, Clone, Copy)]
pub struct CloseInstead;

/// All addresses.
pub(crate) fn router(google: &Arc<Google>) -> Router {
    oauth::router(Arc::clone(google))
        .merge(calendar::router(Arc::clone(google)))
        .merge(contacts::router(Arc::clone(google)))
}

/// Accepts until it is aborted.
pub(crate) async fn serve(listener: TcpListener, google: Arc<Google>) {
    let router = router(&google);
    let mut connections = JoinSet::new();
    loop {
        let Ok((tcp, _)) = listener.accept().await else {
            continue;
        };
        let (router, google) = (router.clone(), Arc::clone(&google));
        connections.spawn(connection(tcp, router, google));
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(tcp: TcpStream, router: Router, google: Arc<Google>) {
    // Delayed segments would look like a slow Google.
    let _ = tcp.set_nodelay(true);
    let service = service_fn(move |request| answer(router.clone(), Arc::clone(&google), request));
    // A client that breaks off is no fault of the sandbox.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(tcp), service).await;
}

/// An error here makes hyper close the connection without a byte.
async fn answer(router: Router, google: Arc<Google>, request: Request<Incoming>) -> io::Result<Response> {
    let answered: Result<Response, Infallible> = router.oneshot(request).await;
    let Ok(mut response) = answered;
    // By Google's clock, as everything it says about time.
    let date = date::http(google.clock().seconds());
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(DATE, date);
    }
    if response.extensions().get::<CloseInstead>().is_some() {
        return Err(io::ErrorKind::ConnectionAborted.into());
    }
    Ok(response)
}
