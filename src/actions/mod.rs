//! Use cases: one file per act, called by cli and http alike. Each takes its
//! actor, asks the network before it opens the one transaction, and returns a
//! value.

pub mod consent;
