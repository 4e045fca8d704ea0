//! Google Calendar v3, driven over its socket.

mod api;
mod faults;
mod guests;
mod lists;
mod recurrence;
mod roles;
mod watching;
mod writing;
