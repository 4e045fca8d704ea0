//! The gateway: from a client's connection to a session at Gmail.
//!
//! One connection lives through: login (a protocol core and its driver) →
//! [`admit`] verifies the CRM token, takes an access token, dials and opens the
//! session → relay. IMAP is spliced byte by byte through the relay core; SMTP
//! goes command by command. Nothing is dialled before a token was verified.
//!
//! [`sessions`] knows every session from its login on, and ends those whose
//! token or account does not stand any more, and all when this node stops.
//!
//! Bounds: the whole login, each wait of a session, every buffer. A failure of
//! one session touches no other.

pub mod admit;
pub mod budget;
mod deadline;
pub mod imap;
pub mod metrics;
pub mod order;
pub mod refuse;
mod scratch;
pub mod sessions;
pub mod smtp;
pub mod tarpit;
#[cfg(test)]
mod tests;
pub mod upstream;
