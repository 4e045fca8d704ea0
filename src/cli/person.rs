//! `postern person`.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use postern_core::model::address::Address;

use super::account::remove::confirm;
use super::desk::Desk;
use super::print::{out, say};
use crate::actions::account::remove::AtGoogle;
use crate::actions::person::{Archive, Erased, erase};

#[derive(Debug, Subcommand)]
pub(super) enum Person {
    /// Tell everything that is known of a person, a JSON object a line
    ///
    /// Their own mailbox with everything linked to it, the rows of the journal
    /// that name them, and where else the address stands: people and records
    /// whole, of others' events only that it stands there. No token or key is
    /// told.
    #[command(verbatim_doc_comment)]
    #[command(after_help = "Example:\n  postern person export eve@example.com --to eve.jsonl")]
    Export(Export),
    /// Forget a person
    ///
    /// Removes their mailbox here with its consent at Google, what was written
    /// down about them, and the name behind the journal's pseudonyms: the
    /// journal stays and still verifies. What stands in Google or in the CRM is
    /// not touched, and is told: remove it there.
    #[command(verbatim_doc_comment)]
    Erase(Erase),
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// The person's address
    #[arg(value_name = "ADDRESS")]
    address: Address,
    /// Write into this new file, which only you can read
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Erase {
    /// The person's address
    #[arg(value_name = "ADDRESS")]
    address: Address,
    /// Ask nothing
    #[arg(long, short)]
    yes: bool,
    /// Go on even when Google cannot be told; a consent lives on there
    #[arg(long)]
    force: bool,
}

impl Person {
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        match self {
            Self::Export(export) => export.run(desk).await,
            Self::Erase(erase) => erase.run(desk).await,
        }
    }
}

impl Export {
    async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        let store = &desk.parts.store;
        let mut file = match &self.to {
            Some(path) => {
                let new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
                Some(new.with_context(|| format!("{}", path.display()))?)
            }
            None => None,
        };
        let mut archive = Archive::open(store, &desk.by, &self.address).await?;
        while let Some(lines) = archive.next(store).await? {
            for line in lines {
                match &mut file {
                    Some(file) => writeln!(file, "{line}")?,
                    None => out(&line.to_string())?,
                }
            }
        }
        if let Some(path) = self.to {
            say(&format!("Everything about {} is in {}.", self.address, path.display()));
        }
        Ok(())
    }
}

impl Erase {
    async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        let address = &self.address;
        if !self.yes {
            say(&format!("What is known here of {address} is forgotten, and cannot be brought back."));
            confirm(address)?;
        }
        let erased = erase(&desk.parts.store, &desk.by, &desk.reach(), address, self.force).await?;
        told(&erased);
        Ok(())
    }
}

fn told(erased: &Erased) {
    match &erased.mailbox {
        None => say("There is no mailbox of this person."),
        Some(AtGoogle::NoGrant) => say("The mailbox is removed; there was no consent to end."),
        Some(AtGoogle::Revoked) => say("The mailbox is removed, and its consent at Google is ended."),
        Some(AtGoogle::Lives(fault)) => {
            say(&format!(
                "The mailbox is removed, but Google did not confirm the end of its consent ({fault})."
            ));
        }
    }
    say(&format!("Names behind pseudonyms of the journal forgotten: {}.", erased.names));
    say(&format!("What was written down and is gone: {}.", erased.words));
    for (place, count) in &erased.remains {
        say(&format!("Stays, as it stands in Google or in the CRM: {count} in {place}. Remove it there."));
    }
}
