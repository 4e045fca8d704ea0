//! What is wrong with this installation, as findings: a probe a file.
//!
//! A probe looks and changes nothing, but for what is tried on a calendar that
//! somebody names for that; whatever it waits for has a time limit.
//! Its finding says what was seen and, where something is to be done, what to
//! do. Command line, pages and notices only show findings; which probes run,
//! and beside which, is decided in [`crate::app`].

pub mod account;
pub mod accounts;
pub mod assumed;
pub mod certificate;
pub mod client;
pub mod crm;
pub mod delegation;
pub mod files;
pub mod listeners;
pub mod live;
pub mod network;
pub mod nodes;
pub mod redirect;
mod remedy;
pub mod store;
pub mod time;

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

/// The same for a probe that is one finding.
async fn bounded(
    limit: Duration,
    late: impl FnOnce() -> Finding,
    work: impl Future<Output = Finding>,
) -> Finding {
    let began = Instant::now();
    let finding = tokio::time::timeout(limit, work).await.unwrap_or_else(|_| late());
    finding.after(began.elapsed())
}
