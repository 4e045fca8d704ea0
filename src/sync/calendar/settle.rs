//! What an earlier run meant to do and of which nobody knows what came.
//!
//! A change or a deletion is settled by looking: what is shown now is planned
//! for anew. An event is made under its own identity, so it is simply tried
//! again, or looked for where its record is gone since. A record has none: before
//! it is made again, the CRM is searched for one that we may have made, see `made`.

use postern_core::plan::calendar::entry::Entity;
use postern_core::plan::calendar::event::{self, Event};
use postern_core::plan::calendar::event_id::Marker;
use postern_core::plan::calendar::invite::Invitation;
use postern_core::plan::calendar::operation::{Operation, Subject, What};
use postern_core::plan::link::{Base, Side as Of};
use postern_core::plan::record::Record;
use postern_core::plan::rule::Rule;
use serde_json::{Map, Value as Json, json};

use super::google::Inserted;
use super::invite::WRITE_GUESTS;
use super::ledger::Side;
use super::made::Found;
use super::make::Tried;
use super::run::Run;
use crate::store::sync::google_seen;
use crate::store::sync::intents::{self, Intent};
use crate::store::sync::links::{self, Link, Role};
use crate::store::{Read, StoreError};
use crate::sync::missed::Missed;
use crate::sync::taking_back::TakingBack;

/// The CRM's clock may be behind ours, in seconds.
const BEHIND: i64 = 120;

/// The kind of an intent to make a record.
pub(super) const MAKE_RECORD: &str = "make-record";

/// What an intent was about.
#[derive(serde::Deserialize)]
pub(super) struct Meant {
    /// What was to be written.
    pub record: Option<Record>,
    #[serde(default)]
    rule: String,
    agreed: Option<Base>,
    /// What there is to tell of it.
    told: Option<Json>,
    /// What was to be taken back.
    undo: Option<TakingBack>,
    /// Who was to be invited.
    pub invitation: Option<Invitation>,
    /// The version that the event had before.
    pub etag: Option<String>,
}

impl Meant {
    /// Whether the event was written since it was meant, by whomever.
    pub fn written_since(&self, event: &Event) -> bool {
        self.etag.as_ref() != Some(&event.etag)
    }

    fn shown_by(&self, shown: &Record) -> bool {
        let mut written = self.record.iter().flat_map(Record::iter);
        written.all(|(field, value)| shown.get(field) == Some(value))
    }
}

