//! A mutex that outlives a panicking test thread.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A value behind a mutex. A poisoned lock is entered all the same: the value is test state,
/// and the panic that poisoned it is already being reported.
#[derive(Debug, Default)]
pub(crate) struct Guarded<T>(Mutex<T>);

impl<T> Guarded<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
