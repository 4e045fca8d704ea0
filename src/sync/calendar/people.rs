//! Who takes part, and what they answered, goes from Google to the CRM.
//!
//! The pair that owns a record brings its guests; every pair, a view too, brings the
//! answer of its calendar's owner and nothing else. The record is looked at right before
//! it is written, and what is sent holds what it showed then. A write that is tried again
//! writes the same, so nothing has to be meant before.

use std::collections::{BTreeMap, BTreeSet};

use postern_core::plan::calendar::entry::Entity;
use postern_core::plan::calendar::event::{Answer, Event, Visibility};
use postern_core::plan::calendar::people::{Change, Kind, People, Person, Shown, answered};
use postern_core::plan::link::State;
use postern_core::plan::rule::Rule;
use serde_json::{Value as Json, json};

use super::crm;
use super::run::Run;
use super::scene::read_event;
use crate::store::sync::calendars;
use crate::store::sync::google_seen::{self, Seen};
use crate::store::sync::links::{self, Link, Role};
use crate::store::{Batch, StoreError};
use crate::sync::missed::Missed;

/// Events that are looked at together.
const PAGE: i64 = 200;
/// Records of one run that get other people, after the first; the next run goes on.
const WRITES: usize = 200;

/// A pair whose people may be new.
struct Stirred {
    row: Seen,
    /// None for a tombstone.
    event: Option<Event>,
    link: Link,
}

/// What of it has to be told.
struct News<'a> {
    event: Option<&'a Event>,
    /// Whose, and which.
    answer: Option<(String, Answer)>,
    guests: bool,
    /// Whether the event tells nobody of its guests.
    hides: bool,
}

