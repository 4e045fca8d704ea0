//! What somebody tried or took out, for the journal: nothing else changes, and
//! the row stays.

use postern_core::model::event::Event;
use postern_core::model::finding::{Finding, Severity};

use super::{ActError, By};
use crate::store::Store;

/// Records it.
///
/// # Errors
/// When the database does not answer.
pub async fn record(store: &Store, by: &By, event: Event) -> Result<(), ActError> {
    Ok(by.open(store).await?.commit(event).await?)
}

/// The word for how a try went: that of its worst finding.
#[must_use]
pub fn outcome(findings: &[Finding]) -> &'static str {
    findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Ok).name()
}
