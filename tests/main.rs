//! The tests that see the gateway from outside. `./tests/run` starts the real
//! parts that they need and runs them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod architecture;
mod store;
mod support;