impl Run<'_> {
    /// Tells the CRM who takes part.
    pub(super) async fn people(&mut self) -> Result<(), Missed> {
        // What came back after a long time is shown first.
        if !self.policy.direction.reads() || self.calendar.returned_at.is_some() {
            return Ok(());
        }
        let first = self.calendar.planned_at.is_none();
        let (mut after, mut written) = (String::new(), 0);
        loop {
            let page = self.stirred(&mut after).await?;
            if page.is_empty() {
                return Ok(());
            }
            let Some(found) = self.acquainted(&page).await? else { return Ok(()) };
            for stirred in &page {
                if !first && written >= WRITES {
                    return Ok(());
                }
                self.tell().await?;
                let told = self.tell_people(stirred, &found).await;
                written += usize::from(matches!(told, Ok(true)));
                self.alone(told.map(drop))?;
            }
        }
    }

    // The next ones, in the order of their events; none is the end.
    async fn stirred(&self, after: &mut String) -> Result<Vec<Stirred>, StoreError> {
        let mut read = self.store.read().await?;
        let mut page = Vec::new();
        while page.is_empty() {
            let rows = google_seen::of_people(self.store, &mut read, self.calendar.id, after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after.clone_from(&last.event);
            for row in rows {
                let link = links::by_event(self.store, &mut read, self.calendar.id, &row.event).await?;
                let event = read_event(&row).filter(|_| row.live);
                page.extend(link.map(|link| Stirred { row, event, link }));
            }
        }
        Ok(page)
    }

    // Whose the addresses are that may be new; none when the CRM does not say: the next run asks.
    async fn acquainted(&mut self, page: &[Stirred]) -> Result<Option<BTreeMap<String, Person>>, Missed> {
        let mut addresses = BTreeSet::new();
        for stirred in page.iter().filter(|stirred| self.guests && stirred.link.role == Role::Owner) {
            let people = &stirred.link.people;
            addresses.extend(stirred.event.iter().flat_map(|event| people.unknown(event)).cloned());
        }
        let users = addresses.iter().filter_map(|address| {
            let person = Person { kind: Kind::User, id: self.users.get(address)?.clone() };
            Some((address.clone(), person))
        });
        let mut found: BTreeMap<_, _> = users.collect();
        addresses.retain(|address| !found.contains_key(address));
        let now = self.store.clock().now();
        let of = self.user.clone().unwrap_or_default();
        match self.directory.find(self.crm.client, &of, &addresses, now).await {
            Ok(None) => Ok(None),
            Ok(Some(others)) => {
                found.extend(others);
                Ok(Some(found))
            }
            Err(fault) => self.alone(Err(fault.into())).map(|()| None),
        }
    }

    // Whether the record was written.
    async fn tell_people(&mut self, of: &Stirred, found: &BTreeMap<String, Person>) -> Result<bool, Missed> {
        let (event, mut people) = (of.event.as_ref(), of.link.people.clone());
        let owner = self.owner(&of.link).await?;
        let Some((entity, record)) = owner.as_ref().and_then(|owner| named(owner)) else {
            return Ok(false);
        };
        let follows = self.guests && of.link.role == Role::Owner;
        let hides = self.hides_people(of);
        match event.filter(|_| follows) {
            Some(_) if hides => people.hide(),
            Some(event) => {
                people.unveil(event);
                people.forget_left(event);
            }
            None => {}
        }
        let news = News {
            event,
            answer: self.answer_of(of).await?,
            guests: follows && event.is_some_and(|event| people.stirs(event, found)),
            hides,
        };
        if let Some(event) = event.filter(|_| of.link.role == Role::Owner && !hides) {
            people.take_as_they_are(event);
        }
        let same = news.answer.as_ref().is_none_or(|(_, answer)| people.answer == Some(*answer));
        if same && !news.guests {
            self.met(of, people).await?;
            return Ok(false);
        }
        if !self.kept(&of.link).await? {
            return Ok(false);
        }
        match self.crm.get(entity, record).await {
            Ok(seen) => self.write_people(of, (people, news), &seen, found).await,
            // The next plan finds out what became of it.
            Err(Missed::Gone | Missed::Barred) => Ok(false),
            Err(other) => Err(other),
        }
    }

    async fn write_people(
        &mut self,
        of: &Stirred,
        (mut people, news): (People, News<'_>),
        seen: &crm::Answered,
        found: &BTreeMap<String, Person>,
    ) -> Result<bool, Missed> {
        let Some(shown) = Shown::read(&seen.raw) else {
            self.met(of, people).await?;
            return Ok(false);
        };
        let mut change = Change::default();
        if let Some(event) = news.event.filter(|_| news.guests) {
            (people, change) = people.follow(event, news.hides, found, &shown);
        }
        let mut body = change.body(&shown);
        let mut word = None;
        // An answer counts of who takes part; of another user it is dealt with when he does.
        if let Some((user, answer)) = news.answer
            && let Some(shows) = shown.answer(&user)
        {
            word = people.reply(answer, shows);
            body.extend(word.map(|word| answered(&user, word)).unwrap_or_default());
            people.answer = Some(answer);
        }
        if body.is_empty() {
            self.met(of, people).await?;
            return Ok(false);
        }
        match self.crm.put_people(&seen.entry, body).await {
            Ok(_) => {
                self.counts.written += 1;
                self.wrote_people(of, people, (&change, word)).await?;
                Ok(true)
            }
            // It waits for another change of the event: a person may be gone meanwhile.
            Err(Missed::Refused(_) | Missed::Barred) => {
                tracing::warn!(link.id = %of.link.id, "the CRM refused who takes part");
                self.counts.failed += 1;
                self.met(of, of.link.people.clone()).await?;
                Ok(false)
            }
            Err(other) => Err(other),
        }
    }

    // The pair that owns the record that this one shows; none while it is not kept in step.
    async fn owner(&self, link: &Link) -> Result<Option<Link>, StoreError> {
        if link.role == Role::Owner {
            return Ok(Some(link.clone()));
        }
        let mut read = self.store.read().await?;
        let owner = match (&link.record, &link.ical_uid) {
            (Some(record), _) => links::by_record(self.store, &mut read, &link.entity, record).await?,
            (None, Some(uid)) => links::by_uid(self.store, &mut read, uid).await?,
            (None, None) => None,
        };
        Ok(owner.filter(|owner| owner.state == State::Active))
    }

    // Whether nobody has let go of the pair since the page was read.
    async fn kept(&self, link: &Link) -> Result<bool, StoreError> {
        let now = links::get(self.store, &mut self.store.read().await?, link.id).await?;
        Ok(now.is_some_and(|now| now.state == State::Active))
    }

    // What the owner of this calendar says. An event that its owner has removed, and others still
    // have, is declined.
    async fn answer_of(&self, of: &Stirred) -> Result<Option<(String, Answer)>, StoreError> {
        let Some(user) = self.user.clone().filter(|_| self.owns) else { return Ok(None) };
        let answer = match &of.event {
            Some(event) => event.answer,
            None if of.link.role == Role::View && self.stands(&of.link).await? => Answer::Declined,
            None => Answer::None,
        };
        Ok((answer != Answer::None).then_some((user, answer)))
    }

    // Whether the event of the pair that owns the record is there.
    async fn stands(&self, view: &Link) -> Result<bool, StoreError> {
        let Some(owner) = self.owner(view).await? else { return Ok(false) };
        let Some(event) = &owner.event else { return Ok(false) };
        let row = google_seen::get(self.store, &mut self.store.read().await?, owner.calendar, event).await?;
        Ok(row.is_some_and(|row| row.live))
    }

    // Nothing was to be written.
    async fn met(&self, of: &Stirred, people: People) -> Result<(), StoreError> {
        let mut batch = self.ledger().batch().await?;
        self.agree(&mut batch, of, people).await?;
        batch.commit().await
    }

    // Only the people of the pair are ours here: a person may have decided about it meanwhile.
    async fn agree(&self, batch: &mut Batch, of: &Stirred, people: People) -> Result<Link, StoreError> {
        let now = links::get(self.store, batch, of.link.id).await?;
        let link = Link { people, ..now.clone().unwrap_or_else(|| of.link.clone()) };
        if now.is_some_and(|now| now.people != link.people) {
            links::put(batch, &link).await?;
        }
        google_seen::met(batch, self.calendar.id, &of.row).await?;
        Ok(link)
    }

    fn hides_people(&self, of: &Stirred) -> bool {
        let private = |event: &Event| event.visibility == Visibility::Private;
        self.hides() && of.event.as_ref().is_none_or(private)
    }

    async fn wrote_people(
        &self,
        of: &Stirred,
        people: People,
        (change, word): (&Change, Option<&str>),
    ) -> Result<(), StoreError> {
        let ledger = self.ledger();
        let mut batch = ledger.batch().await?;
        let link = self.agree(&mut batch, of, people).await?;
        if !change.is_empty() {
            // Who the guests of a hidden event are, or were, is not written down.
            let content = if self.hides_people(of) { json!({}) } else { told(change) };
            ledger.note(&mut batch, &link, Rule::GuestsChanged, "write-record", &content).await?;
        }
        if let Some(word) = word {
            let content = json!({ "answer": word });
            ledger.note(&mut batch, &link, Rule::Answered, "write-record", &content).await?;
        }
        let users = change.joined.iter().any(|person| person.kind == Kind::User);
        if let Some(record) = link.record.as_ref().filter(|_| users) {
            google_seen::meet_views(&mut batch, &link.entity, record).await?;
            calendars::wake_views(&mut batch, &link.entity, record, self.store.clock().now()).await?;
        }
        batch.commit().await
    }
}

fn told(change: &Change) -> Json {
    let ids = |all: &BTreeSet<Person>| all.iter().map(|one| one.id.clone()).collect::<Vec<_>>();
    json!({ "joined": ids(&change.joined), "left": ids(&change.left) })
}

fn named(owner: &Link) -> Option<(Entity, &str)> {
    Some((Entity::parse(&owner.entity)?, owner.record.as_deref()?))
}
