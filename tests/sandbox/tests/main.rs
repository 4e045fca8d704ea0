//! The sandbox, driven over its sockets by hand-written clients.

mod calendar;
mod client;
mod crm;
mod desk;
mod imap;
mod imap_faults;
mod oauth;
mod people_api;
mod rest;
mod service_account;
mod smtp;
mod smtp_faults;
mod tokens;
