//! The plan of one calendar: what is to be done about everything that changed.
//!
//! Links are decided first, then what belongs together without a link is
//! adopted, which writes nothing; what is left of both sides is made on the
//! other. An event and a record belong together when the record names the event,
//! or when title and times are the same and nothing else has both.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::admit::{Door, Left, Private, over};
use super::copy::Copy;
use super::entry::{Entity, Entry};
use super::event::{BUSY, Event, Visibility};
use super::event_id;
use super::invite::Inviting;
use super::operation::{Operation, Plan, Subject, What};
use super::people::People;
use super::times::Times;
use super::words::{Hidden, Words};
use crate::plan::decide::{Act, decide};
use crate::plan::link::{Base, Link, Side, State};
use crate::plan::merge::{Merge, Outcome};
use crate::plan::policy::Policy;
use crate::plan::record::{Field, Record};
use crate::plan::rule::Rule;
use crate::plan::seen::{CrmSide, GoogleSide, Seen, Standing};

/// A link with what was seen of its sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// Identity of the link.
    pub id: Uuid,
    /// The kind of its record.
    pub entity: Entity,
    /// What was agreed.
    pub link: Link,
    /// What was agreed of its people.
    pub people: People,
    /// The event.
    pub google: Seen<Event>,
    /// The record.
    pub crm: Seen<Entry>,
}

/// Everything that a plan depends on.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// Links one of whose sides changed.
    pub pairs: &'a [Pair],
    /// New or changed events without a link.
    pub events: &'a [Event],
    /// New or changed records without a link of the users whose main calendar this is.
    pub entries: &'a [Entry],
    /// Events whose record has one in another calendar by now, each with its link.
    pub left_behind: &'a [(Uuid, Event)],
    /// What the calendar's user takes part in, where that has changed.
    pub copies: &'a [Copy],
    /// Other users of the CRM who have a calendar of their own for new events.
    pub homes: &'a BTreeSet<String>,
    /// What is taken over.
    pub door: &'a Door,
    /// What decides about links.
    pub policy: &'a Policy,
    /// Whether the account may write this calendar.
    pub writable: bool,
    /// Addresses of connected users, in lower case.
    pub connected: &'a BTreeSet<String>,
    /// How guests are written.
    pub inviting: &'a Inviting,
    /// The CRM's user that makes records of events.
    pub maker: &'a str,
    /// Seconds of Unix time.
    pub now: i64,
}

/// Plans.
#[must_use]
pub fn compose(scene: &Scene<'_>) -> Plan {
    let mut plan = Plan::default();
    for pair in scene.pairs {
        scene.pair(pair, &mut plan);
    }
    plan.operations.extend(scene.left_behind.iter().map(left_behind));
    let taken = scene.adopt(&mut plan);
    for event in scene.events.iter().filter(|event| !taken.events.contains(event.id.as_str())) {
        scene.event(event, &mut plan);
    }
    for entry in scene.entries.iter().filter(|entry| !taken.entries.contains(&key(entry))) {
        scene.entry(entry, &mut plan);
    }
    // An event that becomes a pair may make a copy needless.
    scene.copies(&mut plan);
    plan
}

type Key<'a> = (Entity, &'a str);

fn key(entry: &Entry) -> Key<'_> {
    (entry.entity, &entry.id)
}

#[derive(Default)]
struct Taken<'a> {
    events: BTreeSet<&'a str>,
    entries: BTreeSet<Key<'a>>,
}

impl<'a> Taken<'a> {
    fn adopt(&mut self, event: &'a Event, entry: &'a Entry) -> Option<Operation> {
        if self.events.contains(event.id.as_str()) || !self.entries.insert(key(entry)) {
            return None;
        }
        self.events.insert(&event.id);
        let base = Base::of(event.record.clone(), entry.record.clone());
        let what = What::Adopt(event.id.clone(), entry.entity, entry.id.clone(), base);
        Some(made(Subject::Event(event.id.clone()), Rule::Adopted, what))
    }
}

impl<'a> Scene<'a> {
    pub(super) fn words(&self, entity: Entity, event: Option<&Event>) -> Words {
        let private = event.is_some_and(|event| event.visibility == Visibility::Private);
        Words { entity, labels: self.door.labels.clone(), hidden: self.hidden(private) }
    }

    fn hidden(&self, private: bool) -> Hidden {
        match (private, self.door.private) {
            (false, _) | (true, Private::Full) => Hidden::Nothing,
            (true, Private::Busy) => Hidden::Words,
            (true, Private::Skip) => Hidden::All,
        }
    }

