//! Which record a creation has made of which nobody knows what came.
//!
//! A creation in the CRM has no identity of its own. What it has made was made by
//! us since it was meant, and is no pair's yet. Of those records it is the one
//! that names the event, where the CRM has a field for that; else the one that
//! shows what was sent; else the one that shows its title or its start, since
//! people may have changed one of them; else the only one that is left when other
//! open creations have taken theirs. Several that cannot be told apart are left to
//! a person: a second record would be worse.

use postern_core::plan::calendar::entry::Entity;
use postern_core::plan::calendar::moment::Instant;
use postern_core::plan::calendar::times::Times;
use postern_core::plan::record::{Field, Record};

use super::crm::Answered;
use super::run::Run;
use super::settle::{MAKE_RECORD, Meant, since};
use crate::store::sync::intents::{self, Intent};
use crate::store::sync::links;
use crate::sync::missed::Missed;

/// What was found.
pub(super) enum Found {
    /// It was never made.
    Nothing,
    /// This is it.
    One(Box<Answered>),
    /// It may be one of several.
    Several,
}

impl Found {
    fn of(mut made: Vec<Answered>) -> Self {
        match (made.pop(), made.is_empty()) {
            (None, _) => Self::Nothing,
            (Some(made), true) => Self::One(Box::new(made)),
            (Some(_), false) => Self::Several,
        }
    }

    fn or(self, next: impl FnOnce() -> Self) -> Self {
        if matches!(self, Self::Nothing) { next() } else { self }
    }
}

impl Run<'_> {
    /// Finds what the intent has made.
    pub(super) async fn find_made(
        &self,
        entity: Entity,
        event: &str,
        sent: &Record,
        intent: &Intent,
    ) -> Result<Found, Missed> {
        let since = Instant::from_seconds(since(intent)).ok().map(Instant::crm).unwrap_or_default();
        if let Some(field) = self.crm.event_field(entity)
            && let Some(named) = self.crm.made_since(entity, &since, Some((field, event))).await?
            && let found @ (Found::One(_) | Found::Several) = Found::of(self.free(entity, named).await?)
        {
            return Ok(found);
        }
        let (made, whole) = match self.crm.made_since(entity, &since, None).await? {
            Some(all) => (self.free(entity, all).await?, true),
            None => (self.alike(entity, &since, sent).await?, false),
        };
        let (same, rest): (Vec<_>, Vec<_>) = made.into_iter().partition(|made| shows(made, sent, true));
        let (part, rest): (Vec<_>, Vec<_>) = rest.into_iter().partition(|made| shows(made, sent, false));
        let others = self.others(intent).await?;
        let left = |made: &Answered| whole && !others.iter().any(|sent| shows(made, sent, false));
        let rest = rest.into_iter().filter(left).collect();
        Ok(Found::of(same).or(|| Found::of(part)).or(|| Found::of(rest)))
    }

    // There are too many to see all: those that share a word with what was sent.
    async fn alike(&self, entity: Entity, since: &str, sent: &Record) -> Result<Vec<Answered>, Missed> {
        let title = sent.words(Field::Title);
        let many = || Missed::Refused("too many records may be the one that was made".to_owned());
        let mut made = self.crm.made_since(entity, since, Some(("name", title))).await?.ok_or_else(many)?;
        if let Some((attribute, value)) = sent.times().map(begins) {
            let begun = self.crm.made_since(entity, since, Some((attribute, &value))).await?;
            let others = begun.ok_or_else(many)?.into_iter();
            made.extend(others.filter(|made| made.entry.record.words(Field::Title) != title));
        }
        self.free(entity, made).await
    }

    // Those that are no pair's.
    async fn free(&self, entity: Entity, made: Vec<Answered>) -> Result<Vec<Answered>, Missed> {
        let mut free = Vec::new();
        for made in made {
            let read = &mut self.store.read().await?;
            if links::by_record(self.store, read, entity.name(), &made.entry.id).await?.is_none() {
                free.push(made);
            }
        }
        Ok(free)
    }

    // What other creations have sent of which nobody knows yet what came.
    async fn others(&self, intent: &Intent) -> Result<Vec<Record>, Missed> {
        let open = intents::of_kind(self.store, &mut self.store.read().await?, MAKE_RECORD).await?;
        let others = open.iter().filter(|other| other.link != intent.link);
        Ok(others
            .filter_map(|other| serde_json::from_str::<Meant>(&other.body).ok())
            .filter_map(|meant| meant.record)
            .collect())
    }
}

// Title and start, or one of them.
fn shows(made: &Answered, sent: &Record, both: bool) -> bool {
    let shown = &made.entry.record;
    let title = shown.words(Field::Title) == sent.words(Field::Title);
    let begins = shown.times().map(begins) == sent.times().map(begins);
    if both { title && shown.times() == sent.times() } else { title || begins }
}

fn begins(times: &Times) -> (&'static str, String) {
    match times {
        Times::AllDay { first, .. } => ("dateStartDate", first.to_string()),
        Times::Timed { start, .. } => ("dateStart", start.crm()),
    }
}
