//! Gmail's SMTP: its bytes, what it does to a message, and faults.

mod control;
mod data;
mod ending;
mod envelope;
mod fault;
mod login;
mod message;
mod session;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

pub(crate) use control::SmtpSide;
pub use control::Transaction;
pub use fault::{SmtpFault, Verb};

use crate::google::Google;
use crate::mail::Protocol;
use crate::wire::Secured;
use session::Session;

/// Serves one connection to its end.
pub(crate) async fn serve(stream: Secured, peer: SocketAddr, google: Arc<Google>) -> io::Result<()> {
    let number = google.sessions.begin(Protocol::Smtp);
    let result = Session::new(stream, peer, Arc::clone(&google), number).run().await;
    google.sessions.end(number);
    result
}
