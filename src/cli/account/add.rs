//! `postern account add`.

use clap::Args;
use postern_core::model::account::State;
use postern_core::model::address::Address;
use serde::Serialize;

use super::super::desk::Desk;
use super::{out, say};
use crate::actions::account::Registration;
use crate::actions::account::add::{Added, Way, add};
use crate::clock::written;

/// Register a mailbox and print the link that connects it
///
/// Send the link to the owner of the mailbox: it lives seven days and opens
/// Google's consent page. For an account that exists a fresh link is made, and
/// new aliases are added. Where a service account serves the domain no link is
/// needed.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
#[command(after_help = "Examples:\n  postern account add anna@example.com --crm-user 5f3a\n  \
    postern account add sales@example.com --alias info@example.com")]
pub(in crate::cli) struct Add {
    /// Address of the mailbox
    #[arg(value_name = "EMAIL")]
    address: Address,
    /// The CRM user it belongs to; without one it is a shared mailbox
    #[arg(long, value_name = "ID")]
    crm_user: Option<String>,
    /// Further address, valid as user name and as sender
    #[arg(long = "alias", value_name = "A")]
    aliases: Vec<Address>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Shown<'a> {
    address: &'a Address,
    state: State,
    known: bool,
    link: Option<&'a str>,
    expires_at: Option<String>,
    served_by: Option<&'a str>,
}

impl Add {
    pub(in crate::cli) async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        let wanted = Registration { address: self.address, crm_user: self.crm_user, aliases: self.aliases };
        let added = add(&desk.parts.store, &desk.by, desk.rules(), &wanted).await?;
        if self.json {
            out(&serde_json::to_string_pretty(&shown(&added))?)?;
            return Ok(());
        }
        tell(&added)
    }
}

fn shown(added: &Added) -> Shown<'_> {
    let (link, expires_at, served_by) = match &added.way {
        Way::Link { link, .. } => (Some(link.url.reveal()), Some(written(link.expires_at)), None),
        Way::Served { by } => (None, None, Some(by.as_str())),
    };
    let (address, state) = (&added.account.address, added.account.state);
    Shown { address, state, known: added.known, link, expires_at, served_by }
}

fn tell(added: &Added) -> anyhow::Result<()> {
    let address = &added.account.address;
    let known = if added.known { "was registered before" } else { "is registered" };
    match &added.way {
        Way::Served { by } => {
            say(&format!("{address} {known}; the service account {by} opens it, no link is needed."));
        }
        Way::Link { link, client_missing } => {
            let fresh = if added.known { "a fresh link" } else { "this link" };
            let end = written(link.expires_at);
            say(&format!("{address} {known}; its owner connects it by {fresh} until {end}:"));
            out(link.url.reveal())?;
            if *client_missing {
                say("No OAuth client is set yet, so the link leads nowhere: run `postern client set`.");
            }
        }
    }
    Ok(())
}
