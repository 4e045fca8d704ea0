//! Exit codes, and how a failure is told.

use std::process::ExitCode;

use super::print::say;
use crate::config::Faults;

/// Bad usage or configuration (`EX_USAGE`).
pub(super) const USAGE: u8 = 64;

/// Arguments that do not go together, found after parsing.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Usage(pub(super) String);

/// `--help` and `--version` are no failure; everything else is bad usage.
pub(super) fn of_usage(error: &clap::Error) -> ExitCode {
    let _closed = error.print();
    if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS }
}

/// Says what failed and gives its exit code.
pub(super) fn told(error: &anyhow::Error) -> ExitCode {
    if let Some(faults) = error.downcast_ref::<Faults>() {
        say(&faults.to_string());
        return ExitCode::from(USAGE);
    }
    // Whoever reads our output has gone, as `head` does; nobody wants to hear of it.
    let gone = error.downcast_ref::<std::io::Error>();
    if gone.is_none_or(|e| e.kind() != std::io::ErrorKind::BrokenPipe) {
        say(&format!("postern: {error:#}"));
    }
    if error.is::<Usage>() { ExitCode::from(USAGE) } else { ExitCode::FAILURE }
}
