//! Gmail's IMAP: its bytes, real folders in memory, and faults.

mod answer;
mod append;
mod body;
mod change;
mod fault;
mod fetch;
mod folders;
mod idle;
mod login;
mod reader;
mod search;
mod select;
mod session;
mod sets;
mod structure;
mod words;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

pub use fault::ImapFault;

use crate::google::Google;
use crate::mail::Protocol;
use crate::wire::Secured;
use session::Session;

/// Serves one connection to its end.
pub(crate) async fn serve(stream: Secured, peer: SocketAddr, google: Arc<Google>) -> io::Result<()> {
    let number = google.sessions.begin(Protocol::Imap);
    let result = Session::new(stream, peer, Arc::clone(&google), number).run().await;
    google.sessions.end(number);
    result
}
