//! `postern sync remove-all`.

use clap::Args;
use postern_core::model::address::Address;
use postern_core::model::id::AccountId;

use super::undo::text;
use super::{Desk, Job};
use crate::actions::account::named;
use crate::actions::calendars::CalendarFault;
use crate::actions::calendars::removal::{preview, remove};
use crate::actions::contacts::{ContactsFault, removal as contacts};
use crate::actions::undoing::{NotUndone, Preview};
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
        // What stands in the way of one does not in that of the other.
        let calendars = self.calendars(desk, account).await;
        self.contacts(desk, account).await.and(calendars)
    }

    async fn calendars(&self, desk: &Desk, account: AccountId) -> anyhow::Result<()> {
        let store = &desk.parts.store;
        let preview = match preview(store, account).await {
            Err(CalendarFault::Undo(fault @ NotUndone::NotConnected(_))) => {
                return passed("calendars", fault);
            }
            found => found?,
        };
        if self.shown("calendars", &preview) {
            let count = remove(store, &desk.by, account, &preview.mark()).await?;
            say(&format!("{count} things are removed by the next runs of the calendars."));
            super::served(desk, Job::Calendar, account).await?;
        }
        Ok(())
    }

    async fn contacts(&self, desk: &Desk, account: AccountId) -> anyhow::Result<()> {
        let store = &desk.parts.store;
        let preview = match contacts::preview(store, account).await {
            Err(ContactsFault::Undo(fault @ NotUndone::NotConnected(_))) => return passed("contacts", fault),
            found => found?,
        };
        if self.shown("contacts", &preview) {
            let count = contacts::remove(store, &desk.by, account, &preview.mark()).await?;
            say(&format!("{count} people and records are removed by the next runs of the contacts."));
            super::served(desk, Job::Contacts, account).await?;
        }
        Ok(())
    }

    // Whether it is to be done, too.
    fn shown(&self, of: &str, preview: &Preview) -> bool {
        if preview.acts() + preview.left() == 0 {
            say(&format!("Of {of}, nothing was made."));
            return false;
        }
        say(&text(preview));
        if preview.more {
            say("There is more: run this command again when this is done.");
        }
        preview.acts() > 0 && !self.dry_run
    }
}

fn passed(of: &str, fault: NotUndone) -> anyhow::Result<()> {
    say(&format!("Of {of}, nothing is removed: {fault}."));
    Ok(())
}
