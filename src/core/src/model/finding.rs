//! What a check found: a value that the command line, pages and notices only
//! show. It never holds a secret.

use std::time::Duration;

use serde::Serialize;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// As it should be.
    Ok,
    /// Nothing is wrong; somebody may want to know.
    Note,
    /// It works today and may not tomorrow, or works for some only.
    Warning,
    /// It does not work.
    Fault,
}

impl Severity {
    /// The word that is shown.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Fault => "fault",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable name, `network.imap`.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What was seen.
    pub seen: String,
    /// What to do about it.
    pub remedy: Option<String>,
    /// How long looking took, in milliseconds, where somebody may wait for it.
    pub took_ms: Option<u64>,
}

impl Finding {
    /// As it should be.
    #[must_use]
    pub fn ok(id: &'static str, seen: impl Into<String>) -> Self {
        Self { id, severity: Severity::Ok, seen: seen.into(), remedy: None, took_ms: None }
    }

    /// Nothing is wrong.
    #[must_use]
    pub fn note(id: &'static str, seen: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::ok(id, seen) }
    }

    /// Worth mending.
    #[must_use]
    pub fn warning(id: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, remedy: Some(remedy.into()), ..Self::ok(id, seen) }
    }

    /// To be mended.
    #[must_use]
    pub fn fault(id: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { severity: Severity::Fault, ..Self::warning(id, seen, remedy) }
    }

    /// The same with the time that looking took.
    #[must_use]
    pub fn after(mut self, took: Duration) -> Self {
        self.took_ms = Some(u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// Whether it does not work.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        self.severity == Severity::Fault
    }
}
