//! What is left to be planned for of something of which something was done. It is stored with the
//! effect: a run that ends between the two would leave an edit behind that nothing shows any more.

/// What is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum More {
    /// Nothing that the plan has not seen.
    Nothing,
    /// Somebody may have edited a side meanwhile.
    Edits,
}
