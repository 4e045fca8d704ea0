//! What a plan says is to be done: each operation by its rule, with what an approval
//! of it names and what the caps count it as.

use serde::Serialize;
use uuid::Uuid;

use super::admit::Left;
use super::entry::Entity;
use super::event::BUSY;
use super::invite::Invitation;
use crate::plan::guard::Class;
use crate::plan::link::{Base, Side, State};
use crate::plan::merge::Part;
use crate::plan::operation;
use crate::plan::record::{Field, Record};

/// What an operation is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Subject {
    /// A link.
    Link(Uuid),
    /// An event without a link, by its identity.
    Event(String),
    /// A record without a link.
    Entry(Entity, String),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum What {
    /// Both sides agree already.
    Remember(Base),
    /// Fields are written at Google; then both sides show this.
    WriteGoogle(Record, Base),
    /// Fields are written in the CRM; then both sides show this.
    WriteCrm(Record, Base),
    /// The event becomes a record.
    MakeRecord(Entity, Record),
    /// The record becomes an event.
    MakeEvent(Record),
    /// The link's event is made again.
    Recreate(Record),
    /// A side is deleted.
    Delete(Side),
    /// The record is called off.
    SetNotHeld,
    /// The record gets an event in the calendar of that user of the CRM, then this one goes.
    Move(String),
    /// The link is let go.
    Let(State),
    /// The link is over: both sides are gone.
    Close,
    /// The event gets other guests, or it is only remembered who takes part in the record.
    Invite(Invitation),
    /// The event and the record become a link.
    Adopt(String, Entity, String, Base),
    /// The record gets a copy in the calendar of somebody who takes part.
    MakeCopy(Record),
    /// The event is a copy that was made before.
    KeepCopy(String, Base),
    /// The user of the copy declines, and it is let go.
    Decline,
}

impl From<Part> for What {
    fn from(part: Part) -> Self {
        match part {
            Part::Remember(base) => Self::Remember(base),
            Part::WriteGoogle(changes, base) => Self::WriteGoogle(changes, base),
            Part::WriteCrm(changes, base) => Self::WriteCrm(changes, base),
        }
    }
}

/// An operation.
pub type Operation = operation::Operation<Subject, What>;

impl Operation {
    /// Whether it takes words out of the CRM that only the event's guests may see now.
    #[must_use]
    pub fn hides(&self) -> bool {
        matches!(&self.what, What::WriteCrm(changes, _) if changes.words(Field::Title) == BUSY)
    }

    /// What the caps count it as.
    #[must_use]
    pub fn class(&self) -> Class {
        match &self.what {
            What::Remember(_) | What::Let(_) | What::Close | What::Adopt(..) | What::KeepCopy(..) => {
                Class::Memory
            }
            What::WriteGoogle(changes, _) if self.guests && changes.get(Field::When).is_some() => {
                Class::Guests
            }
            What::Invite(invitation) if invitation.writes() => Class::Invited,
            What::Invite(_) => Class::Memory,
            What::WriteGoogle(..) | What::WriteCrm(..) | What::Move(_) => Class::Update,
            What::MakeRecord(..) | What::MakeEvent(_) | What::MakeCopy(_) | What::Recreate(_) => {
                Class::Create
            }
            What::Delete(Side::Google) if self.guests => Class::Guests,
            What::Delete(_) | What::SetNotHeld | What::Decline => Class::Delete,
        }
    }
}

/// A plan.
pub type Plan = operation::Plan<Operation, Subject, Left>;

impl Plan {
    /// Whether it deletes anything.
    #[must_use]
    pub fn deletes(&self) -> bool {
        self.operations.iter().any(|operation| operation.class() == Class::Delete)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{BUSY, Base, Class, Field, Invitation, Operation, Plan, Record, Side, Subject, What};
    use crate::plan::calendar::people::{Kind, Person};
    use crate::plan::calendar::times::Times;
    use crate::plan::record::Value;
    use crate::plan::rule::Rule;

    fn of(what: What) -> Operation {
        let subject = Subject::Event("e1".to_owned());
        let (rule, fields, basis) = (Rule::FromGoogle, Vec::new(), vec![[7; 32]]);
        Operation { subject, rule, what, fields, guests: false, basis }
    }

    fn words(title: &str) -> Record {
        Record::new().with(Field::Title, Value::text(title))
    }

    #[test]
    fn rule_3_7_only_what_becomes_busy_in_the_crm_is_hidden() {
        assert!(of(What::WriteCrm(words(BUSY), Base::default())).hides());
        assert!(!of(What::WriteCrm(words("Plan"), Base::default())).hides());
        assert!(!of(What::WriteGoogle(words(BUSY), Base::default())).hides());
    }

    #[test]
    fn rule_6_1_an_approval_is_good_for_the_same_act_on_the_same_that_shows_the_same() {
        let approved = of(What::Delete(Side::Google));
        for other in [
            Operation { subject: Subject::Event("e2".to_owned()), ..approved.clone() },
            of(What::Delete(Side::Crm)),
            Operation { basis: vec![[8; 32]], ..approved.clone() },
            Operation { basis: Vec::new(), ..approved.clone() },
        ] {
            assert_ne!(other.fingerprint(), approved.fingerprint(), "{other:?}");
        }
        assert_eq!(of(What::Delete(Side::Google)).fingerprint(), approved.fingerprint());
    }

    #[test]
    fn rule_2_3_what_guests_would_notice_is_a_class_of_its_own_and_nothing_else_is() {
        let day = serde_json::from_value(serde_json::json!("2026-12-01")).unwrap();
        let moved = Record::new().with(Field::When, Value::Times(Times::all_day(day, day).unwrap()));
        let person = Person { kind: Kind::Contact, id: "c1".to_owned() };
        let added = BTreeMap::from([("eva@other.cz".to_owned(), person)]);
        let invites = Invitation { added, ..Invitation::default() };
        for (what, alone, noticed) in [
            (What::WriteGoogle(moved.clone(), Base::default()), Class::Update, Class::Guests),
            (What::WriteGoogle(words("Plan"), Base::default()), Class::Update, Class::Update),
            (What::WriteCrm(moved, Base::default()), Class::Update, Class::Update),
            (What::Delete(Side::Google), Class::Delete, Class::Guests),
            (What::Delete(Side::Crm), Class::Delete, Class::Delete),
            (What::Invite(invites), Class::Invited, Class::Invited),
            (What::Invite(Invitation::default()), Class::Memory, Class::Memory),
        ] {
            let classes = [false, true].map(|guests| Operation { guests, ..of(what.clone()) }.class());
            assert_eq!(classes, [alone, noticed], "{what:?}");
        }
    }

    #[test]
    fn a_plan_deletes_where_one_of_its_operations_does() {
        let plan =
            |whats: &[What]| Plan { operations: whats.iter().cloned().map(of).collect(), ..Plan::default() };
        assert!(plan(&[What::Close, What::Delete(Side::Crm)]).deletes());
        assert!(!plan(&[What::Close, What::MakeEvent(words("Plan"))]).deletes());
        assert!(!plan(&[]).deletes());
    }
}
