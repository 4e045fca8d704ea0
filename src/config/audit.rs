//! `[audit]`: how long the journal is kept.

use std::time::Duration;

use super::fault::{Wrong, quoted};
use super::quantity::duration;
use super::section::Section;

/// Shortest.
pub(super) const DAY: Duration = Duration::from_secs(86_400);
/// Longest.
pub(super) const LONGEST: Duration = DAY.saturating_mul(36_500);

/// The journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// Rows older than this are removed. Default ten years, at least a day.
    pub retention: Duration,
}

pub(super) fn read(section: &Section<'_>) -> Option<Audit> {
    Some(Audit { retention: section.or("retention", "3650d", days)? })
}

pub(super) fn days(text: &str) -> Result<Duration, Wrong> {
    let time = duration(LONGEST)(text)?;
    if time < DAY {
        return Err(Wrong::new(format!("{} is too short", quoted(text)), "write at least \"1d\""));
    }
    Ok(time)
}
