//! What is organized here and was owned elsewhere while nobody was connected is owned here again.
//!
//! Elsewhere the event can be read, and not written: what the CRM wanted written meanwhile waits in
//! what was agreed, which comes along.

use super::run::Run;
use super::scene::{ROWS, read_event};
use crate::store::StoreError;
use crate::store::sync::links::{self, Link, Role};
use crate::store::sync::{google_seen, owners};

impl Run<'_> {
    /// Takes back the records of events that show something new, or whose calendar was asleep.
    pub(super) async fn reclaim(&self) -> Result<(), StoreError> {
        let rows =
            google_seen::dirty(self.store, &mut self.store.read().await?, self.calendar.id, ROWS).await?;
        for row in rows.iter().filter(|row| row.live) {
            let Some(event) = read_event(row).filter(|event| event.organizes) else { continue };
            let link = async {
                links::by_event(self.store, &mut self.store.read().await?, self.calendar.id, &event.id).await
            };
            if let Some(link) = link.await?.filter(|link| link.role == Role::View) {
                self.reclaimed(&link).await?;
            }
        }
        Ok(())
    }

    // While nobody knows what came of a write of its owner, it stays there.
    async fn reclaimed(&self, link: &Link) -> Result<(), StoreError> {
        let Some(uid) = &link.ical_uid else { return Ok(()) };
        let mut batch = self.ledger().batch().await?;
        let owner = links::by_uid(self.store, &mut batch, uid).await?;
        let Some(owner) = owner.filter(|owner| owner.calendar != self.calendar.id) else { return Ok(()) };
        if owners::pass_on(self.store, &mut batch, owner.id, link).await? {
            batch.commit().await?;
        }
        Ok(())
    }
}
