//! `postern key`.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::desk::Desk;
use super::key_lost::Lost;
use super::print::{Form, say};
use super::span::Span;
use crate::actions::keys::{self, Rotated, Step};

#[derive(Debug, Subcommand)]
pub(super) enum Key {
    Rotate(Rotate),
    Lost(Lost),
}

/// Replace the keys that seal what is stored and chain the journal
///
/// Adds new keys to the key file, waits until every running node has read them
/// (each reads its own key file again within seconds), puts them in use
/// everywhere at once and seals everything anew. Cut off anywhere, a second run
/// goes on. Old keys stay in the file; at the end it is said which of them
/// nothing needs any more.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Rotate {
    /// How long to wait for other nodes
    #[arg(long, value_name = "SPAN", default_value = "60s")]
    wait: Span,
    #[command(flatten)]
    form: Form,
}

#[derive(Serialize)]
struct Report {
    seal: String,
    audit: String,
    values_sealed: u64,
    values_that_do_not_open: u64,
    unused: Vec<String>,
    needed: Vec<Needed>,
}

#[derive(Serialize)]
struct Needed {
    key: String,
    why: &'static str,
}

impl Rotate {
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        let Self { wait: Span(wait), form } = self;
        rotate(desk, wait, form).await
    }
}

async fn rotate(desk: &Desk, wait: Duration, form: Form) -> anyhow::Result<()> {
    let rotated = keys::rotate(&desk.parts.store, &desk.by, wait, |step| say(&sentence(&step))).await?;
    let file = desk.parts.config.secrets.key_file.display().to_string();
    let Rotated { active, values, broken, unused, needed } = rotated;
    let needed = needed.into_iter().map(|(key, why)| Needed { key, why }).collect();
    let report = Report {
        seal: active.seal,
        audit: active.audit,
        values_sealed: values,
        values_that_do_not_open: broken,
        unused,
        needed,
    };
    form.print(&report, |report| text(report, &file))
}

fn sentence(step: &Step) -> String {
    match step {
        Step::Added(pair) => format!("New keys stand in the key file: {}.", pair.names().join(", ")),
        Step::Resumed(pair) => format!("Going on with the rotation to {}.", pair.names().join(", ")),
        Step::Waiting(nodes) => {
            format!("Waiting until these nodes have read them: {}.", nodes.join(", "))
        }
        Step::Activated => "The new keys are in use everywhere.".to_owned(),
        Step::Sealed(values) => format!("Sealed anew: {values}."),
    }
}

fn text(report: &Report, file: &str) -> String {
    let mut text = format!("seal/{} seals and audit/{} chains from now on.\n", report.seal, report.audit);
    if report.values_that_do_not_open > 0 {
        text.push_str(&format!(
            "{} values open with no key and were left as they are; the log names their places.\n",
            report.values_that_do_not_open
        ));
    }
    for Needed { key, why } in &report.needed {
        text.push_str(&format!("{key} must stay: {why}.\n"));
    }
    for key in &report.unused {
        let line =
            key.split_once('/').map_or_else(|| key.clone(), |(purpose, id)| format!("{id}:{purpose}:"));
        text.push_str(&format!(
            "{key} is needed no more, but by backups from before: remove the line \"{line}...\" from {file} on \
             every node.\n"
        ));
    }
    text
}
