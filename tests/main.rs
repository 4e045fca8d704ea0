//! The one integration binary: the gateway against real and stand-in parts.
//! `./tests/run` starts what these tests need.

#![expect(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test says so and fails")]

mod imap_bounds;
mod imap_client;
mod imap_ends;
mod imap_espocrm;
mod imap_failures;
mod imap_handover;
mod imap_listeners;
mod imap_log;
mod smoke;
mod support;
