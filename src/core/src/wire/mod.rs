//! Protocol cores, sans-io: bytes and verdicts in, steps out.
//!
//! Every core keeps these promises, and its tests hold them:
//! the same steps for *any* chunking of the same bytes; never a panic; memory
//! bounded by its limits; nothing that belongs after the core is swallowed
//! (it is given back as unread bytes at hand-over).

pub mod imap;
pub mod line;
pub mod proxy;
pub mod sasl;
pub mod smtp;
pub mod tunnel;
pub mod x509;
