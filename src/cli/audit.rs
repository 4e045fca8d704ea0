//! `postern audit`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::desk::Desk;
use super::failure::Usage;
use super::print::{Form, out, say, table};
use super::span::Span;
use crate::audit::export::{Line, each, lines};
use crate::audit::verify;
use crate::clock::micros;
use crate::store::Store;

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// List what happened, newest first
    #[command(after_help = "Example:\n  postern audit list --since 7d --limit 1000 --json")]
    List(List),
    /// Print the whole journal, one JSON object a line, oldest first
    Export,
    /// Check that no row was changed, moved or removed
    ///
    /// Prints the head of each chain. Kept somewhere else (the log says them
    /// hourly, as audit.head) and given as --head, they also find an end that
    /// was cut off and a chain that is gone. Exit code 1 when a chain is broken.
    #[command(verbatim_doc_comment)]
    #[command(after_help = "Example:\n  postern audit verify --head main:1042:kV9x... --head two:77:Zm8a...")]
    Verify(Verify),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// How far back
    #[arg(long, value_name = "SPAN", default_value = "24h")]
    since: Span,
    /// At most so many rows
    #[arg(long, value_name = "N", default_value_t = 200)]
    limit: u32,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// A head from the log or from an earlier run; may be given several times
    #[arg(long, value_name = "H")]
    head: Vec<String>,
    #[command(flatten)]
    form: Form,
}

#[derive(Serialize)]
struct Report {
    rows: i64,
    heads: Vec<String>,
    broken: Vec<String>,
    remarks: Vec<String>,
}

impl Audit {
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<ExitCode> {
        let store = &desk.parts.store;
        match self {
            Self::List(list) => {
                let since = store.clock().now().saturating_sub(micros(list.since.0));
                let rows = lines(store, since, list.limit.into()).await?;
                list.form.print(&rows, |rows| text(rows))?;
            }
            Self::Export => {
                each(store, |line| out(&serde_json::to_string(&line)?)).await?;
            }
            Self::Verify(verify) => return verify.run(store).await,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn text(rows: &[Line]) -> String {
    if rows.is_empty() {
        return "Nothing happened in that time.".to_owned();
    }
    let row = |line: &Line| {
        [line.at.clone(), line.actor.clone(), line.event.clone(), detail(&line.detail), line.request.clone()]
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    table(["AT", "WHO", "EVENT", "DETAIL", "REFERENCE"], &rows)
}

fn detail(detail: &serde_json::Value) -> String {
    let fields = detail.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let shown = fields.map(|(name, value)| match value.as_str() {
        Some(text) => format!("{name}={text}"),
        None => format!("{name}={value}"),
    });
    shown.collect::<Vec<_>>().join(" ")
}

impl Verify {
    async fn run(self, store: &Store) -> anyhow::Result<ExitCode> {
        let known: Result<Vec<_>, _> = self.head.iter().map(|head| verify::read(head)).collect();
        let known = known.map_err(|error| Usage(error.to_string()))?;
        let verify::Report { rows, heads, broken, remarks } = verify::verify(store, &known).await?;
        let whole = broken.is_empty();
        let report = Report { rows, heads, broken, remarks };
        self.form.print(&report, |report| report.heads.join("\n"))?;
        if !self.form.json {
            report.remarks.iter().chain(&report.broken).for_each(|line| say(line));
            let verdict = if whole { "every chain holds" } else { "the journal was tampered with" };
            say(&format!("{} rows: {verdict}.", report.rows));
        }
        Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
