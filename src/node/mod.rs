//! This process among others on the same database.

pub mod changes;
pub mod heartbeat;
pub mod jobs;
pub mod keys;
pub mod remains;
pub mod requests;
pub mod settings;
pub mod sweep;
pub mod tally;
