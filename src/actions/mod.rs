//! The acts: what an admin or an owner does to this installation, one file
//! each, used by the command line and the pages alike.
//!
//! An act takes who does it ([`By`]) and returns a value; nothing here prints.
//! Google is asked first, then one `store::Act` changes the rows and ends
//! together with its audit row.

pub mod account;
pub mod admin;
pub mod adopt;
pub mod api_key;
pub mod backup;
pub mod binding;
mod by;
pub mod calendars;
pub mod client;
pub mod consent;
pub mod contacts;
mod error;
pub mod holds;
pub mod hooks;
pub mod jobs;
pub mod key_lost;
pub mod keys;
pub mod once;
pub mod panel;
pub mod person;
mod place;
pub mod provision;
mod reach;
pub mod restore;
pub mod service_account;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod token;
pub mod undoing;
pub mod witness;

#[cfg(test)]
mod tests;

pub use by::By;
pub use error::ActError;
pub use place::Place;
pub use reach::Reach;
