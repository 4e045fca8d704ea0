//! What synchronisation decides. Pure: no clock, no randomness, no I/O; the same
//! input gives the same plan.
//!
//! - [`record`], [`seen`], [`link`]: what each side shows, what was seen of it,
//!   and what was last agreed.
//! - [`policy`], [`rule`]: what people chose, and the names of the rules.
//! - [`dialect`]: how a value of one side is told on the other.
//! - [`merge`], [`decide`]: two living sides field by field; the whole table.
//! - [`guard`]: what a run may do without asking.
//! - [`undo`], [`removal`]: what it takes to take a run back, and to remove what we made.
//! - [`operation`]: what a plan says is to be done.
//! - [`calendar`]: events, Meetings and Calls.
//! - [`contacts`]: people, Contacts and Leads.

pub mod calendar;
pub mod contacts;
pub mod decide;
pub mod dialect;
pub mod guard;
mod letters;
pub mod link;
pub mod merge;
pub mod operation;
pub mod policy;
pub mod record;
pub mod removal;
pub mod rule;
pub mod seen;
pub mod undo;
