//! What the log was told already: a refusal that comes again each day is told once.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Words that were told. At most a few: they are words of the code.
#[derive(Default)]
pub(super) struct Told(Mutex<BTreeSet<&'static str>>);

impl Told {
    /// Whether the word was not told before, or was forgotten.
    pub fn first(&self, word: &'static str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(word)
    }

    /// Has the word told again should it come again.
    pub fn forget(&self, word: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(word);
    }
}
