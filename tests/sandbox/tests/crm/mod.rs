//! The contract with EspoCRM: each test is one row of what three releases were seen to do.
//!
//! It asks a base address with an API key. With `POSTERN_TEST_ESPO_URL` and `POSTERN_TEST_ESPO_KEY`
//! that is a real EspoCRM with at least two active regular users, else the stand-in, once for each
//! release. What needs the stand-in's own controls is in `stand_in`, `doors`, `deliveries`,
//! `in_process` and `mail_accounts`; `recorded` holds the stand-in against the answers of one release.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod about;
mod attendees;
mod contacts;
mod deliveries;
mod doors;
mod espo;
mod in_process;
mod lists;
mod mail_accounts;
mod meetings;
mod people;
mod protocol;
mod recorded;
mod stand_in;
mod webhooks;
mod whole_days;
