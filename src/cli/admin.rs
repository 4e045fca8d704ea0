//! `postern admin`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use postern_core::model::role::Role;

use super::desk::Desk;
use super::print::{Form, out, say, table};
use crate::actions::admin::link::Link;
use crate::actions::admin::{self, View};
use crate::clock::written;

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    Add(Add),
    /// List those who may sign in at the pages
    List(Form),
    /// Bar an admin and end their sessions
    Disable {
        /// The name they sign in with
        #[arg(value_name = "NAME")]
        name: String,
        /// Let them in again
        #[arg(long)]
        undo: bool,
    },
    /// Take password and second factor away, end all sessions and print a new link
    Reset {
        /// The name they sign in with
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// Add an admin and print the link by which they choose a password
///
/// The link works once and for one hour.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
#[command(after_help = "Examples:\n  postern admin add jan\n  postern admin add eva --role helpdesk")]
pub(super) struct Add {
    /// The name to sign in with
    #[arg(value_name = "NAME")]
    name: String,
    /// admin, helpdesk (registers mailboxes and sends links) or auditor (reads only)
    #[arg(long, value_name = "ROLE", default_value = "admin")]
    role: Role,
}

impl Admin {
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<ExitCode> {
        let (store, by) = (&desk.parts.store, &desk.by);
        let public_url = &desk.parts.config.http.public_url;
        match self {
            Self::Add(Add { name, role }) => tell(&admin::add(store, by, &name, role, public_url).await?)?,
            Self::Reset { name } => tell(&admin::reset(store, by, &name, public_url).await?)?,
            Self::Disable { name, undo: true } => {
                let changed = admin::enable(store, by, &name).await?;
                say(if changed { "The admin may sign in again." } else { "The admin was not disabled." });
            }
            Self::Disable { name, undo: false } => {
                let changed = admin::disable(store, by, &name).await?;
                say(if changed {
                    "The admin is disabled; all sessions have ended."
                } else {
                    "The admin was disabled before."
                });
            }
            Self::List(form) => list(form, &admin::list(store).await?)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Prints a link with what it is for.
pub(super) fn tell(link: &Link) -> anyhow::Result<()> {
    let end = written(link.expires_at);
    say(&format!("{} chooses a password by this link; it works once, until {end}:", link.name));
    out(link.url.reveal())?;
    Ok(())
}

fn list(form: Form, all: &[View]) -> anyhow::Result<()> {
    form.print(&all, |all| {
        let row = |view: &View| {
            let state = match (view.disabled, view.ready) {
                (true, _) => "disabled",
                (false, true) => "ready",
                (false, false) => "no password yet",
            };
            let seen = view.signed_in_at.clone().unwrap_or_else(|| "-".to_owned());
            let codes = if view.totp { "yes" } else { "no" };
            [view.name.clone(), view.role.to_string(), state.to_owned(), codes.to_owned(), seen]
        };
        table(["NAME", "ROLE", "STATE", "CODES", "SIGNED IN"], &all.iter().map(row).collect::<Vec<_>>())
    })
}
