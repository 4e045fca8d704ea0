//! `postern migrate`.

use clap::Args;

use super::Outside;
use super::desk::{configuration, place};
use super::print::{counted, out};
use crate::clock::Clock;
use crate::dice::Dice;
use crate::store::{Pending, Store, StoreError};

/// Bring the database up to date
///
/// Migrations only add, so nodes of the version before keep running. An SQLite
/// file is copied aside first. `serve` does this by itself for SQLite, never
/// for PostgreSQL.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Migrate {
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
}

impl Migrate {
    pub(super) async fn run(self, outside: &Outside) -> anyhow::Result<()> {
        let config = configuration(outside)?;
        let place = place(&config);
        let store = place.open(place.ring()?, &Clock::system(), &Dice::default()).await?;
        let done = self.go(&store).await;
        store.close().await;
        let pending = done?;
        let shown = config.database.shown();
        let count = counted(pending.missing, "migration");
        out(&match (pending.missing, self.dry_run) {
            (0, _) => format!("{shown} is up to date (schema {}).", pending.known),
            (_, true) => {
                format!("{shown} lacks {count}: schema {} would become {}.", pending.applied, pending.known)
            }
            (_, false) => format!("{shown} is up to date now (schema {}, {count} applied).", pending.known),
        })?;
        Ok(())
    }

    async fn go(&self, store: &Store) -> Result<Pending, StoreError> {
        if self.dry_run {
            return store.pending().await;
        }
        let pending = store.migrate().await?;
        store.ready().await?;
        Ok(pending)
    }
}
