//! Postern: a mail gateway for CRMs whose users live in Gmail.
//!
//! The rooms, lowest floor first; imports only go down, and
//! `tests/architecture.rs` holds the list of allowed edges.
//!
//! | floor | rooms |
//! |---|---|
//! | F0 | the crate `postern_core`: values and protocol cores, pure |
//! | F1 | [`tasks`] [`clock`] [`dice`] · [`config`] [`seal`] [`net`] [`texts`] [`health`] [`metrics`] [`telemetry`] |
//! | F2 | [`store`] · [`audit`] [`node`] |
//! | F3 | [`auth`] [`google`] [`crm`] · [`actions`] [`doctor`] |
//! | F4 | [`relay`] [`http`] [`notices`]: features, they never import each other |
//! | F5 | [`app`] [`cli`] [`lifecycle`] |

#![forbid(unsafe_code)]

pub mod actions;
pub mod app;
pub mod audit;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crm;
pub mod dice;
pub mod doctor;
pub mod google;
pub mod health;
pub mod http;
pub mod lifecycle;
pub mod metrics;
pub mod net;
pub mod node;
pub mod notices;
pub mod relay;
pub mod seal;
pub mod store;
pub mod sync;
pub mod tasks;
pub mod telemetry;
pub mod texts;
