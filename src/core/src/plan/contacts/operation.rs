//! What a plan of contacts says is to be done, and what is left for whom.

use serde::Serialize;
use uuid::Uuid;

use super::card::Entity;
use crate::plan::guard::Class;
use crate::plan::link::{Base, Side, State};
use crate::plan::merge::Part;
use crate::plan::operation;
use crate::plan::record::Record;
use crate::plan::rule::Rule;

/// What an operation is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Subject {
    /// A link.
    Link(Uuid),
    /// A person without a link, by its name at Google.
    Person(String),
    /// A record without a link.
    Card(Entity, String),
    /// The group, by its name at Google.
    Group(String),
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
    /// The person becomes a record.
    MakeRecord(Entity, Record),
    /// The record becomes a person of the group, with our mark.
    MakePerson(Record),
    /// The link's person is made again.
    Recreate(Record),
    /// The person and the record become a link.
    Adopt(Adoption),
    /// The person of the link comes back into the group, and is kept in step again.
    Rejoin,
    /// The link's person is called that now.
    Rename(String),
    /// The person of the link is that record's now.
    Relink(Entity, String),
    /// A side is deleted.
    Delete(Side),
    /// The person, of which there is another one, is deleted if it still shows this.
    RemoveTwin(String, Record),
    /// The link is let go.
    Let(State),
    /// The link is over: both sides are gone.
    Close,
    /// All links of the group are let go.
    LetAll,
}

/// A person and a record that are the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Adoption {
    /// The person, by its name at Google.
    pub person: String,
    /// The kind of the record.
    pub entity: Entity,
    /// The record.
    pub record: String,
    /// What is taken as agreed. What one side has and the other lacks is carried over next.
    pub base: Base,
    /// Whether the person has to be put into the group.
    pub joins: bool,
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
    /// Whether somebody has asked for exactly this: no cap counts it.
    #[must_use]
    pub fn asked(&self) -> bool {
        self.rule == Rule::Pushed
    }

    /// Whether it follows from a person that is not in the group any more.
    #[must_use]
    pub fn leaves(&self) -> bool {
        self.rule == Rule::LeftGroup
    }

    /// What the caps count it as.
    #[must_use]
    pub fn class(&self) -> Class {
        match &self.what {
            What::Remember(_) | What::Let(_) | What::Close | What::Rename(_) | What::Relink(..) => {
                Class::Memory
            }
            What::Adopt(adoption) if adoption.joins => Class::Update,
            What::Adopt(_) => Class::Memory,
            What::WriteGoogle(..) | What::WriteCrm(..) | What::Rejoin => Class::Update,
            What::MakeRecord(..) | What::MakePerson(_) | What::Recreate(_) => Class::Create,
            What::Delete(_) | What::RemoveTwin(..) => Class::Delete,
            What::LetAll => Class::Halved,
        }
    }
}

/// Why something is left alone, and who may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// The other direction is not wanted.
    Direction,
    /// The user may not see the record.
    NoAccess,
    /// Its kind is not synchronised.
    OtherKind,
    /// It is pushed and in the group already.
    Already,
    /// The CRM does not know the person, and the user wants nothing made.
    Stranger,
    /// The CRM does not know the person, and the user wants to decide.
    Undecided,
    /// It is one of these.
    Ambiguous(Vec<Subject>),
    /// It is like that one, which a link has.
    Taken(Subject, Uuid),
    /// It is like that one, and so are others.
    Rivals(Subject, Vec<Subject>),
    /// Another that is new has the same address.
    Second(Subject),
    /// It was made twice, and somebody has changed it since.
    Twin(Uuid),
    /// It was merged into one that another link has.
    Merged(Uuid),
    /// The lead was converted, and nobody says into which contact; or a link has that one.
    Converted,
    /// The record is deleted.
    Gone,
    /// The group is gone.
    NoGroup,
    /// Its person was not seen yet, and may be there.
    Unseen,
}

impl Left {
    /// Every word.
    pub const WORDS: [&str; 16] = [
        "direction",
        "no-access",
        "other-kind",
        "already",
        "stranger",
        "undecided",
        "ambiguous",
        "taken",
        "rivals",
        "second",
        "twin",
        "merged",
        "converted",
        "gone",
        "unseen",
        "no-group",
    ];

    /// The word in the REST API and in lists.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Direction => "direction",
            Self::NoAccess => "no-access",
            Self::OtherKind => "other-kind",
            Self::Already => "already",
            Self::Stranger => "stranger",
            Self::Undecided => "undecided",
            Self::Ambiguous(_) => "ambiguous",
            Self::Taken(..) => "taken",
            Self::Rivals(..) => "rivals",
            Self::Second(_) => "second",
            Self::Twin(_) => "twin",
            Self::Merged(_) => "merged",
            Self::Converted => "converted",
            Self::Gone => "gone",
            Self::Unseen => "unseen",
            Self::NoGroup => "no-group",
        }
    }

    /// Whether a person has to decide.
    #[must_use]
    pub fn waits(&self) -> bool {
        match self {
            Self::Direction
            | Self::NoAccess
            | Self::OtherKind
            | Self::Already
            | Self::Stranger
            | Self::Gone
            | Self::Unseen
            | Self::NoGroup => false,
            Self::Undecided
            | Self::Ambiguous(_)
            | Self::Taken(..)
            | Self::Rivals(..)
            | Self::Second(_)
            | Self::Twin(_)
            | Self::Merged(_)
            | Self::Converted => true,
        }
    }
}

/// A plan.
pub type Plan = operation::Plan<Operation, Subject, Left>;
