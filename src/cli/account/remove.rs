//! `postern account remove`.

use clap::Args;
use postern_core::model::address::Address;

use super::super::ask;
use super::super::desk::Desk;
use super::super::failure::Usage;
use super::say;
use crate::actions::account::remove::{AtGoogle, remove};
use crate::actions::account::view;

/// Remove an account with its tokens, and end its consent at Google
///
/// Ending the consent drops everything that this user gave to any client of
/// the whole Google Cloud project, not mail alone. To bar the logins only, use
/// `disable`.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct Remove {
    /// Address of the mailbox
    #[arg(value_name = "EMAIL")]
    address: Address,
    /// Ask nothing
    #[arg(long, short)]
    yes: bool,
    /// Remove it even when Google cannot be told; its consent lives on there
    #[arg(long)]
    force: bool,
}

impl Remove {
    pub(in crate::cli) async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        let address = &self.address;
        let account = view::one(&desk.parts.store, address).await?;
        if !self.yes {
            say(&format!(
                "{address} is removed with its {} live CRM token(s). Google drops every scope that this user \
                 gave to the whole project.",
                account.tokens
            ));
            confirm(address)?;
        }
        match remove(&desk.parts.store, &desk.by, &desk.reach(), address, self.force).await? {
            AtGoogle::NoGrant => say(&format!("{address} is removed; there was no consent to end.")),
            AtGoogle::Revoked => say(&format!(
                "{address} is removed; Google dropped every scope that this user gave to the project."
            )),
            AtGoogle::Lives(fault) => say(&format!(
                "{address} is removed, but Google did not confirm the end of its consent ({fault}). The owner \
                 can end it at https://myaccount.google.com/connections"
            )),
        }
        Ok(())
    }
}

pub(in crate::cli) fn confirm(address: &Address) -> anyhow::Result<()> {
    if !ask::somebody() {
        return Err(Usage("nobody is there to confirm; add --yes".to_owned()).into());
    }
    let answer = ask::line(&format!("Write {address} to confirm"), "")?;
    if address.is(&answer) {
        return Ok(());
    }
    anyhow::bail!("not confirmed; nothing was done")
}
