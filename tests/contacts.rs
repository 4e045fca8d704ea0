//! Address books kept in step between the stand-in Google and the stand-in CRM.

mod hands;
mod pushing;
mod terminal;
mod wire;
pub mod world;
