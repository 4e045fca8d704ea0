//! What is wrong with this installation, as findings: a probe a file.
//!
//! A probe looks and changes nothing; whatever it waits for has a time limit.
//! Its finding says what was seen and, where something is to be done, what to
//! do. Command line, pages and notices only show findings.

pub mod account;
mod remedy;

use std::future::Future;
use std::time::Duration;

use postern_core::model::finding::Finding;
use tokio::time::Instant;

/// Runs one step under its time limit and tells how long it took. A step that
/// fails gives its finding in place of a value.
async fn step<T>(
    findings: &mut Vec<Finding>,
    limit: Duration,
    late: impl FnOnce() -> Finding,
    work: impl Future<Output = Result<(Finding, T), Finding>>,
) -> Option<T> {
    let began = Instant::now();
    let done = tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(late()));
    let (finding, value) = match done {
        Ok((finding, value)) => (finding, Some(value)),
        Err(finding) => (finding, None),
    };
    findings.push(finding.after(began.elapsed()));
    value
}
