//! The CRM that the mailboxes belong to, asked over its own REST API.

pub mod client;
pub mod fault;
pub mod user;
