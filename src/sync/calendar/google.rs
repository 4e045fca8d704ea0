//! Effects at Google: each under the version that was planned for, so that
//! nobody's edit is overwritten unseen, and none twice.

use postern_core::model::id::AccountId;
use postern_core::plan::calendar::event::{self, Event, Visibility};
use postern_core::plan::calendar::event_id::{COPY, Maker, Marker};
use postern_core::plan::calendar::invite::Invitation;
use postern_core::plan::record::Record;
use serde_json::{Map, Value as Json, json};

use crate::google::calendar::Calendar;
use crate::google::calendar::event::SendUpdates;
use crate::google::calendar::fault::Fault;
use crate::sync::missed::{Missed, Stop};

/// A calendar at Google, through the account that reads it.
pub(super) struct Google<'a> {
    pub client: &'a Calendar,
    pub account: AccountId,
    /// Google's identity of the calendar.
    pub calendar: &'a str,
    /// IANA name; for events that have no zone of their own.
    pub zone: &'a str,
    /// The identity of this installation.
    pub installation: &'a str,
    /// Whether what only an event's guests may see stays unseen.
    pub hides: bool,
}

/// An event as Google answered it.
pub(super) struct Answered {
    /// All of it, to be written back.
    pub raw: Map<String, Json>,
    /// What may be kept of it.
    pub kept: Map<String, Json>,
    /// What that says.
    pub event: Event,
}

impl Answered {
    fn private(&self) -> Option<&Map<String, Json>> {
        self.raw.get("extendedProperties")?.get("private")?.as_object()
    }
}

/// What became of a new event.
pub(super) enum Inserted {
    /// It is there, now or since a try whose answer was lost.
    Ours(Box<Answered>),
    /// Its identity was used before: the next generation has to be tried.
    Taken,
}

