//! The plan of an address book: what is to be done about everything that changed.
//!
//! First it is found out which link a person belongs to whose name has changed, or who
//! was made twice; then links are decided; then what was pushed finds its person or is made
//! one; last come people of the groups whom no link has. Nobody is deleted for having left
//! a group, for a group that is gone, or for a record that the user may not see any more.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::card::{Card, Entity, Stage};
use super::choices::Choices;
use super::matching::Likeness;
use super::operation::{Left, Operation, Plan, Subject, What};
use super::person::Person;
use super::words::{Habits, Words};
use crate::plan::decide::{Act, decide};
use crate::plan::link::{Link, State};
use crate::plan::merge::Merge;
use crate::plan::record::Record;
use crate::plan::rule::Rule;
use crate::plan::seen::{CrmSide, GoogleSide, Seen, Standing};

/// A link with what was seen of its sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// Identity of the link.
    pub id: Uuid,
    /// The kind of its record.
    pub entity: Entity,
    /// Its record.
    pub record: String,
    /// Its person's name at Google; none where nobody knows whether it was made.
    pub person: Option<String>,
    /// Its person's identity in the address book.
    pub source: Option<String>,
    /// What was agreed.
    pub link: Link,
    /// The person.
    pub google: Seen<Person>,
    /// The record.
    pub crm: Seen<Card>,
    /// Whether the user may see the record.
    pub visible: bool,
    /// Whether other users have it in a group, too.
    pub shared: bool,
}

/// A record without a link, or one that somebody pushes.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The record.
    pub card: Card,
    /// Whether the user may see it.
    pub visible: bool,
    /// Whether other users have it in a group.
    pub shared: bool,
    /// Whether somebody has asked for it, and not the saved filter alone.
    pub asked: bool,
}

/// Who somebody is, where a person has said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Is {
    /// That one of the other side.
    Same(Subject),
    /// Nobody: one is made. Of a person of Google a record of this kind.
    New(Entity),
}

/// A group of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group<'a> {
    /// It is there.
    There(&'a str),
    /// It is proven to be gone.
    Gone(&'a str),
}

impl Group<'_> {
    /// Whether it has the person; nothing follows from a group that nobody can be in.
    fn has(self, person: &Person) -> Option<bool> {
        match self {
            Self::There(name) => Some(person.groups.contains(name)),
            Self::Gone(_) => None,
        }
    }
}

/// Everything that a plan depends on.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The group that takes people.
    pub group: Group<'a>,
    /// Further ones whose people are kept in step where they are.
    pub monitored: &'a [Group<'a>],
    /// Links one of whose sides changed, or that others are compared with.
    pub pairs: &'a [Pair],
    /// New or changed people without a link, in the group or not.
    pub people: &'a [Person],
    /// Records that somebody pushes, or that the saved filter finds.
    pub pushed: &'a [Candidate],
    /// Records without a link that may be people of the group.
    pub records: &'a [Candidate],
    /// What a person has said of who somebody is.
    pub decided: &'a [(Subject, Is)],
    /// What the user has chosen.
    pub choices: &'a Choices,
    /// What the CRM can hold.
    pub habits: &'a Habits,
}

/// Plans.
#[must_use]
pub fn compose(scene: &Scene<'_>) -> Plan {
    let mut plan = Plan::default();
    if let Group::Gone(name) = scene.group {
        let subject = Subject::Group(name.to_owned());
        plan.operations.push(Operation::new(subject, Rule::GroupGone, What::LetAll));
    }
    let mut known = scene.known(&mut plan);
    let pushed = scene.pushes(&mut known, &mut plan);
    let addressed = scene.addressed();
    for pair in scene.pairs.iter().filter(|pair| !known.links.contains(&pair.id)) {
        scene.pair(pair, &addressed, &mut plan);
    }
    scene.strangers(&pushed, &known, &mut plan);
    plan
}

