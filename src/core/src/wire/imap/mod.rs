//! IMAP: the pre-auth session towards the client, the dial side towards Gmail, the relay.
//!
//! A session is three cores in turn. [`login::Login`] speaks to the client
//! until a credential verified; [`upstream::Upstream`] opens the session at
//! Gmail under the client's own tag; [`relay::Relay`] then follows both
//! directions while the bytes pass.

pub mod failure;
pub mod frame;
pub mod login;
pub mod relay;
pub mod reply;
pub mod tag;
pub mod upstream;
