//! What Google's REST APIs have in common: who asks and for what, faults that wait for their
//! request, tokens of lists, and windows of a minute. Each API has its own words for a refusal.

mod call;
pub(crate) mod door;
mod fault;
pub(crate) mod token;
mod window;

pub(crate) use call::{Answer, Call};
pub use fault::{Fault, Trouble};
pub(crate) use window::Window;

use serde_json::Value;

/// A refusal, in the form of the API that refuses.
pub(crate) trait Refused {
    /// The HTTP status.
    fn status(&self) -> u16;
    /// What is said about it.
    fn body(&self) -> Value;
}
