//! Sockets: listening with TLS, dialling, and the one outbound HTTP client.

pub mod dev_pair;
pub mod exchange;
pub mod fault;
pub mod identity;
pub mod keepalive;
pub mod stream;
pub mod tls;
#[cfg(test)]
mod trial;
pub mod trust;
