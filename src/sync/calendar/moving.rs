//! A record that is another user's now gets an event in that user's calendar.
//!
//! The new event is meant first, in the name of the other calendar, whose next run
//! makes it; only when it is there, the one here goes. Until then the record
//! belongs to nobody's merge: neither an edit nor a crash between makes a third one.

use postern_core::model::id::{AccountId, CalendarId};
use postern_core::plan::calendar::entry::Entry;
use postern_core::plan::calendar::event::Event;
use postern_core::plan::calendar::operation::Operation;
use postern_core::plan::calendar::words::{Hidden, Words};
use postern_core::plan::link::{Base, Side as Origin};
use serde_json::json;

use super::run::Run;
use crate::google::calendar::access::AccessRole;
use crate::store::StoreError;
use crate::store::sync::calendar_users::Home;
use crate::store::sync::links::Link;
use crate::store::sync::{calendars, crm_seen, defaults, google_seen, intents, owners};
use crate::sync::missed::Missed;

impl Run<'_> {
    /// Means the event in the calendar of the user.
    pub(super) async fn move_to(
        &mut self,
        user: &str,
        event: &Event,
        entry: &Entry,
        (link, operation): (&Link, &Operation),
    ) -> Result<(), Missed> {
        let Some((home, labels)) = self.home(user, entry).await? else {
            return Ok(self.planned(event, entry).await?);
        };
        // Something of it was just written: the next round moves what that has come to.
        if !self.still(event, entry).await? {
            return self.plan_again(entry).await;
        }
        if self.google().get(&event.id).await?.event.record != event.record {
            return self.look_again(link).await;
        }
        if self.hand_to_copy(&home, event, entry, link).await? {
            return Ok(());
        }
        let words = Words { entity: entry.entity, labels, hidden: Hidden::Nothing };
        let record = words.new_event(&entry.record);
        let body = json!({ "record": record, "rule": operation.rule.name() });
        let there = Link {
            account: AccountId(home.account_id),
            calendar: CalendarId(home.calendar_id),
            record: Some(entry.id.clone()),
            base: Base::default(),
            ..self.link(entry.entity, Origin::Crm)?
        };
        let (ledger, now) = (self.ledger(), self.store.clock().now());
        let meant = async {
            let mut batch = ledger.batch().await?;
            if !owners::replace(&mut batch, link.id, &there).await? {
                return Ok(());
            }
            let body = body.to_string();
            intents::add(&mut batch, there.calendar, self.id, there.id, "make-event", &body).await?;
            ledger.clean_event(&mut batch, &event.id, Some(event.fingerprint())).await?;
            let shows = Some(entry.fingerprint());
            ledger.clean_record(&mut batch, entry.entity.name(), &entry.id, shows).await?;
            calendars::wake(&mut batch, there.calendar, now).await?;
            batch.commit().await
        };
        meant.await.map_err(|error: StoreError| Missed::from(error))
    }

    // A copy that the user has of the record already becomes its event, as it stands.
    async fn hand_to_copy(
        &self,
        home: &Home,
        event: &Event,
        entry: &Entry,
        link: &Link,
    ) -> Result<bool, StoreError> {
        let (ledger, now) = (self.ledger(), self.store.clock().now());
        let mut batch = ledger.batch().await?;
        let key = (entry.entity.name(), entry.id.as_str());
        let copy = owners::copy_of(self.store, &mut batch, key, AccountId(home.account_id)).await?;
        // One in a calendar that was the main one before is nobody's home.
        let Some(copy) = copy.filter(|copy| copy.calendar.0 == home.calendar_id) else { return Ok(false) };
        if !owners::succeed(&mut batch, link.id, copy.id).await? {
            return Ok(false);
        }
        ledger.clean_event(&mut batch, &event.id, Some(event.fingerprint())).await?;
        crm_seen::soil(&mut batch, key.0, key.1).await?;
        calendars::wake(&mut batch, copy.calendar, now).await?;
        batch.commit().await?;
        Ok(true)
    }

    // Whether that user wants such records there, and by which labels.
    async fn home(&self, user: &str, entry: &Entry) -> Result<Option<(Home, Labels)>, StoreError> {
        let Some(home) = self.homes.get(user) else { return Ok(None) };
        let mut read = self.store.read().await?;
        let chosen = defaults::holding(&mut read, AccountId(home.account_id)).await?;
        let wanted = chosen.kinds.iter().any(|kind| kind.entity == entry.entity);
        let takes = wanted && chosen.direction.writes() && AccessRole::of(&home.role).writes();
        Ok(chosen.labels().ok().filter(|_| takes).map(|labels| (home.clone(), labels)))
    }

    async fn still(&self, event: &Event, entry: &Entry) -> Result<bool, StoreError> {
        let mut read = self.store.read().await?;
        let google = google_seen::get(self.store, &mut read, self.calendar.id, &event.id).await?;
        let crm = crm_seen::get(self.store, &mut read, entry.entity.name(), &entry.id).await?;
        Ok(google.is_some_and(|row| row.live && row.hash == event.fingerprint())
            && crm.is_some_and(|row| row.live && row.hash == entry.fingerprint()))
    }

    async fn planned(&self, event: &Event, entry: &Entry) -> Result<(), StoreError> {
        let ledger = self.ledger();
        let mut batch = ledger.batch().await?;
        ledger.clean_event(&mut batch, &event.id, Some(event.fingerprint())).await?;
        let shows = Some(entry.fingerprint());
        ledger.clean_record(&mut batch, entry.entity.name(), &entry.id, shows).await?;
        batch.commit().await
    }

    /// Has the calendars run that still show an event of the record.
    pub(super) async fn wake_views(&self, entry: &Entry) -> Result<(), Missed> {
        let mut batch = self.ledger().batch().await?;
        let now = self.store.clock().now();
        calendars::wake_views(&mut batch, entry.entity.name(), &entry.id, now).await?;
        Ok(batch.commit().await?)
    }
}

type Labels = postern_core::plan::calendar::labels::Labels<postern_core::plan::calendar::entry::Entity>;
