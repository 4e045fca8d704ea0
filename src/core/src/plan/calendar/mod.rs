//! The rules of calendar sync: times, series, labels, identities; what events
//! and records say, which of them are taken over, and how each is told to the
//! other side.

pub mod admit;
pub mod choices;
pub mod compose;
pub mod copy;
pub mod defaults;
pub mod entry;
pub mod event;
pub mod event_id;
pub(in crate::plan) mod html;
pub mod instance;
pub mod invite;
pub mod labels;
pub mod moment;
pub mod operation;
pub mod own;
pub mod people;
mod recur;
mod rule;
pub mod series;
mod set;
pub mod times;
pub mod unfold;
pub mod words;
mod written;
