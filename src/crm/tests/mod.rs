//! The client against answers as they were recorded.

mod client;
mod condition;
mod contacts;
mod describe;
mod describe_people;
mod mail_account;
mod query;
mod records;
mod webhook;