impl Google<'_> {
    /// The event as it is now; a tombstone is told as gone by [`Answered`] itself.
    pub(super) async fn get(&self, id: &str) -> Result<Answered, Missed> {
        match self.client.get(self.account, self.calendar, id).await {
            Ok(answered) => self.read(answered.into_map()),
            Err(Fault::NotFound) => Err(self.absent().await),
            Err(fault) => Err(fault.into()),
        }
    }

    // Whoever may not see the calendar any more is told the same of its events: that proves nothing.
    async fn absent(&self) -> Missed {
        match self.client.calendars(self.account).await {
            Ok(listed) if listed.iter().any(|calendar| calendar.id == self.calendar) => Missed::Gone,
            Ok(_) => Missed::Stop(Stop {
                word: "calendar_gone",
                why: "Google does not list the calendar for its user any more".to_owned(),
                until: None,
                account: true,
            }),
            Err(fault) => fault.into(),
        }
    }

    /// Writes fields of an event that still shows what was planned for.
    pub(super) async fn update(
        &self,
        id: &str,
        planned: &Record,
        changes: &Record,
        updates: SendUpdates,
    ) -> Result<Answered, Missed> {
        let mut now = self.get(id).await?;
        if now.event.cancelled {
            return Err(Missed::Gone);
        }
        if now.event.record != *planned {
            return Err(Missed::Changed);
        }
        event::apply(&mut now.raw, changes, self.zone);
        self.put(now, updates).await
    }

    /// Writes other guests of an event that still has the guests, the times and the organizer that
    /// were planned for.
    pub(super) async fn invite(
        &self,
        planned: &Event,
        invitation: &Invitation,
        updates: SendUpdates,
    ) -> Result<Answered, Missed> {
        let mut now = self.get(&planned.id).await?;
        if now.event.cancelled {
            return Err(Missed::Gone);
        }
        let same = |now: &Event| {
            now.guests == planned.guests
                && now.record.times() == planned.record.times()
                && now.visibility == planned.visibility
                && (now.organizes, now.changeable) == (planned.organizes, planned.changeable)
        };
        if !same(&now.event) {
            return Err(Missed::Changed);
        }
        invitation.apply(&mut now.raw);
        self.put(now, updates).await
    }

    async fn put(&self, now: Answered, updates: SendUpdates) -> Result<Answered, Missed> {
        let Answered { raw, event, .. } = now;
        let written =
            self.client.update(self.account, self.calendar, &event.id, &event.etag, &raw, updates).await;
        self.read(written?.into_map())
    }

    /// Deletes an event that still has the version it was planned for; an occurrence that was
    /// computed has none, so it is looked at first.
    pub(super) async fn delete(&self, planned: &Event, updates: SendUpdates) -> Result<(), Missed> {
        let (id, mut etag) = (planned.id.as_str(), planned.etag.clone());
        if etag.is_empty() {
            let now = self.get(id).await?.event;
            if now.cancelled {
                return Ok(());
            }
            if now.record != planned.record {
                return Err(Missed::Changed);
            }
            etag = now.etag;
        }
        match self.client.delete(self.account, self.calendar, id, &etag, updates).await {
            Ok(()) | Err(Fault::Deleted) => Ok(()),
            Err(Fault::NotFound) => match self.absent().await {
                Missed::Gone => Ok(()),
                other => Err(other),
            },
            Err(fault) => Err(fault.into()),
        }
    }

    /// Brings an event back that was deleted; gone when Google has kept nothing of it.
    pub(super) async fn revive(&self, id: &str, record: &Record) -> Result<Answered, Missed> {
        let mut now = self.get(id).await?;
        if !now.event.cancelled {
            return Ok(now);
        }
        now.raw.insert("status".to_owned(), json!("confirmed"));
        if !now.raw.contains_key("start") {
            event::apply(&mut now.raw, record, self.zone);
        }
        self.put(now, SendUpdates::None).await
    }

    /// Makes an event under an identity that is its own for ever: a try whose
    /// answer was lost is found again.
    pub(super) async fn insert(
        &self,
        marker: &Marker,
        record: &Record,
        copy_of: Option<&str>,
    ) -> Result<Inserted, Missed> {
        let id = marker.event_id(self.installation, self.calendar);
        let mut body = Map::new();
        body.insert("id".to_owned(), json!(id.as_str()));
        let mut properties = marker.properties();
        properties.extend(copy_of.map(|record| (COPY.to_owned(), json!(record))));
        body.insert("extendedProperties".to_owned(), json!({ "private": properties }));
        event::apply(&mut body, record, self.zone);
        match self.client.insert(self.account, self.calendar, &body, SendUpdates::None).await {
            Ok(made) => Ok(Inserted::Ours(Box::new(self.read(made.into_map())?))),
            Err(Fault::Duplicate) => self.holder(id.as_str(), marker).await,
            Err(fault) => Err(fault.into()),
        }
    }

    /// The event that has the identity, if it is ours and alive.
    pub(super) async fn holder(&self, id: &str, marker: &Marker) -> Result<Inserted, Missed> {
        let found = match self.get(id).await {
            Ok(found) => found,
            Err(Missed::Gone) => return Ok(Inserted::Taken),
            Err(other) => return Err(other),
        };
        let ours = found.private().and_then(Marker::read).is_some_and(|read| {
            read == *marker && read.verify(id, self.installation, self.calendar) == Maker::Ours
        });
        Ok(if ours && !found.event.cancelled { Inserted::Ours(Box::new(found)) } else { Inserted::Taken })
    }

    fn read(&self, raw: Map<String, Json>) -> Result<Answered, Missed> {
        let kept = kept(&raw, self.hides);
        match event::read(&kept) {
            Some(event) => Ok(Answered { raw, kept, event }),
            None => Err(Missed::Unknown("an event without an identity".to_owned())),
        }
    }
}

/// What may be kept of an event.
pub(super) fn kept(raw: &Map<String, Json>, hides: bool) -> Map<String, Json> {
    let private = event::read(raw).is_some_and(|event| event.visibility == Visibility::Private);
    if private && hides { event::redact(raw) } else { raw.clone() }
}