    // A tombstone does not tell whether the event was hidden, what was agreed does.
    pub(super) fn words_of(&self, pair: &Pair, event: Option<&Event>) -> Words {
        let words = self.words(pair.entity, event);
        if event.is_some() {
            return words;
        }
        let agreed = &pair.link.base;
        let blanked = [&agreed.google, &agreed.crm].into_iter().all(|side| side.words(Field::Title) == BUSY);
        Words { hidden: self.hidden(blanked), ..words }
    }

    fn pair(&self, pair: &Pair, plan: &mut Plan) {
        let event = match &pair.google {
            Seen::Live(event) => Some(event),
            Seen::Gone | Seen::Unproven => None,
        };
        let words = self.words_of(pair, event);
        let editable = event.is_some_and(|event| self.may_write(event));
        let (google, crm) = self.sides(pair);
        let verdict = decide(&pair.link, &google, &crm, self.policy, &words);
        let hidden = words.hidden != Hidden::Nothing;
        let guests = event.is_some_and(|event| self.noticed(event, &words));
        let basis = basis(pair);
        let mut push = |what, fields| {
            let (subject, basis) = (Subject::Link(pair.id), basis.clone());
            plan.operations.push(Operation { subject, rule: verdict.rule, what, fields, guests, basis });
        };
        let lives = matches!(verdict.act, Act::Rest | Act::Merge(_));
        // Nobody is invited to a time that is about to be another, or waits to be.
        let moves = matches!(&verdict.act, Act::Merge(merge) if merge.to_google.get(Field::When).is_some());
        let home = self.new_home(pair).filter(|_| lives && !hidden && editable);
        match verdict.act {
            Act::Rest => {}
            Act::Merge(merge) => {
                parts(merge, guests).into_iter().for_each(|(what, fields)| push(what, fields));
            }
            Act::Delete(side) => push(What::Delete(side), Vec::new()),
            Act::SetNotHeld => push(What::SetNotHeld, Vec::new()),
            Act::Recreate => {
                if let Seen::Live(entry) = &pair.crm {
                    push(What::Recreate(words.new_event(&entry.record)), Vec::new());
                }
            }
            Act::Detach => push(What::Let(State::Detached), Vec::new()),
            Act::Ignore => push(What::Let(State::Ignored), Vec::new()),
            Act::Close => push(What::Close, Vec::new()),
        }
        let (rule, what) = match home {
            Some(user) => (Rule::Reassigned, Some(What::Move(user.to_owned()))),
            None if lives && !moves => (Rule::Invited, self.invite(pair, editable && !hidden)),
            None => return,
        };
        let operation = what.map(|what| Operation { basis, ..made(Subject::Link(pair.id), rule, what) });
        plan.operations.extend(operation);
    }

    // What is written to a series is written to all its occurrences.
    pub(super) fn may_write(&self, event: &Event) -> bool {
        self.writable && event.changeable && event.recurrence.is_none()
    }

    // Who the guests of a hidden event are is not known.
    pub(super) fn noticed(&self, event: &Event, words: &Words) -> bool {
        words.hidden != Hidden::Nothing || event.guests.iter().any(|of| !self.connected.contains(of))
    }

    pub(super) fn sides(&self, pair: &Pair) -> (Seen<GoogleSide>, Seen<CrmSide>) {
        let google = pair.google.map(|event| GoogleSide {
            record: event.record.clone(),
            updated: event.updated,
            editable: self.may_write(event),
            elsewhere: !event.organizes && self.connected.contains(&event.organizer),
        });
        let crm = pair.crm.map(|entry| CrmSide {
            record: entry.record.clone(),
            modified: entry.modified,
            standing: entry.standing,
            over: entry.record.times().is_some_and(|times| over(times, self.now)),
        });
        (google, crm)
    }

    // An event that has guests stays where its guests know it.
    fn new_home(&self, pair: &'a Pair) -> Option<&'a str> {
        let (Seen::Live(event), Seen::Live(entry)) = (&pair.google, &pair.crm) else { return None };
        let ours =
            pair.link.state == State::Active && pair.link.origin == Side::Crm && event.guests.is_empty();
        let stands = entry.standing == Standing::Planned
            && !entry.record.times().is_some_and(|times| over(times, self.now));
        let user = entry.user.as_deref().filter(|user| self.homes.contains(*user))?;
        (ours && stands && self.policy.direction.writes()).then_some(user)
    }

    // Whoever is adopted, or cannot be told from others, is made nowhere.
    fn adopt(&self, plan: &mut Plan) -> Taken<'a> {
        let mut taken = Taken::default();
        for event in self.events.iter().filter(|event| adoptable(event)) {
            let mut named = self.entries.iter().filter(|entry| entry.event_id.as_deref() == Some(&event.id));
            if let (Some(entry), None) = (named.next(), named.next()) {
                plan.operations.extend(taken.adopt(event, entry));
            }
        }
        for (events, entries) in self.alike(&taken) {
            match (&events[..], &entries[..]) {
                ([event], [entry]) => plan.operations.extend(taken.adopt(event, entry)),
                (events, entries) => {
                    for event in events {
                        taken.events.insert(&event.id);
                        plan.left.push((Subject::Event(event.id.clone()), Left::Ambiguous));
                    }
                    for entry in entries {
                        taken.entries.insert(key(entry));
                        let subject = Subject::Entry(entry.entity, entry.id.clone());
                        plan.left.push((subject, Left::Ambiguous));
                    }
                }
            }
        }
        taken
    }

