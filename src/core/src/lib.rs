//! The pure part of Postern.
//!
//! Values ([`model`]), wire protocols ([`wire`]) and what sync decides
//! ([`plan`]): bytes, verdicts and observations in, steps out. Nothing here
//! opens a socket, reads a clock, draws a random number, writes a log line or
//! knows a database; the manifest of this crate and its clippy file hold that,
//! so that every protocol core can be replayed byte by byte and fuzzed in
//! seconds.

#![forbid(unsafe_code)]

pub mod model;
pub mod plan;
pub mod wire;
