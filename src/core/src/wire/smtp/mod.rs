//! SMTP: the session towards the client, the dial side towards Gmail, the
//! relay of one transaction after the other.
//!
//! ```text
//! Login ── Verify ──> driver ──> Upstream ── Ready ──> Login::accepted ──> Relay
//! ```
//!
//! No core keeps input: `step` takes what it has used from the front of the
//! unread bytes and leaves the rest, so whatever a core did not take belongs to
//! the next one, and a driver that keeps its two read buffers over the whole
//! session cannot lose a byte at hand-over. A read buffer of [`READ_BUFFER`]
//! octets is always enough: no core asks for more while it leaves that many.

pub mod answer;
pub mod auth;
pub mod command;
mod data;
mod dialogue;
mod envelope;
pub mod header;
mod line;
pub mod login;
mod message;
pub mod offers;
pub mod relay;
pub mod reply;
pub mod transaction;
pub mod upstream;

/// What a driver's read buffer must be able to hold, each side.
pub const READ_BUFFER: usize = 16 * 1024;
