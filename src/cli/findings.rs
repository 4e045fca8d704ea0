//! How findings are printed.

use std::process::ExitCode;

use postern_core::model::finding::{Finding, Severity};

use super::print::Form;

/// Prints findings; exit code 1 when one is a fault.
pub(super) fn report(form: Form, findings: &Vec<Finding>) -> anyhow::Result<ExitCode> {
    form.print(findings, |findings| lines(findings))?;
    Ok(if findings.iter().any(Finding::is_fault) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

// The remedy stands below what it mends, so that neither breaks the columns.
fn lines(findings: &[Finding]) -> String {
    let width = findings.iter().map(|it| it.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for finding in findings {
        let took = finding.took_ms.map(|ms| format!(" ({ms} ms)")).unwrap_or_default();
        text.push_str(&format!("{:<8} {:<width$}  {}{took}\n", word(finding), finding.id, finding.seen));
        if let Some(remedy) = &finding.remedy {
            text.push_str(&format!("{:9}{:width$}  -> {remedy}\n", "", ""));
        }
    }
    text
}

fn word(finding: &Finding) -> &'static str {
    match finding.severity {
        Severity::Fault => "FAILED",
        other => other.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::lines;
    use postern_core::model::finding::Finding;
    use std::time::Duration;

    #[test]
    fn a_remedy_stands_below_what_it_mends() {
        let findings = [
            Finding::ok("imap.connect", "reached").after(Duration::from_millis(12)),
            Finding::fault("imap.login", "refused", "do this"),
        ];
        let told = "ok       imap.connect  reached (12 ms)\n\
                    FAILED   imap.login    refused\n                       -> do this\n";
        assert_eq!(lines(&findings), told);
    }
}
