//! Address books kept in step between the stand-in Google and the stand-in CRM.

pub mod hands;
mod pushing;
mod sim;
pub mod wire;
pub mod world;
