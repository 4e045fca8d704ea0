//! What sync decides: observations and rules in, intents out.

pub mod calendar;
