//! The CRM that the mailboxes belong to, asked over its own REST API.

pub mod client;
pub mod condition;
pub mod contacts;
pub mod counted;
pub mod describe;
pub mod fault;
pub mod id;
pub mod mail_account;
pub mod meeting;
pub mod people;
pub mod query;
pub mod records;
pub mod team;
pub mod user;
pub mod webhook;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod trial;
