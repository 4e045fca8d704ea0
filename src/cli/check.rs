//! `postern check`.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::Outside;
use super::desk::configuration;
use super::failure::USAGE;
use super::print::{Form, table};
use crate::app::descriptors;
use crate::config::{Config, Faults, ListenTls, Listener};

/// Check configuration and files, and show what would be listened on
///
/// Every fault is told at once with its line, key and remedy; exit code 64.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Check {
    #[command(flatten)]
    form: Form,
}

#[derive(Serialize)]
struct Report {
    file: Option<String>,
    faults: Vec<Fault>,
    notes: Vec<String>,
    listen: Vec<Listen>,
}

#[derive(Serialize)]
struct Fault {
    place: String,
    key: String,
    what: String,
    remedy: String,
}

#[derive(Serialize)]
struct Listen {
    protocol: &'static str,
    addr: String,
    tls: &'static str,
    advertised: Option<String>,
}

impl Check {
    pub(super) fn run(self, outside: &Outside) -> anyhow::Result<ExitCode> {
        let report = match configuration(outside) {
            Ok(config) => of_config(&config),
            Err(faults) => {
                Report { file: None, faults: faults_of(&faults), notes: Vec::new(), listen: Vec::new() }
            }
        };
        self.form.print(&report, text)?;
        Ok(if report.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(USAGE) })
    }
}

fn of_config(config: &Config) -> Report {
    let faults = [config.serve_faults(), config.file_faults()];
    let mut listen = Vec::new();
    listen.extend(config.imap.listen.iter().map(|l| of_listener("imap", l)));
    listen.extend(config.smtp.listen.iter().map(|l| of_listener("smtp", l)));
    listen.push(Listen {
        protocol: "http",
        addr: config.http.listen.to_string(),
        tls: tls_name(config.http.tls),
        advertised: Some(config.http.public_url.to_string()),
    });
    // What serve can raise it to counts, not what this shell has.
    let files = descriptors::note(&config.limits, descriptors::most());
    Report {
        file: config.file.as_ref().map(|file| file.display().to_string()),
        faults: faults.iter().flat_map(faults_of).collect(),
        notes: config.notes().into_iter().chain(files).collect(),
        listen,
    }
}

fn of_listener(protocol: &'static str, listener: &Listener) -> Listen {
    Listen {
        protocol,
        addr: listener.addr.to_string(),
        tls: tls_name(listener.tls),
        advertised: listener.advertised.as_ref().map(|a| format!("{}:{}", a.host, a.port)),
    }
}

fn tls_name(tls: ListenTls) -> &'static str {
    match tls {
        ListenTls::None => "none",
        ListenTls::Implicit => "implicit",
        ListenTls::StartTls => "starttls",
        ListenTls::Auto => "auto",
    }
}

fn faults_of(faults: &Faults) -> Vec<Fault> {
    let one = |fault: &crate::config::Fault| Fault {
        place: fault.origin.to_string(),
        key: fault.key.clone(),
        what: fault.what.clone(),
        remedy: fault.remedy.clone(),
    };
    faults.0.iter().map(one).collect()
}

fn text(report: &Report) -> String {
    let mut text = String::new();
    for fault in &report.faults {
        let key = if fault.key.is_empty() { String::new() } else { format!("{}: ", fault.key) };
        text.push_str(&format!("fault  {}: {key}{}; {}\n", fault.place, fault.what, fault.remedy));
    }
    for note in &report.notes {
        text.push_str(&format!("note   {note}\n"));
    }
    let rows: Vec<_> = report.listen.iter().map(row).collect();
    if !rows.is_empty() {
        text.push_str(&table(["LISTENS FOR", "ON", "TLS", "PEOPLE ENTER"], &rows));
    }
    if report.faults.is_empty() {
        text.push_str(&format!("{}: no fault\n", report.file.as_deref().unwrap_or("configuration")));
    }
    text
}

fn row(listen: &Listen) -> [String; 4] {
    let advertised = listen.advertised.clone().unwrap_or_else(|| "-".to_owned());
    [listen.protocol.to_owned(), listen.addr.clone(), listen.tls.to_owned(), advertised]
}
