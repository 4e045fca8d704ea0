//! The pure part of Postern.
//!
//! Values ([`model`]) and wire protocols ([`wire`]): bytes and verdicts in,
//! steps out. Nothing here opens a socket, reads a clock, draws a random
//! number, writes a log line or knows a database; the manifest of this crate
//! and its clippy file hold that, so that every protocol core can be replayed
//! byte by byte and fuzzed in seconds.

#![forbid(unsafe_code)]

pub mod model;
pub mod wire;
