//! Address books kept in step between the stand-in Google and the stand-in CRM.

mod crashes;
mod directions;
mod entering;
mod hands;
mod identity;
mod others;
mod pushing;
mod sight;
mod thousand;
mod users;
mod wire;
pub mod world;
