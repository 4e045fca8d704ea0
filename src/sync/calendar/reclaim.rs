//! What is organized here and was owned elsewhere while nobody was connected is owned here again.
//!
//! Elsewhere the event can be read, and not written: what the CRM wanted written meanwhile waits in
//! what was agreed, which comes along.

use super::run::Run;
use crate::store::StoreError;
use crate::store::sync::{links, owners};

impl Run<'_> {
    /// Takes back the records of events that show something new, or whose calendar was asleep. While
    /// nobody knows what came of a write of its owner, a record stays there.
    pub(super) async fn reclaim(&self) -> Result<(), StoreError> {
        let views =
            owners::owned_elsewhere(self.store, &mut self.store.read().await?, self.calendar.id).await?;
        for view in views {
            let organizes = self.seen_event(&view).await?.is_some_and(|event| event.organizes);
            let Some(uid) = view.ical_uid.as_ref().filter(|_| organizes) else { continue };
            let mut batch = self.ledger().batch().await?;
            let Some(owner) = links::by_uid(self.store, &mut batch, uid).await? else { continue };
            if owners::pass_on(self.store, &mut batch, owner.id, &view).await? {
                batch.commit().await?;
            }
        }
        Ok(())
    }
}
