//! Sockets: listening with TLS, dialling, and the one outbound HTTP client.

pub mod exchange;
