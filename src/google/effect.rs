//! What a request that failed may have done all the same.

/// Whether something may have changed at Google.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Nothing has.
    None,
    /// It may have, if the request was a write: look before writing again.
    Unknown,
}
