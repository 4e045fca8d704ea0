//! What is known of a person, and forgetting it.
//!
//! A person is an address: of a mailbox that is registered, or of anybody who stands in calendars,
//! contacts or records that are kept in step. *Exporting* tells everything, a JSON object a line:
//! their own mailbox whole, the journal's rows that name them, and where else the address stands.
//! *Erasing* takes away what is here only: the mailbox with everything linked to it, the name behind
//! the journal's pseudonyms, and what was written down about them. The chain of the journal holds as
//! before. What stands in Google or in the CRM is kept as long as it stands there, and is told.
//!
//! Never told or shown: tokens and keys. Of others' events only that the address stands in them.

mod archive;
mod erase;

pub use archive::Archive;
pub use erase::{Erased, Remains, erase};

use postern_core::model::address::Address;

use crate::store::kept::Kept;

/// Whether these words name the address.
fn names(kept: &Kept, address: &Address) -> bool {
    kept.text.to_lowercase().contains(&address.as_str().to_lowercase())
}
