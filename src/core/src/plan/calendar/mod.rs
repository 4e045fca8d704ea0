//! The rules of calendar sync: times, series, labels, identities.

pub mod event_id;
pub mod instance;
pub mod labels;
pub mod moment;
pub mod times;
mod written;
