//! The drivers on pipes, in virtual time: every split, every bound.

mod bounds;
mod budget;
mod ends;
mod handshake;
mod script;
mod splits;
