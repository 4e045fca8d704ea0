//! The PROXY header off the socket: all of it, and not an octet more.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use postern_core::wire::proxy::{LONGEST, Verdict, read};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::DoorError;
use crate::net::fault::io_words;

/// A proxy sends its header together with the connection.
pub(super) const LIMIT: Duration = Duration::from_secs(3);
const STEP: usize = 256;

/// The client that the proxy names; `None` when it speaks for itself.
pub(super) async fn taken(stream: &mut TcpStream) -> Result<Option<SocketAddr>, DoorError> {
    match timeout(LIMIT, whole(stream)).await {
        Ok(Ok(Some(client))) => Ok(client),
        Ok(Ok(None)) => Err(DoorError::NoHeader("something else came first")),
        Ok(Err(error)) => Err(DoorError::Gone(io_words(&error))),
        Err(_) => Err(DoorError::NoHeader("nothing whole came in time")),
    }
}

// What is peeked at is taken only as far as it belongs to the header: the
// client's own octets may be right behind it. `None`: no header.
async fn whole(stream: &mut TcpStream) -> io::Result<Option<Option<SocketAddr>>> {
    let mut octets = Vec::with_capacity(STEP);
    while octets.len() < LONGEST {
        let before = octets.len();
        octets.resize(before.saturating_add(STEP), 0);
        let fresh = octets.get_mut(before..).unwrap_or_default();
        let seen = stream.peek(fresh).await?;
        if seen == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        octets.truncate(before.saturating_add(seen));
        let end = match read(&octets) {
            Verdict::Partial => octets.len(),
            Verdict::Whole { length, .. } => length,
            Verdict::Malformed => return Ok(None),
        };
        stream.read_exact(octets.get_mut(before..end).unwrap_or_default()).await?;
        if let Verdict::Whole { client, .. } = read(&octets) {
            return Ok(Some(client));
        }
    }
    Ok(None)
}
