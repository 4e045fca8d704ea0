//! Google's side: OAuth 2.0, id_tokens, service accounts, Calendar, People.
//!
//! Everything here asks Google through [`crate::net::exchange::Exchange`] and
//! answers with values; nothing here stores, logs or retries. What an answer
//! means for an account is decided by its [`fault::Fault`].

mod answer;
pub mod broker;
pub mod calendar;
mod call;
mod denial;
pub mod effect;
pub mod endpoints;
pub mod fault;
pub mod id_token;
mod jwks;
pub mod mailbox;
pub mod oauth;
pub mod people;
pub mod quota;
pub mod service_account;
pub mod tokeninfo;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod trial;
