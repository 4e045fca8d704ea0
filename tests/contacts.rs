//! Address books kept in step between the stand-in Google and the stand-in CRM.

mod crashes;
mod directions;
mod entering;
pub mod hands;
mod identity;
mod key_lost;
mod leaving;
mod meanwhile;
mod monitored;
mod others;
mod persons;
mod pushing;
mod reading;
mod sight;
mod sim;
mod terminal;
mod thousand;
mod undo;
mod users;
pub mod wire;
pub mod world;
