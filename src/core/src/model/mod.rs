//! The nouns that two or more rooms share. One noun, one file.

pub mod account;
pub mod actor;
pub mod address;
pub mod change;
pub mod event;
pub mod exempt;
pub mod finding;
pub mod id;
pub mod key_scope;
pub mod network;
pub mod origin;
pub mod refusal;
pub mod role;
pub mod scope;
pub mod secret;
pub mod token;
