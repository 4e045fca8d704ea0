//! The journal of what happened.
//!
//! Acts write their rows themselves, in their own transaction. Everything that
//! needs no transaction (logins, refusals, messages) is handed over as a
//! [`Note`]; one writer per process stores the notes in batches of at most
//! 200 ms, so that no session ever waits for the database.

pub mod export;
pub mod metrics;
mod note;
mod refusals;
pub mod verify;
mod writer;

pub use note::{Note, Notes};
pub use refusals::{RefusedLogin, count_refusals};
pub use writer::{run, writer};
