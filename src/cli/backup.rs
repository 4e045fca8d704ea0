//! `postern backup`, `postern restore`, `postern adopt`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::Outside;
use super::ask;
use super::desk::{Desk, author, configuration, place};
use super::failure::Usage;
use super::print::{Form, say};
use crate::actions::adopt::adopt;
use crate::actions::backup::{About, backup};
use crate::actions::restore::{Destination, restore};
use crate::clock::Clock;
use crate::dice::Dice;
use crate::store::Standing;

/// Save the whole database while the gateway serves
///
/// Writes a consistent copy into a new folder. The key file is not part of it
/// unless asked for: without it nobody reads what is sealed, so keep both
/// apart. PostgreSQL is saved by its own pg_dump.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Backup {
    /// A folder that is new or empty
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Save the key file too; whoever has the folder then has every mailbox
    #[arg(long)]
    with_key: bool,
    #[command(flatten)]
    form: Form,
}

impl Backup {
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        let parts = &desk.parts;
        let to = (self.folder.as_path(), self.with_key);
        let about = backup(&parts.store, &place(&parts.config), &desk.by, to).await?;
        self.form.print(&about, |about| {
            let key = if about.with_key {
                "The key file is in it: guard it like the mailboxes themselves."
            } else {
                "The key file is not in it: save that apart, the backup is of no use without it."
            };
            format!("{} was saved to {}. {key}\n", about.database, self.folder.display())
        })
    }
}

/// What becomes of the CRM tokens and API keys that a backup brings back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Tokens {
    /// They open what they opened when the backup was made, revoked ones since then too
    Keep,
    /// No CRM token and no API key opens anything; issue new ones
    Revoke,
}

/// Fill an empty database from a backup
///
/// The configuration says where: its database must be empty. Calendars,
/// contacts and notices are held until `postern adopt`. CRM tokens and API keys
/// that were revoked after the backup was made would open their mailbox again:
/// say what becomes of all that it brings back.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Restore {
    /// The folder that `postern backup` has made
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// What becomes of the CRM tokens and API keys of the backup; asked for unless given
    #[arg(long, value_enum)]
    tokens: Option<Tokens>,
    #[command(flatten)]
    form: Form,
}

#[derive(Serialize)]
struct Report {
    backup: About,
    key_restored: bool,
    tokens_revoked: u64,
    api_keys_revoked: u64,
}

impl Restore {
    pub(super) async fn run(self, outside: &Outside) -> anyhow::Result<()> {
        let config = configuration(outside)?;
        let by = author(&outside.env)?;
        let about = About::read(&self.folder)?;
        let tokens = match self.tokens {
            Some(tokens) => tokens,
            None => asked(&about)?,
        };
        let (file, shown) = (config.database.sqlite_path(), config.database.shown());
        let to = Destination { place: place(&config), file: file.as_deref(), shown: &shown };
        let what = (self.folder.as_path(), tokens == Tokens::Revoke);
        let done = restore(&to, &by, what, (&Clock::system(), &Dice::default())).await?;
        let report = Report {
            backup: done.about,
            key_restored: done.new_key,
            tokens_revoked: done.revoked.tokens,
            api_keys_revoked: done.revoked.api_keys,
        };
        self.form.print(&report, |report| {
            format!(
                "{shown} holds the backup of {} again{}. CRM tokens revoked: {}; API keys: {}.\nNext: postern serve. Calendars, \
                 contacts and notices are held until `postern adopt`.\n",
                report.backup.made_at,
                if report.key_restored { ", and its key file" } else { "" },
                report.tokens_revoked,
                report.api_keys_revoked
            )
        })
    }
}

fn asked(about: &About) -> anyhow::Result<Tokens> {
    if !ask::somebody() {
        return Err(
            Usage("say what becomes of the CRM tokens: --tokens keep or --tokens revoke".to_owned()).into()
        );
    }
    say(&format!(
        "The backup is of {}. CRM tokens and API keys that were revoked since then would open mailboxes again.",
        about.made_at
    ));
    match ask::line("Keep the tokens, or revoke all of them", "revoke")?.as_str() {
        "keep" => Ok(Tokens::Keep),
        "revoke" => Ok(Tokens::Revoke),
        other => Err(Usage(format!("{other} is neither keep nor revoke")).into()),
    }
}

/// Let a database that was moved or restored write to calendars and contacts
///
/// A database that is started under another public_url or on another machine,
/// or that was restored, holds its synchronisation: it may be a copy, and the
/// original may still run. Adopt it where it takes over, and nowhere else.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Adopt {
    /// Ask nothing
    #[arg(long, short)]
    yes: bool,
}

impl Adopt {
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        let store = &desk.parts.store;
        let url = desk.parts.config.http.public_url.to_string();
        match store.standing().await? {
            Standing::Here => {
                say("The database is at home here; nothing was held.");
                return Ok(());
            }
            Standing::Restored => say("The database was restored from a backup."),
            Standing::Elsewhere { before, now } => say(&format!(
                "The database was served at {} ({}), and this is {} ({}).",
                before.public_url, before.place, now.public_url, now.place
            )),
        }
        if !self.yes {
            confirm()?;
        }
        adopt(store, &desk.by, &url).await?;
        say("Adopted: calendars, contacts and notices go on, and both sides are read from the beginning.");
        Ok(())
    }
}

fn confirm() -> anyhow::Result<()> {
    if !ask::somebody() {
        return Err(Usage("nobody is there to confirm; add --yes".to_owned()).into());
    }
    say("Two installations that write to the same calendars undo each other's work.");
    let answer = ask::line("Write adopt if the other one is stopped for good", "")?;
    if answer == "adopt" { Ok(()) } else { anyhow::bail!("not confirmed; everything stays held") }
}
