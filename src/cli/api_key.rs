//! `postern api-key`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use postern_core::model::address::Address;
use postern_core::model::id::{AccountId, ApiKeyId};
use postern_core::model::key_scope::KeyScope;

use super::desk::Desk;
use super::print::{Form, out, say, table};
use crate::actions::account::named;
use crate::actions::api_key::{self, PER_MINUTE, View};
use crate::store::Store;
use crate::store::api_keys::{Reach, Terms};

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
    /// Only this mailbox, beside those of the domains; may be repeated. A key
    /// of mailboxes alone registers none
    #[arg(long = "account", value_name = "ADDRESS")]
    accounts: Vec<Address>,
    /// Make a secret too, by which the program signs its requests instead of
    /// sending the key
    #[arg(long)]
    hmac: bool,
    /// Requests in a minute
    #[arg(long, value_name = "N", default_value_t = PER_MINUTE)]
    rate: u32,
}

impl ApiKey {
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<ExitCode> {
        let (store, by) = (&desk.parts.store, &desk.by);
        match self {
            Self::Add(Add { name, scopes, domains, accounts, hmac, rate }) => {
                let reach = Reach { domains, accounts: identities(store, &accounts).await? };
                let scopes = scopes.into_iter().collect();
                let terms = Terms { name, scopes, reach, signs: hmac, per_minute: rate };
                let made = api_key::create(store, by, &terms).await?;
                say(&format!("This key is shown once; programs send it as X-Api-Key. Its id: {}", made.id));
                out(made.key.reveal())?;
                if let Some(secret) = made.hmac {
                    say("The second line is the secret to sign with; it is shown once too.");
                    out(secret.reveal())?;
                }
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

async fn identities(store: &Store, addresses: &[Address]) -> anyhow::Result<Vec<AccountId>> {
    let mut read = store.read().await?;
    let mut found = Vec::new();
    for address in addresses {
        found.push(named(&mut read, address).await?.id);
    }
    Ok(found)
}

fn list(form: Form, all: &[View]) -> anyhow::Result<()> {
    form.print(&all, |all| {
        if all.is_empty() {
            return "No key yet; `postern api-key add NAME --scope ...` makes one.".to_owned();
        }
        let row = |view: &View| {
            let reach = match (view.domains.join(" "), view.accounts.len()) {
                (none, 0) if none.is_empty() => "all".to_owned(),
                (domains, 0) => domains,
                (domains, count) => format!("{domains} +{count}").trim().to_owned(),
            };
            let standing = if view.revoked_at.is_some() { "revoked" } else { "live" };
            let used = view.used_at.clone().unwrap_or_else(|| "-".to_owned());
            [view.id.to_string(), view.name.clone(), view.scopes.clone(), reach, standing.to_owned(), used]
        };
        let rows: Vec<_> = all.iter().map(row).collect();
        table(["ID", "NAME", "SCOPES", "MAILBOXES", "STANDING", "USED"], &rows)
    })
}
