//! Secrets at rest: the key file, encryption bound to a place, and the link of
//! the audit chain (its mathematics live below the store, because a row
//! commits together with the act it tells of).

pub mod aead;
pub mod chain;
pub mod ring;

pub use aead::{Place, Sealed, Unsealable};
pub use ring::{Ring, RingFault};
