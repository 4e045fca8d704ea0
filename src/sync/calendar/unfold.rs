//! Series, told as the events that they stand for.
//!
//! When something of a series has changed, and once a day for all of them, its
//! occurrences within the horizon are computed and stored beside what Google
//! shows. What the series does not say any more is gone by that; what has only
//! left the horizon stays as it is. An occurrence that has become another one (its
//! series was split, or an event was made a series) takes its pair along, so that
//! its record lives on. A series that is withheld stays as it was, and a person
//! finds it among the dead letters.

use std::collections::{BTreeMap, BTreeSet};

use postern_core::plan::calendar::event::{self, Event};
use postern_core::plan::calendar::instance::{Instance, OriginalStart, Split};
use postern_core::plan::calendar::series::Horizon;
use postern_core::plan::calendar::unfold::{Own, Unfolded, first, unfold};
use postern_core::plan::link::Side as Origin;
use serde_json::{Map, Value as Json};

use super::run::Run;
use crate::store::sync::google_seen::{From, Seen};
use crate::store::sync::{calendars, dead_letters, google_seen, links};
use crate::store::{Batch, StoreError};
use crate::sync::missed::Missed;

const DAY: i64 = 24 * 3_600;

/// A series, as it is known.
struct Known {
    id: String,
    /// What it says, while it is one.
    master: Option<Map<String, Json>>,
    /// Whether it is an event that is none any more.
    single: Option<Map<String, Json>>,
    occurrences: Vec<Seen>,
}

