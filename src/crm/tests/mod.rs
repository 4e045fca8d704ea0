//! The client against answers as they were recorded.

mod client;
mod describe;
mod mail_account;
mod query;
mod records;
mod webhook;
