//! IMAP: the pre-auth session towards the client, the dial side towards Gmail, the relay.
//!
//! A session is three cores in turn. [`login::Login`] speaks to the client
//! until a credential verified; [`upstream::Upstream`] opens the session at
//! Gmail under the client's own tag; [`relay::Relay`] then follows both
//! directions while the bytes pass.
//!
//! At hand-over the driver makes a relay with the login tag, offers it Gmail's
//! `reply` and `unread` as server bytes, then Login's `unread` as client bytes.
//! From there on: after every [`relay::Relay::server`] offer the kept client
//! bytes again; after every [`relay::Relay::client`] ask for
//! [`relay::Relay::to_client`]; while [`relay::Relay::gate_closed`], read what
//! the client already sent before offering bytes of the server.

pub mod failure;
pub mod frame;
pub mod login;
pub mod relay;
pub mod reply;
pub mod tag;
pub mod upstream;
