//! The one integration binary: the gateway against real and stand-in parts.
//! `./tests/run` starts what these tests need.

#![expect(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test says so and fails")]

mod smoke;
mod smtp_audit;
mod smtp_client;
mod smtp_dialects;
mod smtp_end_of_data;
mod smtp_failure_bench;
mod smtp_failures;
mod smtp_from;
mod smtp_hostile;
mod smtp_losses;
mod smtp_modes;
mod smtp_sessions;
mod support;
