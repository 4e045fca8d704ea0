//! What has been used in the last minute.

use std::collections::VecDeque;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// A minute that slides.
#[derive(Debug, Default)]
pub(crate) struct Window(VecDeque<Duration>);

impl Window {
    /// How much has been used in the minute before `now`.
    pub(crate) fn used(&mut self, now: Duration) -> usize {
        while self.0.front().is_some_and(|at| *at + MINUTE <= now) {
            self.0.pop_front();
        }
        self.0.len()
    }

    /// Uses so much now.
    pub(crate) fn take(&mut self, now: Duration, units: usize) {
        self.0.extend(std::iter::repeat_n(now, units));
    }
}
