//! Google Calendar v3, driven over its socket.

mod api;
mod lists;
mod writing;
