//! Google Calendar, version 3: one bounded question at a time, for one account.
//!
//! | file | what is in it |
//! |---|---|
//! | `client` | [`Calendar`]: the way there, and for what its requests are made |
//! | `call` | one request, by what is asked |
//! | `fault` | why it failed, and whether it may have had an effect all the same |
//! | `reason` | Google's words for a refusal, read from an answer |
//! | `calendar_list`, `events`, `event`, `channel` | what is asked |
//! | `access` | what a user may do with a calendar |
//! | `limits` | how much may be asked |
//!
//! Events stay as Google sent them: what is not known here is kept. Nothing
//! here stores, and nothing is asked twice but for a refused access token.

pub mod access;
pub mod calendar_list;
mod call;
pub mod channel;
mod client;
pub mod event;
pub mod events;
pub mod fault;
pub mod limits;
pub mod metrics;
mod reason;

#[cfg(test)]
mod tests;

pub use client::Calendar;
