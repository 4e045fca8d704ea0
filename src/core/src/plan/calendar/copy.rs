//! Copies: records in which a user takes part, shown in that user's own main calendar.
//!
//! A record stands in Google once, in the calendar of the user it is assigned to. Who only takes part
//! has an invitation to it, or nothing; a copy is for the second. It has no guests and is followed one
//! way: what the record says goes to it, what its user changes in it stays there. It ends with the
//! reason for it, as long as the event is to come; one that is over stays. Deleting it declines, and
//! it is made no more.
//!
//! Copies are of records that were made in the CRM only: of an event, people are invited in Google.

use super::admit::over;
use super::compose::{Pair, Scene, basis, made, parts};
use super::entry::{Entity, Entry};
use super::event::Event;
use super::event_id;
use super::operation::{Operation, Plan, Subject, What};
use crate::plan::decide::{Act, decide};
use crate::plan::link::{Base, Side, State};
use crate::plan::policy::{Direction, Policy};
use crate::plan::record::Record;
use crate::plan::rule::Rule;
use crate::plan::seen::{Seen, Standing};

/// A record in which the user of a calendar takes part, or has.
#[derive(Debug, Clone, PartialEq)]
pub enum Copy {
    /// There is none of it yet, and there may be one.
    New(Entry),
    /// There is one.
    Made {
        /// With what was seen of it.
        pair: Box<Pair>,
        /// Whether there is still a reason for it.
        wanted: bool,
    },
}

impl Scene<'_> {
    pub(super) fn copies(&self, plan: &mut Plan) {
        for copy in self.copies {
            match copy {
                Copy::New(entry) => self.new_copy(entry, plan),
                Copy::Made { pair, wanted } => self.copy(pair, *wanted, plan),
            }
        }
    }

    fn new_copy(&self, entry: &Entry, plan: &mut Plan) {
        let subject = Subject::Entry(entry.entity, entry.id.clone());
        // One that an installation has made whose store was lost.
        let mut there = self.events.iter().filter(|event| {
            !event.cancelled && event_id::copied(event) == Some((entry.entity, entry.id.as_str()))
        });
        if let Some(event) = there.next() {
            let base = Base::of(event.record.clone(), entry.record.clone());
            plan.operations.push(made(subject, Rule::Adopted, What::KeepCopy(event.id.clone(), base)));
            return;
        }
        match self.door.entry(entry, self.now) {
            Ok(()) if self.writable => {
                let record = self.words(entry.entity, None).new_event(&entry.record);
                plan.operations.push(made(subject, Rule::Copied, What::MakeCopy(record)));
            }
            // What is said of a record is said where it is assigned.
            Ok(()) | Err(_) => {}
        }
    }

    fn copy(&self, pair: &Pair, wanted: bool, plan: &mut Plan) {
        if pair.link.state != State::Active {
            return;
        }
        match (&pair.google, &pair.crm) {
            (Seen::Unproven, _) | (_, Seen::Unproven) => {}
            (Seen::Gone, Seen::Gone) => self.push(pair, None, (Rule::BothGone, What::Close), plan),
            (Seen::Gone, Seen::Live(_)) | (Seen::Live(_), Seen::Gone) if pair.link.base.is_forgotten() => {
                self.push(pair, None, (Rule::Forgotten, What::Let(State::Ignored)), plan);
            }
            (Seen::Gone, Seen::Live(entry)) => self.removed_copy(pair, entry, wanted, plan),
            (Seen::Live(event), Seen::Gone) => self.end_copy(pair, event, &event.record, plan),
            (Seen::Live(event), Seen::Live(entry)) if !wanted => {
                self.end_copy(pair, event, &entry.record, plan);
            }
            (Seen::Live(event), Seen::Live(_)) => self.follow(pair, event, plan),
        }
    }

    // Its user has deleted it.
    fn removed_copy(&self, pair: &Pair, entry: &Entry, wanted: bool, plan: &mut Plan) {
        let asked = pair.link.base == Base::default();
        let planned = entry.standing == Standing::Planned && !self.passed(&entry.record);
        let then = match (asked, wanted && planned) {
            (true, true) if self.policy.direction.writes() && self.writable => {
                let record = self.words_of(pair, None).new_event(&entry.record);
                (Rule::AskedAgain, What::Recreate(record))
            }
            (false, true) if self.policy.direction.reads() => (Rule::CopyDeclines, What::Decline),
            _ => (Rule::CopyLetGo, What::Let(State::Ignored)),
        };
        self.push(pair, None, then, plan);
    }

    // What is over stays as a memory of it.
    fn end_copy(&self, pair: &Pair, event: &Event, says: &Record, plan: &mut Plan) {
        if self.policy.direction.writes() && self.may_write(event) && !self.passed(says) {
            self.push(pair, Some(event), (Rule::CopyEnds, What::Delete(Side::Google)), plan);
        }
    }

    fn follow(&self, pair: &Pair, event: &Event, plan: &mut Plan) {
        if !self.policy.direction.writes() {
            return;
        }
        let words = self.words_of(pair, Some(event));
        let (google, crm) = self.sides(pair);
        // What its user changes in it is left where it is.
        let policy = Policy { direction: Direction::ToGoogle, ..*self.policy };
        let verdict = decide(&pair.link, &google, &crm, &policy, &words);
        match verdict.act {
            Act::Merge(merge) => {
                for (what, fields) in parts(merge, self.noticed(event, &words)) {
                    let operation = self.operation(pair, Some(event), (verdict.rule, what));
                    plan.operations.push(Operation { fields, ..operation });
                }
            }
            Act::Delete(Side::Google) => self.end_copy(pair, event, &event.record, plan),
            _ => {}
        }
    }

    fn passed(&self, record: &Record) -> bool {
        record.times().is_none_or(|times| over(times, self.now))
    }

    fn push(&self, pair: &Pair, event: Option<&Event>, then: (Rule, What), plan: &mut Plan) {
        plan.operations.push(self.operation(pair, event, then));
    }

    fn operation(&self, pair: &Pair, event: Option<&Event>, (rule, what): (Rule, What)) -> Operation {
        let guests = event.is_some_and(|event| self.noticed(event, &self.words_of(pair, Some(event))));
        Operation { guests, basis: basis(pair), ..made(Subject::Link(pair.id), rule, what) }
    }
}

/// Whether a record may get a copy: none is made of what was made of an event, nor for the user it is
/// assigned to.
#[must_use]
pub fn may_be(entry: &Entry, user: &str, maker: &str, kinds: &[Entity]) -> bool {
    entry.user.as_deref() != Some(user)
        && entry.creator.as_deref() != Some(maker)
        && kinds.contains(&entry.entity)
}

#[cfg(test)]
mod tests;
