//! The client against answers as they were recorded.

mod client;
mod query;
mod records;
