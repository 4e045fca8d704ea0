//! Google People, version 1: the contacts and labels of one account, one bounded question at a time.
//!
//! | file | what is in it |
//! |---|---|
//! | `client` | [`People`]: the way there, and for what its requests are made |
//! | `call` | one request, by what is asked |
//! | `fault` | why it failed, and whether it may have had an effect all the same |
//! | `reason` | Google's words for a refusal, read from an answer |
//! | `name` | the identities of people and groups |
//! | `person`, `connections`, `batch`, `group` | what is asked |
//! | `limits` | how much may be asked |
//!
//! People stay as Google sent them: what is not known here is kept. Only what the user entered
//! is read, never a profile. Google wants the writes of one user one after another, and shows
//! them in its lists minutes later: what a write has made of a person is in its answer, and
//! nowhere else. Nothing here stores, and nothing is asked twice but for a refused access token.

pub mod batch;
mod call;
mod client;
pub mod connections;
pub mod fault;
pub mod group;
pub mod limits;
pub mod metrics;
pub mod name;
pub mod person;
mod reason;

#[cfg(test)]
mod tests;

pub use client::People;
