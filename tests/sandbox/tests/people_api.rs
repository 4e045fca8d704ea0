//! Google People v1, driven over its socket.

mod api;
mod batches;
mod delays;
mod faults;
mod groups;
mod lists;
mod quotas;
mod surprises;
mod writing;
