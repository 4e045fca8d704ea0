//! Who may come in.

pub mod api_key;
pub mod halfway;
pub mod hash;
pub mod mail;
pub mod pace;
pub mod panel;
pub mod password;
pub mod signature;
pub mod throttle;
pub mod totp;
pub mod tries;
pub mod turns;
pub mod visit;