impl Run<'_> {
    /// Since when, in seconds of Unix time, we may have made a record of which nobody knows yet what
    /// event it is of; none when all is known.
    pub(super) async fn awaited(&self, read: &mut Read) -> Result<Option<i64>, StoreError> {
        let open = intents::of_kind(self.store, read, MAKE_RECORD).await?;
        Ok(open.iter().map(since).min())
    }

    pub(super) async fn settle(&mut self) -> Result<(), Missed> {
        let open = async { intents::open(self.store, &mut self.store.read().await?, self.calendar.id).await };
        for intent in open.await? {
            let link = async { links::get(self.store, &mut self.store.read().await?, intent.link).await };
            let Some(link) = link.await? else { continue };
            tracing::info!(link.id = %link.id, kind = intent.kind, "what came of a write is found out");
            let meant: Option<Meant> = serde_json::from_str(&intent.body).ok();
            let settled = match (intent.kind.as_str(), meant) {
                (_, Some(Meant { undo: Some(undo), .. })) => self.undo_settled(&intent, link, &undo).await,
                ("make-event", Some(meant)) => self.make_event_again(&intent, link, meant).await,
                (MAKE_RECORD, Some(meant)) => self.make_record_again(&intent, link, meant).await,
                (WRITE_GUESTS, Some(meant)) => self.guests_settled(link, meant).await,
                ("delete-event", _) if link.role == Role::Copy => self.copy_deleted(&link).await,
                ("write-event" | "write-record", Some(meant)) => self.written(&intent, link, meant).await,
                _ => self.look_again(&link).await,
            };
            self.alone(settled)?;
        }
        Ok(())
    }

    // What was written is nobody's edit: where it is shown, it is agreed.
    async fn written(&mut self, intent: &Intent, mut link: Link, meant: Meant) -> Result<(), Missed> {
        let shown = match (intent.kind.as_str(), Entity::parse(&link.entity), &link.event, &link.record) {
            ("write-event", _, Some(event), _) => self.google().get(event).await.map(|it| {
                // What has to be written again may have been written: nobody is told twice.
                link.people.quiet |= meant.written_since(&it.event) && !meant.shown_by(&it.event.record);
                it.event.record
            }),
            (_, Some(entity), _, Some(record)) => {
                self.crm.get(entity, record).await.map(|it| it.entry.record)
            }
            _ => Err(Missed::Gone),
        };
        if let (Ok(shown), Some(written), Some(agreed)) = (shown, meant.record, meant.agreed) {
            let mut happened = false;
            for (field, _) in written.iter().filter(|(field, value)| shown.get(*field) == Some(*value)) {
                if let (Some(google), Some(crm)) = (agreed.google.get(field), agreed.crm.get(field)) {
                    happened = true;
                    link.base.google.set(field, google.clone());
                    link.base.crm.set(field, crm.clone());
                }
            }
            let mut batch = self.ledger().batch().await?;
            links::put(&mut batch, &link).await?;
            if let (true, Some(told)) = (happened, meant.told) {
                let operation = again(&meant.rule, Subject::Link(link.id.0), What::WriteCrm(written, agreed));
                self.ledger().tell(&mut batch, &link, &operation, &intent.kind, &told).await?;
            }
            batch.commit().await?;
        }
        self.look_again(&link).await
    }

    // Nobody has declined by what we have deleted.
    async fn copy_deleted(&mut self, link: &Link) -> Result<(), Missed> {
        let Some(event) = &link.event else { return self.forget(link).await };
        match self.google().get(event).await {
            Ok(answered) if !answered.event.cancelled => self.look_again(link).await,
            Ok(_) | Err(Missed::Gone) => {
                let what = What::Delete(Of::Google);
                let operation = again(Rule::CopyEnds.name(), Subject::Link(link.id.0), what);
                self.ended_copy(link, &link.base.google, &operation).await
            }
            Err(other) => Err(other),
        }
    }

    fn tried(&self, intent: &Intent) -> Tried {
        let first = self.calendar.planned_at.is_none_or(|planned| intent.created_at <= planned);
        if first { Tried::AtFirst } else { Tried::Earlier }
    }

    async fn make_event_again(&mut self, intent: &Intent, link: Link, meant: Meant) -> Result<(), Missed> {
        let (Some(entity), Some(id)) = (Entity::parse(&link.entity), link.record.clone()) else {
            return self.drop_intent(intent).await;
        };
        let Some(record) = meant.record else { return self.drop_intent(intent).await };
        let operation = again(&meant.rule, Subject::Link(link.id.0), What::MakeEvent(record.clone()));
        match self.crm.get(entity, &id).await {
            Ok(answered) => {
                self.insert(link, &answered.entry, (&record, self.tried(intent)), &operation).await
            }
            Err(why @ (Missed::Gone | Missed::Barred)) => {
                // Else it would be made again of what was seen before.
                if why == Missed::Gone {
                    self.seen_gone(entity, &id).await?;
                }
                self.made_of_gone(link, &record, &operation).await
            }
            Err(other) => Err(other),
        }
    }

    // There is nothing to make an event of any more. One that was made is the pair's, and goes as the
    // rules say; unknown, it would be taken for somebody's new one.
    async fn made_of_gone(
        &mut self,
        mut link: Link,
        sent: &Record,
        operation: &Operation,
    ) -> Result<(), Missed> {
        let marker = Marker { pair: link.id.0, generation: link.generation };
        let id = marker.event_id(self.installation, &self.calendar.google_id);
        let Inserted::Ours(answered) = self.google().holder(id.as_str(), &marker).await? else {
            return self.never_made(&link).await;
        };
        link.event = Some(answered.event.id.clone());
        link.ical_uid = answered.event.identity();
        link.base.google = answered.event.record.clone();
        link.base.google.extend(sent);
        self.counts.made += 1;
        let side = Side::Event(&answered.event, &answered.kept);
        let content = json!({ "written": answered.event.record });
        self.done(link.clone(), &side, operation, "make-event", &content).await?;
        self.look_again(&link).await
    }

    // What was never made is planned for again like anything new: the event may be another by now.
    async fn make_record_again(&mut self, intent: &Intent, link: Link, meant: Meant) -> Result<(), Missed> {
        let entity = Entity::parse(&link.entity);
        let event = self.seen_event(&link).await?;
        let (Some(entity), Some(event), Some(record)) = (entity, event, meant.record) else {
            return self.never_made(&link).await;
        };
        let made = match self.find_made(entity, &event.id, &record, intent).await? {
            Found::Nothing => return self.never_made(&link).await,
            Found::One(made) => Ok(*made),
            Found::Several => Err(Missed::Refused("several records may be the one that was made".to_owned())),
        };
        let what = What::MakeRecord(entity, record.clone());
        let operation = again(&meant.rule, Subject::Link(link.id.0), what);
        self.made_record(&event, link, (&record, self.tried(intent)), &operation, made).await
    }

    async fn seen_gone(&self, entity: Entity, id: &str) -> Result<(), StoreError> {
        let mut batch = self.ledger().batch().await?;
        self.ledger().put(&mut batch, &Side::NoEntry(entity, id), google_seen::From::Reading).await?;
        batch.commit().await
    }

    // What was meant goes with its pair, at once: a pair that stayed behind without it would keep its
    // event from ever being planned for again.
    async fn never_made(&self, link: &Link) -> Result<(), Missed> {
        self.forget(link).await
    }

    /// The event of a pair, as it was seen last.
    pub(super) async fn seen_event(&self, link: &Link) -> Result<Option<event::Event>, StoreError> {
        let Some(id) = &link.event else { return Ok(None) };
        let row = google_seen::get(self.store, &mut self.store.read().await?, self.calendar.id, id).await?;
        let content = row.filter(|row| row.live).and_then(|row| row.content);
        let raw: Option<Map<String, Json>> = content.and_then(|text| serde_json::from_str(&text).ok());
        Ok(raw.and_then(|raw| event::read(&raw)))
    }

    async fn drop_intent(&self, intent: &Intent) -> Result<(), Missed> {
        let dropped = async {
            let mut batch = self.ledger().batch().await?;
            intents::done(&mut batch, intent.link).await?;
            batch.commit().await
        };
        dropped.await.map_err(Missed::from)
    }
}

// A record that the intent has made was made then or later, by the CRM's clock.
pub(super) fn since(intent: &Intent) -> i64 {
    intent.created_at.div_euclid(1_000_000) - BEHIND
}

fn again(rule: &str, subject: Subject, what: What) -> Operation {
    let rule = Rule::parse(rule).unwrap_or(Rule::NewFromGoogle);
    Operation { subject, rule, what, fields: Vec::new(), guests: false, basis: Vec::new() }
}
