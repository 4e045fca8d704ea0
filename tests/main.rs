//! The one integration binary: the gateway against real and stand-in parts.
//! `./tests/run` starts what these tests need.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod architecture;
mod commands;
mod interop;
mod smoke;
mod store;
mod support;
mod tokens;
