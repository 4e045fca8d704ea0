//! What several test files need.

pub mod gateway;
pub mod line;