impl Run<'_> {
    /// Computes the occurrences of what has changed, of everything on a new day.
    pub(super) async fn unfold(&mut self) -> Result<(), Missed> {
        let now = self.store.clock().seconds();
        let (today, Some(horizon)) = (now.div_euclid(DAY), Horizon::around(now)) else { return Ok(()) };
        let all = self.calendar.unfolded != Some(today);
        let series =
            async { google_seen::series(&mut self.store.read().await?, self.calendar.id, all).await };
        // What was split off has a longer name than what it was split from, and comes after it.
        for id in series.await? {
            let known = self.known(id).await?;
            self.told(&known, horizon).await?;
        }
        if all {
            self.unfolded(today).await?;
        }
        Ok(())
    }

    async fn unfolded(&mut self, today: i64) -> Result<(), StoreError> {
        let mut batch = self.ledger().batch().await?;
        calendars::unfolded(&mut batch, self.calendar.id, today).await?;
        batch.commit().await?;
        self.calendar.unfolded = Some(today);
        Ok(())
    }

    async fn known(&self, id: String) -> Result<Known, StoreError> {
        let mut read = self.store.read().await?;
        let row = google_seen::get(self.store, &mut read, self.calendar.id, &id).await?;
        let occurrences = google_seen::occurrences(self.store, &mut read, self.calendar.id, &id).await?;
        let raw = row.filter(|row| row.live).as_ref().and_then(content);
        let recurs =
            |raw: &Map<String, Json>| event::read(raw).is_some_and(|event| event.recurrence.is_some());
        let (master, single) = match raw {
            Some(raw) if recurs(&raw) => (Some(raw), None),
            single => (None, single),
        };
        Ok(Known { id, master, single, occurrences })
    }

    async fn told(&self, known: &Known, horizon: Horizon) -> Result<(), Missed> {
        let Some(master) = &known.master else { return Ok(self.ended(known).await?) };
        let own: Vec<_> = known.own().map(|row| (row, content(row))).collect();
        let own: Vec<_> = own.iter().map(|(row, raw)| Own { id: &row.event, raw: raw.as_ref() }).collect();
        let Unfolded { sure: mut computed, stray } = match unfold(master, &own, horizon) {
            Ok(unfolded) => unfolded,
            Err(why) => return Ok(self.withhold(known, &why.to_string()).await?),
        };
        if let Some(stray) = stray
            && self.shows(&stray).await?
        {
            computed.push(stray);
        }
        Ok(self.store_told(known, master, &computed, horizon).await?)
    }

    // Only Google knows whether the start of a series is an occurrence when no rule names it.
    async fn shows(&self, stray: &Map<String, Json>) -> Result<bool, Missed> {
        let id = stray.get("id").and_then(Json::as_str).unwrap_or_default();
        match self.google().get(id).await {
            Ok(answered) => Ok(!answered.event.cancelled),
            Err(Missed::Gone) => Ok(false),
            Err(other) => Err(other),
        }
    }

    async fn store_told(
        &self,
        known: &Known,
        master: &Map<String, Json>,
        computed: &[Map<String, Json>],
        horizon: Horizon,
    ) -> Result<(), StoreError> {
        let events: Vec<_> = computed.iter().filter_map(|raw| Some((event::read(raw)?, raw))).collect();
        let told: BTreeSet<&str> = events.iter().map(|(event, _)| event.id.as_str()).collect();
        let mut batch = self.ledger().batch().await?;
        self.keep_pairs(&mut batch, known, master, &events).await?;
        let ledger = self.ledger();
        // Every day brings all series, and nearly all of them as they were.
        let stands = |row: &Seen| {
            known.occurrences.iter().any(|it| it.event == row.event && it.live && it.hash == row.hash)
        };
        let rows = events.iter().map(|(event, raw)| Seen { computed: true, ..ledger.event(event, raw) });
        let rows: Vec<_> = rows.filter(|row| !stands(row)).collect();
        google_seen::put(&mut batch, self.calendar.id, &rows, From::Unfolding).await?;
        for row in known.occurrences.iter().filter(|row| row.live && row.computed) {
            let looked_at = original(&row.event).is_some_and(|original| horizon.begins(original));
            if looked_at && !told.contains(row.event.as_str()) {
                google_seen::gone(&mut batch, self.calendar.id, &row.event, From::Unfolding).await?;
            }
        }
        dead_letters::lift(&mut batch, self.calendar.id, &known.id).await?;
        batch.commit().await
    }

    // The series is gone, or an event that does not recur any more.
    async fn ended(&self, known: &Known) -> Result<(), StoreError> {
        let mut batch = self.ledger().batch().await?;
        if let Some((single, event)) = known.single.as_ref().and_then(|raw| Some((raw, event::read(raw)?)))
            && let Some(original) = first(single)
        {
            let occurrence = Instance { master: known.id.clone(), original }.id();
            self.rekey(&mut batch, &occurrence, &event).await?;
        }
        for row in known.occurrences.iter().filter(|row| row.live) {
            google_seen::gone(&mut batch, self.calendar.id, &row.event, From::Unfolding).await?;
        }
        dead_letters::lift(&mut batch, self.calendar.id, &known.id).await?;
        batch.commit().await
    }

    async fn withhold(&self, known: &Known, why: &str) -> Result<(), StoreError> {
        let (calendar, account) = (self.calendar.id, self.account);
        let mut batch = self.ledger().batch().await?;
        dead_letters::put(&mut batch, calendar, account, &known.id, Origin::Google, why, "{}").await?;
        batch.commit().await
    }

    // Occurrences that are new, and were something else before.
    async fn keep_pairs(
        &self,
        batch: &mut Batch,
        known: &Known,
        master: &Map<String, Json>,
        events: &[(Event, &Map<String, Json>)],
    ) -> Result<(), StoreError> {
        let first = first(master).map(|original| Instance { master: known.id.clone(), original }.id());
        if let Some((event, _)) = events.iter().find(|(event, _)| first.as_deref() == Some(&event.id)) {
            self.rekey(batch, &known.id, event).await?;
        }
        let Some(split) = Split::parse(&known.id) else { return Ok(()) };
        let seen: BTreeSet<&str> = known.occurrences.iter().map(|row| row.event.as_str()).collect();
        let before = google_seen::occurrences(self.store, batch, self.calendar.id, split.before).await?;
        let left: Vec<_> = before.iter().filter(|row| !row.live).map(|row| row.event.as_str()).collect();
        for (event, _) in events.iter().filter(|(event, _)| !seen.contains(event.id.as_str())) {
            if let Some(before) = counterpart(&left, &event.id) {
                self.rekey(batch, before, event).await?;
            }
        }
        Ok(())
    }

    async fn rekey(&self, batch: &mut Batch, from: &str, to: &Event) -> Result<(), StoreError> {
        let calendar = self.calendar.id;
        if links::by_event(self.store, batch, calendar, &to.id).await?.is_some() {
            return Ok(());
        }
        match links::by_event(self.store, batch, calendar, from).await? {
            Some(link) => links::rekey(batch, link.id, &to.id, to.identity().as_deref()).await,
            None => Ok(()),
        }
    }
}

impl Known {
    // Occurrences with a resource of their own.
    fn own(&self) -> impl Iterator<Item = &Seen> {
        self.occurrences.iter().filter(|row| !row.computed)
    }
}

/// What an occurrence was before its series was split: the one of the same start, else the only one
/// of that day.
fn counterpart<'a>(left: &[&'a str], event: &str) -> Option<&'a str> {
    let start = original(event)?;
    if let Some(same) = left.iter().find(|left| original(left) == Some(start)) {
        return Some(same);
    }
    let mut of_day: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for left in left {
        of_day.entry(original(left).map(day)).or_default().push(left);
    }
    match of_day.get(&Some(day(start)))?[..] {
        [only] => Some(only),
        _ => None,
    }
}

fn day(original: OriginalStart) -> String {
    original.to_string().chars().take(8).collect()
}

fn original(id: &str) -> Option<OriginalStart> {
    Some(Instance::parse(id).ok()??.original)
}

fn content(row: &Seen) -> Option<Map<String, Json>> {
    serde_json::from_str(row.content.as_deref()?).ok()
}
