//! The journal of what happened.
//!
//! Acts write their rows themselves, in their own transaction. Everything that
//! needs no transaction (logins, refusals, messages) is handed over as a
//! [`Note`]; one writer per process stores the notes in batches of at most
//! 200 ms, so that no session ever waits for the database.
//!
//! - A database that is away: the batch is kept and tried again each second
//!   (`patience`), and the bounded queue takes what comes meanwhile.
//! - A note that the database refuses is parted from its batch and dropped.
//! - Rows older than the configuration keeps go from the beginning of a chain
//!   (`retention`); `verify` walks what is left.
//! - What is lost, by a full queue or a refusal, is counted in a row.

pub mod export;
pub mod metrics;
mod note;
mod patience;
mod refusals;
pub mod retention;
pub mod search;
pub mod verify;
mod writer;
mod wrong_keys;

pub use note::{Losses, Note, Notes};
pub use refusals::{RefusedLogin, count_refusals};
pub use writer::{run, writer};
pub use wrong_keys::WrongKey;
