//! Who may come in.

pub mod hash;
pub mod mail;
pub mod password;
pub mod throttle;
pub mod visit;
