//! The store on both databases.

mod accounts;
mod acts;
mod address_book;
mod apart;
mod cards;
mod chain;
mod credentials;
mod crm_mail;
mod feed;
mod filters;
mod hints;
mod holds;
mod leases;
mod logins;
mod mail_sessions;
mod nodes;
mod opening;
mod outbox;
mod panels;
mod rotation;
pub mod rows;
pub mod schema;
mod sealing;
mod second_factor;
mod seen;
