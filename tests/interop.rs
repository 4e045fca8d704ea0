//! Real mail clients through the gateway to a real Dovecot, and what a real
//! mail server takes for the end of a message; Google's client at the stand-in for
//! Google. `tests/interop/with` starts what these tests need; without it they fail.

mod calendar;
mod imap;
mod people;
mod refused;
mod rig;
mod smtp;
mod smuggling;
mod upstream;
