//! `postern api-key`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use postern_core::model::id::ApiKeyId;
use postern_core::model::key_scope::KeyScope;

use super::desk::Desk;
use super::print::{Form, out, say, table};
use crate::actions::api_key::{self, PER_MINUTE, View};
use crate::store::api_keys::Terms;

#[derive(Debug, Subcommand)]
pub(super) enum ApiKey {
    Add(Add),
    /// List keys; their secrets are not known any more
    List(Form),
    /// Revoke a key; its next request is refused
    Revoke {
        /// Identity, as `postern api-key list` shows it
        #[arg(value_name = "ID")]
        id: ApiKeyId,
    },
}

/// Make a key for the REST API and print it once
///
/// The key stands alone on stdout. Scopes: account:read, account:link,
/// token:issue, sync:run, audit:read.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
#[command(after_help = "Examples:\n  postern api-key add crm --scope account:read --scope account:link\n  \
    postern api-key add siem --scope audit:read --rate 60")]
pub(super) struct Add {
    /// What to call it in lists and in the journal
    #[arg(value_name = "NAME")]
    name: String,
    /// What it may do; may be repeated
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    scopes: Vec<KeyScope>,
    /// Only mailboxes of this domain; may be repeated [default: all]
    #[arg(long = "domain", value_name = "D")]
    domains: Vec<String>,
    /// Requests in a minute
    #[arg(long, value_name = "N", default_value_t = PER_MINUTE)]
    rate: u32,
}

impl ApiKey {
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<ExitCode> {
        let (store, by) = (&desk.parts.store, &desk.by);
        match self {
            Self::Add(Add { name, scopes, domains, rate }) => {
                let scopes = scopes.into_iter().collect();
                let made =
                    api_key::create(store, by, &Terms { name, scopes, domains, per_minute: rate }).await?;
                say(&format!("This key is shown once; programs send it as X-Api-Key. Its id: {}", made.id));
                out(made.key.reveal())?;
            }
            Self::Revoke { id } => {
                let changed = api_key::revoke(store, by, id).await?;
                say(if changed {
                    "The key is revoked."
                } else {
                    "The key was revoked before; nothing has changed."
                });
            }
            Self::List(form) => list(form, &api_key::list(store).await?)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn list(form: Form, all: &[View]) -> anyhow::Result<()> {
    form.print(&all, |all| {
        if all.is_empty() {
            return "No key yet; `postern api-key add NAME --scope ...` makes one.".to_owned();
        }
        let row = |view: &View| {
            let domains = if view.domains.is_empty() { "all".to_owned() } else { view.domains.join(" ") };
            let standing = if view.revoked_at.is_some() { "revoked" } else { "live" };
            let used = view.used_at.clone().unwrap_or_else(|| "-".to_owned());
            [view.id.to_string(), view.name.clone(), view.scopes.clone(), domains, standing.to_owned(), used]
        };
        let rows: Vec<_> = all.iter().map(row).collect();
        table(["ID", "NAME", "SCOPES", "DOMAINS", "STANDING", "USED"], &rows)
    })
}
