//! What several test files need.

pub mod cluster;
pub mod databases;
pub mod dovecot;
pub mod edge;
pub mod gateway;
pub mod haproxy;
pub mod line;
pub mod nginx;
pub mod ports;
pub mod process;
pub mod program;
pub mod sink;
pub mod tunnel;
