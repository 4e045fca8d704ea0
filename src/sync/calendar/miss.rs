//! Effects that were not had, and what the next plan needs to know of them.

use postern_core::plan::calendar::entry::Entity;
use postern_core::plan::link::{Side, State};

use super::ledger::Side as Shown;
use super::run::Run;
use super::scene::Saw;
use crate::store::sync::links::{self, Link, Role};
use crate::store::sync::{crm_seen, dead_letters, google_seen, intents};
use crate::store::{Batch, StoreError};
use crate::sync::missed::Missed;

impl Run<'_> {
    /// Takes note of an effect that was not had.
    pub(super) async fn missed(&mut self, mut link: Link, missed: Missed) -> Result<(), Missed> {
        match missed {
            Missed::Stop(stop) => Err(Missed::Stop(stop)),
            // A pair that came to nothing holds nothing back: the record is planned for again.
            Missed::Changed | Missed::Gone | Missed::Barred if link.event.is_none() => {
                self.forget(&link).await
            }
            Missed::Refused(why) if link.event.is_none() => {
                self.counts.failed += 1;
                self.bury(&link, &why).await?;
                Box::pin(self.shelved(&link, true)).await
            }
            // The intent stays: the next run finds out.
            Missed::Unknown(why) => {
                tracing::warn!(link.id = %link.id, why, "nobody knows what came of a write, the next run looks");
                self.counts.failed += 1;
                Ok(())
            }
            Missed::Changed | Missed::Gone => self.look_again(&link).await,
            Missed::Barred => {
                link.state = State::Frozen;
                Box::pin(self.shelved(&link, false)).await
            }
            Missed::Refused(why) => {
                tracing::warn!(link.id = %link.id, why, "a change is refused, it waits for another edit");
                self.counts.failed += 1;
                self.bury(&link, &why).await?;
                Box::pin(self.shelved(&link, false)).await
            }
        }
    }

    // A person finds it in the list, with the reason.
    async fn bury(&self, link: &Link, why: &str) -> Result<(), Missed> {
        let reason: String = why.chars().take(200).collect();
        let side = if link.event.is_some() && link.record.is_none() { Side::Google } else { Side::Crm };
        let mut batch = self.ledger().batch().await?;
        let (calendar, account) = (self.calendar.id, self.account);
        dead_letters::put(&mut batch, calendar, account, &key(link), side, &reason, "{}").await?;
        Ok(batch.commit().await?)
    }

    // Until one of the sides shows something else than what was planned for. A pair that came to
    // nothing goes at once with that.
    async fn shelved(&self, link: &Link, goes: bool) -> Result<(), Missed> {
        let mut batch = self.ledger().batch().await?;
        links::put(&mut batch, link).await?;
        intents::done(&mut batch, link.id).await?;
        let saw = match &self.saw {
            Some(saw) => saw.clone(),
            None => self.shown(&mut batch, link).await?,
        };
        if let Some(row) = saw.event.filter(|row| link.event.as_ref() == Some(&row.event)) {
            google_seen::clean(&mut batch, self.calendar.id, &row).await?;
        }
        if let Some(row) = saw.entry.filter(|_| link.role != Role::Copy) {
            crm_seen::clean(&mut batch, &row).await?;
            if let Some(entry) = self.read_entry(&row) {
                self.ledger().met(&mut batch, &entry).await?;
            }
        }
        if goes {
            self.forget_in(&mut batch, link).await?;
        }
        Ok(batch.commit().await?)
    }

    // What an earlier run has planned from, nobody knows any more.
    async fn shown(&self, batch: &mut Batch, link: &Link) -> Result<Saw, StoreError> {
        let mut saw = Saw { event: None, entry: None };
        if let Some(event) = &link.event {
            saw.event = google_seen::get(self.store, batch, self.calendar.id, event).await?;
        }
        if let Some(record) = &link.record {
            saw.entry = crm_seen::get(self.store, batch, &link.entity, record).await?;
        }
        Ok(saw)
    }

    /// Looks at both sides of a pair again, for the next plan.
    pub(super) async fn look_again(&self, link: &Link) -> Result<(), Missed> {
        let event = match &link.event {
            Some(id) => Some((id, self.google().get(id).await)),
            None => None,
        };
        let entity = Entity::parse(&link.entity).unwrap_or(Entity::Meeting);
        let entry = match &link.record {
            Some(id) => Some((id, self.crm.get(entity, id).await)),
            None => None,
        };
        let mut sides = Vec::new();
        match &event {
            Some((_, Ok(answered))) => sides.push(Shown::Event(&answered.event, &answered.kept)),
            Some((id, Err(Missed::Gone))) => sides.push(Shown::NoEvent(id)),
            Some((_, Err(other))) => return Err(other.clone()),
            None => {}
        }
        match &entry {
            Some((_, Ok(answered))) => sides.push(Shown::Entry(&answered.entry, &answered.raw)),
            Some((id, Err(Missed::Gone))) => sides.push(Shown::NoEntry(entity, id)),
            Some((_, Err(Missed::Barred))) | None => {}
            Some((_, Err(other))) => return Err(other.clone()),
        }
        Ok(self.ledger().look_again(link, &sides).await?)
    }
}

/// What a dead letter is about: the record, else the event.
pub(super) fn key(link: &Link) -> String {
    match (&link.record, &link.event) {
        (Some(record), _) => format!("{}/{record}", link.entity),
        (None, Some(event)) => event.clone(),
        (None, None) => link.id.to_string(),
    }
}
