//! The drivers on pipes, in virtual time: every split, every bound.

mod bounds;
mod budget;
mod ends;
mod gather;
mod handshake;
mod orders;
mod script;
mod splits;
