//! Sockets: listening with TLS, dialling, and the one outbound HTTP client.

pub mod accept;
pub mod crowd;
pub mod dev_pair;
pub mod dial;
pub mod door;
pub mod exchange;
pub mod fault;
pub mod http;
pub mod identity;
mod judge;
pub mod keepalive;
pub mod listen;
pub mod lookup;
pub mod metrics;
pub mod new_pair;
pub mod notify;
pub mod presented;
pub mod proxy;
mod race;
pub mod renewal;
pub mod route;
pub mod secured;
pub mod stream;
pub mod target;
pub mod tls;
#[cfg(test)]
pub(crate) mod trial;
pub mod trust;
