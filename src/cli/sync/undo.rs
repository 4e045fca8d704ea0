//! `postern sync undo`.

use clap::Args;
use postern_core::model::id::RunId;

use super::{Desk, Job};
use crate::actions::calendars::undo::{account_of, preview, undo};
use crate::actions::contacts::undo as contacts;
use crate::actions::undoing::Preview;
use crate::cli::print::{say, table};

#[derive(Debug, Args)]
pub(in crate::cli) struct Undo {
    /// The run, as `sync status` shows it
    run: RunId,
    /// Only show what would be done
    #[arg(long)]
    dry_run: bool,
}

impl Undo {
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        let store = &desk.parts.store;
        if let Some(account) = contacts::account_of(store, self.run).await? {
            let preview = contacts::preview(store, account, self.run).await?;
            if self.shown(&preview) {
                let count = contacts::undo(store, &desk.by, account, self.run, &preview.mark()).await?;
                say(&format!("{count} changes are taken back by the next run of the mailbox's contacts."));
                super::served(desk, Job::Contacts, account).await?;
            }
            return Ok(());
        }
        let account = account_of(store, self.run).await?;
        let preview = preview(store, account, self.run).await?;
        if self.shown(&preview) {
            let count = undo(store, &desk.by, account, self.run, &preview.mark()).await?;
            say(&format!("{count} changes are taken back by the next run of the calendar."));
            super::served(desk, Job::Calendar, account).await?;
        }
        Ok(())
    }

    // Whether it is to be done, too.
    fn shown(&self, preview: &Preview) -> bool {
        say(&text(preview));
        !self.dry_run
    }
}

/// What would be done and what would stay, in lines.
pub(super) fn text(preview: &Preview) -> String {
    let acts = preview.parts.iter().flat_map(|part| {
        part.acts.iter().map(|act| {
            let (what, side) = (act.name().to_owned(), act.side().name().to_owned());
            [part.title.clone(), side, what, String::new()]
        })
    });
    let left = preview.parts.iter().flat_map(|part| {
        part.left.iter().map(|left| {
            let what = left.field.map_or("all of it", |field| field.name());
            let why = format!("{what}: {}", left.why.name());
            [part.title.clone(), left.side.name().to_owned(), "stays".to_owned(), why]
        })
    });
    let rows: Vec<[String; 4]> = acts.chain(left).collect();
    let mut told = table(["TITLE", "SIDE", "BECOMES", "WHY"], &rows);
    if preview.brings() {
        told.push_str(
            "\nWhat is brought back is made anew, of what is shown. Guests, history and links to other records do \
             not come back in the CRM.",
        );
    }
    if preview.mails > 0 {
        told.push_str(&format!("\nThe CRM may send {} mails about what is made again in it.", preview.mails));
    }
    told
}
