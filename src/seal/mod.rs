//! Secrets at rest: the key file, encryption bound to a place, and the link of
//! the audit chain (its mathematics live below the store, because a row
//! commits together with the act it tells of).

pub mod aead;
pub mod chain;
mod file;
mod held;
pub mod ring;

pub use aead::{Place, Sealed, Unsealable};
pub use ring::{Pair, Ring, RingFault};

/// Whether two values are the same, in a time that does not tell where they
/// differ.
#[must_use]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}
