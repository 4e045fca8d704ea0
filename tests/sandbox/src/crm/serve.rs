//! The listener of the CRM: one request read whole, its faults, its answer.

use std::future::pending;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::Inside;
use super::answer::{Answer, Shown};
use super::fault::{CrmFault, CrmTrouble};
use super::routes::Asked;

/// Longest body that is read, in octets.
const LONGEST: usize = 4 * 1024 * 1024;

/// Accepts until it is aborted.
pub(crate) async fn serve(listener: TcpListener, inside: Arc<Inside>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((tcp, peer)) = listener.accept().await else {
            continue;
        };
        connections.spawn(connection(tcp, peer, Arc::clone(&inside)));
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(tcp: TcpStream, peer: SocketAddr, inside: Arc<Inside>) {
    // Delayed segments would look like a slow CRM.
    let _ = tcp.set_nodelay(true);
    let service = service_fn(move |request| {
        let inside = Arc::clone(&inside);
        async move { respond(request, peer.ip(), &inside).await }
    });
    // A client that breaks off is no fault of the sandbox.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(tcp), service).await;
}

/// An error here makes hyper close the connection without a byte.
async fn respond(request: Request<Incoming>, from: IpAddr, inside: &Inside) -> io::Result<Response> {
    inside.respond(read(request, from).await?).await
}

async fn read(request: Request<Incoming>, from: IpAddr) -> io::Result<Asked> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(Body::new(body), LONGEST).await.map_err(io::Error::other)?;
    Ok(Asked::new(from, &parts, body.to_vec()))
}

impl Inside {
    /// One request, with the fault that meets it; an error is a connection closed.
    pub(crate) async fn respond(&self, asked: Asked) -> io::Result<Response> {
        let path = asked.path.as_deref().unwrap_or_default();
        let fault = self.faults.take(None, |fault: &CrmFault| fault.meets(&asked.method, path));
        let answer = match fault.map(CrmFault::trouble) {
            None => self.answer(&asked).await,
            Some(CrmTrouble::Answer(status)) => Answer::bare(status),
            Some(CrmTrouble::Page(status, page)) => {
                let mut response = Answer::page(status).into_response(self.clock.seconds());
                *response.body_mut() = Body::from(page);
                return Ok(response);
            }
            Some(CrmTrouble::Hang) => pending().await,
            Some(CrmTrouble::Close) => return Err(io::ErrorKind::ConnectionAborted.into()),
            Some(CrmTrouble::LoseAnswer) => {
                self.answer(&asked).await;
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            Some(CrmTrouble::HangAfter) => {
                self.answer(&asked).await;
                pending().await
            }
            Some(CrmTrouble::Delay(time)) => {
                sleep(time).await;
                self.answer(&asked).await
            }
        };
        let mut response = answer.into_response(self.clock.seconds());
        if asked.method == "OPTIONS" {
            response.headers_mut().insert("allow", axum::http::HeaderValue::from_static("GET, POST"));
        }
        Ok(response)
    }

    async fn answer(&self, asked: &Asked) -> Answer {
        let mut answer = self.world.lock().answer(asked);
        if let Shown::Trial(trial) = &answer.body {
            answer = trial.run().await;
        }
        if asked.method == "HEAD" {
            // Its length would be that of a body which does not follow.
            answer.body = Shown::Nothing;
        }
        answer
    }
}
