//! People whom a link has under another name, or twice.
//!
//! Google may call a person by another name from one day to the next, and merges two into one
//! that shows the marks of both. A person that was made and whose answer was lost is
//! found by its mark; when it was made again meanwhile, there are two, of which one goes - the
//! one that nobody has touched since.

use super::compose::{Pair, Scene, Settled, of_pair};
use super::operation::{Left, Operation, Plan, Subject, What};
use super::person::Person;
use crate::plan::link::State;
use crate::plan::rule::Rule;
use crate::plan::seen::Seen;

impl<'a> Scene<'a> {
    /// Finds them, and settles who of the people and links needs nothing else.
    pub(super) fn known(&self, plan: &mut Plan) -> Settled<'a> {
        let mut settled = Settled::default();
        for pair in self.pairs {
            self.renamed(pair, &mut settled, plan);
        }
        for person in self
            .living()
            .filter(|person| !settled.people.contains(person.resource.as_str()))
            .collect::<Vec<_>>()
        {
            if let Some((pair, left)) = self.twin(person) {
                settled.people.insert(&person.resource);
                match left {
                    Some(left) => plan.left.push((Subject::Person(person.resource.clone()), left)),
                    None => plan.operations.push(removed(pair, person)),
                }
            }
        }
        settled
    }

    pub(super) fn living(&self) -> impl Iterator<Item = &'a Person> {
        self.people.iter().filter(|person| !person.deleted)
    }

    fn renamed(&self, pair: &'a Pair, settled: &mut Settled<'a>, plan: &mut Plan) {
        let (mut sure, mut marked) = (Vec::new(), Vec::new());
        for person in self.living().filter(|person| !settled.people.contains(person.resource.as_str())) {
            if called(pair, person) {
                sure.push(person);
            } else if lost(pair) && person.marks.iter().any(|mark| mark.pair == pair.id) {
                marked.push(person);
            }
        }
        let found = sure.first().or_else(|| marked.iter().min_by_key(|person| &person.resource));
        if let Some(person) = found {
            settled.links.insert(pair.id);
            settled.people.extend(sure.iter().chain(&marked).map(|person| person.resource.as_str()));
            plan.operations.push(of_pair(pair, Rule::Renamed, What::Rename(person.resource.clone())));
        } else if let Some(other) = self.merged_into(pair).filter(|_| pair.google.live().is_none()) {
            settled.links.insert(pair.id);
            if pair.link.state == State::Active {
                plan.left.push((Subject::Link(pair.id), Left::Merged(other.id)));
            }
        }
    }

    // The link that has the person with whom this one's was merged.
    fn merged_into(&self, pair: &Pair) -> Option<&'a Pair> {
        let one = |other: &&Pair| {
            let person = other.google.live();
            let marked = |person: &Person| person.marks.iter().any(|mark| mark.pair == pair.id);
            other.id != pair.id
                && person.is_some_and(|person| called(pair, person) || (lost(pair) && marked(person)))
        };
        self.pairs.iter().find(one)
    }

    // The link that has another person already, and why this one stays if it does.
    fn twin(&self, person: &Person) -> Option<(&'a Pair, Option<Left>)> {
        let of = |pair: &&Pair| person.marks.iter().any(|mark| mark.pair == pair.id);
        let pair = self.pairs.iter().find(of)?;
        let other = pair.google.live()?;
        let same = |record: &crate::plan::record::Record| {
            let base = &pair.link.base.google;
            !base.is_empty() && base.iter().all(|(field, value)| record.get(field) == Some(value))
        };
        let another =
            other.resource != person.resource && (person.source.is_none() || person.source != other.source);
        let untouched = same(&person.record) && another;
        Some((pair, (!untouched).then_some(Left::Twin(pair.id))))
    }
}

fn removed(pair: &Pair, person: &Person) -> Operation {
    let what = What::RemoveTwin(person.resource.clone(), person.record.clone());
    let subject = Subject::Person(person.resource.clone());
    let basis = vec![person.fingerprint()];
    Operation { subject, basis, ..of_pair(pair, Rule::TwinRemoved, what) }
}

// By what Google itself says of its names.
fn called(pair: &Pair, person: &Person) -> bool {
    let before = pair.person.as_ref().is_some_and(|name| person.previous.contains(name));
    before || (pair.source.is_some() && pair.source == person.source)
}

// A mark alone says something only where there is no other person.
fn lost(pair: &Pair) -> bool {
    match pair.google {
        Seen::Live(_) => false,
        Seen::Gone => true,
        Seen::Unproven => pair.person.is_none(),
    }
}
