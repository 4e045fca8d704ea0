//! The driver on streams in memory and in virtual time: every split, every
//! deadline, and what a slow side costs.

mod bench;
mod deadlines;
mod orders;
mod splits;
mod streams;
