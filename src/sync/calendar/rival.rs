//! Another program that does the same.
//!
//! When the CRM's own synchronisation runs for a user too, it makes a second event
//! of a record that has one, and names it in the field that we name ours in. Two
//! that answer each other's events double everything, so a run that sees such a
//! twin ends before it does anything, and the calendar waits for a person.

use postern_core::plan::calendar::entry::Entry;
use postern_core::plan::calendar::event_id::Marker;
use postern_core::plan::seen::Seen;

use super::run::Run;
use super::scene::{Stage, read_event};
use crate::store::sync::{crm_seen, google_seen, links};
use crate::store::{Read, StoreError};
use crate::sync::missed::{Missed, Stop};

impl Run<'_> {
    /// Ends the run when somebody else makes events of the same records.
    pub(super) async fn alone_here(&self, stage: &Stage) -> Result<(), Missed> {
        for (pair, link) in stage.pairs.iter().zip(&stage.links) {
            let Seen::Live(entry) = &pair.crm else { continue };
            let Some(named) = entry.event_id.as_ref().filter(|named| link.event.as_ref() != Some(named))
            else {
                continue;
            };
            if self.is_twin(named, entry).await? {
                let (kind, record) = (entry.entity.name(), &entry.id);
                return Err(Missed::Stop(Stop {
                    word: "crm_syncs_too",
                    why: format!("{kind} {record} names an event that another program has made of it"),
                    until: None,
                    account: true,
                }));
            }
        }
        Ok(())
    }

    // A record that was copied names an older event, and one that was split off names none that is left.
    async fn is_twin(&self, named: &str, entry: &Entry) -> Result<bool, StoreError> {
        let mut read = self.store.read().await?;
        let row = google_seen::get(self.store, &mut read, self.calendar.id, named).await?;
        let event = row.filter(|row| row.live).as_ref().and_then(read_event);
        let twin = event
            .is_some_and(|event| event.created >= entry.created && Marker::read(&event.private).is_none());
        Ok(twin && !self.is_of_an_older_record(&mut read, named, entry).await?)
    }

    // The CRM counts whole seconds: in the second in which the event was made its record may have been
    // copied. One that we have made of the event of another program is younger.
    async fn is_of_an_older_record(
        &self,
        read: &mut Read,
        named: &str,
        entry: &Entry,
    ) -> Result<bool, StoreError> {
        let link = links::by_event(self.store, read, self.calendar.id, named).await?;
        let Some(link) = link.filter(|link| link.record.as_ref() != Some(&entry.id)) else {
            return Ok(false);
        };
        let Some(record) = &link.record else { return Ok(false) };
        let row = crm_seen::get(self.store, read, &link.entity, record).await?;
        let other = row.and_then(|row| self.read_entry(&row));
        Ok(other.is_some_and(|other| other.created <= entry.created))
    }
}
