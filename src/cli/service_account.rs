//! `postern service-account`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use postern_core::model::scope::Product;

use super::desk::Desk;
use super::print::{facts, out, say};
use super::read;
use crate::actions::service_account::import;

#[derive(Debug, Subcommand)]
pub(super) enum ServiceAccount {
    /// Store the key of a service account that opens a Workspace's mailboxes
    ///
    /// Its users need not consent: a Workspace admin delegates to it once, by
    /// the client id and the scopes that this command prints.
    #[command(verbatim_doc_comment)]
    #[command(after_help = "Example:\n  postern service-account import key.json --domain example.com")]
    Import {
        /// JSON key file from the Google Cloud console; - is stdin
        file: PathBuf,
        /// Workspace domain that it serves [default: google.allowed_domains]
        #[arg(long = "domain", value_name = "D")]
        domains: Vec<String>,
    },
}

impl ServiceAccount {
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<ExitCode> {
        let Self::Import { file, domains } = self;
        let key = read::text(&file)?;
        let stored = import(&desk.parts.store, &desk.by, &key, &domains, desk.allowed_domains()).await?;
        let verb = if stored.replaced { "was replaced" } else { "is stored" };
        say(&format!("{} {verb}; it serves {}.", stored.email, stored.domains.join(", ")));
        say("Enter both in the Admin console: Security, API controls, Domain-wide delegation, Add new.");
        let scopes = Product::scopes_of(&desk.parts.tuning.google().now().products);
        out(&facts(&[("client id", stored.client_id), ("scope", scopes)]))?;
        say("The key file holds a secret: delete it, or keep it where nobody else reads it.");
        Ok(ExitCode::SUCCESS)
    }
}
