//! Findings in words. What was seen and what to do about it stay as the probe
//! said them; the step and the verdict are in the language of the page.

use postern_core::model::finding::{Finding, Severity};

use crate::texts::Google;

/// What was looked at.
pub(in crate::http) fn step(finding: &Finding) -> Google {
    match finding.id {
        "account.state" => Google::StepState,
        "account.token" => Google::StepToken,
        "imap.connect" => Google::StepConnect,
        "imap.login" => Google::StepLogin,
        "imap.folders" => Google::StepFolders,
        "imap.quota" => Google::StepQuota,
        _ => Google::StepOther,
    }
}

/// How it went.
pub(in crate::http) fn verdict(finding: &Finding) -> Google {
    match finding.severity {
        Severity::Ok => Google::SeverityOk,
        Severity::Note => Google::SeverityNote,
        Severity::Warning => Google::SeverityWarning,
        Severity::Fault => Google::SeverityFault,
    }
}

/// The class that colours it; the word stands beside the colour.
pub(in crate::http) fn tone(finding: &Finding) -> &'static str {
    match finding.severity {
        Severity::Ok => "good",
        Severity::Note => "calm",
        Severity::Warning | Severity::Fault => "bad",
    }
}
