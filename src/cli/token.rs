//! `postern token`.

use std::process::ExitCode;

use clap::{ArgGroup, Args, Subcommand};
use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::id::TokenId;
use postern_core::model::token::Protocols;

mod settings;

use super::desk::Desk;
use super::print::{Form, counted, out, say, table};
use super::span::Span;
use crate::actions::account::view::{self, Leave};
use crate::actions::token::{self, Issued, Standing, Terms, View};
use crate::clock::micros;

#[derive(Debug, Subcommand)]
pub(super) enum Token {
    Issue(Issue),
    /// List tokens; their secrets are not known any more
    List(List),
    /// Revoke a token; its sessions end within seconds
    Revoke {
        /// Identity, as `postern token list` shows it
        #[arg(value_name = "ID")]
        id: TokenId,
    },
}

/// Issue a token and print it once
///
/// The token stands alone on stdout; what to enter in the CRM goes to stderr.
/// With --all there is one line "EMAIL TOKEN" for every mailbox that is not
/// disabled.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
#[command(group = ArgGroup::new("whose").required(true).args(["address", "all"]))]
#[command(after_help = "Examples:\n  postern token issue anna@example.com\n  \
    postern token issue anna@example.com --name espo --protocol imap --expires 90d\n  \
    postern token issue --all > tokens.txt")]
pub(super) struct Issue {
    /// Address of the mailbox
    #[arg(value_name = "EMAIL")]
    address: Option<Address>,
    /// One for every mailbox
    #[arg(long)]
    all: bool,
    /// What to call it in lists
    #[arg(long, value_name = "N", default_value = "crm")]
    name: String,
    /// Where it may log in: imap, smtp or both
    #[arg(long, value_name = "PROTOCOL", default_value = "both")]
    protocol: Protocols,
    /// How long it lives, such as 90d [default: until it is revoked]
    #[arg(long, value_name = "SPAN")]
    expires: Option<Span>,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those of this mailbox
    #[arg(value_name = "EMAIL")]
    address: Option<Address>,
    #[command(flatten)]
    form: Form,
}

impl Token {
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<ExitCode> {
        match self {
            Self::Issue(issue) => issue.run(desk).await?,
            Self::List(list) => list.run(desk).await?,
            Self::Revoke { id } => revoke(desk, id).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Issue {
    async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        let store = &desk.parts.store;
        let expires_at = self.expires.map(|Span(life)| store.clock().now() + micros(life));
        let terms = Terms { name: self.name.clone(), protocols: self.protocol, expires_at };
        match &self.address {
            Some(address) => {
                let issued = token::issue(store, &desk.by, address, &terms).await?;
                out(issued.token.reveal())?;
                say(&settings::of(&desk.parts.config, &issued.address, self.protocol));
                warn(desk, &issued).await?;
            }
            None => all(desk, &terms).await?,
        }
        Ok(())
    }
}

async fn all(desk: &Desk, terms: &Terms) -> anyhow::Result<()> {
    let mut printed = Ok(());
    let told = |issued: &Issued| {
        let line = out(&format!("{} {}", issued.address, issued.token.reveal()));
        if printed.is_ok() {
            printed = line;
        }
    };
    let count = token::issue_all(&desk.parts.store, &desk.by, terms, told).await?;
    printed?;
    say(&format!("{} issued.", counted(count, "token")));
    Ok(())
}

// A token may be issued before the mailbox is connected; then it waits.
async fn warn(desk: &Desk, issued: &Issued) -> anyhow::Result<()> {
    let (address, state) = (&issued.address, issued.state);
    match state {
        State::Active => {}
        State::New => {
            if view::one(&desk.parts.store, address).await?.connected_by == Leave::None {
                say(&format!("{address} is not connected yet: postern account add {address}"));
            }
        }
        State::NeedsConsent | State::NeedsSignIn => {
            say(&format!("The owner of {address} has to connect again: postern account add {address}"));
        }
        State::AwaitingApproval => say(&format!("{address} waits for: postern account approve {address}")),
        State::Disabled => say(&format!("{address} is disabled: postern account enable {address}")),
    }
    Ok(())
}

impl List {
    async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        let tokens = token::list(&desk.parts.store, self.address.as_ref()).await?;
        self.form.print(&tokens, |tokens| {
            if tokens.is_empty() {
                return "No token yet; `postern token issue EMAIL` makes one.".to_owned();
            }
            let rows: Vec<_> = tokens.iter().map(row).collect();
            table(["ID", "ADDRESS", "NAME", "PROTOCOLS", "STANDING", "ISSUED", "EXPIRES"], &rows)
        })
    }
}

fn row(token: &View) -> [String; 7] {
    let standing = match token.standing {
        Standing::Live => "live",
        Standing::Expired => "expired",
        Standing::Revoked => "revoked",
    };
    [
        token.id.to_string(),
        token.address.to_string(),
        token.name.clone(),
        token.protocols.to_string(),
        standing.to_owned(),
        token.created_at.clone(),
        token.expires_at.clone().unwrap_or_else(|| "-".to_owned()),
    ]
}

async fn revoke(desk: &Desk, id: TokenId) -> anyhow::Result<()> {
    let done = token::revoke(&desk.parts.store, &desk.by, id).await?;
    let (name, address) = (&done.name, &done.address);
    say(&if done.changed {
        format!("The token {name} of {address} is revoked; its sessions end within seconds.")
    } else {
        format!("The token {name} of {address} was revoked before; nothing has changed.")
    });
    Ok(())
}
