//! Who may come in.

pub mod hash;
pub mod mail;
pub mod throttle;
