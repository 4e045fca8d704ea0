//! `postern sync remove-all`.

use clap::Args;
use postern_core::model::address::Address;

use super::Desk;
use super::undo::text;
use crate::actions::account::named;
use crate::actions::calendars::removal::{preview, remove};
use crate::cli::print::say;

#[derive(Debug, Args)]
pub(in crate::cli) struct RemoveAll {
    /// The mailbox
    #[arg(value_name = "EMAIL")]
    account: Address,
    /// Only show what would be done
    #[arg(long)]
    dry_run: bool,
}

impl RemoveAll {
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        let store = &desk.parts.store;
        let account = named(&mut store.read().await?, &self.account).await?.id;
        let preview = preview(store, account).await?;
        say(&text(&preview));
        if preview.more {
            say("There is more: run this command again when this is done.");
        }
        if self.dry_run {
            return Ok(());
        }
        let count = remove(store, &desk.by, account, &preview.mark()).await?;
        say(&format!("{count} things are removed by the next runs of the calendars."));
        super::served(desk, account).await
    }
}