    // Events and records without a link that have the same title and times; nobody else has both.
    fn alike(&self, taken: &Taken<'a>) -> Vec<(Vec<&'a Event>, Vec<&'a Entry>)> {
        let mut groups: BTreeMap<_, (Vec<&Event>, Vec<&Entry>)> = BTreeMap::new();
        let free = |event: &&Event| adoptable(event) && !taken.events.contains(event.id.as_str());
        for event in self.events.iter().filter(free) {
            let labelled =
                self.door.labels.parse(event.record.words(Field::Title)).map(|(entity, _)| *entity);
            let entity = labelled.or(self.door.default).unwrap_or(Entity::Meeting);
            let told = self.words(entity, Some(event)).new_record(&event.record);
            if let Some(alike) = likeness(told.words(Field::Title), &event.record) {
                groups.entry(alike).or_default().0.push(event);
            }
        }
        for entry in self.entries.iter().filter(|entry| entry.event_id.is_none()) {
            if let Some(alike) = likeness(entry.record.words(Field::Title), &entry.record) {
                groups.entry(alike).or_default().1.push(entry);
            }
        }
        groups.into_values().filter(|(events, entries)| !events.is_empty() && !entries.is_empty()).collect()
    }

    fn event(&self, event: &Event, plan: &mut Plan) {
        let subject = Subject::Event(event.id.clone());
        match self.door.event(event) {
            Ok(entity) => {
                let record = self.words(entity, Some(event)).new_record(&event.record);
                plan.operations.push(made(subject, Rule::NewFromGoogle, What::MakeRecord(entity, record)));
            }
            Err(why) => plan.left.push((subject, why)),
        }
    }

    fn entry(&self, entry: &Entry, plan: &mut Plan) {
        let subject = Subject::Entry(entry.entity, entry.id.clone());
        match self.door.entry(entry, self.now) {
            // It would stand in Google twice.
            Ok(()) if entry.creator.as_deref() == Some(self.maker) => plan.left.push((subject, Left::Made)),
            // Somebody else has made an event for it.
            Ok(()) if entry.event_id.is_some() => plan.left.push((subject, Left::NamesAnother)),
            Ok(()) if self.writable => {
                let record = self.words(entry.entity, None).new_event(&entry.record);
                plan.operations.push(made(subject, Rule::NewFromCrm, What::MakeEvent(record)));
            }
            Ok(()) => plan.left.push((subject, Left::ReadOnly)),
            Err(why) => plan.left.push((subject, why)),
        }
    }
}

// What the sides of a pair show.
pub(super) fn basis(pair: &Pair) -> Vec<[u8; 32]> {
    let google = pair.google.live().map(Event::fingerprint);
    google.into_iter().chain(pair.crm.live().map(Entry::fingerprint)).collect()
}

fn left_behind((id, event): &(Uuid, Event)) -> Operation {
    let what = What::Delete(Side::Google);
    let operation = made(Subject::Link(*id), Rule::Reassigned, what);
    Operation { guests: !event.guests.is_empty(), basis: vec![event.fingerprint()], ..operation }
}

pub(super) fn made(subject: Subject, rule: Rule, what: What) -> Operation {
    Operation::new(subject, rule, what)
}

// A series is adopted by its occurrences, and of a tombstone there is nothing to adopt.
fn adoptable(event: &Event) -> bool {
    event.ordinary && !event.cancelled && event.recurrence.is_none() && event_id::copied(event).is_none()
}

/// What two have in common that are the same.
fn likeness(title: &str, record: &Record) -> Option<(String, Times)> {
    Some((title.trim().to_owned(), *record.times()?))
}

// What guests outside would notice stands alone: it waits, and nothing with it.
pub(super) fn parts(merge: Merge, guests: bool) -> Vec<(What, Vec<Outcome>)> {
    let parts = merge.parts(guests.then_some(Field::When));
    parts.into_iter().map(|(part, fields)| (What::from(part), fields)).collect()
}

mod guests;
#[cfg(test)]
mod tests;