/// What was decided about already.
#[derive(Debug, Default)]
pub(super) struct Settled<'a> {
    pub(super) links: BTreeSet<Uuid>,
    pub(super) people: BTreeSet<&'a str>,
}

type Addressed<'a> = BTreeMap<String, Vec<(&'a Card, Likeness, Option<Uuid>)>>;

impl<'a> Scene<'a> {
    pub(super) fn words(&self, entity: Entity, google: &Record) -> Words<'a> {
        Words::new(entity, self.habits, self.choices.country.as_ref(), google)
    }

    // Those of the fields that are kept in step.
    pub(super) fn shown(&self, record: &Record, shared: bool) -> Record {
        let fields = self.choices.fields(shared);
        record.picked(|field| fields.contains(&field))
    }

    /// Whether it is in the group that takes people.
    pub(super) fn joined(&self, person: &Person) -> bool {
        self.group.has(person).unwrap_or(true)
    }

    /// Whether it is in one of the groups that are there.
    pub(super) fn belongs(&self, person: &Person) -> bool {
        self.groups().any(|group| group.has(person) == Some(true))
    }

    // Whoever is in none of them has left; of a group that is gone nobody knows who has.
    fn left(&self, person: &Person) -> bool {
        self.groups().all(|group| group.has(person) == Some(false))
    }

    fn groups(&self) -> impl Iterator<Item = Group<'a>> {
        std::iter::once(self.group).chain(self.monitored.iter().copied())
    }

    /// What a person has said of somebody.
    pub(super) fn word_about(&self, subject: &Subject) -> Option<&'a Is> {
        self.decided.iter().find(|(about, _)| about == subject).map(|(_, is)| is)
    }

    pub(super) fn likeness_of(&self, card: &Card) -> Likeness {
        Likeness::of_card(card, &self.words(card.entity, &Record::new()))
    }

    fn pair(&self, pair: &Pair, addressed: &Addressed<'a>, plan: &mut Plan) {
        if pair.link.state != State::Active {
            return;
        }
        let mut push = |rule, what| plan.operations.push(of_pair(pair, rule, what));
        if !pair.visible {
            return push(Rule::NotVisible, What::Let(State::Frozen));
        }
        if let Seen::Live(Card { stage: Stage::Converted(into), .. }) = &pair.crm {
            match self.converted(into.as_deref()) {
                Some(what) => push(Rule::Converted, what),
                None => plan.left.push((Subject::Link(pair.id), Left::Converted)),
            }
            return;
        }
        let crm = record_of(pair);
        if let (Seen::Live(person), Seen::Gone) = (&pair.google, &crm)
            && let Some(what) = self.records_merged(pair, person, addressed)
        {
            if matches!(what, What::Let(_)) {
                plan.left.push((Subject::Link(pair.id), Left::Merged(pair.id)));
            }
            return plan.operations.push(of_pair(pair, Rule::RecordsMerged, what));
        }
        if pair.google.live().is_some_and(|person| self.left(person)) {
            return push(Rule::LeftGroup, What::Let(State::Detached));
        }
        self.decided(pair, &crm, plan);
    }

    fn decided(&self, pair: &Pair, crm: &Seen<&Card>, plan: &mut Plan) {
        let google = pair.google.map(|person| GoogleSide {
            record: self.shown(&person.record, pair.shared),
            updated: person.updated,
            editable: true,
            elsewhere: false,
        });
        let crm = crm.map(|card| CrmSide {
            record: self.shown(&card.record, pair.shared),
            modified: card.modified,
            standing: Standing::Planned,
            over: false,
        });
        let shows = pair.google.live().map_or(&pair.link.base.google, |person| &person.record);
        let words = self.words(pair.entity, shows);
        let verdict = decide(&pair.link, &google, &crm, &self.choices.policy(), &words);
        let mut push = |what| plan.operations.push(of_pair(pair, verdict.rule, what));
        match verdict.act {
            // A record of a person takes place at no time.
            Act::Rest | Act::SetNotHeld => {}
            Act::Merge(merge) => plan.operations.extend(merged(pair, verdict.rule, merge)),
            Act::Delete(side) => push(What::Delete(side)),
            Act::Recreate => {
                if let Seen::Live(crm) = &crm {
                    push(What::Recreate(words.new_person(&crm.record)));
                }
            }
            Act::Detach => push(What::Let(State::Detached)),
            Act::Ignore => push(What::Let(State::Ignored)),
            Act::Close => push(What::Close),
        }
    }

    // The contact that a lead became, unless another link has it.
    fn converted(&self, into: Option<&str>) -> Option<What> {
        let into = into?;
        let had = self.pairs.iter().any(|pair| pair.entity == Entity::Contact && pair.record == into);
        (!had && self.choices.kinds.contains(&Entity::Contact))
            .then(|| What::Relink(Entity::Contact, into.to_owned()))
    }

    // The record that one was merged into has its name and an address of its: that is one record.
    fn records_merged(&self, pair: &Pair, person: &Person, addressed: &Addressed<'a>) -> Option<What> {
        let of = Likeness::of_person(person, &self.words(pair.entity, &person.record));
        let alike = of.addresses.iter().filter_map(|address| addressed.get(address)).flatten();
        let mut same = BTreeMap::new();
        for (card, has, link) in alike.filter(|(card, has, _)| card.id != pair.record && has.name == of.name)
        {
            debug_assert!(has.shares_address(&of));
            same.insert((card.entity, card.id.as_str()), *link);
        }
        match same.into_iter().collect::<Vec<_>>()[..] {
            [((entity, id), None)] => Some(What::Relink(entity, id.to_owned())),
            [(_, Some(_))] => Some(What::Let(State::Ignored)),
            _ => None,
        }
    }

    // Records by their addresses, with the links that have them; of use only where one is gone.
    fn addressed(&self) -> Addressed<'a> {
        let mut all = Addressed::new();
        if !self.pairs.iter().any(|pair| matches!(record_of(pair), Seen::Gone)) {
            return all;
        }
        let had = self.pairs.iter().filter_map(|pair| Some((pair.crm.live()?, Some(pair.id))));
        let free = self.records.iter().filter(|record| record.visible).map(|record| (&record.card, None));
        for (card, link) in had.chain(free).filter(|(card, _)| card.stage == Stage::Kept) {
            let of = self.likeness_of(card);
            for address in &of.addresses {
                all.entry(address.clone()).or_default().push((card, of.clone(), link));
            }
        }
        all
    }

    pub(super) fn paired_records(&self) -> BTreeMap<(Entity, &'a str), &'a Pair> {
        self.pairs.iter().map(|pair| ((pair.entity, pair.record.as_str()), pair)).collect()
    }
}

// What an admin is told of is gone all the same.
fn record_of(pair: &Pair) -> Seen<&Card> {
    match &pair.crm {
        Seen::Live(card) if card.stage == Stage::Deleted => Seen::Gone,
        Seen::Live(card) => Seen::Live(card),
        Seen::Gone => Seen::Gone,
        Seen::Unproven => Seen::Unproven,
    }
}

fn merged(pair: &Pair, rule: Rule, merge: Merge) -> impl Iterator<Item = Operation> + '_ {
    let parts = merge.parts(None).into_iter();
    parts.map(move |(part, fields)| Operation { fields, ..of_pair(pair, rule, What::from(part)) })
}

/// An operation on a link, good for what its sides show now.
pub(super) fn of_pair(pair: &Pair, rule: Rule, what: What) -> Operation {
    let google = pair.google.live().map(Person::fingerprint);
    let basis = google.into_iter().chain(pair.crm.live().map(Card::fingerprint)).collect();
    Operation { basis, ..Operation::new(Subject::Link(pair.id), rule, what) }
}

#[cfg(test)]
mod tests;
